"""Tail of the response time against utilisation, looked up instead of recomputed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseTable:
    """P(response time > x) of one station at a series of utilisations.

    Attributes
    ----------
    utilisation
        Increasing, from 0 to the largest that is still looked up, shape ``(R,)``. [fraction]
    response_s
        Increasing, starting at 0, shape ``(X,)``. [s]
    tail
        P(response > response_s), shape ``(R, X)``. [fraction]

    Notes
    -----
    Between utilisations the tail is interpolated linearly. It is convex in the utilisation, so
    the interpolated value errs on the safe side. Beyond the last ``response_s`` it is taken as
    constant: also safe.
    """

    utilisation: FloatArray
    response_s: FloatArray
    tail: FloatArray

    def tail_at(self, limit_s: float) -> FloatArray:
        """P(response > limit) at each utilisation, shape ``(R,)``."""
        if limit_s < 0:
            return np.ones_like(self.utilisation)
        right = min(int(np.searchsorted(self.response_s, limit_s)), self.response_s.size - 1)
        left = max(right - 1, 0)
        span_s = self.response_s[right] - self.response_s[left]
        share = min(1.0, (limit_s - self.response_s[left]) / span_s) if span_s > 0 else 1.0
        return np.asarray((1 - share) * self.tail[:, left] + share * self.tail[:, right])

    def late_fraction(self, utilisation: FloatArray, limit_s: float) -> FloatArray:
        """P(response > limit) at any utilisations, clamped at the last; shape as given."""
        return np.interp(utilisation, self.utilisation, self.tail_at(limit_s))

    def late_fraction_after(
        self, utilisation: FloatArray, delay_s: FloatArray, limit_s: float
    ) -> FloatArray:
        """P(delay + response > limit) where each arrival first waits ``delay_s``, same shapes.

        Used behind a backlog: the delay is the time the backlog found on arrival takes to clear.
        """
        remaining_s = limit_s - delay_s
        column = np.searchsorted(self.response_s, np.maximum(remaining_s, 0.0), side="right") - 1
        row = np.interp(utilisation, self.utilisation, np.arange(self.utilisation.size))
        below = np.floor(row).astype(np.int64)
        above = np.minimum(below + 1, self.utilisation.size - 1)
        share = row - below
        late = (1 - share) * self.tail[below, column] + share * self.tail[above, column]
        return np.where(remaining_s < 0, 1.0, late)

    def weights(self, utilisation: FloatArray, requests: FloatArray) -> FloatArray:
        """Requests split over the table's rows as the interpolation does, shape ``(R,)``.

        ``weights @ tail / sum(weights)`` is then the tail of the mixture of those requests.
        """
        row = np.interp(utilisation, self.utilisation, np.arange(self.utilisation.size))
        below = np.floor(row).astype(np.int64)
        share = row - below
        above = np.minimum(below + 1, self.utilisation.size - 1)
        size = self.utilisation.size
        lower = np.bincount(below, weights=requests * (1 - share), minlength=size)
        upper = np.bincount(above, weights=requests * share, minlength=size)
        return np.asarray(lower + upper, dtype=np.float64)
