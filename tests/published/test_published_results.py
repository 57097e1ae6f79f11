"""Sizing results that others published, redone by our own arithmetic from their inputs.

Single figures with their source; where the source itself is wrong, the test says so.
"""

import math
from decimal import Decimal

import numpy as np
import pytest

from smcost.capacity import RatesProfile, SweepProfile
from smcost.capacity.at_slo import max_rps_within, reported
from smcost.remarks import WarningCode
from smcost.slo import Objective
from smcost.units import per_minute


def rates(name, offered, latencies_ms, errors, fractions=(0.5, 0.95, 0.99)) -> RatesProfile:
    return RatesProfile(
        instance_type=name,
        offered_rps=np.array(offered, dtype=float),
        fractions=np.array(fractions),
        latencies_s=np.array(latencies_ms, dtype=float) / 1000,
        error_rate=np.array(errors, dtype=float),
        requests=180 * np.array(offered, dtype=float),
    )


#: intuit/perfsizesagemaker cae2e3c, sample job (Apache-2.0): a "hello world" on one ml.m5.large,
#: 3 minutes a rate, open loop; p50, p95 and p99 in ms, failures of all requests.
INTUIT = rates(
    "ml.m5.large",
    [1, 10, 50, 100, 200, 300],
    [
        [24, 59.05, 76.04],
        [11, 20, 26],
        [10, 14, 21],
        [10, 13, 20],
        [11, 15, 22],
        [11, 17, 44],
    ],
    [0, 0, 0, 0, 2 / 36_000, 22 / 54_000],
)
#: Its SLO: p99 within 400 ms, at most 0.01 % failed; its peak: 100 rps.
WITHIN_400_MS = Objective(fraction=0.99, limit_s=0.4)


def test_intuit_300_rps_fail_by_errors_although_their_p99_is_far_inside():
    late = INTUIT.response_table().late_fraction(np.array([1.0]), 0.4)[0]
    assert late < 0.01
    assert max_rps_within(INTUIT, [WITHIN_400_MS]) == 300
    # A sizer that looks at latency alone accepts 300; with errors the capacity is 200.
    assert INTUIT.passing(0.0001).max_rps == 200
    assert reported(INTUIT, [WITHIN_400_MS], 0.0001).max_rps_at_slo == 200


def test_intuit_one_instance_and_a_target_of_3000_from_the_tested_peak():
    capacity_rps = INTUIT.passing(0.0001).max_rps
    assert math.ceil(100 / capacity_rps) == 1
    # Published: 3000 = int(100 x 60 x 0.5), from the peak of 100; from the capacity it is 6000.
    assert int(per_minute(100) * 0.5) == 3000
    assert int(per_minute(capacity_rps) * 0.5) == 6000


def test_intuit_latency_falls_as_load_rises_and_that_is_said():
    codes = {caveat.code for caveat in INTUIT.caveats()}
    assert {WarningCode.LATENCY_FALLS, WarningCode.ERRORS_MEASURED} <= codes


#: AWS Marketplace blog "Rightsizing Amazon SageMaker endpoints" (notebook cd49157, MIT-0): rate at
#: which 1 % of the requests fail, and list price per hour. "About" and "a bit more than" are its.
RIGHTSIZING = {
    "ml.c5.2xlarge": (4, Decimal("0.40")),
    "ml.p2.xlarge": (19, Decimal("1.125")),
    "ml.g4dn.xlarge": (30, Decimal("0.736")),
    "ml.p3.2xlarge": (30, Decimal("3.825")),
}


def instances_for(rps: float, profile: RatesProfile) -> int:
    """The fewest that share the rate without any beyond the highest passing one."""
    return math.ceil(rps / profile.passing(0.01).max_rps)


def of_rightsizing(name: str, capacity_rps: float) -> RatesProfile:
    # Only the failing rate is published: 200 ms stands for a latency that nobody measured.
    beyond = [capacity_rps / 2, capacity_rps, 1.2 * capacity_rps]
    return rates(name, beyond, np.full((3, 1), 200), [0, 0.01, 0.05], fractions=(0.95,))


@pytest.mark.parametrize(
    ("name", "least", "most", "usd_per_hour_at_most"),
    [
        ("ml.c5.2xlarge", 8, 18, "7.20"),
        ("ml.p2.xlarge", 2, 4, "4.500"),
        ("ml.g4dn.xlarge", 1, 3, "2.208"),
        ("ml.p3.2xlarge", 1, 3, "11.475"),
    ],
)
def test_rightsizing_counts_at_30_and_70_rps(name, least, most, usd_per_hour_at_most):
    capacity_rps, usd_per_hour = RIGHTSIZING[name]
    profile = of_rightsizing(name, capacity_rps)
    assert instances_for(30, profile) == least
    assert instances_for(70, profile) == most
    assert most * usd_per_hour == Decimal(usd_per_hour_at_most)


def test_rightsizing_chooses_the_g4dn_at_both_rates():
    for rps in (30, 70):
        usd_per_hour = {
            name: instances_for(rps, of_rightsizing(name, capacity)) * price
            for name, (capacity, price) in RIGHTSIZING.items()
        }
        assert min(usd_per_hour, key=usd_per_hour.__getitem__) == "ml.g4dn.xlarge"


def test_rightsizing_two_or_three_hangs_on_a_bit_more_than_30():
    # Published: two g4dn measured 70 rps. That needs 35 each; at 30 each it is three.
    assert instances_for(70, of_rightsizing("ml.g4dn.xlarge", 35)) == 2
    assert instances_for(70, of_rightsizing("ml.g4dn.xlarge", 30)) == 3


#: FMBench, llama2-70b, prompts of 3000 to 4000 tokens (git history, MIT-0): concurrency,
#: transactions per minute, mean latency in s. It has no percentiles.
FMBENCH = {
    "ml.p4d.24xlarge": ([1, 2, 4, 6, 8], [24, 27, 26, 27, 27], [2.7, 4.11, 6.68, 9.18, 9.91]),
    "ml.g5.48xlarge": ([1, 2, 4], [3, 4, 4], [15.54, 26.79, 42.51]),
}
FMBENCH_USD_PER_HOUR = {"ml.p4d.24xlarge": 37.688, "ml.g5.48xlarge": 20.36}


def of_fmbench(name: str) -> SweepProfile:
    concurrency, transactions, means_s = FMBENCH[name]
    size = len(concurrency)
    return SweepProfile(
        instance_type=name,
        concurrency=np.array(concurrency, dtype=float),
        throughput_rps=np.array(transactions) / 60,
        fractions=np.array([0.5]),
        latencies_s=np.array(means_s)[:, None],
        error_rate=np.zeros(size),
        requests=np.zeros(size),
        means_s=np.array(means_s),
    )


def usd_per_transaction(name: str, concurrency: int) -> float:
    profile = of_fmbench(name)
    at = int(np.flatnonzero(profile.concurrency == concurrency)[0])
    return FMBENCH_USD_PER_HOUR[name] / (profile.throughput_rps[at] * 3600)


def test_fmbench_p4d_costs_0_0233_a_transaction_at_concurrency_2():
    profile = of_fmbench("ml.p4d.24xlarge")
    assert usd_per_transaction("ml.p4d.24xlarge", 2) == pytest.approx(0.0233, abs=5e-5)
    # It saturates at 2: more concurrency only waits longer.
    assert profile.throughput_rps[1] == pytest.approx(profile.throughput_rps.max())
    assert profile.means_s[1] == 4.11


def test_fmbench_the_dearer_instance_is_4_9_times_cheaper_per_transaction():
    # Within 20 s the g5 can only be asked one at a time.
    within = of_fmbench("ml.g5.48xlarge").means_s <= 20
    assert within.tolist() == [True, False, False]
    dear = usd_per_transaction("ml.g5.48xlarge", 1)
    assert dear == pytest.approx(0.113, abs=5e-4)
    assert dear / usd_per_transaction("ml.p4d.24xlarge", 2) == pytest.approx(4.9, abs=0.05)


def test_fmbench_measured_no_p99_and_none_is_invented():
    found = reported(of_fmbench("ml.p4d.24xlarge"), [Objective(fraction=0.99, limit_s=20)], 0.001)
    assert found.max_rps_at_slo is None
    assert "not measured" in str(found.reason)


#: AWS docs, Inference Recommender, October 2021 (a869fa5): USD per hour, invocations per minute,
#: model latency. Published error: called milliseconds, they are microseconds.
RECOMMENDER = {
    "ml.c5.xlarge": (0.204, 648, 263_596),
    "ml.c5d.large": (0.115, 655, 826_019),
    "ml.m5.large": (0.115, 570, 1_085_446),
}


@pytest.mark.parametrize(
    ("name", "published"),
    [("ml.c5.xlarge", 5.2469e-06), ("ml.c5d.large", 2.9262e-06), ("ml.m5.large", 3.3626e-06)],
)
def test_recommender_cost_per_inference(name, published):
    usd_per_hour, invocations, _ = RECOMMENDER[name]
    profile = rates(name, [invocations / 60], [[1.0]], [0], fractions=(0.5,))
    found = usd_per_hour / (profile.max_rps * 3600)
    assert found == pytest.approx(published, rel=5e-5)


def test_recommender_cost_per_inference_of_three_is_of_the_whole_endpoint():
    fleet = rates("ml.m5.large", [1113 / 60], [[1.0]], [0], fractions=(0.5,))
    found = 0.69 / (fleet.max_rps * 3600)
    assert found == pytest.approx(1.0332e-05, rel=5e-5)


def test_recommender_cheapest_is_c5d_and_within_500_ms_only_c5_passes():
    def usd(name: str) -> float:
        return RECOMMENDER[name][0] / RECOMMENDER[name][1]

    assert min(RECOMMENDER, key=usd) == "ml.c5d.large"
    limit = [Objective(fraction=0.5, limit_s=0.5)]
    passing = [
        name
        for name, (_, invocations, latency_us) in RECOMMENDER.items()
        if reported(
            rates(name, [invocations / 60], [[latency_us / 1000]], [0], fractions=(0.5,)),
            limit,
            0.0,
        ).max_rps_at_slo
    ]
    assert passing == ["ml.c5.xlarge"]


def test_recommender_latencies_taken_for_milliseconds_are_noticed():
    misread = rates("ml.c5d.large", [655 / 60], [[826_019]], [0], fractions=(0.5,))
    assert WarningCode.LATENCY_UNIT in {caveat.code for caveat in misread.caveats()}


@pytest.mark.parametrize(("upper_limit", "least", "most"), [(30_000, 1, 2), (3_000, 2, 12)])
def test_auto_scaling_notebook_counts_follow_from_its_upper_limit(upper_limit, least, most):
    # amazon-sagemaker-examples 2d519b5 (Apache-2.0): tps = upper limit / 60, at least
    # ceil(70 / tps), at most ceil(500 / tps x 1.2). The limit itself is published only as a plot.
    profile = rates("ml.c5.large", [upper_limit / 60], [[1.0]], [0], fractions=(0.5,))
    assert math.ceil(70 / profile.max_rps) == least
    assert math.ceil(500 / profile.max_rps * 1.2) == most
