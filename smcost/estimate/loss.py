"""What the loss of an instance or a zone does to latency at the worst moments of a trace.

The lost ones serve nothing from the beginning of a minute on, until replacements are in service;
what they had in flight has failed. The stretch is judged alone, so that no loss hides in a quiet
day.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from smcost.availability import Loss
from smcost.capacity import Routing
from smcost.estimate.lost_stretch import NOBODY, LostStretch, lost_stretch, worst_moments
from smcost.estimate.stretch import (
    Service,
    StretchLatency,
    StretchMethod,
    can_simulate,
    required,
    screened_loads,
    stretch_latency,
    stretch_loads,
)
from smcost.queueing.service import FloatArray
from smcost.replay.counts import Delays, IntArray
from smcost.replay.in_flight import TICK_S, Occupancy, occupancy
from smcost.replay.late_requests import LateRequests
from smcost.replay.verdict import AT_BEST
from smcost.scaling import HIGH_MINUTES
from smcost.traffic.minutes import MinuteCounts
from smcost.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE, per_minute

#: Whether so many requests on so many instances per minute may be simulated.
Afford = Callable[[IntArray, IntArray], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentOfLoss:
    """A loss at one minute of the trace, and what comes of it.

    Attributes
    ----------
    start_s
        When it happens, UTC. [epoch s]
    minutes
        Length of the stretch that is judged: an hour, or until help ordered after the replacement
        would have come. [min]
    count_before, lost
        In service when it happens, and how many of them are lost. [instances]
    utilisation
        Highest of those left before the replacement; ``inf`` where none is left. [fraction]
    turned_away, cut_off
        Requests that reached no instance, and that were in flight on the lost ones. [count]
    minutes_over, minutes_over_without
        Minutes of the stretch over a limit if taken alone; ``None`` without an SLO. [min]
    latency, latency_without
        Of the stretch with the loss, and as replayed without.
    method
        Whether its requests were simulated or looked up in tables.
    """

    start_s: int
    minutes: int
    count_before: int
    lost: int
    utilisation: float
    turned_away: int
    cut_off: float
    minutes_over: int | None
    minutes_over_without: int | None
    latency: StretchLatency
    latency_without: StretchLatency
    method: StretchMethod

    @property
    def count_left(self) -> int:
        """How many serve until the replacement. [instances]"""
        return self.count_before - self.lost


class LossJudge:
    """Judges any replay of one traffic and capacity by what one loss does to it.

    Parameters
    ----------
    minutes, delays
        The traffic; start-up, and reaction of the autoscaler.
    routing, service
        How requests find an instance, and what answers.
    loss
        What is lost, and for how long.
    at_best
        How many of the late requests that screening finds in weak minutes are taken as real.
    """

    def __init__(
        self,
        minutes: MinuteCounts,
        delays: Delays,
        routing: Routing,
        service: Service,
        loss: Loss,
        at_best: float = AT_BEST,
    ) -> None:
        self._minutes, self._routing, self._service = minutes, routing, service
        self._loss, self._at_best = loss, at_best
        lasts_s = loss.replaced_after_s(delays.startup_s)
        help_s = HIGH_MINUTES * SECONDS_PER_MINUTE + delays.reaction_s + delays.startup_s
        #: Minutes that the replacement does not serve whole, and minutes judged.
        self._lasts = math.ceil(lasts_s / SECONDS_PER_MINUTE)
        self._length = math.ceil(max(lasts_s + help_s, SECONDS_PER_HOUR) / SECONDS_PER_MINUTE)
        self._tables: dict[int, Occupancy] = {}
        self._known: dict[tuple[int, int, bytes, bytes, bytes], bool] = {}

    def moments(self, in_service: IntArray, *, screened: bool = False) -> tuple[MomentOfLoss, ...]:
        """The worst moments of a replay, worst first; ``in_service`` per minute, ``(T,)``.

        ``screened``: by tables, also what could be simulated.
        """
        return tuple(
            self._moment(first, in_service, screened=screened) for first in self._worst(in_service)
        )

    def survives(self, in_service: IntArray, afford: Afford | None = None) -> bool:
        """Whether the SLO holds in the stretch of each of the worst moments.

        ``afford`` says, and counts, what may be simulated; the rest is screened.
        """
        for first in self._worst(in_service):
            stretch = self._stretch(first, in_service)
            if stretch.key not in self._known:
                self._known[stretch.key] = self._holds(stretch, first, afford)
            if not self._known[stretch.key]:
                return False
        return True

    def _worst(self, in_service: IntArray) -> tuple[int, ...]:
        most = per_minute(self._service.profile.max_rps)
        counts = self._minutes.invocations
        return worst_moments(counts, in_service, self._loss, self._lasts, most, self._lateness)

    def _lateness(self, utilisation: FloatArray) -> FloatArray:
        """Late requests at a load, as a part of those that may be; without an SLO the load."""
        slo, terms = self._service.slo, self._service.terms
        if slo is None:
            return utilisation
        table = self._service.profile.response_table()
        known = np.minimum(utilisation, table.utilisation[-1])
        parts = [
            np.where(
                utilisation > 1,
                1.0,
                table.late_fraction(known, min(limit_s - terms.overhead_s, terms.timeout_s)),
            )
            / share
            for _, limit_s, share in required(slo)
        ]
        return np.asarray(np.max(parts, axis=0), dtype=np.float64)

    def _stretch(self, first: int, in_service: IntArray) -> LostStretch:
        counts = self._minutes.invocations
        return lost_stretch(counts, in_service, first, self._loss, self._lasts, self._length)

    def _cut_off(self, stretch: LostStretch, first: int) -> float:
        """In flight on the lost ones, by Little's law; bounded by the timeout. [requests]"""
        count = int(stretch.before[first - stretch.begin])
        power = count.bit_length()
        if power not in self._tables:
            self._tables[power] = occupancy(self._service.profile, self._routing, count)
        per_second = int(self._minutes.invocations[first]) / SECONDS_PER_MINUTE / count
        most = per_second * self._service.terms.timeout_s
        held = self._tables[power].steady(TICK_S * per_second, count)
        return self._loss.lost(count) * min(held, most)

    def _holds(self, stretch: LostStretch, first: int, afford: Afford | None) -> bool:
        minutes = stretch.served(self._minutes)
        after = np.maximum(stretch.after, 1)
        cut_off = self._cut_off(stretch, first)
        screened = screened_loads(minutes, after, stretch.window, self._routing, self._service)
        if self._hopeless(screened, stretch, cut_off):
            return False
        load: LateRequests = screened
        able = can_simulate(minutes, self._service.profile)
        if able and (afford is None or afford(minutes.invocations, after)):
            load, _ = stretch_loads(minutes, after, stretch.window, self._routing, self._service)
        return not self._latency(load, stretch, cut_off).breaks

    def _hopeless(self, screened: LateRequests, stretch: LostStretch, cut_off: float) -> bool:
        """Whether the SLO is broken even if few of the late requests of weak minutes are real."""
        assert self._service.slo is not None
        judged = screened.window == screened.windows - 1
        real = np.where(screened.weak, self._at_best, 1.0) * judged
        failed = stretch.turned_away_judged + cut_off
        total = float(screened.requests[judged].sum()) + stretch.turned_away_judged
        return any(
            float((real * screened.late_per_minute(limit_s)).sum()) + failed > share * total
            for _, limit_s, share in required(self._service.slo)
        )

    def _latency(self, load: LateRequests, stretch: LostStretch, cut_off: float) -> StretchLatency:
        turned_away = stretch.turned_away_judged
        return stretch_latency(load, self._service, turned_away=turned_away, cut_off=cut_off)

    def _moment(self, first: int, in_service: IntArray, *, screened: bool) -> MomentOfLoss:
        stretch = self._stretch(first, in_service)
        whole, served = stretch.whole(self._minutes), stretch.served(self._minutes)
        how = stretch.window, self._routing, self._service
        after = np.maximum(stretch.after, 1)
        load, method = stretch_loads(served, after, *how, affordable=not screened)
        same, _ = stretch_loads(whole, stretch.before, *how, affordable=not screened)
        cut_off = self._cut_off(stretch, first)
        count = int(in_service[first])
        return MomentOfLoss(
            start_s=int(self._minutes.start_s[first]),
            minutes=stretch.end - stretch.judged,
            count_before=count,
            lost=self._loss.lost(count),
            utilisation=self._utilisation(whole.invocations, stretch),
            turned_away=stretch.turned_away_judged,
            cut_off=cut_off,
            minutes_over=self._minutes_over(load, stretch.turned_away),
            minutes_over_without=self._minutes_over(same, np.zeros_like(stretch.turned_away)),
            latency=self._latency(load, stretch, cut_off),
            latency_without=stretch_latency(same, self._service),
            method=method,
        )

    def _utilisation(self, counts: IntArray, stretch: LostStretch) -> float:
        """Highest of those left before the replacement; ``inf`` where nobody is left."""
        came, able = counts[stretch.gone], stretch.after[stretch.gone]
        if np.any((able == 0) & (came > 0)):
            return math.inf
        busy = came / per_minute(self._service.profile.max_rps) / np.maximum(able, NOBODY)
        return float(busy.max())

    def _minutes_over(self, load: LateRequests, turned_away: IntArray) -> int | None:
        """Minutes over a limit if taken alone, those that nobody answers among them."""
        slo = self._service.slo
        if slo is None:
            return None
        over = np.zeros(load.requests.size, dtype=bool)
        for _, limit_s, share in required(slo)[:-1]:
            late = load.late_per_minute(limit_s) + turned_away
            over |= late > share * (load.requests + turned_away)
        return int(over[load.window == load.windows - 1].sum())
