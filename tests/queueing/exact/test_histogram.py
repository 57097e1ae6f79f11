"""The histogram of response times: bins, percentiles, and what exact counts add."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from smcost.queueing.exact.histogram import BINS, bin_edges_s, bins_of, percentile_s

NO_LIMITS = (np.empty(0), np.empty(0, dtype=np.int64))
times_s = hnp.arrays(np.float64, st.integers(1, 60), elements=st.floats(1e-5, 4_000))


def histogram_of(responses_s):
    return np.bincount(bins_of(responses_s), minlength=BINS).astype(np.uint64)


@given(times_s)
def test_a_time_lies_between_the_edges_of_its_bin(responses_s):
    edges_s, at = bin_edges_s(), bins_of(responses_s)
    assert edges_s.size == BINS + 1
    assert np.all((edges_s[at] <= responses_s) & (responses_s < edges_s[at + 1]))


def test_a_bin_is_at_most_1_in_128_wide_and_the_ends_are_clamped():
    edges_s = bin_edges_s()
    assert np.max(np.diff(edges_s) / edges_s[:-1]) == 1 / 128
    assert bins_of(np.array([0.0, 1e-9, 4_096.0, 1e9, np.inf])).tolist() == [
        *(0, 0),
        *(BINS - 1, BINS - 1, BINS - 1),
    ]


@given(times_s, st.floats(0, 1))
def test_a_percentile_is_that_of_the_requests_to_a_bin(responses_s, fraction):
    expected = np.quantile(responses_s, fraction, method="higher")
    found = percentile_s(histogram_of(responses_s), fraction, *NO_LIMITS)
    assert found == pytest.approx(expected, rel=1 / 127)


@given(times_s, st.floats(0, 1), st.lists(st.floats(1e-4, 4_000), max_size=4))
def test_a_percentile_is_on_the_side_of_a_limit_on_which_it_was_counted(
    responses_s, fraction, limits_s
):
    limits_s = np.array([*limits_s, responses_s[0], responses_s.max()])
    late = (responses_s[:, None] > limits_s).sum(axis=0)
    found = percentile_s(histogram_of(responses_s), fraction, limits_s, late)
    expected = np.quantile(responses_s, fraction, method="higher")
    assert np.array_equal(found > limits_s, expected > limits_s)


def test_among_many_requests_the_error_is_far_below_a_bin():
    responses_s = np.random.default_rng(3).lognormal(-3, 0.7, 200_000)
    for fraction in (0.5, 0.95, 0.99, 0.999):
        expected = np.quantile(responses_s, fraction, method="higher")
        found = percentile_s(histogram_of(responses_s), fraction, *NO_LIMITS)
        assert found == pytest.approx(expected, rel=1e-3)


def test_no_request_has_no_percentile():
    assert math.isnan(percentile_s(np.zeros(BINS, dtype=np.uint64), 0.99, *NO_LIMITS))
