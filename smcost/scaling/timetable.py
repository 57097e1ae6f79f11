"""A week of minimums in a time zone: few windows with a minimum each, and another outside them."""

import itertools
from dataclasses import dataclass, replace
from functools import lru_cache

from smcost.errors import UsageError
from smcost.scaling.schedule import ScheduledAction

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_PER_DAY = 1_440
_MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY
#: Windows begin and end on half hours of local time.
SLOT_MINUTES = 30
SLOTS_PER_DAY = MINUTES_PER_DAY // SLOT_MINUTES
SLOTS_PER_WEEK = 7 * SLOTS_PER_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedMinimum:
    """A minimum for the same stretch of one or several days of every week.

    Attributes
    ----------
    days
        On which it begins, 0 is Monday.
    start_minute, length_minutes
        From midnight, and for how long, in local time; over midnight it goes on. [min]
    minimum
        In force within it. [instances]
    """

    days: tuple[int, ...]
    start_minute: int
    length_minutes: int
    minimum: int

    @property
    def told(self) -> str:
        """``mon-fri 07:00-20:00``, ``every day 22:00-06:00``, ``sat 00:00 to mon 00:00``."""
        end = self.start_minute + self.length_minutes
        if self.length_minutes >= MINUTES_PER_DAY:
            last = _DAYS[(self.days[0] + end // MINUTES_PER_DAY) % 7]
            return f"{_DAYS[self.days[0]]} {_clock(self.start_minute)} to {last} {_clock(end)}"
        return f"{_days_told(self.days)} {_clock(self.start_minute)}-{_clock(end)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """Minimums of a week, told as ``mon-fri 07:00-20:00 minimum 6, else 2``.

    Attributes
    ----------
    timezone
        IANA name of the local time.
    windows
        At least one; none overlaps or touches another.
    otherwise
        The minimum outside them, below theirs. [instances]

    Raises
    ------
    UsageError
    """

    timezone: str
    windows: tuple[TimedMinimum, ...]
    otherwise: int

    def __post_init__(self) -> None:
        edges = sorted(
            edge
            for window in self.windows
            for day in window.days
            for edge in _stretches(day, window)
        )
        wrapped = [*edges, (edges[0][0] + _MINUTES_PER_WEEK, 0)] if edges else []
        apart = all(end < begin for (_, end), (begin, _) in itertools.pairwise(wrapped))
        if not edges or not apart or self.lowest_raised <= self.otherwise or self.otherwise < 1:
            raise UsageError(
                "These windows are no timetable: there is none, two overlap or touch, or one does "
                "not raise the minimum",
                remedy="Give windows apart from each other, each with a minimum above the other",
            )

    @property
    def highest(self) -> int:
        """The largest minimum of a window. [instances]"""
        return max(window.minimum for window in self.windows)

    @property
    def lowest_raised(self) -> int:
        """The smallest minimum of a window. [instances]"""
        return min((window.minimum for window in self.windows), default=0)

    @property
    def told(self) -> str:
        """``mon-fri 07:00-20:00 minimum 6, else 2``."""
        windows = ", ".join(f"{window.told} minimum {window.minimum}" for window in self.windows)
        return f"{windows}, else {self.otherwise}"

    @property
    def actions(self) -> tuple[ScheduledAction, ...]:
        """Two scheduled actions for each window: the first raises, the second lowers."""
        found = []
        for window in self.windows:
            end = window.start_minute + window.length_minutes
            later = end // MINUTES_PER_DAY
            after = tuple(sorted((day + later) % 7 for day in window.days))
            zone = self.timezone
            begin = window.start_minute
            found.append(_action("raise", window.days, begin, window.minimum, zone))
            found.append(_action("lower", after, end % MINUTES_PER_DAY, self.otherwise, zone))
        return tuple(found)

    @property
    def half_hours(self) -> tuple[int, ...]:
        """The minimum of every half hour from Monday 00:00 on, ``(336,)``."""
        week = [self.otherwise] * SLOTS_PER_WEEK
        for window in self.windows:
            for day in window.days:
                begin = day * SLOTS_PER_DAY + window.start_minute // SLOT_MINUTES
                for slot in range(begin, begin + window.length_minutes // SLOT_MINUTES):
                    week[slot % SLOTS_PER_WEEK] = window.minimum
        return tuple(week)

    def with_window(self, number: int, window: TimedMinimum) -> "Timetable":
        """Another window in the place of one."""
        windows = (*self.windows[:number], window, *self.windows[number + 1 :])
        return replace(self, windows=windows)

    def with_minimum(self, number: int, minimum: int) -> "Timetable | None":
        """Another minimum in one window; the window goes where that is the one outside.

        ``None``: nothing would be left, or it would lie below the one outside.
        """
        changed = replace(self.windows[number], minimum=minimum)
        kept = [changed] if minimum > self.otherwise else []
        windows = (*self.windows[:number], *kept, *self.windows[number + 1 :])
        if not windows or minimum < self.otherwise:
            return None
        return replace(self, windows=windows)


@lru_cache(maxsize=4096)
def _action(
    verb: str, days: tuple[int, ...], minute: int, minimum: int, timezone: str
) -> ScheduledAction:
    """Kept: a search over timetables asks for the same ones again and again."""
    hour, minute = divmod(minute, 60)
    named = _days_told(days).replace(", ", "-and-").replace(" ", "-")
    when = "* * ?" if len(days) == 7 else f"? * {_cron_days(days)}"
    return ScheduledAction(
        schedule=f"cron({minute} {hour} {when} *)",
        minimum=minimum,
        timezone=timezone,
        name=f"{verb}-{named}-{_clock(60 * hour + minute).replace(':', '')}",
    )


@lru_cache(maxsize=2048)
def timetable_of(week: tuple[int, ...], timezone: str) -> Timetable | None:
    """The windows of a week given by its half hours from Monday 00:00 on, ``(336,)``.

    Outside them the smallest minimum holds. ``None`` where it is the same all week, or where
    two different ones above it touch.
    """
    lowest = min(week)
    runs = _runs(week, lowest)
    if not runs or any(len(set(levels)) > 1 for _, levels in runs):
        return None
    alike: dict[tuple[int, int, int], list[int]] = {}
    for begin, levels in runs:
        day, slot = divmod(begin, SLOTS_PER_DAY)
        alike.setdefault((slot, len(levels), levels[0]), []).append(day)
    windows = tuple(
        TimedMinimum(
            days=tuple(sorted(days)),
            start_minute=slot * SLOT_MINUTES,
            length_minutes=length * SLOT_MINUTES,
            minimum=minimum,
        )
        for (slot, length, minimum), days in alike.items()
    )
    ordered = sorted(windows, key=lambda window: (window.days, window.start_minute))
    return Timetable(timezone=timezone, windows=tuple(ordered), otherwise=lowest)


def _runs(week: tuple[int, ...], lowest: int) -> list[tuple[int, tuple[int, ...]]]:
    """Where the week is above its lowest: the first half hour of each stretch, and its levels."""
    shift = week.index(lowest)
    turned = week[shift:] + week[:shift]
    found: list[tuple[int, tuple[int, ...]]] = []
    begin = 0
    for above, run in itertools.groupby(turned, lambda level: level > lowest):
        levels = tuple(run)
        if above:
            found.append(((begin + shift) % len(week), levels))
        begin += len(levels)
    return found


def _stretches(day: int, window: TimedMinimum) -> list[tuple[int, int]]:
    """Beginning and end within the week; what goes over its end comes back at its beginning."""
    begin = day * MINUTES_PER_DAY + window.start_minute
    end = begin + window.length_minutes
    if end < _MINUTES_PER_WEEK:
        return [(begin, end)]
    return [(begin, _MINUTES_PER_WEEK - 1), (0, end - _MINUTES_PER_WEEK)]


def _clock(minute: int) -> str:
    hour, minute = divmod(minute % MINUTES_PER_DAY, 60)
    return f"{hour:02}:{minute:02}"


def _spans(days: tuple[int, ...]) -> list[list[int]]:
    """Days that follow each other, Monday first."""
    spans: list[list[int]] = []
    for day in days:
        if spans and day == spans[-1][-1] + 1:
            spans[-1].append(day)
        else:
            spans.append([day])
    return spans


def _days_told(days: tuple[int, ...]) -> str:
    if len(days) == 7:
        return "every day"
    return ", ".join(
        _DAYS[span[0]] if len(span) == 1 else f"{_DAYS[span[0]]}-{_DAYS[span[-1]]}"
        for span in _spans(days)
    )


def _cron_days(days: tuple[int, ...]) -> str:
    """``MON-FRI``, ``SUN,WED``: AWS's week begins on Sunday, and no range goes over its end."""
    found = []
    for span in _spans(tuple(day for day in days if day != 6)):
        names = [_DAYS[day].upper() for day in span]
        found += [f"{names[0]}-{names[-1]}"] if len(names) > 2 else names
    return ",".join([*(["SUN"] if 6 in days else []), *found])
