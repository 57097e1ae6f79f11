"""Arrivals more bursty than Poisson, at the scale of a second.

The rate of each second is a Gamma variate, so that counts per second are negative binomial with
variance / mean = D. Given the requests of a minute their split over its seconds is Dirichlet
multinomial: the weights of the seconds are Gamma variates of shape a = m / (D - 1), m the mean
count of a second, divided by their sum.

References
----------
N. L. Johnson, A. W. Kemp, S. Kotz, Univariate Discrete Distributions, 3rd ed., section 5.3
(negative binomial as a Gamma mixture of Poisson laws).
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from smcost.errors import UsageError
from smcost.queueing.exact.random_numbers import SECONDS, stream_key, uniforms
from smcost.queueing.service import FloatArray
from smcost.units import SECONDS_PER_MINUTE


def check_burstiness(burstiness: float) -> None:
    """Refuse what is no index of dispersion of at least 1."""
    if not 1.0 <= burstiness < float("inf"):
        raise UsageError(
            f"A burstiness of {burstiness} is not an index of dispersion of 1 or more",
            remedy="Give variance / mean of the requests per second; Poisson has 1",
        )


def second_weights(
    counts: NDArray[np.int64], burstiness: float, seed: int, first_minute: int
) -> FloatArray:
    """Cumulative weights of the seconds of each minute, from 0 to 1, shape ``(T, 61)``.

    Parameters
    ----------
    counts
        Requests per minute, shape ``(T,)``. [count]
    burstiness
        Index of dispersion D of the requests per second, > 1.
    seed, first_minute
        Key of the random numbers: seed, and number of the first minute.
    """
    return _weights(np.ascontiguousarray(counts).tobytes(), burstiness, seed, first_minute)


@lru_cache(maxsize=64)
def _weights(counts: bytes, burstiness: float, seed: int, first_minute: int) -> FloatArray:
    """Remembered for a day of minutes at a time: every candidate sees the same bursts."""
    return _drawn(np.frombuffer(counts, dtype=np.int64), burstiness, seed, first_minute)


def _drawn(
    counts: NDArray[np.int64], burstiness: float, seed: int, first_minute: int
) -> FloatArray:
    from scipy import special

    keys = [stream_key(seed, first_minute + t, SECONDS) for t in range(counts.size)]
    ranks = np.array([uniforms(key, SECONDS_PER_MINUTE) for key in keys])
    ranks = ranks.reshape(counts.size, SECONDS_PER_MINUTE)
    shape = np.maximum(counts, 1) / SECONDS_PER_MINUTE / (burstiness - 1.0)
    weights = np.asarray(special.gammaincinv(shape[:, None], ranks))
    # Where every variate is below the smallest double, one second has all: the limit of small a.
    empty = weights.sum(axis=1) == 0
    weights[empty, ranks.argmax(axis=1)[empty]] = 1.0
    cumulative = np.zeros((counts.size, SECONDS_PER_MINUTE + 1))
    np.cumsum(weights, axis=1, out=cumulative[:, 1:])
    cumulative /= cumulative[:, -1:]
    return cumulative


def bent(sorted_uniforms: FloatArray, weights: FloatArray) -> FloatArray:
    """Offsets in a minute of sorted uniforms by its cumulative weights, shape ``(n,)``. [s]"""
    second = np.searchsorted(weights, sorted_uniforms, side="right") - 1
    second = np.minimum(second, SECONDS_PER_MINUTE - 1)
    inside = sorted_uniforms - weights[second]
    return np.asarray(second + inside / (weights[second + 1] - weights[second]))
