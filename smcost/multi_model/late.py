"""Late requests of a fleet whose models may be missing: a queue, and for some a load before it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from smcost.multi_model.loading import ColdStarts
from smcost.queueing.response_table import ResponseTable
from smcost.queueing.service import FloatArray
from smcost.replay.counts import IntArray
from smcost.replay.late_requests import LateRequests
from smcost.replay.latency import LatencyTerms

#: Of the bracket in which a percentile is sought: 60 s / 2**28 is below a microsecond.
_HALVINGS = 28


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """Instances that carry the same load.

    Attributes
    ----------
    share
        Of all requests that they answer together. [fraction]
    rps, utilisation
        Of each of them at every level of the traffic, shape ``(U,)``. [s^-1, fraction]
    overloaded
        Minutes in which a backlog builds up or is worked off: all of their requests count as
        failed, shape ``(T,)``.
    cold
        Requests that wait for their model.
    table
        Response of a request whose model is loaded, against the utilisation of an instance.
    max_rps
        Rate at which one of them is busy all the time. [s^-1]
    """

    share: float
    rps: FloatArray
    utilisation: FloatArray
    overloaded: NDArray[np.bool_]
    cold: ColdStarts
    table: ResponseTable
    max_rps: float

    def at_its_rates(self, values: FloatArray) -> FloatArray:
        """What is known at the rates of the cold starts, at every level, shape ``(U,)``."""
        return np.interp(self.rps, self.cold.rps, values)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FleetLoads(LateRequests):
    """Late requests per minute of a fleet of fixed size.

    Attributes
    ----------
    window, requests, weak
        Of every minute, as :class:`LateRequests` has them, shape ``(T,)``.
    level
        Which level of the traffic each minute has: minutes of one level answer alike, ``(T,)``.
    parts
        The fleet, by how much load its instances carry.
    terms
        Overhead and timeout; a request that waits longer for its model fails
        (``ModelNotReadyException``).
    waits
        Whether requests queue for a worker; else instances are taken as idle.
    """

    window: IntArray
    requests: IntArray
    weak: NDArray[np.bool_]
    level: IntArray
    parts: tuple[Part, ...]
    terms: LatencyTerms
    waits: bool = True

    def late_per_minute(self, limit_s: float) -> FloatArray:
        """Late ones with and without a wait for their model."""
        warm, cold = self.late_by_kind(limit_s)
        return warm + cold

    def late_by_kind(self, limit_s: float) -> tuple[FloatArray, FloatArray]:
        """Late requests whose model was there, and those that waited for it, shapes ``(T,)``."""
        warm, cold = np.zeros(self.requests.size), np.zeros(self.requests.size)
        for part in self.parts:
            here = part.share * self.requests
            warm_late, cold_late = self._late_at_levels(part, limit_s)
            waiting = part.at_its_rates(part.cold.share)[self.level]
            failed = part.overloaded & self.waits
            warm += here * np.where(failed, 1 - waiting, warm_late[self.level])
            cold += here * np.where(failed, waiting, cold_late[self.level])
        return warm, cold

    def cold_per_minute(self) -> FloatArray:
        """Requests that wait for their model, shape ``(T,)``."""
        waiting = np.zeros(self.requests.size)
        for part in self.parts:
            waiting += part.share * part.at_its_rates(part.cold.share)[self.level]
        return waiting * self.requests

    @property
    def piles_up(self) -> bool:
        """Whether in some minute with requests loads come faster than they are done."""
        asked = np.unique(self.level[self.requests > 0])
        return any(
            bool(np.any(part.at_its_rates(part.cold.piles_up)[asked] > 0)) for part in self.parts
        )

    def _late_at_levels(self, part: Part, limit_s: float) -> tuple[FloatArray, FloatArray]:
        """P(late and warm), P(late and cold) at every level without a backlog, shapes ``(U,)``."""
        inner_s = min(limit_s - self.terms.overhead_s, self.terms.timeout_s)
        busy = part.utilisation if self.waits else np.zeros(part.utilisation.size)
        served = part.table.late_fraction(busy, inner_s)
        if part.cold.missing == 0:
            return served, np.zeros(served.size)
        waiting = part.at_its_rates(part.cold.share)
        behind = part.at_its_rates(self._late_after_load(part, inner_s))
        # Between a rate at which loads pile up and one at which they do not: they do.
        lost = part.at_its_rates(part.cold.piles_up) > 0
        return (1 - waiting) * served, np.where(lost, waiting, behind)

    def _late_after_load(self, part: Part, inner_s: float) -> FloatArray:
        """P(waits for its model and is late) at the rates of the part's cold starts, ``(R,)``."""
        grid_s, tail = part.table.response_s, part.table.tail
        time_s = inner_s - part.cold.delay_s
        right = np.clip(np.searchsorted(grid_s, time_s), 1, grid_s.size - 1)
        left = right - 1
        share = np.clip((time_s - grid_s[left]) / (grid_s[right] - grid_s[left]), 0.0, 1.0)
        busy = part.cold.rps / part.max_rps if self.waits else np.zeros(part.cold.rps.size)
        row = np.interp(busy, part.table.utilisation, np.arange(part.table.utilisation.size))
        below = np.floor(row).astype(np.int64)
        above = np.minimum(below + 1, part.table.utilisation.size - 1)
        late = np.zeros_like(time_s)
        for rows, weight in ((below, 1 - (row - below)), (above, row - below)):
            here = rows[:, None]
            late += weight[:, None] * ((1 - share) * tail[here, left] + share * tail[here, right])
        return np.asarray(part.cold.share * np.where(time_s < 0, 1.0, late).mean(axis=1))

    def percentile_s(self, fraction: float, window: int | None = None) -> float:
        """By halving the bracket between 0 and the timeout."""
        part = self.of_window(window)
        if not part.requests.any():
            return math.nan
        allowed = (1 - fraction) * float(part.requests.sum())
        late = part.late_in_all()
        low, high = 0.0, part.terms.timeout_s + part.terms.overhead_s
        if late(high) > allowed:
            return math.inf
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if late(middle) > allowed else (low, middle)
        return high

    def late_in_all(self) -> Callable[[float], float]:
        """The late requests of all minutes together, as a function of the limit. [s -> count]"""
        steady, failed = [], 0.0
        for part in self.parts:
            here = part.share * self.requests
            lost = part.overloaded & self.waits
            weights = np.where(lost, 0.0, here)
            steady.append(np.bincount(self.level, weights=weights, minlength=part.rps.size))
            failed += float(here[lost].sum())

        def late(limit_s: float) -> float:
            return failed + sum(
                float(weights @ (warm + cold))
                for part, weights in zip(self.parts, steady, strict=True)
                for warm, cold in [self._late_at_levels(part, limit_s)]
            )

        return late

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
            level=self.level[span],
            parts=tuple(replace(part, overloaded=part.overloaded[span]) for part in self.parts),
        )
