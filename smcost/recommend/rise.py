"""The rise in traffic that came before a late minute: from when, to when, and how steep."""

from dataclasses import dataclass

import numpy as np

from smcost.replay.counts import IntArray
from smcost.units import SECONDS_PER_MINUTE

#: Of the way from the lowest to the highest count, what lies below and above is not the rise.
_FOOT, _TOP = 0.1, 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """A rise between two minutes, given by their index.

    Attributes
    ----------
    begins, ends
        Last minute of the low level, first minute of the high one.
    factor
        Invocations of the high minute over those of the low one (at least 1 of them).
    took_s
        From the start of the one to the start of the other. [s]
    """

    begins: int
    ends: int
    factor: float
    took_s: int


def rise_before(start_s: IntArray, invocations: IntArray, minute: int, reach_s: float) -> Rise:
    """The rise that led to a minute, looking back no further than ``reach_s``.

    Parameters
    ----------
    start_s, invocations
        Start of each minute and its invocations, shape ``(T,)``. [epoch s, count]
    minute
        Index of the minute that is late.
    reach_s
        How far back a rise still matters: help ordered earlier has arrived. [s]

    Notes
    -----
    It begins at the last minute in the lowest tenth of the way to the highest count in reach from
    the lowest before it, so that noise before it is not part of it, and ends at the first one after
    it in the highest fifth: nor is the plateau behind a jump.
    """
    first = int(np.searchsorted(start_s, start_s[minute] - reach_s))
    before = invocations[first : minute + 1]
    peak = int(np.argmax(before))
    # What came after the peak is no foot of it, however low.
    lowest, highest = int(before[: peak + 1].min()), int(before[peak])
    foot, top = (lowest + share * (highest - lowest) for share in (_FOOT, _TOP))
    begins = int(np.flatnonzero(before[: peak + 1] <= foot)[-1]) if before[0] < top else peak
    ends = begins + int(np.flatnonzero(before[begins:] >= top)[0])
    return Rise(
        begins=first + begins,
        ends=first + ends,
        factor=float(before[ends]) / max(1, int(before[begins])),
        took_s=int(start_s[first + ends] - start_s[first + begins]),
    )


def minutes_of(rise: Rise) -> int:
    """Its length in whole minutes."""
    return rise.took_s // SECONDS_PER_MINUTE
