"""A distribution known by a few percentiles goes through them, and its inverse leads back."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.errors import UsageError
from smcost.queueing.measured import (
    quantile_from_percentiles,
    quantile_function,
    quantiles_beyond_s,
    reach_s,
    tail_from_percentiles,
)

FRACTIONS = np.array([0.5, 0.9, 0.95, 0.99])


@st.composite
def measurements(draw):
    """One to four of the usual percentiles, with latencies that rise by 0.1 % or more."""
    chosen = sorted(draw(st.sets(st.sampled_from(FRACTIONS.tolist()), min_size=1)))
    first_s = draw(st.floats(0.001, 10))
    factors = draw(st.lists(st.floats(1.001, 5), min_size=len(chosen), max_size=len(chosen)))
    return np.array(chosen), first_s * np.cumprod(factors)


@given(measurements())
def test_the_tail_passes_through_every_measured_percentile(measured):
    fractions, latencies_s = measured
    tail = tail_from_percentiles(fractions, latencies_s, latencies_s)
    assert tail == pytest.approx(1 - fractions, rel=1e-6)


@given(measurements(), st.lists(st.floats(0, 100), min_size=2, max_size=20).map(sorted))
def test_the_tail_begins_at_one_and_never_rises(measured, times_s):
    tail = tail_from_percentiles(*measured, np.array([0.0, *times_s]))
    assert tail[0] == 1
    assert np.all(np.diff(tail) <= 0)
    assert np.all(tail >= 0)


@given(measurements(), st.floats(0.001, 0.999999))
def test_the_quantile_is_the_inverse_of_the_tail(measured, fraction):
    latency_s = quantile_from_percentiles(*measured, fraction)
    tail = tail_from_percentiles(*measured, np.array([latency_s]))[0]
    # The steepest slope here magnifies rounding a thousandfold.
    assert tail == pytest.approx(1 - fraction, rel=1e-6)


def test_exponential_percentiles_give_back_the_exponential():
    # -log(1 - p) is the quantile at mean 1: the logarithm of the tail is a line.
    times_s = np.linspace(0, 15, 40)
    tail = tail_from_percentiles(FRACTIONS, -np.log1p(-FRACTIONS), times_s)
    assert tail == pytest.approx(np.exp(-times_s), rel=1e-7)


def test_beyond_the_last_percentile_the_last_slope_goes_on():
    # From 10 % at 1 s to 1 % at 2 s: a tenth for every second more.
    fractions, latencies_s = np.array([0.9, 0.99]), np.array([1.0, 2.0])
    tail = tail_from_percentiles(fractions, latencies_s, np.array([3.0, 4.0]))
    assert tail == pytest.approx([1e-3, 1e-4])
    assert reach_s(fractions, latencies_s) == pytest.approx(6.0)


def test_equal_latencies_at_two_percentiles_are_a_step():
    fractions, latencies_s = np.array([0.5, 0.99]), np.array([1.0, 1.0])
    before, at, after = tail_from_percentiles(fractions, latencies_s, np.array([0.999, 1.0, 1.001]))
    assert before > 0.5 - 1e-9
    assert at == pytest.approx(0.5, rel=1e-6)
    assert after < 1e-6
    assert quantile_from_percentiles(fractions, latencies_s, 0.75) == pytest.approx(1.0)


def test_a_single_percentile_is_an_exponential_through_it():
    tail = tail_from_percentiles(np.array([0.99]), np.array([2.0]), np.array([1.0]))
    assert tail[0] == pytest.approx(math.sqrt(0.01))


@pytest.mark.parametrize(
    ("fractions", "latencies_s"),
    [
        ([], []),
        ([0.5], [1.0, 2.0]),
        ([0.9, 0.5], [1.0, 2.0]),
        ([0.5, 0.5], [1.0, 2.0]),
        ([0.0, 0.5], [1.0, 2.0]),
        ([0.5, 1.0], [1.0, 2.0]),
        ([0.5, 0.9], [2.0, 1.0]),
        ([0.5, 0.9], [0.0, 1.0]),
        ([0.5, 0.9], [1.0, math.inf]),
    ],
)
def test_percentiles_that_are_none_are_refused(fractions, latencies_s):
    with pytest.raises(UsageError, match="are none"):
        tail_from_percentiles(np.array(fractions), np.array(latencies_s), np.array([1.0]))


@given(st.floats(0, 0.999999))
def test_the_prepared_quantile_is_the_quantile(fraction):
    fractions, latencies_s = np.array([0.5, 0.9, 0.99]), np.array([1.0, 1.0, 3.0])
    prepared = quantile_function(fractions, latencies_s)
    expected = quantile_from_percentiles(fractions, latencies_s, fraction)
    assert prepared(fraction) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(measurements(), st.floats(1e-12, 1, exclude_max=True))
def test_many_quantiles_at_once_are_those_one_by_one(measured, beyond):
    expected = quantile_function(*measured)(1 - beyond)
    found = quantiles_beyond_s(*measured, np.log1p(-np.array([1 - beyond])))
    assert found.tolist() == pytest.approx([expected], rel=1e-9)


@given(measurements())
def test_far_out_quantiles_keep_the_digits_of_small_probabilities(measured):
    # 1 - 1e-30 is 1 in a double; the tail goes on with its last slope all the same.
    near, far, farther = quantiles_beyond_s(*measured, np.log([1e-10, 1e-20, 1e-30]))
    assert farther - far == pytest.approx(far - near)
    assert far > near
