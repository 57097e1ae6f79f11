"""Synthetic traces have the mean and the peak they were asked for."""

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.errors import UsageError
from smcost.traffic.synthetic import constant, day_shape, noisy, peak_exponent, spike, weekend


def test_synthetic_traces_begin_on_a_monday_at_midnight():
    start = datetime.fromtimestamp(constant(1).start_s, UTC)
    assert (start.isoformat(), start.weekday()) == ("2024-01-01T00:00:00+00:00", 0)


def test_a_constant_rate_fills_every_minute_alike():
    trace = constant(2.5, days=2)
    assert (trace.steps, trace.step_s) == (2880, 60)
    assert set(trace.invocations.tolist()) == {150}


def test_a_rate_that_fills_no_minute_is_spread_over_the_day():
    trace = constant(0.001)
    assert trace.total == 86
    assert trace.invocations.max() == 1


@given(st.floats(1e-3, 1e5), st.integers(1, 5))
def test_a_constant_rate_keeps_its_total(rps, days):
    expected = rps * 86_400 * days
    assert abs(constant(rps, days).total - expected) <= 0.5 + 1e-9 * expected


@given(st.floats(0.01, 1e4), st.floats(1, 500))
def test_a_day_has_its_mean_whatever_its_peak(mean_rps, ratio):
    trace = day_shape(mean_rps, mean_rps * ratio)
    expected = mean_rps * 86_400
    assert abs(trace.total - expected) <= 1 + 1e-6 * expected


@pytest.mark.parametrize("ratio", [1.2, 2, 3, 10, 100])
def test_the_busiest_minute_is_14_00_and_has_the_peak(ratio):
    trace = day_shape(100, 100 * ratio)
    at = 14 * 60
    assert trace.invocations[at] == pytest.approx(6000 * ratio, abs=1)
    assert trace.invocations.max() <= trace.invocations[at] + 1


def test_the_quietest_minute_is_twelve_hours_from_the_peak():
    trace = day_shape(100, 150)
    assert trace.invocations[2 * 60] == pytest.approx(3000, abs=1)
    assert trace.invocations.min() >= 2999


def test_a_peak_equal_to_the_mean_is_a_constant_rate():
    assert day_shape(2, 2).invocations.tolist() == constant(2).invocations.tolist()


def test_the_two_shapes_meet_at_a_peak_of_twice_the_mean():
    below, above = day_shape(50, 100), day_shape(50, 100 + 1e-9)
    assert np.abs(below.invocations - above.invocations).max() <= 1


def test_days_repeat():
    trace = day_shape(100, 300, days=3)
    first, third = trace.invocations[:1440], trace.invocations[2880:]
    assert np.abs(first - third).max() <= 1


@pytest.mark.parametrize(("k", "mean"), [(1, 1 / 2), (2, 3 / 8), (3, 5 / 16), (4, 35 / 128)])
def test_the_exponent_inverts_wallis_means(k, mean):
    # Mean of cos^2k over a period: (2k-1)!!/(2k)!!, https://dlmf.nist.gov/5.12.
    assert peak_exponent(1 / mean) == pytest.approx(k, rel=1e-9)


def test_a_sharp_peak_has_the_exponent_of_stirlings_formula():
    assert peak_exponent(400) == pytest.approx(400**2 / math.pi, rel=1e-4)


@pytest.mark.parametrize("rps", [0.0, -1.0, math.nan, math.inf, 1e10])
def test_a_rate_that_is_none_is_refused(rps):
    with pytest.raises(UsageError) as caught:
        constant(rps)
    assert caught.value.place == "--rps"


@pytest.mark.parametrize("peak", [0.0, math.nan, 9.0, 10 * 501.0])
def test_a_peak_that_does_not_go_with_the_mean_is_refused(peak):
    with pytest.raises(UsageError) as caught:
        day_shape(10, peak)
    assert caught.value.place == "--peak-rps"


def test_less_than_a_day_is_refused():
    with pytest.raises(UsageError, match="0 days"):
        constant(1, days=0)


def test_noise_is_reproducible_and_of_the_right_size():
    trace = constant(5, days=7)
    once, again = (noisy(trace, np.random.default_rng(11)) for _ in range(2))
    assert once.invocations.tolist() == again.invocations.tolist()
    # Variance equals the mean; its own standard error is mean x sqrt(2/n).
    error = 4 * 300 * math.sqrt(2 / trace.steps)
    assert once.invocations.var() == pytest.approx(300, abs=error)
    assert once.invocations.mean() == pytest.approx(300, abs=4 * math.sqrt(300 / trace.steps))


def test_weekends_are_scaled_and_weekdays_are_not():
    trace = weekend(constant(10, days=7), 0.25)
    by_day = trace.invocations.reshape(7, 1440).mean(axis=1)
    assert by_day.tolist() == [600, 600, 600, 600, 600, 150, 150]


def test_a_weekend_can_be_silent():
    assert weekend(constant(10, days=7), 0.0).total == 5 * 864_000


@pytest.mark.parametrize("factor", [-0.1, math.nan, math.inf])
def test_a_weekend_factor_that_is_none_is_refused(factor):
    with pytest.raises(UsageError, match="is no factor"):
        weekend(constant(1), factor)


def test_a_spike_multiplies_its_stretch_and_nothing_else():
    trace = spike(constant(10), at_s=7200, factor=3, duration_s=600)
    assert trace.invocations[120:130].tolist() == [1800] * 10
    assert trace.total == constant(10).total + 10 * 1200


def test_a_spike_lasts_a_step_at_least_and_ends_with_the_trace():
    assert spike(constant(10), at_s=0, factor=2, duration_s=1).total == 864_000 + 600
    assert spike(constant(10), at_s=86_340, factor=2, duration_s=900).total == 864_000 + 600


@pytest.mark.parametrize(("at_s", "factor"), [(86_400, 2), (0, -1), (0, math.nan), (0, math.inf)])
def test_a_spike_that_cannot_be_is_refused(at_s, factor):
    with pytest.raises(UsageError, match="spike"):
        spike(constant(10), at_s=at_s, factor=factor, duration_s=60)
