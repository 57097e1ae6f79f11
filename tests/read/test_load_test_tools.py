"""k6, LLMeter, AIPerf and GenAI-Perf: which figure is read, in which unit, and what is refused."""

import json

import pytest

from smcost.errors import InputError
from smcost.read.aiperf_export import (
    RATES_PER_S,
    TIMES_S,
    is_aiperf,
    is_aiperf_csv,
    read_aiperf,
    read_aiperf_csv,
)
from smcost.read.json_part import parse_json
from smcost.read.k6_summary import is_k6, is_k6_machine_readable, read_k6
from smcost.read.llmeter_stats import is_llmeter, is_llmeter_summary, read_llmeter
from smcost.remarks import WarningCode


def document(value):
    return parse_json(json.dumps(value), "x.json")


def refusal(read, value):
    with pytest.raises(InputError) as caught:
        read(document(value))
    assert caught.value.remedy
    assert caught.value.place.startswith("x.json")
    return caught.value


#: The shape of k6 --summary-export, figures of a run of 15 virtual users.
EXPORT = {
    "root_group": {"name": "", "checks": {}},
    "metrics": {
        "http_req_duration": {
            "avg": 3.9, "min": 1.5, "med": 3.5, "max": 21.0, "p(90)": 5.25, "p(95)": 7.5,
        },
        "http_req_waiting": {"avg": 1.0, "med": 1.0, "p(90)": 1.0, "p(95)": 1.0},
        "http_req_failed": {"passes": 16, "fails": 1571, "value": 0.010082},
        "http_reqs": {"count": 1587, "rate": 528.4},
        "vus": {"value": 2, "min": 2, "max": 2},
        "vus_max": {"value": 2, "min": 2, "max": 2},
    },
}  # fmt: skip


def summary():
    """The same as handleSummary(data) has it."""
    metrics = {
        name: {"type": "trend", "contains": "time", "values": dict(values)}
        for name, values in EXPORT["metrics"].items()
    }
    failed = metrics["http_req_failed"]["values"]
    failed["rate"] = failed.pop("value")
    return {"state": {"testRunDurationMs": 3003.4}, "metrics": metrics}


@pytest.mark.parametrize("value", [EXPORT, summary()], ids=["summary-export", "handleSummary"])
def test_both_shapes_of_k6_say_the_same(value):
    assert is_k6(document(value))
    [level] = read_k6(document(value))
    assert level.latencies_s == {0.5: 0.0035, 0.9: 0.00525, 0.95: 0.0075}
    assert (level.sent_rps, level.mean_s, level.requests) == (528.4, pytest.approx(0.0039), 1587)
    # "passes" of http_req_failed are the failed requests.
    assert level.failed_fraction == pytest.approx(16 / 1587, rel=1e-4)
    assert (level.concurrency, level.open_loop, level.in_flight) == (2, False, False)


def test_k6_gives_a_p99_only_where_it_was_asked_for():
    value = summary()
    value["metrics"]["http_req_duration"]["values"]["p(99)"] = 20
    assert read_k6(document(value))[0].latencies_s[0.99] == 0.02


def test_k6_says_no_number_of_users_where_it_changed():
    value = summary()
    value["metrics"]["vus"]["values"]["min"] = 1
    assert read_k6(document(value))[0].concurrency is None
    del value["metrics"]["vus"]
    assert read_k6(document(value))[0].concurrency is None


def test_k6_that_dropped_iterations_had_a_rate_and_ran_out_of_users():
    value = summary()
    value["metrics"]["dropped_iterations"] = {"values": {"count": 1234, "rate": 4}}
    [level] = read_k6(document(value))
    assert level.open_loop
    [told] = level.caveats
    assert told.code is WarningCode.CEILING_NOT_REACHED
    assert "1,234 iterations" in told.message


@pytest.mark.parametrize(
    ("metric", "values", "place"),
    [
        ("http_reqs", {"count": 5}, "metrics.http_reqs.rate"),
        ("http_reqs", {"count": 5, "rate": 0}, "metrics.http_reqs.rate"),
        ("http_req_duration", {"med": 3}, "metrics.http_req_duration.avg"),
        ("http_req_duration", {"avg": "3ms", "med": 3}, "metrics.http_req_duration.avg"),
        ("http_req_duration", {"avg": 3}, "metrics.http_req_duration"),
        ("http_req_duration", 7, "metrics.http_req_duration"),
    ],
)
def test_a_k6_value_that_is_missing_or_none_is_refused(metric, values, place):
    value = {"metrics": {**EXPORT["metrics"], metric: values}}
    assert refusal(read_k6, value).place == f"x.json, {place}"


def test_the_newer_shape_of_k6_is_told_apart():
    newer = {"results": {"metrics": [{"name": "http_reqs", "values": {}}]}}
    assert is_k6_machine_readable(document(newer))
    assert is_k6_machine_readable(document(newer["results"]))
    assert not is_k6(document(newer))
    assert not is_k6_machine_readable(document(EXPORT))


#: What LLMeter 0.2.0's Result.save() wrote of 40 answers.
STATS = {
    "total_requests": 40,
    "clients": 2,
    "n_requests": 20,
    "total_test_time": 2.0,
    "model_id": "m",
    "run_name": "00002-clients",
    "failed_requests": 1,
    "failed_requests_rate": 0.025,
    "requests_per_minute": 1200.0,
    "time_to_last_token-average": 0.08900000000000001,
    "time_to_last_token-p50": 0.089,
    "time_to_last_token-p90": 0.12180000000000002,
    "time_to_last_token-p99": 0.12918,
    "time_to_first_token-average": 0.0395,
    "time_to_first_token-p50": 0.0395,
    "time_to_first_token-p90": 0.05590000000000002,
    "time_to_first_token-p99": 0.059590000000000004,
}


def test_llmeter_is_in_seconds_per_minute_and_of_the_last_token():
    assert is_llmeter(document(STATS))
    [level] = read_llmeter(document(STATS))
    assert level.latencies_s == {0.5: 0.089, 0.9: pytest.approx(0.1218), 0.99: 0.12918}
    assert (level.sent_rps, level.concurrency, level.requests) == (20, 2, 40)
    assert level.mean_s == pytest.approx(0.089)
    assert level.failed_fraction == 0.025
    assert level.in_flight


def test_the_summary_of_llmeter_is_told_apart_from_its_statistics():
    summary = {key: value for key, value in STATS.items() if "_token-" not in key}
    del summary["requests_per_minute"]
    assert is_llmeter_summary(document(summary))
    assert not is_llmeter(document(summary))


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"requests_per_minute": None}, "requests_per_minute is missing"),
        ({"clients": "2"}, "clients is '2'"),
        ({f"time_to_last_token-{p}": None for p in ("p50", "p90", "p99")}, "no percentile"),
    ],
)
def test_llmeter_without_an_answer_is_refused(change, cause):
    assert cause in refusal(read_llmeter, {**STATS, **change}).cause


#: The documented shape of profile_export_aiperf.json, schema 1.5.
AIPERF = {
    "schema_version": "1.5",
    "request_latency": {
        "unit": "ms", "avg": 2620.71, "min": 2145.06, "max": 3411.10, "p50": 2568.73,
        "p90": 3000.5, "p95": 3100.5, "p99": 3371.24, "std": 297.93, "count": 20, "sum": 52414.29,
    },
    "time_to_first_token": {"unit": "ms", "avg": 90, "p50": 88, "p99": 120},
    "request_throughput": {"unit": "requests/sec", "avg": 1.45},
    "request_count": {"unit": "requests", "avg": 20.0},
    "input_config": {"loadgen": {"concurrency": 4}},
    "error_summary": [],
    "was_cancelled": False,
}  # fmt: skip


def test_aiperf_says_latency_rate_and_concurrency_and_not_the_first_token():
    assert is_aiperf(document(AIPERF))
    [level] = read_aiperf(document(AIPERF))
    assert level.latencies_s == {
        0.5: pytest.approx(2.56873),
        0.9: pytest.approx(3.0005),
        0.95: pytest.approx(3.1005),
        0.99: pytest.approx(3.37124),
    }
    assert (level.tool, level.sent_rps, level.concurrency) == ("AIPerf", 1.45, 4)
    assert (level.failed_fraction, level.requests, level.in_flight) == (0, 20, True)


#: Every unit that a time or a rate may be in.
@pytest.mark.parametrize(
    ("unit", "seconds"),
    [("s", 1), ("sec", 1), ("ms", 1e-3), ("us", 1e-6), ("\u00b5s", 1e-6), ("ns", 1e-9)],
)
def test_the_unit_of_a_time_is_the_stated_one(unit, seconds):
    assert TIMES_S[unit] == seconds
    latency = {"unit": unit, "avg": 5, "p50": 7}
    [level] = read_aiperf(document({**AIPERF, "request_latency": latency}))
    assert level.latencies_s == {0.5: pytest.approx(7 * seconds)}
    assert level.mean_s == pytest.approx(5 * seconds)


@pytest.mark.parametrize(
    ("unit", "per_second"),
    [("requests/sec", 1), ("requests/s", 1), ("per sec", 1), ("requests/min", 1 / 60)],
)
def test_the_unit_of_a_rate_is_the_stated_one(unit, per_second):
    assert RATES_PER_S[unit] == per_second
    throughput = {"unit": unit, "avg": 30}
    [level] = read_aiperf(document({**AIPERF, "request_throughput": throughput}))
    assert level.sent_rps == pytest.approx(30 * per_second)


@pytest.mark.parametrize(
    ("config", "concurrency", "open_loop"),
    [
        ({"loadgen": {"concurrency": 8}}, 8, False),
        ({"loadgen": {"concurrency": 8, "request_rate": 3.0}}, 8, True),
        (
            {
                "phases": [
                    {"name": "warmup", "concurrency": 1},
                    {"name": "profiling", "concurrency": 8},
                ]
            },
            8,
            False,
        ),
        ({"phases": {"profiling": {"concurrency": 8}}}, 8, False),
        ({"phases": [{"name": "profiling", "type": "poisson", "rate": 3.0}]}, None, True),
        ({"perf_analyzer": {"stimulus": {"concurrency": 8}}}, 8, False),
        ({"perf_analyzer": {"stimulus": {"request_rate": 3.0}}}, None, True),
        ({"concurrency": 8, "request_rate": None}, 8, False),
        ({}, None, False),
    ],
)
def test_how_requests_were_sent_is_found_wherever_the_version_keeps_it(
    config, concurrency, open_loop
):
    [level] = read_aiperf(document({**AIPERF, "input_config": config}))
    assert (level.concurrency, level.open_loop) == (concurrency, open_loop)


@pytest.mark.parametrize(
    "errors",
    [
        {"error_request_count": {"unit": "requests", "avg": 5}},
        {"error_summary": [{"count": 2}, {"count": 3}]},
    ],
)
def test_errors_are_added_to_what_was_sent(errors):
    [level] = read_aiperf(document({**AIPERF, **errors}))
    assert (level.failed_fraction, level.requests) == (0.2, 25)
    assert level.answered_rps == pytest.approx(1.45)
    assert level.sent_rps == pytest.approx(1.45 * 25 / 20)


def test_genai_perf_does_not_say_what_failed():
    older = {key: AIPERF[key] for key in ("request_latency", "request_throughput", "input_config")}
    [level] = read_aiperf(document(older))
    assert (level.tool, level.failed_fraction, level.requests) == ("GenAI-Perf", None, None)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"was_cancelled": True}, "The run was cancelled"),
        ({"request_latency": {"avg": 1, "p50": 1}}, "unit is None"),
        ({"request_latency": {"unit": "tokens", "avg": 1, "p50": 1}}, "unit is 'tokens'"),
        ({"request_throughput": {"unit": "tokens/sec", "avg": 1}}, "unit is 'tokens/sec'"),
        ({"request_throughput": {}}, "There is no request_throughput"),
        ({"request_throughput": {"unit": "requests/sec", "avg": None}}, "avg is missing"),
    ],
)
def test_an_export_that_is_none_is_refused(change, cause):
    assert cause in refusal(read_aiperf, {**AIPERF, **change}).cause


AIPERF_CSV = """Metric,avg,min,max,p1,p5,p10,p25,p50,p75,p90,p95,p99,std
Request Latency (ms),2620.71,2145.06,3411.1,1,1,1,1,2568.73,1,3000.5,3100.5,3371.24,297.93
Time to First Token (ms),90,1,1,1,1,1,1,88,1,1,1,120,1

Metric,Value
Error Request Count,5
Request Count,20
Request Throughput (requests/sec),1.45
"""
GENAI_CSV = """Metric,avg,min,max,p99,p95,p90,p75,p50,p25
Request Latency (ms),"2,620.71","2,145.06",1,"3,371.24","3,100.50","3,000.50",1,"2,568.73",1

Metric,Value
Request Throughput (per sec),1.45
"""


@pytest.mark.parametrize("text", [AIPERF_CSV, GENAI_CSV], ids=["aiperf", "genai-perf"])
def test_the_csv_exports_say_the_same_but_for_the_concurrency(text):
    assert is_aiperf_csv(text.splitlines()[0].split(","))
    [level] = read_aiperf_csv(text, "x.csv")
    [same] = read_aiperf(document(AIPERF))
    assert level.latencies_s == same.latencies_s
    assert level.answered_rps == pytest.approx(1.45)
    assert level.concurrency is None


def test_the_csv_of_aiperf_counts_its_errors():
    assert read_aiperf_csv(AIPERF_CSV, "x")[0].failed_fraction == 0.2
    assert read_aiperf_csv(GENAI_CSV, "x")[0].failed_fraction is None


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (GENAI_CSV.replace("Request Throughput", "Goodput"), "There is no request_throughput"),
        (GENAI_CSV.replace("(ms)", "(fortnights)"), "unit is 'fortnights'"),
        (GENAI_CSV.replace("1.45", "many"), "avg is 'many'"),
        (GENAI_CSV.replace('"2,145.06"', '"2,145.06'), "This is no valid CSV"),
    ],
)
def test_a_csv_export_that_is_none_is_refused(text, cause):
    with pytest.raises(InputError, match=cause) as caught:
        read_aiperf_csv(text, "x.csv")
    assert caught.value.place.startswith("x.csv")
