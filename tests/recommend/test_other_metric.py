"""Requests in flight, known every 10 s, against invocations per minute."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from smcost.capacity import Routing
from smcost.estimate import replay_variant
from smcost.queueing.exact.compiled import compiled
from smcost.recommend.among import recommend_among
from smcost.recommend.candidates import TARGET_SHARES, target_grid
from smcost.recommend.plan import Planner
from smcost.recommend.recommend import recommend
from smcost.recommend.replays import Replays
from smcost.recommend.result import AlternativeKind, Infeasible, Recommendation
from smcost.replay.counts import Delays
from smcost.scaling.policy import Metric

pytestmark = pytest.mark.skipif(
    not compiled(), reason="in Python hundreds of replays of 10 s take too long"
)

#: A jump that grows for ten minutes and stays for two hours, once in a day of little.
RISE = [60] * 400 + [60 + 60 * n for n in range(1, 11)] + [660] * 120 + [60] * 190
#: Help within four minutes on the one metric, within six and a half on the other.
QUICK = Delays(reaction_s=60.0, startup_s=120.0)


def other_metric(found):
    [told] = [a for a in found.alternatives if a.kind is AlternativeKind.OTHER_METRIC]
    return told


def test_the_faster_metric_does_with_no_more_instances_and_costs_less(problem):
    asked = problem(RISE, delays=QUICK)
    _, found = recommend_among([asked], try_other_metric=True)
    told = other_metric(found)
    assert told.variant.tracks(Metric.CONCURRENCY)
    assert not found.estimate.variant.tracks(Metric.CONCURRENCY)
    assert told.variant.minimum <= found.estimate.variant.minimum
    assert told.expected_usd < found.estimate.cost.expected.usd
    assert told.breaks == ""
    assert told.breaks_if_slower is not None


def test_it_is_the_answer_to_the_question_asked_of_it_alone(problem):
    asked = problem(RISE, delays=QUICK)
    _, among = recommend_among([asked], try_other_metric=True)
    alone = recommend(replace(asked, metric=Metric.CONCURRENCY))
    assert isinstance(alone, Recommendation)
    assert alone.metric is Metric.CONCURRENCY
    assert alone.estimate.variant == other_metric(among).variant
    _, back = recommend_among([replace(asked, metric=Metric.CONCURRENCY)], try_other_metric=True)
    assert other_metric(back).variant == among.estimate.variant


def test_its_answer_is_the_cheapest_of_its_grid(problem):
    asked = problem(RISE, delays=QUICK, metric=Metric.CONCURRENCY)
    found = recommend(asked)
    planner = Planner(asked)
    plans = [
        planner.plan(minimum, target)
        for minimum, target in product(range(1, 9), (*target_grid(asked), None))
    ]
    holding = [plan.instance_hours for plan in plans if plan.verdicts[asked.slo].met]
    assert float(found.estimate.horizon.instance_hours) == pytest.approx(min(holding), rel=1e-9)


@pytest.mark.parametrize("routing", list(Routing))
def test_with_its_values_pinned_it_answers_the_same(problem, routing):
    asked = problem(RISE, delays=QUICK, metric=Metric.CONCURRENCY, routing=routing)
    first = recommend(asked).estimate
    variant = first.variant
    pins = {
        "minimum": variant.minimum,
        "maximum": variant.maximum,
        "target_per_minute": variant.policies[0].target,
    }
    again = recommend(
        problem(RISE, delays=QUICK, metric=Metric.CONCURRENCY, routing=routing, pins=pins)
    )
    assert isinstance(again, Recommendation)
    assert again.estimate.variant == variant
    assert again.estimate.cost.expected == first.cost.expected


def test_the_maximum_is_that_of_the_replay_and_enough_for_the_peak(problem):
    asked = problem(RISE, delays=QUICK, metric=Metric.CONCURRENCY)
    variant = recommend(asked).estimate.variant
    replays = Replays(asked)
    target = variant.policies[0].target
    assert variant.maximum == max(variant.minimum, replays.enough_at_peak(target))
    replayed = replay_variant(variant, asked.minutes, asked.delays, replays._watched)
    assert int(replayed.in_service.max()) <= variant.maximum


def test_targets_are_the_requests_in_flight_at_the_shares_that_are_tried(problem):
    on_flight = target_grid(problem(RISE, metric=Metric.CONCURRENCY))
    assert len(on_flight) == len(TARGET_SHARES)
    # Two workers at a utilisation of 0.2 hold 0.4 busy, and hardly any waiting.
    assert on_flight[0] == pytest.approx(0.4, rel=0.05)
    assert np.all(np.diff(on_flight) > 0)


def test_routings_share_no_replays_where_queues_play_a_part(problem):
    asked = problem(RISE, delays=QUICK, metric=Metric.CONCURRENCY)
    _, found = recommend_among([asked], try_other_routing=True)
    [told] = [a for a in found.alternatives if a.kind is AlternativeKind.OTHER_ROUTING]
    least = replace(asked, routing=Routing.LEAST_OUTSTANDING_REQUESTS)
    assert told.variant == recommend(least).estimate.variant


def test_a_fleet_of_one_size_has_no_other_metric(problem):
    asked = problem([100] * 60, pins={"minimum": 2, "maximum": 2})
    _, found = recommend_among([asked], try_other_metric=True)
    assert all(other.kind is not AlternativeKind.OTHER_METRIC for other in found.alternatives)


def test_where_nothing_holds_its_bounds_are_named(problem):
    asked = problem(RISE, metric=Metric.CONCURRENCY, pins={"maximum": 1, "target_per_minute": 1.5})
    found = recommend(asked)
    assert isinstance(found, Infeasible)
    assert "--concurrency-target 1.5" in found.rejected[0].reason
