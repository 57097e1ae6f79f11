"""AWS's own answer stands beside ours with its cost, its latency and what it breaks."""

from dataclasses import replace
from decimal import Decimal

import pytest

from smcost.capacity import WorkersProfile
from smcost.cost import Tariff
from smcost.errors import UsageError
from smcost.queueing.service import ServiceTime
from smcost.recommend.among import recommend_among
from smcost.recommend.aws_answer import GivenPolicy, given_alternative
from smcost.recommend.budget import Budget
from smcost.recommend.recommend import recommend
from smcost.recommend.result import AlternativeKind

COUNTS = [400] * 120 + [900] * 120
POLICY = GivenPolicy(
    minimum=9,
    maximum=9,
    target_per_minute=120.0,
    scale_in_cooldown_s=300.0,
    scale_out_cooldown_s=300.0,
)


def beside(problem, **change):
    return given_alternative(replace(POLICY, **change), problem, Budget(0))


def test_a_policy_without_room_is_a_fixed_fleet_of_known_cost(problem):
    found = beside(problem(COUNTS))
    assert found.kind is AlternativeKind.AWS_RECOMMENDATION
    assert found.variant.fixed
    assert (found.variant.minimum, found.variant.maximum) == (9, 9)
    assert found.expected_usd == 9 * Decimal("0.23") * 720
    assert found.breaks == ""


def test_our_own_answer_given_back_costs_and_answers_the_same(problem):
    asked = problem(COUNTS)
    ours = recommend(asked)
    variant = ours.estimate.variant
    assert not variant.fixed
    found = beside(
        asked,
        minimum=variant.minimum,
        maximum=variant.maximum,
        target_per_minute=variant.target_per_minute,
    )
    assert found.expected_usd == ours.estimate.cost.expected.usd
    assert found.p99_s == ours.estimate.latency.p99_s
    assert found.breaks == ""


@pytest.mark.parametrize("minimum", [1, 2])
def test_too_few_are_told_what_they_break(problem, minimum):
    found = beside(problem(COUNTS), minimum=minimum, maximum=2)
    assert found.breaks != ""
    assert found.failed_fraction > 0 or found.worst_window_p99_s > 2.0


def test_it_keeps_its_own_bounds_and_cooldowns_whatever_ours_are(problem):
    asked = problem(COUNTS, min_instances=4, pins={"maximum": 20, "target_per_minute": 99.0})
    found = beside(
        asked, minimum=2, maximum=11, scale_in_cooldown_s=600.0, scale_out_cooldown_s=60.0
    )
    variant = found.variant
    assert (variant.minimum, variant.maximum, variant.target_per_minute) == (2, 11, 120)
    assert (variant.scale_in_cooldown_s, variant.scale_out_cooldown_s) == (600, 60)


def test_a_longer_scale_in_cooldown_never_costs_less(problem):
    asked = problem([900] * 60 + [600] * 60 + [300] * 60 + [100] * 60)
    short, long = (
        beside(asked, minimum=1, maximum=20, scale_in_cooldown_s=seconds).expected_usd
        for seconds in (60.0, 7_200.0)
    )
    assert long > short


@pytest.mark.parametrize(("minimum", "maximum"), [(0, 3), (4, 3), (-1, -1)])
def test_bounds_that_are_none_are_refused(minimum, maximum):
    with pytest.raises(UsageError, match="is no policy"):
        replace(POLICY, minimum=minimum, maximum=maximum)


def test_it_stands_among_the_alternatives_on_its_own_type(problem):
    cheap = problem(COUNTS)
    dear = replace(
        cheap,
        profile=WorkersProfile(
            instance_type="ml.dear", workers=2, service=ServiceTime(mean_s=0.25, cv=0.5)
        ),
        tariff=Tariff(instance_type="ml.dear", usd_per_hour=Decimal(1)),
    )
    number, found = recommend_among([cheap, dear], given=("ml.dear", POLICY))
    assert number == 0
    [theirs] = [a for a in found.alternatives if a.kind is AlternativeKind.AWS_RECOMMENDATION]
    assert theirs.variant.instance_type == "ml.dear"
    assert theirs.expected_usd == 9 * 720
    _, without = recommend_among([cheap, dear])
    assert found.alternatives == (*without.alternatives, theirs)
