"""Recommendations whose answer is known by hand, and results that are infeasible."""

import math
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.recommend import recommend as recommend_module
from smcost.recommend.plan import Planner
from smcost.recommend.recommend import recommend
from smcost.recommend.result import Constraint, Infeasible, ReasonCode, Recommendation
from smcost.recommend.search import smallest_fixed_fleet
from smcost.replay.latency import LatencyTerms
from smcost.slo import Objective, Slo, SloWindow

DAY = 24 * 60
P99 = (Objective(fraction=0.99, limit_s=2.0),)


def counts_in_service(problem, variant):
    return Planner(problem).counts(variant.minimum, variant.target_per_minute).in_service


@pytest.mark.parametrize("per_minute", [50, 700, 3_000])
def test_constant_traffic_gets_the_smallest_fleet_of_the_closed_form(problem, per_minute):
    """n instances, each with rate / n: the smallest n whose station holds the p99."""
    asked = problem([per_minute] * 180)
    table, capacity = asked.profile.response_table(), asked.profile.max_per_minute
    late = [
        float(table.late_fraction(np.array([per_minute / n / capacity]), 2.0)[0])
        for n in range(math.ceil(per_minute / capacity), 40)
    ]
    n = math.ceil(per_minute / capacity) + next(i for i, share in enumerate(late) if share <= 0.01)
    found = recommend(asked)
    assert found.busiest_count == found.estimate.variant.initial_count == n
    assert found.estimate.instance_hours.expected == 720 * n
    assert found.estimate.cost.expected.usd == 720 * n * Decimal("0.23")


def test_a_spike_shorter_than_the_reaction_must_be_covered_by_the_minimum(problem):
    """Five minutes at 1,500: help needs 9.5, so the fleet that holds 1,500 must be there."""
    asked = problem([100] * 60 + [1_500] * 5 + [100] * 60)
    found = recommend(asked)
    fixed = smallest_fixed_fleet(Planner(asked), asked.slo)
    assert found.estimate.variant.minimum == fixed
    assert fixed > 1_500 / 240
    assert found.binding.constraint is Constraint.P99


def test_the_same_spike_at_its_own_pace_needs_no_such_minimum(problem):
    ramp = np.linspace(100, 1_500, 240).astype(int)
    found = recommend(problem(np.concatenate([ramp, [1_500] * 30, ramp[::-1]])))
    assert found.estimate.variant.minimum == 1
    # The floor is enough; what keeps it from being cheaper is the target.
    assert found.binding.constraint is Constraint.P99
    assert "with target" in found.binding.explanation


def test_a_step_at_night_binds_at_night(problem):
    """Quiet until 03:00, then six times as much at once; a calm rise by day."""
    day = np.concatenate([
        np.full(180, 150), np.full(60, 900), np.full(120, 150),
        np.linspace(150, 700, 180).astype(int), np.linspace(700, 150, 180).astype(int),
    ])  # fmt: skip
    asked = problem(day)
    found = recommend(asked)
    assert found.estimate.variant.minimum > 1
    assert 180 <= (found.binding.at_s - int(asked.minutes.start_s[0])) / 60 < 240
    assert "Mon 1 Jan 2024 03:" in found.binding.explanation


def test_a_limit_below_the_service_time_itself_is_infeasible_without_a_replay(problem, monkeypatch):
    searched = []
    monkeypatch.setattr(recommend_module, "cheapest", lambda *given: searched.append(given))
    found = recommend(problem([100] * 60, p99_s=1.0))
    assert isinstance(found, Infeasible)
    assert searched == []
    assert found.rejected[0].reason_code is ReasonCode.SERVICE_TIME_ABOVE_LIMIT
    own_ms = 1_000 * problem([1]).profile.service.quantile_s(0.99)
    assert f"The p99 of the service time alone is {own_ms:,.0f} ms" in found.rejected[0].reason
    assert "limit of 1,000 ms" in found.rejected[0].reason


def test_the_overhead_counts_against_the_limit_of_the_service_time(problem):
    own_s = problem([1]).profile.service.quantile_s(0.99)
    terms = LatencyTerms(overhead_s=0.5)
    assert isinstance(recommend(problem([9] * 60, p99_s=own_s + 0.6, terms=terms)), Recommendation)
    found = recommend(problem([9] * 60, p99_s=own_s + 0.4, terms=terms))
    assert found.rejected[0].reason_code is ReasonCode.SERVICE_TIME_ABOVE_LIMIT


@pytest.mark.parametrize("floor", [1, 2, 5])
def test_without_traffic_the_availability_floor_is_enough(problem, floor):
    found = recommend(problem([0] * 60, min_instances=floor))
    variant = found.estimate.variant
    assert (variant.minimum, variant.initial_count) == (floor, floor)
    assert variant.maximum >= floor
    assert found.estimate.cost.expected == found.estimate.cost.floor
    assert found.binding.constraint is Constraint.MIN_INSTANCES
    assert "no traffic" in found.binding.explanation


def test_without_traffic_even_a_slow_service_is_in_time(problem):
    found = recommend(problem([0] * 60, p99_s=0.1))
    assert isinstance(found, Recommendation)
    assert found.estimate.variant.minimum == 1


def test_minimum_and_maximum_pinned_to_one_value_are_that_fleet(problem):
    found = recommend(problem([700] * 60, pins={"minimum": 9, "maximum": 9}))
    variant, cost = found.estimate.variant, found.estimate.cost
    assert (variant.minimum, variant.maximum, variant.initial_count) == (9, 9, 9)
    assert cost.floor == cost.expected == cost.ceiling
    assert found.binding.constraint is Constraint.PINNED
    assert "minimum of 9 was given" in found.binding.explanation


def test_a_pinned_target_is_kept(problem):
    found = recommend(problem([700] * 60, pins={"target_per_minute": 77.5}))
    assert found.estimate.variant.target_per_minute == 77.5


def test_a_pinned_maximum_is_kept_without_a_margin(problem):
    found = recommend(problem([700] * 60, pins={"maximum": 30}))
    assert found.estimate.variant.maximum == 30


def test_a_pinned_maximum_too_small_is_infeasible_and_shows_the_nearest_miss(problem):
    found = recommend(problem([1_380] * 60, pins={"maximum": 6}))
    assert isinstance(found, Infeasible)
    assert found.rejected[0].reason_code is ReasonCode.BOUNDS_TOO_TIGHT
    assert found.rejected[0].reason == (
        "Nothing within --max 6 meets the SLO; 10 instances all the time would"
    )
    assert (found.nearest.variant.minimum, found.nearest.variant.maximum) == (6, 6)
    assert found.nearest.breaks == found.binding.constraint == Constraint.P99
    assert found.nearest.expected_usd == Decimal(6 * 720) * Decimal("0.23")


def test_a_minimum_pinned_too_small_names_all_that_was_given(problem):
    pins = {"minimum": 1, "maximum": 2, "target_per_minute": 200.0}
    found = recommend(problem([1_500] * 60, pins=pins))
    assert found.rejected[0].reason == (
        "Nothing within --min 1, --max 2, --target 200 meets the SLO; "
        "11 instances all the time would"
    )
    assert found.nearest.variant.target_per_minute == 200.0


def test_a_timeout_that_cuts_the_service_time_is_infeasible_without_a_search(problem):
    found = recommend(problem([100] * 10, terms=LatencyTerms(timeout_s=1.4)))
    assert isinstance(found, Infeasible)
    assert found.rejected[0].reason_code is ReasonCode.SERVICE_TIME_ABOVE_LIMIT
    assert "longer than the timeout of 1,400 ms" in found.rejected[0].reason
    assert found.nearest is None


def test_a_fixed_fleet_is_recommended_where_scaling_would_cost_more(problem):
    """97 % busy and a patient limit: every target of the grid keeps a second instance."""
    found = recommend(problem([232] * 300, p99_s=40.0))
    variant = found.estimate.variant
    assert (variant.minimum, variant.maximum, variant.target_per_minute) == (1, 1, None)


@given(
    counts=st.lists(st.integers(0, 2_000), min_size=20, max_size=60),
    p99_s=st.sampled_from([1.6, 2.5, 10.0]),
)
@settings(max_examples=25, deadline=None)
def test_no_alternative_that_breaks_nothing_is_cheaper(problem, counts, p99_s):
    found = recommend(problem(counts, p99_s=p99_s))
    assert isinstance(found, Recommendation)
    cheapest = found.estimate.cost.expected.usd
    assert all(other.expected_usd >= cheapest for other in found.alternatives if not other.breaks)


def test_the_other_windows_are_raised_to_the_trough_too(problem):
    """An hour is never easier than the day it lies in: at equal cost its minimum is no smaller."""
    found = recommend(problem([900] * 180))
    minimums = {answer.window: answer.minimum for answer in found.windows}
    assert len(set(minimums.values())) == 1


def quiet_days_and_one_rush(days=5):
    """A rush of 10 minutes on the second day only; days of two hours to keep it short."""
    starts = np.concatenate([np.arange(120) * 60 + day * 86_400 for day in range(days)])
    counts = np.full(starts.size, 100)
    counts[150:160] = 1_200
    return starts + 1_704_067_200, counts


@pytest.fixture
def one_bad_day(problem):
    starts, counts = quiet_days_and_one_rush()
    asked = problem(counts, slo=Slo(objectives=P99))
    return replace(asked, minutes=replace(asked.minutes, start_s=starts))


def test_an_attainment_below_100_percent_lets_the_bad_day_go(one_bad_day):
    strict = recommend(one_bad_day)
    mild = recommend(replace(one_bad_day, slo=Slo(objectives=P99, attainment=0.8)))
    almost = recommend(replace(one_bad_day, slo=Slo(objectives=P99, attainment=0.81)))
    assert strict.estimate.variant.minimum > mild.estimate.variant.minimum == 1
    # A fifth of five days may fail, but no smaller share is a whole day.
    assert almost.estimate.variant == strict.estimate.variant


def test_a_spared_window_does_not_bind_however_bad_it_is(one_bad_day):
    counts = one_bad_day.minutes.invocations.copy()
    counts[400:410] = 900
    two_bad_days = replace(one_bad_day, minutes=replace(one_bad_day.minutes, invocations=counts))
    strict = recommend(two_bad_days)
    mild = recommend(replace(two_bad_days, slo=Slo(objectives=P99, attainment=0.8)))
    assert strict.binding.explanation.startswith("Tue 2 Jan 2024 00:3")
    assert mild.binding.explanation.startswith("Thu 4 Jan 2024 00:4")
    assert mild.estimate.cost.expected.usd < strict.estimate.cost.expected.usd


def test_sparing_the_worst_window_tells_what_it_costs(one_bad_day):
    found = recommend(one_bad_day)
    spared = found.windows[-1]
    assert (spared.window, spared.spared, spared.minimum) == (SloWindow.DAY, 1, 1)
    assert spared.expected_usd < found.estimate.cost.expected.usd


def test_the_other_windows_are_answered_beside(one_bad_day):
    found = recommend(one_bad_day)
    asked, hour, horizon, _ = found.windows
    assert [answer.window for answer in found.windows[:3]] == list(SloWindow)
    assert asked.minimum == found.estimate.variant.minimum
    assert asked.expected_usd == found.estimate.cost.expected.usd
    # An hour spares less than a day, the horizon more.
    assert hour.expected_usd >= asked.expected_usd >= horizon.expected_usd


def test_one_window_alone_cannot_be_spared(problem):
    found = recommend(problem([700] * 60))
    assert [answer.spared for answer in found.windows] == [0, 0, 0]


def test_a_window_that_is_infeasible_is_answered_with_nothing(problem):
    # Over the horizon the rush is one request in 150; in its own hour it is all of them.
    calm_and_rush = [100] * 300 + [400] + [0] * 59 + [100] * 300
    slo = Slo(objectives=P99, window=SloWindow.HORIZON, max_failed=0.01)
    found = recommend(problem(calm_and_rush, slo=slo, pins={"maximum": 1}))
    answers = {answer.window: answer.minimum for answer in found.windows}
    assert answers[SloWindow.HORIZON] == 1
    assert answers[SloWindow.HOUR] is None


def test_the_maximum_never_saturates_and_has_its_margin(problem):
    asked = problem([200] * 60 + [1_400] * 60)
    variant = recommend(asked).estimate.variant
    busiest = int(counts_in_service(asked, variant).max())
    assert variant.maximum >= math.ceil(1.2 * busiest)
    assert variant.maximum >= 1_400 / variant.target_per_minute
    assert busiest < variant.maximum


def test_the_maximum_leaves_room_for_a_peak_too_short_to_wake_the_autoscaler(problem):
    found = recommend(
        problem([100] * 60 + [1_500] * 2 + [100] * 60, pins={"target_per_minute": 48})
    )
    assert found.estimate.variant.maximum == math.ceil(1_500 / 48) > 1.2 * found.busiest_count


def test_the_initial_count_is_the_95th_percentile_of_the_counts_in_service(problem):
    asked = problem([200] * 60 + [1_400] * 60)
    variant = recommend(asked).estimate.variant
    counts = np.sort(counts_in_service(asked, variant))
    assert variant.initial_count == counts[math.ceil(0.95 * (counts.size - 1))]


def test_the_answer_meets_the_slo_and_the_next_cheaper_plan_breaks_it(problem):
    found = recommend(problem([100] * 60 + [1_500] * 5 + [100] * 60))
    cheaper, _, fixed = found.alternatives
    assert [other.kind for other in found.alternatives] == [
        "one_fewer",
        "aws_recipe",
        "fixed_fleet",
    ]
    assert found.estimate.latency.worst_window_p99_s <= 2.0
    assert cheaper.variant.minimum == found.estimate.variant.minimum - 1
    assert cheaper.breaks == "p99"
    assert cheaper.p99_s > 2.0
    assert cheaper.expected_usd < found.estimate.cost.expected.usd
    assert (fixed.breaks, fixed.variant.target_per_minute) == ("", None)


@pytest.mark.parametrize("pins", [{"minimum": 12}, {"target_per_minute": 120.0}], ids=str)
def test_a_fleet_of_fixed_size_is_no_alternative_to_a_pinned_policy(problem, pins):
    found = recommend(problem([100] * 60 + [1_500] * 5 + [100] * 60, pins=pins))
    assert None not in {other.variant.target_per_minute for other in found.alternatives}


def test_a_busy_answer_with_little_slack_is_weakly_screened_and_an_idle_one_is_not(problem):
    assert recommend(problem([1_500] * 60, p99_s=4.0)).weakly_screened
    assert not recommend(problem([0] * 60)).weakly_screened


def test_the_curve_runs_through_the_answer_and_tells_which_minimums_hold(problem):
    found = recommend(problem([100] * 60 + [1_500] * 5 + [100] * 60))
    best = found.estimate.variant.minimum
    curve = {point.minimum: point for point in found.curve}
    assert list(curve) == sorted(curve)
    assert set(range(best - 4, best + 5)) | {1, best // 2} <= set(curve)
    assert curve[best].meets_slo
    assert not curve[best - 1].meets_slo
    assert curve[best].expected_usd == found.estimate.cost.expected.usd
    for point in found.curve:
        assert point.meets_slo == (point.worst_window_p99_s <= 2.0)
        assert point.p95_s <= point.p99_s <= point.worst_window_p99_s


def test_a_pinned_maximum_ends_the_curve(problem):
    found = recommend(problem([100] * 60 + [1_500] * 5 + [100] * 60, pins={"maximum": 10}))
    assert found.estimate.variant.minimum > 6
    assert max(point.minimum for point in found.curve) == 10


def test_the_search_tells_its_observer(problem):
    said = []
    recommend(problem([100] * 30, pins={"target_per_minute": 120.0}), said.append)
    assert set(said) == {"target 120 per minute", "curve and other windows"}


def test_a_scale_in_asked_for_at_the_end_hides_no_free_minimum(problem):
    """Fifteen quiet minutes end the trace: the smaller count is asked for, but never served."""
    found = recommend(problem([900] * 90 + [500] * 15))
    counts = counts_in_service(problem([900] * 90 + [500] * 15), found.estimate.variant)
    assert found.estimate.variant.minimum == counts.min()
