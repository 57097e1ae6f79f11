"""Bursts below the minute: the index of dispersion asked for, at the scale of a second."""

import numpy as np
import pytest

from smcost.errors import UsageError
from smcost.queueing.exact.burstiness import bent, check_burstiness, second_weights
from smcost.queueing.exact.random_numbers import ARRIVALS, sorted_uniforms, stream_key


def per_second(requests, burstiness, minutes, seed=1):
    """Requests in each second of minutes with ``requests`` each, shape ``(minutes, 60)``."""
    weights = second_weights(np.full(minutes, requests), burstiness, seed, 0)
    counted = []
    for minute, row in enumerate(weights):
        drawn = sorted_uniforms(stream_key(seed, minute, ARRIVALS), requests)
        counted.append(np.bincount(bent(drawn, row).astype(int), minlength=60)[:60])
    return np.array(counted)


@pytest.mark.parametrize("burstiness", [1.5, 4.0, 8.0])
@pytest.mark.parametrize("requests", [600, 6_000])
def test_counts_of_a_second_have_the_index_of_dispersion(burstiness, requests):
    # The total of a minute is given, which takes a 60th of the variance and a little more
    # (variance of the Dirichlet multinomial).
    expected = burstiness * 59 / 60 * requests / (requests + burstiness - 1)
    counted = per_second(requests, burstiness, 400)
    mean = requests / 60
    of_minutes = ((counted - mean) ** 2).mean(axis=1) / mean
    standard_error = of_minutes.std(ddof=1) / np.sqrt(of_minutes.size)
    assert standard_error < 0.05 * expected
    assert abs(of_minutes.mean() - expected) < 4 * standard_error


def test_no_request_is_lost_and_seconds_are_alike():
    counted = per_second(600, 4.0, 400)
    assert set(counted.sum(axis=1).tolist()) == {600}
    standard_error = counted.std(axis=0, ddof=1) / np.sqrt(400)
    assert np.all(np.abs(counted.mean(axis=0) - 10) < 4 * standard_error)


def test_weights_run_from_0_to_1_whatever_the_count():
    weights = second_weights(np.array([0, 1, 2, 10**6]), 1_000.0, 3, 5)
    assert weights.shape == (4, 61)
    assert np.all(weights[:, 0] == 0)
    assert np.all(weights[:, -1] == 1)
    assert np.all(np.diff(weights, axis=1) >= 0)


def test_where_every_variate_vanishes_one_second_has_all():
    weights = second_weights(np.array([1]), 1e9, 3, 0)
    assert np.unique(weights).tolist() == [0.0, 1.0]


def test_weights_of_a_minute_depend_on_its_number_alone():
    counts = np.array([100, 200, 300])
    whole = second_weights(counts, 3.0, 9, 40)
    assert np.array_equal(second_weights(counts[1:], 3.0, 9, 41), whole[1:])


def test_equal_weights_bend_nothing():
    drawn = sorted_uniforms(1, 1_000)
    assert bent(drawn, np.arange(61) / 60) == pytest.approx(60 * drawn)


@pytest.mark.parametrize("burstiness", [0.5, float("nan"), float("inf")])
def test_what_is_no_index_of_dispersion_is_refused(burstiness):
    with pytest.raises(UsageError, match="dispersion"):
        check_burstiness(burstiness)
