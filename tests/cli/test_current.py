"""``--current``: today's estimate is compared with what it may be compared with."""

import json

import pytest

ABLE = "--service-time 45ms --concurrency 4 --instance-type ml.m5.xlarge"
DAY = "--rps 30 --peak-rps 90"
LIMIT = "--p99 300ms"
#: What is compared is the same with simulated figures, which take twenty times as long.
SCREENED = "--budget 0s"
ASK = f"recommend {DAY} {ABLE} {LIMIT} {SCREENED}"


@pytest.fixture
def today(smcost, alone):
    """Write today.json, with keys of it changed."""

    def estimated(line, **changed):
        document = smcost(f"estimate {line} -f json").document
        for key, value in changed.items():
            document[key] = {**document[key], **value}
        (alone / "today.json").write_text(json.dumps(document), encoding="utf-8")
        return document

    return estimated


def differences(outcome):
    assert outcome.exit_code == 0, outcome.stderr
    warnings = outcome.document["warnings"]
    return [entry["message"] for entry in warnings if entry["code"] == "current_differs"]


def test_the_same_traffic_and_capacity_are_compared_without_a_warning(smcost, today):
    today(f"--count 4 {DAY} {ABLE} {LIMIT}")
    simulated = ASK.removesuffix(SCREENED)
    assert differences(smcost(f"{simulated} --current today.json -f json")) == []


def test_another_region_is_refused(smcost, today):
    today("--count 4 --region us-west-2")
    outcome = smcost(f"{ASK} --current today.json")
    assert (outcome.exit_code, outcome.stdout) == (3, "")
    assert "us-west-2, this run for us-east-1" in outcome.refusal[0]
    assert "--region" in outcome.refusal[1]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"--count 4 --rps 40 {ABLE}", "mean 40 rps"),
        (f"--count 4 {ABLE}", "traffic none there"),
        (f"--count 4 {DAY} --instance-type ml.m5.xlarge", "capacity none there"),
        (f"--count 4 {DAY} {ABLE.replace('45ms', '50ms')}", "4 workers x 50 ms"),
    ],
)
def test_other_inputs_are_told(smcost, today, line, said):
    today(line)
    outcome = smcost(f"{ASK} --current today.json -f json")
    [message] = differences(outcome)
    assert said in message
    assert "current_differs" in outcome.warning_codes


def test_the_capacity_of_another_type_differs_without_a_warning(smcost, today):
    today(f"--count 4 {DAY} --service-time 70ms --concurrency 4 --instance-type ml.c5.large")
    assert differences(smcost(f"{ASK} --current today.json -f json")) == []


@pytest.mark.parametrize("changed", [{"hours": 23.0}, {"end": "2024-01-03T00:00:00Z"}])
def test_another_stretch_of_the_same_traffic_is_told(smcost, today, changed):
    today(f"--count 4 {DAY} {ABLE} {LIMIT}", horizon=changed)
    [message] = differences(smcost(f"{ASK} --current today.json -f json"))
    assert "another stretch" in message


def test_other_counts_under_the_same_name_are_told(smcost, write_trace, today):
    write_trace("trace.csv", [600] * 1440)
    today(f"--count 4 --traffic trace.csv {ABLE}")
    write_trace("trace.csv", [900] * 1440)
    line = f"estimate --count 2 --traffic trace.csv {ABLE} --current today.json -f json"
    [message] = differences(smcost(line))
    assert "864,000 invocations there" in message
    assert "1,296,000 invocations here" in message


def test_an_estimate_is_compared_too(smcost, today):
    today("--count 4 --rps 40")
    assert differences(smcost("estimate --count 2 --current today.json -f json"))


def test_the_table_shows_today_beside_the_recommended(smcost, today):
    document = today(f"--count 9 {DAY} {ABLE} {LIMIT}")
    table = smcost(f"{ASK} --current today.json").stdout
    _, after = table.split("Today against recommended\n")
    rows = dict(line.strip().split("  ", 1) for line in after.split("\n\n")[0].splitlines()[1:])
    assert rows["minimum"].split() == ["9", "1"]
    assert rows["USD/month"].split()[0] == "1,490.40"
    assert rows["meets the SLO"].split() == ["yes", "yes"]
    assert rows["p99"].split()[0] == f"{document['latency']['p99_ms']:.0f}"
    assert rows["failed share"].split() == ["none", "none"]


def test_what_today_does_not_say_is_not_known(smcost, today):
    today("--count 4")
    outcome = smcost(f"{ASK} --current today.json -f json")
    current = outcome.document["current"]
    assert current["expected_usd"] == pytest.approx(662.4)
    assert current["min_capacity"] == 4
    for key in ("p99_ms", "worst_window_p99_ms", "failed_fraction", "meets_slo"):
        assert current[key] is None
    assert smcost(f"{ASK} --current today.json").stdout.count("not known") == 4


def test_without_current_there_is_no_comparison(smcost):
    assert smcost(f"{ASK} -f json").document["current"] is None
    assert "Today against" not in smcost(ASK).stdout


GOOD = {"worst_window_p99_ms": 200.0, "failed_fraction": 0.0}


@pytest.mark.parametrize(
    ("latency", "flags", "verdict"),
    [
        (GOOD, "", True),
        ({**GOOD, "worst_window_p99_ms": 301.0}, "", False),
        ({**GOOD, "worst_window_p99_ms": 301.0}, "--slo-attainment 90%", None),
        ({**GOOD, "worst_window_p99_ms": None}, "", None),
        ({**GOOD, "failed_fraction": 0.002}, "", False),
        ({**GOOD, "failed_fraction": 0.0005}, "", None),
        (GOOD, "--slo-window hour", None),
    ],
    ids=["met", "late", "late with windows to spare", "unmeasured", "failing", "unclear", "window"],
)
def test_todays_verdict_is_told_only_where_its_figures_decide(
    smcost, today, latency, flags, verdict
):
    today(f"--count 9 {DAY} {ABLE} {LIMIT}", latency=latency)
    outcome = smcost(f"{ASK} {flags} --current today.json -f json")
    assert outcome.document["current"]["meets_slo"] is verdict


def test_a_p99_beyond_the_timeout_breaks_the_slo(smcost, today):
    document = today(f"--count 1 --rps 500 {ABLE}")
    assert document["latency"]["p99_ms"] is None
    outcome = smcost(f"recommend --rps 500 {ABLE} {LIMIT} {SCREENED} --current today.json -f json")
    assert outcome.document["current"]["meets_slo"] is False
