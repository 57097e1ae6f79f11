"""Steps nobody observed, and zeros that are more likely an outage than idleness."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smcost.remarks import Caveat, WarningCode
from smcost.traffic.trace import Trace
from smcost.units import SECONDS_PER_DAY, SECONDS_PER_HOUR

#: A Poisson stream that expects 20 arrivals has none with probability exp(-20) = 2e-9.
_SURELY_SOME = 20.0
_NEIGHBOURS = 15
#: Another day counts as busy from this share of the rate beside the run: nights begin and end
#: at slightly different times, so a recurring one overlaps busy minutes of other days.
_BUSY_SHARE = 0.25
#: Traffic that falls silent this often for comparable times comes in bursts; Poisson does not hold.
_FREQUENT_PER_DAY = 2
_FREQUENT_AT_LEAST = 3
#: With no other day to ask, a longer run is taken for a night or a weekend.
_LONGEST_UNCOMPARED_S = 4 * SECONDS_PER_HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A stretch of steps; ``start_s`` inclusive, ``end_s`` exclusive. [s since 1970, count]"""

    start_s: int
    end_s: int
    steps: int


def gaps(trace: Trace) -> tuple[Interval, ...]:
    """Stretches of absent steps, in the order of time."""
    return _intervals(trace, ~trace.present)


def suspected_outages(trace: Trace) -> tuple[Interval, ...]:
    """Stretches of zeros that neither chance nor habit explains, in the order of time."""
    return _intervals(trace, outage_mask(trace))


def gap_caveats(trace: Trace) -> list[Caveat]:
    """Say how much of the trace is absent and how much looks like an outage."""
    caveats = []
    for code, what, found in (
        (WarningCode.TRAFFIC_GAPS, "absent from the trace", gaps(trace)),
        (WarningCode.SUSPECTED_OUTAGE, "zero between busy neighbours", suspected_outages(trace)),
    ):
        if found:
            longest = max(interval.steps for interval in found)
            steps = sum(interval.steps for interval in found)
            where = "in one stretch"
            if len(found) > 1:
                where = f"in {len(found)} stretches, the longest of {longest}"
            message = (
                f"{steps} steps of {trace.step_s} s are {what}, {where} "
                "(--gaps exclude leaves them out, zero counts them as 0)"
            )
            caveats.append(Caveat(code=code, message=message))
    return caveats


def outage_mask(trace: Trace) -> NDArray[np.bool_]:
    """Mark the steps of suspected outages, ``(T,)``.

    A run of zeros is suspected when all of this holds.

    *Chance cannot explain it*: run length x the lower of the mean counts of the 15 observed steps
    before and after is at least 20 invocations. A run at either end of the trace has no neighbour
    on one side and is never suspected.

    *It is rare*: fewer than three other runs, or two a day, are at least a third as long.
    More often, the traffic comes in bursts.

    *It is no habit*: the same stretch, moved by whole days to days of the same kind (Monday to
    Friday, or weekend, in UTC), was busy in most of the time that can be compared. Without
    any such day a run of up to 4 hours is suspected, a longer one taken for a night or a weekend.
    """
    observed = np.flatnonzero(trace.present)
    starts, ends = _runs(trace.invocations[observed] == 0)
    inside = (starts > 0) & (ends < observed.size)
    starts, ends = starts[inside], ends[inside]
    level = _level_beside(trace.invocations[observed], starts, ends)
    unlikely = (ends - starts) * level >= _SURELY_SOME
    chosen = np.flatnonzero(unlikely & ~_frequent(ends - starts, trace.observed_s))
    days = _OtherDays(trace)
    mask = np.zeros(trace.steps, dtype=np.bool_)
    for run in chosen:
        steps = observed[starts[run] : ends[run]]
        if not days.idle_too(int(steps[0]), int(steps[-1]) + 1, float(level[run])):
            mask[steps] = True
    return mask


def _runs(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Starts (inclusive) and ends (exclusive) of the stretches where the mask holds."""
    edges = np.diff(mask.astype(np.int8), prepend=np.int8(0), append=np.int8(0))
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)


def _intervals(trace: Trace, mask: NDArray[np.bool_]) -> tuple[Interval, ...]:
    starts, ends = _runs(mask)
    return tuple(
        Interval(
            start_s=trace.start_s + int(start) * trace.step_s,
            end_s=trace.start_s + int(end) * trace.step_s,
            steps=int(end - start),
        )
        for start, end in zip(starts, ends, strict=True)
    )


def _running(values: NDArray[np.int64] | NDArray[np.bool_]) -> NDArray[np.int64]:
    """Running total with a leading 0: the sum over ``[a, b)`` is ``r[b] - r[a]``."""
    return np.concatenate(([0], np.cumsum(values, dtype=np.int64)))


def _level_beside(
    counts: NDArray[np.int64], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Lower of the mean counts just before and just after each run. [count per step]"""
    running = _running(counts)
    low = np.maximum(starts - _NEIGHBOURS, 0)
    high = np.minimum(ends + _NEIGHBOURS, counts.size)
    before = (running[starts] - running[low]) / (starts - low)
    after = (running[high] - running[ends]) / (high - ends)
    return np.minimum(before, after)


def _frequent(lengths: NDArray[np.int64], observed_s: int) -> NDArray[np.bool_]:
    """Whether runs at least a third as long are everyday, for each run of zeros."""
    shortest = np.searchsorted(np.sort(lengths), lengths / 3)
    others = lengths.size - shortest - 1
    limit = max(_FREQUENT_AT_LEAST, _FREQUENT_PER_DAY * observed_s / SECONDS_PER_DAY)
    return np.asarray(others >= limit, dtype=np.bool_)


class _OtherDays:
    """What the trace did at the same time on other days of the same kind."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._counts = _running(trace.invocations)
        self._observed = _running(trace.present)
        days = -(-trace.steps * trace.step_s // SECONDS_PER_DAY)
        self._shifts = np.concatenate((np.arange(-days, 0), np.arange(1, days + 1)))

    def idle_too(self, start: int, end: int, level: float) -> bool:
        """Whether a run of zeros over steps ``[start, end)`` is a habit.

        Parameters
        ----------
        level
            Mean count beside the run. [count per step]
        """
        shifts = self._shifts[self._same_kind(start, end)]
        moved = np.rint(shifts * (SECONDS_PER_DAY / self._trace.step_s)).astype(np.int64)
        low = np.clip(start + moved, 0, self._trace.steps)
        high = np.clip(end + moved, 0, self._trace.steps)
        # A run longer than a day, moved by a day, meets itself: that part proves nothing.
        own_low, own_high = np.maximum(low, start), np.minimum(high, end)
        own = np.where(own_high > own_low, self._observed[own_high] - self._observed[own_low], 0)
        compared = self._observed[high] - self._observed[low] - own
        if not compared.any():
            return (end - start) * self._trace.step_s > _LONGEST_UNCOMPARED_S
        busy = self._counts[high] - self._counts[low] >= _BUSY_SHARE * level * compared
        return bool(2 * compared[busy].sum() <= compared.sum())

    def _same_kind(self, start: int, end: int) -> NDArray[np.bool_]:
        """Shifts that keep weekdays on weekdays and weekends on weekends."""
        trace = self._trace
        first = (trace.start_s + start * trace.step_s) // SECONDS_PER_DAY
        last = (trace.start_s + (end - 1) * trace.step_s) // SECONDS_PER_DAY
        touched = np.arange(first, min(last, first + 6) + 1)
        moved = touched[:, np.newaxis] + self._shifts
        same = is_weekend(moved) == is_weekend(touched)[:, np.newaxis]
        return np.asarray(same.all(axis=0), dtype=np.bool_)


def is_weekend(days: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether days since 1970-01-01, a Thursday, fall on Saturday or Sunday.

    >>> is_weekend(np.array([0, 1, 2, 3, 4])).tolist()
    [False, False, True, True, False]
    """
    weekend: NDArray[np.bool_] = np.asarray((days + 3) % 7 >= 5)
    return weekend
