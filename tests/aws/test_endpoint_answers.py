"""AWS's answers become what runs: the API's and those that the aws CLI saved."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from smcost.capacity import Routing
from smcost.errors import AwsError, UsageError
from smcost.read.aws.endpoint_answers import Answers, deployed

SAVED = Path(__file__).resolve().parents[3] / "shared" / "data" / "aws-json"
CPU = {
    "MetricName": "CPUUtilization",
    "Namespace": "/aws/sagemaker/Endpoints",
    "Dimensions": [{"Name": "EndpointName", "Value": "churn-endpoint"}],
    "Statistic": "Average",
}
OWN = {"MetricName": "InvocationsPerInstance", "Namespace": "AWS/SageMaker", "Statistic": "Sum"}
#: 2026-11-24T12:00Z.
NOW_S = 1_795_521_600.0
STEPS = {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": [{"ScalingAdjustment": 1}]}


def tracking(name="inv", **specification):
    body = {"TargetValue": 700.0, "ScaleInCooldown": 300, "ScaleOutCooldown": 60}
    return {
        "PolicyName": name,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": body | specification,
    }


def predefined(metric="SageMakerVariantInvocationsPerInstance"):
    return {"PredefinedMetricSpecification": {"PredefinedMetricType": metric}}


def read(story, variant=None, now_s=0.0, **changed):
    answers = Answers(
        endpoint=story.endpoint,
        configuration=story.configuration,
        targets=story.targets,
        policies=story.policies,
        actions=story.actions,
    )
    return deployed(answers, variant, region="us-east-1", now_s=now_s, **changed)


#: Policy -> how it reads, and whether replay follows it.
POLICIES = {
    "predefined": (
        tracking(**predefined()),
        "inv: target tracking on InvocationsPerInstance at 700",
        True,
    ),
    "the same metric customised": (
        tracking(CustomizedMetricSpecification=OWN),
        "inv: target tracking on InvocationsPerInstance at 700",
        True,
    ),
    "that of another endpoint": (
        tracking(
            CustomizedMetricSpecification=OWN
            | {
                "Dimensions": [
                    {"Name": "EndpointName", "Value": "other"},
                    {"Name": "VariantName", "Value": "AllTraffic"},
                ]
            }
        ),
        "inv: target tracking on InvocationsPerInstance of another endpoint or variant at 700",
        False,
    ),
    "its own by name": (
        tracking(
            CustomizedMetricSpecification=OWN
            | {
                "Dimensions": [
                    {"Name": "VariantName", "Value": "AllTraffic"},
                    {"Name": "EndpointName", "Value": "churn-endpoint"},
                ]
            }
        ),
        "inv: target tracking on InvocationsPerInstance at 700",
        True,
    ),
    "its average, which is another metric": (
        tracking(CustomizedMetricSpecification=OWN | {"Statistic": "Average"}),
        "inv: target tracking on InvocationsPerInstance (Average, AWS/SageMaker) at 700",
        False,
    ),
    "CPU": (
        tracking("cpu", CustomizedMetricSpecification=CPU),
        "cpu: target tracking on CPUUtilization of another endpoint or variant at 700",
        False,
    ),
    "CPU of its own": (
        tracking(
            "cpu",
            CustomizedMetricSpecification={k: v for k, v in CPU.items() if k != "Dimensions"},
        ),
        "cpu: target tracking on CPUUtilization at 700",
        True,
    ),
    "high resolution": (
        tracking(**predefined("SageMakerVariantConcurrentRequestsPerModelHighResolution")),
        "inv: target tracking on SageMakerVariantConcurrentRequestsPerModelHighResolution at 700",
        True,
    ),
    "metric mathematics": (
        tracking(CustomizedMetricSpecification={"Metrics": [{"Id": "m"}]}),
        "inv: target tracking on an expression of several metrics at 700",
        False,
    ),
    "no metric named": (
        tracking(),
        "inv: target tracking on a metric it does not name at 700",
        False,
    ),
    "never scaling in": (
        tracking(**predefined(), DisableScaleIn=True),
        "inv: target tracking on InvocationsPerInstance at 700, which never scales in",
        False,
    ),
    "steps": (
        {"PolicyName": "s", "PolicyType": "StepScaling", "StepScalingPolicyConfiguration": STEPS},
        "s: step scaling",
        False,
    ),
    "predictive": (
        {"PolicyName": "p", "PolicyType": "PredictiveScaling"},
        "p: predictive scaling",
        False,
    ),
    "a kind of the future": (
        {"PolicyName": "f", "PolicyType": "OracleScaling"},
        "f: a policy of an unknown kind on OracleScaling",
        False,
    ),
}


@pytest.mark.parametrize("kind", POLICIES)
def test_every_kind_of_policy_is_read_as_what_it_is(endpoint_story, kind):
    answer, said, followed = POLICIES[kind]
    found = read(endpoint_story(bounds=(1, 4), policies=[answer]))
    [policy] = found.policies
    assert (str(policy), policy.followed) == (said, followed)
    assert bool(found.policy_obstacles(cpu_known=True)) is not followed


def test_a_plain_endpoint_is_its_variant_exactly(endpoint_story):
    story = endpoint_story(
        bounds=(1, 4),
        policies=[tracking(**predefined())],
        configured={
            "VolumeSizeInGB": 30,
            "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
        },
    )
    found = read(story)
    variant = found.variant()
    assert (variant.instance_type, variant.minimum, variant.maximum) == ("ml.m5.xlarge", 1, 4)
    assert (variant.initial_count, variant.target_per_minute) == (2, 700.0)
    assert variant.routing is Routing.LEAST_OUTSTANDING_REQUESTS
    assert (variant.scale_in_cooldown_s, variant.scale_out_cooldown_s) == (300.0, 60.0)
    assert (found.volume_gb, found.captured, found.beside_it) == (30, None, ())


def test_cooldowns_that_are_not_said_are_those_of_aws(endpoint_story):
    answer = tracking(**predefined())
    for key in ("ScaleInCooldown", "ScaleOutCooldown"):
        del answer["TargetTrackingScalingPolicyConfiguration"][key]
    assert read(endpoint_story(bounds=(1, 4), policies=[answer])).cooldowns_s == (300.0, 300.0)


def test_what_is_suspended_is_known(endpoint_story):
    names = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
    for suspended in names:
        target = read(endpoint_story(bounds=(1, 4), suspended={suspended: True})).target
        flags = (target.scale_in_suspended, target.scale_out_suspended, target.schedule_suspended)
        assert flags == tuple(name == suspended for name in names)


def test_scheduled_actions_are_read_with_their_time_zone(endpoint_story):
    night = {"ScheduledActionName": "night", "Schedule": "cron(0 20 ? * MON-FRI *)"}
    bounds = {"ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 1}}
    story = endpoint_story(
        bounds=(1, 4), actions=[night | bounds | {"Timezone": "Europe/Paris"}, night]
    )
    assert [str(action) for action in read(story).schedule] == [
        "night: cron(0 20 ? * MON-FRI *) Europe/Paris sets minimum 1, maximum 1",
        "night: cron(0 20 ? * MON-FRI *) UTC sets nothing",
    ]


@pytest.mark.parametrize(
    ("told", "at_work"),
    [
        ({"Schedule": "at(2020-01-01T00:00:00)"}, False),
        ({"Schedule": "at(2099-01-01T00:00:00)", "Timezone": "Asia/Tokyo"}, True),
        ({"Schedule": "at(soon)"}, True),
        ({"EndTime": datetime(2020, 1, 1, tzinfo=UTC)}, False),
        ({"EndTime": datetime(2099, 1, 1, tzinfo=UTC)}, True),
    ],
)
def test_a_scheduled_action_that_is_over_plays_no_part(endpoint_story, told, at_work):
    bounds = {"ScalableTargetAction": {"MinCapacity": 3}}
    night = {"ScheduledActionName": "night", "Schedule": "cron(0 20 ? * MON-FRI *)"}
    found = read(endpoint_story(bounds=(1, 4), actions=[night | bounds | told]), now_s=NOW_S)
    assert bool(found.schedule) is at_work


def test_scaling_of_others_plays_no_part(endpoint_story):
    story = endpoint_story(bounds=(1, 4), policies=[tracking(**predefined())])
    other = {"ResourceId": "endpoint/churn-endpoint/variant/B"}
    copies = {"ScalableDimension": "sagemaker:inference-component:DesiredCopyCount"}
    for entries in (story.targets, story.policies):
        entries[:] = [entries[0] | other, entries[0] | copies]
    found = read(story)
    assert (found.target, found.policies) == (None, ())


def test_several_variants_share_the_traffic_by_weight(endpoint_story):
    story = endpoint_story()
    for answer in (story.endpoint, story.configuration):
        [first] = answer["ProductionVariants"]
        answer["ProductionVariants"] = [
            first | {"VariantName": name, "CurrentWeight": weight}
            for name, weight in (("A", 3.0), ("B", 1.0))
        ]
    story.configuration["ShadowProductionVariants"] = [
        first | {"VariantName": "next", "InstanceType": "ml.c5.large", "InitialInstanceCount": 1}
    ]
    found = read(story, "B")
    assert found.traffic_share == 0.25
    assert [str(other) for other in found.beside_it] == [
        "variant A (2 x ml.m5.xlarge)",
        "shadow variant next (1 x ml.c5.large)",
    ]
    with pytest.raises(UsageError) as refused:
        read(story)
    assert refused.value.cause == "Endpoint churn-endpoint has 2 variants: A, B"
    assert "--variant" in refused.value.remedy
    with pytest.raises(UsageError) as refused:
        read(story, "C")
    assert (refused.value.place, refused.value.remedy) == ("--variant", "Use A or B")


#: What is no variant on instances of one type -> what is said of it.
OTHER_KINDS = {
    "serverless": (
        {"configured": {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5},
                        "InstanceType": None, "InitialInstanceCount": None}},
        "is serverless",
    ),
    "instance pools": (
        {"configured": {"InstancePools": [{"InstanceType": "ml.g5.xlarge", "Priority": 1},
                                          {"InstanceType": "ml.g6.xlarge", "Priority": 2}],
                        "InstanceType": None}},
        "instance pools (ml.g5.xlarge, ml.g6.xlarge)",
    ),
    "inference components": ({"configured": {"ModelName": None}}, "hosts inference components"),
    "managed scaling": (
        {"configured": {"ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 1}}},
        "hosts inference components",
    ),
    "asynchronous": ({"configuration": {"AsyncInferenceConfig": {"OutputConfig": {}}}},
                     "is asynchronous"),
    "a routing of the future": (
        {"configured": {"RoutingConfig": {"RoutingStrategy": "KV_AWARE"}}},
        "routes by KV_AWARE",
    ),
    "no variant yet": ({"endpoint": {"ProductionVariants": []}}, "has no production variant"),
}  # fmt: skip


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_what_does_not_run_on_instances_of_one_type_is_refused(endpoint_story, kind):
    changed, said = OTHER_KINDS[kind]
    with pytest.raises(UsageError) as refused:
        read(endpoint_story(**changed))
    assert said in refused.value.cause
    assert refused.value.place == "--endpoint"


@pytest.mark.parametrize("what", ["policies", "schedule"])
def test_no_instances_that_nothing_scales_are_nothing_to_price(endpoint_story, what):
    """Suspended scaling keeps a fleet at the size that it has, here none."""
    story = endpoint_story(bounds=(0, 4), policies=[tracking(**predefined())])
    story.endpoint["ProductionVariants"][0]["DesiredInstanceCount"] = 0
    assert read(story).bounds == (1, 4)
    state = dict.fromkeys(("DynamicScalingInSuspended", "DynamicScalingOutSuspended"), True)
    story.targets[0]["SuspendedState"] = state | {"ScheduledScalingSuspended": what == "schedule"}
    with pytest.raises(UsageError) as refused:
        read(story)
    assert "at most, so there is nothing to price" in refused.value.cause


def test_a_routing_may_be_said_to_stand_in(endpoint_story):
    story = endpoint_story(configured={"RoutingConfig": {"RoutingStrategy": "PREFIX_AWARE"}})
    assert read(story, routing=Routing.RANDOM).routing is Routing.RANDOM


def test_what_stands_in_changes_no_routing_that_is_known(endpoint_story):
    story = endpoint_story()
    assert read(story, routing=Routing.LEAST_OUTSTANDING_REQUESTS).routing is Routing.RANDOM


def test_keys_of_the_future_are_no_hindrance(endpoint_story):
    story = endpoint_story(
        endpoint={"InferenceRouters": [{"Region": "eu-west-1"}], "MetricsConfig": {"x": 1}},
        configured={"AcceleratorPartitionLayouts": [], "Tomorrow": {"y": [None]}},
    )
    assert read(story).variant().minimum == 2


def test_a_count_that_is_not_told_yet_is_the_initial_one(endpoint_story):
    assert read(endpoint_story(desired=None, initial=3)).desired_count == 3


#: A broken answer -> where.
BROKEN = {
    "no type": ({"configured": {"InstanceType": None}}, "ProductionVariants[0].InstanceType"),
    "type is a number": ({"configured": {"InstanceType": 5}}, "InstanceType is '5'"),
    "count is text": ({"configured": {"InitialInstanceCount": "NaN"}}, "InitialInstanceCount"),
    "count is negative": ({"running": {"DesiredInstanceCount": -1}}, "DesiredInstanceCount"),
    "weight is no number": ({"running": {"CurrentWeight": "NaN"}}, "CurrentWeight"),
    "no status": ({"endpoint": {"EndpointStatus": None}}, "EndpointStatus is missing"),
    "variants are no list": ({"endpoint": {"ProductionVariants": "AllTraffic"}}, "is 'AllTraffic'"),
    "a null variant": ({"configuration": {"ProductionVariants": [None]}}, "ProductionVariants[0]"),
    "another variant": (
        {"configured": {"VariantName": "Other"}},
        "ProductionVariants AllTraffic is missing",
    ),
    "policy without a value": (
        {"bounds": (1, 4), "policies": [tracking(TargetValue=None, **predefined())]},
        "TargetTrackingScalingPolicyConfiguration.TargetValue is missing",
    ),
    "policy without its part": (
        {
            "bounds": (1, 4),
            "policies": [{"PolicyName": "x", "PolicyType": "TargetTrackingScaling"}],
        },
        "TargetTrackingScalingPolicyConfiguration is missing",
    ),
    "a value without end": (
        {"bounds": (1, 4), "policies": [tracking(TargetValue=float("inf"), **predefined())]},
        "TargetValue is 'inf'",
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_an_answer_without_sense_is_an_error_with_its_place(endpoint_story, broken):
    changed, where = BROKEN[broken]
    with pytest.raises(AwsError) as refused:
        read(endpoint_story(**changed))
    assert where in refused.value.cause
    assert refused.value.place


def saved(name):
    path = SAVED / name
    if not path.is_file():
        pytest.skip("no ../shared/data/aws-json beside the checkout")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("style", ["epoch", "iso8601"])
def test_what_both_generations_of_the_aws_cli_print_reads_the_same(style):
    answers = Answers(
        endpoint=saved(f"describe-endpoint.{style}.json"),
        configuration=saved(f"describe-endpoint-config.{style}.json"),
        targets=saved(f"describe-scalable-targets.{style}.json")["ScalableTargets"],
        policies=saved(f"describe-scaling-policies.{style}.json")["ScalingPolicies"],
        actions=saved(f"describe-scheduled-actions.{style}.json")["ScheduledActions"],
    )
    found = deployed(answers, None, region="us-east-1", now_s=0.0)
    assert (found.endpoint, found.name, found.status) == (
        "churn-endpoint",
        "AllTraffic",
        "InService",
    )
    assert (found.bounds, found.target_per_minute, found.captured) == ((1, 4), 700.0, 0.2)
    assert found.schedule_obstacles() == ()
    [night] = found.variant().schedule
    assert night.told.startswith("cron(0 20 ? * MON-FRI *) Europe/Paris min=1 max=1")


def test_the_policies_of_a_real_endpoint_are_named(endpoint_story):
    story = endpoint_story(bounds=(1, 4))
    mine = {"ResourceId": "endpoint/churn-endpoint/variant/AllTraffic"}
    real = saved("describe-scaling-policies.sagemaker.2023.json")["ScalingPolicies"]
    story.policies[:] = [policy | mine for policy in real]
    assert read(story).policy_obstacles() == (
        "HasBacklogWithoutCapacity-ScalingPolicy: step scaling",
        "CPUUtil-ScalingPolicy: target tracking on CPUUtilization of another endpoint or variant "
        "at 50",
    )
