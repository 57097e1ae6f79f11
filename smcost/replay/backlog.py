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

from smcost.queueing.service import FloatArray
from smcost.replay.counts import IntArray

#: The growing or shrinking backlog is read in 4 to 16 parts of a minute, one for each 4 s by
#: which the delay changes: with always 4, p99 behind a minute at twice the capacity was 6 % low.
_MIN_PARTS, _MAX_PARTS = 4, 16
_PART_S = 4.0
_MINUTE_S = 60.0


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
    invocations: IntArray, in_service: IntArray, max_per_minute: float
) -> DelayedArrivals:
    """Fluid backlog per instance under RANDOM routing, over every overloaded stretch.

    Parameters
    ----------
    invocations, in_service
        Invocations and instances per minute, shape ``(T,)``. [count]
    max_per_minute
        Invocations per minute at which one instance is busy all the time. [min^-1]

    Notes
    -----
    A stretch begins with a minute in which the traffic exceeds the capacity of the instances in
    service and lasts until no instance has a backlog. Scale-in removes the newest instances,
    which have the smallest backlog. In a stretch every request is listed, also those that meet
    an instance without a backlog.
    """
    minutes: list[int] = []
    requests: list[float] = []
    delays_s: list[float] = []
    cohorts: list[_Cohort] = []
    clock = 0
    for first in np.flatnonzero(invocations > max_per_minute * in_service).tolist():
        if first < clock:
            continue
        clock, cohorts = first, []
        while clock < invocations.size and (clock == first or cohorts[0].backlog > 0):
            _resize(cohorts, int(in_service[clock]))
            share = float(invocations[clock]) / float(in_service[clock])
            parts = _parts(share, max_per_minute)
            for cohort in cohorts:
                minutes.extend([clock] * parts)
                requests.extend([cohort.size * share / parts] * parts)
                delays_s.extend(
                    met / max_per_minute * _MINUTE_S
                    for met in _minute(cohort, share, max_per_minute, parts)
                )
            _merge_idle(cohorts)
            clock += 1
    return DelayedArrivals(
        minute=np.array(minutes, dtype=np.int64),
        requests=np.array(requests),
        delay_s=np.array(delays_s),
    )


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
