"""Without ``--startup-time`` a running endpoint's own scale-outs say how long a start takes."""

import pytest

from smcost.errors import AwsError

LINE = "estimate --endpoint churn-endpoint --rps 20 --peak-rps 40 -f json"
FOLLOWED = {
    "PolicyName": "inv",
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 700.0,
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
        },
    },
}


def out(hour, took_s, wanted):
    return {
        "ActivityId": f"a{hour}",
        "Description": f"Setting desired instance count to {wanted}.",
        "Cause": "monitor alarm TargetTracking-x-AlarmHigh-1 in state ALARM",
        "StartTime": f"2026-11-20T{hour:02}:00:00Z",
        "EndTime": f"2026-11-20T{hour:02}:{took_s // 60:02}:{took_s % 60:02}Z",
        "StatusCode": "Successful",
    }


@pytest.fixture
def estimated(smcost, endpoint_story, answered):
    def run(activities, line=LINE, bounds=(1, 4)):
        policies = [] if bounds is None else [FOLLOWED]
        story = endpoint_story(bounds=bounds, policies=policies).answers
        answer = activities
        if not isinstance(activities, Exception):
            told = endpoint_story(activities=activities).activities
            answer = {"ScalingActivities": told}
        answered(story | {"DescribeScalingActivities": answer})
        outcome = smcost(line)
        assert outcome.exit_code == 0, outcome.stderr
        return {
            entry["name"]: (entry["value"], entry["source"])
            for entry in outcome.document["assumptions"]
        }

    return run


@pytest.mark.parametrize(
    ("took_s", "used", "said"),
    [
        ([200], "200 s", "the only scale-out of 2026-11-20"),
        ([200, 260, 420], "420 s", "longest of 3 scale-outs of 2026-11-20"),
        ([*range(210, 300, 10), 420], "290 s", "p90 of 10 scale-outs of 2026-11-20"),
    ],
)
def test_the_p90_of_its_scale_outs_is_used_and_what_it_rests_on_said(estimated, took_s, used, said):
    found = estimated([out(hour, took, hour + 2) for hour, took in enumerate(took_s)])
    value, source = found["start-up time"]
    assert value == used
    assert source == (
        f"endpoint churn-endpoint, DescribeScalingActivities: {said}, taken to be of ml.m5.xlarge, "
        "as it is now"
    )


@pytest.mark.parametrize(
    ("proposed", "used", "said"),
    [
        ("ml.m5.xlarge", "210 s", "the only scale-out"),
        ("ml.g5.xlarge", "360 s", "default for a type with GPU; 134 to 525 s were measured; "
         "the endpoint's scale-outs are of ml.m5.xlarge"),
    ],
)  # fmt: skip
def test_another_type_starts_as_its_default_says(estimated, proposed, used, said):
    line = (
        "recommend --endpoint churn-endpoint --rps 20 --peak-rps 40 --service-time 45ms "
        f"--concurrency 4 --p99 300ms --instance-type {proposed} --budget 0s -f json"
    )
    value, source = estimated([out(1, 210, 2)], line)["start-up time"]
    assert value == used
    assert said in source


def test_a_flag_is_of_every_type(estimated):
    line = LINE.replace("estimate", "recommend") + (
        " --service-time 45ms --concurrency 4 --p99 300ms --instance-type ml.g5.xlarge"
        " --budget 0s --startup-time 7min"
    )
    assert estimated([out(1, 210, 2)], line)["start-up time"] == ("420 s", "flag --startup-time")


def test_one_scale_out_has_no_p90(estimated):
    source = estimated([out(1, 200, 2)])["start-up time"][1]
    assert "DescribeScalingActivities: the only scale-out of 20" in source


def test_a_flag_goes_before_it(estimated):
    found = estimated([out(1, 200, 2)], f"{LINE} --startup-time 7min")
    assert found["start-up time"] == ("420 s", "flag --startup-time")


def test_without_a_scale_out_the_default_stays(estimated):
    value, source = estimated([])["start-up time"]
    assert value == "300 s"
    assert source.startswith("default for a type without GPU")


def test_a_refused_look_is_told_and_no_error(estimated):
    refused = AwsError(
        "The credentials may not call application-autoscaling:DescribeScalingActivities",
        remedy="Have it allowed",
    )
    found = estimated(refused)
    assert found["start-up time"][0] == "300 s"
    assert "may not call" in found["start-up times seen"][0]


def test_a_fleet_that_nothing_scales_is_not_asked(estimated):
    found = estimated(AssertionError("asked"), bounds=None)
    assert "start-up times seen" not in found
