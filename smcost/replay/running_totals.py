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
#: A fleet of more sizes is judged minute by minute.
_MANY_SIZES = 64


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
        if different.size > min(_MANY_SIZES, self._kept):
            return self._steady_by_minute(np.repeat(counts, minutes))
        for size, here in zip(different.tolist(), np.split(order, first[1:]), strict=True):
            totals = self._of(size)
            until = totals.take(ends_at[here], axis=1)
            late[:, here] = until - totals.take(begins[here], axis=1)
        per_hour = np.add.reduceat(late, np.searchsorted(cuts, self._hours), axis=1)
        sure, doubtful = np.split(per_hour, 2)
        return WindowSums(sure=sure, doubtful=doubtful, requests=self._requests)

    def _steady_by_minute(self, in_service: IntArray) -> WindowSums:
        """The same minute by minute, for a fleet of more sizes than are worth running totals."""
        late = np.empty((2 * len(self._inner_s), in_service.size))
        alike = np.ones_like(in_service) if self._routing is Routing.RANDOM else in_service
        for size in np.unique(alike).tolist():
            here = np.flatnonzero(alike == size)
            late[:, here] = self._late(here, in_service[here], self._table(size))
        sure, doubtful = np.split(np.add.reduceat(late, self._hours, axis=1), 2)
        return WindowSums(sure=sure, doubtful=doubtful, requests=self._requests)

    def sums(self, steady: WindowSums, in_service: IntArray) -> WindowSums:
        """The same with what backlogs add; ``in_service`` per minute, shape ``(T,)``."""
        delayed = backlog_of(
            self._invocations, in_service, self._profile, self._terms, self._routing
        )
        if delayed.minute.size == 0:
            return steady
        sure, doubtful = steady.sure, steady.doubtful.copy()
        for size in np.unique(in_service[delayed.minute]).tolist():
            here = in_service[delayed.minute] == size
            self._add_backlog(doubtful, size, delayed, here)
        return WindowSums(sure=sure, doubtful=doubtful, requests=self._requests)

    def by(self, window: SloWindow, hours: WindowSums) -> WindowSums:
        """Sums of hours brought to days or the horizon."""
        return hours if window is SloWindow.HOUR else hours.grouped(self._first[window])

    def _add_backlog(
        self,
        doubtful: FloatArray,
        size: int,
        delayed: DelayedArrivals,
        here: np.ndarray[tuple[int], np.dtype[np.bool_]],
    ) -> None:
        """Add the late requests that only the backlog of delayed minutes makes late."""
        minute, delay_s = delayed.minute[here], delayed.delay_s[here]
        touched = np.unique(minute)
        hour = np.searchsorted(self._hours, touched, side="right") - 1
        table = self._table(size)
        steady = self._late(touched, np.full(touched.size, size), table)
        utilisation = self._utilisation(minute, size)
        group = np.searchsorted(touched, minute)
        for number, inner_s in enumerate(self._inner_s):
            late = delayed.requests[here] * table.late_fraction_after(utilisation, delay_s, inner_s)
            behind = np.bincount(group, weights=late, minlength=touched.size)
            # What is late without the backlog stays as sure as it was.
            more = behind - steady[number] - steady[number + len(self._inner_s)]
            np.add.at(doubtful[number], hour, more)

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
        every = np.arange(self._invocations.size)
        totals = np.zeros((2 * len(self._inner_s), every.size + 1))
        late = self._late(every, np.full(every.size, size), self._table(size))
        np.cumsum(late, axis=1, out=totals[:, 1:])
        return totals

    def _late(self, minute: IntArray, in_service: IntArray, table: ResponseTable) -> FloatArray:
        """Late requests of some minutes without a backlog, shape ``(2 L, K)``.

        First those of minutes that screening may decide, for each limit, then those of the others.
        """
        requests, utilisation = self._invocations[minute], self._utilisation(minute, in_service)
        weak = self._profile.weak(utilisation, requests / in_service)
        found = np.empty((2 * len(self._inner_s), minute.size))
        for number, inner_s in enumerate(self._inner_s):
            late = requests * table.late_fraction(utilisation, inner_s)
            if not self._profile.promises_in_overload:
                late = np.where(utilisation > self._profile.steady_below, requests, late)
            found[number] = np.where(weak, 0.0, late)
            found[number + len(self._inner_s)] = np.where(weak, late, 0.0)
        return found

    def _table(self, size: int) -> ResponseTable:
        return self._profile.response_table(self._routing, size)

    def _utilisation(self, minute: IntArray, in_service: IntArray | int) -> FloatArray:
        share: FloatArray = self._invocations[minute] / in_service
        return share / per_minute(self._profile.max_rps)
