"""Logarithmic histogram of response times, and percentiles read from it.

Exponent and first seven mantissa bits of the double number the bin: 128 bins an octave from
2^-20 s to 2^12 s, the ends clamped. Within a bin, at most 0.8 % wide, a percentile is
interpolated; a percentile near a limit is put on the side on which the exact count of late
requests has it.
"""

import math

import numpy as np
from numpy.typing import NDArray

from smcost.queueing.service import FloatArray

_BIN_BITS = 7
_LOWEST, _HIGHEST = -20, 12
BINS = (_HIGHEST - _LOWEST) << _BIN_BITS

IntArray = NDArray[np.int64]
Histogram = NDArray[np.uint64]


def bins_of(responses_s: FloatArray) -> IntArray:
    """Bin of each response time >= 0, shape as ``responses_s``."""
    at = (responses_s.view(np.int64) >> (52 - _BIN_BITS)) - ((1023 + _LOWEST) << _BIN_BITS)
    return np.asarray(np.clip(at, 0, BINS - 1))


def bin_edges_s() -> FloatArray:
    """Lower ends of the bins and the end of the last, shape ``(BINS + 1,)``. [s]"""
    cells = 2**_BIN_BITS
    octaves = 2.0 ** np.arange(_LOWEST, _HIGHEST)
    inside = 1 + np.arange(cells) / cells
    return np.append((octaves[:, None] * inside).ravel(), 2.0**_HIGHEST)


def percentile_s(
    histogram: Histogram, fraction: float, limits_s: FloatArray, late: IntArray
) -> float:
    """The response time that a share of requests stays within; NaN without requests. [s]

    Parameters
    ----------
    histogram
        Requests per bin, shape ``(BINS,)``. [count]
    fraction
        The share, within [0, 1].
    limits_s, late
        Limits and the exact number of requests beyond each, shape ``(L,)``. [s, count]

    Notes
    -----
    The order statistic of index ceil(fraction (n - 1)), as ``np.quantile(..., method="higher")``.
    """
    edges_s, reached = bin_edges_s(), np.cumsum(histogram.astype(np.int64))
    total = int(reached[-1])
    if total == 0:
        return math.nan
    rank = math.ceil(fraction * (total - 1)) + 1
    at = int(np.searchsorted(reached, rank))
    place = (rank - 0.5 - (reached[at] - int(histogram[at]))) / int(histogram[at])
    value_s = float(edges_s[at] + place * (edges_s[at + 1] - edges_s[at]))
    for limit_s, beyond in zip(limits_s.tolist(), late.tolist(), strict=True):
        within = rank <= total - beyond
        value_s = min(value_s, limit_s) if within else max(value_s, math.nextafter(limit_s, 1e99))
    return value_s
