"""Each trap seen in real load tests, from a small file through ``smcost capacity show``.

The traps are those of the README beside the reference data; every row stands beside its sound twin,
which must not be warned of.
"""

import csv
import io
from collections import defaultdict
from pathlib import Path

import pytest

MEASURED = (
    Path(__file__).resolve().parents[2].parent / "shared" / "data" / "capacity" / "load_tests.csv"
)

RATES = "instance_type,offered_rps,p50_ms,p99_ms,error_rate,n"
SWEEP = "instance_type,concurrency,throughput_rps,mean_ms,p99_ms,n"


def file_of(header, *rows):
    return "\n".join([header, *(f"ml.m5.large,{row}" for row in rows)]) + "\n"


#: Trap: the code it is warned of by, words of the message, the file with it, the one without.
TRAPS = {
    "1 throughput derived as concurrency / mean latency": (
        "throughput_derived",
        "20 % off",
        file_of(SWEEP, "1,0.5,2000,4000,600", "2,0.8,2500,5000,600", "4,0.85,4706,9000,600"),
        file_of(SWEEP, "1,0.48,2000,4000,600", "2,0.75,2500,5000,600", "4,0.8,4706,9000,600"),
    ),
    "2 thirty requests a level": (
        "small_sample",
        "the p99 of 30 requests",
        file_of(RATES, "10,20,40,0,30", "20,20,45,0,600"),
        file_of(RATES, "10,20,40,0,500", "20,20,45,0,600"),
    ),
    "3 latency falls as load rises": (
        "latency_falls",
        "falls from 76 to 20 ms between 1 rps and 100 rps",
        file_of(RATES, "1,24,76,0,600", "100,10,20,0,600"),
        file_of(RATES, "1,10,20,0,600", "100,24,76,0,600"),
    ),
    "4 errors bind before latency": (
        "errors_measured",
        "from 300 rps on (0.0407%",
        file_of(RATES, "200,11,22,0,36000", "300,11,44,0.000407,54000"),
        file_of(RATES, "200,11,22,0,36000", "300,11,44,0,54000"),
    ),
    "5 microseconds for milliseconds": (
        "latency_unit",
        "are these microseconds",
        file_of(RATES, "10,826019,1085446,0,600"),
        file_of(RATES, "10,826.019,1085.446,0,600"),
    ),
    "6 users of a closed loop are no capacity": (
        "ceiling_not_reached",
        "the load generator's limit",
        file_of(SWEEP, "1,0.5,2100,4000,600", "2,0.9,2300,5000,600"),
        file_of(SWEEP, "1,0.5,2100,4000,600", "2,0.54,3800,5000,600"),
    ),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_is_warned_of_where_it_is_and_not_where_it_is_not(smcost, write, trap):
    code, words, trapped, sound = TRAPS[trap]
    write("trapped.csv", trapped)
    write("sound.csv", sound)
    outcome = smcost("capacity show trapped.csv -f json")
    assert outcome.exit_code == 0, outcome.stderr
    [profile] = outcome.document["profiles"]
    [message] = [entry["message"] for entry in profile["warnings"] if entry["code"] == code]
    assert words in message
    assert code in outcome.warning_codes
    assert code not in smcost("capacity show sound.csv").warning_codes


@pytest.mark.parametrize("second", ["ml.m5.large", "ml.c5.large"])
def test_trap_7_latencies_of_different_things_are_not_mixed(smcost, write, second):
    header = "instance_type,offered_rps,p95_ms,latency_of"
    row = "ml.m5.large,10,200,total"
    write("mixed.csv", f"{header}\n{row}\n{second},20,65,first_byte\n")
    outcome = smcost("capacity show mixed.csv")
    assert (outcome.exit_code, outcome.stdout) == (3, "")
    cause, _ = outcome.refusal
    assert "mixes latencies of first_byte and total" in cause
    assert "row 3" in cause
    write("one.csv", f"{header}\n{row}\n{second},20,650,total\n")
    assert smcost("capacity show one.csv").exit_code == 0


@pytest.mark.parametrize(
    ("word", "title"),
    [("total", "whole request"), ("model", "model"), ("first_byte", "first byte")],
)
def test_what_the_latency_is_of_is_shown(smcost, write, word, title):
    write("of.csv", f"instance_type,offered_rps,p95_ms,latency_of\nml.m5.large,10,200,{word}\n")
    assert title in smcost("capacity show of.csv").stdout.splitlines()[0]
    [profile] = smcost("capacity show of.csv -f json").document["profiles"]
    assert profile["latency_of"] == word


def test_errors_take_a_rate_away_though_its_latency_is_far_inside(smcost, write):
    write("perf.csv", TRAPS["4 errors bind before latency"][2])
    for allowed, rps in (("0.01%", 200), ("0.1%", 300)):
        line = f"capacity show perf.csv --p99 400ms --max-failed {allowed} -f json"
        [profile] = smcost(line).document["profiles"]
        assert profile["max_rps_at_slo"] == rps


def contract_rows(sweep, percentiles):
    """Rows of the real file in the contract's columns, by instance type."""
    header = ["instance_type", "concurrency", "throughput_rps", *percentiles, "mean_ms", "n"]
    with MEASURED.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["sweep"] == sweep]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    levels = defaultdict(set)
    for row in rows:
        level = {"throughput_rps": row["rps"]} | row
        if row["concurrency"] not in levels[row["instance_type"]]:
            levels[row["instance_type"]].add(row["concurrency"])
            writer.writerow([level[column] for column in header])
    return out.getvalue()


needs_measured = pytest.mark.skipif(
    not MEASURED.is_file(), reason="load tests are kept beside the repository"
)


@needs_measured
def test_the_real_sweeps_of_30_requests_are_too_small_a_sample(smcost, write):
    write(
        "lmi.csv", contract_rows("lmi-gpt-oss-20b-multiturn_chat", ["p50_ms", "p90_ms", "p99_ms"])
    )
    profiles = smcost("capacity show lmi.csv --p99 15s -f json").document["profiles"]
    assert len(profiles) == 3
    for profile in profiles:
        codes = {entry["code"] for entry in profile["warnings"]}
        assert {"small_sample", "ceiling_not_reached"} <= codes
        assert 0 < profile["max_rps_at_slo"] < profile["max_rps_tested"]


@needs_measured
def test_the_real_sweeps_with_derived_throughput_are_recognised(smcost, write):
    write(
        "lmi.csv", contract_rows("lmi-gpt-oss-20b-multiturn_chat", ["p50_ms", "p90_ms", "p99_ms"])
    )
    assert "throughput_derived" in smcost("capacity show lmi.csv").warning_codes


@pytest.mark.parametrize(
    ("service_time_ms", "code"), [("826019", "latency_unit"), ("0.045", "capacity_odd")]
)
def test_a_service_time_in_another_unit_is_named(smcost, write, service_time_ms, code):
    header = "instance_type,workers,service_time_ms,service_cv"
    write("unit.csv", f"{header}\n" + f"ml.m5.large,4,{service_time_ms},0.5")
    assert code in smcost("capacity show unit.csv").warning_codes
    write("sound.csv", f"{header}\n" + "ml.m5.large,4,45,0.5")
    assert smcost("capacity show sound.csv").warning_codes == set()


def test_large_rates_are_written_out(smcost, write):
    write(
        "fast.csv",
        "instance_type,workers,service_time_ms,service_cv\nml.m5.large,64,1.2,0.5\n",
    )
    shown = smcost("capacity show fast.csv --p99 50ms").stdout
    assert "53,333 rps" in shown
    assert "e+0" not in shown
