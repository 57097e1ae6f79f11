"""The best commitment against brute force, and against the quantile rule."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.commitment import (
    STEP_USD,
    Usage,
    best_commitment,
    coverage,
    hourly_usd,
    together,
)
from smcost.errors import UsageError

D = Decimal


def usage(instances, *, price="0.23", rate=None, discount="0.31", weight=None, first=0):
    instances = np.array(instances, dtype=np.float64)
    return Usage(
        instance_type="ml.m5.xlarge",
        hour_s=3600 * np.arange(first, first + instances.size),
        instances=instances,
        weight=np.ones(instances.size) if weight is None else np.array(weight, dtype=np.float64),
        usd_per_hour=D(price),
        plan_usd_per_hour=D(price) * (1 - D(discount)) if rate is None else D(rate),
    )


def by_hand(usages, commitment):
    """Mean cost of an hour, hour by hour and endpoint by endpoint."""
    total, weight = 0.0, usages[0].weight
    for hour in range(weight.size):
        left = cost = float(commitment)
        for each in sorted(usages, key=lambda each: each.plan_usd_per_hour / each.usd_per_hour):
            rate, price = float(each.plan_usd_per_hour), float(each.usd_per_hour)
            taken = min(left, each.instances[hour] * rate)
            left -= taken
            cost += (each.instances[hour] - taken / rate) * price
        total += cost * weight[hour]
    return total / weight.sum()


def brute_force(usages):
    """The cheapest of all commitments of the grid, by trying each."""
    most = sum(float(each.instances.max() * float(each.plan_usd_per_hour)) for each in usages)
    tried = [number * STEP_USD for number in range(int(most / float(STEP_USD)) + 3)]
    return min(hourly_usd(usages, commitment) for commitment in tried)


def test_always_the_same_fleet_is_committed_whole():
    assert best_commitment([usage([10] * 24)]) == D("1.587")


def test_nothing_is_committed_where_nothing_runs_in_most_hours():
    assert best_commitment([usage([0] * 16 + [3] * 8)]) == 0


def test_the_floor_is_committed_where_the_discount_is_small():
    # One instance for two thirds of the day, three for the rest: 0.69 x 0.23.
    assert best_commitment([usage([1] * 16 + [3] * 8)]) == D("0.159")


def test_the_peak_is_committed_where_the_discount_is_large():
    found = best_commitment([usage([1] * 12 + [3] * 12, discount="0.64")])
    assert float(found) == pytest.approx(0.36 * 3 * 0.23, abs=1e-3)


def test_an_hour_that_is_known_in_part_counts_in_part():
    # Without weights half of the hours are empty, with them one in eleven.
    assert best_commitment([usage([0, 2])]) == 0
    assert best_commitment([usage([0, 2], weight=[0.1, 1])]) > 0


def test_the_highest_saving_is_covered_first():
    dear = usage([1, 1], price="1", rate="0.4")
    cheap = usage([1, 1], price="1", rate="0.9")
    found = coverage([cheap, dear], D("0.4"))
    assert found.covered == (0.0, 1.0)
    assert found.uncovered == (1.0, 0.0)
    assert found.used_usd == pytest.approx(0.4)


def test_what_an_hour_leaves_of_a_commitment_is_lost():
    found = coverage([usage([0, 4], price="1", rate="0.5")], D(1))
    assert found.used_usd == pytest.approx(0.5)
    assert found.covered == (1.0,)
    assert hourly_usd([usage([0, 4], price="1", rate="0.5")], D(1)) == pytest.approx(2.0)


curves = st.lists(st.floats(0, 6).map(lambda value: round(value, 2)), min_size=1, max_size=12)
discounts = st.sampled_from(["0.05", "0.17", "0.31", "0.5", "0.64"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(curves, discounts), min_size=1, max_size=3))
def test_the_best_commitment_is_that_of_brute_force(drawn):
    size = min(len(curve) for curve, _ in drawn)
    usages = [
        usage(curve[:size], price=price, discount=discount)
        for (curve, discount), price in zip(drawn, ("0.13", "0.2", "0.05"), strict=False)
    ]
    found = best_commitment(usages)
    assert found % STEP_USD == 0
    assert hourly_usd(usages, found) == pytest.approx(brute_force(usages), abs=1e-12)


@given(st.lists(st.tuples(curves, discounts), min_size=1, max_size=3), st.floats(0, 3))
def test_an_hour_costs_what_it_does_by_hand(drawn, commitment):
    size = min(len(curve) for curve, _ in drawn)
    usages = [usage(curve[:size], discount=discount) for curve, discount in drawn]
    commitment = D(repr(round(commitment, 3)))
    assert hourly_usd(usages, commitment) == pytest.approx(by_hand(usages, commitment), abs=1e-9)


@given(curves, discounts)
def test_with_one_discount_it_is_the_discounted_quantile(curve, discount):
    d, spend = float(discount), 0.23 * np.sort(curve)
    # The smallest spend that at least the share d of the hours does not exceed.
    quantile = spend[max(0, int(np.ceil(d * spend.size - 1e-9)) - 1)]
    rule = (1 - d) * float(quantile)
    found = [usage(curve, discount=discount)]
    nearest = min(
        hourly_usd(found, STEP_USD * int(rule / float(STEP_USD))),
        hourly_usd(found, STEP_USD * (int(rule / float(STEP_USD)) + 1)),
    )
    assert hourly_usd(found, best_commitment(found)) == pytest.approx(nearest, abs=1e-12)


@given(curves, discounts)
def test_a_commitment_never_costs_more_than_none(curve, discount):
    found = [usage(curve, discount=discount)]
    assert hourly_usd(found, best_commitment(found)) <= hourly_usd(found, D(0)) + 1e-12


@given(curves, curves)
def test_several_endpoints_of_one_rate_are_the_sum_of_their_curves(first, second):
    size = min(len(first), len(second))
    apart = [usage(first[:size]), usage(second[:size])]
    summed = [usage(np.add(first[:size], second[:size]))]
    best = best_commitment(apart)
    assert hourly_usd(apart, best) == pytest.approx(hourly_usd(summed, best_commitment(summed)))


def test_the_sum_of_two_curves_may_deserve_more_than_each_alone():
    # One runs by day, the other by night: together they are always there.
    day, night = usage([2] * 12 + [0] * 12), usage([0] * 12 + [2] * 12)
    assert best_commitment([day]) == best_commitment([night]) == 0
    assert best_commitment([day, night]) == D("0.317")


def test_the_same_usage_twice_is_two():
    one = usage([1, 1, 1])
    found = coverage([one, one], D("0.23"))
    assert sum(found.covered) == pytest.approx(0.23 / (0.23 * 0.69))


def test_usages_are_joined_over_the_hours_that_all_know():
    first, second = usage([1, 2, 3]), usage([5, 6, 7], first=1, weight=[0.5, 1, 1])
    one, two = together([first, second])
    assert one.instances.tolist() == [2, 3]
    assert two.instances.tolist() == [5, 6]
    assert one.weight.tolist() == two.weight.tolist() == [0.5, 1]


def test_usages_of_other_days_cannot_be_joined():
    with pytest.raises(UsageError, match="no hour in common"):
        together([usage([1, 2]), usage([1, 2], first=9)])


@pytest.mark.parametrize("discount", ["0", "1", "-0.1"])
def test_a_rate_that_saves_nothing_is_refused(discount):
    with pytest.raises(UsageError, match="saves nothing"):
        usage([1], discount=discount)


@pytest.mark.parametrize(
    "changes", [{"instances": []}, {"instances": [-1]}, {"instances": [1], "weight": [0]}]
)
def test_what_is_no_usage_is_refused(changes):
    with pytest.raises(UsageError, match="do not fit"):
        usage(**changes)
