"""The compiled autoscaler gives what the rules in Python give, digit for digit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.queueing.exact.compiled import compiled
from smcost.replay.counts import Delays, _replayed, replay_counts, start_count
from smcost.scaling import TargetTracking

pytestmark = pytest.mark.skipif(not compiled(), reason="the kernels are not built or are off")


def assert_same(invocations, policy, delays, start=None):
    found = replay_counts(invocations, policy, delays, start)
    first = start_count(invocations, policy) if start is None else policy.clamp(start)
    expected = _replayed(invocations, policy, delays, first)
    assert np.array_equal(found.in_service, expected.in_service)
    assert found.in_service.dtype == expected.in_service.dtype
    assert found.activities == expected.activities
    assert found.instance_hours == expected.instance_hours


@st.composite
def policies(draw):
    minimum = draw(st.integers(1, 20))
    return TargetTracking(
        target_per_minute=draw(
            st.floats(0.01, 5_000) | st.integers(1, 5_000).map(float) | st.just(float("inf"))
        ),
        minimum=minimum,
        maximum=minimum + draw(st.integers(0, 200)),
        scale_in_cooldown_s=draw(st.floats(0, 2_000)),
    )


delays = st.builds(
    Delays, reaction_s=st.floats(0, 600), startup_s=st.floats(0, 1_500) | st.just(300.0)
)


@st.composite
def traces(draw):
    """Plateaus, so that alarms fire, with noise on top."""
    levels = draw(st.lists(st.tuples(st.integers(0, 20_000), st.integers(1, 40)), min_size=1))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    return rng.poisson(np.repeat(*np.array(levels).T)).astype(np.int64)


@settings(deadline=None, max_examples=300)
@given(traces(), policies(), delays, st.none() | st.integers(1, 300))
def test_counts_activities_and_hours_are_the_same(invocations, policy, delays, start):
    assert_same(invocations, policy, delays, start)


def test_so_they_are_over_four_weeks_with_activities_of_both_kinds():
    minutes = np.arange(40_320)
    wave = 12_000 * (1 + 0.6 * np.sin(2 * np.pi * minutes / 1_440))
    invocations = np.random.default_rng(1).poisson(wave).astype(np.int64)
    policy = TargetTracking(target_per_minute=777.7, minimum=2, maximum=100)
    assert_same(invocations, policy, Delays())
    steps = [a.after - a.before for a in replay_counts(invocations, policy, Delays()).activities]
    assert min(steps) < 0 < max(steps)


@pytest.mark.parametrize("metric", [600, 540, 599, 541])
def test_so_they_are_on_the_edges_of_the_alarms(metric):
    policy = TargetTracking(target_per_minute=600.0, minimum=1, maximum=9)
    invocations = np.full(60, 4 * metric)
    for extra in (-1, 0, 1):
        assert_same(invocations + extra, policy, Delays(), 4)


def test_a_view_with_gaps_and_counts_of_another_width_are_taken_too():
    policy = TargetTracking(target_per_minute=600.0, minimum=1, maximum=9)
    invocations = np.random.default_rng(2).integers(0, 9_000, 400)
    assert_same(invocations[::2], policy, Delays())
    found = replay_counts(invocations.astype(np.int32), policy, Delays())
    assert np.array_equal(found.in_service, replay_counts(invocations, policy, Delays()).in_service)


def test_switched_off_the_rules_in_python_answer(monkeypatch):
    monkeypatch.setenv("SMCOST_NO_KERNELS", "1")
    policy = TargetTracking(target_per_minute=600.0, minimum=1, maximum=9)
    assert replay_counts(np.full(30, 3_000), policy, Delays(), 1).activities[0].after == 5
