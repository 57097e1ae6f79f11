"""Exact replay of every request of a trace through a fleet that changes by the minute."""

import math
from dataclasses import dataclass

import numpy as np

from smcost.errors import UsageError
from smcost.queueing.exact.burstiness import check_burstiness
from smcost.queueing.exact.compiled import CountArray, IntArray, compiled
from smcost.queueing.exact.parts import replay_parts
from smcost.queueing.exact.stations import Station
from smcost.queueing.exact.stretch import Stretch
from smcost.queueing.service import FloatArray
from smcost.units import SECONDS_PER_MINUTE

#: Waiting requests of a fleet at the end of a minute beyond which it counts as saturated: 128 MB.
MOST_WAITING = 16 * 2**20
#: Requests of one minute beyond which its buffers, 56 bytes a request, would take too much memory.
MOST_PER_MINUTE = 4_000_000
#: Minutes up to which times keep 1e-8 s: 19 years.
_LAST_MINUTE = 10**7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExactCounts:
    """What became of the requests.

    Attributes
    ----------
    late
        Requests of each minute whose response exceeds each limit, shape ``(T, L)``. [count]
    histogram
        Requests of each window per bin of :mod:`.histogram`, shape ``(W, BINS)``. [count]
    sections
        The same for each section, shape ``(S, BINS)``. [count]
    saturated
        More requests waited than are kept: from the next minute on every request counts as late
        and stands in the last bin.
    """

    late: IntArray
    histogram: CountArray
    sections: CountArray
    saturated: bool


def exact_replay(
    *,
    counts: IntArray,
    in_service: IntArray,
    station: Station,
    least_outstanding: bool,
    seed: int,
    limits_s: FloatArray,
    timeout_s: float,
    drop_timed_out: bool,
    window: IntArray,
    section: IntArray,
    first_minute: int = 0,
    record_from: int = 0,
    burstiness: float = 1.0,
    offsets_s: FloatArray | None = None,
    threads: int = 1,
    most_waiting: int = MOST_WAITING,
) -> ExactCounts:
    """Replay every request of the minutes.

    Parameters
    ----------
    counts, in_service
        Requests, and instances in service (>= 1), of each minute, shape ``(T,)``. [count]
    station
        What an instance is.
    least_outstanding
        To the instance with the fewest requests not yet answered, the lowest number on ties;
        else to one drawn at random.
    seed
        Of the random numbers; the same seed gives the same digits everywhere.
    limits_s
        Beyond which a response is late, shape ``(L,)``. [s]
    timeout_s, drop_timed_out
        Whether, and how long after its arrival, work on a request ends. Its response counts as
        if it had not ended. [s]
    window, section
        Row of each minute in ``histogram`` and ``sections``, >= 0, shape ``(T,)``.
    first_minute
        Number of the first minute in the random numbers: a stretch replayed alone sees the
        arrivals that it has within the whole.
    record_from
        Minutes before this index warm up and are not counted.
    burstiness
        Index of dispersion of the requests per second; 1: Poisson given the counts. Without
        meaning where times are given.
    offsets_s
        Times of all requests within their minutes, in order, shape ``(n,)``. [s]
    threads
        On which to compute; without compiled kernels it is one.
    most_waiting
        Waiting requests beyond which the fleet is given up as saturated. [count]
    """
    check_burstiness(burstiness)
    horizon = Stretch(
        counts=np.ascontiguousarray(counts, dtype=np.int64),
        in_service=np.ascontiguousarray(in_service, dtype=np.int64),
        window=np.where(np.arange(window.size) < record_from, -1, window).astype(np.int64),
        section=np.ascontiguousarray(section, dtype=np.int64),
        first_minute=first_minute,
        offsets_s=None if offsets_s is None else np.ascontiguousarray(offsets_s, dtype=np.float64),
        limits_s=np.ascontiguousarray(limits_s, dtype=np.float64),
        station=station,
        least_outstanding=least_outstanding,
        seed=seed % 2**64,
        burstiness=burstiness,
        timeout_s=timeout_s if drop_timed_out else math.inf,
        most_waiting=most_waiting,
    )
    _check(horizon)
    tally, saturated = replay_parts(horizon, max(1, threads) if compiled() else 1)
    return ExactCounts(
        late=tally.late,
        histogram=tally.histogram,
        sections=tally.sections,
        saturated=saturated,
    )


def _check(horizon: Stretch) -> None:
    shape = horizon.counts.shape
    if not shape == horizon.in_service.shape == horizon.window.shape == horizon.section.shape:
        raise UsageError(
            "Counts, instances, windows and sections differ in length", remedy="Give one a minute"
        )
    if horizon.counts.size == 0 or horizon.counts.min() < 0 or horizon.in_service.min() < 1:
        raise UsageError(
            "There is a minute with fewer than no requests or without an instance, or none at all",
            remedy="Give counts of 0 or more and at least one instance in every minute",
        )
    if horizon.counts.max() > MOST_PER_MINUTE:
        raise UsageError(
            f"A minute of {horizon.counts.max():,} requests is too much to replay one by one",
            remedy=f"Scale the traffic down to at most {MOST_PER_MINUTE:,} a minute, or screen it",
        )
    if not 0 <= horizon.first_minute <= _LAST_MINUTE or horizon.section.min() < 0:
        raise UsageError(
            f"A first minute of {horizon.first_minute} or a section is out of range",
            remedy=f"Number sections from 0 and minutes from 0 to {_LAST_MINUTE}",
        )
    _check_offsets(horizon.counts, horizon.offsets_s)


def _check_offsets(counts: IntArray, offsets_s: FloatArray | None) -> None:
    if offsets_s is None:
        return
    inside = np.all((offsets_s >= 0) & (offsets_s <= SECONDS_PER_MINUTE))
    total = np.repeat(np.arange(counts.size), counts) if offsets_s.size == counts.sum() else None
    if total is None or not inside or np.any((np.diff(offsets_s) < 0) & (np.diff(total) == 0)):
        raise UsageError(
            "The times within the minutes do not fit the counts",
            remedy="Give one of 0 to 60 s for each request, in order",
        )
