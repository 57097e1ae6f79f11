"""Who meets a cold start: against closed forms, laws, and a simulation of every request."""

import heapq
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.errors import UsageError
from smcost.kinds.cold_starts import ColdTimes, cold_starts
from smcost.kinds.serverless import offered_load

COUNTS = st.lists(st.integers(0, 400), min_size=2, max_size=60).map(np.array)


def cold_share(invocations, service_s, start_s=5.0, keep_alive_s=600.0, **more):
    found = cold_starts(
        invocations,
        offered_load(invocations, service_s),
        ColdTimes(start_s=start_s, keep_alive_s=keep_alive_s),
        **{"most": 200, **more},
    )
    return float(found.sum()) / max(int(invocations.sum()), 1)


def simulated_share(invocations, service_s, start_s, keep_alive_s, seed):
    """Every request, exponential service, the container used last asked first."""
    rng = np.random.default_rng(seed)
    idle, busy, cold, total = [], [], 0, 0
    for minute, count in enumerate(invocations.tolist()):
        for now in np.sort(60 * (minute + rng.random(count))).tolist():
            while busy and busy[0] <= now:
                idle.append(heapq.heappop(busy))
            while idle and idle[0] < now - keep_alive_s:
                idle.pop(0)
            done_s = now + rng.exponential(service_s)
            if idle:
                idle.pop()
            else:
                cold, done_s = cold + 1, done_s + start_s
            heapq.heappush(busy, done_s)
            total += 1
    return cold / total


@pytest.mark.parametrize("per_minute", [0.02, 0.05, 0.1, 0.3])
def test_now_and_then_it_is_the_chance_of_so_long_a_gap(per_minute):
    counts = np.random.default_rng(7).poisson(per_minute, 300_000)
    share = cold_share(counts, 0.01, start_s=0.0)
    assert share == pytest.approx(math.exp(-10 * per_minute), rel=0.03)


def test_a_request_in_twenty_minutes_as_the_page_says():
    counts = np.random.default_rng(8).poisson(1 / 20, 300_000)
    assert cold_share(counts, 0.01, start_s=0.0) == pytest.approx(0.607, rel=0.02)


@pytest.mark.parametrize(
    ("peak_rps", "service_s", "start_s", "keep_alive_s"),
    [
        pytest.param(0.5, 0.5, 5.0, 600.0, id="half a request a second"),
        pytest.param(3.0, 0.5, 5.0, 600.0, id="three a second"),
        pytest.param(5.0, 2.0, 5.0, 600.0, id="slow"),
        pytest.param(5.0, 0.05, 10.0, 300.0, id="fast, cold for long"),
        pytest.param(0.05, 1.0, 5.0, 600.0, id="rare"),
    ],
)
def test_a_day_is_as_simulated(peak_rps, service_s, start_s, keep_alive_s):
    shape = (0.5 + 0.5 * np.sin(2 * np.pi * np.arange(1440) / 1440)) ** 2
    counts = np.random.default_rng(9).poisson(60 * peak_rps * shape)
    model = cold_share(counts, service_s, start_s, keep_alive_s)
    truth = [
        simulated_share(counts, service_s, start_s, keep_alive_s, seed)
        for seed in range(1 if peak_rps > 1 else 4)
    ]
    # A few hundred cold starts at most: the sample's own error is 6 % and more.
    assert model == pytest.approx(float(np.mean(truth)), rel=0.3)


def test_rushes_after_idle_time_are_as_simulated():
    rng = np.random.default_rng(10)
    counts = np.where(rng.random(2880) < 0.005, 600, 0)
    truth = simulated_share(counts, 0.2, 5.0, 600.0, 11)
    assert cold_share(counts, 0.2) == pytest.approx(truth, rel=0.25)
    # While the first container starts, all who come are cold: 10 a second for 5 s.
    assert cold_share(counts, 0.2) > 0.8 * 50 / 600


@settings(max_examples=20)
@given(COUNTS, st.floats(0.01, 5.0), st.integers(0, 12), st.integers(1, 12))
def test_a_longer_keep_alive_never_makes_more_of_them_cold(counts, service_s, minutes, more):
    shares = [
        cold_share(counts, service_s, keep_alive_s=60.0 * m) for m in (minutes, minutes + more)
    ]
    assert shares[1] <= shares[0] + 1e-9


@settings(max_examples=20)
@given(COUNTS, st.floats(0.01, 5.0), st.integers(0, 5), st.integers(1, 20))
def test_one_more_provisioned_never_makes_more_of_them_cold(counts, service_s, held, more):
    shares = [cold_share(counts, service_s, provisioned=n) for n in (held, held + more)]
    assert shares[1] <= shares[0] + 1e-9


@settings(max_examples=20)
@given(COUNTS, st.floats(0.01, 5.0), st.floats(0.0, 90.0), st.integers(0, 12))
def test_no_more_are_cold_than_came(counts, service_s, start_s, minutes):
    found = cold_starts(
        counts,
        offered_load(counts, service_s),
        ColdTimes(start_s=start_s, keep_alive_s=60.0 * minutes),
        most=200,
    )
    assert np.all(found >= 0)
    assert np.all(found <= counts + 1e-9)


def test_nobody_is_cold_with_enough_provisioned():
    counts = np.array([0, 30, 600, 0, 0, 30])
    assert cold_share(counts, 0.5, provisioned=60) == pytest.approx(0.0, abs=1e-6)


def test_a_steady_stream_meets_no_cold_start():
    assert cold_share(np.full(600, 6000), 0.045) < 2e-5


def test_a_longer_start_makes_more_of_a_rush_cold():
    counts = np.zeros(120, dtype=int)
    counts[[30, 90]] = 600
    shares = [cold_share(counts, 0.1, start_s=start_s) for start_s in (0.0, 2.0, 10.0)]
    assert shares == sorted(shares)
    assert shares[2] == pytest.approx(10 / 60, rel=0.05)


def test_the_end_of_the_trace_comes_before_its_beginning():
    warm, cold = np.array([3, 0, 0, 0, 0, 3]), np.array([3, 0, 0, 0, 0, 0])
    times = ColdTimes(start_s=0.0, keep_alive_s=120.0)
    first = [
        cold_starts(counts, offered_load(counts, 0.1), times, most=200)[0]
        for counts in (warm, cold)
    ]
    assert first[0] < 0.1 < 0.9 < first[1]


@pytest.mark.parametrize("times", [(-1.0, 60.0), (1.0, -60.0), (math.nan, 60.0)])
def test_times_that_are_none(times):
    with pytest.raises(UsageError, match="no times"):
        ColdTimes(start_s=times[0], keep_alive_s=times[1])


def test_no_traffic_at_all():
    assert cold_share(np.zeros(10, dtype=int), 0.1) == 0.0
