"""Latency over the horizon: minutes, their load and backlog, mixed into windows' percentiles.

Each minute is taken as stationary at its own load (the pointwise stationary approximation); the
distribution of a window is the request-weighted mixture of its minutes, and percentiles come from
inverting it. Percentiles themselves are never averaged.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from smcost.capacity import Profile, Routing
from smcost.queueing.response_table import ResponseTable
from smcost.queueing.service import FloatArray
from smcost.replay.backlog import DelayedArrivals, delayed_arrivals, lost_in_overload
from smcost.replay.counts import IntArray
from smcost.replay.late_requests import LateRequests
from smcost.units import per_minute

#: Halvings of the bracket in which a percentile is sought: 60 s / 2**40 is far below a microsecond.
_HALVINGS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyTerms:
    """What turns a response inside the container into the client's latency.

    Attributes
    ----------
    overhead_s
        Network and SageMaker overhead, added to every request. [s]
    timeout_s
        Invocation timeout, service included: later answers have failed. [s]
    drops_timed_out
        Whether the container stops working on a request that has timed out. AWS does not say;
        by default it finishes it all the same.
    """

    overhead_s: float = 0.0
    timeout_s: float = 60.0
    drops_timed_out: bool = False

    @property
    def gives_up_s(self) -> float:
        """How long the container goes on with a request, waiting included. [s]"""
        return self.timeout_s if self.drops_timed_out else math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Loads(LateRequests):
    """Load of every minute of a replay, ready to be asked for late requests.

    Attributes
    ----------
    tables, table_of
        Response of a request against the utilisation of an instance: one table under RANDOM, one
        for each fleet size under least-outstanding routing; which holds in each minute, ``(T,)``.
    terms
        Overhead and timeout.
    window
        Window of each minute, shape ``(T,)``.
    requests
        Requests per minute, shape ``(T,)``. [count]
    utilisation
        Of each instance in service, shape ``(T,)``. [fraction]
    weak
        Whether screening may not decide the minute, for its load or a backlog, shape ``(T,)``.
    delayed
        Requests in overloaded stretches; their minutes are not in ``steady``.
    steady
        Requests outside overloaded stretches, else 0, shape ``(T,)``. [count]
    """

    tables: tuple[ResponseTable, ...]
    table_of: IntArray
    terms: LatencyTerms
    window: IntArray
    requests: IntArray
    utilisation: FloatArray
    weak: NDArray[np.bool_]
    delayed: DelayedArrivals
    steady: FloatArray

    def late_per_minute(self, limit_s: float) -> FloatArray:
        """Looked up at each minute's load, and behind its backlog."""
        inner_s = min(limit_s - self.terms.overhead_s, self.terms.timeout_s)
        late = np.zeros(self.requests.size)
        for number, table in enumerate(self.tables):
            here = self.table_of == number
            late[here] = table.late_fraction(self.utilisation[here], inner_s)
        return self.steady * late + self._late_behind_backlog(inner_s)

    def _late_behind_backlog(self, inner_s: float) -> FloatArray:
        delayed = self.delayed
        behind = np.zeros(delayed.minute.size)
        for number, table in enumerate(self.tables):
            here = self.table_of[delayed.minute] == number
            if here.any():
                behind[here] = table.late_fraction_after(
                    self.utilisation[delayed.minute[here]], delayed.delay_s[here], inner_s
                )
        weights = delayed.requests * behind
        late = np.bincount(delayed.minute, weights=weights, minlength=self.requests.size)
        return np.asarray(late, dtype=np.float64)

    def percentile_s(self, fraction: float, window: int | None = None) -> float:
        """By halving the bracket between 0 and the timeout."""
        part = self.of_window(window)
        allowed = (1 - fraction) * float(part.requests.sum())
        if not part.requests.any():
            return math.nan
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

    def without(self, minutes: NDArray[np.bool_]) -> "Loads":
        """The loads of the other minutes; those marked have neither requests nor doubt, ``(T,)``.

        Backlogs that were built up in them stay.
        """
        kept = ~minutes[self.delayed.minute]
        return replace(
            self,
            requests=np.where(minutes, 0, self.requests),
            weak=self.weak & ~minutes,
            delayed=DelayedArrivals(
                minute=self.delayed.minute[kept],
                requests=self.delayed.requests[kept],
                delay_s=self.delayed.delay_s[kept],
            ),
            steady=np.where(minutes, 0.0, self.steady),
        )

    def of_window(self, window: int | None) -> "Loads":
        """The loads of one window alone, or of all."""
        if window is None:
            return self
        first, last = np.searchsorted(self.window, [window, window + 1]).tolist()
        inside = (self.delayed.minute >= first) & (self.delayed.minute < last)
        return Loads(
            tables=self.tables,
            table_of=self.table_of[first:last],
            terms=self.terms,
            window=self.window[first:last] - window,
            requests=self.requests[first:last],
            utilisation=self.utilisation[first:last],
            weak=self.weak[first:last],
            delayed=DelayedArrivals(
                minute=self.delayed.minute[inside] - first,
                requests=self.delayed.requests[inside],
                delay_s=self.delayed.delay_s[inside],
            ),
            steady=self.steady[first:last],
        )


def loads(
    *,
    invocations: IntArray,
    in_service: IntArray,
    window: IntArray,
    profile: Profile,
    terms: LatencyTerms,
    routing: Routing = Routing.RANDOM,
) -> Loads:
    """Load of every minute: n independent queues under RANDOM, one fleet otherwise.

    Parameters
    ----------
    invocations, in_service, window
        Per minute, shape ``(T,)``.
    profile
        What one instance can do.
    terms
        Overhead and timeout.
    routing
        How requests find an instance.
    """
    share = invocations / in_service
    utilisation = share / per_minute(profile.max_rps)
    delayed = backlog_of(invocations, in_service, profile, terms, routing)
    steady = invocations.astype(np.float64)
    steady[delayed.minute] = 0.0
    weak = profile.weak(utilisation, share)
    weak[delayed.minute] = True
    sizes, table_of = _tables_needed(in_service, routing)
    return Loads(
        tables=tuple(profile.response_table(routing, size) for size in sizes),
        table_of=table_of,
        terms=terms,
        window=window,
        requests=invocations,
        utilisation=utilisation,
        weak=weak,
        delayed=delayed,
        steady=steady,
    )


def backlog_of(
    invocations: IntArray,
    in_service: IntArray,
    profile: Profile,
    terms: LatencyTerms,
    routing: Routing,
) -> DelayedArrivals:
    """Requests of overloaded stretches with the backlog they meet; parameters as above."""
    # Sustained load above it builds a queue that the tables, which end there, do not know: what
    # exceeds it counts as backlog.
    steady_per_minute = profile.steady_below * per_minute(profile.max_rps)
    delayed = delayed_arrivals(
        invocations, in_service, steady_per_minute, routing, terms.gives_up_s
    )
    if not profile.promises_in_overload:
        delayed = lost_in_overload(delayed, invocations > steady_per_minute * in_service)
    return delayed


def _tables_needed(in_service: IntArray, routing: Routing) -> tuple[list[int], IntArray]:
    """Fleet sizes that need a table of their own, and which of them holds in each minute."""
    if routing is Routing.RANDOM:
        return [1], np.zeros(in_service.size, dtype=np.int64)
    sizes, table_of = np.unique(in_service, return_inverse=True)
    return sizes.tolist(), table_of.astype(np.int64)
