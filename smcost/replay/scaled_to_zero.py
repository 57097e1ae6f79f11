"""Outside its windows a fleet goes to zero instances once idle, and is woken by requests.

Only endpoints with inference components do so. Sources: SageMaker developer guide, "Scale an
endpoint to zero instances", and the times observed in an AWS sample: about 15 minutes until no copy
is left, 10 more until no instance is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smcost.queueing.service import FloatArray
from smcost.replay.counts import IntArray
from smcost.traffic.minutes import MinuteCounts
from smcost.units import SECONDS_PER_MINUTE

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeroDelays:
    """How long it stays up when idle, and how long it takes to wake.

    Attributes
    ----------
    idle_tail_s
        Billed after the last request until no instance is left. [s]
    alarm_s
        From the end of the minute of a failed request until an instance is launched. [s]
    startup_s
        From launch until in service. [s]
    """

    idle_tail_s: float = 1_500.0
    alarm_s: float = 60.0
    startup_s: float = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeroReplay:
    """What a fleet is billed for that goes to zero.

    Attributes
    ----------
    billed_s
        Instance-seconds of each minute, shape ``(T,)``. [s]
    unanswered
        Requests of each minute that found no instance, shape ``(T,)``. [count]
    woken
        Whether requests of the minute woke it, shape ``(T,)``.
    """

    billed_s: FloatArray
    unanswered: IntArray
    woken: BoolArray


def scaled_to_zero(
    minutes: MinuteCounts,
    billed_s: FloatArray,
    *,
    inside: BoolArray,
    opening: BoolArray,
    delays: ZeroDelays,
) -> ZeroReplay:
    """Go through the minutes of a fleet that stays up, and take away what is at zero.

    Parameters
    ----------
    minutes
        Traffic.
    billed_s
        Instance-seconds of each minute of the fleet whose minimum is 1 outside, ``(T,)``. [s]
    inside, opening
        Whether the minute is within a window; whether what is to be in service at its opening is
        launched by then. Both are billed as they are, ``(T,)``.
    delays
        Tail and wake-up.

    Notes
    -----
    After the last minute with a request (or of a window) as many instances as then stay for the
    tail. The minute's failed requests are counted at its end, and one instance is launched; until
    it is in service requests fail. Retries are not counted. It begins at zero, or up where the
    first minute has a request. Across a gap of the trace the state
    stays as it is.
    """
    found_s, unanswered = billed_s.copy(), np.zeros_like(minutes.invocations)
    woken = np.zeros(billed_s.size, dtype=np.bool_)
    # Up from, in service from, up until. It begins up where the first minute has a request.
    launched_s = ready_s = 0.0
    until_s = delays.idle_tail_s if minutes.invocations[0] else 0.0
    held = float(billed_s[0]) / SECONDS_PER_MINUTE
    for minute, arrived in enumerate(minutes.invocations.tolist()):
        begin_s = float(SECONDS_PER_MINUTE * minute)
        end_s = begin_s + SECONDS_PER_MINUTE
        here = float(billed_s[minute]) / SECONDS_PER_MINUTE
        if inside[minute]:
            held, launched_s, ready_s = here, begin_s, begin_s
            until_s = end_s + delays.idle_tail_s
            continue
        up = ready_s <= begin_s < until_s
        if arrived and up:
            held, until_s = here, end_s + delays.idle_tail_s
        if not opening[minute]:
            billed_to_s = min(end_s, until_s)
            found_s[minute] = held * max(0.0, billed_to_s - max(begin_s, launched_s))
        if arrived and not up:
            unanswered[minute] = arrived
            if until_s <= begin_s and not opening[minute]:
                woken[minute], held = True, 1.0
                launched_s = end_s + delays.alarm_s
                ready_s = launched_s + delays.startup_s
                until_s = ready_s + delays.idle_tail_s
    return ZeroReplay(billed_s=found_s, unanswered=unanswered, woken=woken)
