"""What the real provider creates of the module is read back by ``--endpoint``, and priced.

Provider, module, moto and boto3 are the real ones; what moto lacks for it is filled in.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from smcost.capacity import Routing
from smcost.emit.tfvars import tfvars_text, variables
from smcost.variant import Variant

pytestmark = pytest.mark.slow

DEPLOYED = Variant(
    instance_type="ml.m5.xlarge",
    minimum=2,
    maximum=6,
    initial_count=3,
    target_per_minute=612.5,
    routing=Routing.LEAST_OUTSTANDING_REQUESTS,
    scale_in_cooldown_s=600.0,
    scale_out_cooldown_s=60.0,
)
PROVIDER = """
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "mock"
  secret_key                  = "mock"
  max_retries                 = 1
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true

  endpoints {
    sagemaker              = "ADDRESS"
    applicationautoscaling = "ADDRESS"
  }
}
"""
ABLE = "--service-time 45ms --concurrency 4"


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """moto's server, with the one call filled in that the provider makes and moto lacks."""
    server_module = pytest.importorskip("moto.server", reason="moto is not installed")
    from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
    from moto.moto_api._internal import moto_api_backend

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            ApplicationAutoScalingResponse,
            "list_tags_for_resource",
            lambda _: '{"Tags": {}}',
            raising=False,
        )
        moto_api_backend.reset()
        server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
        server.stop()


@pytest.fixture(scope="module")
def applied(tmp_path_factory, make_terraform, mirror, module: Path, required, moto: str) -> str:
    """The module as recommended values deploy it; the endpoint's name."""
    terraform = make_terraform(tmp_path_factory.mktemp("applied"))
    for file in module.glob("*.tf"):
        (terraform.folder / file.name).write_bytes(file.read_bytes())
    (terraform.folder / "provider.tf").write_text(PROVIDER.replace("ADDRESS", moto), "utf-8")
    values = required | variables(DEPLOYED, volume_gb=30)
    (terraform.folder / "terraform.tfvars").write_text(tfvars_text(values), "utf-8")
    done = terraform.run("init", "-backend=false", "-input=false", f"-plugin-dir={mirror}")
    assert done.exit_code == 0, done.stderr
    done = terraform.run("apply", "-auto-approve", "-json")
    assert (done.exit_code, done.diagnostics) == (0, [])
    return f"{required['name']}-endpoint"


@pytest.fixture
def environment(monkeypatch, moto, tmp_path):
    for name in os.environ:
        if name.startswith("AWS_") or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    # moto has neither quotas nor activities; to ask five times for them would only take long.
    monkeypatch.setattr("smcost.read.aws.access.MOST_ATTEMPTS", 1)
    settings = {
        "AWS_ENDPOINT_URL": moto,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


def test_what_terraform_deployed_is_read_back_exactly(applied, environment, smcost):
    outcome = smcost(f"estimate --endpoint {applied} -f json")
    assert outcome.exit_code == 0, outcome.stderr
    configuration = outcome.document["configuration"]
    [policy] = configuration.pop("policies")
    assert policy["metric"] == "SageMakerVariantInvocationsPerInstance"
    assert (policy["target_value"], policy["scale_out_cooldown_s"]) == (612.5, 60.0)
    assert configuration == {
        "instance_type": "ml.m5.xlarge",
        "min_capacity": 2,
        "max_capacity": 6,
        "initial_instance_count": 3,
        "target_invocations_per_instance": 612.5,
        "routing_strategy": "LEAST_OUTSTANDING_REQUESTS",
        "scale_in_cooldown_s": 600.0,
        "scale_out_cooldown_s": 60.0,
        "schedule": [],
    }
    cost = outcome.document["cost"]
    assert cost["floor_usd"] == pytest.approx(2 * (720 * 0.23 + 30 * 0.14))
    assert cost["ceiling_usd"] == pytest.approx(6 * (720 * 0.23 + 30 * 0.14))


def test_its_variables_are_those_it_was_deployed_with(applied, environment, smcost):
    shown = smcost(f"estimate --endpoint {applied} -f tfvars").stdout
    lines = [line for line in shown.splitlines() if not line.startswith("#")]
    assert lines == tfvars_text(variables(DEPLOYED, volume_gb=30)).splitlines()


def test_it_is_replayed_and_compared_with_a_proposal(applied, environment, smcost):
    day = f"--rps 20 --peak-rps 40 {ABLE} --p99 300ms -f json"
    estimated = smcost(f"estimate --endpoint {applied} {day}").document
    assert estimated["meets_slo"] is True
    assert 2 * 720 < estimated["instance_hours"]["expected"] < 6 * 720
    document = smcost(f"recommend --endpoint {applied} {day}").document
    assert document["current"]["expected_usd"] == estimated["cost"]["expected_usd"]
    assert document["saving_usd"] > 0
