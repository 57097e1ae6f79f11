"""Which scheduled actions run in which minute of a trace."""

import numpy as np

from smcost.replay.counts import IntArray
from smcost.scaling.schedule import ScheduledAction


def due_actions(
    schedule: tuple[ScheduledAction, ...], start_s: IntArray
) -> dict[int, list[ScheduledAction]]:
    """The actions that run at the beginning of each minute, by its index, in order.

    What falls into a gap of the trace runs when the minutes go on.
    """
    found: list[tuple[int, int, int]] = []
    first_s, last_s = int(start_s[0]), int(start_s[-1])
    for order, action in enumerate(schedule):
        times_s = np.array(action.occurrences_s(first_s, last_s), dtype=np.int64)
        minutes = np.searchsorted(start_s, times_s).tolist()
        found += [
            (minute, at_s, order) for minute, at_s in zip(minutes, times_s.tolist(), strict=True)
        ]
    due: dict[int, list[ScheduledAction]] = {}
    for minute, _, order in sorted(found):
        due.setdefault(minute, []).append(schedule[order])
    return due
