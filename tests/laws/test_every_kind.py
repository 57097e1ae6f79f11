"""The laws of the decision for measured rates and sweeps, both routings, and several types.

What test_recommendation.py shows of workers at random; and two laws that simulation breaks.
"""

import math
from dataclasses import replace
from decimal import Decimal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.capacity import RatesProfile, Routing, SweepProfile, WorkersProfile
from smcost.cost import Tariff
from smcost.queueing.service import ServiceTime
from smcost.recommend.among import recommend_among
from smcost.recommend.candidates import target_grid
from smcost.recommend.plan import Planner
from smcost.recommend.problem import Pins, Problem
from smcost.recommend.recommend import recommend
from smcost.recommend.result import Infeasible, Recommendation
from smcost.recommend.search import cheapest
from smcost.replay.counts import Delays
from smcost.replay.latency import LatencyTerms
from smcost.slo import Objective, Slo
from smcost.traffic.minutes import MinuteCounts

T0 = 1_704_067_200
RATES = RatesProfile(
    instance_type="ml.rates",
    offered_rps=np.array([1.0, 2.0, 4.0]),
    fractions=np.array([0.5, 0.99]),
    latencies_s=np.array([[0.3, 0.9], [0.4, 1.2], [0.7, 1.9]]),
    error_rate=np.array([0.0, 0.0, 0.0005]),
    requests=np.full(3, 1_000.0),
)
SWEEP = SweepProfile(
    instance_type="ml.sweep",
    concurrency=np.array([1.0, 2.0, 4.0]),
    throughput_rps=np.array([1.5, 2.6, 4.0]),
    fractions=np.array([0.5, 0.99]),
    latencies_s=np.array([[0.6, 0.9], [0.7, 1.1], [0.9, 1.6]]),
    error_rate=np.zeros(3),
    requests=np.full(3, 1_000.0),
    means_s=np.full(3, np.nan),
)
WORKERS = WorkersProfile(
    instance_type="ml.workers", workers=2, service=ServiceTime(mean_s=0.5, cv=0.5)
)

profiles = st.sampled_from([RATES, SWEEP, WORKERS])
measured = st.sampled_from([RATES, SWEEP])
routings = st.sampled_from(list(Routing))
limits_s = st.sampled_from([1.4, 2.0, 3.0, 8.0])
traces = st.lists(st.tuples(st.integers(0, 1_000), st.integers(1, 15)), min_size=1, max_size=3).map(
    lambda runs: [count for count, length in runs for _ in range(length)]
)
few = settings(max_examples=12, deadline=None)
fewer = settings(max_examples=6, deadline=None)


def problem(counts, profile, routing=Routing.RANDOM, *, p99_s=2.0, usd="0.23", **changes):
    counts = np.array(counts, dtype=np.int64)
    asked = Problem(
        minutes=MinuteCounts(start_s=T0 + 60 * np.arange(counts.size), invocations=counts),
        profile=profile,
        slo=Slo(objectives=(Objective(fraction=0.99, limit_s=p99_s),)),
        terms=LatencyTerms(),
        delays=Delays(),
        tariff=Tariff(instance_type=profile.instance_type, usd_per_hour=Decimal(usd)),
        hours_per_month=Decimal(720),
        pins=Pins(),
        routing=routing,
    )
    return replace(asked, **changes)


def pinned_to(asked, variant):
    pins = Pins(
        minimum=variant.minimum,
        maximum=variant.maximum,
        target_per_minute=variant.target_per_minute,
    )
    return replace(asked, pins=pins)


def hours(asked):
    best = cheapest(Planner(asked), asked.slo)
    return math.inf if best is None else best.instance_hours


@few
@given(traces, profiles, routings, limits_s)
def test_an_answer_is_in_order_and_pinned_to_itself_is_given_again(counts, profile, routing, p99_s):
    asked = problem(counts, profile, routing, p99_s=p99_s)
    found = recommend(asked)
    assert isinstance(found, Recommendation) or p99_s < 1.5
    if isinstance(found, Infeasible):
        return
    variant, cost = found.estimate.variant, found.estimate.cost
    assert 1 <= variant.minimum <= variant.initial_count <= variant.maximum
    assert cost.floor.usd <= cost.expected.usd <= cost.ceiling.usd
    again = recommend(pinned_to(asked, variant))
    assert isinstance(again, Recommendation)
    assert repr(again.estimate) == repr(found.estimate)


@few
@given(traces, measured, routings, st.tuples(limits_s, limits_s).map(sorted))
def test_a_tighter_limit_never_costs_less(counts, profile, routing, limits):
    tight, loose = (problem(counts, profile, routing, p99_s=p99_s) for p99_s in limits)
    assert hours(tight) >= hours(loose) * (1 - 1e-9)


@few
@given(traces, measured, limits_s, st.sampled_from([2, 4]))
def test_k_times_the_traffic_and_target_never_cost_less(counts, profile, p99_s, k):
    grid = target_grid(problem(counts, SWEEP))[::4]

    def cheapest_hours(factor):
        pins = (Pins(target_per_minute=factor * target) for target in grid)
        trace = [factor * count for count in counts]
        return min(hours(problem(trace, profile, p99_s=p99_s, pins=pin)) for pin in pins)

    assert cheapest_hours(k) >= cheapest_hours(1) * (1 - 1e-9)


@fewer
@given(traces, routings, limits_s)
def test_of_three_types_the_cheapest_wins(counts, routing, p99_s):
    asked = [problem(counts, profile, routing, p99_s=p99_s) for profile in (RATES, SWEEP, WORKERS)]
    alone = [recommend(one) for one in asked]
    usd = [one.estimate.cost.expected.usd for one in alone if isinstance(one, Recommendation)]
    _, found = recommend_among(asked)
    assert usd, "rates and workers hold the loosest of these limits"
    assert found.estimate.cost.expected.usd == min(usd)
    for other in found.alternatives:
        assert other.breaks or other.expected_usd >= min(usd)


SPIKE = [0] * 30 + [983] * 5 + [0] * 30
LOR = Routing.LEAST_OUTSTANDING_REQUESTS
#: Screening stretches its central queue by half under least-outstanding routing.
CONSTANT = WorkersProfile(
    instance_type="ml.constant", workers=1, service=ServiceTime(mean_s=0.25, cv=0.0)
)
WIDE = WorkersProfile(instance_type="ml.wide", workers=8, service=ServiceTime(mean_s=0.25, cv=0.5))


def spike(profile, *, simulated=5_000_000, **changes):
    return problem(SPIKE, profile, LOR, p99_s=0.9, simulated_requests=simulated, **changes)


def test_pinned_to_an_answer_that_simulation_lowered_it_is_given_again():
    found = recommend(spike(CONSTANT))
    assert isinstance(recommend(pinned_to(spike(CONSTANT), found.estimate.variant)), Recommendation)


def test_and_simulation_does_lower_that_answer():
    screened, simulated = (
        recommend(spike(CONSTANT, simulated=requests)).estimate.variant.minimum
        for requests in (0, 5_000_000)
    )
    assert simulated < screened


def test_of_two_types_the_one_that_simulation_makes_cheapest_wins():
    # One wide instance at 1.667 an hour is 1,200 a month: between screened and simulated constant.
    asked = [spike(CONSTANT, usd="0.30"), spike(WIDE, usd="1.667")]
    usd = [recommend(one).estimate.cost.expected.usd for one in asked]
    assert usd[0] < usd[1]
    _, found = recommend_among(asked)
    assert found.estimate.cost.expected.usd == min(usd)


def test_simulation_keeps_the_minimum_that_costs_nothing():
    screened = problem([900] * 60, WORKERS, p99_s=8.0)
    simulated = replace(screened, simulated_requests=5_000_000)
    minimums = [recommend(asked).estimate.variant.minimum for asked in (screened, simulated)]
    assert minimums[0] > 1
    assert minimums[1] == minimums[0]
