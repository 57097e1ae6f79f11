"""Several policies on one scalable target, one named row per rule of AWS."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.scaling import autoscaler, invocations
from smcost.scaling.autoscaler import Point, ScalerState, at_rest, scheduled, step
from smcost.scaling.policy import (
    AdjustmentType,
    Comparison,
    Metric,
    StepAdjustment,
    StepPolicy,
    TargetPolicy,
)
from smcost.scaling.schedule import ScheduledAction

INVOCATIONS = TargetPolicy(metric=Metric.INVOCATIONS, target=600.0)
#: 70 % of each of four cores.
CPU = TargetPolicy(metric=Metric.CPU, target=280.0)
CONCURRENCY = TargetPolicy(metric=Metric.CONCURRENCY, target=5.0)


def run(policies, points, count, *, state=None, minimum=1, maximum=20):
    """What is wanted after these points, each a mapping, with ``count`` in service throughout."""
    state = state or at_rest(policies, minimum, maximum)
    now_s, wanted = 0.0, autoscaler.Wanted(count)
    for metrics in points:
        now_s += min(metric.period_s for metric in metrics)
        state, wanted = step(policies, state, now_s, of(count, metrics), count)
    return state, wanted


def of(count, metrics):
    return {
        metric: None if value is None else Point(value, count) for metric, value in metrics.items()
    }


def after(policies, points, count, **given):
    return run(policies, points, count, **given)[1].capacity


def cpu(*values):
    return [{Metric.CPU: value} for value in values]


def flying(*values):
    return [{Metric.CONCURRENCY: value} for value in values]


#: rule: policies, points, instances in service, wanted after the last point.
RULES = {
    "CPU: two breaching minutes are not three": ((CPU,), cpu(300, 300), 4, 4),
    "CPU: three of three act": ((CPU,), cpu(300, 300, 300), 4, 5),
    "CPU: at the target exactly is not above it": ((CPU,), cpu(*[280.0] * 9), 4, 4),
    "CPU: the range goes to 100 times the cores": ((CPU,), cpu(400, 400, 400), 4, 6),
    "CPU: fourteen quiet minutes are not fifteen": ((CPU,), cpu(*[100.0] * 14), 4, 4),
    "CPU: fifteen quiet minutes act": ((CPU,), cpu(*[100.0] * 15), 4, 2),
    "CPU: 0.9 of the target exactly is not quiet": ((CPU,), cpu(*[252.0] * 30), 20, 20),
    "CPU: one fewer that would exceed the target is kept": ((CPU,), cpu(*[141.0] * 15), 2, 2),
    "CPU: one fewer that meets the target exactly is let go": ((CPU,), cpu(*[140.0] * 15), 2, 1),
    "concurrency: 20 s above are not 30 s": ((CONCURRENCY,), flying(8, 8), 2, 2),
    "concurrency: three points of 10 s act": ((CONCURRENCY,), flying(8, 8, 8), 2, 4),
    "concurrency: at the target exactly is not above": ((CONCURRENCY,), flying(*[5.0] * 9), 2, 2),
    "concurrency: 89 quiet points are not 90": ((CONCURRENCY,), flying(*[1.0] * 89), 4, 4),
    "concurrency: 90 quiet points act": ((CONCURRENCY,), flying(*[1.0] * 90), 4, 1),
    "concurrency: a busy point starts the count again": (
        (CONCURRENCY,), flying(*[1.0] * 50, 4.6, *[1.0] * 89), 4, 4,
    ),
    "concurrency: the alarm is heard once a minute": ((CONCURRENCY,), flying(8, 8, 8, 8), 2, 2),
    "concurrency: and again a minute later": ((CONCURRENCY,), flying(*[8.0] * 9), 2, 4),
    "missing data asks for nothing": ((CPU,), cpu(300, None, 300, 300), 4, 4),
    "missing data ends a quiet stretch": ((CPU,), cpu(*[9.0] * 14, None, *[9.0] * 14), 4, 4),
    "after missing data three points act again": ((CPU,), cpu(300, None, 300, 300, 300), 4, 5),
    "out if any policy wants to": (
        (INVOCATIONS, CPU), [{Metric.INVOCATIONS: 10.0, Metric.CPU: 300.0}] * 3, 4, 5,
    ),
    "out: the largest capacity wins": (
        (INVOCATIONS, CPU), [{Metric.INVOCATIONS: 900.0, Metric.CPU: 300.0}] * 3, 4, 6,
    ),
    "in: not while another is content": (
        (INVOCATIONS, CPU), [{Metric.INVOCATIONS: 100.0, Metric.CPU: 270.0}] * 30, 4, 4,
    ),
    "in: if all agree, and the largest wins": (
        (INVOCATIONS, CPU), [{Metric.INVOCATIONS: 100.0, Metric.CPU: 140.0}] * 15, 6, 3,
    ),
    "in: not while another has no data": (
        (INVOCATIONS, CPU), [{Metric.INVOCATIONS: 100.0, Metric.CPU: None}] * 30, 6, 6,
    ),
}  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_the_autoscaler_follows_the_rule(rule):
    policies, points, count, wanted = RULES[rule]
    assert after(policies, points, count) == wanted


def test_metrics_of_both_periods_agree_on_a_scale_in_at_the_points_of_either():
    policies = (INVOCATIONS, CONCURRENCY)
    points = [
        {Metric.CONCURRENCY: 1.0} | ({Metric.INVOCATIONS: 100.0} if n % 6 == 5 else {})
        for n in range(90)
    ]
    assert after(policies, points[:-1], 6) == 6
    # At minute 15 both are ready: 6 x 100 / 600 = 1, and ceil(6 x 1 / 5) = 2 wins.
    assert after(policies, points, 6) == 2


def test_a_policy_without_scale_in_neither_scales_in_nor_objects():
    out_only = TargetPolicy(metric=Metric.CPU, target=280.0, disable_scale_in=True)
    assert after((out_only,), cpu(*[10.0] * 30), 6) == 6
    both = [{Metric.INVOCATIONS: 100.0, Metric.CPU: 279.0}] * 15
    assert after((INVOCATIONS, out_only), both, 6) == 1
    assert after((out_only,), cpu(300, 300, 300), 4) == 5


def test_the_cooldown_of_scale_in_is_that_of_the_policy_that_wins():
    slow = TargetPolicy(metric=Metric.CPU, target=280.0, scale_in_cooldown_s=900.0)
    points = [{Metric.INVOCATIONS: 100.0, Metric.CPU: 140.0}] * 15
    _, wanted = run((INVOCATIONS, slow), points, 6)
    assert wanted == (3, 900.0)


def test_scale_in_waits_for_its_cooldown_and_scale_out_does_not():
    state = autoscaler.after_scale_in(at_rest((CPU,), 1, 20), 1_000.0, 300.0)
    assert after((CPU,), cpu(*[100.0] * 21), 4, state=state) == 4
    assert after((CPU,), cpu(*[100.0] * 22), 4, state=state) == 2
    assert after((CPU,), cpu(300, 300, 300), 4, state=state) == 5


def test_a_scale_out_cancels_the_cooldown_of_scale_in():
    state = autoscaler.after_scale_in(at_rest((CPU,), 1, 20), 1e6, 300.0)
    state = autoscaler.after_scale_out(state, 0.0, 300.0, before=2)
    assert after((CPU,), cpu(*[100.0] * 15), 4, state=state) == 2


def stairs(*steps, **changes):
    given = {"metric": Metric.CPU, "threshold": 60.0, "comparison": Comparison.AT_LEAST} | changes
    adjustments = tuple(
        StepAdjustment(lower=lower, upper=upper, adjustment=by) for lower, upper, by in steps
    )
    return StepPolicy(adjustments=adjustments, **given)


#: AAS step scaling overview: 10 % more from 60, 30 % more from 70; the same downwards.
UP = stairs(
    (0, 10, 0), (10, 20, 10), (20, None, 30),
    threshold=50.0, comparison=Comparison.ABOVE, adjustment_type=AdjustmentType.PERCENT,
)  # fmt: skip
DOWN = stairs(
    (None, -20, -30), (-20, -10, -10), (-10, 0, 0),
    threshold=50.0, comparison=Comparison.BELOW, adjustment_type=AdjustmentType.PERCENT,
)  # fmt: skip
STEPS = {
    "AWS's example: at 59.9 nothing": (UP, 59.9, 10, 10),
    "AWS's example: at 60 one more, the lower bound is inclusive": (UP, 60.0, 10, 11),
    "AWS's example: below 70 still one, the upper bound is exclusive": (UP, 69.9, 10, 11),
    "AWS's example: at 70 30 % of 11 is 3.3, three more": (UP, 70.0, 11, 14),
    "AWS's example: at 40 10 % of 14 is 1.4, one fewer": (DOWN, 40.0, 14, 13),
    "AWS's example: above 40 nothing, the lower bound is exclusive": (DOWN, 40.1, 14, 14),
    "AWS's example: at 30 30 % of 13 is 3.9, three fewer": (DOWN, 30.0, 13, 10),
    "at the threshold itself >= breaches": (stairs((0, None, 2)), 60.0, 3, 5),
    "at the threshold itself > does not": (
        stairs((0, None, 2), comparison=Comparison.ABOVE), 60.0, 3, 3,
    ),
    "at the threshold itself <= breaches": (
        stairs((None, 0, -1), comparison=Comparison.AT_MOST), 60.0, 3, 2,
    ),
    "a breach that falls into no step changes nothing": (stairs((5, None, 2)), 61.0, 3, 3),
    "an exact capacity": (
        stairs((0, None, 7), adjustment_type=AdjustmentType.EXACT), 99.0, 3, 7,
    ),
    "an exact capacity is brought within the bounds": (
        stairs((0, None, 70), adjustment_type=AdjustmentType.EXACT), 99.0, 3, 20,
    ),
    "a part of an instance is a whole one": (
        stairs((0, None, 10), adjustment_type=AdjustmentType.PERCENT), 99.0, 3, 4,
    ),
    "and downwards too": (
        stairs((None, 0, -10), comparison=Comparison.AT_MOST,
               adjustment_type=AdjustmentType.PERCENT), 9.0, 3, 2,
    ),
    "25 % of 4 is 1, but the least change is 2": (
        stairs((0, None, 25), adjustment_type=AdjustmentType.PERCENT,
               min_adjustment_magnitude=2), 99.0, 4, 6,
    ),
    "the least change holds downwards too": (
        stairs((None, 0, -25), adjustment_type=AdjustmentType.PERCENT,
               min_adjustment_magnitude=2, comparison=Comparison.AT_MOST), 9.0, 4, 2,
    ),
    "the least change makes nothing out of none": (
        stairs((0, None, 0), adjustment_type=AdjustmentType.PERCENT,
               min_adjustment_magnitude=2), 99.0, 4, 4,
    ),
}  # fmt: skip


@pytest.mark.parametrize("rule", STEPS)
def test_step_scaling_follows_the_rule(rule):
    policy, value, count, wanted = STEPS[rule]
    assert after((policy,), cpu(*[value] * 3), count) == wanted
    assert after((policy,), cpu(*[value] * 2), count) == count


def test_so_many_of_the_last_points_must_breach():
    policy = stairs((0, None, 1), evaluation_periods=5, datapoints_to_alarm=3)
    assert after((policy,), cpu(99, 1, 99, 1), 2) == 2
    assert after((policy,), cpu(99, 1, 99, 1, 99), 2) == 3
    assert after((policy,), cpu(99, 99, 1, 1, 1, 99), 2) == 2


def test_the_steps_go_on_while_the_alarm_lasts():
    policy = stairs((0, None, 1), evaluation_periods=1, datapoints_to_alarm=1)
    assert [after((policy,), cpu(*[99.0] * n), 2) for n in (1, 2, 3)] == [3, 3, 3]


def test_during_the_cooldown_of_a_scale_out_what_was_added_counts():
    """AAS: after +2 a step of +3 adds one during the cooldown, and the same step nothing."""
    policy = stairs((0, 10, 2), (10, None, 3), evaluation_periods=1, datapoints_to_alarm=1)
    state = autoscaler.after_scale_out(at_rest((policy,), 1, 20), 0.0, 300.0, before=10)
    assert after((policy,), cpu(75), 12, state=state) == 13
    assert after((policy,), cpu(65), 12, state=state) == 12
    cold = state._replace(scale_out_until_s=0.0)
    assert after((policy,), cpu(65), 12, state=cold) == 14


def test_a_step_scale_in_is_not_held_up_by_a_target_that_is_content():
    steps_in = stairs((None, 0, -1), threshold=150.0, comparison=Comparison.AT_MOST)
    points = [{Metric.INVOCATIONS: 590.0, Metric.CPU: 100.0}] * 3
    assert after((INVOCATIONS, steps_in), points, 4) == 3


def test_a_target_that_scales_out_wins_against_steps_that_scale_in():
    steps_in = stairs((None, 0, -1), threshold=150.0, comparison=Comparison.AT_MOST)
    points = [{Metric.INVOCATIONS: 601.0, Metric.CPU: 100.0}] * 3
    assert after((INVOCATIONS, steps_in), points, 4) == 5


def act(state, desired=4, *, updating=False, **bounds):
    action = ScheduledAction(schedule="cron(0 8 * * ? *)", **bounds)
    state, wanted, done = scheduled(state, action, desired, updating=updating)
    return state.minimum, state.maximum, wanted.capacity, done


def busy_state(**changes):
    return ScalerState(minimum=2, maximum=10, policies=(), **changes)


BLOCKED = {"scale_in_blocked_until_s": math.inf, "scale_out_until_s": math.inf}
#: rule: state, count, what the action sets, bounds and count afterwards and whether it succeeded.
SCHEDULED = {
    "a higher minimum is scaled up to at once": ({}, {"minimum": 6}, (6, 10, 6, True)),
    "a lower maximum is scaled down to at once": ({}, {"maximum": 3}, (2, 3, 3, True)),
    "a count within the new bounds stays": ({}, {"minimum": 1, "maximum": 9}, (1, 9, 4, True)),
    "cooldowns do not hold up a scale-out": (BLOCKED, {"minimum": 6}, (6, 10, 6, True)),
    "cooldowns do not hold up a scale-in": (BLOCKED, {"maximum": 3}, (2, 3, 3, True)),
    "a minimum beyond the standing maximum fails": ({}, {"minimum": 11}, (2, 10, 4, False)),
    "a maximum below the standing minimum fails": ({}, {"maximum": 1}, (2, 10, 4, False)),
}


@pytest.mark.parametrize("rule", SCHEDULED)
def test_a_scheduled_action_follows_the_rule(rule):
    state, bounds, expected = SCHEDULED[rule]
    assert act(busy_state(**state), **bounds) == expected


def test_a_scheduled_action_fails_while_the_endpoint_is_updating():
    assert act(busy_state(), updating=True, minimum=6, maximum=12) == (2, 10, 4, False)


def test_policies_stay_within_the_bounds_that_an_action_has_set():
    state, _, _ = scheduled(
        at_rest((CPU,), 1, 20),
        ScheduledAction(schedule="cron(0 8 * * ? *)", minimum=3, maximum=5),
        4,
        updating=False,
    )
    assert after((CPU,), cpu(*[400.0] * 3), 5, state=state) == 5
    assert after((CPU,), cpu(*[0.0] * 15), 5, state=state) == 3


@given(
    points=st.lists(
        st.tuples(st.integers(0, 20_000), st.integers(1, 20)), min_size=1, max_size=30
    ).map(lambda runs: [count for count, length in runs for _ in range(length)]),
    count=st.integers(1, 15),
    target=st.floats(10, 5_000),
)
def test_one_policy_on_invocations_is_the_specification_of_the_compiled_one(points, count, target):
    one = invocations.TargetTracking(target_per_minute=target, minimum=1, maximum=15)
    policies = (TargetPolicy(metric=Metric.INVOCATIONS, target=target),)
    known, state = invocations.AlarmState(), at_rest(policies, 1, 15)
    for minute, arrived in enumerate(points, start=1):
        known, expected = invocations.step(one, known, 60.0 * minute, arrived, count, count)
        metrics = {Metric.INVOCATIONS: Point(arrived / count, count)}
        state, wanted = step(policies, state, 60.0 * minute, metrics, count)
        assert wanted.capacity == expected


@given(
    metric=st.sampled_from(list(Metric)),
    values=st.lists(st.floats(0, 1e4), min_size=1, max_size=120),
    count=st.integers(2, 9),
)
def test_what_is_wanted_stays_within_the_bounds(metric, values, count):
    policies = (
        TargetPolicy(metric=metric, target=50.0),
        stairs((0, None, 300), threshold=80.0, adjustment_type=AdjustmentType.PERCENT),
    )
    state = at_rest(policies, 2, 9)
    for number, value in enumerate(values, start=1):
        metrics = of(count, {metric: value, Metric.CPU: value})
        state, wanted = step(policies, state, 60.0 * number, metrics, count)
        assert 2 <= wanted.capacity <= 9
