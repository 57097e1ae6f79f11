"""The capacity of a live endpoint, from what AWS answers: over a real boto3 and a loopback."""

import re
from datetime import UTC, datetime

import numpy as np
import pytest

from smcost.errors import AwsError
from smcost.read.aws.access import Aws
from smcost.read.aws.scaling_activities import live_scaling_activities

pytestmark = pytest.mark.usefixtures("fitted_once")
HIDDEN = re.compile(r"arn:aws|\d{12}|testing")
MADE = datetime(2023, 12, 31, tzinfo=UTC)


def activity(start_s, took_s, wanted, **changes):
    return {
        "ActivityId": "0edda6bf-9288-4295-b67f-d78c3be70152",
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/churn/variant/AllTraffic",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "Description": f"Setting desired instance count to {wanted}.",
        "Cause": "monitor alarm TargetTracking-AlarmHigh-1 in state ALARM triggered policy p",
        "StartTime": float(start_s),
        "EndTime": float(start_s + took_s),
        "StatusCode": "Successful",
        **changes,
    }


def metric_data(minutes):
    """Answers GetMetricData from observed minutes, shifted to the hours asked for."""
    percentiles = {f"p{100 * at:g}": column for at, column in zip(
        minutes.fractions, minutes.model_latency_s.T, strict=True)}  # fmt: skip
    series = {
        ("Invocations", "Sum"): minutes.invocations,
        ("InvocationsPerInstance", "Sum"): minutes.invocations / minutes.instances,
        ("ModelLatency", "Average"): 1e6 * minutes.model_latency_mean_s,
        ("OverheadLatency", "Average"): 1e6 * minutes.overhead_mean_s,
        **{("ModelLatency", name): 1e6 * column for name, column in percentiles.items()},
    }

    def answer(question):
        def seconds(moment):
            return moment.timestamp() if isinstance(moment, datetime) else float(moment)

        begin, end = (seconds(question[key]) for key in ("StartTime", "EndTime"))
        period = question["MetricDataQueries"][0]["MetricStat"]["Period"]
        stamps = np.arange(begin, end, period)
        place = (stamps // period).astype(np.int64) % len(minutes)
        results = []
        for query in question["MetricDataQueries"]:
            stat = query["MetricStat"]
            column = series.get((stat["Metric"]["MetricName"], stat["Stat"]))
            known = [] if column is None else column[place].tolist()
            results.append(
                {
                    "Id": query["Id"],
                    "Label": query["Id"],
                    "Timestamps": [
                        datetime.fromtimestamp(stamp, UTC) for stamp in stamps[: len(known)]
                    ],
                    "Values": known,
                    "StatusCode": "Complete",
                }
            )
        return {"MetricDataResults": results, "Messages": []}

    return answer


@pytest.fixture
def live(loopback_aws, minutes):
    """An endpoint of one worker of 300 ms, a day of it."""
    variants = [{"VariantName": "AllTraffic"}]
    loopback_aws.answers(
        "DescribeEndpoint",
        {
            "EndpointName": "churn",
            "EndpointArn": "arn:aws:sagemaker:us-east-1:123456789012:endpoint/churn",
            "EndpointConfigName": "churn-1",
            "ProductionVariants": variants,
            "EndpointStatus": "InService",
            "CreationTime": MADE,
            "LastModifiedTime": MADE,
        },
    )
    loopback_aws.answers(
        "DescribeEndpointConfig",
        {
            "EndpointConfigName": "churn-1",
            "EndpointConfigArn": "arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/c",
            "ProductionVariants": [{"VariantName": "AllTraffic", "InstanceType": "ml.m5.xlarge"}],
            "CreationTime": MADE,
        },
    )
    loopback_aws.answers(
        "GetMetricData", metric_data(minutes(law=(0.3, 0.5), workers=1, peak=0.8, days=1))
    )
    loopback_aws.answers(
        "DescribeScalingActivities",
        {"ScalingActivities": [activity(1_700_010_000, 425, 3)], "NextToken": "more"},
        {"ScalingActivities": [activity(1_700_000_000, 60, 2)]},
    )
    return loopback_aws


@pytest.fixture
def import_live(smcost, live, monkeypatch):
    def run(arguments):
        return smcost(f"capacity import --endpoint churn --days 1 {arguments}")

    return run


def test_a_live_endpoint_gives_a_capacity_file(import_live, live, tmp_path, smcost):
    outcome = import_live("-f csv")
    assert outcome.exit_code == 0, outcome.stderr
    assert not HIDDEN.search(outcome.stdout + outcome.stderr)
    header, row = outcome.stdout.splitlines()[-2:]
    assert header == "instance_type,workers,service_time_ms,service_cv,service_law,latency_of"
    named, workers, mean_ms, cv, law, latency_of = row.split(",")
    assert (named, workers, law, latency_of) == ("ml.m5.xlarge", "1", "lognormal", "model")
    assert float(mean_ms) == pytest.approx(300, rel=0.03)
    assert float(cv) == pytest.approx(0.5, rel=0.15)
    comments = [line for line in outcome.stdout.splitlines() if line.startswith("# ")]
    assert any("--startup-time 425s" in line for line in comments)
    (tmp_path / "capacity.csv").write_text(outcome.stdout)
    shown = smcost(f"capacity show {tmp_path / 'capacity.csv'} -f json")
    assert shown.document["profiles"][0]["max_rps_tested"] == pytest.approx(1 / 0.3, rel=0.03)


@pytest.mark.parametrize(
    ("configured", "arguments", "routing"),
    [
        (None, "", "RANDOM"),
        ("LEAST_OUTSTANDING_REQUESTS", "", "LEAST_OUTSTANDING_REQUESTS"),
        ("LEAST_OUTSTANDING_REQUESTS", "--routing random", "RANDOM"),
    ],
)
def test_routing_is_the_endpoints_where_nobody_gives_it(
    import_live, live, configured, arguments, routing
):
    variant = {"VariantName": "AllTraffic", "InstanceType": "ml.m5.xlarge"}
    if configured:
        variant["RoutingConfig"] = {"RoutingStrategy": configured}
    live.answers(
        "DescribeEndpointConfig",
        {
            "EndpointConfigName": "churn-1",
            "EndpointConfigArn": "arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/c",
            "ProductionVariants": [variant],
            "CreationTime": MADE,
        },
    )
    outcome = import_live(f"-f json {arguments}")
    assert outcome.document["fit"]["routing_strategy"] == routing


def test_all_pages_of_activities_of_the_variant_are_asked_for(import_live, live):
    import_live("-f csv")
    first, second = live.questions("DescribeScalingActivities")
    assert first["ResourceId"] == "endpoint/churn/variant/AllTraffic"
    assert first["ScalableDimension"] == "sagemaker:variant:DesiredInstanceCount"
    assert first["IncludeNotScaledActivities"] is True
    assert second["NextToken"] == "more"


def test_without_leave_to_see_activities_the_fit_still_comes(import_live, live):
    live.answers("DescribeScalingActivities", live.faults["denied"])
    outcome = import_live("-f json")
    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.document["fit"]["startup"] is None
    assert "aws_message" in outcome.warning_codes
    assert not HIDDEN.search(outcome.stdout + outcome.stderr)


@pytest.mark.parametrize("fault", ["expired", "page", "denied"])
def test_without_minutes_nothing_comes(import_live, live, fault):
    live.answers("GetMetricData", live.faults[fault])
    outcome = import_live("-f csv")
    assert outcome.exit_code == 5
    assert outcome.stdout == ""
    assert outcome.refusal
    assert not HIDDEN.search(outcome.stderr)


def test_an_answer_without_activities_is_refused(loopback_aws):
    loopback_aws.answers("DescribeScalingActivities", {"Activities": []})
    with pytest.raises(AwsError, match="DescribeScalingActivities"):
        live_scaling_activities(Aws(region="us-east-1"), "churn", "AllTraffic")


def test_the_policy_names_every_call_that_is_made(import_live, live, smcost):
    import_live("-f csv")
    policy = smcost("capacity import --show-iam").stdout
    for operation, _ in live.asked:
        assert f":{operation}" in policy
