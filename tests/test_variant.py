"""A variant that SageMaker would not take cannot be built."""

import dataclasses
import math

import pytest

from smcost.capacity import Routing
from smcost.errors import UsageError
from smcost.scaling.policy import Metric, TargetPolicy
from smcost.scaling.schedule import ScheduledAction
from smcost.variant import Variant


def variant(**changes):
    values = {
        "instance_type": "ml.m5.xlarge",
        "minimum": 2,
        "maximum": 8,
        "initial_count": 3,
        "target_per_minute": 600.0,
    }
    return Variant(**values | changes)


def test_the_defaults_are_those_of_aws():
    found = variant()
    assert found.routing is Routing.RANDOM
    assert (found.scale_in_cooldown_s, found.scale_out_cooldown_s) == (300.0, 300.0)


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"minimum": 0, "initial_count": 0}, "below 1"),
        ({"minimum": 9, "initial_count": 9}, "minimum 9 is above the maximum 8"),
        ({"initial_count": 1}, "initial count 1 is not within 2 to 8"),
        ({"initial_count": 9}, "initial count 9 is not within 2 to 8"),
        ({"target_per_minute": 0.0}, "is no rate"),
        ({"target_per_minute": -1.0}, "is no rate"),
        ({"target_per_minute": math.inf}, "is no rate"),
        ({"target_per_minute": math.nan}, "is no rate"),
    ],
)
def test_nonsense_is_refused_with_a_remedy(changes, cause):
    with pytest.raises(UsageError, match=cause) as refusal:
        variant(**changes)
    assert refusal.value.remedy


@pytest.mark.parametrize(
    ("changes", "fixed"),
    [
        ({}, False),
        ({"target_per_minute": None}, True),
        ({"minimum": 3, "maximum": 3}, True),
        ({"minimum": 3, "maximum": 3, "target_per_minute": None}, True),
    ],
)
def test_a_fleet_is_fixed_without_a_policy_or_without_room(changes, fixed):
    assert variant(**changes).fixed is fixed


@pytest.mark.parametrize("count", [2, 8])
def test_the_initial_count_may_lie_on_either_bound(count):
    assert variant(initial_count=count).initial_count == count


def test_the_routing_speaks_the_words_of_the_api():
    assert [str(routing) for routing in Routing] == ["RANDOM", "LEAST_OUTSTANDING_REQUESTS"]


def test_a_variant_cannot_be_changed_and_equals_its_like():
    with pytest.raises(dataclasses.FrozenInstanceError):
        variant().minimum = 1
    assert variant() == variant()
    assert hash(variant()) == hash(variant())


IN_FLIGHT = TargetPolicy(metric=Metric.CONCURRENCY, target=5.0)
MORNING = ScheduledAction(schedule="cron(0 8 * * ? *)", minimum=4)


def test_the_policies_begin_with_that_on_invocations():
    found = variant(scale_in_cooldown_s=60.0, further_policies=(IN_FLIGHT,))
    tracking, other = found.policies
    assert (tracking.metric, tracking.target) == (Metric.INVOCATIONS, 600.0)
    assert (tracking.scale_in_cooldown_s, tracking.scale_out_cooldown_s) == (60.0, 300.0)
    assert other is IN_FLIGHT
    assert found.tracks(Metric.CONCURRENCY)
    assert not found.tracks(Metric.CPU)


def test_a_fleet_is_fixed_without_policies_and_without_a_schedule():
    assert variant(target_per_minute=None).fixed
    assert not variant(target_per_minute=None, further_policies=(IN_FLIGHT,)).fixed
    assert not variant(target_per_minute=None, schedule=(MORNING,)).fixed
    assert variant(maximum=2, initial_count=2).fixed
    assert not variant(maximum=2, initial_count=2, schedule=(MORNING,)).fixed


@pytest.mark.parametrize(("minimum", "told"), [(4, "4"), (6, "6, by schedule from 4")])
def test_a_minimum_says_how_low_the_clock_sets_it(minimum, told):
    found = variant(minimum=minimum, initial_count=6, schedule=(MORNING,))
    assert found.minimum_told == told


def test_two_targets_on_one_metric_are_refused():
    with pytest.raises(UsageError, match="Two policies track concurrency"):
        variant(further_policies=(IN_FLIGHT, IN_FLIGHT))
    tracking = TargetPolicy(metric=Metric.INVOCATIONS, target=1.0)
    with pytest.raises(UsageError, match="Two policies track invocations"):
        variant(further_policies=(tracking,))
