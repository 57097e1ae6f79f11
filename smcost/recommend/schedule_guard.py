"""What keeps a schedule from being tuned to one trace: no hour is harmed, and patterns recur."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from smcost.queueing.service import FloatArray
from smcost.recommend.plan import Key, Plan, Planner
from smcost.replay.verdict import shares_used
from smcost.scaling.timetable import MINUTES_PER_DAY, Timetable
from smcost.slo import SloWindow
from smcost.units import SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE

#: Of the dates of a window at least so many ask for more than half of its raise, and two at least.
DEMANDING_SHARE, DEMANDING_DATES = 0.5, 2
#: Of its dates at least so many ask for its first hours, and for its last.
END_SHARE, END_MINUTES = 0.25, 180
#: What a window of whole days has beyond them is no date of its own.
_REST_S = SECONDS_PER_HOUR
_ENDS: tuple[Literal["begin", "end"], ...] = ("begin", "end")
#: A share used that differs by less is the same.
_SAME = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """On how many of its dates a window, or one end of it, is asked for.

    ``dates`` of the trace on which the window lies, ``demanding`` those on which an hour would
    become late if the window raised the minimum only half as far, or began or ended three hours
    nearer; ``part`` says which: ``all``, ``begin`` or ``end``.
    """

    window: int
    part: Literal["all", "begin", "end"]
    dates: int
    demanding: int

    @property
    def pattern(self) -> bool:
        """Whether that is often enough."""
        share = DEMANDING_SHARE if self.part == "all" else END_SHARE
        return self.demanding >= max(DEMANDING_DATES, share * self.dates)


class Guard:
    """Holds schedules against the answer without one, hour by hour.

    By screening: hours have too few requests for the luck of one replay to count.
    """

    def __init__(self, planner: Planner, base: Plan) -> None:
        self._planner, self._slo = planner, planner.problem.slo.over(SloWindow.HOUR)
        self._start_s = planner.problem.minutes.start_s
        self._hour = SloWindow.HOUR.number(self._start_s)
        self._allowed = np.maximum(1.0, self._used(base.key)) * (1 + _SAME)

    def harmed(self, key: Key) -> NDArray[np.bool_]:
        """Hours that keep every limit without a schedule, or break it less, shape ``(H,)``."""
        return np.asarray((self._used(key) > self._allowed).any(axis=0))

    def first_minute(self, hour: int) -> int:
        """Index of the first minute of an hour of :meth:`harmed`."""
        return int(np.searchsorted(self._hour, hour))

    def recurrence(self, timetable: Timetable, target: float | None, number: int) -> Recurrence:
        """On how many dates a window is asked for, by its number.

        Parameters
        ----------
        timetable, target
            The schedule, and the target value beside it.
        """
        window = timetable.windows[number]
        half = timetable.otherwise + (window.minimum - timetable.otherwise) // 2
        weaker = timetable.with_minimum(number, half)
        return self._asked(timetable, target, number, "all", weaker)

    def not_recurring(self, timetable: Timetable, target: float | None) -> Recurrence | None:
        """The first window that is no pattern as a whole or at an end, if there is one.

        A window that is a pattern must not reach out for an event that came hours before or after.
        """
        for number, window in enumerate(timetable.windows):
            whole = self.recurrence(timetable, target, number)
            if not whole.pattern:
                return whole
            length = window.length_minutes - END_MINUTES
            if length <= 0 or window.length_minutes > MINUTES_PER_DAY:
                continue
            later = (window.start_minute + END_MINUTES) % MINUTES_PER_DAY
            days = tuple(sorted((day + (later < window.start_minute)) % 7 for day in window.days))
            shorter = {
                "begin": replace(window, days=days, start_minute=later, length_minutes=length),
                "end": replace(window, length_minutes=length),
            }
            for part in _ENDS:
                weaker = timetable.with_window(number, shorter[part])
                found = self._asked(timetable, target, number, part, weaker)
                if not found.pattern:
                    return found
        return None

    def _asked(
        self,
        timetable: Timetable,
        target: float | None,
        number: int,
        part: Literal["all", "begin", "end"],
        weaker: Timetable | None,
    ) -> Recurrence:
        """The dates of a window on which a weaker timetable harms an hour."""
        highest = timetable.otherwise if weaker is None else weaker.highest
        harmed = self.harmed((highest, target, weaker))
        dates = demanding = 0
        for begin, end in self._dates(timetable, number):
            dates += 1
            demanding += bool(harmed[self._hour[begin] : self._hour[end - 1] + 1].any())
        return Recurrence(window=number, part=part, dates=dates, demanding=demanding)

    def _dates(self, timetable: Timetable, number: int) -> list[tuple[int, int]]:
        """First minute and end of each date of a window in the trace, with the hour after it.

        A window of several days has as many dates each time.
        """
        window, raising = timetable.windows[number], timetable.actions[2 * number]
        length_s = window.length_minutes * SECONDS_PER_MINUTE
        first_s, last_s = int(self._start_s[0]), int(self._start_s[-1])
        stretches_s = [
            (at_s + since_s, at_s + min(since_s + SECONDS_PER_DAY, length_s) + SECONDS_PER_HOUR)
            for at_s in raising.occurrences_s(first_s - length_s, last_s)
            for since_s in range(0, max(1, length_s - _REST_S), SECONDS_PER_DAY)
        ]
        edges = np.searchsorted(self._start_s, stretches_s).tolist()
        return [(begin, end) for begin, end in edges if end > begin]

    def _used(self, key: Key) -> FloatArray:
        return shares_used(self._planner.hour_sums(*key), self._slo)


def whole_weeks(planner: Planner) -> int:
    """Weeks that the trace covers, gaps included."""
    start_s = planner.problem.minutes.start_s
    length_s = int(start_s[-1]) - int(start_s[0]) + SECONDS_PER_MINUTE
    return length_s // (7 * SECONDS_PER_DAY)
