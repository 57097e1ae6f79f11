"""The sentences of an answer carry the time, the rise, the count and the miss."""

import re
from dataclasses import replace

import numpy as np
import pytest

from smcost.recommend.budget import Budget
from smcost.recommend.confirm import Confirmer
from smcost.recommend.explain import binding, help_arrives_s, service_too_slow
from smcost.recommend.plan import Planner
from smcost.recommend.recommend import recommend
from smcost.recommend.result import Constraint, ReasonCode
from smcost.recommend.search import cheapest
from smcost.replay.counts import Delays
from smcost.replay.latency import LatencyTerms
from smcost.slo import Objective, Slo, SloWindow

P95 = Objective(fraction=0.95, limit_s=1.5)
P99 = Objective(fraction=0.99, limit_s=2.0)
SPIKE = [100] * 60 + [1_500] * 5 + [100] * 60


def explained(asked):
    return recommend(asked).binding


def test_a_spike_is_told_with_time_rise_count_help_and_miss(problem):
    found = recommend(problem(SPIKE))
    count = found.estimate.variant.minimum
    told = re.fullmatch(
        r"Mon 1 Jan 2024 01:0[0-9] UTC: 15\.0x in (\d) min to 1,500 invocations/min on "
        r"(\d+) instances at (\d+)% of capacity, help arrives after 9\.5 min; "
        r"with minimum (\d+) the day's p99 is ([\d,]+) ms \(limit 2,000 ms\)\.",
        found.binding.explanation,
    )
    took, serving, busy, fewer, miss_ms = (float(part.replace(",", "")) for part in told.groups())
    assert took == 1 + (found.binding.at_s - 1_704_067_200) // 60 - 60
    assert serving == fewer == count - 1
    assert busy == pytest.approx(100 * 1_500 / (serving * 240), abs=0.5)
    assert miss_ms > 2_000


def test_a_rise_in_noise_began_where_the_noise_was_left(problem):
    noisy = [104, 98, 100, 103, 99, 105, 98, 101, 107, 100] * 6
    found = explained(problem([*noisy, 1_500, 1_500, *noisy]))
    assert re.search(r"1[45]\.\dx in [12] min", found.explanation)


def test_the_binding_minute_is_the_one_named(problem):
    asked = problem(SPIKE)
    found = explained(asked)
    minute = (found.at_s - int(asked.minutes.start_s[0])) // 60
    assert SPIKE[minute] == 1_500
    assert f"01:{minute - 60:02d} UTC" in found.explanation


def test_the_miss_is_the_one_the_curve_shows(problem):
    found = recommend(problem(SPIKE))
    below = next(p for p in found.curve if p.minimum == found.estimate.variant.minimum - 1)
    assert f"p99 is {1_000 * below.worst_window_p99_s:,.0f} ms" in found.binding.explanation


def test_a_level_without_a_rise_is_told_as_a_level(problem):
    found = explained(problem([1_500] * 60, pins={"target_per_minute": 10_000.0}))
    assert "1,500 invocations/min on " in found.explanation
    assert not re.search(r"\dx in|help", found.explanation)


def test_one_instance_is_not_called_instances(problem):
    found = explained(problem([20] * 30 + [260] * 5 + [20] * 30))
    assert " on 1 instance at 108% of capacity" in found.explanation
    assert "with minimum 1 " in found.explanation


def test_a_miss_beyond_the_timeout_has_no_figure(problem):
    slo = Slo(objectives=(P99,), max_failed=1.0)
    found = explained(problem([20] * 20 + [900] * 30, slo=slo, pins={"target_per_minute": 1e4}))
    assert found.constraint is Constraint.P99
    assert re.search(r"the day's p99 is ([\d,]+ ms|beyond the timeout)", found.explanation)


@pytest.mark.parametrize(
    ("slo", "constraint"),
    [
        (Slo(objectives=(P95,)), Constraint.P95),
        (Slo(objectives=(P99,)), Constraint.P99),
        (Slo(objectives=(replace(P99, limit_s=59.0),)), Constraint.MAX_FAILED),
    ],
    ids=str,
)
def test_the_requirement_that_breaks_first_is_named(problem, slo, constraint):
    terms = LatencyTerms(timeout_s=3.0 if constraint is Constraint.MAX_FAILED else 60.0)
    found = explained(problem(SPIKE, slo=slo, terms=terms))
    assert found.constraint is constraint
    if constraint is Constraint.MAX_FAILED:
        assert re.search(r"failed share is \d+\.\d\d% \(limit 0\.10%\)", found.explanation)
    else:
        assert f"the day's {constraint} is " in found.explanation


@pytest.mark.parametrize(
    ("window", "words"),
    [("day", "the day's p99"), ("hour", "the hour's p99"), ("horizon", "the p99")],
)
def test_the_miss_names_its_window(problem, window, words):
    slo = Slo(objectives=(P99,), window=SloWindow(window))
    assert f" {words} is " in explained(problem(SPIKE, slo=slo)).explanation


def test_the_floor_binds_where_nothing_smaller_may_be_chosen(problem):
    found = explained(problem([60] * 60, min_instances=2))
    assert (found.constraint, found.at_s) == (Constraint.MIN_INSTANCES, None)
    assert found.explanation == (
        "The floor of 2 instances meets the SLO; there is no smaller minimum to choose."
    )


def test_a_given_minimum_binds_by_being_given(problem):
    found = explained(problem([60] * 60, pins={"minimum": 3}))
    assert (found.constraint, found.at_s) == (Constraint.PINNED, None)
    assert found.explanation == "The minimum of 3 was given and meets the SLO."


def test_where_one_fewer_would_do_but_cost_more_the_cost_binds(problem):
    """With 13 instances the alarm stays silent; with 12 it fires, and help is paid for."""
    rushes = [
        0, 350, 290, 230, 0, 0, 350, 280, 110, 0, 140, 910, 1650, 1330, 0, 110, 350, 1610, 530,
        1540, 980, 0, 2830, 510, 650, 50, 2200, 2980, 120, 350, 0, 1330, 790, 30, 1710, 490, 2400,
        1650, 0, 40, 1830, 0, 0, 2330,
    ]  # fmt: skip
    loose = problem(rushes, p99_s=20.0, pins={"target_per_minute": 72.0}, min_instances=10)
    planner = Planner(loose)
    best = cheapest(planner, loose.slo)
    assert best.minimum == 13
    assert planner.counts(12, 72.0).instance_hours > best.instance_hours
    found = binding(Confirmer(planner, Budget(0)), best)
    assert (found.constraint, found.at_s) == (Constraint.COST, None)
    assert found.explanation == (
        "A minimum of 12 meets the SLO too, but the autoscaler then bills 12.1 instance-hours "
        "instead of 9.5."
    )


def test_where_fewer_would_cost_the_same_the_trough_of_the_traffic_binds(problem):
    """The policy keeps the fleet at the load whatever the minimum: the larger one is free."""
    found = recommend(problem([900] * 60))
    assert found.estimate.variant.minimum == found.estimate.variant.initial_count > 1
    assert found.binding.constraint is Constraint.TROUGH
    assert f"never sinks below {found.estimate.variant.minimum}" in found.binding.explanation


def test_the_closed_list_of_constraints_holds_those_explained_above():
    assert {str(constraint) for constraint in Constraint} == {
        "p95", "p99", "max_failed", "min_instances", "pinned", "cost", "trough",
        "instance_lost", "zone_lost",
    }  # fmt: skip


def test_help_takes_alarm_and_reaction_and_start_up(problem):
    asked = problem([1], delays=Delays(reaction_s=60, startup_s=240))
    assert help_arrives_s(asked) == 180 + 60 + 240


@pytest.mark.parametrize(
    ("objectives", "named"),
    [
        ((P99, replace(P95, limit_s=1.0)), None),
        ((replace(P95, limit_s=0.8), P99), "p95"),
        ((P95, replace(P99, limit_s=1.5)), None),
    ],
)
def test_the_percentile_the_service_time_itself_breaks_is_named(problem, objectives, named):
    own = problem([1]).profile.service
    asked = problem([1], slo=Slo(objectives=objectives))
    rejected = service_too_slow(asked)
    expected = next((o.name for o in objectives if own.quantile_s(o.fraction) > o.limit_s), None)
    assert (rejected.reason.split()[1] if rejected else None) == expected == named


def test_what_a_single_type_is_rejected_for_is_told(problem):
    rejections = [
        recommend(problem([100] * 9, p99_s=0.5)),
        recommend(problem([1_500] * 9, pins={"maximum": 2})),
        recommend(problem([100] * 9, terms=LatencyTerms(timeout_s=0.8))),
    ]
    assert [found.rejected[0].reason_code for found in rejections] == [
        ReasonCode.SERVICE_TIME_ABOVE_LIMIT,
        ReasonCode.BOUNDS_TOO_TIGHT,
        ReasonCode.SERVICE_TIME_ABOVE_LIMIT,
    ]
    assert "longer than the timeout of 800 ms" in rejections[2].rejected[0].reason
    for found in rejections:
        assert found.binding.explanation == f"{found.rejected[0].reason}."
        assert found.rejected[0].instance_type == "ml.m5.xlarge"


def test_days_are_told_with_their_date(problem):
    counts = np.concatenate([np.full(24 * 60 + 300, 50), np.full(5, 900), np.full(60, 50)])
    assert explained(problem(counts)).explanation.startswith("Tue 2 Jan 2024 05:0")
