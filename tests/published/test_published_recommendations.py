"""The same published results, answered by ``smcost recommend`` itself: the type and the count.

Inputs and sources as in test_published_results.py. Prices are the sources' own. Traffic is
constant, as theirs was, so that the initial count is the count they published.
"""

import numpy as np
import pytest

from smcost.replay.counts import Delays, replay_counts
from smcost.scaling import TargetTracking

PRICES = "region,instance_type,component,usd_per_hour,source,as_of\n"


@pytest.fixture
def recommended(smcost, write):
    """``recommended("--rps 30 --p95 1s", capacity, {"ml.m5.large": "0.115"})``: exit 0, as data."""

    def run(line, capacity, prices, exit_code=0):
        write("capacity.csv", capacity)
        rows = (f"us-east-1,{name},Hosting,{usd},the source,2021\n" for name, usd in prices.items())
        write("prices.csv", PRICES + "".join(rows))
        line = f"recommend {line} --capacity capacity.csv --prices prices.csv -f json"
        outcome = smcost(line)
        assert outcome.exit_code == exit_code, outcome.stderr
        return outcome.document

    return run


def answer(document):
    found = document["recommendation"]
    return found["instance_type"], found["initial_instance_count"]


PERFSIZE = "instance_type,offered_rps,p50_ms,p95_ms,p99_ms,error_rate,n\n" + "".join(
    f"ml.m5.large,{row}\n"
    for row in (
        "1,24,59.05,76.04,0,180",
        "10,11,20,26,0,1800",
        "50,10,14,21,0,9000",
        "100,10,13,20,0,18000",
        f"200,11,15,22,{2 / 36_000},36000",
        f"300,11,17,44,{22 / 54_000},54000",
    )
)


@pytest.mark.parametrize(
    ("rps", "max_failed", "count"),
    # Published: 100 rps on one. Beyond 200 rps errors bind: 250 rps need two, by latency one.
    [(100, "0.01%", 1), (200, "0.01%", 1), (250, "0.01%", 2), (250, "0.1%", 1)],
)
def test_perfsizesagemaker(recommended, rps, max_failed, count):
    line = f"--rps {rps} --p99 400ms --max-failed {max_failed}"
    document = recommended(line, PERFSIZE, {"ml.m5.large": "0.115"})
    assert answer(document) == ("ml.m5.large", count)
    # $0.115 an hour, $82.80 for 30 days of one instance.
    assert document["cost"]["expected_usd"] == pytest.approx(82.80 * count)
    assert "errors_measured" in {entry["code"] for entry in document["warnings"]} or rps < 200


def rightsizing(g4dn_rps):
    """Rate at which 1 % fail, and one beyond; 200 ms stand for a latency that nobody measured."""
    rates = {
        "ml.c5.2xlarge": 4,
        "ml.p2.xlarge": 19,
        "ml.g4dn.xlarge": g4dn_rps,
        "ml.p3.2xlarge": 30,
    }
    rows = [
        f"{name},{rps},200,0.0099\n{name},{1.2 * rps},200,0.05\n" for name, rps in rates.items()
    ]
    return "instance_type,offered_rps,p95_ms,error_rate\n" + "".join(rows)


RIGHTSIZING_USD = {
    "ml.c5.2xlarge": "0.40",
    "ml.p2.xlarge": "1.125",
    "ml.g4dn.xlarge": "0.736",
    "ml.p3.2xlarge": "3.825",
}


@pytest.mark.parametrize(
    ("rps", "g4dn_rps", "count"),
    # Published: 2 x g4dn measured 70 rps. With "a bit more than 30" as 30 it would be 3.
    [(30, 30, 1), (70, 30, 3), (70, 35, 2)],
)
def test_rightsizing_endpoints(recommended, rps, g4dn_rps, count):
    line = f"--rps {rps} --p95 1s --max-failed 1%"
    document = recommended(line, rightsizing(g4dn_rps), RIGHTSIZING_USD)
    assert answer(document) == ("ml.g4dn.xlarge", count)
    assert document["cost"]["expected_usd"] == pytest.approx(720 * count * 0.736)
    others = {other["instance_type"]: other for other in document["alternatives"]}
    # Of the others only their own count makes the price: 4 x p2, 18 x c5, 3 x p3 at 70 rps.
    counts = {"ml.p2.xlarge": (2, 4), "ml.c5.2xlarge": (8, 18), "ml.p3.2xlarge": (1, 3)}
    for name, (at_30, at_70) in counts.items():
        assert others[name]["initial_instance_count"] == (at_30 if rps == 30 else at_70)


#: Concurrency, transactions per second, mean in ms; the mean stands in for the p95 of the limit.
FMBENCH = "instance_type,concurrency,throughput_rps,p95_ms\n" + "".join(
    f"{name},{users},{per_minute / 60},{mean_ms}\n"
    for name, levels in {
        "ml.p4d.24xlarge": [
            (1, 24, 2700),
            (2, 27, 4110),
            (4, 26, 6680),
            (6, 27, 9180),
            (8, 27, 9910),
        ],
        "ml.g5.48xlarge": [(1, 3, 15540), (2, 4, 26790), (4, 4, 42510)],
    }.items()
    for users, per_minute, mean_ms in levels
)
FMBENCH_USD = {"ml.p4d.24xlarge": "37.688", "ml.g5.48xlarge": "20.36"}


def test_fmbench_llama_2_70b(recommended):
    """10 requests a minute within 20 s: the dearer by the hour is the cheaper."""
    document = recommended(f"--rps {10 / 60} --p95 20s", FMBENCH, FMBENCH_USD)
    assert answer(document) == ("ml.p4d.24xlarge", 1)
    dearer = [o for o in document["alternatives"] if o["instance_type"] == "ml.g5.48xlarge"]
    # One request at a time is all a g5 does within 20 s: more than two of them for one p4d.
    assert all(other["expected_usd"] > 2 * 720 * 20.36 for other in dearer)
    assert dearer or document["rejected"]


#: October 2021: invocations per minute and model latency in ms. Published error: the latencies are
#: called milliseconds and are microseconds; read as printed no limit below 263 s would pass one.
RECOMMENDER = "instance_type,offered_rps,p95_ms,latency_of\n" + "".join(
    f"{name},{per_minute / 60},{latency_us / 1000},model\n"
    for name, per_minute, latency_us in (
        ("ml.c5.xlarge", 648, 263_596),
        ("ml.c5d.large", 655, 826_019),
        ("ml.m5.large", 570, 1_085_446),
    )
)
RECOMMENDER_USD = {"ml.c5.xlarge": "0.204", "ml.c5d.large": "0.115", "ml.m5.large": "0.115"}


@pytest.mark.parametrize(
    ("limit", "chosen", "rejected"),
    [("2s", "ml.c5d.large", set()), ("500ms", "ml.c5.xlarge", {"ml.c5d.large", "ml.m5.large"})],
)
def test_inference_recommender(recommended, limit, chosen, rejected):
    # 6,400 a minute: ten of c5.xlarge (648) or of c5d.large (655), twelve of m5.large (570).
    document = recommended(f"--rps {6_400 / 60} --p95 {limit}", RECOMMENDER, RECOMMENDER_USD)
    assert answer(document) == (chosen, 10)
    assert {entry["instance_type"] for entry in document["rejected"]} == rejected
    assert {entry["reason_code"] for entry in document["rejected"]} <= {"service_time_above_limit"}


def busiest(counts, policy):
    """The largest load of an instance, in the policy's own unit."""
    return float(np.max(counts / replay_counts(counts, policy, Delays()).in_service))


def test_auto_scaling_notebook_the_slow_rise_passes_and_the_fast_one_fails():
    """To 30,000 a minute: at spawn rate 1 it holds; three times as fast, with target x 1.3, not.

    The saturation itself is only in a plot; an upper limit of 3,000 a minute stands for it, at 55 %
    of the saturation, as in their band. Counts by their formula.
    """
    upper_limit, saturation = 3_000, 3_000 / 0.55
    slow = np.concatenate([np.linspace(4_200, 30_000, 120), [30_000] * 30]).astype(int)
    fast = np.concatenate([np.linspace(4_200, 30_000, 40), [30_000] * 30]).astype(int)

    def policy(target):
        return TargetTracking(target_per_minute=target, minimum=2, maximum=12)

    assert (
        busiest(slow, policy(upper_limit)) < saturation < busiest(fast, policy(1.3 * upper_limit))
    )
