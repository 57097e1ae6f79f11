"""The fleets in Python: stories by hand, and states written and read."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.queueing.exact.fallback_sweep import SweepFleet
from smcost.queueing.exact.fallback_workers import WorkersFleet
from smcost.queueing.exact.quantile_table import tabulated
from smcost.queueing.exact.stations import SweepStation

FIRST, SECOND = 0.0, 0.5


def constant_table(value_s):
    return tabulated(lambda p: np.full(p.shape, value_s), lambda p: np.full(p.shape, value_s))


def workers_fleet(*, instances=1, workers=1, least_outstanding=False, timeout_s=math.inf):
    fleet = WorkersFleet(workers=workers, timeout_s=timeout_s, least_outstanding=least_outstanding)
    fleet.resize(instances)
    return fleet


def sweep_fleet(*throughput_rps, instances=1, timeout_s=math.inf, seed=1):
    """Latencies of 10, 20, 30 ... seconds tell the concurrency met."""
    tables = tuple(constant_table(10.0 * k) for k in range(1, len(throughput_rps) + 1))
    station = SweepStation(throughput_rps=np.array(throughput_rps), latencies=tables)
    fleet = SweepFleet(station=station, timeout_s=timeout_s)
    fleet.resize(instances)
    fleet.begin_minute(seed=seed, minute=0)
    return fleet


def test_workers_serve_in_order_and_an_idle_one_at_once():
    fleet = workers_fleet(workers=2)
    assert fleet.serve([0, 1, 2, 3], [9, 9, 1, 1], [FIRST] * 4) == [9, 9, 8, 8]


def test_a_choice_picks_an_instance():
    fleet = workers_fleet(instances=2)
    assert fleet.serve([0, 1, 2], [9, 9, 1], [FIRST, SECOND, FIRST]) == [9, 9, 8]


def test_a_new_instance_is_empty_and_a_removed_one_is_forgotten():
    fleet = workers_fleet(instances=2, least_outstanding=True)
    assert fleet.serve([0, 0], [500, 500], None) == [500, 500]
    fleet.resize(1)
    assert fleet.serve([61], [1], None) == [440]
    fleet.resize(2)
    # Two on the first, none on the second; then two on either.
    assert fleet.serve([121, 122, 123], [500, 1, 1], None) == [500, 500, 379]


def test_only_those_count_as_waiting_who_wait_at_the_end_of_the_minute():
    fleet = workers_fleet(least_outstanding=True)
    fleet.serve([0, 1, 2, 3], [30, 31, 30, 30], None)
    # They begin at 0, 30, 61 and 91 s.
    assert fleet.settle(60.0) == 2
    assert fleet.settle(61.0) == 1


def test_states_with_the_same_future_are_the_same_bytes():
    one, other = (workers_fleet(workers=3, instances=2) for _ in range(2))
    one.serve([0, 1, 2], [100, 5, 90], [FIRST] * 3)
    other.serve([0, 1, 2], [92, 99, 58], [FIRST] * 3)
    # Free at 100, 6, 92 and at 92, 100, 60 s: at 60 s all that counts is 60, 92, 100.
    assert one.state(60.0) == other.state(60.0)
    assert one.state(59.0) != other.state(59.0)


@settings(deadline=None)
@given(st.integers(0, 2**32), st.booleans(), st.integers(1, 4))
def test_workers_go_on_from_a_state_as_if_nothing_had_been(seed, least_outstanding, workers):
    rng = np.random.default_rng(seed)
    fleet = workers_fleet(instances=3, workers=workers, least_outstanding=least_outstanding)
    before, after = np.sort(rng.integers(0, 60, 60)), np.sort(rng.integers(60, 120, 60))
    services_s = rng.integers(0, 8 * workers, 120)
    choices = None if least_outstanding else rng.random(60).tolist()
    fleet.serve(before.tolist(), services_s[:60].tolist(), choices)
    fleet.settle(60.0)
    copy = WorkersFleet(workers=workers, timeout_s=math.inf, least_outstanding=least_outstanding)
    copy.restore(fleet.state(60.0), 60.0)
    given_next = (after.tolist(), services_s[60:].tolist(), choices)
    assert copy.serve(*given_next) == fleet.serve(*given_next)
    assert copy.state(120.0) == fleet.state(120.0)


def test_a_sweep_serves_at_the_concurrency_that_a_request_makes():
    # So slow that nobody leaves.
    fleet = sweep_fleet(1e-9, 1e-9, 1e-9)
    assert fleet.serve([0, 1, 2], [0.5] * 3, [FIRST] * 3) == [10, 20, 30]


def test_beyond_the_last_concurrency_turns_come_in_order():
    fleet = sweep_fleet(1e-9, 0.5)
    *_, third, fourth, fifth = fleet.serve([0, 0, 0, 0, 0], [0.5] * 5, [FIRST] * 5)
    assert 20 < third < fourth < fifth


def test_least_outstanding_sweeps_fill_evenly():
    fleet = sweep_fleet(1e-9, 1e-9, instances=3)
    found = fleet.serve([0, 1, 2, 3, 4, 5], [0.5] * 6, None)
    assert found == [10, 10, 10, 20, 20, 20]


def test_a_timed_out_turn_goes_to_the_next_who_has_not_timed_out():
    fleet = sweep_fleet(0.01, timeout_s=30.0, seed=5)
    first, second = fleet.serve([0, 1], [0.5, 0.5], [FIRST, FIRST])
    leaves_s = 1 + second - 10
    assert first == 10
    assert leaves_s > 31, "the seed no longer makes the second wait longer than the timeout"
    # Just before that the third arrives and has the same turn, which the fourth has to wait for.
    third, fourth = fleet.serve([leaves_s - 1] * 2, [0.5, 0.5], [FIRST, FIRST])
    assert third == pytest.approx(11)
    assert fourth > 11


@settings(deadline=None)
@given(st.integers(0, 2**32), st.booleans(), st.sampled_from([3.0, math.inf]))
def test_a_sweep_goes_on_from_a_state_as_if_nothing_had_been(seed, least_outstanding, timeout_s):
    rng = np.random.default_rng(seed)
    fleet = sweep_fleet(0.5, 0.8, 0.7, instances=2, timeout_s=timeout_s)
    before, after = np.sort(rng.uniform(0, 60, 90)), np.sort(rng.uniform(60, 120, 90))
    choices = None if least_outstanding else rng.random(90).tolist()
    ranks = rng.random(90).tolist()
    fleet.serve(before.tolist(), ranks, choices)
    waiting = fleet.settle(60.0)
    copy = sweep_fleet(0.5, 0.8, 0.7, timeout_s=timeout_s)
    copy.restore(fleet.state(60.0), 60.0)
    for one in (fleet, copy):
        one.begin_minute(seed=1, minute=1)
    assert copy.settle(60.0) == waiting
    assert copy.serve(after.tolist(), ranks, choices) == fleet.serve(after.tolist(), ranks, choices)
    assert copy.state(120.0) == fleet.state(120.0)


def test_an_idle_sweep_is_the_same_bytes_whatever_was_before():
    used, fresh = sweep_fleet(1e6, 2e6), sweep_fleet(1e6, 2e6)
    used.serve([0.0, 0.5], [0.5, 0.5], [FIRST, FIRST])
    used.settle(60.0)
    assert used.state(60.0) == fresh.state(60.0)
