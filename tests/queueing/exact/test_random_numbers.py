"""Counter-based random numbers: known values, independence of order, uniformity."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.queueing.exact.random_numbers import stream_key, uniforms

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


def test_numbers_of_neighbouring_keys_are_uniform_and_uncorrelated():
    keys = [stream_key(5, minute, 0) for minute in range(200)]
    drawn = np.array([uniforms(key, 1_000) for key in keys])
    size = drawn.size
    assert drawn.min() >= 0
    assert drawn.max() < 1
    # Kolmogorov-Smirnov: exceeded once in a thousand.
    gaps = np.abs(np.sort(drawn.ravel()) - (np.arange(size) + 0.5) / size)
    assert gaps.max() < 1.95 / np.sqrt(size)
    for one, other in ((drawn[:-1], drawn[1:]), (drawn[:, :-1], drawn[:, 1:])):
        correlation = np.corrcoef(one.ravel(), other.ravel())[0, 1]
        assert abs(correlation) < 4 / np.sqrt(one.size)
