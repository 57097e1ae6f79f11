"""What holds for every input (MODEL, section 6), where exact replay decides; on tiny traces."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.capacity import Routing
from smcost.recommend.problem import Pins
from smcost.recommend.recommend import recommend
from smcost.recommend.result import Infeasible, Recommendation
from smcost.slo import SloWindow

PLENTY = 50_000_000

#: At most 40 minutes: a few levels, each held for some minutes.
traces = st.lists(st.tuples(st.integers(0, 900), st.integers(1, 10)), min_size=1, max_size=4).map(
    lambda runs: [count for count, length in runs for _ in range(length)]
)
limits_s = st.sampled_from([1.4, 1.7, 2.0, 3.0, 8.0])
routings = st.sampled_from(list(Routing))
windows = st.sampled_from(list(SloWindow))
few = settings(max_examples=12, deadline=None)


@pytest.fixture(scope="session")
def asked(problem):
    """``asked(counts, p99_s, **fields)``: with budget for every replay."""

    def build(counts, p99_s, *, window=SloWindow.DAY, **changes):
        found = problem(counts, p99_s=p99_s, simulated_requests=PLENTY, **changes)
        return replace(found, slo=replace(found.slo, window=window))

    return build


def hours(found):
    if isinstance(found, Infeasible):
        return math.inf
    return float(found.estimate.horizon.instance_hours)


@few
@given(traces, limits_s, routings, windows)
def test_the_same_input_gives_the_same_answer(asked, counts, p99_s, routing, window):
    once = asked(counts, p99_s, routing=routing, window=window)
    # repr, because nan is not equal to itself.
    assert repr(recommend(once)) == repr(recommend(replace(once, threads=2)))


@few
@given(traces, limits_s, st.floats(1.05, 3.0), routings)
def test_a_tighter_slo_never_costs_less(asked, counts, p99_s, factor, routing):
    loose = recommend(asked(counts, p99_s * factor, routing=routing))
    tight = recommend(asked(counts, p99_s, routing=routing))
    assert hours(tight) >= hours(loose) * (1 - 1e-9)


@few
@given(traces, limits_s, routings, windows)
def test_pinned_to_its_own_answer_it_is_feasible_and_equal(asked, counts, p99_s, routing, window):
    once = asked(counts, p99_s, routing=routing, window=window)
    found = recommend(once)
    if isinstance(found, Infeasible):
        return
    variant = found.estimate.variant
    pins = Pins(
        minimum=variant.minimum,
        maximum=variant.maximum,
        target_per_minute=variant.target_per_minute,
    )
    again = recommend(replace(once, pins=pins))
    assert isinstance(again, Recommendation)
    assert repr(again.estimate) == repr(found.estimate)


@few
@given(traces, limits_s, routings, st.sampled_from([1.0, 3.0]))
def test_bounds_counts_and_costs_are_in_order(asked, counts, p99_s, routing, burstiness):
    found = recommend(asked(counts, p99_s, routing=routing, burstiness=burstiness))
    if isinstance(found, Infeasible):
        return
    estimate = found.estimate
    variant, cost = estimate.variant, estimate.cost
    assert variant.minimum <= variant.initial_count <= variant.maximum
    assert cost.floor.usd <= cost.expected.usd <= cost.ceiling.usd
    latency = estimate.latency
    if sum(counts):
        assert latency.p50_s <= latency.p95_s <= latency.p99_s
        missed = any("just missed" in caveat.message for caveat in found.caveats)
        assert latency.worst_window_p99_s <= p99_s * (1 + 1e-9) or missed
    interval_s = latency.p99_interval_s
    assert interval_s is None or interval_s[0] <= latency.p99_s <= interval_s[1]
