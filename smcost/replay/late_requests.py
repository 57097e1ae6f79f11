"""What a replay tells of late requests, whether its minutes were screened or simulated."""

import math
from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from smcost.queueing.service import FloatArray
from smcost.replay.counts import IntArray


class LateRequests(ABC):
    """Late requests of each minute, and what follows from them for windows.

    Attributes
    ----------
    window
        Window of each minute, not decreasing, shape ``(T,)``.
    requests
        Requests per minute, shape ``(T,)``. [count]
    weak
        Whether screening may not decide the minute, shape ``(T,)``.
    """

    __slots__ = ()

    window: IntArray
    requests: IntArray
    weak: NDArray[np.bool_]

    @abstractmethod
    def late_per_minute(self, limit_s: float) -> FloatArray:
        """Requests answered after ``limit_s`` (client latency) in each minute, shape ``(T,)``.

        Those that time out are late for every limit.
        """

    @abstractmethod
    def percentile_s(self, fraction: float, window: int | None = None) -> float:
        """Latency that ``fraction`` of the requests of a window (or of all) stay within. [s]

        ``inf`` where the percentile lies beyond the timeout, ``nan`` without a request.
        """

    def interval_s(self, fraction: float) -> tuple[float, float] | None:  # noqa: ARG002
        """95 % confidence interval of a percentile of the horizon; ``None``: not known. [s]"""
        return None

    @property
    def windows(self) -> int:
        """Number of windows."""
        return int(self.window[-1]) + 1

    def requests_per_window(self) -> FloatArray:
        """Requests of each window, shape ``(W,)``. [count]"""
        return self.per_window(self.requests.astype(np.float64))

    def per_window(self, minutes: FloatArray) -> FloatArray:
        """Sum over the minutes of each window, shape ``(W,)``."""
        sums = np.bincount(self.window, weights=minutes, minlength=self.windows)
        return np.asarray(sums, dtype=np.float64)

    def failed_fraction(self) -> float:
        """Share of all requests that time out or were measured to fail. [fraction]"""
        total = float(self.requests.sum())
        return float(self.late_per_minute(math.inf).sum()) / total if total else 0.0

    def worst_window(self, fraction: float) -> tuple[int, float]:
        """The window with the highest percentile, and that percentile. [s]

        ``nan`` without requests. A window is inverted only if the worst so far would be exceeded
        in it.
        """
        totals = self.requests_per_window()
        if not totals.any():
            return 0, math.nan
        worst, worst_s = int(np.argmax(totals)), 0.0
        late = self.per_window(self.late_per_minute(worst_s))
        while np.any(late > (1 - fraction) * totals):
            candidate = int(np.argmax(np.where(totals > 0, late / np.maximum(totals, 1), 0.0)))
            found_s = self.percentile_s(fraction, candidate)
            if found_s <= worst_s:
                break
            worst, worst_s = candidate, found_s
            if math.isinf(worst_s):
                break
            late = self.per_window(self.late_per_minute(worst_s * (1 + 1e-9)))
        return worst, worst_s
