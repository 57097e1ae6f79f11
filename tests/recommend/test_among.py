"""Choosing among instance types and routings."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from smcost.capacity import Routing, SweepProfile, WorkersProfile
from smcost.cost import Tariff
from smcost.queueing.service import ServiceTime
from smcost.recommend.among import recommend_among
from smcost.recommend.recommend import recommend
from smcost.recommend.result import (
    AlternativeKind,
    Infeasible,
    ReasonCode,
    Recommendation,
    Rejected,
)

COUNTS = [400] * 120 + [900] * 120


def of_type(asked, name, usd_per_hour, mean_s, workers=2):
    profile = WorkersProfile(
        instance_type=name, workers=workers, service=ServiceTime(mean_s=mean_s, cv=0.5)
    )
    tariff = Tariff(instance_type=name, usd_per_hour=Decimal(usd_per_hour))
    return replace(asked, profile=profile, tariff=tariff)


@pytest.fixture
def three_types(problem):
    """Fast and dear, slow and cheap, and one whose own service time breaks the limit."""
    asked = problem(COUNTS)
    return [
        of_type(asked, "ml.dear", "1.00", 0.25),
        of_type(asked, "ml.cheap", "0.20", 0.5),
        of_type(asked, "ml.slow", "0.01", 5.0),
    ]


def test_the_cheapest_feasible_type_wins_and_the_others_are_told(three_types):
    number, found = recommend_among(three_types)
    assert number == 1
    assert isinstance(found, Recommendation)
    assert found.estimate.variant.instance_type == "ml.cheap"
    assert [entry.reason_code for entry in found.rejected] == [ReasonCode.SERVICE_TIME_ABOVE_LIMIT]
    assert found.rejected[0].instance_type == "ml.slow"
    dearer = [other for other in found.alternatives if other.variant.instance_type == "ml.dear"]
    assert len(dearer) == 1
    assert dearer[0].breaks == ""
    assert dearer[0].expected_usd > found.estimate.cost.expected.usd


def test_the_answer_is_that_of_the_type_alone(three_types):
    _, among = recommend_among(three_types)
    alone = recommend(three_types[1])
    assert among.estimate == alone.estimate
    assert among.curve == alone.curve


def test_a_dearer_type_that_needs_fewer_instances_can_win(problem):
    asked = problem([2_000] * 180)
    number, _ = recommend_among(
        [of_type(asked, "ml.small", "0.30", 0.5), of_type(asked, "ml.big", "0.40", 0.1)]
    )
    assert number == 1


def test_where_no_type_is_feasible_every_reason_is_told(three_types, problem):
    tight = [replace(asked, slo=problem([1], p99_s=0.1).slo) for asked in three_types]
    _, found = recommend_among(tight)
    assert isinstance(found, Infeasible)
    assert {entry.instance_type for entry in found.rejected} == {"ml.dear", "ml.cheap", "ml.slow"}


def test_types_rejected_before_the_search_stay_rejected(three_types):
    out = Rejected(instance_type="ml.none", reason_code=ReasonCode.NO_PRICE, reason="No price")
    _, found = recommend_among(three_types, rejected=[out])
    assert found.rejected[0] == out


def test_an_objective_on_a_percentile_nobody_measured_rejects_the_type(problem):
    """It is not invented: only p50 and p90 were measured, the objective is on p99."""
    asked = problem(COUNTS)
    profile = SweepProfile(
        instance_type="ml.llm",
        concurrency=np.array([1.0, 8.0]),
        throughput_rps=np.array([1.0, 6.0]),
        fractions=np.array([0.5, 0.9]),
        latencies_s=np.array([[0.5, 0.6], [0.8, 1.0]]),
        error_rate=np.zeros(2),
        requests=np.zeros(2),
        means_s=np.full(2, np.nan),
    )
    found = recommend(replace(asked, profile=profile))
    assert isinstance(found, Infeasible)
    assert found.rejected[0].reason_code is ReasonCode.PERCENTILE_NOT_MEASURED
    assert "p99 was not measured" in found.rejected[0].reason


def test_the_other_routing_is_an_alternative_and_costs_no_more(problem):
    asked = problem([900] * 60 + [2_400] * 60, p99_s=1.5)
    _, found = recommend_among([asked], try_other_routing=True)
    other = found.alternatives[-1]
    assert other.variant.routing is Routing.LEAST_OUTSTANDING_REQUESTS
    assert other.breaks == ""
    assert other.expected_usd <= found.estimate.cost.expected.usd


def test_a_given_routing_is_kept_and_its_other_not_tried(problem):
    asked = replace(problem(COUNTS), routing=Routing.LEAST_OUTSTANDING_REQUESTS)
    _, found = recommend_among([asked])
    assert found.estimate.variant.routing is Routing.LEAST_OUTSTANDING_REQUESTS
    assert {other.variant.routing for other in found.alternatives} == {
        Routing.LEAST_OUTSTANDING_REQUESTS
    }


def test_the_observer_is_told_which_type_is_being_searched(three_types):
    told = []
    recommend_among(three_types, observe=told.append)
    assert any(what.startswith("ml.dear, ") for what in told)
    assert any(what.startswith("ml.cheap, ") for what in told)


def test_of_many_types_those_that_must_cost_more_are_not_searched(problem):
    asked = problem(COUNTS)
    cheap = [of_type(asked, f"ml.cheap{n}", f"0.2{n}", 0.5) for n in range(8)]
    dear = of_type(asked, "ml.dear", "50.00", 0.5)
    number, found = recommend_among([dear, *cheap])
    assert number == 1
    [entry] = [entry for entry in found.rejected if entry.instance_type == "ml.dear"]
    assert entry.reason_code is ReasonCode.COSTS_MORE
    told = {other.variant.instance_type for other in found.alternatives}
    assert "ml.dear" not in told
    assert told >= {f"ml.cheap{n}" for n in range(1, 8)}
    # A few types are all searched, so that they can be compared.
    _, few = recommend_among([dear, *cheap[:3]])
    assert few.rejected == ()


@pytest.mark.parametrize("prices", [("0.20", "0.31"), ("0.31", "0.20"), ("0.25", "0.25")])
def test_what_is_left_out_never_was_the_answer(problem, prices, monkeypatch):
    """Searched one by one or by their bounds, in any order, the same type wins."""
    asked = problem([300] * 60 + [1_500] * 12 + [300] * 60)
    types = [
        of_type(asked, "ml.small", prices[0], 0.5),
        of_type(asked, "ml.wide", prices[1], 0.5, workers=4),
        of_type(asked, "ml.fast", "0.45", 0.25),
        of_type(asked, "ml.huge", "9.00", 0.1),
    ]
    every = [recommend(one).estimate for one in types]
    cheapest_usd = min(answer.cost.expected.usd for answer in every)
    monkeypatch.setattr("smcost.recommend.among._COMPARED", 1)
    for order in (types, types[::-1]):
        _, found = recommend_among(order)
        assert found.estimate.cost.expected.usd == cheapest_usd


def test_the_recipe_of_aws_is_half_of_the_capacity(problem):
    found = recommend(problem(COUNTS))
    [recipe] = [other for other in found.alternatives if other.kind is AlternativeKind.AWS_RECIPE]
    # 2 workers of 0.5 s: 4 rps x 0.5 x 60.
    assert recipe.variant.target_per_minute == 120.0
    assert recipe.variant.minimum == found.estimate.variant.minimum
    pinned = recommend(problem(COUNTS, pins={"target_per_minute": 150.0}))
    assert AlternativeKind.AWS_RECIPE not in {other.kind for other in pinned.alternatives}


def test_a_winner_that_fails_its_whole_replay_makes_room_for_the_next(three_types, monkeypatch):
    """The first plan found is turned down when it is replayed whole."""
    from smcost.recommend.confirm import Confirmer

    finished, turned = Confirmer.finished, []

    def turning(self, plan):
        if not turned:
            turned.append(plan)
            verdict = replace(plan.verdicts[self.planner.problem.slo], met=False)
            return self.planner.settle(plan, dict.fromkeys(plan.verdicts, verdict))
        return finished(self, plan)

    monkeypatch.setattr(Confirmer, "finished", turning)
    _, found = recommend_among(three_types)
    variant = found.estimate.variant
    first = turned[0]
    assert (variant.minimum, variant.target_per_minute) != (first.minimum, first.target_per_minute)
    assert found.estimate.meets_slo
