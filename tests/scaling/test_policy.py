"""Policies as AWS states them: what it refuses is refused."""

import math

import pytest

from smcost.errors import UsageError
from smcost.scaling.policy import (
    AdjustmentType,
    Comparison,
    Metric,
    StepAdjustment,
    StepPolicy,
    TargetPolicy,
    refuse_equal_metrics,
    rounded_change,
)


def policy(*steps, **changes):
    adjustments = tuple(
        StepAdjustment(lower=lower, upper=upper, adjustment=by) for lower, upper, by in steps
    )
    given = {"metric": Metric.CPU, "threshold": 60.0, "comparison": Comparison.ABOVE} | changes
    return StepPolicy(adjustments=adjustments, **given)


@pytest.mark.parametrize(
    ("steps", "wrong"),
    [
        ([], "there are 0"),
        ([(n, n + 1, 1) for n in range(20)] + [(20, None, 1)], "there are 21"),
        ([(None, None, 1)], "open at both ends"),
        ([(5, 5, 1), (5, None, 2)], "ends where it begins"),
        ([(0, 10, 1), (11, None, 2)], "a gap or an overlap"),
        ([(0, 10, 1), (9, None, 2)], "a gap or an overlap"),
        ([(0, None, 1), (10, None, 2)], "a gap or an overlap"),
        ([(0, 10, 1)], "above the highest bound"),
        ([(-10, 0, -1)], "below the lowest bound"),
    ],
)
def test_bounds_that_aws_refuses_are_refused(steps, wrong):
    with pytest.raises(UsageError, match=wrong):
        policy(*steps)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"datapoints_to_alarm": 4}, "more points must breach"),
        ({"datapoints_to_alarm": 0}, "more points must breach"),
        ({"threshold": math.nan}, "not finite"),
        ({"min_adjustment_magnitude": 2}, "percentages alone"),
        (
            {"min_adjustment_magnitude": -2, "adjustment_type": AdjustmentType.PERCENT},
            "below 0",
        ),
    ],
)
def test_an_alarm_that_makes_no_sense_is_refused(changes, wrong):
    with pytest.raises(UsageError, match=wrong):
        policy((0, None, 1), **changes)


def test_an_exact_capacity_below_zero_is_refused():
    with pytest.raises(UsageError, match="below 0"):
        policy((0, None, -1), adjustment_type=AdjustmentType.EXACT)


@pytest.mark.parametrize(
    ("change", "rounded"),
    [(12.7, 12), (1.0, 1), (1.9, 1), (0.67, 1), (0.01, 1), (0.0, 0), (-0.58, -1), (-6.67, -6)],
)
def test_a_percentage_is_rounded_as_the_guide_says(change, rounded):
    assert rounded_change(change) == rounded


@pytest.mark.parametrize("target", [0.0, -1.0, math.inf, math.nan])
def test_a_target_that_cannot_be_tracked_is_refused(target):
    with pytest.raises(UsageError, match="cannot be tracked"):
        TargetPolicy(metric=Metric.CONCURRENCY, target=target)


def test_two_targets_on_one_metric_are_refused():
    twice = (TargetPolicy(metric=Metric.CPU, target=1.0), TargetPolicy(metric=Metric.CPU, target=2))
    with pytest.raises(UsageError, match="Two policies track cpu"):
        refuse_equal_metrics(twice)
    refuse_equal_metrics((twice[0], policy((0, None, 1))))


def test_only_the_high_resolution_metric_has_points_of_ten_seconds():
    assert [metric.period_s for metric in Metric] == [60, 10, 60]


@pytest.mark.parametrize(
    ("comparison", "breaching"),
    [
        (Comparison.ABOVE, {61}),
        (Comparison.AT_LEAST, {60, 61}),
        (Comparison.BELOW, {59}),
        (Comparison.AT_MOST, {59, 60}),
    ],
)
def test_alarms_compare_as_their_operator_says(comparison, breaching):
    assert {value for value in (59, 60, 61) if comparison.breaches(value, 60.0)} == breaching


def test_policies_say_what_they_are():
    assert TargetPolicy(metric=Metric.INVOCATIONS, target=600).told == "target 600/min"
    only = TargetPolicy(metric=Metric.CPU, target=280.0, disable_scale_in=True)
    assert only.told == "target CPU 280 % of a core, out only"
    assert policy((0, None, 1)).told == "steps on cpu > 60"
