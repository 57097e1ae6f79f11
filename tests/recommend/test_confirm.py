"""Exact replay decides where screening may not."""

from dataclasses import replace

import numpy as np
import pytest

from smcost.capacity import RatesProfile, Routing, WorkersProfile
from smcost.queueing.exact.stations import workers_station
from smcost.queueing.service import ServiceTime
from smcost.recommend.budget import Budget, requests_in
from smcost.recommend.confirm import Confirmer
from smcost.recommend.plan import Planner
from smcost.recommend.problem import Pins
from smcost.recommend.recommend import recommend
from smcost.recommend.result import Infeasible, ReasonCode, Recommendation
from smcost.recommend.search import cheapest
from smcost.replay.exact_loads import Replay
from smcost.replay.latency import LatencyTerms
from smcost.replay.verdict import judge, limits_s
from smcost.slo import SloWindow

PLENTY = 50_000_000


def whole(variant, asked):
    """Whether a variant holds when every request is replayed."""
    replay = Planner(asked).counts(variant.minimum, variant.target_per_minute)
    loads = Replay(
        invocations=asked.minutes.invocations,
        window=asked.slo.window.number(asked.minutes.start_s),
        station=workers_station(asked.profile.service, asked.profile.workers),
        routing=asked.routing,
        terms=asked.terms,
        limits_s=limits_s(asked.slo),
        seed=asked.seed,
    ).whole(replay.in_service)
    return judge(loads, asked.slo).met


@pytest.fixture
def rush(problem):
    """A rush of 12 minutes at night that screening judges by its overload."""
    rng = np.random.default_rng(1)
    levels = np.concatenate([np.full(300, 300), np.full(12, 900), np.full(300, 300)])
    return problem(rng.poisson(levels), p99_s=2.2)


@pytest.fixture
def one_rush_in_three_days(problem):
    """Days of two hours, with calm that screening may decide and a rush that it may not."""
    day = np.full(120, 300)
    busy = np.concatenate([np.full(50, 300), np.full(20, 1_600), np.full(50, 300)])
    starts = np.concatenate([1_704_067_200 + 86_400 * n + 60 * np.arange(120) for n in range(3)])
    profile = WorkersProfile(
        instance_type="ml.m5.xlarge", workers=8, service=ServiceTime(mean_s=0.5, cv=0.5)
    )
    asked = problem(np.concatenate([day, busy, day]), p99_s=2.2, profile=profile)
    minutes = type(asked.minutes)(start_s=starts, invocations=asked.minutes.invocations)
    return replace(asked, minutes=minutes)


def test_without_a_budget_the_answer_is_screened(rush):
    found = recommend(rush)
    assert found.estimate.latency.method == "screened"
    assert found.estimate.latency.p99_interval_s is None


def test_a_small_trace_is_replayed_whole_and_says_so(rush):
    found = recommend(replace(rush, simulated_requests=PLENTY))
    latency = found.estimate.latency
    assert latency.method == "simulated"
    assert not found.weakly_screened
    low_s, high_s = latency.p99_interval_s
    assert low_s < latency.p99_s < high_s


@pytest.mark.parametrize("routing", list(Routing))
def test_the_replayed_answer_holds_and_one_instance_fewer_does_not(rush, routing):
    asked = replace(rush, simulated_requests=PLENTY, routing=routing)
    variant = recommend(asked).estimate.variant
    assert whole(variant, asked)
    if variant.minimum > 1:
        assert not whole(replace(variant, minimum=variant.minimum - 1), asked)


@pytest.mark.parametrize("routing", list(Routing))
def test_the_answer_is_what_replaying_every_plan_finds(rush, routing):
    """With a budget for all, the first of the plans in order of cost that holds whole."""
    asked = replace(rush, simulated_requests=PLENTY, routing=routing)
    best = recommend(asked).estimate
    variant = best.variant
    planner = Planner(asked)
    cheaper = [
        (minimum, target)
        for minimum in range(1, variant.minimum + 3)
        for target in (72.0, 120.0, 168.0, 228.0, None)
        if planner.counts(minimum, target).instance_hours
        < float(best.horizon.instance_hours) * (1 - 1e-9)
    ]
    assert cheaper
    for minimum, target in cheaper:
        assert not whole(replace(variant, minimum=minimum, target_per_minute=target), asked)


def test_replay_never_asks_for_more_where_screening_is_on_the_safe_side(rush):
    screened = recommend(rush).estimate.instance_hours.expected
    replayed = recommend(replace(rush, simulated_requests=PLENTY)).estimate.instance_hours.expected
    assert replayed <= screened


def test_a_budget_too_small_for_one_window_changes_nothing(rush):
    found = recommend(replace(rush, simulated_requests=100))
    assert found.estimate == recommend(rush).estimate


def test_the_same_seed_gives_the_same_digits_on_any_number_of_threads(rush):
    asked = replace(rush, simulated_requests=PLENTY, seed=7)
    assert recommend(asked).estimate == recommend(replace(asked, threads=2)).estimate
    assert recommend(asked).estimate != recommend(replace(asked, seed=8)).estimate


def test_pinned_bounds_are_kept(problem, rush):
    found = recommend(
        problem(rush.minutes.invocations, p99_s=2.2, pins={"minimum": 6}, simulated_requests=PLENTY)
    )
    assert found.estimate.variant.minimum == 6
    assert found.estimate.latency.method == "simulated"


def test_measured_rates_have_nothing_to_replay(problem):
    profile = RatesProfile(
        instance_type="ml.m5.xlarge",
        offered_rps=np.array([1.0, 4.0]),
        fractions=np.array([0.5, 0.99]),
        latencies_s=np.array([[0.1, 0.4], [0.2, 0.9]]),
        error_rate=np.zeros(2),
        requests=np.zeros(2),
    )
    found = recommend(problem([100] * 60, p99_s=2.0, simulated_requests=PLENTY, profile=profile))
    assert found.estimate.latency.method == "screened"


def judged(asked, budget):
    planner = Planner(asked)
    best = cheapest(planner, asked.slo)
    return Confirmer(planner, Budget(budget)).judged(best)


def test_of_a_trace_with_few_weak_minutes_those_alone_are_replayed(one_rush_in_three_days):
    asked = one_rush_in_three_days
    found = judged(asked, PLENTY)
    assert found.method == "hybrid"
    counted = found.loads.histogram.sum()
    assert 0 < counted < asked.minutes.total / 2
    assert not found.loads.weak.any()
    # What was not counted is screened; nothing is counted twice.
    cold = found.loads.screened
    assert cold.requests.sum() + counted == asked.minutes.total
    assert cold.steady.sum() + cold.delayed.requests.sum() == pytest.approx(cold.requests.sum())


def test_hybrid_percentiles_are_close_to_those_of_the_whole(one_rush_in_three_days):
    asked = one_rush_in_three_days
    planner = Planner(asked)
    best = cheapest(planner, asked.slo)
    confirmer = Confirmer(planner, Budget(PLENTY))
    hybrid = confirmer.judged(best)
    exact = confirmer.judged(confirmer.finished(best))
    assert (hybrid.method, exact.method) == ("hybrid", "simulated")
    for fraction in (0.5, 0.95, 0.99):
        for window in (None, 0, 1):
            assert hybrid.loads.percentile_s(fraction, window) == pytest.approx(
                exact.loads.percentile_s(fraction, window), rel=0.02
            )


def test_a_budget_for_one_window_goes_to_the_one_that_decides(one_rush_in_three_days):
    asked = replace(one_rush_in_three_days, burstiness=2.0)
    found = judged(asked, 700_000)
    assert found.method == "hybrid"
    days = found.loads.histogram.sum(axis=1).tolist()
    assert days[0] == days[2] == 0
    assert days[1] == asked.minutes.invocations[120:240].sum()
    assert found.weak  # The other days are as undecided as before.


def test_bursts_are_known_to_replay_alone_and_never_help(rush):
    calm, bursty = (
        recommend(replace(rush, simulated_requests=PLENTY, burstiness=burstiness)).estimate
        for burstiness in (1.0, 4.0)
    )
    assert bursty.latency.method == "simulated"
    assert bursty.instance_hours.expected >= calm.instance_hours.expected
    assert recommend(replace(rush, burstiness=4.0)).weakly_screened


def test_what_fails_in_replay_is_not_recommended(problem):
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
    refused = [recommend(replace(asked, simulated_requests=PLENTY, seed=seed)) for seed in range(9)]
    found = next(answer for answer in refused if isinstance(answer, Infeasible))
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


def test_a_weaker_window_never_costs_more(rush):
    found = recommend(replace(rush, simulated_requests=PLENTY))
    usd = {answer.window: answer.expected_usd for answer in found.windows}
    assert usd[SloWindow.HORIZON] <= usd[SloWindow.DAY] <= usd[SloWindow.HOUR]


def test_the_budget_is_worth_more_where_the_kernels_are_compiled(monkeypatch):
    monkeypatch.setattr("smcost.recommend.budget.compiled", lambda: False)
    plain = requests_in(60.0)
    monkeypatch.setattr("smcost.recommend.budget.compiled", lambda: True)
    assert requests_in(60.0) == 100 * plain == 1_200_000_000
    assert requests_in(0.0) == 0


def test_a_miss_by_luck_is_shown_and_said(problem):
    """The figures are those of the replay that missed, and the answer says that it did."""
    quantile_s = ServiceTime(mean_s=0.5, cv=0.5).quantile_s(0.99)
    answers = [
        recommend(
            problem([6] * 600, p99_s=1.005 * quantile_s, simulated_requests=PLENTY, seed=seed)
        )
        for seed in range(12)
    ]
    latencies = [found.estimate.latency for found in answers]
    assert {latency.method for latency in latencies} == {"simulated"}
    missed = [latency.worst_window_p99_s > 1.005 * quantile_s for latency in latencies]
    said = [any("just missed" in caveat.message for caveat in found.caveats) for found in answers]
    assert said == missed
    assert 0 < sum(missed) < 12


def bunched(problem, **changes):
    """Ten hours of a minute's 60 requests within 60 ms: screening sees an idle instance."""
    counts = np.full(600, 60)
    asked = problem(counts, p99_s=2.0, simulated_requests=PLENTY, **changes)
    minutes = replace(asked.minutes, offsets_s=np.tile(np.arange(60) / 1000, 600))
    service = ServiceTime(mean_s=0.1, cv=0.0)
    profile = WorkersProfile(instance_type="ml.m5.xlarge", workers=1, service=service)
    return replace(asked, minutes=minutes, profile=profile)


def test_what_screening_cannot_see_is_searched_beyond_what_screening_asks_for(problem):
    """60 at once in 2 s of 0.1 s each: 20 to an instance, so three by the length of queues."""
    asked = bunched(problem, routing=Routing.LEAST_OUTSTANDING_REQUESTS)
    assert recommend(replace(asked, simulated_requests=0)).estimate.variant.minimum == 1
    found = recommend(asked)
    assert found.estimate.variant.minimum == 3
    # The last of 20 came 59 ms after the first.
    assert found.estimate.latency.worst_window_p99_s == pytest.approx(1.941, rel=0.008)
    assert recommend(replace(asked, pins=Pins(maximum=2))).nearest.breaks == "p99"


@pytest.mark.parametrize("routing", list(Routing))
def test_a_pinned_minimum_keeps_its_other_windows(problem, routing):
    asked = problem([400] * 180, pins={"minimum": 5}, simulated_requests=PLENTY, routing=routing)
    found = recommend(asked)
    assert {answer.minimum for answer in found.windows} == {5}
    # Plans with the same replay have the same figures.
    rows = {(point.p99_s, point.expected_usd) for point in found.curve if point.minimum <= 3}
    planner = Planner(asked)
    target = found.estimate.variant.target_per_minute
    same = {planner.counts(n, target).trajectory for n in range(1, 4)}
    assert len(rows) == len(same)


def test_without_a_budget_limit_sensitivity_is_replayed_too(problem, rush):
    from smcost.recommend.among import recommend_among

    _, limited = recommend_among([replace(rush, simulated_requests=PLENTY)], with_sensitivity=True)
    endless = replace(rush, simulated_requests=float("inf"))
    _, found = recommend_among([endless], with_sensitivity=True)
    assert found.sensitivity == limited.sensitivity
    assert all(row.breaks is not None for row in found.sensitivity)


def test_a_minute_too_large_to_replay_is_screened(problem, monkeypatch):
    asked = problem([5_000] * 3, p99_s=2.0, simulated_requests=10**12)
    assert recommend(asked).estimate.latency.method == "simulated"
    monkeypatch.setattr("smcost.recommend.confirm.MOST_PER_MINUTE", 4_999)
    assert recommend(asked).estimate.latency.method == "screened"


def test_loads_that_do_not_fit_into_memory_are_replayed_again_with_the_same_digits(
    rush, monkeypatch
):
    asked = replace(rush, simulated_requests=PLENTY)
    kept = recommend(asked)
    monkeypatch.setattr("smcost.recommend.confirm._MEMORY", 1)
    assert recommend(asked) == kept
