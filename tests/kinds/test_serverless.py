"""Requests in flight, work beyond so many containers, the best provisioned concurrency."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from smcost.errors import UsageError
from smcost.kinds.serverless import (
    ServerlessRates,
    cheapest_provisioned,
    most_in_flight,
    offered_load,
    provisioned_usd_per_gb,
    work,
)
from smcost.queueing.erlang import blocking_probability

#: Those of docs/kinds.md.
RATES = ServerlessRates(
    execution=Decimal("0.00002"),
    reserved=Decimal("0.000005"),
    reserved_execution=Decimal("0.000012"),
)
LOADS = st.lists(st.floats(0.0, 40.0), min_size=1, max_size=30).map(np.array)
POSITIVE = st.decimals("0.0000001", "0.0001", places=7)


def test_the_load_is_littles_law():
    load = offered_load(np.array([0, 60, 1200]), 0.5)
    assert load.tolist() == [0.0, 0.5, 10.0]


@pytest.mark.parametrize("load", [0.3, 2.0, 17.5, 150.0])
@pytest.mark.parametrize("most", [1, 4, 30])
def test_what_is_throttled_is_erlangs_loss(load, most):
    done = work(np.full(7, load), most)
    assert done.throttled_share == pytest.approx(blocking_probability(load, most))
    assert done.beyond_s[0] == pytest.approx(7 * 60 * load)
    assert done.horizon_s == 420


def test_the_containers_of_the_page_are_busy_as_it_says():
    done = work(np.full(60, 2.0), 4)
    assert done.busy_share[:3] == pytest.approx([2 / 3, 8 / 15, 0.4 * 2 - 8 / 19])
    assert cheapest_provisioned(done, RATES) == 1
    per_hour = [provisioned_usd_per_gb(done, count, RATES) for count in range(3)]
    assert per_hour == pytest.approx([0.14400, 0.14280, 0.14544], abs=1e-5)


@settings(max_examples=20)
@given(LOADS)
def test_each_container_has_less_to_do_than_the_one_before(load):
    done = work(load, 60)
    assert np.all(np.diff(done.busy_share) <= 1e-9)
    assert np.all(done.busy_share >= -1e-12)
    assert np.all(done.busy_share <= 1 + 1e-9)


@settings(max_examples=20)
@given(LOADS, POSITIVE, POSITIVE, POSITIVE)
def test_the_provisioned_optimum_is_that_of_brute_force(load, execution, reserved, on_reserved):
    rates = ServerlessRates(execution=execution, reserved=reserved, reserved_execution=on_reserved)
    done = work(load, 60)
    every = [provisioned_usd_per_gb(done, count, rates) for count in range(61)]
    found = every[cheapest_provisioned(done, rates)]
    assert found == pytest.approx(min(every), rel=1e-9, abs=1e-12)


def test_the_optimum_on_a_trace_is_that_of_brute_force():
    day = np.arange(1440)
    load = offered_load(np.rint(600 * (1 + np.sin(2 * np.pi * day / 1440))).astype(int), 0.9)
    done = work(load, 60)
    every = [provisioned_usd_per_gb(done, count, RATES) for count in range(61)]
    best = cheapest_provisioned(done, RATES)
    assert best == int(np.argmin(every))
    assert 1 < best < int(load.max())
    assert every[best] < 0.99 * every[0]


def test_nothing_is_provisioned_where_it_executes_no_cheaper():
    dear = ServerlessRates(
        execution=Decimal("0.00002"), reserved=Decimal(0), reserved_execution=Decimal("0.00002")
    )
    assert cheapest_provisioned(work(np.full(5, 9.0), 20), dear) == 0


def test_everything_is_provisioned_where_holding_costs_nothing():
    free = ServerlessRates(
        execution=Decimal("0.00002"), reserved=Decimal(0), reserved_execution=Decimal("0.00001")
    )
    assert cheapest_provisioned(work(np.full(5, 9.0), 20), free) == 20


@settings(max_examples=20)
@given(LOADS, st.integers(1, 9))
def test_work_on_demand_is_linear_in_the_traffic(load, times):
    once, more = work(load, 5), work(load * times, 5)
    assert more.beyond_s[0] == pytest.approx(times * once.beyond_s[0])


@pytest.mark.parametrize("count", [1, 2, 7, 60, 3000, 100_000])
@pytest.mark.parametrize("service_s", [0.001, 0.09, 2.0])
def test_the_most_in_flight_is_met_by_less_than_half_a_request(count, service_s):
    load = offered_load(np.array([count]), service_s)
    (needed,) = most_in_flight(np.array([count]), load)
    assert 1 <= needed <= count
    assert count * poisson.sf(needed - 1, load[0]) < 0.5 or needed == count
    if needed > 1:
        assert count * poisson.sf(needed - 2, load[0]) >= 0.5 - 1e-6


def test_a_minute_without_requests_needs_nothing():
    assert most_in_flight(np.array([0, 1, 0]), np.array([0.0, 0.001, 0.0])).tolist() == [0, 1, 0]


def test_what_cannot_be():
    with pytest.raises(UsageError, match="serves nobody"):
        work(np.ones(3), 0)
    with pytest.raises(UsageError, match="not known"):
        cheapest_provisioned(work(np.ones(3), 2), ServerlessRates(execution=Decimal(1)))
    assert not ServerlessRates(execution=Decimal(1)).knows_provisioned
    assert RATES.knows_provisioned


def test_no_traffic_throttles_nobody():
    assert work(np.zeros(3), 2).throttled_share == 0.0
