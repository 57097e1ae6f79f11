"""Requests in flight: the fluid against closed forms, against every request, and conserved."""

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.capacity import RatesProfile, Routing, WorkersProfile
from smcost.queueing.erlang import waiting_probability
from smcost.queueing.exact.given import serve_given
from smcost.queueing.service import ServiceTime
from smcost.replay.in_flight import TICK_S, Fleet, occupancy

#: Four workers of 100 ms, exponential: 40 s^-1, 400 in a step.
PROFILE = WorkersProfile(
    instance_type="ml.m5.xlarge", workers=4, service=ServiceTime(mean_s=0.1, cv=1.0)
)
RANDOM, LEAST = Routing.RANDOM, Routing.LEAST_OUTSTANDING_REQUESTS


@cache
def tables_of(routing):
    return occupancy(PROFILE, routing, 50)


@pytest.mark.parametrize("utilisation", [0.1, 0.3, 0.5, 0.7, 0.9, 0.95])
def test_steady_content_is_that_of_the_m_m_c_queue(utilisation):
    offered = 4 * utilisation
    waiting_s = waiting_probability(offered, 4) * 0.1 / (4 - offered)
    in_flight = 40 * utilisation * (0.1 + waiting_s)
    assert tables_of(RANDOM).steady(400 * utilisation, 1) == pytest.approx(in_flight, rel=0.02)


def test_at_the_highest_rate_or_more_there_is_no_steady_content():
    assert math.isinf(tables_of(RANDOM).steady(400.0, 3))
    assert tables_of(RANDOM).steady(0.0, 3) == 0.0


def test_least_outstanding_routing_holds_less_the_larger_the_fleet():
    held = [tables_of(LEAST).steady(320.0, instances) for instances in (1, 4, 16)]
    assert held == sorted(held, reverse=True)
    assert held[0] <= tables_of(RANDOM).steady(320.0, 1) * (1 + 1e-9)
    # Never fewer than the busy workers.
    assert held[-1] >= 0.8 * 4


def settled(tables, per_step, instances, steps=200):
    fleet = Fleet(tables)
    for _ in range(steps):
        held, answered = fleet.step(per_step * instances, instances)
    return held / instances, answered / instances


@pytest.mark.parametrize("routing", [RANDOM, LEAST], ids=["random", "least outstanding"])
@pytest.mark.parametrize("per_step", [10.0, 120.0, 300.0, 380.0])
def test_under_steady_traffic_the_fleet_settles_at_the_steady_content(routing, per_step):
    tables = tables_of(routing)
    held, answered = settled(tables, per_step, 5)
    assert held == pytest.approx(tables.steady(per_step, 5), rel=1e-6)
    assert answered == pytest.approx(per_step, rel=1e-9)


def test_a_backlog_grows_by_what_comes_too_much_and_drains_at_the_highest_rate():
    fleet = Fleet(tables_of(RANDOM))
    contents = [fleet.step(2 * 600.0, 2)[0] / 2 for _ in range(30)]
    assert np.diff(contents[10:]) == pytest.approx(200.0, rel=1e-6)
    emptied = [fleet.step(0.0, 2) for _ in range(3)]
    assert [answered for _, answered in emptied] == [800.0] * 3


def test_content_follows_the_traffic_within_a_response_time():
    """Services of 3 s without queueing: x1 = (x0 + a) 3 / (3 + 10), by the implicit step."""
    slow = WorkersProfile(
        instance_type="ml.m5.xlarge", workers=400, service=ServiceTime(mean_s=3.0, cv=0.0)
    )
    fleet = Fleet(occupancy(slow, Routing.RANDOM, 1))
    expected = 0.0
    for _ in range(4):
        held, _ = fleet.step(300.0, 1)
        expected = (expected + 300.0) * 3 / 13
        assert held == pytest.approx(expected, rel=0.01)


def test_under_random_routing_old_instances_keep_their_backlog_and_new_ones_have_none():
    fleet = Fleet(tables_of(RANDOM))
    for _ in range(30):
        fleet.step(2 * 600.0, 2)
    before, _ = fleet.step(2 * 600.0, 2)
    held, _ = fleet.step(4 * 300.0, 4)
    # Two drain 400 - 300 each; two hold what they would at 300.
    assert held == pytest.approx(
        before - 2 * 100 + 2 * tables_of(RANDOM).steady(300.0, 4), rel=1e-3
    )


def test_under_least_outstanding_routing_backlogs_drain_at_full_capacity():
    fleet = Fleet(tables_of(LEAST))
    for _ in range(30):
        fleet.step(2 * 600.0, 2)
    before, _ = fleet.step(2 * 600.0, 2)
    held, answered = fleet.step(4 * 100.0, 4)
    assert held == pytest.approx(before - 2 * 400, abs=2 * tables_of(LEAST).steady(200.0, 4) + 1)
    assert answered >= 800.0


def test_whoever_leaves_takes_what_it_holds_along():
    fleet = Fleet(tables_of(RANDOM))
    for _ in range(10):
        fleet.step(3 * 600.0, 3)
    before, _ = fleet.step(3 * 600.0, 3)
    held, _ = fleet.step(0.0, 1)
    assert held == pytest.approx(before / 3 - 400)


def test_a_rate_test_has_a_content_too():
    rates = RatesProfile(
        instance_type="ml.m5.large",
        offered_rps=np.array([10.0, 20.0]),
        fractions=np.array([0.5, 0.99]),
        latencies_s=np.array([[0.1, 0.2], [0.2, 0.6]]),
        error_rate=np.zeros(2),
        requests=np.zeros(2),
    )
    tables = occupancy(rates, Routing.RANDOM, 1)
    # Between a service of the median and one of the p99.
    assert 10 * 0.1 * 0.5 < tables.steady(100.0, 1) < 10 * 0.2
    assert np.all(np.diff(tables.before[0]) > 0)


@settings(max_examples=50, deadline=None)
@given(
    arrived=st.lists(st.integers(0, 3_000), min_size=1, max_size=40),
    instances=st.integers(1, 6),
    least=st.booleans(),
)
def test_no_request_is_lost_and_none_is_made_up(arrived, instances, least):
    fleet, before = Fleet(tables_of(LEAST if least else RANDOM)), 0.0
    for count in arrived:
        held, answered = fleet.step(float(count), instances)
        assert before + count - answered == pytest.approx(held, rel=1e-9, abs=1e-6)
        assert 0 <= answered <= instances * 400 * (1 + 1e-12)
        before = held


def test_the_fluid_follows_the_requests_one_by_one_through_a_rise_and_an_overload():
    """Forty instances at 0.5, 0.8 and 1.2 of their rate, 5 minutes each, every request served."""
    rng = np.random.default_rng(7)
    utilisations, instances = np.repeat([0.5, 0.8, 1.2], 30), 40
    counts = rng.poisson(400 * utilisations * instances)
    arrivals_s = np.concatenate(
        [np.sort(rng.uniform(TICK_S * n, TICK_S * (n + 1), c)) for n, c in enumerate(counts)]
    )
    responses_s = serve_given(
        arrivals_s=arrivals_s,
        services_s=rng.exponential(0.1, arrivals_s.size),
        choices=rng.uniform(size=arrivals_s.size),
        in_service=np.array([instances]),
        step_s=60.0,
        workers=4,
    )
    ends_s = np.sort(arrivals_s + responses_s)
    # The mean of twenty moments of each 10 s.
    moments_s = TICK_S * np.arange(1, 20 * 90 + 1) / 20
    true = np.searchsorted(arrivals_s, moments_s) - np.searchsorted(ends_s, moments_s)
    true = true.reshape(90, 20).mean(axis=1)
    fleet = Fleet(tables_of(RANDOM))
    fluid = np.array([fleet.step(float(count), instances)[0] for count in counts])
    # At rest the mean over minutes; in the overload every point, which is one of the 10 s' end.
    assert fluid[5:30].mean() == pytest.approx(true[5:30].mean(), rel=0.03)
    assert fluid[35:60].mean() == pytest.approx(true[35:60].mean(), rel=0.05)
    middle = (fluid[63:] + fluid[62:-1]) / 2
    assert middle == pytest.approx(true[63:], rel=0.05)
