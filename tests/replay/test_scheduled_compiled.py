"""Counts under scheduled bounds: the kernel gives what Python gives, digit for digit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.queueing.exact.compiled import compiled
from smcost.replay.counts import Delays, replay_counts
from smcost.replay.policies import _replayed, replay_policies
from smcost.scaling import TargetTracking
from smcost.scaling.schedule import ScheduledAction
from smcost.variant import Variant

needs_kernels = pytest.mark.skipif(not compiled(), reason="the kernels are not built or are off")

T0 = 1_711_756_800  # Saturday 2024-03-30T00:00Z: clocks in Berlin change within a day.
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")


def replayed_twice(variant, invocations, start_s, delays, start=None):
    found = replay_policies(variant, invocations, start_s, delays, start=start)
    expected = _replayed(variant, invocations, start_s, delays, None, start)
    assert np.array_equal(found.in_service, expected.in_service)
    assert found.activities == expected.activities
    assert found.instance_hours == expected.instance_hours
    assert found.failed_s == expected.failed_s
    return found


@st.composite
def actions(draw, most):
    low = draw(st.none() | st.integers(1, most))
    high = draw(st.integers(low or 1, most) if low is None else st.none() | st.integers(low, most))
    if draw(st.booleans()):
        every = draw(st.sampled_from(["3 minutes", "7 minutes", "1 hour", "45 minutes"]))
        schedule, start_s = f"rate({every})", T0 + 60 * draw(st.integers(-100, 300))
    else:
        hour, minute = draw(st.integers(0, 23)), draw(st.integers(0, 59))
        schedule, start_s = f"cron({minute} {hour} ? * * *)", None
    return ScheduledAction(
        schedule=schedule,
        minimum=low,
        maximum=high,
        timezone=draw(st.sampled_from(ZONES)),
        start_s=start_s,
    )


@st.composite
def variants(draw):
    minimum = draw(st.integers(1, 12))
    maximum = minimum + draw(st.integers(0, 40))
    return Variant(
        instance_type="ml.m5.xlarge",
        minimum=minimum,
        maximum=maximum,
        initial_count=minimum,
        target_per_minute=draw(st.floats(0.5, 2_000) | st.integers(1, 2_000).map(float)),
        scale_in_cooldown_s=draw(st.floats(0, 2_000)),
        schedule=tuple(draw(st.lists(actions(40), min_size=1, max_size=4))),
    )


@st.composite
def traces(draw):
    """Plateaus, so that alarms fire, with noise on top, and now and then a gap."""
    levels = draw(st.lists(st.tuples(st.integers(0, 9_000), st.integers(1, 60)), min_size=1))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    counts = rng.poisson(np.repeat(*np.array(levels).T)).astype(np.int64)
    start_s = T0 + 60 * np.arange(counts.size)
    start_s[draw(st.integers(0, counts.size)) :] += 60 * draw(st.sampled_from([0, 0, 90, 2_000]))
    return counts, start_s


delays = st.builds(
    Delays,
    reaction_s=st.sampled_from([0.0, 30.0, 90.0, 200.0]),
    startup_s=st.sampled_from([0.0, 60.0, 300.0, 900.0]),
)


@needs_kernels
@settings(deadline=None, max_examples=80)
@given(variants(), traces(), delays, st.none() | st.integers(1, 60))
def test_counts_activities_hours_and_failures_are_the_same(variant, trace, delays, start):
    replayed_twice(variant, *trace, delays, start)


def test_over_days_with_a_change_of_clocks_runs_fail_and_activities_go_both_ways():
    minutes = np.arange(4 * 1_440)
    wave = 6_000 * (1 + 0.8 * np.sin(2 * np.pi * minutes / 1_440))
    invocations = np.random.default_rng(1).poisson(wave).astype(np.int64)
    schedule = tuple(
        ScheduledAction(schedule=text, minimum=low, timezone="Europe/Berlin")
        for text, low in (
            ("cron(0 8 ? * * *)", 9),
            ("cron(5 8 ? * * *)", 12),
            ("cron(0 20 ? * * *)", 2),
        )
    )
    variant = Variant(
        instance_type="ml.m5.xlarge",
        minimum=2,
        maximum=40,
        initial_count=2,
        target_per_minute=777.7,
        schedule=schedule,
    )
    found = replayed_twice(variant, invocations, T0 + 60 * minutes, Delays(startup_s=600.0))
    steps = [activity.after - activity.before for activity in found.activities]
    assert min(steps) < 0 < max(steps)
    assert found.failed_s


@settings(deadline=None, max_examples=25)
@given(traces(), st.integers(1, 9), st.integers(1, 900))
def test_a_schedule_that_sets_what_stands_changes_nothing(trace, minimum, target):
    invocations, start_s = trace
    same = ScheduledAction(schedule="cron(0 0,6,12,18 ? * * *)", minimum=minimum, maximum=60)
    variant = Variant(
        instance_type="ml.m5.xlarge",
        minimum=minimum,
        maximum=60,
        initial_count=minimum,
        target_per_minute=float(target),
        schedule=(same,),
    )
    found = replay_policies(variant, invocations, start_s, Delays())
    policy = TargetTracking(target_per_minute=float(target), minimum=minimum, maximum=60)
    if not found.failed_s:
        expected = replay_counts(invocations, policy, Delays())
        assert np.array_equal(found.in_service, expected.in_service)
        assert found.instance_hours == pytest.approx(expected.instance_hours)
