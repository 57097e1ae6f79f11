"""A rate of saturation: no target above half of it, and no fixed fleet that is busier."""

from dataclasses import replace

import numpy as np
import pytest

from smcost.capacity import RateOf, RatesProfile
from smcost.recommend.candidates import (
    highest_share,
    in_order_of_cost,
    smallest_fixed,
    target_grid,
)
from smcost.recommend.plan import Planner
from smcost.recommend.recommend import recommend
from smcost.slo import Objective, Slo

#: As Inference Recommender has it: 1,113 a minute on 3 instances, 98 ms.
SATURATED = RatesProfile(
    instance_type="ml.m5.xlarge",
    offered_rps=np.array([371 / 60]),
    fractions=np.array([0.95]),
    latencies_s=np.array([[0.098]]),
    error_rate=np.zeros(1),
    requests=np.zeros(1),
    rate_of=RateOf.SATURATION,
)
OFFERED = replace(SATURATED, rate_of=RateOf.OFFERED)
SLO = Slo(objectives=(Objective(fraction=0.95, limit_s=0.2),))
#: A day in an hour, at 9.7 times the rate of one instance in its busiest minutes.
COUNTS = [600] * 60 + [3_600] * 60


@pytest.fixture
def asked(problem):
    def ask(counts=COUNTS, profile=SATURATED, **changes):
        return problem(counts, slo=SLO, profile=profile, **changes)

    return ask


def test_targets_go_up_to_half_of_it(asked):
    found = target_grid(asked())
    # 20 % to 50 % of 371, and 185.5 is not rounded up.
    assert found == (74.2, 92.8, 111.0, 130.0, 148.0, 167.0, 185.0)
    assert highest_share(asked()) == 0.5
    assert target_grid(asked(profile=OFFERED))[-1] == 352


def test_a_target_that_is_given_is_taken(asked):
    assert target_grid(asked(pins={"target_per_minute": 300.0})) == (300.0,)


@pytest.mark.parametrize(
    ("peak", "smallest"), [(185, 1), (186, 2), (371, 2), (372, 3), (3_600, 20), (0, 1)]
)
def test_the_smallest_fixed_fleet_is_half_busy_in_the_busiest_minute(asked, peak, smallest):
    assert smallest_fixed(asked([peak])) == smallest
    assert smallest_fixed(asked([peak], profile=OFFERED)) == 1
    assert smallest_fixed(asked([peak], min_instances=30)) == 30
    assert smallest_fixed(asked([peak], pins={"minimum": 1, "maximum": 1})) == 1


def test_no_busier_fleet_is_among_the_candidates(asked):
    problem = asked()
    found = in_order_of_cost(Planner(problem), list(range(1, 25)))
    fixed = [minimum for _, minimum, target in found if target is None]
    assert fixed == [20, 21, 22, 23, 24]
    assert max(target for _, _, target in found if target is not None) == 185


def test_the_answer_is_no_busier_than_half(asked):
    """Rates that were offered may be used up to the last; these may not."""
    slow, fast = recommend(asked()).estimate, recommend(asked(profile=OFFERED)).estimate
    target = slow.variant.target_per_minute
    assert target is None or target <= 185.5
    assert slow.variant.maximum >= 20
    assert slow.cost.expected.usd > fast.cost.expected.usd


def test_a_constant_load_takes_twice_as_many(asked):
    """1,800 a minute: five at 97 %, or ten at half."""
    found = [recommend(asked([1_800] * 120, profile=p)).estimate for p in (OFFERED, SATURATED)]
    assert [estimate.variant.minimum for estimate in found] == [5, 10]


def test_a_pinned_size_is_judged_as_it_is(asked):
    pins = {"minimum": 5, "maximum": 5}
    assert recommend(asked([1_800] * 120, pins=pins)).estimate.variant.minimum == 5


def test_the_floor_says_that_no_higher_target_was_tried(asked):
    found = recommend(asked([60] * 60))
    assert found.estimate.variant.minimum == 1
    assert found.binding.explanation.endswith("no target above half of a saturation rate is tried.")
