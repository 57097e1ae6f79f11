"""What Application Auto Scaling does, one named row per rule."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.errors import UsageError
from smcost.scaling.invocations import (
    AlarmState,
    TargetTracking,
    after_scale_in,
    after_scale_out,
    step,
)

TARGET = 600.0


def policy(**changes):
    return TargetTracking(**{"target_per_minute": TARGET, "minimum": 1, "maximum": 20} | changes)


def wanted_after(minutes, count, *, rule=None, state=None):
    """What is wanted after these minutes of invocations, with ``count`` in service throughout."""
    rule, state = rule or policy(), state or AlarmState()
    wanted = count
    for number, invocations in enumerate(minutes, start=1):
        state, wanted = step(rule, state, 60.0 * number, invocations, count, count)
    return wanted


QUIET = 15
BLOCKED = AlarmState(scale_in_blocked_until_s=1e9)
#: rule: invocations per minute, instances in service, wanted after the last minute.
SCALE_OUT = {
    "two breaching minutes are not three": ([1500, 1500], 2, 2),
    "three breaching minutes of three act": ([1500, 1500, 1500], 2, 3),
    "two of the last three minutes are not three of three": ([1500, 1500, 900, 1500, 1500], 2, 2),
    "a minute at the target exactly is not above it": ([1200] * 9, 2, 2),
    "a minute at the target exactly is none of the three": ([1200, 1200, 1201], 2, 2),
    "one invocation above the target counts": ([1201] * 3, 2, 3),
    "the whole way goes in one jump": ([6000] * 3, 1, 10),
    "the latest of the three points decides, not their mean": ([1300, 5900, 2401], 2, 5),
    "half an instance is rounded up": ([2 * TARGET + 300] * 3, 2, 3),
    "an exact multiple of the target is not rounded up": ([3 * TARGET] * 3, 2, 3),
    "more than the maximum is cut to the maximum": ([90_000] * 3, 2, 20),
    "at the maximum nothing is wanted": ([90_000] * 30, 20, 20),
}
SCALE_IN = {
    "fourteen quiet minutes are not fifteen": ([500] * (QUIET - 1), 2, 2),
    "fifteen quiet minutes of fifteen act": ([500] * QUIET, 2, 1),
    "a busy minute in the middle starts the count again": ([500] * 8 + [1100] + [500] * 14, 2, 2),
    "a minute at 0.9 of the target exactly is not quiet": ([0.9 * TARGET * 20] * 30, 20, 20),
    "just under 0.9 of the target is quiet": ([0.9 * TARGET * 20 - 1] * QUIET, 20, 18),
    "one fewer that would exceed the target anticipates flapping": ([601] * 30, 2, 2),
    "one fewer that meets the target exactly is let go": ([600] * QUIET, 2, 1),
    "below ten instances flapping binds before 0.9": ([0.85 * TARGET * 5] * 30, 5, 5),
    "the whole way down goes in one jump": ([1000] * QUIET, 9, 2),
    "a part of an instance is kept": ([1201] * QUIET, 9, 3),
    "no traffic ends at the minimum": ([0] * QUIET, 9, 1),
    "at the minimum nothing is wanted": ([0] * 60, 1, 1),
}


@pytest.mark.parametrize("rule", [*SCALE_OUT, *SCALE_IN])
def test_the_policy_follows_the_rule(rule):
    minutes, count, wanted = (SCALE_OUT | SCALE_IN)[rule]
    assert wanted_after(minutes, count) == wanted


def test_never_below_a_minimum_above_the_need():
    assert wanted_after([0] * QUIET, 9, rule=policy(minimum=4)) == 4


def test_scale_in_waits_for_its_cooldown():
    state = after_scale_in(policy(scale_in_cooldown_s=300), AlarmState(), completed_s=700.0)
    # Quiet from minute 1; the cooldown ends at 1000 s, within minute 17.
    assert wanted_after([500] * 16, 2, state=state) == 2
    assert wanted_after([500] * 17, 2, state=state) == 1


def test_scale_in_is_free_at_the_very_end_of_its_cooldown():
    state = after_scale_in(policy(scale_in_cooldown_s=300), AlarmState(), completed_s=600.0)
    assert wanted_after([500] * QUIET, 2, state=state) == 1


def test_the_cooldown_of_scale_in_does_not_hold_up_a_scale_out():
    assert wanted_after([1500] * 3, 2, state=BLOCKED) == 3


def test_a_scale_out_cancels_the_cooldown_of_scale_in():
    assert wanted_after([500] * QUIET, 2, state=BLOCKED) == 2
    assert wanted_after([500] * QUIET, 2, state=after_scale_out(BLOCKED)) == 1


def test_during_a_scale_out_only_a_larger_one_is_wanted():
    state = AlarmState(minutes_above=5)
    _, same = step(policy(), state, 60.0, 2400, 2, desired=4)
    _, larger = step(policy(), state, 60.0, 2401, 2, desired=4)
    assert (same, larger) == (4, 5)


def test_a_high_alarm_never_wants_fewer_than_already_asked_for():
    _, wanted = step(policy(), AlarmState(minutes_above=5), 60.0, 1300, 2, desired=9)
    assert wanted == 9


def test_an_infinite_target_never_scales_out():
    rule = policy(target_per_minute=math.inf, minimum=2)
    assert wanted_after([10**9] * 3, 2, rule=rule) == 2


def test_the_state_passed_in_is_not_changed():
    before = AlarmState(minutes_above=2)
    after, _ = step(policy(), before, 60.0, 1500, 2, 2)
    assert before == AlarmState(minutes_above=2)
    assert after.minutes_above == 3


@pytest.mark.parametrize(
    "changes",
    [{"target_per_minute": 0.0}, {"target_per_minute": math.nan}, {"minimum": 0}, {"minimum": 21}],
)
def test_a_policy_that_cannot_be_followed_is_refused(changes):
    with pytest.raises(UsageError, match="cannot be followed"):
        policy(**changes)


counts = st.integers(1, 30)


@given(
    load=st.integers(0, 10**6),
    target=st.floats(0.5, 1e5),
    bounds=st.tuples(counts, counts).map(sorted),
)
def test_what_is_wanted_stays_within_the_bounds(load, target, bounds):
    rule = policy(target_per_minute=target, minimum=bounds[0], maximum=bounds[1])
    for count in (bounds[0], bounds[1]):
        for state in (AlarmState(minutes_above=9), AlarmState(minutes_below=99)):
            _, wanted = step(rule, state, 1e6, load, count, count)
            assert bounds[0] <= wanted <= bounds[1]


@given(load=st.integers(1, 10**6), whole=st.integers(1, 50))
def test_the_wanted_count_is_the_smallest_that_holds_the_target(load, whole):
    rule = policy(target_per_minute=load / whole, maximum=100)
    assert rule.proportional(load) == whole
