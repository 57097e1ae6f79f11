"""Counter-based random numbers: known values, independence of order, uniformity."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.queueing.exact.random_numbers import (
    exponentials,
    ranks_and_choices,
    sorted_uniforms,
    stream_key,
    uniforms,
)

#: splitmix64 from state 0, and from 1234567: values of the reference implementation in C
#: (S. Vigna, https://prng.di.unimi.it/splitmix64.c), also in the tests of other libraries.
REFERENCE = {
    0: [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F],
    1234567: [6457827717110365317, 3203168211198807973, 9817491932198370423],
}


@pytest.mark.parametrize("state", REFERENCE)
def test_the_numbers_are_those_of_splitmix64(state):
    assert uniforms(state, 3).tolist() == [(v >> 11) / 2**53 for v in REFERENCE[state]]


@given(st.integers(0, 2**64 - 1), st.integers(0, 50), st.integers(0, 50))
def test_a_number_depends_on_its_place_alone(key, first, size):
    assert uniforms(key, size, first).tolist() == uniforms(key, first + size)[first:].tolist()


@given(st.integers(0, 2**64 - 1), st.integers(0, 10**7), st.integers(0, 2**63))
def test_a_key_changes_with_seed_minute_and_stream(seed, minute, stream):
    key = stream_key(seed, minute, stream)
    assert 0 <= key < 2**64
    others = [(seed ^ 1, minute, stream), (seed, minute + 1, stream), (seed, minute, stream + 1)]
    assert key not in [stream_key(*other) for other in others]


def kolmogorov(drawn):
    """Largest distance to the uniform law in the measure whose 99.9 % quantile is 1.95."""
    gaps = np.abs(np.sort(drawn.ravel()) - (np.arange(drawn.size) + 0.5) / drawn.size)
    return gaps.max() * np.sqrt(drawn.size)


@pytest.mark.parametrize("state", REFERENCE)
def test_rank_and_choice_are_the_upper_and_lower_bits_of_one_number(state):
    ranks, choices = ranks_and_choices(state, 3)
    assert ranks.tolist() == [((v >> 24) + 0.5) / 2**40 for v in REFERENCE[state]]
    assert choices.tolist() == [(v % 2**24) / 2**24 for v in REFERENCE[state]]


def test_ranks_and_choices_are_uniform_and_uncorrelated():
    ranks, choices = ranks_and_choices(stream_key(5, 1, 1), 200_000)
    assert 0 < ranks.min() < ranks.max() < 1
    assert 0 <= choices.min() < choices.max() < 1
    assert kolmogorov(ranks) < 1.95
    assert kolmogorov(choices) < 1.95
    assert abs(np.corrcoef(ranks, choices)[0, 1]) < 4 / np.sqrt(ranks.size)


@pytest.mark.parametrize("state", REFERENCE)
def test_exponentials_are_the_logarithms_of_the_numbers(state):
    expected = [-math.log(((v >> 12) + 0.5) / 2**52) for v in REFERENCE[state]]
    assert exponentials(state, 3) == pytest.approx(expected, rel=1e-15)


def test_every_exponential_is_positive_and_close_to_its_logarithm():
    key = stream_key(3, 2, 0)
    drawn = exponentials(key, 100_000)
    assert drawn.min() > 0
    assert np.exp(-drawn) == pytest.approx(uniforms(key, 100_000), abs=2.0**-51)


def test_sorted_uniforms_are_sorted_and_uniform():
    drawn = sorted_uniforms(stream_key(5, 3, 0), 200_000)
    assert np.all(np.diff(drawn) >= 0)
    assert 0 <= drawn[0] < drawn[-1] < 1
    assert kolmogorov(drawn) < 1.95


def test_the_first_and_last_of_a_few_have_the_laws_of_smallest_and_largest():
    drawn = np.array([sorted_uniforms(stream_key(5, minute, 0), 3) for minute in range(20_000)])
    assert kolmogorov(1 - (1 - drawn[:, 0]) ** 3) < 1.95
    assert kolmogorov(drawn[:, 2] ** 3) < 1.95
    assert sorted_uniforms(1, 0).tolist() == []


def test_numbers_of_neighbouring_keys_are_uniform_and_uncorrelated():
    keys = [stream_key(5, minute, 0) for minute in range(200)]
    drawn = np.array([uniforms(key, 1_000) for key in keys])
    assert drawn.min() >= 0
    assert drawn.max() < 1
    assert kolmogorov(drawn) < 1.95
    for one, other in ((drawn[:-1], drawn[1:]), (drawn[:, :-1], drawn[:, 1:])):
        correlation = np.corrcoef(one.ravel(), other.ravel())[0, 1]
        assert abs(correlation) < 4 / np.sqrt(one.size)
