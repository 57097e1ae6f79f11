"""A loopback AWS that checks every question against botocore's own model, and can misbehave.

moto stands in where it keeps what was created; this one where moto has no such API, or where the
point is how a call fails.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar

import botocore.session
import cbor2
import pytest
from botocore.loaders import create_loader
from botocore.model import OperationModel
from botocore.validate import ParamValidator

from smcost.read.aws.access import Aws

Json = dict[str, Any]
SERVICES = (
    "sagemaker",
    "application-autoscaling",
    "cloudwatch",
    "pricing",
    "savingsplans",
    "service-quotas",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An answer that is none: an error of AWS's, a page, half an answer, a late one."""

    status: int = 200
    code: str | None = None
    message: str = ""
    text: str | None = None
    cut: bool = False
    wait_s: float = 0.0


#: The usual ways to fail, by name.
FAULTS = {
    "throttled": Fault(status=400, code="ThrottlingException", message="Rate exceeded"),
    "expired": Fault(status=400, code="ExpiredTokenException", message="The token is expired"),
    "broken": Fault(status=500, code="InternalFailure"),
    "page": Fault(text="<html><body>Welcome to the hotel's network</body></html>"),
    "nothing": Fault(text=""),
    "cut": Fault(cut=True),
    "slow": Fault(wait_s=2.5),
    "denied": Fault(
        status=400,
        code="AccessDeniedException",
        message="User: arn:aws:iam::123456789012:user/me is not authorized",
    ),
}

Answer = Json | Fault | Callable[[Json], Any]


@cache
def _models() -> dict[str, Any]:
    session = botocore.session.get_session()
    return {name: session.get_service_model(name) for name in SERVICES}


@dataclass(slots=True)
class LoopbackAws:
    """What it answers by operation, and what it was asked."""

    #: Test files cannot import each other, so the faults come with the fixture.
    faults: ClassVar[dict[str, Fault]] = FAULTS
    fault: ClassVar[type[Fault]] = Fault

    url: str = ""
    asked: list[tuple[str, Json]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    _answers: dict[str, list[Answer]] = field(default_factory=dict)

    def answers(self, operation: str, *answers: Answer) -> None:
        """Answer an operation with these in turn, the last one again and again.

        A callable is given the question and returns the answer (or a :class:`Fault`).
        """
        self._answers[operation] = list(answers)

    def questions(self, operation: str) -> list[Json]:
        return [question for name, question in self.asked if name == operation]

    def next_answer(self, operation: str, question: Json) -> Any:
        """The answer whose turn it is; an operation nobody prepared is a wrong call."""
        queue = self._answers.get(operation)
        if not queue:
            return Fault(status=400, code="UnknownOperationException", message=operation)
        turn = queue.pop(0) if len(queue) > 1 else queue[0]
        return turn(question) if callable(turn) else turn


def operation_of(path: str, headers: Any) -> OperationModel:
    """Which operation a request is, in the JSON, CBOR and REST protocols."""
    target = headers.get("X-Amz-Target")
    if target:
        prefix, _, name = target.partition(".")
        [model] = [m for m in _models().values() if m.metadata.get("targetPrefix") == prefix]
        return model.operation_model(name)
    if "/operation/" in path:
        return _models()["cloudwatch"].operation_model(path.rpartition("/")[2])
    plans = _models()["savingsplans"]
    [name] = [
        n for n in plans.operation_names if plans.operation_model(n).http["requestUri"] == path
    ]
    return plans.operation_model(name)


def _handler(aws: LoopbackAws) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            operation = operation_of(self.path, self.headers)
            binary = "cbor" in self.headers.get("Content-Type", "")
            question = cbor2.loads(body) if binary else json.loads(body or b"{}")
            aws.asked.append((operation.name, question))
            aws.headers.append(dict(self.headers))
            errors = ParamValidator().validate(question, operation.input_shape)
            if errors.has_errors():
                message = errors.generate_report()
                answer: Any = Fault(status=400, code="ValidationException", message=message)
            else:
                answer = aws.next_answer(operation.name, question)
            self._send(answer, binary=binary)

        def _send(self, answer: Any, *, binary: bool) -> None:
            fault = answer if isinstance(answer, Fault) else Fault()
            time.sleep(fault.wait_s)
            if fault.text is not None:
                data = fault.text.encode()
            elif fault.code is not None:
                data = _encoded({"__type": fault.code, "message": fault.message}, binary)
            else:
                data = _encoded({"cut": "x" * 99} if fault is answer else answer, binary)
            self.send_response(fault.status)
            if binary:
                self.send_header("smithy-protocol", "rpc-v2-cbor")
            kind = "application/cbor" if binary else "application/x-amz-json-1.1"
            self.send_header("Content-Type", kind if fault.text is None else "text/html")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[: len(data) // 2] if fault.cut else data)
            self.wfile.flush()
            if fault.cut:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Keep the test output clean."""

    return Handler


def _encoded(answer: Any, binary: bool) -> bytes:
    if binary:
        return cbor2.dumps(answer, datetime_as_timestamp=True)
    return json.dumps(answer, default=_epoch).encode()


def _epoch(value: object) -> float:
    assert isinstance(value, datetime), value
    return value.timestamp()


@pytest.fixture(autouse=True, scope="session")
def _models_read_once() -> Iterator[None]:
    """botocore's models: read by every session anew, they take most of the time of a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", cache(create_loader))
        yield


@pytest.fixture
def aws_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory):
    """Credentials of nobody, no configuration, and no way out of this machine."""
    empty = tmp_path_factory.mktemp("no-aws")
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    settings = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_CONFIG_FILE": str(empty / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(empty / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        # A call that slips past the loopback address must fail at once, not reach AWS.
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting between tries, and a second for an answer."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", _no_delay)
    monkeypatch.setattr("smcost.read.aws.access.READ_TIMEOUT_S", 1)


def _no_delay(*_: object) -> float:
    return 0.0


@pytest.fixture
def loopback_aws(aws_environment: pytest.MonkeyPatch, impatient: None) -> Iterator[LoopbackAws]:
    """The loopback AWS, with boto3 pointed at it."""
    aws = LoopbackAws()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(aws))
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    aws.url = f"http://127.0.0.1:{server.server_port}"
    aws_environment.setenv("AWS_ENDPOINT_URL", aws.url)
    yield aws
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def access(aws_environment: pytest.MonkeyPatch) -> Aws:
    return Aws(region="eu-west-1")


@pytest.fixture(scope="session")
def _moto_server() -> Iterator[str]:
    """moto's server, started once: to stop one takes half a second."""
    server_module = pytest.importorskip("moto.server", reason="moto is not installed")
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def moto_aws(aws_environment: pytest.MonkeyPatch, _moto_server: str) -> str:
    """moto's server with nothing in it, with boto3 pointed at it; its address."""
    from moto.moto_api._internal import moto_api_backend

    moto_api_backend.reset()
    aws_environment.setenv("AWS_ENDPOINT_URL", _moto_server)
    return _moto_server
