"""What CloudWatch is asked: periods that it keeps, aligned, in calls that it answers."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.errors import InputError, UsageError
from smcost.traffic.observation import (
    METRICS,
    POINTS_PER_CALL,
    RETENTION,
    Observation,
    Span,
    calls,
    idle_as_zero,
    period_for,
    span_of,
)
from smcost.traffic.observation_caveats import observation_caveats

NOW = datetime(2026, 11, 24, 12, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "period_s"),
    [(1, 60), (14, 60), (15, 60), (16, 300), (63, 300), (64, 3600), (455, 3600)],
)
def test_the_shortest_period_that_is_kept(days, period_s):
    assert period_for(days) == period_s


@pytest.mark.parametrize("days", [0, -3, 456, 10_000])
def test_days_that_are_not_kept(days):
    with pytest.raises(UsageError) as caught:
        period_for(days)
    assert caught.value.place == "--days"


@given(
    days=st.integers(1, 455),
    now_s=st.floats(1.7e9, 1.9e9),
    age_s=st.one_of(st.none(), st.floats(0, 4e7)),
)
def test_a_span_is_aligned_kept_and_over(days, now_s, age_s):
    created_s = None if age_s is None else now_s - age_s
    span = span_of(days, now_s=now_s, created_s=created_s)
    assert span.start_s % span.period_s == span.end_s % span.period_s == 0
    kept_days = next(kept for kept, period_s in RETENTION if period_s == span.period_s)
    assert now_s - span.start_s <= min(days, kept_days) * 86_400
    assert span.periods >= 0
    if span.periods:
        # Every period is over for a minute or two.
        assert now_s - span.end_s >= 120
    if created_s is not None:
        assert span.start_s > created_s - span.period_s


@given(
    periods=st.integers(1, 700_000),
    period_s=st.sampled_from([60, 300, 3600]),
    metrics=st.integers(1, 500),
)
def test_calls_cover_the_span_once_and_none_is_too_large(periods, period_s, metrics):
    span = Span(start_s=0, end_s=periods * period_s, period_s=period_s)
    parts = calls(span, metrics)
    assert parts[0].start_s == 0
    assert parts[-1].end_s == span.end_s
    assert all(a.end_s == b.start_s for a, b in pairwise(parts))
    assert sum(part.periods for part in parts) == periods
    assert all(0 < part.periods * metrics <= POINTS_PER_CALL for part in parts)


def test_columns_carry_their_unit_and_are_each_there_once():
    names = [metric.column for metric in METRICS]
    assert len({*names}) == len(names)
    for metric in METRICS:
        if "Latency" in metric.name and metric.statistic != "SampleCount":
            assert metric.column.endswith("_us")
        if "Utilization" in metric.name:
            assert metric.column.endswith("_percent")
    # CloudWatch's Ids begin with a small letter and hold letters, digits and underscores.
    assert all(name.replace("_", "").isalnum() and name[0].islower() for name in names)


def observation(periods=3, period_s=60, **columns):
    table = {metric.column: np.full(periods, np.nan) for metric in METRICS}
    table |= {name: np.array(values, dtype=np.float64) for name, values in columns.items()}
    start_s = int((NOW - timedelta(hours=1)).timestamp() // period_s) * period_s
    return Observation(
        endpoint="churn",
        variant="A",
        region="eu-west-1",
        instance_type=None,
        span=Span(start_s=start_s, end_s=start_s + periods * period_s, period_s=period_s),
        pulled_s=int(NOW.timestamp()),
        columns=table,
    )


def test_instances_are_what_the_two_metrics_say():
    seen = observation(invocations=[6, 0, 7], invocations_per_instance=[2, 0, 3.5])
    np.testing.assert_array_equal(seen.instances, [3, np.nan, 2])


def test_idle_is_a_zero_per_instance_without_a_count():
    nan = np.nan
    columns = {
        "invocations": np.array([6, nan, nan, nan]),
        "invocations_per_instance": np.array([2, 0, nan, 3]),
    }
    assert idle_as_zero(columns) == 1
    np.testing.assert_array_equal(columns["invocations"], [6, 0, nan, nan])


def test_columns_are_complete_and_of_one_length():
    with pytest.raises(InputError):
        observation(invocations=[1, 2])
    with pytest.raises(InputError):
        observation(other=[1, 2, 3])


def test_columns_are_read_only():
    seen = observation()
    with pytest.raises(ValueError, match="read-only"):
        seen.columns["invocations"][0] = 1


@pytest.mark.parametrize(
    ("periods", "period_s", "days", "codes"),
    [
        (1440 - 3, 60, 1, set()),
        (1440 - 5, 60, 1, {"span_shortened"}),
        (288 - 2, 300, 1, {"coarse_step"}),
        (24 - 2, 3600, 2, {"coarse_step", "span_shortened"}),
    ],
)
def test_what_is_said_about_a_span(periods, period_s, days, codes):
    seen = observation(periods, period_s, invocations=np.ones(periods))
    assert {caveat.code.value for caveat in observation_caveats(seen, days)} == codes
