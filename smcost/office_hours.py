"""Weekly windows in which an endpoint that is not in production runs, and what a month has of them.

A window opens and closes by the wall clock of a time zone, so that its length in hours differs
where the clock is shifted within it. A month is an ordinary one: the mean of 52 whole weeks of a
stated year, which hold a shift of the clock each way, so that Monday to Friday 12 hours a day is
60/168 of it to the last digit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import lru_cache

from smcost.errors import UsageError
from smcost.scaling.weekly_cron import (
    MINUTES_PER_DAY,
    MINUTES_PER_WEEK,
    day_names,
    weekly_crons,
)
from smcost.scaling.zone import reached_at_s, shown_at_s, zone_of
from smcost.units import SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE

#: The Monday on which the weeks of an ordinary month begin, and their number.
REFERENCE_MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
REFERENCE_WEEKS = 52
_WEEK = timedelta(weeks=1)

#: Beginning and end. [epoch s]
Interval = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyWindow:
    """From one time of the day until before another, on days of the week.

    Attributes
    ----------
    days
        Those on which it opens, 0 is Monday.
    opens_min, closes_min
        Minutes since midnight; one that closes before it opens closes on the next day. [min]

    Raises
    ------
    UsageError
        No day, a time outside of the day, or a window of no length.
    """

    days: frozenset[int]
    opens_min: int
    closes_min: int

    def __post_init__(self) -> None:
        if not self.days or not self.days <= set(range(7)):
            raise UsageError("A window has no day of the week", remedy="Give days, mon-fri")
        if not (0 <= self.opens_min < MINUTES_PER_DAY and 0 <= self.closes_min <= MINUTES_PER_DAY):
            raise UsageError(
                "A window opens or closes at no time of the day",
                remedy="Give 00:00 to 23:59, and 24:00 for its end",
            )
        if self.opens_min == self.closes_min:
            raise UsageError(
                "A window closes when it opens",
                remedy="Give 00:00-24:00 for a whole day, or a later end",
            )

    @property
    def length_min(self) -> int:
        """From opening until closing by the clock. [min]"""
        return (self.closes_min - self.opens_min) % MINUTES_PER_DAY or MINUTES_PER_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeHours:
    """Weekly windows in a time zone; what several of them share counts once.

    Raises
    ------
    UsageError
        No window, or a time zone that is not known.
    """

    windows: tuple[WeeklyWindow, ...]
    timezone: str

    def __post_init__(self) -> None:
        if not self.windows:
            raise UsageError(
                "There is no window", remedy='Write "mon-fri 08:00-20:00 Europe/Berlin"'
            )
        zone_of(self.timezone)

    @property
    def stretches_min(self) -> tuple[tuple[int, int], ...]:
        """Opening and closing in minutes of the week by the clock, none touching another. [min]

        The last may close in the next week; without any break it is ``((0, 10080),)``.
        """
        inside = bytearray(MINUTES_PER_WEEK)
        for window in self.windows:
            for day in window.days:
                begin = day * MINUTES_PER_DAY + window.opens_min
                for minute in range(begin, begin + window.length_min):
                    inside[minute % MINUTES_PER_WEEK] = 1
        runs = list(_runs(inside))
        if len(runs) > 1 and runs[0][0] == 0 and runs[-1][1] == MINUTES_PER_WEEK:
            over_the_end = (runs[-1][0], MINUTES_PER_WEEK + runs[0][1])
            runs = [*runs[1:-1], over_the_end]
        return tuple(runs)

    @property
    def always(self) -> bool:
        """Whether there is no break at all."""
        return self.stretches_min == ((0, MINUTES_PER_WEEK),)

    def intervals_s(self, first_s: int, last_s: int, shortest_gap_s: float = 0.0) -> list[Interval]:
        """The windows that touch a stretch of time, in order, whole. [epoch s]

        Breaks of ``shortest_gap_s`` or less are none. A time that a shift of the clock leaves out
        is the moment of the shift; one that it repeats is the first of both.
        """
        merged: list[Interval] = []
        for begin_s, end_s in self._windows_s(first_s, last_s):
            if merged and begin_s - merged[-1][1] <= shortest_gap_s:
                merged[-1] = (merged[-1][0], max(end_s, merged[-1][1]))
            elif begin_s < end_s:
                merged.append((begin_s, end_s))
        return [found for found in merged if found[0] < last_s and first_s < found[1]]

    def _windows_s(self, first_s: int, last_s: int) -> Iterator[Interval]:
        """Each for itself, those of a week or two around included."""
        zone, stretches = zone_of(self.timezone), self.stretches_min
        monday = _monday_before(first_s) - 2 * _WEEK
        while monday.timestamp() < last_s + 7 * SECONDS_PER_DAY:
            for opens_min, closes_min in stretches:
                yield (
                    reached_at_s(monday + timedelta(minutes=opens_min), zone),
                    reached_at_s(monday + timedelta(minutes=closes_min), zone),
                )
            monday += _WEEK

    def presence(
        self, *, before_s: float = 0.0, after_s: float = 0.0, shortest_gap_s: float = 0.0
    ) -> "Presence":
        """What an ordinary month has of the windows, each widened at both ends.

        Parameters
        ----------
        before_s, after_s
            What comes before the opening and after the closing; within a shorter break it counts
            once. [s]
        shortest_gap_s
            Breaks of that or less are none. [s]
        """
        return _presence(self, before_s, after_s, shortest_gap_s)

    @property
    def shortest_break_min(self) -> int | None:
        """By the clock; ``None`` without any. [min]"""
        return None if self.always else min(self._breaks_min)

    @property
    def _breaks_min(self) -> list[int]:
        """How long it is closed after each of the stretches; 0 without any break. [min]"""
        stretches = self.stretches_min
        opens = (*(begin for begin, _ in stretches[1:]), stretches[0][0] + MINUTES_PER_WEEK)
        return [begin - end for begin, (_, end) in zip(opens, stretches, strict=True)]

    def _apart(self, gap_min: int) -> tuple[tuple[int, int], ...]:
        """:attr:`stretches_min` with a longer break than that between them; else there are none."""
        stretches = self.stretches_min
        last = [number for number, length in enumerate(self._breaks_min) if length > gap_min]
        # Each begins behind the one that closes before it, the first over the week's end.
        return tuple(
            (stretches[(before + 1) % len(stretches)][0], stretches[number][1])
            for before, number in zip((last[-1:] + last)[:-1], last, strict=True)
        )

    @property
    def told(self) -> str:
        """``mon-fri 08:00-20:00 Europe/Berlin``, several separated by semicolons."""
        return f"{'; '.join(map(_told, self.windows))} {self.timezone}"

    def crons(self, *, before_min: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """AWS's cron expressions that open and that close the windows, in the time zone.

        ``before_min``: so much earlier than the opening. [min] No break that short has any.
        """
        stretches = self._apart(before_min)
        if not stretches:
            return (), ()
        opens, closes = zip(*stretches, strict=True)
        return weekly_crons([minute - before_min for minute in opens]), weekly_crons(list(closes))

    def left_out(self, *, before_min: int) -> str | None:
        """The first opening or closing that a shift of the clock leaves out in the reference year.

        A schedule does not run at a time that clocks never show. ``None``: there is none.
        """
        zone, stretches = zone_of(self.timezone), self._apart(before_min)
        for week in range(REFERENCE_WEEKS):
            for opens_min, closes_min in stretches:
                for minute in (opens_min - before_min, closes_min):
                    wall = REFERENCE_MONDAY + week * _WEEK + timedelta(minutes=minute)
                    if shown_at_s(wall, zone) is None:
                        return wall.strftime("%Y-%m-%d %H:%M")
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """What an ordinary month has of windows.

    Attributes
    ----------
    share
        Of its time. [fraction]
    openings_per_hour
        Times they open, in each of its hours. [h^-1]
    """

    share: Fraction
    openings_per_hour: Fraction


@lru_cache(maxsize=64)
def _presence(
    hours: OfficeHours, before_s: float, after_s: float, shortest_gap_s: float
) -> Presence:
    """One answer asks for the same several times, and each goes through a whole year."""
    zone = zone_of(hours.timezone)
    first_s = reached_at_s(REFERENCE_MONDAY, zone)
    last_s = reached_at_s(REFERENCE_MONDAY + REFERENCE_WEEKS * _WEEK, zone)
    inside_ms, openings, until_ms = 0, 0, 1000 * first_s
    around = hours.intervals_s(first_s - SECONDS_PER_DAY, last_s + SECONDS_PER_DAY, shortest_gap_s)
    for begin_s, end_s in around:
        begin_ms = max(round(1000 * (begin_s - before_s)), until_ms)
        end_ms = min(round(1000 * (end_s + after_s)), 1000 * last_s)
        inside_ms += max(end_ms - begin_ms, 0)
        until_ms = max(until_ms, end_ms)
        openings += first_s <= begin_s < last_s
    length_s = last_s - first_s
    return Presence(
        share=Fraction(inside_ms, 1000 * length_s),
        openings_per_hour=Fraction(SECONDS_PER_HOUR * openings, length_s),
    )


def _runs(inside: bytearray) -> Iterator[tuple[int, int]]:
    """Beginning and end of everything that is 1."""
    begin = inside.find(1)
    while begin >= 0:
        end = inside.find(0, begin)
        end = len(inside) if end < 0 else end
        yield begin, end
        begin = inside.find(1, end)


def _monday_before(at_s: int) -> datetime:
    """Midnight of the last Monday of UTC."""
    day = datetime.fromtimestamp(at_s, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


def _told(window: WeeklyWindow) -> str:
    times = "-".join(
        f"{minute // 60:02}:{minute % 60:02}" for minute in (window.opens_min, window.closes_min)
    )
    days = "daily" if len(window.days) == 7 else day_names(window.days).lower()
    return f"{days} {times}"


def whole_minutes(seconds: float) -> int:
    """Rounded up: schedules have whole minutes. [min]"""
    return -int(-seconds // SECONDS_PER_MINUTE)
