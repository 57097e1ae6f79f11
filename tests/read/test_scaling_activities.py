"""DescribeScalingActivities as the CLI prints it, in both styles of time."""

import json
from pathlib import Path

import pytest

from smcost.capacity.startup import startup_times
from smcost.errors import InputError
from smcost.read.scaling_activities import read_scaling_activities

SHARED = Path(__file__).resolve().parents[2] / "../shared/data/aws-json"
DIMENSION = "sagemaker:variant:DesiredInstanceCount"


def entry(start, end, wanted, **changes):
    values = {
        "ActivityId": "0edda6bf",
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/churn/variant/AllTraffic",
        "ScalableDimension": DIMENSION,
        "Description": f"Setting desired instance count to {wanted}.",
        "Cause": "monitor alarm TargetTracking-AlarmHigh-1 in state ALARM triggered policy p",
        "StartTime": start,
        "EndTime": end,
        "StatusCode": "Successful",
        "StatusMessage": "Successfully set desired instance count.",
    }
    return {key: value for key, value in (values | changes).items() if value is not None}


@pytest.fixture
def saved(tmp_path):
    def save(content):
        path = tmp_path / "activities.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return save


def read(path, endpoint="churn", variant="AllTraffic"):
    return read_scaling_activities(path, endpoint, variant)


ISO = ("2025-03-26T02:28:13.498000+00:00", "2025-03-26T02:35:19.187000+00:00")
EPOCH = (1742956093.498, 1742956519.187)


@pytest.mark.parametrize(("start", "end"), [ISO, EPOCH, (ISO[0], "2025-03-26T03:35:19.187+01:00")])
def test_times_are_read_in_every_style(saved, start, end):
    [found] = read(saved({"ScalingActivities": [entry(start, end, 48)]}))
    assert found.start_s == pytest.approx(1742956093.498)
    assert found.end_s - found.start_s == pytest.approx(425.689, abs=1e-3)
    assert found.wanted == 48


def test_activities_of_others_are_left_out(saved):
    entries = [
        entry(*ISO, 2),
        entry(*ISO, 3, ResourceId="endpoint/churn/variant/Other"),
        entry(*ISO, 4, ScalableDimension="sagemaker:variant:DesiredProvisionedConcurrency"),
    ]
    assert [each.wanted for each in read(saved({"ScalingActivities": entries}))] == [2]


def test_one_that_runs_has_no_end(saved):
    running = entry(ISO[0], None, 3, StatusCode="InProgress")
    [found] = read(saved({"ScalingActivities": [running]}))
    assert found.end_s is None


def test_reasons_for_not_scaling_are_read(saved):
    reasons = [{"Code": "AlreadyAtMaxCapacity", "MaxCapacity": 4}]
    [found] = read(saved({"ScalingActivities": [entry(*ISO, 3, NotScaledReasons=reasons)]}))
    assert found.not_scaled == ("AlreadyAtMaxCapacity",)


def test_no_activities_are_none(saved):
    assert read(saved({"ScalingActivities": []})) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "no JSON"),
        ("<html></html>", "no JSON"),
        ([], "no list ScalingActivities"),
        ({"ScalingPolicies": []}, "no list ScalingActivities"),
        ({"ScalingActivities": {}}, "no list ScalingActivities"),
        ({"ScalingActivities": ["x"]}, "no object"),
        ({"ScalingActivities": [entry(None, None, 2)]}, "no StartTime"),
        ({"ScalingActivities": [entry("soon", None, 2)]}, "no time"),
        ({"ScalingActivities": [entry(*ISO, 2, EndTime=[])]}, "no time"),
        ({"ScalingActivities": [entry(1704067200000, None, 2)]}, "1704067200000, which is no time"),
        ({"ScalingActivities": [entry(1e18, None, 2)]}, "no time"),
        ({"ScalingActivities": [entry(-1.0, None, 2)]}, "no time"),
        ({"ScalingActivities": [entry(ISO[0], 1e18, 2)]}, "no time"),
        ({"ScalingActivities": [entry(*ISO, 2)], "NextToken": "abc"}, "NextToken"),
        (
            {"ScalingActivities": [entry(*ISO, 2, ResourceId="endpoint/other/variant/v")]},
            "None of the 1 activities is of churn, variant AllTraffic",
        ),
    ],
)
def test_what_is_no_answer_is_refused_with_its_place(saved, content, message):
    path = saved(content)
    with pytest.raises(InputError, match=message) as caught:
        read(path)
    assert caught.value.place.startswith(str(path))


def test_a_real_answer_tells_a_start_up_of_seven_minutes():
    path = SHARED / "describe-scaling-activities.sagemaker.2025.json"
    if not path.is_file():
        pytest.skip("the reference data is not beside the checkout")
    found = startup_times(read(path, "navneet-endpoint-async-5", "variant1"))
    assert found.count == 1
    assert found.median_s == pytest.approx(425.689, abs=0.001)
