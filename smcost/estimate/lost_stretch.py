"""The minutes around the loss of instances: who serves, who is turned away, and where it is worst.

What the autoscaler wants meanwhile is ceil(invocations / target), however many serve, so that the
replayed counts go on, less those lost. That fewer instances see a higher metric, so that the alarm
fires no later than replayed, is left out: it could only help.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from smcost.availability import Loss
from smcost.estimate.stretch import WARM_UP, cut
from smcost.queueing.service import FloatArray
from smcost.replay.counts import IntArray
from smcost.traffic.minutes import MinuteCounts
from smcost.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

#: Nobody serves: any request is beyond any capacity, and more of them are worse.
NOBODY = 1e-9
_HOUR = SECONDS_PER_HOUR // SECONDS_PER_MINUTE

#: From utilisations to how much a request counts at each, shape ``(T,)``.
Lateness = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LostStretch:
    """Minutes around a loss.

    Attributes
    ----------
    begin, judged, end
        Indices of the trace: its first minute, the first that is judged, the one after its last.
    gone
        The minutes of the stretch in which the lost ones are missing.
    before, after
        Instances in service per minute, as replayed and with the loss, shape ``(S,)``. [count]
    turned_away
        Requests of each minute that reach no instance, shape ``(S,)``. [count]
    window
        0 of the warm-up, where there is one, then the number of what is judged, shape ``(S,)``.
    """

    begin: int
    judged: int
    end: int
    gone: slice
    before: IntArray
    after: IntArray
    turned_away: IntArray
    window: IntArray

    @property
    def key(self) -> tuple[int, int, bytes, bytes, bytes]:
        """The same for stretches that are answered alike."""
        served = self.before.tobytes(), self.after.tobytes(), self.turned_away.tobytes()
        return self.begin, self.judged, *served

    @property
    def turned_away_judged(self) -> int:
        """Of the judged minutes alone. [count]"""
        return int(self.turned_away[self.judged - self.begin :].sum())

    def whole(self, minutes: MinuteCounts) -> MinuteCounts:
        """Its minutes, of those of the trace."""
        return cut(minutes, self.begin, self.end)

    def served(self, minutes: MinuteCounts) -> MinuteCounts:
        """Its minutes without what is turned away; logged ones are thinned evenly."""
        whole = self.whole(minutes)
        counts = whole.invocations - self.turned_away
        offsets_s = whole.offsets_s
        if offsets_s is not None and self.turned_away.any():
            past = np.cumsum(whole.invocations) - whole.invocations
            kept = [
                first + np.linspace(0, size, left, endpoint=False).astype(np.int64)
                for first, size, left in zip(
                    past.tolist(), whole.invocations.tolist(), counts.tolist(), strict=True
                )
            ]
            offsets_s = offsets_s[np.concatenate(kept)]
        return replace(whole, invocations=counts, offsets_s=offsets_s)


def lost_stretch(
    invocations: IntArray, in_service: IntArray, first: int, loss: Loss, lasts: int, length: int
) -> LostStretch:
    """The stretch of a loss at the beginning of one minute.

    Parameters
    ----------
    invocations, in_service
        Per minute of the trace, as replayed without a loss, shape ``(T,)``. [count]
    first
        Index of the minute.
    loss
        What is lost.
    lasts, length
        Minutes that the replacement does not serve whole, and minutes judged. Near the end of the
        trace these begin before the loss.
    """
    size = in_service.size
    judged = max(0, min(first, size - length))
    begin, end = max(0, judged - WARM_UP), min(judged + length, size)
    before, at = in_service[begin:end], first - begin
    gone = slice(at, min(at + lasts, before.size))
    had = np.full(before[gone].size, before[at], dtype=np.int64)
    lost = loss.lost(int(before[at]))
    after = before.copy()
    after[gone] = left(had, np.full_like(had, lost), before[gone])
    counts = invocations[begin:end]
    return LostStretch(
        begin=begin,
        judged=judged,
        end=end,
        gone=gone,
        before=before,
        after=after,
        turned_away=_turned_away(counts, after, at, loss.failover_s, lost / int(before[at])),
        window=np.where(np.arange(begin, end) < judged, 0, int(judged > begin)).astype(np.int64),
    )


def left(before: IntArray, lost: IntArray, wanted: IntArray) -> IntArray:
    """Who serves: of what is wanted the lost are missing, and a scale-in takes those first.

    Parameters
    ----------
    before, lost
        In service when it happens, and how many of them are lost, shape ``(K,)``. [instances]
    wanted
        In service without the loss, at the same time or later, shape ``(K,)``. [instances]
    """
    stay = np.minimum(wanted, before - lost)
    return np.asarray(np.maximum(wanted - lost, stay), dtype=np.int64)


def worst_moments(
    invocations: IntArray,
    in_service: IntArray,
    loss: Loss,
    lasts: int,
    most_per_minute: float,
    lateness: Lateness,
) -> tuple[int, ...]:
    """Indices of the minutes at which a loss is tried: three at most, the worst first.

    Where most requests of the hour that follows are late by the load of their minutes, where most
    of them exceed what is left, if any do, and where what is left is busiest: a peak, a rise that
    the autoscaler is late for, a night at the minimum.

    Parameters
    ----------
    invocations, in_service
        Per minute, as replayed without a loss, shape ``(T,)``. [count]
    loss, lasts
        What is lost, and for how many minutes.
    most_per_minute
        Invocations at which one instance is busy all the time. [min^-1]
    lateness
        Late requests at a utilisation of their instance, which may be above 1, as a part of those
        that may be late.
    """
    size = invocations.size
    lost = loss.lost_of(in_service)
    arrived = invocations.astype(np.float64)
    usual = arrived * lateness(arrived / (most_per_minute * in_service))
    late, beyond = _hour_of(usual), np.zeros(size)
    now = arrived / np.maximum(in_service - lost, NOBODY)
    for later in range(min(lasts, size)):
        known, came = size - later, arrived[later:]
        able = most_per_minute * left(in_service[:known], lost[:known], in_service[later:])
        late[:known] += came * lateness(came / np.maximum(able, NOBODY)) - usual[later:]
        beyond[:known] += np.maximum(0.0, came - able)
    # A loss that outlasts the trace would look shorter than it is.
    whole = slice(max(1, size - lasts + 1))
    hour = _hour_of(arrived)[whole]
    # How many more than may be late, not which share: an hour of one request is no worst moment.
    score = late[whole] - hour
    if score.max() <= 0:
        score = late[whole] / np.maximum(hour, 1.0)
    found = [int(np.argmax(score)), int(np.argmax(now[whole]))]
    if beyond[whole].any():
        found.insert(0, int(np.argmax(beyond[whole])))
    return tuple(dict.fromkeys(found))


def _hour_of(values: FloatArray) -> FloatArray:
    """The sum of the hour from each minute on, or of the last one of the trace, shape ``(T,)``."""
    totals = np.concatenate(([0.0], np.cumsum(values)))
    begins = np.minimum(np.arange(values.size), max(0, values.size - _HOUR))
    return np.asarray(totals[np.minimum(begins + _HOUR, values.size)] - totals[begins])


def _turned_away(
    counts: IntArray, after: IntArray, at: int, failover_s: float, share: float
) -> IntArray:
    """Requests that reach no instance: nobody is left, or they are still sent to the lost."""
    begins_s = SECONDS_PER_MINUTE * (np.arange(counts.size) - at)
    part = np.clip((failover_s - begins_s) / SECONDS_PER_MINUTE, 0.0, 1.0)
    part = np.where(begins_s >= 0, part * share, 0.0)
    part = np.where(after == 0, 1.0, part)
    return np.ceil(part * counts).astype(np.int64)
