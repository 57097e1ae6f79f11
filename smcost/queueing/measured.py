"""Latency distributions known only by a few measured percentiles."""

import math
from bisect import bisect_right
from collections.abc import Callable

import numpy as np

from smcost.errors import UsageError
from smcost.queueing.service import FloatArray

#: Tail below which a distribution is cut; far beyond what any percentile asked for needs.
_BEYOND = 1e-6


def tail_from_percentiles(
    fractions: FloatArray, latencies_s: FloatArray, time_s: FloatArray
) -> FloatArray:
    """P(latency > t) through measured percentiles, shape as ``time_s``.

    Parameters
    ----------
    fractions
        Measured percentiles as fractions, increasing, within (0, 1), shape ``(P,)``. [fraction]
    latencies_s
        Their latencies, not decreasing, > 0, shape ``(P,)``. [s]
    time_s
        Where the tail is wanted, >= 0. [s]

    Notes
    -----
    The logarithm of the tail is interpolated linearly between the points, from P(latency > 0) = 1
    on, and beyond the highest percentile it goes on with the last slope. That continuation is an
    assumption, not a measurement: it is needed to mix minutes of different load, and a percentile
    that was not measured must not be judged by it.

    >>> tail = tail_from_percentiles(np.array([0.5, 0.99]), np.array([1.0, 2.0]), np.array([1.0]))
    >>> float(tail[0])
    0.5
    """
    known_s, log_tail = _points(fractions, latencies_s)
    slope = (log_tail[-1] - log_tail[-2]) / (known_s[-1] - known_s[-2])
    beyond = log_tail[-1] + slope * (time_s - known_s[-1])
    inside = np.interp(time_s, known_s, log_tail)
    return np.asarray(np.exp(np.where(time_s > known_s[-1], beyond, inside)))


def reach_s(fractions: FloatArray, latencies_s: FloatArray) -> float:
    """Latency beyond which the tail is below one in a million. [s]"""
    return quantile_from_percentiles(fractions, latencies_s, 1 - _BEYOND)


def _points(fractions: FloatArray, latencies_s: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Latencies and logarithms of the tail to interpolate between, each ``(P + 1,)``."""
    _check(fractions, latencies_s)
    # Equal latencies at two percentiles are a step; a slope of minus infinity cannot be carried on.
    gaps_s = np.maximum(np.diff(latencies_s, prepend=0.0), 1e-9 * latencies_s)
    known_s = np.concatenate(([0.0], np.cumsum(gaps_s)))
    return known_s, np.concatenate(([0.0], np.log1p(-fractions)))


def _check(fractions: FloatArray, latencies_s: FloatArray) -> None:
    if (
        fractions.size == 0
        or fractions.shape != latencies_s.shape
        or np.any(np.diff(fractions) <= 0)
        or not (fractions[0] > 0 and fractions[-1] < 1)
        or np.any(np.diff(latencies_s) < 0)
        or not latencies_s[0] > 0
        or not np.isfinite(latencies_s[-1])
    ):
        raise UsageError(
            f"Percentiles {fractions.tolist()} with latencies {latencies_s.tolist()} s are none",
            remedy="Give increasing percentiles with latencies above 0 that do not decrease",
        )


def quantile_from_percentiles(
    fractions: FloatArray, latencies_s: FloatArray, fraction: float
) -> float:
    """The latency that a share of requests stays within: inverse of the tail above. [s]

    >>> quantile_from_percentiles(np.array([0.5, 0.99]), np.array([1.0, 2.0]), 0.99)
    2.0
    """
    known_s, log_tail = _points(fractions, latencies_s)
    wanted = float(np.log1p(-fraction))
    if wanted >= log_tail[-1]:
        return float(np.interp(-wanted, -log_tail, known_s))
    slope = (log_tail[-1] - log_tail[-2]) / (known_s[-1] - known_s[-2])
    return float(known_s[-1] + (wanted - log_tail[-1]) / slope)


def quantile_function(fractions: FloatArray, latencies_s: FloatArray) -> Callable[[float], float]:
    """:func:`quantile_from_percentiles` for one distribution and many ranks, in plain Python."""
    known_s, log_tail = _points(fractions, latencies_s)
    times_s, depths = known_s.tolist(), (-log_tail).tolist()

    def quantile_s(fraction: float) -> float:
        depth = -math.log1p(-fraction)
        at = min(bisect_right(depths, depth), len(depths) - 1)
        slope = (times_s[at] - times_s[at - 1]) / (depths[at] - depths[at - 1])
        return float(times_s[at - 1] + slope * (depth - depths[at - 1]))

    return quantile_s


def quantiles_beyond_s(
    fractions: FloatArray, latencies_s: FloatArray, log_tails: FloatArray
) -> FloatArray:
    """Latencies exceeded with given probabilities, shape as ``log_tails``. [s]

    Parameters
    ----------
    fractions, latencies_s
        As above, shape ``(P,)``. [fraction, s]
    log_tails
        Logarithms of the probabilities, <= 0.

    >>> beyond = np.log(np.array([0.5, 0.01]))
    >>> quantiles_beyond_s(np.array([0.5, 0.99]), np.array([1.0, 2.0]), beyond).round(9).tolist()
    [1.0, 2.0]
    """
    known_s, log_tail = _points(fractions, latencies_s)
    slope = (log_tail[-1] - log_tail[-2]) / (known_s[-1] - known_s[-2])
    beyond = known_s[-1] + (log_tails - log_tail[-1]) / slope
    inside = np.interp(-log_tails, -log_tail, known_s)
    return np.asarray(np.where(log_tails < log_tail[-1], beyond, inside))
