"""The command line in this process: arguments in; exit code, stdout and stderr out."""

import importlib.util
import json
import os
import pickle
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says more about what else the machine does than about the code.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

KEPT = {"SMCOST_REWRITE_GOLDEN", "SMCOST_NO_KERNELS"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one run of smcost left."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> dict[str, Any]:
        return json.loads(self.stdout, parse_constant=_refuse_constant)

    @property
    def warning_codes(self) -> set[str]:
        lines = [line for line in self.stderr.splitlines() if line.startswith("warning [")]
        return {line.split("[")[1].split("]")[0] for line in lines}

    @property
    def refusal(self) -> tuple[str, str]:
        """Cause and remedy; fails where stderr is not exactly one sentence of each."""
        lines = [line for line in self.stderr.splitlines() if not line.startswith("warning [")]
        assert "Traceback" not in self.stderr
        assert len(lines) == 2, self.stderr
        cause, remedy = lines
        assert cause.startswith("error: "), cause
        assert remedy.startswith("  fix: "), remedy
        for sentence in (cause, remedy):
            assert sentence.endswith("."), sentence
            assert not sentence.endswith(".."), sentence
        return cause.removeprefix("error: "), remedy.removeprefix("  fix: ")


def _refuse_constant(name: str) -> float:
    raise AssertionError(f"{name} is no JSON")


@pytest.fixture(autouse=True, scope="session")
def _no_cache_of_yours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test, and no process that one starts, reads or writes the developer's own price cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SMCOST_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True, scope="session")
def _parser_made_once() -> Iterator[None]:
    """Typer makes the whole parser anew for each run, which takes longer than most runs do."""
    import typer.main

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.main, "get_command", cache(typer.main.get_command))
        yield


@pytest.fixture
def cache_folder(alone: Path) -> Path:
    """Where the price cache of a test's own is: nothing is there yet."""
    return alone.parent / "cache" / "prices"


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty current folder, no settings from outside, a known width: the same everywhere."""
    for name in os.environ:
        if name.startswith("SMCOST_") and name not in KEPT:
            monkeypatch.delenv(name)
    monkeypatch.setenv("SMCOST_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / ".config"))
    monkeypatch.setenv("COLUMNS", "100")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


@pytest.fixture
def smcost(alone: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """``smcost("estimate --count 2")``: split at blanks, but for what is in double quotes."""
    from smcost.cli.main import main

    def run(*arguments: str) -> Outcome:
        line = " ".join(arguments)
        given = shlex.split(line) if '"' in line else line.split()
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(given)
        streams = capsys.readouterr()
        code = left.value.code
        assert isinstance(code, int)
        return Outcome(exit_code=code, stdout=streams.out, stderr=streams.err)

    return run


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set the time: ``at("2026-11-24T09:30:00+00:00")``."""

    def set_time(moment: str) -> None:
        monkeypatch.setattr("smcost.cli.clock.now", lambda: datetime.fromisoformat(moment))

    return set_time


@pytest.fixture
def write(alone: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file into the current folder."""

    def to_file(name: str, content: str | bytes) -> Path:
        path = alone / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return to_file


@pytest.fixture
def write_products(write: Callable[[str, str | bytes], Path]) -> Callable[..., Path]:
    """Write an answer of GetProducts: region, instance type, component and USD per hour of each."""

    def to_file(
        name: str, *prices: tuple[str, str, str, str], published: str = "2026-11-20"
    ) -> Path:
        texts = []
        for number, (region, instance_type, component, usd) in enumerate(prices):
            sku = f"SKU{number:013}"
            attributes = {
                "servicecode": "AmazonSageMaker",
                "regionCode": region,
                "locationType": "AWS Region",
                "component": component,
                "instanceName": instance_type,
                "instanceType": f"{instance_type}-{component}",
                "usagetype": f"X-{component}:{instance_type}",
            }
            dimension = {"unit": "Hrs", "beginRange": "0", "pricePerUnit": {"USD": usd}}
            term = {"priceDimensions": {f"{sku}.JRTCKXETXF.6YS6EN2CT7": dimension}}
            product = {"productFamily": "ML Instance", "attributes": attributes, "sku": sku}
            record = {
                "product": product,
                "serviceCode": "AmazonSageMaker",
                "terms": {"OnDemand": {f"{sku}.JRTCKXETXF": term}},
                "version": "1",
                "publicationDate": f"{published}T00:03:13Z",
            }
            texts.append(json.dumps(record))
        return write(name, json.dumps({"PriceList": texts}))

    return to_file


@pytest.fixture
def write_trace(write: Callable[[str, str | bytes], Path]) -> Callable[..., Path]:
    """Write a traffic CSV: one row per step from Monday 2024-01-01, ``None`` for no row."""

    def to_file(name: str, counts: Sequence[float | None], *, step_s: int = 60) -> Path:
        start = datetime(2024, 1, 1, tzinfo=UTC)
        rows = ["timestamp,invocations"]
        for step, count in enumerate(counts):
            if count is not None:
                moment = start + timedelta(seconds=step * step_s)
                rows.append(f"{moment:%Y-%m-%dT%H:%M:%SZ},{count}")
        return write(name, "\n".join(rows) + "\n")

    return to_file


_VARIANT = "endpoint/churn-endpoint/variant/AllTraffic"
_SCALED = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": _VARIANT,
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
_CREATED = datetime(2026, 11, 1, tzinfo=UTC)
_ARN = "arn:aws:sagemaker:us-east-1:123456789012"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointStory:
    """What AWS says of one endpoint, by operation; every part can be told otherwise."""

    endpoint: dict[str, Any]
    configuration: dict[str, Any]
    targets: list[dict[str, Any]]
    policies: list[dict[str, Any]]
    actions: list[dict[str, Any]]
    quotas: list[dict[str, Any]]
    activities: list[dict[str, Any]]

    @property
    def answers(self) -> dict[str, dict[str, Any]]:
        return {
            "DescribeEndpoint": self.endpoint,
            "DescribeEndpointConfig": self.configuration,
            "DescribeScalableTargets": {"ScalableTargets": self.targets},
            "DescribeScalingPolicies": {"ScalingPolicies": self.policies},
            "DescribeScheduledActions": {"ScheduledActions": self.actions},
            "DescribeScalingActivities": {"ScalingActivities": self.activities},
            "ListServiceQuotas": {"Quotas": self.quotas},
            "ListAWSDefaultServiceQuotas": {"Quotas": []},
        }


@pytest.fixture
def endpoint_story() -> Callable[..., EndpointStory]:
    """Write an endpoint as AWS describes it; without autoscaling unless bounds are given."""

    def story(
        *,
        desired: int | None = 2,
        initial: int = 2,
        bounds: tuple[int, int] | None = None,
        suspended: dict[str, bool] | None = None,
        policies: Sequence[dict[str, Any]] = (),
        actions: Sequence[dict[str, Any]] = (),
        activities: Sequence[dict[str, Any]] = (),
        quotas: dict[str, float] | None = None,
        endpoint: dict[str, Any] | None = None,
        configuration: dict[str, Any] | None = None,
        configured: dict[str, Any] | None = None,
        running: dict[str, Any] | None = None,
    ) -> EndpointStory:
        live = {"VariantName": "AllTraffic", "CurrentWeight": 1.0, "DesiredWeight": 1.0}
        if desired is not None:
            live |= {"CurrentInstanceCount": desired, "DesiredInstanceCount": desired}
        wanted = {
            "VariantName": "AllTraffic",
            "ModelName": "churn",
            "InitialInstanceCount": initial,
            "InstanceType": "ml.m5.xlarge",
            "InitialVariantWeight": 1.0,
        } | (configured or {})
        times = {"CreationTime": _CREATED, "LastModifiedTime": _CREATED}
        state = {} if suspended is None else {"SuspendedState": suspended}
        target = _SCALED | state | {"CreationTime": _CREATED, "RoleARN": "arn:aws:iam::1:role/x"}
        named = {"PolicyARN": "arn:aws:autoscaling:x", "CreationTime": _CREATED}
        planned = {"ScheduledActionARN": "arn:aws:autoscaling:y", "CreationTime": _CREATED}
        limits = {"ml.m5.xlarge for endpoint usage": 20.0} if quotas is None else quotas
        return EndpointStory(
            endpoint={
                "EndpointName": "churn-endpoint",
                "EndpointArn": f"{_ARN}:endpoint/churn-endpoint",
                "EndpointConfigName": "churn-cfg",
                "EndpointStatus": "InService",
                "ProductionVariants": [live | (running or {})],
                **times,
            }
            | (endpoint or {}),
            configuration={
                "EndpointConfigName": "churn-cfg",
                "EndpointConfigArn": f"{_ARN}:endpoint-config/churn-cfg",
                "CreationTime": _CREATED,
                "ProductionVariants": [
                    {key: value for key, value in wanted.items() if value is not None}
                ],
            }
            | (configuration or {}),
            targets=[]
            if bounds is None
            else [target | {"MinCapacity": bounds[0], "MaxCapacity": bounds[1]}],
            policies=[_SCALED | named | policy for policy in policies],
            actions=[_SCALED | planned | action for action in actions],
            activities=[_SCALED | activity for activity in activities],
            quotas=[
                {"QuotaName": name, "QuotaCode": f"L-{n:08X}", "Value": value}
                for n, (name, value) in enumerate(limits.items())
            ],
        )

    return story


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], None]:
    """Answers of AWS by operation, without a network; what nobody prepared is a mistake."""

    def prepare(answers: dict[str, Any]) -> None:
        def ask(_: object, operation: Any, **__: object) -> dict[str, Any]:
            found = answers[operation.name]
            if isinstance(found, Exception):
                raise found
            return dict(found)

        monkeypatch.setattr("smcost.read.aws.access.Aws.ask", ask)

    return prepare


@pytest.fixture(scope="session")
def synthetic() -> Any:
    """The module of the benchmarks that makes endpoints of known service law."""
    name = "synthetic_endpoint"
    if name not in sys.modules:
        path = Path(__file__).resolve().parents[1] / "benchmarks" / f"{name}.py"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def minutes(synthetic: Any) -> Callable[..., Any]:
    """Minutes of an endpoint, made once; ``law`` is mean [s], cv and perhaps the law."""
    from smcost.queueing.service import ServiceLaw, ServiceTime

    @cache
    def seen(
        law: tuple[Any, ...] = (0.2, 0.5), workers: int = 2, days: int = 2, **values: Any
    ) -> Any:
        mean_s, cv, *shape = law
        service = ServiceTime(mean_s=mean_s, cv=cv, law=(*shape, ServiceLaw.LOGNORMAL)[0])
        return synthetic.observed(
            synthetic.Endpoint(service=service, workers=workers, days=days, **values)
        )

    return seen


@pytest.fixture(scope="session")
def _fits() -> dict[bytes, Any]:
    return {}


@pytest.fixture
def fitted_once(monkeypatch: pytest.MonkeyPatch, _fits: dict[bytes, Any]) -> None:
    """Commands that fit the same minutes share one fit: it is a pure function, and a dear one."""
    from smcost.capacity.fit import fit_capacity

    def fit(*given: Any) -> Any:
        key = pickle.dumps(given)
        if key not in _fits:
            _fits[key] = fit_capacity(*given)
        return _fits[key]

    monkeypatch.setattr("smcost.capacity.fit.fit_capacity", fit)
