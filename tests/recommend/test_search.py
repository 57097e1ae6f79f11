"""The search finds what brute force finds, on every shape of traffic that fits into a test."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.capacity import RatesProfile
from smcost.recommend import search
from smcost.recommend.candidates import minimum_grid, target_grid
from smcost.recommend.plan import Plan, Planner
from smcost.recommend.search import cheapest, smallest_fixed_fleet
from smcost.replay.least_hours import least_instance_hours
from smcost.replay.verdict import Verdict
from smcost.slo import Objective, Slo, SloWindow


def key(plan):
    """What decides between plans: fewer hours, larger slack, smaller minimum and target."""
    if plan is None:
        return None
    (slo,) = [slo for slo in plan.verdicts if slo.spared == 0][:1]
    hours, slack = round(plan.instance_hours, 6), round(plan.verdicts[slo].slack, 9)
    return hours, -slack, plan.minimum, plan.target_per_minute


def brute_force(problem, above=4):
    """The best plan of the whole grid, minimums up to some above the fleet of fixed size."""
    planner, pins = Planner(problem), problem.pins
    highest = pins.maximum or (smallest_fixed_fleet(planner, problem.slo) or 0) + above
    minimums = [pins.minimum] if pins.minimum else range(problem.min_instances, highest + 1)
    plans = (planner.plan(*candidate) for candidate in product(minimums, target_grid(problem)))
    return min((plan for plan in plans if plan.verdicts[problem.slo].met), key=key, default=None)


def wave(length, low, high):
    return (low + (high - low) * (1 - np.cos(2 * np.pi * np.arange(length) / length)) / 2).astype(
        int
    )


def noise(length, top, seed):
    return (top * np.random.default_rng(seed).random(length) ** 3).astype(int)


SHAPES = {
    "constant": [700] * 120,
    "a step up": [300] * 60 + [1_500] * 60,
    "a step down": [1_500] * 60 + [300] * 60,
    "a spike shorter than help": [200] * 40 + [1_200] * 5 + [200] * 60,
    "a long peak": [200] * 30 + [1_400] * 40 + [200] * 50,
    "a slow ramp": np.linspace(50, 1_500, 180).astype(int),
    "a steep ramp": np.linspace(50, 2_500, 30).astype(int),
    "a wave of six hours": wave(360, 100, 2_000),
    "two waves": np.tile(wave(90, 50, 900), 2),
    "hourly bursts": np.tile([100] * 50 + [900] * 10, 3),
    "noise": noise(150, 800, seed=7),
    "rare noise": noise(90, 2_500, seed=11),
    "a staircase": np.repeat([200, 500, 900, 1_400, 700, 250], 30),
    "one minute of everything": [0] * 45 + [4_000] + [0] * 45,
    "almost nothing": [0, 1, 0, 0, 2] * 20,
    "nothing": [0] * 60,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_search_finds_the_optimum_of_the_grid(problem, shape):
    asked = problem(SHAPES[shape])
    assert key(cheapest(Planner(asked), asked.slo)) == key(brute_force(asked))


@pytest.mark.parametrize(
    "changes",
    [
        {"pins": {"minimum": 3}},
        {"pins": {"maximum": 9}},
        {"pins": {"target_per_minute": 150.0}},
        {"pins": {"minimum": 2, "target_per_minute": 100.0}},
        {"pins": {"minimum": 4, "target_per_minute": 100.0}},
        {"pins": {"maximum": 3}},
        {"min_instances": 2},
        {"scale_in_cooldown_s": 1_800.0},
    ],
    ids=str,
)
def test_the_search_finds_the_optimum_within_the_pins(problem, changes):
    asked = problem(SHAPES["a staircase"], p99_s=4.0, **changes)
    assert key(cheapest(Planner(asked), asked.slo)) == key(brute_force(asked))


@pytest.mark.parametrize("window", SloWindow)
def test_the_search_finds_the_optimum_for_each_window(problem, window):
    slo = Slo(objectives=(Objective(fraction=0.95, limit_s=1.2),), window=window)
    asked = problem(SHAPES["hourly bursts"], slo=slo)
    assert key(cheapest(Planner(asked), asked.slo)) == key(brute_force(asked))


runs = st.lists(st.tuples(st.integers(0, 1_500), st.integers(1, 20)), min_size=1, max_size=4)


@settings(max_examples=25, deadline=None)
@given(runs, st.sampled_from([1.4, 2.0, 6.0]), st.sampled_from([SloWindow.DAY, SloWindow.HOUR]))
def test_the_search_finds_the_optimum_of_any_short_trace(problem, found, p99_s, window):
    counts = [count for count, length in found for _ in range(length)]
    slo = Slo(objectives=(Objective(fraction=0.99, limit_s=p99_s),), window=window)
    asked = problem(counts, slo=slo)
    assert key(cheapest(Planner(asked), asked.slo)) == key(brute_force(asked, above=2))


def test_a_fixed_fleet_holds_from_its_smallest_size_on(problem):
    asked = problem(SHAPES["hourly bursts"])
    planner = Planner(asked)
    smallest = smallest_fixed_fleet(planner, asked.slo)
    holds = [planner.plan(n, None).verdicts[asked.slo].met for n in range(1, smallest + 6)]
    assert holds == [n >= smallest for n in range(1, smallest + 6)]


@pytest.mark.parametrize("level", range(150, 2_000, 180))
def test_doubling_and_halving_miss_no_size(problem, level):
    asked = problem([level] * 5)
    planner = Planner(asked)
    sizes = (n for n in range(1, 20) if planner.plan(n, None).verdicts[asked.slo].met)
    assert smallest_fixed_fleet(Planner(asked), asked.slo) == next(sizes)


def test_no_fleet_is_found_where_none_is_large_enough(problem):
    # Even a lone request is late.
    asked = problem([100] * 5, p99_s=0.1)
    assert smallest_fixed_fleet(Planner(asked), asked.slo) is None
    assert cheapest(Planner(asked), asked.slo) is None


def test_the_grid_runs_from_a_fifth_of_the_capacity_to_95_percent(problem):
    grid = target_grid(problem([1]))
    assert (grid[0], grid[-1], len(grid)) == (48.0, 228.0, 16)
    assert list(grid) == sorted(set(grid))


def test_the_grid_keeps_three_significant_digits(problem):
    for target in target_grid(problem([1])):
        assert float(f"{target:.3g}") == target


def test_a_pinned_target_is_the_whole_grid(problem):
    assert target_grid(problem([1], pins={"target_per_minute": 77.7})) == (77.7,)


def plan(hours, slack, minimum, target, slo):
    verdict = Verdict(met=True, slack=slack, breaks="p99", window=0, weak=False, could_hold=True)
    return Plan(
        minimum=minimum, target_per_minute=target, instance_hours=hours, verdicts={slo: verdict}
    )


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ((10.1, 0.9, 1, 50.0), (10.0, 0.1, 3, 90.0)),
        ((10.0, 0.1, 1, 50.0), (10.0, 0.2, 3, 90.0)),
        ((10.0, 0.1, 3, 50.0), (10.0, 0.1, 2, 90.0)),
        ((10.0, 0.1, 2, 90.0), (10.0, 0.1, 2, 50.0)),
        ((10.0, 0.1, 2, 50.0), (10.0 + 1e-12, 0.2, 2, 50.0)),
    ],
    ids=["hours", "slack", "minimum", "target", "hours but for rounding"],
)
def test_plans_are_told_apart_by(worse, better):
    slo = Slo(objectives=(Objective(fraction=0.99, limit_s=2.0),))
    worse, better = plan(*worse, slo), plan(*better, slo)
    assert search._better(worse, better, slo) is better
    assert search._better(better, worse, slo) is better


#: Rushes and lulls, minute by minute: found by comparing bisection with brute force.
RUSHES = [
    0, 350, 290, 230, 0, 0, 350, 280, 110, 0, 140, 910, 1650, 1330, 0, 110, 350, 1610, 530, 1540,
    980, 0, 2830, 510, 650, 50, 2200, 2980, 120, 350, 0, 1330, 790, 30, 1710, 490, 2400, 1650, 0,
    40, 1830, 0, 0, 2330,
]  # fmt: skip


def test_feasibility_is_not_monotone_in_the_minimum_and_the_search_knows(problem):
    """Up to 12 instances three minutes in a row are above the target, and help comes."""
    asked = problem(RUSHES)
    planner = Planner(asked)
    holds = [n for n in range(1, 20) if planner.plan(n, 72.0).verdicts[asked.slo].met]
    assert holds == [10, 11, 12, 18, 19]
    best = cheapest(planner, asked.slo)
    assert (best.minimum, best.target_per_minute) == (10, 72.0)
    assert best.instance_hours == pytest.approx(11.6083, abs=1e-4)


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_hopeless_does_not_hold(problem, shape):
    """The glance at late requests without a backlog throws no plan away that half-way holds."""
    asked = problem(SHAPES[shape])
    planner = Planner(asked)
    candidates = list(product(range(1, 8), target_grid(asked)[::3]))
    thrown = [
        verdict
        for candidate in candidates
        for slo in planner.variations
        if planner.hopeless(*candidate, slo)
        and ((verdict := planner.plan(*candidate).verdicts[slo]).met or verdict.could_hold)
    ]
    assert thrown == []


def test_the_glance_throws_plans_away(problem):
    asked = problem(SHAPES["a step up"])
    planner = Planner(asked)
    assert planner.hopeless(1, 228.0, asked.slo)
    assert not planner.hopeless(10, 120.0, asked.slo)


def test_minimums_are_tried_one_by_one_and_in_large_fleets_by_steps():
    assert minimum_grid(3, 66) == list(range(3, 67))
    grid = minimum_grid(1, 5_000)
    assert grid[:64] == list(range(1, 65))
    assert grid[-1] == 5_000
    assert len(grid) == 96
    steps = np.array(grid[64:]) / np.array(grid[63:-1])
    assert steps.max() < 1.16


def test_in_a_large_fleet_the_neighbours_of_the_answer_are_tried_too(problem, monkeypatch):
    """A spike that only the minimum can cover: with steps of three the answer is found exactly."""
    asked = problem([500] * 40 + [6_000] * 5 + [500] * 60, pins={"target_per_minute": 120.0})
    exact = cheapest(Planner(asked), asked.slo)
    assert exact.minimum > 20
    monkeypatch.setattr(search, "minimum_grid", lambda low, high: [*range(low, high, 3), high])
    assert key(cheapest(Planner(asked), asked.slo)) == key(exact)


def test_where_measured_latency_falls_with_load_every_size_is_tried(problem):
    """p99 is 3 s below 1 rps and 1 s at 4 rps: two instances hold what three do not."""
    profile = RatesProfile(
        instance_type="ml.m5.xlarge",
        offered_rps=np.array([1.0, 2.0, 4.0]),
        fractions=np.array([0.5, 0.99]),
        latencies_s=np.array([[0.5, 3.0], [0.5, 2.5], [0.5, 1.0]]),
        error_rate=np.zeros(3),
        requests=np.zeros(3),
    )
    asked = problem([480] * 30, p99_s=1.5, profile=profile)
    planner = Planner(asked)
    holds = [n for n in range(1, 9) if planner.plan(n, None).verdicts[asked.slo].met]
    assert holds == [2]
    assert smallest_fixed_fleet(planner, asked.slo) == 2
    assert (
        smallest_fixed_fleet(Planner(problem([60] * 9, p99_s=1.5, profile=profile)), asked.slo)
        is None
    )


def test_each_candidate_is_replayed_once(problem):
    asked = problem(SHAPES["a step up"])
    planner = Planner(asked)
    assert planner.counts(2, 120.0) is planner.counts(2, 120.0)
    assert planner.plan(2, 120.0).verdicts is planner.plan(2, 120.0).verdicts


def test_a_replay_that_never_sinks_to_its_minimum_serves_for_the_minimums_above(problem):
    planner = Planner(problem([700] * 60))
    lowest = planner.counts(1, 120.0)
    assert lowest.lowest_count == 6
    assert planner.counts(6, 120.0) is lowest
    assert planner.counts(7, 120.0) is not lowest


def test_the_search_says_what_it_is_trying(problem):
    said = []
    asked = problem([100] * 30, pins={"target_per_minute": 120.0})
    cheapest(Planner(asked), asked.slo, said.append)
    assert said == ["target 120 per minute"]


@settings(max_examples=25, deadline=None)
@given(runs, st.sampled_from([1.6, 6.0, 50.0]), st.sampled_from(list(SloWindow)))
def test_no_plan_that_holds_is_below_the_bound(problem, found, p99_s, window):
    counts = [count for count, length in found for _ in range(length)]
    slo = Slo(objectives=(Objective(fraction=0.99, limit_s=p99_s),), window=window, max_failed=0.01)
    asked = problem(counts, slo=slo)
    planner = Planner(asked)
    fleets = [*product(range(1, 7), target_grid(asked)[::4]), *((n, None) for n in range(1, 7))]
    for minimum, target in fleets:
        plan = planner.plan(minimum, target)
        least = least_instance_hours(
            asked.minutes.invocations,
            start_s=asked.minutes.start_s,
            max_per_minute=asked.profile.max_per_minute,
            minimum=minimum,
            timeout_s=asked.terms.timeout_s,
            slo=slo,
        )
        assert math.isfinite(least)
        if plan.verdicts[slo].met:
            assert plan.instance_hours >= least * (1 - 1e-9)
