"""Simulation decides where screening may not."""

from dataclasses import replace

import numpy as np
import pytest

from smcost.capacity import RatesProfile, Routing, WorkersProfile
from smcost.queueing.service import ServiceTime
from smcost.recommend.plan import Planner
from smcost.recommend.recommend import recommend
from smcost.recommend.result import Infeasible, ReasonCode, Recommendation
from smcost.recommend.search import cheapest
from smcost.replay.latency import LatencyTerms
from smcost.replay.simulated import simulate_loads
from smcost.replay.verdict import judge

PLENTY = 50_000_000


def whole(found_for, asked):
    """Whether a minimum holds when every request is simulated."""
    planner = Planner(asked)
    replay = planner.counts(found_for.minimum, found_for.target_per_minute)
    loads = simulate_loads(
        invocations=asked.minutes.invocations,
        in_service=replay.in_service,
        window=asked.slo.window.number(asked.minutes.start_s),
        profile=asked.profile,
        terms=asked.terms,
        routing=asked.routing,
        seed=asked.seed,
    )
    return judge(loads, asked.slo).met


@pytest.fixture
def rush(problem):
    """A rush of 12 minutes at night that screening judges by its overload."""
    rng = np.random.default_rng(1)
    levels = np.concatenate([np.full(300, 300), np.full(12, 900), np.full(300, 300)])
    return problem(rng.poisson(levels), p99_s=2.2)


def test_without_a_budget_the_answer_is_screened(rush):
    found = recommend(rush)
    assert found.estimate.latency.method == "screened"
    assert found.estimate.latency.p99_interval_s is None


def test_a_small_trace_is_simulated_whole_and_says_so(rush):
    found = recommend(replace(rush, simulated_requests=PLENTY))
    latency = found.estimate.latency
    assert latency.method == "simulated"
    assert not found.weakly_screened
    low_s, high_s = latency.p99_interval_s
    assert low_s < latency.p99_s < high_s


@pytest.mark.parametrize("routing", list(Routing))
def test_the_simulated_answer_holds_and_one_instance_fewer_does_not(rush, routing):
    asked = replace(rush, simulated_requests=PLENTY, routing=routing)
    variant = recommend(asked).estimate.variant
    assert whole(variant, asked)
    if variant.minimum > 1:
        assert not whole(replace(variant, minimum=variant.minimum - 1), asked)


def test_simulation_never_asks_for_more_where_screening_is_on_the_safe_side(rush):
    screened = recommend(rush).estimate.variant
    simulated = recommend(replace(rush, simulated_requests=PLENTY)).estimate.variant
    assert simulated.minimum <= screened.minimum


def test_a_budget_too_small_for_one_run_changes_nothing(rush):
    found = recommend(replace(rush, simulated_requests=1_000))
    assert found.estimate == recommend(rush).estimate


def test_the_same_seed_gives_the_same_digits(rush):
    asked = replace(rush, simulated_requests=PLENTY, seed=7)
    assert recommend(asked).estimate == recommend(asked).estimate


def test_pinned_bounds_are_kept_by_the_simulation(rush, problem):
    found = recommend(
        problem(rush.minutes.invocations, p99_s=2.2, pins={"minimum": 6}, simulated_requests=PLENTY)
    )
    assert found.estimate.variant.minimum == 6
    assert found.estimate.latency.method == "simulated"


def test_measured_rates_have_nothing_to_simulate(problem):
    asked = problem([100] * 60, p99_s=2.0, simulated_requests=PLENTY)
    profile = RatesProfile(
        instance_type="ml.m5.xlarge",
        offered_rps=np.array([1.0, 4.0]),
        fractions=np.array([0.5, 0.99]),
        latencies_s=np.array([[0.1, 0.4], [0.2, 0.9]]),
        error_rate=np.zeros(2),
        requests=np.zeros(2),
    )
    found = recommend(replace(asked, profile=profile))
    assert found.estimate.latency.method == "screened"


def test_a_trace_too_large_is_simulated_in_its_deciding_window_only(problem, monkeypatch):
    """Three days with one rush; the limit on what is simulated at once is set below the total."""
    monkeypatch.setattr("smcost.recommend.confirm._MOST_AT_ONCE", 75_000)
    day = np.full(120, 300)
    rush = np.concatenate([np.full(50, 300), np.full(20, 1_000), np.full(50, 300)])
    starts = np.concatenate([1_704_067_200 + 86_400 * n + 60 * np.arange(120) for n in range(3)])
    asked = problem(np.concatenate([day, rush, day]), p99_s=2.2)
    minutes = type(asked.minutes)(start_s=starts, invocations=asked.minutes.invocations)
    asked = replace(asked, minutes=minutes, simulated_requests=PLENTY)
    planner = Planner(asked)
    assert asked.minutes.total > 75_000
    weak = cheapest(planner, asked.slo).verdicts[asked.slo].weak
    method = recommend(asked).estimate.latency.method
    assert method == ("hybrid" if weak else "screened")


def test_what_fails_in_simulation_is_not_recommended(problem):
    """Thin traffic that screening may not decide: just within its limit, but not in this sample."""
    profile = WorkersProfile(
        instance_type="ml.m5.xlarge", workers=4, service=ServiceTime(mean_s=24.0, cv=0.5)
    )
    asked = replace(
        problem([3] * 1440, p99_s=65.5, pins={"minimum": 1, "maximum": 1}),
        profile=profile,
        terms=LatencyTerms(timeout_s=300.0),
    )
    assert isinstance(recommend(asked), Recommendation)
    found = recommend(replace(asked, simulated_requests=PLENTY))
    assert isinstance(found, Infeasible)
    assert found.rejected[0].reason_code is ReasonCode.SIMULATION_DISAGREES
    assert found.nearest.breaks == found.binding.constraint == "p99"


def test_what_screening_may_decide_is_not_overturned_by_one_sample(problem):
    """An idle fleet whose p99 is that of the service time itself, a hair below the limit."""
    quantile_s = ServiceTime(mean_s=0.5, cv=0.5).quantile_s(0.99)
    for seed in range(6):
        asked = problem([6] * 600, p99_s=1.01 * quantile_s, simulated_requests=PLENTY, seed=seed)
        assert isinstance(recommend(asked), Recommendation)


def test_the_curve_says_of_the_answer_what_the_answer_says(rush):
    found = recommend(replace(rush, simulated_requests=PLENTY))
    minimum, latency = found.estimate.variant.minimum, found.estimate.latency
    (row,) = (point for point in found.curve if point.minimum == minimum)
    assert row.meets_slo
    assert (row.p95_s, row.p99_s) == (latency.p95_s, latency.p99_s)
    below = [point for point in found.curve if point.minimum == minimum - 1]
    assert all(not point.meets_slo for point in below)
