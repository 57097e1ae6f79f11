"""Today's configuration is judged as every candidate is, and as it is, not as one would choose."""

from dataclasses import replace

import pytest

from smcost.capacity import Routing
from smcost.estimate import estimate
from smcost.recommend.recommend import recommend
from smcost.recommend.today import replayed_today
from smcost.variant import Variant

#: Six hours of 60 a minute with an hour of 300.
DAY = [60] * 180 + [300] * 60 + [60] * 120


def variant(minimum, maximum, target=None, **changed):
    usual = {
        "instance_type": "ml.m5.xlarge",
        "minimum": minimum,
        "maximum": maximum,
        "initial_count": minimum,
        "target_per_minute": target,
    }
    return Variant(**usual | changed)


def test_the_recommended_variant_costs_and_answers_what_the_search_says(problem):
    for requests in (0, 5_000_000):
        asked = problem(DAY, simulated_requests=requests)
        answer = recommend(asked).estimate
        again = replayed_today(asked, answer.variant)
        assert again.cost == answer.cost
        assert again.latency == answer.latency
        assert again.meets_slo is True


@pytest.mark.parametrize(
    "today",
    [variant(4, 4), variant(1, 4, 100.0), variant(2, 3, 200.0, scale_in_cooldown_s=900.0)],
    ids=["fixed", "scaled", "slow to scale in"],
)
def test_without_simulation_it_is_the_estimate(problem, today):
    asked = problem(DAY)
    found = replayed_today(asked, today)
    alone = estimate(
        today,
        asked.tariff,
        hours_per_month=asked.hours_per_month,
        minutes=asked.minutes,
        delays=asked.delays,
        profile=asked.profile,
        terms=asked.terms,
        slo=asked.slo,
    )
    assert (found.cost, found.instance_hours) == (alone.cost, alone.instance_hours)
    assert found.latency == alone.latency
    assert found.meets_slo == alone.meets_slo


def test_what_binds_the_proposal_does_not_bind_today(problem):
    asked = problem(
        DAY, pins={"minimum": 5, "maximum": 9, "target_per_minute": 150.0}, min_instances=4
    )
    found = replayed_today(asked, variant(1, 2, 100.0))
    assert (found.variant.minimum, found.variant.maximum) == (1, 2)
    free = replayed_today(problem(DAY), variant(1, 2, 100.0))
    assert found.cost == free.cost


def test_todays_own_maximum_holds_the_fleet_down(problem):
    asked = problem(DAY)
    tight, wide = (replayed_today(asked, variant(1, most, 60.0)) for most in (2, 9))
    assert tight.cost.expected.usd < wide.cost.expected.usd
    assert tight.instance_hours.expected <= 2 * 720


def test_today_may_break_the_slo(problem):
    found = replayed_today(problem(DAY), variant(1, 1))
    assert found.meets_slo is False
    assert found.latency.worst_window_p99_s > 2.0


def test_todays_routing_is_its_own(problem):
    asked = problem(DAY, routing=Routing.RANDOM)
    by_chance = replayed_today(asked, variant(2, 2))
    known = replayed_today(asked, variant(2, 2, routing=Routing.LEAST_OUTSTANDING_REQUESTS))
    assert known.latency.p99_s < by_chance.latency.p99_s
    assert replayed_today(replace(asked, routing=known.variant.routing), variant(2, 2)) == by_chance


def test_the_initial_count_of_today_is_kept(problem):
    found = replayed_today(problem(DAY), variant(1, 6, 100.0, initial_count=5))
    assert found.variant.initial_count == 5
