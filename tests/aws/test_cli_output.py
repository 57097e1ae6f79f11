"""What the aws CLI prints of an answer, saved and read, is what the API gave."""

import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from smcost.read.traffic_file import read_traffic_file

START = datetime(2026, 11, 20, tzinfo=UTC)
COUNTS = {0: 1310, 1: 1204, 2: 0, 4: 1180, 5: 7}
DIMENSIONS = [
    {"Name": "EndpointName", "Value": "churn"},
    {"Name": "VariantName", "Value": "AllTraffic"},
]
#: How the two versions of the CLI print a time.
STYLES = {"v1": datetime.timestamp, "v2": datetime.isoformat}
METRIC = {"Namespace": "AWS/SageMaker", "MetricName": "Invocations", "Dimensions": DIMENSIONS}
SPAN = {"StartTime": START, "EndTime": START + timedelta(hours=1)}


@pytest.fixture
def cloudwatch(moto_aws):
    """The client of a CloudWatch that has been told of some minutes, each of two instances."""
    client = boto3.client("cloudwatch", region_name="eu-west-1")
    data = [
        {
            "MetricName": "Invocations",
            "Dimensions": DIMENSIONS,
            "Timestamp": START + timedelta(minutes=minute),
            "Value": count / 2,
        }
        for minute, count in COUNTS.items()
        for _ in range(2)
    ]
    client.put_metric_data(Namespace="AWS/SageMaker", MetricData=data)
    return client


def printed(answer, style):
    del answer["ResponseMetadata"]
    return json.dumps(answer, indent=4, default=STYLES[style])


def total_and_minutes(path):
    trace = read_traffic_file(path).trace
    minutes = [n for n, present in enumerate(trace.present.tolist()) if present]
    counts = dict(zip(minutes, trace.invocations[minutes].tolist(), strict=True))
    return trace.start_s, trace.step_s, counts


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("order", ["TimestampDescending", "TimestampAscending"])
def test_get_metric_data(cloudwatch, tmp_path, style, order):
    query = {"Id": "m1", "MetricStat": {"Metric": METRIC, "Period": 60, "Stat": "Sum"}}
    answer = cloudwatch.get_metric_data(MetricDataQueries=[query], ScanBy=order, **SPAN)
    path = tmp_path / "saved.json"
    path.write_text(printed(answer, style))
    assert total_and_minutes(path) == (START.timestamp(), 60, COUNTS)


@pytest.mark.parametrize("style", STYLES)
def test_get_metric_statistics(cloudwatch, tmp_path, style):
    answer = cloudwatch.get_metric_statistics(
        **METRIC, **SPAN, Period=60, Statistics=["Sum", "SampleCount"]
    )
    path = tmp_path / "saved.json"
    path.write_text(printed(answer, style))
    assert total_and_minutes(path) == (START.timestamp(), 60, COUNTS)
