"""Simulated replays are asked like screened ones and agree with them."""

import math

import numpy as np
import pytest

from smcost.capacity import Routing, WorkersProfile
from smcost.queueing.service import ServiceTime
from smcost.replay.latency import LatencyTerms, loads
from smcost.replay.simulated import SimulatedLoads, simulate_loads

PROFILE = WorkersProfile(
    instance_type="ml.m5.xlarge", workers=4, service=ServiceTime(mean_s=0.1, cv=0.5)
)


def given_requests(minute, latency_s, windows=(0, 0, 1), timeout_s=60.0):
    minute = np.array(minute)
    return SimulatedLoads(
        terms=LatencyTerms(timeout_s=timeout_s),
        window=np.array(windows),
        requests=np.bincount(minute, minlength=len(windows)),
        weak=np.zeros(len(windows), dtype=bool),
        minute=minute,
        latency_s=np.array(latency_s),
    )


def simulated(counts, instances, routing=Routing.RANDOM, seed=0, **terms):
    counts = np.array(counts)
    return simulate_loads(
        invocations=counts,
        in_service=np.full(counts.size, instances),
        window=np.zeros(counts.size, dtype=np.int64),
        profile=PROFILE,
        terms=LatencyTerms(**terms),
        routing=routing,
        seed=seed,
    )


def test_late_requests_are_counted_in_their_minute():
    found = given_requests([0, 0, 1, 2], [0.1, 0.9, 0.5, 2.0])
    assert found.late_per_minute(0.5).tolist() == [1, 0, 1]
    assert found.requests_per_window().tolist() == [3, 1]


def test_requests_that_time_out_are_late_for_every_limit():
    found = given_requests([0, 0, 1], [0.1, 61.0, 59.0])
    assert found.late_per_minute(math.inf).tolist() == [1, 0, 0]
    assert found.failed_fraction() == pytest.approx(1 / 3)


def test_percentiles_are_of_the_window_asked_for():
    found = given_requests([0, 1, 2], [1.0, 2.0, 3.0])
    assert found.percentile_s(0.99) == 3.0
    assert found.percentile_s(0.99, window=0) == 2.0


def test_a_percentile_beyond_the_timeout_is_infinite_and_of_nobody_not_a_number():
    assert given_requests([0], [61.0]).percentile_s(0.5) == math.inf
    assert math.isnan(given_requests([0], [1.0]).percentile_s(0.5, window=1))


def test_no_request_is_lost_and_the_overhead_is_added():
    plain, shifted = simulated([600] * 10, 4), simulated([600] * 10, 4, overhead_s=0.02)
    assert plain.latency_s.size == 6_000
    assert np.allclose(shifted.latency_s, plain.latency_s + 0.02)


def test_every_candidate_sees_the_same_arrivals_and_the_same_work():
    """On fleets that never queue, the latencies are the service times themselves."""
    few, many = simulated([60] * 30, 50), simulated([60] * 30, 100)
    assert np.mean(np.isclose(few.latency_s, many.latency_s)) > 0.99


def test_a_seed_gives_the_same_digits_and_another_others():
    one, again, other = (simulated([600] * 10, 2, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(one.latency_s, again.latency_s)
    assert not np.array_equal(one.latency_s, other.latency_s)


@pytest.mark.parametrize("routing", list(Routing))
def test_simulation_and_screening_agree_at_moderate_load(routing):
    """Utilisation 0.6: no more than 2 % low; 5 % high, least-outstanding by its stretch more."""
    counts = np.full(60, 4_320)
    found = simulated(counts, 3, routing)
    screened = loads(
        invocations=counts,
        in_service=np.full(60, 3),
        window=np.zeros(60, dtype=np.int64),
        profile=PROFILE,
        terms=LatencyTerms(),
        routing=routing,
    )
    ratio = screened.percentile_s(0.99) / found.percentile_s(0.99)
    assert 0.98 < ratio < (1.05 if routing is Routing.RANDOM else 1.12)


def test_the_interval_holds_the_percentile_and_narrows_with_the_requests():
    short, long = simulated([1_200] * 20, 2), simulated([1_200] * 200, 2)
    for found in (short, long):
        low_s, high_s = found.interval_s(0.99)
        assert low_s < found.percentile_s(0.99) < high_s
    assert np.diff(long.interval_s(0.99)) < np.diff(short.interval_s(0.99))
