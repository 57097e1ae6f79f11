"""The rise in traffic that came before a late minute: from when, to when, and how steep."""

from dataclasses import dataclass

import numpy as np

from smcost.replay.counts import IntArray
from smcost.units import SECONDS_PER_MINUTE

#: Counts within this factor of the lowest are the level a rise began from.
_NEAR = 1.1
#: A level within this factor of the highest is the rise's end.
_TOP = 0.9


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
    It begins at the last minute near the lowest count in reach, and ends at the first one after
    it that comes near the highest: the plateau behind a jump is not part of the jump.
    """
    first = int(np.searchsorted(start_s, start_s[minute] - reach_s))
    before = invocations[first : minute + 1]
    begins = first + int(np.flatnonzero(before <= _NEAR * before.min())[-1])
    after = invocations[begins : minute + 1]
    ends = begins + int(np.flatnonzero(after >= _TOP * after.max())[0])
    return Rise(
        begins=begins,
        ends=ends,
        factor=float(invocations[ends]) / max(1, int(invocations[begins])),
        took_s=int(start_s[ends] - start_s[begins]),
    )


def minutes_of(rise: Rise) -> int:
    """Its length in whole minutes."""
    return rise.took_s // SECONDS_PER_MINUTE
