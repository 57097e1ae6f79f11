"""The module with the real provider against a loopback AWS: what changes, and in which order.

One deployment lives through a story: created, left alone, right-sized, given another image, given
other bounds, destroyed. Each test reads one chapter.
"""

import json
from dataclasses import dataclass, replace

import pytest

from smcost.capacity import Routing
from smcost.emit.tfvars import tfvars_text, variables
from smcost.scaling.policy import Metric, TargetPolicy
from smcost.scaling.timetable import TimedMinimum, Timetable
from smcost.variant import Variant

pytestmark = pytest.mark.slow

TODAY = Variant(
    instance_type="ml.m5.xlarge",
    minimum=2,
    maximum=6,
    initial_count=3,
    target_per_minute=612.5,
    routing=Routing.LEAST_OUTSTANDING_REQUESTS,
    scale_in_cooldown_s=600.0,
    scale_out_cooldown_s=60.0,
)
RIGHT_SIZED = replace(TODAY, instance_type="ml.c5.large", initial_count=4)
REBOUND = replace(RIGHT_SIZED, minimum=4, maximum=12)
TIMETABLE = Timetable(
    timezone="Europe/Berlin",
    windows=(TimedMinimum(days=tuple(range(5)), start_minute=420, length_minutes=780, minimum=4),),
    otherwise=1,
)
SCHEDULED = replace(REBOUND, schedule=TIMETABLE.actions)
RAISED = replace(SCHEDULED, maximum=15)

MODEL = "aws_sagemaker_model.model"
CONFIGURATION = "aws_sagemaker_endpoint_configuration.cfg"
ENDPOINT = "aws_sagemaker_endpoint.ep"
TARGET = "aws_appautoscaling_target.variant[0]"
POLICY = "aws_appautoscaling_policy.invocations[0]"
TRIGGER = "terraform_data.scaled_instance_type"
BOUNDS = "terraform_data.scheduled_target"
SCHEDULED_TARGET = "aws_appautoscaling_target.scheduled[0]"
RAISE, LOWER = (
    f'aws_appautoscaling_scheduled_action.variant["{action.name}"]' for action in TIMETABLE.actions
)

PROVIDER = """
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "mock"
  secret_key                  = "mock"
  max_retries                 = 5
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true

  endpoints {
    sagemaker              = "ADDRESS"
    applicationautoscaling = "ADDRESS"
  }
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """What one apply planned, called and left behind."""

    actions: dict[str, str]
    calls: list[str]
    variant: dict
    target: dict
    policy: dict
    scheduled: dict
    endpoint: dict
    models: list[str]


class Deployment:
    """The module in a folder, applied to the fake."""

    def __init__(self, terraform, fake, required):
        self.terraform, self.fake, self.required = terraform, fake, required

    def apply(self, variant, *options, **changes):
        values = self.required | changes | variables(variant)
        path = self.terraform.folder / "terraform.tfvars"
        path.write_text(tfvars_text(values), encoding="utf-8")
        self.fake.calls.clear()
        return self.read(self.terraform.run("apply", "-auto-approve", "-json", *options))

    def read(self, result):
        assert result.diagnostics == []
        assert result.exit_code == 0
        messages = [json.loads(line) for line in result.stdout.splitlines()]
        changes = [entry["change"] for entry in messages if entry["type"] == "planned_change"]
        endpoint = dict(next(iter(self.fake.endpoints.values()), {}))
        in_force = self.fake.configurations.get(endpoint.get("EndpointConfigName"), {})
        return Chapter(
            actions={change["resource"]["addr"]: change["action"] for change in changes},
            calls=list(self.fake.calls),
            variant=dict(next(iter(in_force.get("ProductionVariants", [])), {})),
            target=dict(next(iter(self.fake.targets.values()), {})),
            policy=dict(next(iter(self.fake.policies.values()), {})),
            scheduled=dict(self.fake.actions),
            endpoint=endpoint,
            models=list(self.fake.models),
        )


@pytest.fixture(scope="module")
def ready(tmp_path_factory, make_terraform, mirror, module, aws):
    """Make a folder with the module, initialised, and without a state."""

    def folder(name):
        terraform = make_terraform(tmp_path_factory.mktemp(name))
        for file in module.glob("*.tf"):
            (terraform.folder / file.name).write_bytes(file.read_bytes())
        (terraform.folder / "provider.tf").write_text(PROVIDER.replace("ADDRESS", aws[1]), "utf-8")
        done = terraform.run("init", "-backend=false", "-input=false", f"-plugin-dir={mirror}")
        assert done.exit_code == 0, done.stderr
        return terraform

    return folder


@pytest.fixture(scope="module")
def blank(ready):
    return ready("blank")


@pytest.fixture(scope="module")
def deployment(ready, required, aws):
    return Deployment(ready("deployment"), aws[0], required)


@pytest.fixture(scope="module")
def story(deployment):
    fast = "-refresh=false"
    new_image = deployment.required["image_uri"].replace(":1", ":2")
    return {
        "created": deployment.apply(TODAY, fast),
        "left alone": deployment.apply(TODAY),
        "right-sized": deployment.apply(RIGHT_SIZED, fast),
        "new image": deployment.apply(RIGHT_SIZED, fast, image_uri=new_image),
        "new bounds": deployment.apply(REBOUND, fast, image_uri=new_image),
        "scheduled": deployment.apply(SCHEDULED, fast, image_uri=new_image),
        "after a run": _after_a_run(deployment, image_uri=new_image),
        "raised maximum": deployment.apply(RAISED, fast, image_uri=new_image),
        "unscheduled": deployment.apply(REBOUND, fast, image_uri=new_image),
        "destroyed": deployment.apply(REBOUND, fast, "-destroy", image_uri=new_image),
    }


def _after_a_run(deployment, **changes):
    deployment.fake.run_scheduled("lower-mon-fri-2000")
    return deployment.apply(SCHEDULED, **changes)


def plan(terraform, values, *options):
    path = terraform.folder / "given.tfvars"
    path.write_text(tfvars_text(values), encoding="utf-8")
    result = terraform.run("plan", "-json", "-refresh=false", f"-var-file={path.name}", *options)
    assert result.diagnostics == []
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_provider_finds_the_module_valid(blank):
    valid = json.loads(blank.run("validate", "-json").stdout)
    assert (valid["valid"], valid["diagnostics"]) == (True, [])


def test_a_plan_has_exactly_the_recommended_values(blank, required):
    plan(blank, required | variables(TODAY), "-out=plan")
    resources = json.loads(blank.run("show", "-json", "plan").stdout)["planned_values"]
    planned = {entry["address"]: entry["values"] for entry in resources["root_module"]["resources"]}
    [variant] = planned[CONFIGURATION]["production_variants"]
    [tracking] = planned[POLICY]["target_tracking_scaling_policy_configuration"]
    assert {
        "instance_type": variant["instance_type"],
        "instance_count": variant["initial_instance_count"],
        "autoscaling_min_capacity": planned[TARGET]["min_capacity"],
        "autoscaling_max_capacity": planned[TARGET]["max_capacity"],
        "autoscaling_target_value": tracking["target_value"],
        "scale_in_cooldown": tracking["scale_in_cooldown"],
        "scale_out_cooldown": tracking["scale_out_cooldown"],
        "routing_strategy": variant["routing_config"][0]["routing_strategy"],
    } == variables(TODAY)


def tracking_planned(terraform, values):
    plan(terraform, values, "-out=plan")
    resources = json.loads(terraform.run("show", "-json", "plan").stdout)["planned_values"]
    planned = {entry["address"]: entry["values"] for entry in resources["root_module"]["resources"]}
    [tracking] = planned[POLICY]["target_tracking_scaling_policy_configuration"]
    return planned[POLICY]["name"], tracking


def test_a_plan_tracks_requests_in_flight_where_that_was_recommended(blank, required):
    policy = TargetPolicy(metric=Metric.CONCURRENCY, target=4.5, scale_in_cooldown_s=120.0)
    on_flight = replace(TODAY, target_per_minute=None, further_policies=(policy,))
    name, tracking = tracking_planned(blank, required | variables(on_flight))
    assert name == "reviews-concurrent-requests"
    assert (tracking["target_value"], tracking["scale_in_cooldown"]) == (4.5, 120)
    [predefined] = tracking["predefined_metric_specification"]
    assert predefined["predefined_metric_type"] == (
        "SageMakerVariantConcurrentRequestsPerModelHighResolution"
    )
    assert tracking["customized_metric_specification"] == []


def test_a_plan_tracks_cpu_by_the_metric_that_the_instances_publish(blank, required):
    policy = TargetPolicy(metric=Metric.CPU, target=280.0)
    on_cpu = replace(TODAY, target_per_minute=None, further_policies=(policy,))
    name, tracking = tracking_planned(blank, required | variables(on_cpu))
    assert name == "reviews-cpu-utilization"
    assert tracking["predefined_metric_specification"] == []
    [metric] = tracking["customized_metric_specification"]
    assert (metric["namespace"], metric["metric_name"], metric["statistic"]) == (
        "/aws/sagemaker/Endpoints", "CPUUtilization", "Average",
    )  # fmt: skip
    assert {(entry["name"], entry["value"]) for entry in metric["dimensions"]} == {
        ("EndpointName", "reviews-endpoint"), ("VariantName", "AllTraffic"),
    }  # fmt: skip


def test_the_required_variables_alone_plan_a_fixed_fleet_under_the_longest_name(blank, required):
    """The provider checks the length of every name; 32 characters is what variables.tf allows."""
    messages = plan(blank, required | {"name": "a" * 32})
    changes = [entry["change"] for entry in messages if entry["type"] == "planned_change"]
    assert {change["resource"]["addr"]: change["action"] for change in changes} == {
        MODEL: "create",
        CONFIGURATION: "create",
        ENDPOINT: "create",
        TRIGGER: "create",
        BOUNDS: "create",
    }


def test_aws_is_told_exactly_what_was_recommended(story):
    created = story["created"]
    assert created.variant["VariantName"] == "AllTraffic"
    assert created.variant["InstanceType"] == "ml.m5.xlarge"
    assert created.variant["InitialInstanceCount"] == 3
    assert created.variant["RoutingConfig"] == {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"}
    assert (created.target["MinCapacity"], created.target["MaxCapacity"]) == (2, 6)
    assert created.target["ScalableDimension"] == "sagemaker:variant:DesiredInstanceCount"
    assert created.target["ResourceId"] == "endpoint/reviews-endpoint/variant/AllTraffic"
    assert created.policy["PolicyType"] == "TargetTrackingScaling"
    assert created.policy["TargetTrackingScalingPolicyConfiguration"] == {
        "TargetValue": 612.5,
        "ScaleInCooldown": 600,
        "ScaleOutCooldown": 60,
        "DisableScaleIn": False,
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
        },
    }


def test_a_second_apply_changes_nothing(story):
    assert story["left alone"].actions == {}
    assert story["left alone"].calls == []


def test_a_new_instance_type_reaches_the_running_endpoint(story):
    assert story["right-sized"].actions == {
        TRIGGER: "update",
        CONFIGURATION: "replace",
        ENDPOINT: "update",
        TARGET: "replace",
        POLICY: "replace",
    }
    assert story["right-sized"].variant["InstanceType"] == "ml.c5.large"
    assert story["right-sized"].variant["InitialInstanceCount"] == 4


def test_autoscaling_steps_aside_while_the_instance_type_changes(story):
    assert story["right-sized"].calls == [
        "DeleteScalingPolicy",
        "DeregisterScalableTarget",
        "CreateEndpointConfig",
        "UpdateEndpoint",
        "RegisterScalableTarget",
        "PutScalingPolicy",
        "DeleteEndpointConfig",
    ]


def test_a_new_image_makes_a_model_of_another_name_and_updates_the_endpoint(story):
    before, after = story["right-sized"], story["new image"]
    assert after.actions == {MODEL: "replace", CONFIGURATION: "replace", ENDPOINT: "update"}
    assert after.calls == [
        "CreateModel",
        "CreateEndpointConfig",
        "UpdateEndpoint",
        "DeleteEndpointConfig",
        "DeleteModel",
    ]
    assert len(after.models) == 1
    assert after.models != before.models
    assert after.variant["ModelName"] == after.models[0]


def test_new_bounds_change_the_scalable_target_and_nothing_else(story):
    bounded = story["new bounds"]
    assert bounded.actions == {TARGET: "update"}
    assert (bounded.target["MinCapacity"], bounded.target["MaxCapacity"]) == (4, 12)
    assert bounded.endpoint == story["new image"].endpoint


def test_a_schedule_takes_the_place_of_the_target_in_the_right_order(story):
    scheduled = story["scheduled"]
    assert scheduled.actions == {
        BOUNDS: "update",
        TARGET: "delete",
        SCHEDULED_TARGET: "create",
        POLICY: "replace",
        RAISE: "create",
        LOWER: "create",
    }
    calls = scheduled.calls
    assert calls[:3] == [
        "DeleteScalingPolicy", "DeregisterScalableTarget", "RegisterScalableTarget",
    ]  # fmt: skip
    assert sorted(calls[3:]) == ["PutScalingPolicy", "PutScheduledAction", "PutScheduledAction"]
    assert (scheduled.target["MinCapacity"], scheduled.target["MaxCapacity"]) == (4, 12)
    assert scheduled.endpoint == story["new bounds"].endpoint


def test_aws_is_told_the_schedule_as_it_was_recommended(story):
    told = story["scheduled"].scheduled
    assert {name: (a["Schedule"], a["Timezone"]) for name, a in told.items()} == {
        "raise-mon-fri-0700": ("cron(0 7 ? * MON-FRI *)", "Europe/Berlin"),
        "lower-mon-fri-2000": ("cron(0 20 ? * MON-FRI *)", "Europe/Berlin"),
    }
    bounds = {name: action["ScalableTargetAction"] for name, action in told.items()}
    assert bounds == {
        "raise-mon-fri-0700": {"MinCapacity": 4},
        "lower-mon-fri-2000": {"MinCapacity": 1},
    }


def test_bounds_that_an_action_has_rewritten_are_left_alone(story):
    assert story["after a run"].actions == {}
    assert story["after a run"].calls == []
    assert story["after a run"].target["MinCapacity"] == 1


def test_a_new_maximum_reaches_a_target_whose_bounds_are_ignored(story):
    raised = story["raised maximum"]
    assert raised.actions[SCHEDULED_TARGET] == "replace"
    assert (raised.target["MinCapacity"], raised.target["MaxCapacity"]) == (4, 15)
    assert raised.scheduled.keys() == story["scheduled"].scheduled.keys()
    assert raised.policy["PolicyType"] == "TargetTrackingScaling"


def test_without_the_schedule_the_target_is_as_before(story):
    back = story["unscheduled"]
    assert back.actions[SCHEDULED_TARGET] == "delete"
    assert back.actions[TARGET] == "create"
    assert (back.target["MinCapacity"], back.target["MaxCapacity"]) == (4, 12)
    assert back.scheduled == {}
    assert back.policy["PolicyType"] == "TargetTrackingScaling"


def test_nothing_is_left_after_destroy(story, deployment):
    assert set(story["destroyed"].actions.values()) == {"delete"}
    fake = deployment.fake
    held = (fake.models, fake.configurations, fake.endpoints, fake.targets, fake.policies)
    assert all(kind == {} for kind in held)
