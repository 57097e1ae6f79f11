"""Latency over the horizon: minutes, their load and backlog, mixed into windows' percentiles.

Each minute is taken as stationary at its own load (the pointwise stationary approximation); the
distribution of a window is the request-weighted mixture of its minutes, and percentiles come from
inverting it. Percentiles themselves are never averaged.
"""

import math
from dataclasses import dataclass

import numpy as np

from smcost.capacity import WorkersProfile
from smcost.queueing.mgc import MAX_UTILISATION
from smcost.queueing.response_table import ResponseTable
from smcost.queueing.service import FloatArray
from smcost.replay.backlog import DelayedArrivals, delayed_arrivals
from smcost.replay.counts import IntArray
from smcost.slo import Objective, Slo

#: Halvings of the bracket in which a percentile is sought: 60 s / 2**40 is far below a microsecond.
_HALVINGS = 40
#: Screening may not decide a minute whose utilisation x (1 + 3 / sqrt(requests per instance))
#: exceeds this.
WEAK_ABOVE = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyTerms:
    """What turns a response inside the container into the client's latency.

    Attributes
    ----------
    overhead_s
        Network and SageMaker overhead, added to every request. [s]
    timeout_s
        Invocation timeout, service included: later answers have failed. [s]
    """

    overhead_s: float = 0.0
    timeout_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Loads:
    """Load of every minute of a replay, ready to be asked for late requests.

    Attributes
    ----------
    table, terms
        Response time of one instance against utilisation; overhead and timeout.
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

    table: ResponseTable
    terms: LatencyTerms
    window: IntArray
    requests: IntArray
    utilisation: FloatArray
    weak: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
    delayed: DelayedArrivals
    steady: FloatArray

    @property
    def windows(self) -> int:
        """Number of windows."""
        return int(self.window[-1]) + 1

    def requests_per_window(self) -> FloatArray:
        """Requests of each window, shape ``(W,)``. [count]"""
        return self.per_window(self.requests.astype(np.float64))

    def late_per_minute(self, limit_s: float) -> FloatArray:
        """Requests answered after ``limit_s`` (client latency) in each minute, shape ``(T,)``.

        Those that time out are late for every limit.
        """
        inner_s = min(limit_s - self.terms.overhead_s, self.terms.timeout_s)
        late = self.steady * self.table.late_fraction(self.utilisation, inner_s)
        if self.delayed.minute.size:
            behind = self.table.late_fraction_after(
                self.utilisation[self.delayed.minute], self.delayed.delay_s, inner_s
            )
            late += np.bincount(
                self.delayed.minute, weights=self.delayed.requests * behind, minlength=late.size
            )
        return late

    def per_window(self, per_minute: FloatArray) -> FloatArray:
        """Sum over the minutes of each window, shape ``(W,)``."""
        sums = np.bincount(self.window, weights=per_minute, minlength=self.windows)
        return np.asarray(sums, dtype=np.float64)

    def failed_fraction(self) -> float:
        """Share of all requests that time out. [fraction]"""
        total = float(self.requests.sum())
        failed = float(self.late_per_minute(math.inf).sum())
        return failed / total if total else 0.0


def loads(
    *,
    invocations: IntArray,
    in_service: IntArray,
    window: IntArray,
    profile: WorkersProfile,
    terms: LatencyTerms,
) -> Loads:
    """Load of every minute under RANDOM routing: n independent queues, each with rate / n.

    Parameters
    ----------
    invocations, in_service, window
        Per minute, shape ``(T,)``.
    profile
        What one instance can do.
    terms
        Overhead and timeout.
    """
    share = invocations / in_service
    utilisation = share / profile.max_per_minute
    # Sustained load above MAX_UTILISATION builds a queue that the table, which ends there, does
    # not know: what exceeds it counts as backlog.
    delayed = delayed_arrivals(invocations, in_service, MAX_UTILISATION * profile.max_per_minute)
    steady = invocations.astype(np.float64)
    steady[delayed.minute] = 0.0
    weak = utilisation * (1 + 3 / np.sqrt(np.maximum(share, 1.0))) > WEAK_ABOVE
    weak[delayed.minute] = True
    return Loads(
        table=profile.response_table(),
        terms=terms,
        window=window,
        requests=invocations,
        utilisation=utilisation,
        weak=weak,
        delayed=delayed,
        steady=steady,
    )


def percentile_s(loads: Loads, fraction: float, window: int | None = None) -> float:
    """Latency that ``fraction`` of the requests of a window (or of all) stay within. [s]

    Returns
    -------
    float
        ``inf`` where the percentile lies beyond the timeout, ``nan`` without a request.
    """
    part = loads if window is None else _only(loads, window)
    total = float(part.requests.sum())
    if total == 0:
        return math.nan
    allowed = (1 - fraction) * total
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


def worst_window(loads: Loads, fraction: float) -> tuple[int, float]:
    """The window with the highest percentile, and that percentile (``nan`` without requests). [s]

    A window is inverted only if the worst so far would be exceeded in it.
    """
    totals = loads.requests_per_window()
    if not totals.any():
        return 0, math.nan
    worst, worst_s = int(np.argmax(totals)), 0.0
    late = loads.per_window(loads.late_per_minute(worst_s))
    while np.any(late > (1 - fraction) * totals):
        candidate = int(np.argmax(np.where(totals > 0, late / np.maximum(totals, 1), 0.0)))
        found_s = percentile_s(loads, fraction, candidate)
        if found_s <= worst_s:
            break
        worst, worst_s = candidate, found_s
        if math.isinf(worst_s):
            break
        late = loads.per_window(loads.late_per_minute(worst_s * (1 + 1e-9)))
    return worst, worst_s


def _only(loads: Loads, window: int) -> Loads:
    """The loads of one window alone."""
    first, last = np.searchsorted(loads.window, [window, window + 1]).tolist()
    inside = (loads.delayed.minute >= first) & (loads.delayed.minute < last)
    return Loads(
        table=loads.table,
        terms=loads.terms,
        window=loads.window[first:last] - window,
        requests=loads.requests[first:last],
        utilisation=loads.utilisation[first:last],
        weak=loads.weak[first:last],
        delayed=DelayedArrivals(
            minute=loads.delayed.minute[inside] - first,
            requests=loads.delayed.requests[inside],
            delay_s=loads.delayed.delay_s[inside],
        ),
        steady=loads.steady[first:last],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether an SLO holds, and by how much.

    Attributes
    ----------
    met
        Every objective and the failure limit hold in enough windows.
    slack
        1 - (late or failed share / allowed share) where it is least, over the windows that
        count; negative where it does not hold. [fraction]
    breaks
        Name of the requirement with the least slack: ``p95``, ``p99`` or ``max_failed``.
    window
        The window where it has the least slack.
    weak
        Whether twice the late requests of the minutes that screening may not decide would
        break the SLO.
    """

    met: bool
    slack: float
    breaks: str
    window: int
    weak: bool


def judge(loads: Loads, slo: Slo) -> Verdict:
    """Hold a replay against an SLO, window by window; ``slo.window`` is that of the loads."""
    requirements = [(o.name, o.limit_s, o.allowed_late) for o in slo.objectives]
    requirements.append(("max_failed", math.inf, slo.max_failed))
    totals = loads.requests_per_window()
    spared = slo.spared + math.floor((1 - slo.attainment) * totals.size + 1e-9)
    slack, breaks, worst, weak = 1.0, requirements[0][0], 0, False
    for name, limit_s, allowed in requirements:
        late = loads.late_per_minute(limit_s)
        used = _used(loads.per_window(late), totals, allowed)
        doubled = _used(loads.per_window(np.where(loads.weak, 2 * late, late)), totals, allowed)
        window = _deciding_window(used, spared)
        weak = weak or bool(doubled[_deciding_window(doubled, spared)] > 1)
        if 1 - used[window] < slack:
            slack, breaks, worst = 1 - float(used[window]), name, window
    return Verdict(met=slack >= 0, slack=slack, breaks=breaks, window=worst, weak=weak)


def _used(late: FloatArray, totals: FloatArray, allowed: float) -> FloatArray:
    """Late share over allowed share in each window, 0 without requests, shape ``(W,)``."""
    share = np.divide(late, totals, out=np.zeros_like(late), where=totals > 0)
    if allowed > 0:
        return share / allowed
    return np.where(share > 0, np.inf, 0.0)


def _deciding_window(used: FloatArray, spared: int) -> int:
    """The worst window after leaving out as many as may fail."""
    return int(np.argsort(used, kind="stable")[max(0, used.size - 1 - spared)])


def minutes_over(loads: Loads, objectives: tuple[Objective, ...]) -> int:
    """Minutes in which some objective does not hold by itself."""
    over = np.zeros(loads.requests.size, dtype=bool)
    for objective in objectives:
        over |= loads.late_per_minute(objective.limit_s) > objective.allowed_late * loads.requests
    return int(over.sum())
