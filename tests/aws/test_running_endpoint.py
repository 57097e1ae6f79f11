"""``--endpoint``: what real boto3 created is read back, priced, replayed and compared."""

import json
import re

import boto3
import pytest

ABLE = "--service-time 45ms --concurrency 4"
DAY = "--rps 20 --peak-rps 40"
SIMULATED = f"recommend --endpoint churn-endpoint {DAY} {ABLE} --p99 300ms"
ASK = f"{SIMULATED} --budget 0s"
FOLLOWED = "SageMakerVariantInvocationsPerInstance"
OWN = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/churn-endpoint/variant/AllTraffic",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}


class Account:
    """What a team does to its endpoint, through boto3."""

    def __init__(self):
        self.sagemaker = boto3.client("sagemaker", region_name="us-east-1")
        self.scaling = boto3.client("application-autoscaling", region_name="us-east-1")

    def deploy(self, *variants, name="churn-endpoint", **configured):
        usual = {
            "VariantName": "AllTraffic",
            "ModelName": "churn",
            "InitialInstanceCount": 2,
            "InstanceType": "ml.m5.xlarge",
            "InitialVariantWeight": 1.0,
        }
        image = {"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn:1"}
        role = "arn:aws:iam::123456789012:role/sagemaker"
        self.sagemaker.create_model(
            ModelName="churn", PrimaryContainer=image, ExecutionRoleArn=role
        )
        self.sagemaker.create_endpoint_config(
            EndpointConfigName="cfg",
            ProductionVariants=[usual | variant for variant in variants or ({},)],
            **configured,
        )
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName="cfg")

    def scale(self, minimum, maximum, **suspended):
        state = {"SuspendedState": suspended} if suspended else {}
        self.scaling.register_scalable_target(
            **OWN, MinCapacity=minimum, MaxCapacity=maximum, **state
        )

    def track(self, value, metric=FOLLOWED, name="inv", **configured):
        self.scaling.put_scaling_policy(
            **OWN,
            PolicyName=name,
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": value,
                "PredefinedMetricSpecification": {"PredefinedMetricType": metric},
                "ScaleInCooldown": 600,
                "ScaleOutCooldown": 60,
                **configured,
            },
        )

    def schedule(self, **bounds):
        self.scaling.put_scheduled_action(
            **OWN,
            ScheduledActionName="night",
            Schedule="cron(0 20 ? * MON-FRI *)",
            Timezone="Europe/Paris",
            ScalableTargetAction=bounds,
        )


@pytest.fixture
def account(moto_aws, monkeypatch):
    # moto has no quotas and fails by itself; to try five times would only take long.
    monkeypatch.setattr("smcost.read.aws.access.MOST_ATTEMPTS", 1)
    return Account()


def assumption(document, name):
    [found] = [entry for entry in document["assumptions"] if entry["name"] == name]
    return found["value"], found["source"]


def warned(document, code):
    return [entry["message"] for entry in document["warnings"] if entry["code"] == code]


def test_a_fleet_without_scaling_has_the_size_it_has(account, smcost):
    account.deploy({"InitialInstanceCount": 3})
    document = smcost("estimate --endpoint churn-endpoint -f json").document
    assert document["cost"]["expected_usd"] == pytest.approx(3 * 720 * 0.23)
    configuration = document["configuration"]
    assert (configuration["min_capacity"], configuration["max_capacity"]) == (3, 3)
    assert configuration["target_invocations_per_instance"] is None
    source = "endpoint churn-endpoint, DescribeEndpoint"
    assert assumption(document, "instances") == ("3 all the time", source)


def test_another_policy_stands_in_the_place_of_the_one_that_runs(account, smcost):
    account.deploy({})
    account.scale(1, 4)
    account.track(700.0)
    day = "--rps 5 --service-time 45ms --concurrency 4"
    asked = f"estimate --endpoint churn-endpoint {day} --concurrency-target 2 -f json"
    [policy] = smcost(asked).document["configuration"]["policies"]
    assert policy["target_value"] == 2
    assert "Concurrent" in policy["metric"]


def test_a_scaled_variant_comes_back_exactly(account, smcost):
    account.deploy(
        {"RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"}, "VolumeSizeInGB": 30}
    )
    account.scale(1, 4)
    account.track(700.0)
    outcome = smcost("estimate --endpoint churn-endpoint -f json")
    document = outcome.document
    [policy] = document["configuration"].pop("policies")
    assert (policy["metric"], policy["target_value"]) == (
        "SageMakerVariantInvocationsPerInstance", 700.0,
    )  # fmt: skip
    assert (policy["scale_in_cooldown_s"], policy["scale_out_cooldown_s"]) == (600.0, 60.0)
    assert document["configuration"] == {
        "instance_type": "ml.m5.xlarge",
        "min_capacity": 1,
        "max_capacity": 4,
        "initial_instance_count": 2,
        "target_invocations_per_instance": 700.0,
        "routing_strategy": "LEAST_OUTSTANDING_REQUESTS",
        "scale_in_cooldown_s": 600.0,
        "scale_out_cooldown_s": 60.0,
        "schedule": [],
    }
    assert document["cost"]["expected_usd"] is None
    assert document["cost"]["floor_usd"] == pytest.approx(720 * 0.23 + 30 * 0.14)
    [hint] = warned(document, "expected_unknown")
    assert "smcost traffic pull --endpoint churn-endpoint --variant AllTraffic" in hint
    assert assumption(document, "target")[1].endswith("DescribeScalingPolicies")
    assert assumption(document, "instance type")[1].endswith("DescribeEndpointConfig")


def test_the_estimate_is_that_of_the_same_flags(account, smcost):
    account.deploy()
    account.scale(1, 4)
    account.track(700.0)
    line = f"{DAY} {ABLE} --p99 300ms -f json"
    by_hand = "--min 1 --max 4 --target 700 --scale-in-cooldown 600s --scale-out-cooldown 60s"
    live = smcost(f"estimate --endpoint churn-endpoint {line}").document
    typed = smcost(f"estimate {by_hand} {line}").document
    for part in ("cost", "instance_hours", "horizon", "latency", "meets_slo"):
        assert live[part] == typed[part], part


@pytest.mark.parametrize(
    ("typed", "size", "target", "source"),
    [
        ("--count 5", (5, 5), None, "flag --count"),
        ("--min 2", (2, 4), 700.0, "flag --min and endpoint churn-endpoint"),
        ("--max 9 --target 500", (1, 9), 500.0, "endpoint churn-endpoint, DescribeScalable"),
        ("--instance-type ml.c5.large", (1, 4), 700.0, "endpoint churn-endpoint"),
    ],
)
def test_a_flag_goes_before_what_runs(account, smcost, typed, size, target, source):
    account.deploy()
    account.scale(1, 4)
    account.track(700.0)
    document = smcost(f"estimate --endpoint churn-endpoint {typed} -f json").document
    configuration = document["configuration"]
    assert (configuration["min_capacity"], configuration["max_capacity"]) == size
    assert configuration["target_invocations_per_instance"] == target
    assert assumption(document, "instances")[1].startswith(source)


@pytest.mark.parametrize(
    ("typed", "bound", "remedy"),
    [("--max 1", "minimum", "Add --min 1"), ("--min 9", "maximum", "Add --max 9")],
)
def test_a_bound_beyond_the_one_that_runs_names_where_that_is_from(
    account, smcost, typed, bound, remedy
):
    account.deploy()
    account.scale(2, 4)
    outcome = smcost(f"estimate --endpoint churn-endpoint {typed}")
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    cause, told = outcome.refusal
    assert f"the {bound} is from endpoint churn-endpoint, DescribeScalableTargets" in cause
    assert remedy in told


def test_the_environment_goes_before_what_runs(account, smcost, monkeypatch):
    account.deploy()
    monkeypatch.setenv("SMCOST_COUNT", "7")
    document = smcost("estimate --endpoint churn-endpoint -f json").document
    assert document["configuration"]["min_capacity"] == 7
    assert assumption(document, "instances")[1] == "environment SMCOST_COUNT"


def by_cpu(account):
    account.scale(1, 4)
    cpu = {
        "MetricName": "CPUUtilization",
        "Namespace": "/aws/sagemaker/Endpoints",
        "Statistic": "Average",
    }
    account.scaling.put_scaling_policy(
        **OWN,
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 280.0,
            "CustomizedMetricSpecification": cpu,
        },
    )


def by_steps(account):
    account.scale(1, 4)
    account.scaling.put_scaling_policy(
        **OWN,
        PolicyName="backlog",
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
            "Cooldown": 300,
        },
    )


def by_concurrency(account):
    account.scale(1, 4)
    account.track(5.0, "SageMakerVariantConcurrentRequestsPerModelHighResolution", "fast")


def by_two(account):
    account.scale(1, 4)
    account.track(700.0)
    by_steps(account)


def by_schedule(account):
    account.scale(2, 4)
    account.track(700.0)
    account.schedule(MinCapacity=1, MaxCapacity=1)


def by_rate(account):
    """Counts from its creation, which the API does not tell."""
    account.scale(2, 4)
    account.track(700.0)
    account.scaling.put_scheduled_action(
        **OWN,
        ScheduledActionName="night",
        Schedule="rate(12 hours)",
        ScalableTargetAction={"MinCapacity": 1},
    )


def never_in(account):
    account.scale(1, 4)
    account.track(700.0, DisableScaleIn=True)


def half_suspended(account):
    account.scale(1, 4, DynamicScalingOutSuspended=True)
    account.track(700.0)


#: What scales it -> how that is named, and flags that stand in for it.
NOT_FOLLOWED = {
    by_cpu: ("cpu: target tracking on CPUUtilization", "--target 700"),
    by_steps: ("backlog: step scaling", "--target 700"),
    by_two: ("backlog: step scaling", "--target 700"),
    by_rate: ("night: rate(12 hours) UTC sets minimum 1", "--min 1 --max 4"),
    never_in: ("which never scales in", "--target 700"),
    half_suspended: ("scaling out is suspended", "--target 700"),
}
named = pytest.mark.parametrize("scaled", NOT_FOLLOWED, ids=lambda scaled: scaled.__name__)


@named
def test_what_is_not_followed_is_named_refused_or_replaced(account, smcost, scaled):
    account.deploy()
    scaled(account)
    said, instead = NOT_FOLLOWED[scaled]
    document = smcost("estimate --endpoint churn-endpoint -f json").document
    cost = document["cost"]
    assert cost["floor_usd"] == pytest.approx(165.6)
    assert cost["ceiling_usd"] == pytest.approx(4 * 165.6)
    assert cost["expected_usd"] is None
    [message] = warned(document, "endpoint_not_replayed")
    assert said in message
    assert not warned(document, "expected_unknown")
    outcome = smcost(f"estimate --endpoint churn-endpoint {DAY}")
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    cause, remedy = outcome.refusal
    assert said in cause
    assert "--target" in remedy
    outcome = smcost(f"estimate --endpoint churn-endpoint {instead} {DAY} -f json")
    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.document["cost"]["expected_usd"] > 0
    assert not warned(outcome.document, "endpoint_not_replayed")


#: What scales it -> the flags that say the same, and further ones.
FOLLOWED_TOO = {
    by_concurrency: ("--min 1 --max 4 --concurrency-target 5", ""),
    by_cpu: ("--min 1 --max 4 --cpu-target 70%", "--cpu-at-full-load 85%"),
    by_schedule: (
        "--min 2 --max 4 --target 700 "
        '--scheduled-action "cron(0 20 ? * MON-FRI *) Europe/Paris min=1 max=1"',
        "",
    ),
}


@pytest.mark.parametrize("scaled", FOLLOWED_TOO, ids=lambda scaled: scaled.__name__)
def test_other_metrics_and_a_schedule_are_followed_as_the_same_flags_are(account, smcost, scaled):
    account.deploy()
    scaled(account)
    typed, more = FOLLOWED_TOO[scaled]
    cooldowns = "" if scaled is by_cpu else "--scale-in-cooldown 600s --scale-out-cooldown 60s"
    line = f"{DAY} {ABLE} --p99 300ms {more} -f json"
    live = smcost(f"estimate --endpoint churn-endpoint {line}")
    assert live.exit_code == 0, live.stderr
    same = smcost(f"estimate {typed} {cooldowns} {line}").document
    document = live.document
    for part in ("cost", "instance_hours", "latency", "meets_slo"):
        assert document[part] == same[part], part
    assert document["configuration"]["policies"] == same["configuration"]["policies"]
    assert document["configuration"]["schedule"] == same["configuration"]["schedule"]
    assert not warned(document, "endpoint_not_replayed")
    without = smcost("estimate --endpoint churn-endpoint -f json").document
    assert without["cost"]["floor_usd"] == pytest.approx(165.6)
    assert without["cost"]["ceiling_usd"] == pytest.approx(4 * 165.6)


@pytest.mark.parametrize("scaled", [by_concurrency, by_schedule], ids=lambda f: f.__name__)
def test_a_proposal_is_compared_with_what_is_followed(account, smcost, scaled):
    account.deploy()
    scaled(account)
    document = smcost(f"{ASK} -f json").document
    alone = smcost(f"estimate --endpoint churn-endpoint {DAY} {ABLE} --p99 300ms -f json").document
    current = document["current"]
    assert current["expected_usd"] == pytest.approx(alone["cost"]["expected_usd"])
    assert current["p99_ms"] == pytest.approx(alone["latency"]["p99_ms"])
    assert document["saving_usd"] is not None
    assert not warned(document, "endpoint_not_replayed")


def test_a_cpu_policy_is_refused_with_the_way_to_follow_it(account, smcost):
    account.deploy()
    by_cpu(account)
    outcome = smcost(f"estimate --endpoint churn-endpoint {DAY} {ABLE}")
    assert outcome.exit_code == 2
    assert "--cpu-at-full-load 85%" in outcome.refusal[1]


@pytest.mark.parametrize("scaled", [by_cpu, by_rate], ids=lambda scaled: scaled.__name__)
def test_a_proposal_is_made_all_the_same(account, smcost, scaled):
    account.deploy()
    scaled(account)
    document = smcost(f"{ASK} -f json").document
    assert document["feasible"]
    assert document["saving_usd"] is None
    current = document["current"]
    assert current["floor_usd"] == pytest.approx(165.6)
    assert current["ceiling_usd"] == pytest.approx(4 * 165.6)
    for key in ("expected_usd", "p99_ms", "worst_window_p99_ms", "meets_slo"):
        assert current[key] is None
    assert warned(document, "endpoint_not_replayed")
    table = smcost(ASK).stdout
    assert "165.60 to 662.40" in table
    assert "Saves" not in table


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"DynamicScalingInSuspended": True, "DynamicScalingOutSuspended": True},
    ],
    ids=["no policy", "all suspended"],
)
def test_bounds_that_nothing_moves_are_no_scaling(account, smcost, kept):
    account.deploy()
    account.scale(1, 4, **kept)
    if kept:
        account.track(700.0)
    document = smcost("estimate --endpoint churn-endpoint -f json").document
    assert document["cost"]["expected_usd"] == pytest.approx(2 * 165.6)
    value, _ = assumption(document, "registered scaling")
    assert value.startswith("bounds 1 to 4; ")
    assert ("suspended" in value) is bool(kept)


def test_today_is_replayed_beside_the_proposal(account, smcost):
    account.deploy()
    account.scale(1, 4)
    account.track(700.0)
    document = smcost(f"{SIMULATED} -f json").document
    line = f"--min 1 --max 4 --target 700 --scale-in-cooldown 600s {DAY} {ABLE} --p99 300ms"
    alone = smcost(f"estimate {line} --exact -f json").document
    current = document["current"]
    assert current["expected_usd"] == alone["cost"]["expected_usd"]
    assert current["p99_ms"] == pytest.approx(alone["latency"]["p99_ms"], rel=0.02)
    assert current["meets_slo"] is True
    assert current["target_invocations_per_instance"] == 700.0
    saving = current["expected_usd"] - document["cost"]["expected_usd"]
    assert document["saving_usd"] == pytest.approx(saving)
    assert not warned(document, "current_differs")


def test_today_may_break_the_slo(account, smcost):
    account.deploy({"InitialInstanceCount": 1})
    slow = "--rps 2 --peak-rps 4 --service-time 2s --concurrency 2 --p99 10s --budget 0s"
    document = smcost(f"recommend --endpoint churn-endpoint {slow} -f json").document
    current = document["current"]
    assert current["meets_slo"] is False
    assert current["failed_fraction"] > 0
    assert document["saving_usd"] < 0


def test_an_infeasible_answer_shows_today_all_the_same(account, smcost):
    account.deploy()
    line = f"recommend --endpoint churn-endpoint {DAY} {ABLE} --p99 20ms"
    outcome = smcost(line)
    assert outcome.exit_code == 11
    _, after = outcome.stdout.split("\nToday\n")
    rows = [row.split() for row in after.splitlines()[1:4]]
    assert rows == [["instance", "type", "ml.m5.xlarge"], ["minimum", "2"], ["maximum", "2"]]
    document = smcost(f"{line} -f json").document
    assert document["current"]["expected_usd"] == pytest.approx(331.2)
    assert document["current"]["meets_slo"] is False


def test_flags_of_the_proposal_do_not_change_today(account, smcost):
    account.deploy()
    account.scale(1, 4)
    account.track(700.0)
    proposal = "--min 3 --max 8 --target 1500 --routing least-outstanding"
    document = smcost(f"{ASK} {proposal} -f json").document
    assert document["recommendation"]["min_capacity"] == 3
    assert document["recommendation"]["routing_strategy"] == "LEAST_OUTSTANDING_REQUESTS"
    current = document["current"]
    assert current["routing_strategy"] == "RANDOM"
    assert (current["min_capacity"], current["max_capacity"]) == (1, 4)
    assert current["target_invocations_per_instance"] == 700.0


def test_the_endpoints_type_is_that_of_a_capacity_given_by_flags(account, smcost):
    account.deploy({"InstanceType": "ml.c5.xlarge"})
    document = smcost(f"{ASK} -f json").document
    assert document["recommendation"]["instance_type"] == "ml.c5.xlarge"
    assert not warned(document, "type_assumed")


def test_a_type_without_a_capacity_has_a_cost_and_no_latency(account, smcost):
    account.deploy({"InstanceType": "ml.c5.xlarge"})
    document = smcost(f"{ASK} --instance-type ml.m5.xlarge -f json").document
    current = document["current"]
    assert current["instance_type"] == "ml.c5.xlarge"
    assert current["expected_usd"] > 0
    assert current["p99_ms"] is None
    assert assumption(document, "today's latency")[0].endswith("ml.c5.xlarge is given")
    assert assumption(document, "today's price")[0].endswith("USD per hour of ml.c5.xlarge")


@pytest.mark.parametrize("scaled", [False, True])
def test_a_type_without_a_price_has_no_cost_and_the_proposal_stands(account, smcost, scaled):
    account.deploy({"InstanceType": "ml.p2.xlarge"})
    if scaled:
        by_schedule(account)
    outcome = smcost(f"{ASK} --instance-type ml.m5.xlarge -f json")
    document = outcome.document
    assert document["feasible"]
    current = document["current"]
    assert current["instance_type"] == "ml.p2.xlarge"
    for key in ("expected_usd", "floor_usd", "ceiling_usd", "p99_ms", "meets_slo"):
        assert current[key] is None
    assert document["saving_usd"] is None
    assert any("price of ml.p2.xlarge" in said for said in warned(document, "rate_unknown"))
    assert "not known" in smcost(f"{ASK} --instance-type ml.m5.xlarge").stdout


def test_one_of_several_variants_is_named(account, smcost):
    account.deploy(
        {"VariantName": "A", "InitialVariantWeight": 3.0},
        {"VariantName": "B", "InstanceType": "ml.c5.large", "InitialInstanceCount": 1},
    )
    outcome = smcost("estimate --endpoint churn-endpoint")
    assert outcome.exit_code == 2
    assert "2 variants: A, B" in outcome.refusal[0]
    outcome = smcost("estimate --endpoint churn-endpoint --variant C")
    assert outcome.exit_code == 2
    assert "A or B" in outcome.refusal[1]
    document = smcost(f"estimate --endpoint churn-endpoint --variant B {DAY} -f json").document
    assert document["configuration"]["instance_type"] == "ml.c5.large"
    assert "25%" in assumption(document, "traffic of the variant")[0]
    [message] = warned(document, "other_variants")
    assert "variant A (2 x ml.m5.xlarge)" in message


def test_an_endpoint_that_is_not_there_is_an_error_without_its_arn(account, smcost):
    outcome = smcost("estimate --endpoint nobody")
    assert (outcome.exit_code, outcome.stdout) == (5, "")
    assert "There is no endpoint nobody in us-east-1" in outcome.refusal[0]


@pytest.mark.parametrize("line", ["estimate --endpoint churn-endpoint", ASK])
def test_a_deleted_configuration_is_told_with_what_stands_in(account, smcost, line):
    account.deploy()
    account.sagemaker.delete_endpoint_config(EndpointConfigName="cfg")
    outcome = smcost(line)
    assert (outcome.exit_code, outcome.stdout) == (5, "")
    cause, remedy = outcome.refusal
    assert "configuration cfg of endpoint churn-endpoint was deleted" in cause
    assert "--instance-type" in remedy
    assert "--count" in remedy


def test_nothing_printed_holds_an_arn_or_an_account(account, smcost):
    account.deploy(
        DataCaptureConfig={
            "EnableCapture": True,
            "InitialSamplingPercentage": 20,
            "DestinationS3Uri": "s3://private/capture",
            "CaptureOptions": [{"CaptureMode": "Input"}],
        }
    )
    account.scale(1, 4)
    account.track(700.0)
    today = "estimate --endpoint churn-endpoint"
    for line in (f"{today} --explain", f"{today} -f json", f"{today} -f tfvars", f"{ASK} -f json"):
        outcome = smcost(line)
        assert outcome.exit_code == 0, outcome.stderr
        text = outcome.stdout + outcome.stderr
        assert "churn-endpoint" in text
        assert "arn:" not in text
        assert not re.search(r"\d{12}", text)
        assert "s3://" not in text


def test_the_document_says_what_was_read_and_when(account, smcost):
    account.deploy()
    provenance = smcost("estimate --endpoint churn-endpoint -f json").document["provenance"]
    found = provenance["endpoint"]
    assert set(found) == {"name", "variant", "region", "read_at"}
    assert (found["name"], found["variant"]) == ("churn-endpoint", "AllTraffic")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["read_at"])
    assert smcost("estimate --count 2 -f json").document["provenance"]["endpoint"] is None


def test_the_variables_are_those_that_run(account, smcost):
    account.deploy({"VolumeSizeInGB": 30, "InitialInstanceCount": 3})
    account.scale(1, 4)
    account.track(700.0)
    outcome = smcost("estimate --endpoint churn-endpoint -f tfvars.json")
    assert json.loads(outcome.stdout) == {
        "instance_type": "ml.m5.xlarge",
        "instance_count": 3,
        "autoscaling_min_capacity": 1,
        "autoscaling_max_capacity": 4,
        "autoscaling_target_value": 700.0,
        "scale_in_cooldown": 600,
        "scale_out_cooldown": 60,
        "routing_strategy": "RANDOM",
        "volume_size_in_gb": 30,
    }
    same = smcost("estimate --endpoint churn-endpoint -f tfvars").stdout
    assert "# endpoint: churn-endpoint, variant AllTraffic\n" in same
    assert same == smcost("estimate --endpoint churn-endpoint -f tfvars").stdout


def test_a_volume_without_a_known_rate_is_said_and_not_guessed(account, smcost, monkeypatch):
    account.sagemaker = boto3.client("sagemaker", region_name="eu-central-1")
    account.deploy({"VolumeSizeInGB": 30})
    document = smcost("estimate --endpoint churn-endpoint --region eu-central-1 -f json").document
    assert [line["name"] for line in document["cost"]["lines"]] == ["Instances ml.m5.xlarge"]
    value, _ = assumption(document, "endpoint storage")
    assert value.startswith("30 GB per instance, not priced: no rate is known in eu-central-1")
    outcome = smcost("estimate --count 1 --volume-gb 30 --region eu-central-1")
    assert outcome.exit_code == 4


def test_a_disk_of_the_types_own_takes_no_volume(account, smcost):
    account.deploy({"VolumeSizeInGB": 30})
    line = "estimate --endpoint churn-endpoint --instance-type ml.m5d.xlarge -f tfvars.json"
    assert "volume_size_in_gb" not in json.loads(smcost(line).stdout)


REFUSED = {
    "estimate --variant AllTraffic --count 2": ("--variant", "without its endpoint"),
    "estimate --endpoint churn-endpoint --offline": ("--offline", "network is refused"),
    f"{ASK} --offline": ("--offline", "network is refused"),
    f"{ASK} --current today.json": ("--endpoint", "a running endpoint and an estimate"),
    "recommend --endpoint churn-endpoint --p99 1s": (None, "smcost traffic pull --endpoint"),
}


@pytest.mark.parametrize(
    "command",
    [
        "estimate",
        "recommend --p99 1s --rps 5 --service-time 45ms --concurrency 4",
        "traffic pull",
        "capacity import",
    ],
)
@pytest.mark.parametrize(
    ("given", "way"),
    [
        ("arn:aws:sagemaker:us-east-1:111122223333:endpoint/churn", "the name: churn"),
        ("", "Give its name"),
    ],
)
def test_an_endpoint_is_given_by_its_name(aws_environment, smcost, command, given, way):
    outcome = smcost(f"{command} --endpoint={given}")
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert outcome.refusal[0].startswith("--endpoint: ")
    assert way in outcome.refusal[1]
    assert "111122223333" not in outcome.stderr


@pytest.mark.parametrize(
    ("command", "way"),
    [
        ("estimate", "--min, --max and --target"),
        ("recommend --p99 1s --rps 5 --service-time 45ms --concurrency 4", "--current FILE"),
        ("traffic pull", "aws cloudwatch get-metric-data"),
        ("capacity import", "smcost traffic pull"),
    ],
)
def test_the_way_without_a_network_is_the_commands_own(aws_environment, smcost, command, way):
    outcome = smcost(f"{command} --endpoint churn --offline")
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert way in outcome.refusal[1]


@pytest.mark.parametrize("line", REFUSED)
def test_what_makes_no_sense_is_refused_before_anything_is_asked(aws_environment, smcost, line):
    place, said = REFUSED[line]
    outcome = smcost(line)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    cause, remedy = outcome.refusal
    assert said in cause + remedy
    assert place is None or cause.startswith(f"{place}: ")


def test_a_typed_estimate_of_today_goes_before_an_endpoint_of_the_settings(
    aws_environment, smcost, alone
):
    today = smcost("estimate --count 9 --rps 20 -f json").stdout
    (alone / "today.json").write_text(today, encoding="utf-8")
    (alone / "smcost.toml").write_text('endpoint = "churn-endpoint"\n', encoding="utf-8")
    document = smcost(
        f"recommend --current today.json --rps 20 {ABLE} --p99 300ms -f json"
    ).document
    assert document["current"]["min_capacity"] == 9
    assert document["provenance"]["endpoint"] is None


@pytest.mark.parametrize("command", ["estimate", "recommend"])
def test_the_policy_it_needs_is_printed_and_nothing_asked(aws_environment, smcost, command):
    outcome = smcost(f"{command} --show-iam")
    assert outcome.exit_code == 0
    [statement] = outcome.document["Statement"]
    assert "application-autoscaling:DescribeScalingPolicies" in statement["Action"]
    assert all(":Describe" in action or ":List" in action for action in statement["Action"])
