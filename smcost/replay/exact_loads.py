"""Latency by exact replay: every request of all minutes, or of those that screening may not decide.

The minutes that are replayed are counted request by request; where others are left, they are
screened, and a window mixes both.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smcost.capacity import Profile, Routing, SweepProfile, WorkersProfile
from smcost.queueing.exact.histogram import BINS, bin_edges_s, percentile_s
from smcost.queueing.exact.replay import ExactCounts, exact_replay
from smcost.queueing.exact.stations import Station, sweep_station, workers_station
from smcost.queueing.service import FloatArray
from smcost.replay.counts import IntArray
from smcost.replay.late_requests import LateRequests
from smcost.replay.latency import LatencyTerms, Loads

SECTIONS = 10
#: 97.5 % quantile of Student's t with 9 degrees of freedom.
_T_9 = 2.262
#: Halvings of a bracket of 60 s: far below a microsecond.
_HALVINGS = 40


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExactLoads(LateRequests):
    """Requests counted one by one, and the loads of the minutes that were not.

    Attributes
    ----------
    terms
        Overhead and timeout.
    window, requests
        Window and requests of each minute, shape ``(T,)``.
    weak
        Minutes that neither counting nor screening decides, shape ``(T,)``.
    limits_s
        Client latencies beyond which late requests were counted, ``inf`` for failures, ``(L,)``.
    late
        Counted late requests of each minute, shape ``(T, L)``. [count]
    histogram, sections
        Counted responses inside the container per bin, shape ``(W, BINS)`` and ``(10, BINS)``.
    screened
        The minutes that were not counted; ``None`` where all were.
    """

    terms: LatencyTerms
    window: IntArray
    requests: IntArray
    weak: NDArray[np.bool_]
    limits_s: tuple[float, ...]
    late: IntArray
    histogram: NDArray[np.uint64]
    sections: NDArray[np.uint64]
    screened: Loads | None

    @property
    def whole(self) -> bool:
        """Whether every request was counted."""
        return self.screened is None

    def late_per_minute(self, limit_s: float) -> FloatArray:
        """Counted where the minute was replayed, else screened; one of ``limits_s``."""
        late = self.late[:, self.limits_s.index(limit_s)].astype(np.float64)
        return late if self.screened is None else late + self.screened.late_per_minute(limit_s)

    def percentile_s(self, fraction: float, window: int | None = None) -> float:
        """Read off the histogram, which is exact to a fraction of a per mille, and the tables."""
        chosen = slice(None) if window is None else slice(window, window + 1)
        counted = self.histogram[chosen].sum(axis=0)
        part = None if self.screened is None else self.screened.of_window(window)
        if part is not None and part.requests.any():
            return self._mixed_percentile_s(fraction, counted, part)
        here = slice(None) if window is None else self.window == window
        inner_s = percentile_s(counted, fraction, self._inner_s(), self.late[here].sum(axis=0))
        return self._client_s(inner_s)

    def worst_window(self, fraction: float) -> tuple[int, float]:
        """The window with the highest percentile, and that percentile. [s]"""
        totals = self.requests_per_window()
        if not totals.any():
            return 0, math.nan
        found = [
            self.percentile_s(fraction, window) if totals[window] else -math.inf
            for window in range(totals.size)
        ]
        worst = int(np.argmax(found))
        return worst, found[worst]

    def interval_s(self, fraction: float) -> tuple[float, float] | None:
        """95 % confidence interval of the percentile over all requests, by ten sections. [s]

        The interval is one of the share of requests beyond the percentile, from how it differs
        between the sections, and is carried over to latencies by the histogram of all requests
        (R. S. Woodruff, "Confidence intervals for medians and other position measures", J. Am.
        Stat. Assoc. 47 (1952) 635-646): it is longer upwards, as the error is. Percentiles of
        the sections themselves miss the truth of short traces together; ``benchmarks`` has both.

        ``None`` where not all was counted, a section has no request, or the percentile or the
        upper end is beyond the timeout.
        """
        requests = self.sections.sum(axis=1).astype(np.float64)
        middle_s = self.percentile_s(fraction)
        if not self.whole or not requests.all() or not math.isfinite(middle_s):
            return None
        beyond = later_than(self.sections, middle_s - self.terms.overhead_s)
        differs = beyond - requests * (beyond.sum() / requests.sum())
        error = math.sqrt(float(np.sum(differs**2)) * SECTIONS / (SECTIONS - 1))
        half = _T_9 * error / float(requests.sum())
        low_s, high_s = (self._counted_s(fraction + sign * half) for sign in (-1, 1))
        if math.isinf(high_s):
            return None
        return min(low_s, middle_s), max(middle_s, high_s)

    def _counted_s(self, fraction: float) -> float:
        """The latency that a share of the counted requests stays within. [s]"""
        nowhere = np.zeros(0), np.zeros(0, dtype=np.int64)
        counted = self.histogram.sum(axis=0)
        return self._client_s(percentile_s(counted, min(1.0, max(0.0, fraction)), *nowhere))

    def _inner_s(self) -> FloatArray:
        limits_s = np.array(self.limits_s) - self.terms.overhead_s
        return np.asarray(np.minimum(limits_s, self.terms.timeout_s))

    def _client_s(self, inner_s: float) -> float:
        return math.inf if inner_s > self.terms.timeout_s else inner_s + self.terms.overhead_s

    def _mixed_percentile_s(
        self, fraction: float, counted: NDArray[np.uint64], part: Loads
    ) -> float:
        """By halving the bracket between 0 and the timeout."""
        edges_s = bin_edges_s()
        beyond = np.append(counted[::-1].cumsum(dtype=np.float64)[::-1], 0.0)
        allowed = (1 - fraction) * (float(beyond[0]) + float(part.requests.sum()))

        def late(limit_s: float) -> float:
            inside = float(np.interp(limit_s - self.terms.overhead_s, edges_s, beyond))
            return inside + float(part.late_per_minute(limit_s).sum())

        low, high = 0.0, self.terms.timeout_s + self.terms.overhead_s
        if late(high) > allowed:
            return math.inf
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if late(middle) > allowed else (low, middle)
        return high


def later_than(histograms: NDArray[np.uint64], limit_s: float) -> FloatArray:
    """Requests of each histogram beyond a limit, shares of its bin included, shape ``(...,)``."""
    edges_s = bin_edges_s()
    at = min(max(int(np.searchsorted(edges_s, limit_s, side="right")) - 1, 0), BINS - 1)
    within = (limit_s - edges_s[at]) / (edges_s[at + 1] - edges_s[at])
    beyond = histograms[..., at + 1 :].sum(axis=-1).astype(np.float64)
    return np.asarray(beyond + (1 - within) * histograms[..., at], dtype=np.float64)


def section_of(minutes: int) -> IntArray:
    """Section of each of so many minutes: every tenth block of up to five, shape ``(T,)``.

    A queue outlives a minute, so that neighbours in different sections make these too alike;
    blocks of a quarter of an hour see the time of day in their differences. By
    ``benchmarks/accuracy.py`` nominal 95 % cover 90.0 % with single minutes, 94.3 % with these,
    and up to 100 % with longer ones.
    """
    return np.arange(minutes, dtype=np.int64) // min(5, max(1, minutes // 60)) % SECTIONS


def can_replay(profile: Profile) -> bool:
    """Whether the profile says what a request asks of an instance."""
    return isinstance(profile, WorkersProfile | SweepProfile)


def station_of(profile: Profile) -> Station:
    """What serves in an exact replay; rates were measured and have nothing to replay."""
    if isinstance(profile, WorkersProfile):
        return workers_station(profile.service, profile.workers)
    assert isinstance(profile, SweepProfile)
    return sweep_station(profile.sweep)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replay:
    """All that an exact replay needs besides the fleet.

    Attributes
    ----------
    invocations, window
        Per minute, shape ``(T,)``.
    station, routing, terms
        What serves, how requests find an instance, overhead and timeout.
    limits_s
        Client latencies to count late requests for, ``inf`` for failures, shape ``(L,)``. [s]
    seed
        Of the random numbers; the same seed gives the same digits.
    burstiness
        Index of dispersion of the requests per second.
    offsets_s
        Times of the requests within their minutes, where they were logged, shape ``(n,)``. [s]
    threads
        Threads to compute on.
    """

    invocations: IntArray
    window: IntArray
    station: Station
    routing: Routing
    terms: LatencyTerms
    limits_s: tuple[float, ...]
    seed: int
    burstiness: float = 1.0
    offsets_s: FloatArray | None = None
    threads: int = 1

    def whole(self, in_service: IntArray) -> ExactLoads:
        """Every request of every minute; ``in_service`` per minute, shape ``(T,)``."""
        found = self._counted(in_service, 0, self.invocations.size, 0)
        return self._loads(found.late, found.histogram, found.sections, None)

    def minutes(
        self, in_service: IntArray, chosen: NDArray[np.bool_], screened: Loads, warm_up: int
    ) -> ExactLoads:
        """Every request of the chosen minutes, each stretch after a warm-up from an empty fleet.

        Parameters
        ----------
        in_service, chosen
            Instances, and whether to replay the minute, shape ``(T,)``.
        screened
            Loads of the same fleet, for the other minutes.
        warm_up
            Minutes replayed before each stretch without being counted.
        """
        late = np.zeros((self.invocations.size, len(self.limits_s)), dtype=np.int64)
        histogram = np.zeros((int(self.window[-1]) + 1, BINS), dtype=np.uint64)
        sections = np.zeros((SECTIONS, BINS), dtype=np.uint64)
        edges = np.flatnonzero(np.diff(chosen, prepend=False, append=False))
        for first, last in edges.reshape(-1, 2).tolist():
            begin = max(0, first - warm_up)
            found = self._counted(in_service, begin, last, first - begin)
            late[first:last] = found.late[first - begin :]
            row = int(self.window[begin])
            histogram[row : row + found.histogram.shape[0]] += found.histogram
            sections[: found.sections.shape[0]] += found.sections
        return self._loads(late, histogram, sections, screened.without(chosen))

    def _counted(self, in_service: IntArray, begin: int, end: int, warm_up: int) -> ExactCounts:
        return exact_replay(
            counts=self.invocations[begin:end],
            in_service=in_service[begin:end],
            station=self.station,
            least_outstanding=self.routing is not Routing.RANDOM,
            seed=self.seed,
            limits_s=np.minimum(
                np.array(self.limits_s) - self.terms.overhead_s, self.terms.timeout_s
            ),
            timeout_s=self.terms.timeout_s,
            drop_timed_out=self.terms.drops_timed_out,
            window=self.window[begin:end] - self.window[begin],
            section=section_of(self.invocations.size)[begin:end],
            first_minute=begin,
            record_from=warm_up,
            burstiness=self.burstiness,
            offsets_s=self._offsets_s(begin, end),
            threads=self.threads,
        )

    def _offsets_s(self, begin: int, end: int) -> FloatArray | None:
        if self.offsets_s is None:
            return None
        before = int(self.invocations[:begin].sum())
        return self.offsets_s[before : before + int(self.invocations[begin:end].sum())]

    def _loads(
        self,
        late: IntArray,
        histogram: NDArray[np.uint64],
        sections: NDArray[np.uint64],
        screened: Loads | None,
    ) -> ExactLoads:
        weak = np.zeros(self.window.size, dtype=np.bool_) if screened is None else screened.weak
        return ExactLoads(
            terms=self.terms,
            window=self.window,
            requests=self.invocations,
            weak=weak,
            limits_s=self.limits_s,
            late=late,
            histogram=histogram,
            sections=sections,
            screened=screened,
        )
