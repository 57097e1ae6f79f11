"""Late requests of a fleet whose models may be missing: a queue, and for some a load before it."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from smcost.multi_model.loading import ColdStarts
from smcost.queueing.response_table import ResponseTable
from smcost.queueing.service import FloatArray
from smcost.replay.counts import IntArray
from smcost.replay.late_requests import LateRequests
from smcost.replay.latency import LatencyTerms

_HALVINGS = 40


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """Instances that carry the same load.

    Attributes
    ----------
    share
        Of all requests that they answer together. [fraction]
    utilisation
        Of each of them in every minute, shape ``(T,)``. [fraction]
    overloaded
        Minutes in which a backlog builds up or is worked off: all of their requests count as
        failed, shape ``(T,)``.
    cold
        Requests that wait for their model, at the utilisations of the table.
    """

    share: float
    utilisation: FloatArray
    overloaded: NDArray[np.bool_]
    cold: ColdStarts


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FleetLoads(LateRequests):
    """Late requests per minute of a fleet of fixed size.

    Attributes
    ----------
    window, requests, weak
        Of every minute, as :class:`LateRequests` has them, shape ``(T,)``.
    parts
        The fleet, by how much load its instances carry.
    table
        Response of a request whose model is loaded, against the utilisation of an instance.
    terms
        Overhead and timeout; a request that waits longer for its model fails
        (``ModelNotReadyException``).
    waits
        Whether requests queue for a worker; else instances are taken as idle.
    """

    window: IntArray
    requests: IntArray
    weak: NDArray[np.bool_]
    parts: tuple[Part, ...]
    table: ResponseTable
    terms: LatencyTerms
    waits: bool = True

    def late_per_minute(self, limit_s: float) -> FloatArray:
        """Late ones with and without a wait for their model."""
        warm, cold = self.late_by_kind(limit_s)
        return warm + cold

    def late_by_kind(self, limit_s: float) -> tuple[FloatArray, FloatArray]:
        """Late requests whose model was there, and those that waited for it, shapes ``(T,)``."""
        inner_s = min(limit_s - self.terms.overhead_s, self.terms.timeout_s)
        nodes = self.table.utilisation
        warm, cold = np.zeros(self.requests.size), np.zeros(self.requests.size)
        for part in self.parts:
            here = part.share * self.requests
            failed = part.overloaded & self.waits
            waiting = np.interp(part.utilisation, nodes, part.cold.share)
            warm_row, cold_row = (
                np.interp(part.utilisation, nodes, row)
                for row in self._late_by_row(part.cold, inner_s)
            )
            warm += here * np.where(failed, 1 - waiting, warm_row)
            cold += here * np.where(failed, waiting, cold_row)
        return warm, cold

    def cold_per_minute(self) -> FloatArray:
        """Requests that wait for their model, shape ``(T,)``."""
        nodes, waiting = self.table.utilisation, np.zeros(self.requests.size)
        for part in self.parts:
            waiting += part.share * np.interp(part.utilisation, nodes, part.cold.share)
        return waiting * self.requests

    @property
    def piles_up(self) -> bool:
        """Whether in some minute with requests loads come faster than they are done."""
        asked = self.requests > 0
        nodes = self.table.utilisation
        return any(
            bool(np.any(np.interp(part.utilisation[asked], nodes, part.cold.piles_up) > 0))
            for part in self.parts
        )

    def _late_by_row(self, cold: ColdStarts, inner_s: float) -> tuple[FloatArray, FloatArray]:
        """P(late and warm), P(late and cold) at each utilisation of the table, shapes ``(R,)``."""
        served = self.table.tail_at(inner_s)
        if not self.waits:
            served = np.full_like(served, served[0])
        late = self._tail(inner_s - cold.delay_s).mean(axis=1)
        return (1 - cold.share) * served, cold.share * late

    def _tail(self, time_s: FloatArray) -> FloatArray:
        """P(response > time) at each utilisation, times of shape ``(R, D)``; 1 before the start."""
        grid_s, tail = self.table.response_s, self.table.tail
        right = np.clip(np.searchsorted(grid_s, time_s), 1, grid_s.size - 1)
        left = right - 1
        share = np.clip((time_s - grid_s[left]) / (grid_s[right] - grid_s[left]), 0.0, 1.0)
        row = np.arange(tail.shape[0])[:, None] if self.waits else 0
        between = (1 - share) * tail[row, left] + share * tail[row, right]
        return np.where(time_s < 0, 1.0, between)

    def percentile_s(self, fraction: float, window: int | None = None) -> float:
        """By halving the bracket between 0 and the timeout."""
        part = self.of_window(window)
        if not part.requests.any():
            return math.nan
        allowed = (1 - fraction) * float(part.requests.sum())
        low, high = 0.0, part.terms.timeout_s + part.terms.overhead_s
        if float(part.late_per_minute(high).sum()) > allowed:
            return math.inf
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if float(part.late_per_minute(middle).sum()) > allowed:
                low = middle
            else:
                high = middle
        return high

    def of_window(self, window: int | None) -> "FleetLoads":
        """The loads of one window alone, or of all."""
        if window is None:
            return self
        first, last = np.searchsorted(self.window, [window, window + 1]).tolist()
        span = slice(first, last)
        return replace(
            self,
            window=self.window[span] - window,
            requests=self.requests[span],
            weak=self.weak[span],
            parts=tuple(
                replace(part, utilisation=part.utilisation[span], overloaded=part.overloaded[span])
                for part in self.parts
            ),
        )
