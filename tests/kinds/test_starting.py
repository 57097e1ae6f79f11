"""What starting containers add to the requests in flight: by hand, and against a simulation."""

import heapq

import numpy as np
import pytest

from smcost.kinds.cold_starts import ColdTimes, cold_starts
from smcost.kinds.serverless import offered_load, work
from smcost.kinds.starting import most_with_starts, rush, throttled_starting

#: Nothing, then ten requests a second at once, after which the containers stay warm.
STEP = np.r_[np.zeros(12, int), np.full(10, 600)]
#: The same rush on an endpoint that is a little warm.
WARM = np.r_[np.zeros(12, int), np.full(5, 60), np.full(8, 1200)]


def modelled(counts, service_s, start_s, most=200):
    """Cold and throttled requests, and the most in flight."""
    load = offered_load(counts, service_s)
    times = ColdTimes(start_s=start_s, keep_alive_s=600.0)
    cold = cold_starts(counts, load, times, most=most)
    found = rush(counts, load, cold, start_s)
    throttled = throttled_starting(load, found, most)
    steady = work(load, most).throttled_share * counts.sum()
    peak = most_with_starts(counts, load, found).max()
    return (cold - throttled).sum(), steady + throttled.sum(), peak


def simulated(counts, service_s, start_s, most, seed):
    """The same of every request, exponential service, the container used last asked first."""
    rng = np.random.default_rng(seed)
    idle, busy, cold, throttled, peak = [], [], 0, 0, 0
    for minute in np.flatnonzero(counts).tolist():
        for now in np.sort(60 * (minute + rng.random(counts[minute]))).tolist():
            while busy and busy[0] <= now:
                idle.append(heapq.heappop(busy))
            while idle and idle[0] < now - 600:
                idle.pop(0)
            if len(busy) >= most:
                throttled += 1
                continue
            done_s = now + rng.exponential(service_s)
            if idle:
                idle.pop()
            else:
                cold, done_s = cold + 1, done_s + start_s
            heapq.heappush(busy, done_s)
            peak = max(peak, len(busy))
    return cold, throttled, peak


@pytest.mark.parametrize(
    ("counts", "service_s", "start_s", "most"),
    [
        pytest.param(STEP, 1.0, 5.0, 200, id="a rush"),
        pytest.param(STEP, 0.045, 5.0, 200, id="of fast requests"),
        pytest.param(STEP, 1.0, 5.0, 25, id="of which most are throttled"),
        pytest.param(STEP, 1.0, 30.0, 200, id="with a long cold start"),
        pytest.param(WARM, 0.5, 5.0, 200, id="on a warm endpoint"),
    ],
)
def test_a_rush_is_as_simulated(counts, service_s, start_s, most):
    truth = np.mean([simulated(counts, service_s, start_s, most, seed) for seed in range(6)], 0)
    cold, throttled, peak = modelled(counts, service_s, start_s, most)
    assert cold == pytest.approx(truth[0], rel=0.2)
    assert throttled == pytest.approx(truth[1], rel=0.3, abs=1)
    assert min(peak, most) == pytest.approx(truth[2], rel=0.25)


def test_a_rush_by_hand():
    """10 a second x (5 s + 1 s) are in flight, and of 25 allowed 35 are throttled."""
    counts, load = np.array([600]), np.array([10.0])
    found = rush(counts, load, np.array([60.0]), 5.0)
    assert found.load.tolist() == [60.0]
    assert found.arriving.tolist() == [70.0]
    found = rush(counts, load, np.array([50.0]), 5.0)
    assert found.arriving.tolist() == [60.0]
    assert throttled_starting(load, found, 25)[0] == pytest.approx(35, rel=0.03)


def test_few_cold_requests_hold_no_more_containers_than_they_are():
    found = rush(np.array([600]), np.array([10.0]), np.array([2.0]), 5.0)
    assert found.load.tolist() == [12.0]


def test_a_start_of_minutes_counts_in_the_following_ones_too():
    cold = np.array([0.0, 600.0, 0.0, 0.0])
    found = rush(np.full(4, 600), np.full(4, 10.0), cold, 90.0)
    assert found.load.tolist() == [10.0, 610.0, 610.0, 10.0]
    assert found.arriving.tolist() == [0.0, 600.0, 600.0, 0.0]


def test_where_nothing_starts_nothing_is_added():
    counts = np.array([0, 60, 600])
    load = offered_load(counts, 0.5)
    found = rush(counts, load, np.zeros(3), 5.0)
    assert np.array_equal(found.load, load)
    assert throttled_starting(load, found, 3).tolist() == [0.0, 0.0, 0.0]


def test_no_more_are_in_flight_than_came():
    found = rush(np.array([3]), np.array([0.05]), np.array([3.0]), 60.0)
    assert most_with_starts(np.array([3]), np.array([0.05]), found).tolist() == [3]


def test_a_second_rush_finds_the_containers_of_the_first():
    counts = np.zeros(60, int)
    counts[[20, 25]] = 600
    load = offered_load(counts, 1.0)
    cold = cold_starts(counts, load, ColdTimes(start_s=5.0, keep_alive_s=600.0), most=200)
    assert cold[20] > 55
    assert cold[25] < 10
    short = cold_starts(counts, load, ColdTimes(start_s=5.0, keep_alive_s=120.0), most=200)
    assert short[25] > 55


def test_the_last_rush_of_the_trace_comes_before_its_first():
    counts = np.zeros(60, int)
    counts[[2, 57]] = 600
    cold = cold_starts(
        counts,
        offered_load(counts, 1.0),
        ColdTimes(start_s=5.0, keep_alive_s=600.0),
        most=200,
    )
    assert cold[2] < 10 < 55 < cold[57]
