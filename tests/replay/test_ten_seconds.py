"""Six counts of 10 s from each minute."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.replay.ten_seconds import ten_second_counts
from smcost.traffic.minutes import MinuteCounts


def minutes(counts, **given):
    counts = np.array(counts, dtype=np.int64)
    return MinuteCounts(start_s=60 * np.arange(counts.size), invocations=counts, **given)


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=30), st.integers(0, 99))
def test_the_parts_of_a_minute_add_up_to_it(counts, seed):
    found = ten_second_counts(minutes(counts), seed=seed)
    assert found.dtype == np.int64
    assert found.reshape(-1, 6).sum(axis=1).tolist() == counts


def test_the_same_seed_gives_the_same_parts():
    counts = minutes([600] * 50)
    assert np.array_equal(ten_second_counts(counts, seed=3), ten_second_counts(counts, seed=3))
    assert not np.array_equal(ten_second_counts(counts, seed=3), ten_second_counts(counts, seed=4))


def test_given_the_minute_its_parts_are_multinomial():
    found = ten_second_counts(minutes([600] * 5_000)).astype(float)
    # Variance n p (1 - p) = 600 x 1/6 x 5/6; of 30,000 values to within 4 standard errors.
    assert found.var() == pytest.approx(600 / 6 * 5 / 6, rel=4 * np.sqrt(2 / 30_000))


def test_bursts_are_in_the_parts():
    """Weights of ten seconds are Beta variates: variance of a part is that of D per second."""
    found = ten_second_counts(minutes([600] * 2_000), burstiness=4.0).astype(float)
    assert found.reshape(-1, 6).sum(axis=1).tolist() == [600.0] * 2_000
    shape = 60 * 10 / (4 - 1)  # of the whole minute
    expected = 600 / 6 * 5 / 6 * (shape + 600) / (shape + 1)
    assert found.var() == pytest.approx(expected, rel=0.05)


def test_logged_requests_are_counted():
    logged = minutes([4, 0, 2], offsets_s=np.array([0.0, 9.99, 10.0, 59.9, 30.0, 60.0]))
    found = ten_second_counts(logged, seed=1).reshape(-1, 6).tolist()
    assert found == [[2, 1, 0, 0, 0, 1], [0] * 6, [0, 0, 0, 1, 0, 1]]
