"""Traffic is pulled whole and marked with where it is from, or not at all."""

import csv
import io
import os
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from smcost.cli import traffic
from smcost.errors import AwsError, UsageError
from smcost.read.aws.cloudwatch import observe
from smcost.read.observed_csv import observed_minutes_of, read_observation
from smcost.read.traffic_file import read_traffic_file
from smcost.traffic.observation import METRICS

NOW = datetime(2026, 11, 24, 12, 0, 30, tzinfo=UTC)
NOW_S = NOW.timestamp()
MADE = datetime(2026, 11, 1, tzinfo=UTC)
#: The last minute that CloudWatch is done with.
LAST = datetime(2026, 11, 24, 11, 57, tzinfo=UTC)
GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "traffic-pull.csv"
HIDDEN = re.compile(r"arn:aws|\d{12}")


def minutes_before(last, count, step=60):
    return [last - timedelta(seconds=step * n) for n in range(count)][::-1]


class CloudWatch:
    """Answers from series, ``(metric, statistic) -> {time: value}``, in pages of so many points."""

    def __init__(self, series, *, page=None, status="Complete", messages=(), beside=()):
        self.series = series
        self.page = page or 10**9
        self.status = status
        self.messages = list(messages)
        self.beside = list(beside)

    def __call__(self, question):
        skip = int(question.get("NextToken", 0))
        results, longest = [], 0
        for query in question["MetricDataQueries"]:
            stat = query["MetricStat"]
            points = [
                (at, value)
                for at, value in self.series.get(
                    (stat["Metric"]["MetricName"], stat["Stat"]), {}
                ).items()
                if question["StartTime"] <= at.timestamp() < question["EndTime"]
            ]
            points.sort(reverse=question.get("ScanBy") != "TimestampAscending")
            longest = max(longest, len(points))
            cut = points[skip : skip + self.page]
            more = skip + self.page < len(points)
            results.append(
                {
                    "Id": query["Id"],
                    "Label": query["Id"],
                    "Timestamps": [at for at, _ in cut],
                    "Values": [value for _, value in cut],
                    "StatusCode": "PartialData" if more else self.status,
                    "Messages": self.messages,
                }
            )
        answer = {"MetricDataResults": results, "Messages": self.beside}
        if skip + self.page < longest:
            answer["NextToken"] = str(skip + self.page)
        return answer


def series_of(count, step=60, last=LAST):
    """An endpoint of two instances with a steady load."""
    times = minutes_before(last, count, step)
    return {
        ("Invocations", "Sum"): {at: 100.0 + n % 7 for n, at in enumerate(times)},
        ("InvocationsPerInstance", "Sum"): {at: (100 + n % 7) / 2 for n, at in enumerate(times)},
        ("ModelLatency", "Average"): dict.fromkeys(times, 45_000.0),
        ("ModelLatency", "p50"): dict.fromkeys(times, 40_000.0),
        ("ModelLatency", "p90"): dict.fromkeys(times, 60_000.0),
        ("ModelLatency", "p95"): dict.fromkeys(times, 75_000.5),
        ("ModelLatency", "p99"): dict.fromkeys(times, 120_000.0),
        ("CPUUtilization", "Average"): dict.fromkeys(times, 180.25),
    }


def endpoint(*names, status="InService", made=MADE, **more):
    variants = [
        {"VariantName": name, "CurrentInstanceCount": 2, "DesiredInstanceCount": 2}
        for name in names
    ]
    return {
        "EndpointName": "churn",
        "EndpointArn": "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn",
        "EndpointConfigName": "churn-1",
        "ProductionVariants": variants,
        "EndpointStatus": status,
        "CreationTime": made,
        "LastModifiedTime": made,
        **more,
    }


def configuration(*names, **more):
    return {
        "EndpointConfigName": "churn-1",
        "EndpointConfigArn": "arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/churn-1",
        "ProductionVariants": [
            {"VariantName": name, "InstanceType": "ml.m5.xlarge", **more} for name in names
        ],
        "CreationTime": MADE,
    }


@pytest.fixture
def aws(loopback_aws):
    """A loopback AWS with one endpoint of one variant, and no metrics yet."""
    loopback_aws.answers("DescribeEndpoint", endpoint("AllTraffic"))
    loopback_aws.answers("DescribeEndpointConfig", configuration("AllTraffic"))
    return loopback_aws


def pull(access, variant=None, days=1):
    return observe(access, "churn", variant, days=days, now_s=NOW_S)[0]


def refusal(access, kind=AwsError, variant=None, days=1):
    with pytest.raises(kind) as caught:
        pull(access, variant, days)
    assert not HIDDEN.search(str(caught.value))
    return caught.value


# --- what is asked ----------------------------------------------------------------------------


def test_a_day_is_asked_by_the_minute_up_to_the_last_whole_one(aws, access):
    aws.answers("GetMetricData", CloudWatch(series_of(30)))
    pull(access)
    [question] = aws.questions("GetMetricData")
    assert question["EndTime"] == (LAST + timedelta(minutes=1)).timestamp()
    assert question["StartTime"] == datetime(2026, 11, 23, 12, 1, tzinfo=UTC).timestamp()
    assert {query["MetricStat"]["Period"] for query in question["MetricDataQueries"]} == {60}


def test_every_metric_is_asked_of_the_variant_in_its_namespace(aws, access):
    aws.answers("GetMetricData", CloudWatch(series_of(30)))
    pull(access)
    [question] = aws.questions("GetMetricData")
    asked = {
        (
            query["Id"],
            query["MetricStat"]["Metric"]["Namespace"],
            query["MetricStat"]["Metric"]["MetricName"],
            query["MetricStat"]["Stat"],
        )
        for query in question["MetricDataQueries"]
    }
    assert asked == {(m.column, m.namespace, m.name, m.statistic) for m in METRICS}
    wanted = [
        {"Name": "EndpointName", "Value": "churn"},
        {"Name": "VariantName", "Value": "AllTraffic"},
    ]
    for query in question["MetricDataQueries"]:
        assert query["MetricStat"]["Metric"]["Dimensions"] == wanted


def test_fourteen_days_are_asked_in_calls_that_hold_their_points(aws, access):
    aws.answers("GetMetricData", CloudWatch(series_of(30)))
    pull(access, days=14)
    questions = aws.questions("GetMetricData")
    for question, following in pairwise(questions):
        assert question["EndTime"] == following["StartTime"]
    for question in questions:
        periods = (question["EndTime"] - question["StartTime"]) / 60
        assert periods * len(METRICS) <= 100_800
    assert len(questions) == 4


@pytest.mark.parametrize(("days", "period_s"), [(15, 60), (16, 300), (63, 300), (64, 3600)])
def test_older_days_are_asked_in_the_period_that_is_kept(aws, access, days, period_s):
    last = NOW.replace(minute=0, second=0) - timedelta(seconds=3600)
    aws.answers("DescribeEndpoint", endpoint("AllTraffic", made=datetime(2024, 1, 1, tzinfo=UTC)))
    aws.answers("GetMetricData", CloudWatch(series_of(3, 3600, last)))
    assert pull(access, days=days).span.period_s == period_s
    question = aws.questions("GetMetricData")[0]
    assert question["StartTime"] % period_s == 0
    assert NOW_S - question["StartTime"] <= days * 86_400


@pytest.mark.parametrize("days", [0, -1, 456])
def test_days_that_nobody_keeps_are_refused_before_anything_is_asked(aws, access, days):
    assert refusal(access, UsageError, days=days).place == "--days"
    assert aws.asked == []


def test_an_endpoint_made_three_hours_ago_has_three_hours(aws, access):
    made = datetime(2026, 11, 24, 9, 0, 20, tzinfo=UTC)
    aws.answers("DescribeEndpoint", endpoint("AllTraffic", made=made))
    aws.answers("GetMetricData", CloudWatch(series_of(30)))
    span = pull(access, days=14).span
    assert span.start_s == made.replace(second=0).timestamp()
    assert span.periods == 178


# --- what is read -----------------------------------------------------------------------------


def test_data_points_find_their_minutes_and_the_others_stay_unknown(aws, access):
    series = series_of(30)
    del series["Invocations", "Sum"][LAST - timedelta(minutes=5)]
    aws.answers("GetMetricData", CloudWatch(series))
    observation = pull(access)
    counts = observation.columns["invocations"]
    assert np.isnan(counts).sum() == observation.span.periods - 29
    assert counts[-1] == series["Invocations", "Sum"][LAST]
    assert np.isnan(counts[-6])
    assert observation.instances[-1] == 2
    assert observation.columns["model_latency_p95_us"][-1] == 75_000.5
    assert np.isnan(observation.columns["gpu_percent"]).all()


@pytest.mark.parametrize("page", [1, 7, 29, 30])
def test_pages_give_what_one_answer_gives(aws, access, page):
    aws.answers("GetMetricData", CloudWatch(series_of(30)))
    whole = pull(access)
    aws.answers("GetMetricData", CloudWatch(series_of(30), page=page))
    pages = pull(access)
    for name, column in whole.columns.items():
        np.testing.assert_array_equal(column, pages.columns[name])


def test_an_empty_page_in_the_middle_does_not_end_the_answer(aws, access):
    cloudwatch = CloudWatch(series_of(30), page=15)
    first = cloudwatch.__call__

    def answer(question):
        token = question.get("NextToken")
        if token == "empty":
            return {"MetricDataResults": [], "NextToken": "15"}
        found = first(question)
        return found if token else {**found, "NextToken": "empty"}

    aws.answers("GetMetricData", answer)
    assert np.isfinite(pull(access).columns["invocations"]).sum() == 30


def test_throttled_once_is_not_throttled(aws, access):
    aws.answers("GetMetricData", aws.faults["throttled"], CloudWatch(series_of(30)))
    assert np.isfinite(pull(access).columns["invocations"]).sum() == 30


def test_an_endpoint_that_is_being_updated_is_read(aws, access):
    aws.answers("DescribeEndpoint", endpoint("AllTraffic", status="Updating"))
    aws.answers("GetMetricData", CloudWatch(series_of(30)))
    assert pull(access).variant == "AllTraffic"


def test_a_serverless_variant_has_no_type(aws, access):
    serverless = configuration("AllTraffic")
    serverless["ProductionVariants"] = [
        {
            "VariantName": "AllTraffic",
            "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5},
        }
    ]
    aws.answers("DescribeEndpointConfig", serverless)
    aws.answers("GetMetricData", CloudWatch(series_of(30)))
    assert pull(access).instance_type is None


def test_one_of_two_variants_is_named(aws, access):
    aws.answers("DescribeEndpoint", endpoint("blue", "green"))
    aws.answers("DescribeEndpointConfig", configuration("blue", "green"))
    aws.answers("GetMetricData", CloudWatch(series_of(30)))
    assert pull(access, "green").variant == "green"
    [question] = aws.questions("GetMetricData")
    value = question["MetricDataQueries"][0]["MetricStat"]["Metric"]["Dimensions"][1]["Value"]
    assert value == "green"


def test_a_shadow_is_read_only_where_it_is_named(aws, access):
    shadow = [{"VariantName": "next", "CurrentInstanceCount": 1, "DesiredInstanceCount": 1}]
    aws.answers("DescribeEndpoint", endpoint("AllTraffic", ShadowProductionVariants=shadow))
    aws.answers("GetMetricData", CloudWatch(series_of(30)))
    assert pull(access).variant == "AllTraffic"
    assert pull(access, "next").variant == "next"
    assert refusal(access, UsageError, variant="red").remedy == "Use AllTraffic or next"


def test_a_configuration_may_be_deleted_while_its_endpoint_runs(aws, access):
    gone = aws.fault(
        status=400,
        code="ValidationException",
        message="Could not find endpoint configuration churn-1.",
    )
    aws.answers("DescribeEndpointConfig", gone)
    aws.answers("GetMetricData", CloudWatch(series_of(30)))
    assert pull(access).instance_type is None


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variant", "cause", "remedy", "place"),
    [
        ("red", "has no variant red", "Use blue or green", "--variant"),
        (None, "2 variants: blue, green", "Name one with --variant", "--endpoint"),
    ],
)
def test_a_wrong_variant_is_told_before_cloudwatch_says_nothing(
    aws, access, variant, cause, remedy, place
):
    aws.answers("DescribeEndpoint", endpoint("blue", "green"))
    error = refusal(access, UsageError, variant=variant)
    assert cause in error.cause
    assert (error.remedy, error.place) == (remedy, place)
    assert aws.questions("GetMetricData") == []


def test_a_deleted_endpoint_still_has_metrics_and_the_error_says_so(aws, access):
    gone = aws.fault(
        status=400,
        code="ValidationException",
        message='Could not find endpoint "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/x".',
    )
    aws.answers("DescribeEndpoint", gone)
    error = refusal(access)
    assert error.cause == "There is no endpoint churn in eu-west-1"
    assert "get-metric-data" in error.remedy


def test_an_asynchronous_endpoint_is_explained(aws, access):
    more = {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://b/out"}}}
    aws.answers("DescribeEndpointConfig", configuration("AllTraffic") | more)
    assert "asynchronous endpoint" in refusal(access).cause
    assert aws.questions("GetMetricData") == []


def test_an_endpoint_without_a_variant_is_not_ready(aws, access):
    aws.answers("DescribeEndpoint", endpoint(status="Creating"))
    assert "its status is Creating" in refusal(access, UsageError).cause


@pytest.mark.parametrize("status", ["PartialData", "InternalError", "Forbidden"])
def test_half_an_answer_is_no_answer(aws, access, status):
    messages = [{"Code": "Slow", "Value": "account 123456789012 asked too much"}]
    aws.answers("GetMetricData", CloudWatch(series_of(30), status=status, messages=messages))
    error = refusal(access)
    assert f"is {status}, not Complete" in error.cause
    assert "Slow: account (account)" in error.cause


def test_no_data_at_all_is_an_error_and_not_an_empty_file(aws, access):
    aws.answers("GetMetricData", CloudWatch({}))
    error = refusal(access)
    assert error.cause.startswith("There are no Invocations of churn, variant AllTraffic")


def test_an_endpoint_that_ran_but_was_not_called_is_told_apart(aws, access):
    series = {("CPUUtilization", "Average"): {LAST: 3.0}}
    aws.answers("GetMetricData", CloudWatch(series))
    assert "though it has cpu_percent" in refusal(access).cause


def test_an_answer_that_lacks_a_metric_is_refused(aws, access):
    def answer(question):
        found = CloudWatch(series_of(30))(question)
        return {"MetricDataResults": found["MetricDataResults"][1:]}

    aws.answers("GetMetricData", answer)
    assert "The answer has no invocations" in refusal(access).cause


def test_a_time_that_was_not_asked_for_is_refused(aws, access):
    def answer(question):
        found = CloudWatch(series_of(30))(question)
        first = found["MetricDataResults"][0]
        first["Timestamps"] = [at + timedelta(seconds=13) for at in first["Timestamps"]]
        return found

    aws.answers("GetMetricData", answer)
    assert "which was not asked for" in refusal(access).cause


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_a_figure_that_cannot_be_is_refused(aws, access, value):
    series = series_of(30)
    series["ModelLatency", "p95"][LAST] = value
    aws.answers("GetMetricData", CloudWatch(series))
    assert "which is no figure of this metric" in refusal(access).cause


def test_what_cloudwatch_says_beside_all_metrics_is_not_lost(aws, access):
    beside = [{"Code": "ArithmeticError", "Value": "One or more data-points were dropped"}]
    aws.answers("GetMetricData", CloudWatch(series_of(30), page=7, beside=beside))
    _, [caveat] = observe(access, "churn", None, days=1, now_s=NOW_S)
    assert caveat.code == "aws_message"
    assert "data-points were dropped" in caveat.message


def test_messages_of_a_complete_answer_are_shown(aws, access):
    messages = [{"Code": "Note", "Value": "read me"}]
    aws.answers("GetMetricData", CloudWatch(series_of(30), messages=messages))
    _, caveats = observe(access, "churn", None, days=1, now_s=NOW_S)
    assert [caveat.message for caveat in caveats] == ["CloudWatch says: Note: read me"]


# --- the command ------------------------------------------------------------------------------


@pytest.fixture
def at_noon(monkeypatch):
    monkeypatch.setattr(traffic.time, "time", lambda: NOW_S)


def rows_of(text):
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return list(csv.DictReader(io.StringIO("\n".join(lines))))


def test_the_command_prints_a_traffic_file(aws, smcost, at_noon):
    aws.answers("GetMetricData", CloudWatch(series_of(1500)))
    found = smcost("traffic pull --endpoint churn --region eu-west-1 --days 1")
    assert found.exit_code == 0, found.stderr
    assert found.stderr == ""
    assert not HIDDEN.search(found.stdout)
    rows = rows_of(found.stdout)
    assert len(rows) == 1437
    assert rows[-1]["timestamp"] == "2026-11-24T11:57:00Z"
    assert rows[-1]["instances"] == "2"
    assert rows[-1]["model_latency_p95_us"] == "75000.5"
    assert rows[-1]["gpu_percent"] == ""


def test_the_file_is_read_as_traffic_and_as_minutes(aws, smcost, at_noon, tmp_path, access):
    path = tmp_path / "churn.csv"
    aws.answers("GetMetricData", CloudWatch(series_of(1500)))
    command = f"traffic pull --endpoint churn --region eu-west-1 --days 1 -o {path}"
    assert smcost(command).exit_code == 0
    found = read_traffic_file(path)
    assert (found.trace.step_s, found.trace.steps) == (60, 1437)
    assert found.source == (
        "CloudWatch, endpoint churn, variant AllTraffic, eu-west-1, pulled 2026-11-24T12:00:30Z"
    )
    observation, _ = observe(access, "churn", days=1, now_s=NOW_S)
    saved = observed_minutes_of(read_observation(path))
    live = observed_minutes_of(observation)
    assert saved.instance_type == live.instance_type == "ml.m5.xlarge"
    for name in ("start_s", "invocations", "instances", "model_latency_s", "cpu_percent"):
        np.testing.assert_allclose(getattr(saved, name), getattr(live, name), rtol=1e-9)
    assert saved.model_latency_s[0].tolist() == [0.04, 0.06, 0.0750005, 0.12]
    assert saved.model_latency_mean_s[0] == 0.045


def test_estimate_names_the_endpoint_that_the_traffic_is_from(aws, smcost, at_noon, tmp_path):
    path = tmp_path / "churn.csv"
    aws.answers("GetMetricData", CloudWatch(series_of(1500)))
    smcost(f"traffic pull --endpoint churn --region eu-west-1 --days 1 -o {path}")
    found = smcost(f"estimate --count 2 --traffic {path} -f json")
    assert found.document["provenance"]["traffic"].startswith(
        "churn.csv (CloudWatch, endpoint churn, variant AllTraffic, eu-west-1, pulled 2026-11-24T"
    )


def test_gaps_and_a_young_endpoint_are_warned_of_and_noted(aws, smcost, at_noon):
    series = series_of(120)
    counts = series["Invocations", "Sum"]
    shares = series["InvocationsPerInstance", "Sum"]
    for at in list(counts)[40:60]:
        del counts[at]
        shares[at] = 0.0
    for at in list(counts)[80:85]:
        del counts[at], shares[at]
    made = datetime(2026, 11, 24, 9, 58, tzinfo=UTC)
    aws.answers("DescribeEndpoint", endpoint("AllTraffic", made=made))
    aws.answers("GetMetricData", CloudWatch(series))
    found = smcost("traffic pull --endpoint churn --region eu-west-1")
    assert found.warning_codes == {"span_shortened", "traffic_gaps"}
    assert "there are 2.0 h, not the 14 days" in found.stderr
    assert "5 of 120 periods of 60 s have neither Invocations nor" in found.stderr
    assert found.stdout.count("# note: ") == 2
    rows = rows_of(found.stdout)
    missing = [row["invocations_per_instance"] for row in rows if row["invocations"] == ""]
    idle = [row["invocations_per_instance"] for row in rows if row["invocations"] == "0"]
    assert missing == [""] * 5
    assert idle == ["0"] * 20


def test_five_minutes_say_what_they_hide(aws, smcost, at_noon):
    last = NOW - timedelta(seconds=NOW_S % 300 + 300)
    aws.answers("DescribeEndpoint", endpoint("AllTraffic", made=datetime(2024, 1, 1, tzinfo=UTC)))
    aws.answers("GetMetricData", CloudWatch(series_of(8700, 300, last)))
    found = smcost("traffic pull --endpoint churn --region eu-west-1 --days 30")
    assert found.warning_codes == {"coarse_step"}
    assert "60 s for 15 days, 300 s for 63 days" in found.stderr
    assert "# period: 300 s" in found.stdout


def test_nothing_is_written_when_a_call_fails(aws, smcost, at_noon, tmp_path):
    path = tmp_path / "churn.csv"
    path.write_text("old")
    aws.answers("GetMetricData", CloudWatch(series_of(30)), aws.faults["denied"])
    found = smcost(f"traffic pull --endpoint churn --region eu-west-1 --days 14 -o {path}")
    assert found.exit_code == 5
    cause, remedy = found.refusal
    assert "cloudwatch:GetMetricData" in cause
    assert "--show-iam" in remedy
    assert path.read_text() == "old"


def test_the_policy_is_printed_without_asking_anything(aws, smcost):
    found = smcost("traffic pull --show-iam")
    assert "cloudwatch:GetMetricData" in found.stdout
    assert aws.asked == []


@pytest.mark.parametrize(
    ("flags", "cause"),
    [
        ("", "No endpoint is named"),
        ("--endpoint churn --offline", "the network is refused"),
        ("--endpoint churn -o churn.json", "no format 'json'"),
    ],
)
def test_without_an_endpoint_or_a_network_nothing_is_asked(aws, smcost, flags, cause):
    found = smcost(f"traffic pull {flags}")
    assert found.exit_code == 2
    assert cause in found.refusal[0]
    assert aws.asked == []


def test_the_saved_file_is_as_it_was_judged(aws, smcost, at_noon):
    """Ten minutes after the endpoint was made: one without a call, one without any data."""
    series = series_of(12)
    counts, shares = series["Invocations", "Sum"], series["InvocationsPerInstance", "Sum"]
    quiet, blind = list(counts)[4], list(counts)[7]
    for values in series.values():
        del values[blind]
    for name in series:
        if name not in {("InvocationsPerInstance", "Sum"), ("CPUUtilization", "Average")}:
            del series[name][quiet]
    shares[quiet] = 0.0
    aws.answers("DescribeEndpoint", endpoint("AllTraffic", made=LAST - timedelta(minutes=11)))
    aws.answers("GetMetricData", CloudWatch(series))
    text = smcost("traffic pull --endpoint churn --region eu-west-1").stdout
    if os.environ.get("SMCOST_REWRITE_GOLDEN") == "1":
        GOLDEN.write_text(text, encoding="utf-8", newline="")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_a_saved_observation_is_read_back_as_it_was(aws, smcost, at_noon, tmp_path, access):
    path = tmp_path / "churn.csv"
    series = series_of(90)
    del series["ModelLatency", "p50"][LAST]
    aws.answers("GetMetricData", CloudWatch(series))
    smcost(f"traffic pull --endpoint churn --region eu-west-1 --days 1 -o {path}")
    saved, live = read_observation(path), pull(access)
    assert (saved.endpoint, saved.variant, saved.region) == ("churn", "AllTraffic", "eu-west-1")
    assert (saved.span, saved.pulled_s) == (live.span, live.pulled_s)
    for name, column in live.columns.items():
        np.testing.assert_allclose(saved.columns[name], column, rtol=1e-9)
