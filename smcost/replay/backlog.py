"""Requests that arrive behind a backlog, and how long it keeps them waiting.

Queues sit inside containers and a new instance cannot take them over, so the backlog is kept per
instance. Under RANDOM every instance gets the same share of the traffic: those that were there
during the overload keep their queue, and drain it at their capacity minus that share, long after
help has come for everybody else.
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smcost.capacity import Routing
from smcost.queueing.exact.compiled import kernels
from smcost.queueing.service import FloatArray
from smcost.replay.counts import IntArray

#: The growing or shrinking backlog is read in 4 to 16 parts of a minute, one for each 4 s by
#: which the delay changes: with always 4, p99 behind a minute at twice the capacity was 6 % low.
_MIN_PARTS, _MAX_PARTS = 4, 16
_PART_S = 4.0
_MINUTE_S = 60.0
#: What rounding may leave of a backlog, as a share of a minute's capacity.
_RESIDUE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayedArrivals:
    """Groups of requests that meet a backlog; all arrays of shape ``(K,)``.

    Attributes
    ----------
    minute
        Index of the minute they arrive in.
    requests
        Requests in the group. [count]
    delay_s
        Time the backlog found on arrival takes to clear; 0 for an instance without one. [s]
    """

    minute: IntArray
    requests: FloatArray
    delay_s: FloatArray


@dataclass(slots=True)
class _Cohort:
    """Instances that came into service together, and the backlog of each. [requests]"""

    size: int
    backlog: float


def delayed_arrivals(
    invocations: IntArray,
    in_service: IntArray,
    max_per_minute: float,
    routing: Routing = Routing.RANDOM,
    gives_up_s: float = math.inf,
) -> DelayedArrivals:
    """Fluid backlog per instance, over every overloaded stretch.

    Parameters
    ----------
    invocations, in_service
        Invocations and instances per minute, shape ``(T,)``. [count]
    max_per_minute
        Invocations per minute at which one instance is busy all the time. [min^-1]
    routing
        RANDOM gives every instance the same share; least-outstanding routing fills up those with
        the smallest backlog, so that the others drain at their full capacity.
    gives_up_s
        Requests that have waited so long are not worked on: no backlog grows beyond. [s]

    Notes
    -----
    A stretch begins with a minute in which the traffic exceeds the capacity of the instances in
    service and lasts until no instance has a backlog. Scale-in removes the newest instances,
    which have the smallest backlog. In a stretch every request is listed, also those that meet
    an instance without a backlog.
    """
    largest = gives_up_s / _MINUTE_S * max_per_minute
    kernel = kernels()
    if kernel is None or routing is not Routing.RANDOM or invocations.dtype != np.int64:
        return _in_python(invocations, in_service, max_per_minute, routing, largest)
    counts = np.ascontiguousarray(invocations), np.ascontiguousarray(in_service, dtype=np.int64)
    found = np.frombuffer(kernel.backlog_spread(*counts, max_per_minute, largest)).reshape(-1, 3)
    minute, requests, delay_s = found.T
    return DelayedArrivals(minute=minute.astype(np.int64), requests=requests, delay_s=delay_s)


def _in_python(
    invocations: IntArray,
    in_service: IntArray,
    max_per_minute: float,
    routing: Routing,
    largest: float,
) -> DelayedArrivals:
    """The minutes one by one: for RANDOM the specification of ``kernels/backlog.h``."""
    minutes: list[int] = []
    requests: list[float] = []
    delays_s: list[float] = []
    advance = _spread if routing is Routing.RANDOM else _filled
    cohorts: list[_Cohort] = []
    clock = 0
    for first in np.flatnonzero(invocations > max_per_minute * in_service).tolist():
        if first < clock:
            continue
        clock, cohorts = first, []
        while clock < invocations.size and (clock == first or cohorts[0].backlog > 0):
            _resize(cohorts, int(in_service[clock]))
            share = float(invocations[clock]) / float(in_service[clock])
            met = advance(cohorts, share, max_per_minute, _parts(share, max_per_minute))
            minutes.extend([clock] * len(met))
            requests.extend(count for count, _ in met)
            delays_s.extend(
                min(backlog, largest) / max_per_minute * _MINUTE_S for _, backlog in met
            )
            for cohort in cohorts:
                cohort.backlog = min(cohort.backlog, largest)
            _merge_idle(cohorts)
            clock += 1
    return DelayedArrivals(
        minute=np.array(minutes, dtype=np.int64),
        requests=np.array(requests),
        delay_s=np.array(delays_s),
    )


def lost_in_overload(delayed: DelayedArrivals, overloaded: NDArray[np.bool_]) -> DelayedArrivals:
    """Requests of overloaded minutes wait for ever, where nothing is known of overload.

    ``overloaded`` marks the minutes, shape ``(T,)``.
    """
    delays_s = np.where(overloaded[delayed.minute], np.inf, delayed.delay_s)
    return DelayedArrivals(minute=delayed.minute, requests=delayed.requests, delay_s=delays_s)


def _spread(
    cohorts: list[_Cohort], share: float, capacity: float, parts: int
) -> list[tuple[float, float]]:
    """One minute of RANDOM: (requests, backlog met) of each cohort and part."""
    return [
        (cohort.size * share / parts, met)
        for cohort in cohorts
        for met in _minute(cohort, share, capacity, parts)
    ]


def _filled(
    cohorts: list[_Cohort], share: float, capacity: float, parts: int
) -> list[tuple[float, float]]:
    """One minute of least-outstanding routing: (requests, backlog met) of each part.

    In each part the arrivals fill the smallest backlogs up to a common level, while every
    instance works off a part of its capacity; they meet the level half-way.
    """
    size = sum(cohort.size for cohort in cohorts)
    arriving, worked_off = size * share / parts, capacity / parts
    found = []
    for _ in range(parts):
        lowest = min(cohort.backlog for cohort in cohorts)
        level = _level(cohorts, arriving)
        for cohort in cohorts:
            after = max(cohort.backlog, level) - worked_off
            cohort.backlog = after if after > _RESIDUE * capacity else 0.0
        found.append((arriving, (lowest + max(0.0, level - worked_off)) / 2))
    return found


def _level(cohorts: list[_Cohort], arriving: float) -> float:
    """Backlog up to which the arrivals fill the smallest ones."""
    ordered = sorted(cohorts, key=lambda cohort: cohort.backlog)
    held, size = 0.0, 0
    for number, cohort in enumerate(ordered):
        held += cohort.size * cohort.backlog
        size += cohort.size
        level = (held + arriving) / size
        if number + 1 == len(ordered) or level <= ordered[number + 1].backlog:
            return level
    return 0.0


def _parts(arriving: float, capacity: float) -> int:
    change_s = abs(arriving / capacity - 1) * _MINUTE_S
    return max(_MIN_PARTS, min(_MAX_PARTS, math.ceil(change_s / _PART_S)))


def _minute(cohort: _Cohort, arriving: float, capacity: float, parts: int) -> list[float]:
    """Backlog met in each part of the minute; moves the cohort's backlog on. [requests]"""
    # From the start of the minute each time: a sum of steps would leave a rounding residue, and
    # with it a stretch that does not end.
    owed = [
        max(0.0, cohort.backlog + (arriving - capacity) * (part / parts))
        for part in range(parts + 1)
    ]
    cohort.backlog = owed[-1]
    return [(before + after) / 2 for before, after in itertools.pairwise(owed)]


def _resize(cohorts: list[_Cohort], size: int) -> None:
    """Newest leave first; whoever joins starts empty. Oldest, most backlogged, come first."""
    excess = sum(cohort.size for cohort in cohorts) - size
    if excess < 0:
        cohorts.append(_Cohort(size=-excess, backlog=0.0))
    while excess > 0:
        leaving = min(excess, cohorts[-1].size)
        cohorts[-1].size -= leaving
        excess -= leaving
        if cohorts[-1].size == 0:
            cohorts.pop()


def _merge_idle(cohorts: list[_Cohort]) -> None:
    while len(cohorts) > 1 and cohorts[-1].backlog == cohorts[-2].backlog == 0:
        cohorts[-2].size += cohorts.pop().size
