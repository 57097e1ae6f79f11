"""How much one instance takes within limits."""

import math

import numpy as np
import pytest

from smcost.capacity import Kind, RatesProfile, SweepProfile, WorkersProfile
from smcost.capacity.at_slo import latency_curve, max_rps_within, reported
from smcost.queueing.service import ServiceLaw, ServiceTime
from smcost.remarks import WarningCode
from smcost.slo import Objective

RATES = RatesProfile(
    instance_type="ml.c5.xlarge",
    offered_rps=np.array([1.0, 10, 20, 40]),
    fractions=np.array([0.5, 0.99]),
    latencies_s=np.array([[0.02, 0.08], [0.01, 0.03], [0.012, 0.04], [0.02, 0.1]]),
    error_rate=np.array([0, 0, 0, 0.004]),
    requests=np.full(4, 1000.0),
)
SWEEP = SweepProfile(
    instance_type="ml.g5.xlarge",
    concurrency=np.array([1.0, 4]),
    throughput_rps=np.array([0.5, 1.2]),
    fractions=np.array([0.95]),
    latencies_s=np.array([[2.0], [4.0]]),
    error_rate=np.zeros(2),
    requests=np.zeros(2),
    means_s=np.full(2, math.nan),
)
ONE_SLOT = WorkersProfile(
    instance_type="ml.m5.large",
    workers=1,
    service=ServiceTime(mean_s=0.1, cv=1.0, law=ServiceLaw.GAMMA),
)


def p99(limit_s: float) -> Objective:
    return Objective(fraction=0.99, limit_s=limit_s)


@pytest.mark.parametrize(("limit_s", "rps"), [(0.04, 20), (0.1, 40), (5.0, 40)])
def test_a_limit_at_a_measured_percentile_is_kept_up_to_its_rate(limit_s, rps):
    profile = RATES if limit_s == 0.04 else RATES.passing(0.0)
    # Without the failing row 20 rps is the most, whatever the limit.
    assert max_rps_within(profile, [p99(limit_s)]) == pytest.approx(min(rps, 20), rel=1e-6)


def test_the_highest_rate_counts_and_not_the_first_that_fails():
    # At 1 rps the p99 of 80 ms is above 50 ms; at 20 rps it is not.
    found = max_rps_within(RATES, [p99(0.05)])
    assert found is not None
    assert 20 < found < 40


def test_every_limit_must_be_kept():
    strict = max_rps_within(RATES, [Objective(fraction=0.5, limit_s=0.013), p99(0.2)])
    alone = max_rps_within(RATES, [Objective(fraction=0.5, limit_s=0.013)])
    assert strict == pytest.approx(alone)


def test_one_exponential_slot_keeps_a_p99_up_to_its_closed_form():
    # M/M/1: P(T > t) = exp(-(mu - rate) t): rate = 10 - ln(100) / t.
    found = max_rps_within(ONE_SLOT, [p99(1.0)])
    assert found == pytest.approx(10 - math.log(100), rel=3e-3)
    assert max_rps_within(ONE_SLOT, [p99(0.4)]) is None


def test_a_report_says_why_there_is_no_rate():
    limits = [p99(0.05)]
    assert (
        reported(SWEEP, limits, 0.001).reason
        == "The p99 was not measured at every level: it is not invented"
    )
    assert "above a limit at every load" in str(reported(RATES, [p99(0.01)], 0.001).reason)
    failing = RatesProfile(
        instance_type="ml.c5.xlarge",
        offered_rps=RATES.offered_rps,
        fractions=RATES.fractions,
        latencies_s=RATES.latencies_s,
        error_rate=np.full(4, 0.02),
        requests=RATES.requests,
    )
    found = reported(failing, limits, 0.01)
    assert "2.00% of the requests" in str(found.reason)
    assert found.max_rps_at_slo is None


def test_errors_bind_before_latency():
    assert reported(RATES, [p99(1.0)], 0.01).max_rps_at_slo == 40
    assert reported(RATES, [p99(1.0)], 0.001).max_rps_at_slo == 20


def test_without_limits_there_is_neither_a_rate_nor_a_reason():
    found = reported(ONE_SLOT, (), 0.001)
    assert (found.max_rps_at_slo, found.reason, found.caveats) == (None, None, ())


def test_an_open_loop_test_says_that_routing_is_not_known():
    codes = [caveat.code for caveat in reported(RATES, (), 0.001).caveats]
    assert WarningCode.ROUTING_UNKNOWN in codes
    assert WarningCode.ROUTING_UNKNOWN not in [c.code for c in reported(SWEEP, (), 0.001).caveats]


def test_the_curve_is_the_highest_measured_percentile_at_its_levels():
    rates, sweep = latency_curve(RATES), latency_curve(SWEEP)
    assert (rates.kind, rates.fraction) == (Kind.RATES, 0.99)
    assert rates.latencies_s.tolist() == [0.08, 0.03, 0.04, 0.1]
    assert (sweep.fraction, sweep.levels.tolist()) == (0.95, [1, 4])


def test_the_curve_of_workers_is_the_p99_of_their_response():
    curve = latency_curve(ONE_SLOT)
    expected_s = math.log(100) / (10 * (1 - curve.levels))
    assert curve.latencies_s == pytest.approx(expected_s, rel=0.01)
