"""Requests that arrive behind a backlog, and how long it keeps them waiting.

Queues sit inside containers and a new instance cannot take them over, so the backlog is kept per
instance. Under RANDOM every instance gets the same share of the traffic: those that were there
during the overload keep their queue, and drain it at their capacity minus that share, long after
help has come for everybody else.
"""

from dataclasses import dataclass

import numpy as np

from smcost.queueing.service import FloatArray
from smcost.replay.counts import IntArray

#: Points within a minute at which the growing or shrinking backlog is read.
_PARTS = 4
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
            for cohort in cohorts:
                for delay in _minute(cohort, share, max_per_minute):
                    minutes.append(clock)
                    requests.append(cohort.size * share / _PARTS)
                    delays_s.append(delay / max_per_minute * _MINUTE_S)
            _merge_idle(cohorts)
            clock += 1
    return DelayedArrivals(
        minute=np.array(minutes, dtype=np.int64),
        requests=np.array(requests),
        delay_s=np.array(delays_s),
    )


def _minute(cohort: _Cohort, arriving: float, capacity: float) -> list[float]:
    """Backlog met in each part of the minute; moves the cohort's backlog on. [requests]"""
    growth = (arriving - capacity) / _PARTS
    met = []
    for _ in range(_PARTS):
        after = max(0.0, cohort.backlog + growth)
        met.append((cohort.backlog + after) / 2)
        cohort.backlog = after
    return met


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
