"""A loopback AWS that knows the few calls and the refusals the module has to live with.

It exists because a plan shows *what* changes but not in which order, and because the refusals are
the point: AWS takes no second model of the same name and no other instance type for a variant that
has a scalable target.
"""

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

MIRROR_TOOL = Path(__file__).resolve().parents[4] / "shared" / "tools" / "terraform-plugin-dir"
_ARN = "arn:aws:sagemaker:us-east-1:123456789012"
_NOW = 1_717_000_000

Json = dict[str, Any]


class RefusalError(Exception):
    """AWS says no."""


@dataclass(slots=True)
class FakeAws:
    """SageMaker and Application Auto Scaling, as far as one endpoint goes."""

    models: dict[str, Json] = field(default_factory=dict)
    configurations: dict[str, Json] = field(default_factory=dict)
    endpoints: dict[str, Json] = field(default_factory=dict)
    targets: dict[str, Json] = field(default_factory=dict)
    policies: dict[str, Json] = field(default_factory=dict)
    actions: dict[str, Json] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def answer(self, operation: str, body: Json) -> Json:
        handler: Callable[[Json], Json] | None = getattr(self, f"_{operation}", None)
        if handler is None:
            raise RefusalError(f"The fake does not know {operation}")
        answer = handler(body)
        if not operation.startswith(("Describe", "List")):
            self.calls.append(operation)
        return answer

    def _create(self, kind: str, held: dict[str, Json], name: str, body: Json) -> Json:
        if name in held:
            raise RefusalError(f"Cannot create already existing {kind} {name}")
        arn = f"{_ARN}:{kind}/{name}"
        held[name] = body | {"CreationTime": _NOW}
        return {"Arn": arn}

    @staticmethod
    def _find(kind: str, held: dict[str, Json], name: str) -> Json:
        if name not in held:
            raise RefusalError(f"Could not find {kind} {name}.")
        return held[name]

    def _CreateModel(self, body: Json) -> Json:
        made = self._create("model", self.models, body["ModelName"], body)
        return {"ModelArn": made["Arn"]}

    def _DescribeModel(self, body: Json) -> Json:
        name = body["ModelName"]
        return self._find("model", self.models, name) | {"ModelArn": f"{_ARN}:model/{name}"}

    def _DeleteModel(self, body: Json) -> Json:
        del self.models[body["ModelName"]]
        return {}

    def _CreateEndpointConfig(self, body: Json) -> Json:
        name = body["EndpointConfigName"]
        made = self._create("endpoint configuration", self.configurations, name, body)
        return {"EndpointConfigArn": made["Arn"]}

    def _DescribeEndpointConfig(self, body: Json) -> Json:
        name = body["EndpointConfigName"]
        found = self._find("endpoint configuration", self.configurations, name)
        return found | {"EndpointConfigArn": f"{_ARN}:endpoint-config/{name}"}

    def _DeleteEndpointConfig(self, body: Json) -> Json:
        name = body["EndpointConfigName"]
        if any(endpoint["EndpointConfigName"] == name for endpoint in self.endpoints.values()):
            raise RefusalError(f"Endpoint configuration {name} is in use")
        del self.configurations[name]
        return {}

    def _CreateEndpoint(self, body: Json) -> Json:
        self._find("endpoint configuration", self.configurations, body["EndpointConfigName"])
        made = self._create("endpoint", self.endpoints, body["EndpointName"], body)
        return {"EndpointArn": made["Arn"]}

    def _DescribeEndpoint(self, body: Json) -> Json:
        name = body["EndpointName"]
        state = {"EndpointArn": f"{_ARN}:endpoint/{name}", "EndpointStatus": "InService"}
        return self._find("endpoint", self.endpoints, name) | state

    def _UpdateEndpoint(self, body: Json) -> Json:
        name, wanted = body["EndpointName"], body["EndpointConfigName"]
        [new] = self._find("endpoint configuration", self.configurations, wanted)[
            "ProductionVariants"
        ]
        [old] = self.configurations[self.endpoints[name]["EndpointConfigName"]][
            "ProductionVariants"
        ]
        attached = f"endpoint/{name}/variant/{old['VariantName']}" in self.targets
        if attached and new["InstanceType"] != old["InstanceType"]:
            raise RefusalError(
                "The instance type cannot change while the variant has scaling policies"
            )
        self.endpoints[name]["EndpointConfigName"] = wanted
        return {"EndpointArn": f"{_ARN}:endpoint/{name}"}

    def _DeleteEndpoint(self, body: Json) -> Json:
        del self.endpoints[body["EndpointName"]]
        return {}

    def _ListTags(self, _: Json) -> Json:
        return {"Tags": []}

    def _ListTagsForResource(self, _: Json) -> Json:
        return {"Tags": {}}

    def _RegisterScalableTarget(self, body: Json) -> Json:
        _, endpoint, _, _ = body["ResourceId"].split("/")
        self._find("endpoint", self.endpoints, endpoint)
        arn = "arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/0ec5"
        extra = {"CreationTime": _NOW, "ScalableTargetARN": arn, "RoleARN": f"{_ARN}:role/scaling"}
        self.targets[body["ResourceId"]] = body | extra
        return {"ScalableTargetARN": arn}

    def _DescribeScalableTargets(self, body: Json) -> Json:
        wanted = body.get("ResourceIds", list(self.targets))
        return {"ScalableTargets": [self.targets[key] for key in wanted if key in self.targets]}

    def _DeregisterScalableTarget(self, body: Json) -> Json:
        """Policies and scheduled actions go with their target."""
        del self.targets[body["ResourceId"]]
        self.policies.clear()
        self.actions.clear()
        return {}

    def _PutScheduledAction(self, body: Json) -> Json:
        if body["ResourceId"] not in self.targets:
            raise RefusalError("No scalable target registered")
        arn = f"arn:aws:autoscaling:us-east-1:123456789012:scheduledAction:{len(self.actions)}"
        extra = {"ScheduledActionARN": arn, "CreationTime": _NOW}
        self.actions[body["ScheduledActionName"]] = body | extra
        return {}

    def _DescribeScheduledActions(self, body: Json) -> Json:
        wanted = body.get("ScheduledActionNames", list(self.actions))
        return {"ScheduledActions": [self.actions[key] for key in wanted if key in self.actions]}

    def _DeleteScheduledAction(self, body: Json) -> Json:
        del self.actions[body["ScheduledActionName"]]
        return {}

    def run_scheduled(self, name: str) -> None:
        """What AWS does at the time of an action: the target's bounds are rewritten."""
        action = self.actions[name]
        self.targets[action["ResourceId"]] |= action["ScalableTargetAction"]

    def _PutScalingPolicy(self, body: Json) -> Json:
        if body["ResourceId"] not in self.targets:
            raise RefusalError("No scalable target registered")
        arn = "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1"
        self.policies[body["PolicyName"]] = body | {"PolicyARN": arn, "CreationTime": _NOW}
        return {"PolicyARN": arn, "Alarms": []}

    def _DescribeScalingPolicies(self, body: Json) -> Json:
        wanted = body.get("PolicyNames", list(self.policies))
        return {"ScalingPolicies": [self.policies[key] for key in wanted if key in self.policies]}

    def _DeleteScalingPolicy(self, body: Json) -> Json:
        del self.policies[body["PolicyName"]]
        return {}


def _handler(aws: FakeAws) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        # Keep connections, and send an answer in one piece: closing after each was seen to cut one
        # off on a busy machine.
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            operation = self.headers["X-Amz-Target"].partition(".")[2]
            try:
                status, answer = 200, aws.answer(operation, body)
            except RefusalError as refused:
                status, answer = 400, {"__type": "ValidationException", "message": str(refused)}
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
            self.wfile.flush()

        def log_message(self, *_: object) -> None:
            """Keep the test output clean."""

    return Handler


@pytest.fixture(scope="session")
def mirror() -> str:
    """Folder of a local mirror that holds the real provider."""
    if not MIRROR_TOOL.is_file():
        pytest.skip("no ../shared/tools/terraform-plugin-dir to find a provider mirror with")
    found = subprocess.run([MIRROR_TOOL], capture_output=True, text=True, check=False)
    if found.returncode != 0:
        pytest.skip("this machine has no local mirror of hashicorp/aws")
    return found.stdout.strip()


@pytest.fixture(scope="module")
def aws() -> Iterator[tuple[FakeAws, str]]:
    """The fake and its address."""
    fake = FakeAws()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(fake))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield fake, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
