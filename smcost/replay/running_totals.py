"""Late requests of any fleet that stays the same over stretches, from running totals.

A minute's late requests depend on its own requests and the instances in service alone, but for
backlogs. So for each number of instances they are computed once for the whole trace and added up;
a stretch of a fleet is then the difference of two running totals, and a fleet is judged in the time
of its stretches, not of its minutes. The figures are those of :func:`smcost.replay.latency.loads`.
"""

from collections import OrderedDict

import numpy as np

from smcost.capacity import Profile, Routing
from smcost.queueing.response_table import ResponseTable
from smcost.queueing.service import FloatArray
from smcost.replay.backlog import DelayedArrivals
from smcost.replay.counts import IntArray
from smcost.replay.latency import LatencyTerms, backlog_of
from smcost.replay.verdict import WindowSums
from smcost.slo import SloWindow
from smcost.units import per_minute

#: Memory for running totals; a fleet of many sizes recomputes what does not fit. [B]
_MEMORY = 60_000_000


class RunningTotals:
    """Late requests of every hour for fleets given by their stretches.

    Parameters
    ----------
    invocations, start_s
        Per minute, shape ``(T,)``. [count, epoch s]
    profile, terms, routing
        What one instance can do, overhead and timeout, how requests find an instance.
    limits_s
        Client latencies, ``inf`` for failures, shape ``(L,)``. [s]
    """

    def __init__(
        self,
        *,
        invocations: IntArray,
        start_s: IntArray,
        profile: Profile,
        terms: LatencyTerms,
        routing: Routing,
        limits_s: tuple[float, ...],
    ) -> None:
        self._invocations = invocations
        self._profile, self._terms, self._routing = profile, terms, routing
        self._inner_s = [min(limit - terms.overhead_s, terms.timeout_s) for limit in limits_s]
        hour = SloWindow.HOUR.number(start_s)
        self._hours = np.concatenate(([0], np.flatnonzero(np.diff(hour)) + 1))
        self._requests = np.add.reduceat(invocations.astype(np.float64), self._hours)
        self._first = {
            window: np.unique(window.number(start_s)[self._hours], return_index=True)[1]
            for window in SloWindow
        }
        self._totals: OrderedDict[int, FloatArray] = OrderedDict()
        self._kept = max(1, _MEMORY // (16 * len(limits_s) * (invocations.size + 1)))

    def steady(self, counts: IntArray, minutes: IntArray) -> WindowSums:
        """Late requests of each hour if there were no backlog, which is the least there can be.

        ``counts`` and ``minutes`` are the instances of each stretch and its length, ``(K,)``.
        """
        ends = np.cumsum(minutes)
        cuts = np.unique(np.concatenate((self._hours, ends)))
        sizes = counts[np.searchsorted(ends, cuts[:-1], side="right")]
        late = np.empty((2 * len(self._inner_s), sizes.size))
        begins, ends_at = cuts[:-1], cuts[1:]
        order = np.argsort(sizes, kind="stable")
        different, first = np.unique(sizes[order], return_index=True)
        for size, here in zip(different.tolist(), np.split(order, first[1:]), strict=True):
            totals = self._of(size)
            until = totals.take(ends_at[here], axis=1)
            late[:, here] = until - totals.take(begins[here], axis=1)
        per_hour = np.add.reduceat(late, np.searchsorted(cuts, self._hours), axis=1)
        sure, doubtful = np.split(per_hour, 2)
        return WindowSums(sure=sure, doubtful=doubtful, requests=self._requests)

    def sums(self, steady: WindowSums, in_service: IntArray) -> WindowSums:
        """The same with what backlogs add; ``in_service`` per minute, shape ``(T,)``."""
        delayed = backlog_of(
            self._invocations, in_service, self._profile, self._terms, self._routing
        )
        if delayed.minute.size == 0:
            return steady
        sure, doubtful = steady.sure.copy(), steady.doubtful.copy()
        for size in np.unique(in_service[delayed.minute]).tolist():
            here = in_service[delayed.minute] == size
            self._replace(sure, doubtful, size, delayed, here)
        return WindowSums(sure=sure, doubtful=doubtful, requests=self._requests)

    def by(self, window: SloWindow, hours: WindowSums) -> WindowSums:
        """Sums of hours brought to days or the horizon."""
        return hours if window is SloWindow.HOUR else hours.grouped(self._first[window])

    def _replace(
        self,
        sure: FloatArray,
        doubtful: FloatArray,
        size: int,
        delayed: DelayedArrivals,
        here: np.ndarray[tuple[int], np.dtype[np.bool_]],
    ) -> None:
        """Take the steady late requests of delayed minutes out, and put in those of the backlog."""
        minute, delay_s = delayed.minute[here], delayed.delay_s[here]
        touched = np.unique(minute)
        hour = np.searchsorted(self._hours, touched, side="right") - 1
        totals, table = self._of(size), self._table(size)
        steady = totals[:, touched + 1] - totals[:, touched]
        utilisation = self._utilisation(self._invocations[minute], size)
        group = np.searchsorted(touched, minute)
        for number, inner_s in enumerate(self._inner_s):
            late = delayed.requests[here] * table.late_fraction_after(utilisation, delay_s, inner_s)
            behind = np.bincount(group, weights=late, minlength=touched.size)
            np.add.at(sure[number], hour, -steady[number])
            np.add.at(doubtful[number], hour, behind - steady[number + len(self._inner_s)])

    def _of(self, size: int) -> FloatArray:
        """Running totals of late requests with so many instances, shape ``(2 L, T + 1)``.

        First those of minutes that screening may decide, for each limit, then those of the others.
        """
        found = self._totals.get(size)
        if found is None:
            found = self._computed(size)
            self._totals[size] = found
            if len(self._totals) > self._kept:
                self._totals.popitem(last=False)
        self._totals.move_to_end(size)
        return found

    def _computed(self, size: int) -> FloatArray:
        table, utilisation = self._table(size), self._utilisation(self._invocations, size)
        weak = self._profile.weak(utilisation, self._invocations / size)
        totals = np.zeros((2 * len(self._inner_s), self._invocations.size + 1))
        for number, inner_s in enumerate(self._inner_s):
            late = self._invocations * table.late_fraction(utilisation, inner_s)
            if not self._profile.promises_in_overload:
                late = np.where(utilisation > self._profile.steady_below, self._invocations, late)
            np.cumsum(np.where(weak, 0.0, late), out=totals[number, 1:])
            np.cumsum(np.where(weak, late, 0.0), out=totals[number + len(self._inner_s), 1:])
        return totals

    def _table(self, size: int) -> ResponseTable:
        return self._profile.response_table(self._routing, size)

    def _utilisation(self, invocations: IntArray, size: int) -> FloatArray:
        share: FloatArray = invocations / size
        return share / per_minute(self._profile.max_rps)
