"""What the aws CLI printed is read as the counts that CloudWatch holds, or refused by name."""

import contextlib
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.errors import InputError
from smcost.read.cloudwatch_json import read_cloudwatch, read_documents
from smcost.read.metric_results import seconds_of
from smcost.read.traffic_file import Reading, read_traffic_file
from smcost.remarks import WarningCode

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "aws-json"
T0 = 1_704_067_200  # 2024-01-01T00:00Z
#: How the CLI and others print the same moment, T0 + n minutes.
STYLES = {
    "v1 epoch": lambda at: int(at.timestamp()),
    "v1 epoch with a point": lambda at: at.timestamp(),
    "v2 offset": lambda at: at.isoformat(),
    "Z": lambda at: f"{at:%Y-%m-%dT%H:%M:%SZ}",
    "fractions": lambda at: f"{at:%Y-%m-%dT%H:%M:%S.000000}+00:00",
    "nanoseconds": lambda at: f"{at:%Y-%m-%dT%H:%M:%S}.000000000Z",
    "west of it": lambda at: at.astimezone(timezone(timedelta(hours=-7))).isoformat(),
    "east, half an hour": lambda at: at.astimezone(timezone(timedelta(minutes=330))).isoformat(),
    "basic offset": lambda at: f"{at:%Y-%m-%dT%H:%M:%S}+0000",
}


def moments(*minutes):
    return [datetime.fromtimestamp(T0, UTC) + timedelta(minutes=minute) for minute in minutes]


def entry(counts, *, name="inv", label="Invocations", style="Z", status="Complete", **more):
    """One of MetricDataResults; counts by minute, in the order given."""
    return {
        "Id": name,
        "Label": label,
        "Timestamps": [STYLES[style](at) for at in moments(*counts)],
        "Values": list(counts.values()),
        "StatusCode": status,
        **more,
    }


def metric_data(*entries, **more):
    return {"MetricDataResults": list(entries), "Messages": [], **more}


def statistics(counts, *, label="Invocations", style="Z", unit="None"):
    points = [
        {"Timestamp": STYLES[style](at), "SampleCount": 9.0, "Sum": count, "Unit": unit}
        for at, count in zip(moments(*counts), counts.values(), strict=True)
    ]
    return {"Label": label, "Datapoints": points}


THREE = {0: 5.0, 1: 0.0, 2: 7.0}
NEWEST_FIRST = dict(reversed(THREE.items()))
SHUFFLED = {1: 0.0, 2: 7.0, 0: 5.0}


@pytest.fixture
def read(tmp_path):
    def read_document(document, **how):
        path = tmp_path / "saved.json"
        text = document if isinstance(document, str) else json.dumps(document, indent=2)
        path.write_text(text, encoding="utf-8")
        return read_traffic_file(path, Reading(**how))

    return read_document


@pytest.fixture
def refusal(read, tmp_path):
    def refused(document, **how):
        with pytest.raises(InputError) as caught:
            read(document, **how)
        assert str(tmp_path / "saved.json") in (caught.value.place or "")
        return caught.value

    return refused


def counts_of(found):
    trace = found.trace
    return trace.start_s, trace.step_s, trace.invocations.tolist(), trace.present.tolist()


# --- what is read -----------------------------------------------------------------------------


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("order", [THREE, NEWEST_FIRST, SHUFFLED], ids=["old", "new", "any"])
def test_every_style_and_order_of_times_gives_the_same(read, style, order):
    wanted = (T0, 60, [5, 0, 7], [True] * 3)
    assert counts_of(read(metric_data(entry(order, style=style)))) == wanted
    found = read(statistics(order, style=style))
    assert counts_of(found) == wanted
    assert found.caveats == ()


def test_times_without_a_zone_are_utc_and_said_to_be(read):
    document = metric_data(entry(THREE))
    document["MetricDataResults"][0]["Timestamps"] = [
        "2024-01-01T00:00:00", "2024-01-01T00:01:00", "2024-01-01T00:02:00"
    ]  # fmt: skip
    found = read(document)
    assert counts_of(found)[0] == T0
    assert [caveat.code for caveat in found.caveats] == [WarningCode.NAIVE_TIMES]
    assert "3 times" in found.caveats[0].message


@pytest.mark.parametrize(
    ("stamp", "seconds"),
    [("now", None), (True, None), (None, None), ("", None), ([], None), (T0, T0)],
)
def test_only_times_are_times(stamp, seconds):
    found = seconds_of(stamp)
    assert (None if found is None else found[0]) == seconds


def test_minutes_without_data_are_absent_and_not_zero(read):
    found = read(metric_data(entry({9: 4.0, 4: 2.0, 1: 6.0, 0: 5.0})))
    trace = found.trace
    assert trace.step_s == 60
    assert np.flatnonzero(trace.present).tolist() == [0, 1, 4, 9]
    assert trace.total == 17
    assert found.source == 'CloudWatch GetMetricData, inv "Invocations", period inferred'


@given(
    minutes=st.sets(st.integers(0, 300), min_size=2, max_size=60),
    step=st.sampled_from([60, 300, 3600]),
    data=st.data(),
)
def test_every_count_is_found_at_its_time(minutes, step, data):
    """With the period given, whatever is missing and in whatever order."""
    from smcost.read.cloudwatch_json import read_cloudwatch

    order = data.draw(st.permutations(sorted(minutes)))
    points = [{"Timestamp": T0 + step * n, "Sum": float(n * 3 + 1)} for n in order]
    trace, _, _ = read_cloudwatch(
        [{"Label": "Invocations", "Datapoints": points}], "x.json", period_s=step
    )
    assert trace.step_s == step
    found = {
        int(at): int(count)
        for at, count, present in zip(trace.stamps_s, trace.invocations, trace.present, strict=True)
        if present
    }
    assert found == {T0 + step * n: n * 3 + 1 for n in minutes}


def test_the_one_that_counts_invocations_is_chosen(read):
    others = [
        entry({0: 2.5, 1: 3.5}, name="per", label="InvocationsPerInstance"),
        entry({0: 80_123.5, 1: 9.0}, name="p95", label="ModelLatency p95"),
        entry({0: 1.0, 1: 2.0}, name="err", label="Invocation4XXErrors"),
        entry({0: 1.0, 1: 1.0}, name="avg", label="Invocations Average"),
    ]
    found = read(metric_data(*others[:2], entry(THREE), *others[2:]))
    assert found.trace.total == 12
    assert "inv" in found.source


@pytest.mark.parametrize(
    "label",
    ["Invocations", "Invocations Sum", "max-p99 mean-model Invocations",
     "churn AllTraffic Invocations", "AWS/SageMaker Invocations",
     "RequestCount", "Count"],
)  # fmt: skip
def test_labels_that_say_so(read, label):
    assert read(metric_data(entry(THREE, name="m1", label=label))).trace.total == 12
    assert read(statistics(THREE, label=label)).trace.total == 12


def test_a_result_can_be_named_by_its_id_or_its_label(read):
    document = metric_data(
        entry(THREE, name="m1", label="traffic"), entry({0: 1.0, 1: 2.0}, name="m2")
    )
    assert read(document, metric_id="m1").trace.total == 12
    assert read(document, metric_id="traffic").trace.total == 12


def test_pages_that_the_cli_merged_are_joined_by_their_id(read):
    later = entry({3: 9.0, 2: 7.0}, status="PartialData")
    earlier = entry({1: 0.0, 0: 5.0})
    found = read(metric_data(later, entry({3: 1.0}, name="p95", label="ModelLatency"), earlier))
    assert found.trace.invocations.tolist() == [5, 0, 7, 9]


@pytest.mark.parametrize(
    "join", ["\n".join, lambda texts: f"[{','.join(texts)}]"], ids=["cat", "list"]
)
def test_pages_saved_one_after_the_other_are_joined(read, join):
    first = metric_data(entry({2: 7.0}, status="PartialData"), NextToken="x")
    last = metric_data(entry({1: 0.0, 0: 5.0}))
    assert read(join([json.dumps(first), json.dumps(last)])).trace.total == 12


def test_statistics_of_several_spans_are_joined(read):
    text = json.dumps(statistics({3: 1.0, 2: 7.0})) + json.dumps(statistics({0: 5.0, 1: 0.0}))
    assert read(text).trace.invocations.tolist() == [5, 0, 7, 1]


def test_pages_that_overlap_with_equal_counts_are_no_error(read):
    found = read(json.dumps(statistics(THREE)) + json.dumps(statistics({2: 7.0, 3: 1.0})))
    assert found.trace.total == 13
    assert [caveat.code for caveat in found.caveats] == [WarningCode.DUPLICATES]


def test_messages_are_shown(read):
    message = {"Code": "Limit", "Value": "Maximum number of allowed metrics exceeded"}
    document = metric_data(entry(THREE)) | {"Messages": [message]}
    [caveat] = read(document).caveats
    assert caveat.code == WarningCode.AWS_MESSAGE
    assert "Limit: Maximum number" in caveat.message


def test_messages_are_one_line_without_arns_and_accounts(read):
    value = "see arn:aws:cloudwatch:eu-west-1:123456789012:alarm/x\nAND MORE, in 123456789012"
    document = metric_data(entry(THREE)) | {"Messages": [{"Code": "Info", "Value": value}]}
    [caveat] = read(document, period_s=60).caveats
    assert caveat.message == "CloudWatch says: Info: see (arn) AND MORE, in (account)"


def test_the_period_can_be_given_where_the_times_do_not_tell(read):
    sparse = metric_data(entry({0: 1.0, 5: 2.0, 12: 1.0}))
    trace = read(sparse, period_s=60).trace
    assert (trace.step_s, trace.steps, int(trace.present.sum())) == (60, 13, 3)


@pytest.mark.parametrize(("period_s", "said"), [(None, ", period inferred"), (60, "")])
def test_a_period_that_is_inferred_is_said_though_none_is_missing(read, period_s, said):
    found = read(metric_data(entry(THREE)), period_s=period_s)
    assert found.source == f'CloudWatch GetMetricData, inv "Invocations"{said}'


def test_counts_of_one_may_be_an_average(read):
    ones = dict.fromkeys(range(60), 1.0)
    [caveat] = read(metric_data(entry(ones))).caveats
    assert caveat.code == WarningCode.STATISTIC_ODD
    assert read(metric_data(entry({**ones, 7: 2.0}))).caveats == ()
    assert read(metric_data(entry(THREE))).caveats == ()


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["PartialData", "InternalError", "Forbidden", "Whatever"])
def test_an_incomplete_result_is_refused(refusal, status):
    error = refusal(metric_data(entry(THREE, status=status)))
    assert error.cause == f'The StatusCode of inv "Invocations" is {status}, not Complete'


def test_a_failure_on_an_earlier_page_is_not_mended_by_a_later_one(refusal):
    pages = metric_data(entry({2: 7.0}, status="InternalError"), entry({1: 0.0, 0: 5.0}))
    assert "InternalError" in refusal(pages).cause


def test_an_incomplete_result_that_is_not_read_does_not_matter(read):
    other = entry({0: 1.5}, name="p95", label="ModelLatency p95", status="PartialData")
    assert read(metric_data(other, entry(THREE))).trace.total == 12


def test_an_answer_that_goes_on_is_refused(refusal):
    error = refusal(metric_data(entry(THREE), NextToken="abc"))
    assert "goes on" in error.cause
    assert "--max-items" in error.remedy
    assert (error.place or "").endswith("NextToken")


@pytest.mark.parametrize(
    ("entries", "cause"),
    [
        ([entry(THREE, name="m1", label="IOPS"), entry(THREE, name="m2", label="Bill")],
         'None of the results is Invocations by its label; there are m1 "IOPS", m2 "Bill"'),
        ([entry(THREE, name="a"), entry(THREE, name="b")],
         "2 of the results are Invocations by its label"),
        ([entry(THREE, name="m1", label="IOPS")], "The label does not say"),
        ([], "None of the results is Invocations"),
    ],
    ids=["none", "two", "one of another", "empty"],
)  # fmt: skip
def test_what_is_not_clear_is_asked_for(refusal, entries, cause):
    error = refusal(metric_data(*entries))
    assert cause in error.cause
    assert "--metric-id" in error.remedy


def test_an_id_that_is_not_there_is_answered_with_those_that_are(refusal):
    error = refusal(metric_data(entry(THREE)), metric_id="nope")
    assert error.cause == "0 results are called 'nope'; there are inv \"Invocations\""


@pytest.mark.parametrize(
    ("label", "cause", "remedy"),
    [
        ("InvocationsPerInstance", "rate per instance", "Ask for Invocations"),
        ("InvocationsPerCopy", "rate per instance", "Ask for Invocations"),
        ("Invocations Average", "the statistic Average", "Sum"),
        ("SampleCount of Invocations", "the statistic SampleCount", "Sum"),
        ("Invocations p99", "the statistic p99", "Sum"),
        ("Maximum Invocations", "the statistic Maximum", "Sum"),
    ],
)
@pytest.mark.parametrize("named", [None, "inv"])
def test_another_metric_or_statistic_is_refused_even_if_named(refusal, label, cause, remedy, named):
    error = refusal(metric_data(entry(THREE, label=label)), metric_id=named)
    assert cause in error.cause
    assert remedy in error.remedy


def test_fractions_are_no_sum_of_invocations(refusal):
    error = refusal(metric_data(entry({0: 5.0, 1: 96.85})))
    assert error.cause == "Found 96.85, and a sum of invocations is a whole number"
    assert "data point 2" in (error.place or "")


@pytest.mark.parametrize("value", ["NaN", None, True, "7", [1]])
def test_values_that_are_no_numbers_are_refused(refusal, value):
    error = refusal(metric_data(entry({0: 5.0, 1: value})))
    assert "no number" in error.cause
    assert "MetricDataResults[0].Values[1]" in (error.place or "")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1", "1e300"])
def test_numbers_that_are_no_counts_are_refused(refusal, value):
    text = json.dumps(metric_data(entry({0: 5.0, 1: 8.0}))).replace("8.0", value)
    assert "no count of invocations" in refusal(text).cause


def test_statistics_without_a_sum_are_refused(refusal):
    document = statistics(THREE)
    del document["Datapoints"][1]["Sum"]
    error = refusal(document)
    assert error.cause == "There is no Sum, but SampleCount"
    assert "Datapoints[1]" in (error.place or "")


def test_statistics_of_another_unit_are_refused(refusal):
    assert "unit is Microseconds" in refusal(statistics(THREE, unit="Microseconds")).cause


@pytest.mark.parametrize(
    "document", [metric_data(entry({})), statistics({})], ids=["data", "statistics"]
)
def test_no_data_point_is_no_traffic(refusal, document):
    error = refusal(document)
    assert "has no data point" in error.cause
    assert "asynchronous endpoint publishes no Invocations" in error.remedy


def test_one_time_does_not_tell_the_period(refusal):
    error = refusal(metric_data(entry({0: 5.0})))
    assert "--period" in error.remedy


def test_times_off_the_period_are_refused(refusal):
    assert "no multiple of 120 s" in refusal(statistics({0: 1.0, 2: 1.0, 5: 1.0})).cause
    assert "no multiple of 300 s" in refusal(statistics(THREE), period_s=300).cause


def test_a_wrong_date_is_not_filled_with_years_of_minutes(refusal):
    error = refusal(statistics({-20_000_000: 5.0, 0: 1.0, 1: 1.0}))
    assert "periods" in error.cause


def test_differing_counts_of_one_time_are_refused(refusal):
    text = json.dumps(statistics(THREE)) + json.dumps(statistics({2: 8.0, 3: 1.0}))
    assert "different counts, 7 and 8" in refusal(text).cause


def test_times_that_are_none_are_refused(refusal):
    document = metric_data(entry(THREE))
    document["MetricDataResults"][0]["Timestamps"][1] = "soon"
    error = refusal(document)
    assert error.cause == "Found 'soon', which is no time"
    assert "Timestamps[1]" in (error.place or "")


def test_lists_of_unequal_length_are_refused(refusal):
    document = metric_data(entry(THREE))
    document["MetricDataResults"][0]["Values"].pop()
    assert "no two lists of one length" in refusal(document).cause


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('{"MetricDataResults": [', "no JSON"),
        ("{}", "keys (none)"),
        ('{"Endpoints": []}', "keys Endpoints"),
        ("[1]", "Found 1, where an object is wanted"),
        ('{"MetricDataResults": ["x"]}', "The entry is no object"),
        ('{"Label": "Invocations", "Datapoints": ["x"]}', "has no time"),
        ('{"Label": "Invocations", "Datapoints": 5}', "Found 5, where a list is wanted"),
        ('{"Label": "Invocations", "Datapoints": {"a": 1}}', "where a list is wanted"),
        ('[{"Timestamp": 60, "Sum": 1}]', "keys Sum, Timestamp"),
        ("[]", "The list is empty"),
    ],
)
def test_other_json_is_refused(refusal, text, cause):
    assert cause in refusal(text).cause


def test_counts_are_not_single_requests(refusal):
    error = refusal(metric_data(entry(THREE)), requests=True)
    assert error.remedy == "Leave --requests out"


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -(10**400), 1e300, 9999999999999]),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["1", "2024", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"]),
)
JUNK = st.one_of(
    LEAVES, st.lists(LEAVES, max_size=2), st.dictionaries(st.text(max_size=3), LEAVES, max_size=2)
)


def places(document, at=()):
    """Paths of everything in a document, itself included."""
    yield at
    parts = document.items() if isinstance(document, dict) else ()
    parts = enumerate(document) if isinstance(document, list) else parts
    for key, part in parts:
        yield from places(part, (*at, key))


def with_junk(document, at, junk):
    if not at:
        return junk
    changed = document.copy()
    changed[at[0]] = with_junk(document[at[0]], at[1:], junk)
    return changed


@given(
    document=st.sampled_from(
        [
            metric_data(entry(THREE), Messages=[{"Code": "a", "Value": "b"}], NextToken=""),
            statistics(THREE),
        ]
    ),
    junk=JUNK,
    data=st.data(),
)
def test_whatever_stands_in_a_place_is_read_or_refused(document, junk, data):
    """Law: no answer is a bug of the reader's."""
    at = data.draw(st.sampled_from(list(places(document))))
    with contextlib.suppress(InputError):
        text = json.dumps(with_junk(document, at, junk))
        read_cloudwatch(read_documents(text, "saved.json"), "saved.json", period_s=60)


# --- real answers -----------------------------------------------------------------------------


needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="../shared is not here")


@needs_samples
@pytest.mark.parametrize(
    "name",
    ["get-metric-data.asc.iso8601", "get-metric-data.asc.v1default", "get-metric-data.cli-2.9.19",
     "get-metric-data.iso8601", "get-metric-data.v1default", "get-metric-statistics.cli-2.9.19",
     "get-metric-statistics.iso8601", "get-metric-statistics.v1default"],
)  # fmt: skip
def test_one_endpoint_printed_in_every_way(name):
    found = read_traffic_file(SAMPLES / f"{name}.json")
    assert found.trace.total == 578_557
    assert (found.trace.step_s, found.trace.steps) == (3600, 48)
    assert found.trace.start_s == datetime(2026, 11, 20, tzinfo=UTC).timestamp()


@needs_samples
@pytest.mark.parametrize(
    ("name", "total", "step_s", "missing"),
    [
        ("DERIVED.get-metric-data.azure-llm-conv", 19_366, 60, 0),
        ("DERIVED.get-metric-statistics.nab-elb-day1", 19_990, 300, 1),
        ("get-metric-statistics.lambda-invocations.real", 7_158, 86_400, 1),
    ],
)
def test_real_counts_are_read(name, total, step_s, missing):
    trace = read_traffic_file(SAMPLES / f"{name}.json").trace
    assert (trace.total, trace.step_s) == (total, step_s)
    assert int((~trace.present).sum()) == missing


@needs_samples
@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("get-metric-data.awscli-example", "None of the results is Invocations by its label"),
        ("get-metric-data", "goes on"),
        ("get-metric-statistics", "no Sum, but ExtendedStatistics"),
        ("get-metric-statistics.awscli-example", "no Sum, but Maximum"),
        ("describe-endpoint.iso8601", "no answer of CloudWatch"),
    ],
)
def test_real_answers_that_are_no_traffic_are_refused(name, cause):
    with pytest.raises(InputError) as caught:
        read_traffic_file(SAMPLES / f"{name}.json")
    assert cause in caught.value.cause
