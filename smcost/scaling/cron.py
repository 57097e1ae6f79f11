"""AWS's cron expressions: six fields, in the wall clock of a time zone.

    cron(minutes hours day-of-month month day-of-week year)

Source: "Cron expressions reference" of the Amazon EventBridge user guide, to which the guide of
Application Auto Scaling refers. What it does not describe (names of days with L, wrapped ranges,
LW) is refused. Seconds, a seventh field in front, are allowed by AWS and not kept to by it; they
are checked and left out.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from smcost.errors import UsageError

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_EXAMPLE = "cron(0 8 ? * MON-FRI *)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """Minutes, hours and days on which something happens.

    Attributes
    ----------
    minutes, hours, months, years
        Those that match.
    day_of_month
        The field as it was written; ``?``: any day.
    day_of_week
        Days of the week that match, 1 is Sunday; ``None``: any.
    nth
        Which of the month's such days; 0: all of them.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    months: frozenset[int]
    years: frozenset[int]
    day_of_month: str
    day_of_week: frozenset[int] | None
    nth: int = 0

    def matches(self, day: date) -> bool:
        """Whether something happens on this day."""
        if day.month not in self.months or day.year not in self.years:
            return False
        if self.day_of_week is None:
            return day.day in _days_of_month(self.day_of_month, day)
        if (day.isoweekday() % 7) + 1 not in self.day_of_week:
            return False
        return self.nth in (0, (day.day - 1) // 7 + 1)

    def times(self, first: date, last: date) -> Iterator[tuple[date, int, int]]:
        """Day, hour and minute of everything from the first to the last day, in order."""
        day = first
        while day <= last:
            if self.matches(day):
                for hour in sorted(self.hours):
                    for minute in sorted(self.minutes):
                        yield day, hour, minute
            day += timedelta(days=1)


def parse_cron(fields: str) -> Cron:
    """Read what stands between the brackets of ``cron(...)``.

    Raises
    ------
    UsageError
        Anything that AWS does not document.

    >>> parse_cron("0/20 8 ? * MON-WED *").day_of_week == {2, 3, 4}
    True
    """
    parts = fields.upper().split()
    if len(parts) == 7:
        _numbers(parts[0], 0, 59, "seconds")
        parts = parts[1:]
    if len(parts) != 6:
        raise _refused(f"cron({fields}) has {len(parts)} fields, and six are wanted")
    minutes, hours, day_of_month, months, day_of_week, years = parts
    if (day_of_month == "?") == (day_of_week == "?"):
        raise _refused("Exactly one of day of month and day of week must be ?")
    week, nth = _day_of_week(day_of_week)
    if day_of_month != "?":
        _days_of_month(day_of_month, date(2000, 1, 1))
    return Cron(
        minutes=_numbers(minutes, 0, 59, "minutes"),
        hours=_numbers(hours, 0, 23, "hours"),
        months=_numbers(months, 1, 12, "month", _MONTHS),
        years=_numbers(years, _FIRST_YEAR, _LAST_YEAR, "year"),
        day_of_month=day_of_month,
        day_of_week=week,
        nth=nth,
    )


def _day_of_week(text: str) -> tuple[frozenset[int] | None, int]:
    if text == "?":
        return None, 0
    if text == "L":  # The last day of the week.
        return frozenset({7}), 0
    day, hash_sign, nth = text.partition("#")
    if hash_sign and nth not in {"1", "2", "3", "4", "5"}:
        raise _refused(f"{text} names no day of a month")
    return _numbers(day, 1, 7, "day of week", _DAYS), int(nth or 0)


def _days_of_month(text: str, day: date) -> frozenset[int]:
    """Days that match in the month of a day."""
    length = calendar.monthrange(day.year, day.month)[1]
    if text == "L":
        return frozenset({length})
    if nearest := re.fullmatch(r"(\d+)W", text):
        wanted = int(nearest[1])
        if not 1 <= wanted <= 31:
            raise _refused(f"{text} is no day of a month")
        return frozenset({_weekday_nearest(wanted, day, length)} if wanted <= length else ())
    return _numbers(text, 1, 31, "day of month")


def _weekday_nearest(wanted: int, day: date, length: int) -> int:
    """Monday to Friday, never in another month."""
    weekday = day.replace(day=wanted).isoweekday()
    if weekday == 6:
        return wanted - 1 if wanted > 1 else wanted + 2
    if weekday == 7:
        return wanted + 1 if wanted < length else wanted - 2
    return wanted


def _numbers(
    text: str, low: int, high: int, field: str, names: tuple[str, ...] = ()
) -> frozenset[int]:
    """A list of values, ranges and increments, such as ``0/15`` or ``8-17,20``."""
    found: set[int] = set()
    for part in text.split(","):
        span, slash, every = part.partition("/")
        if slash and not (every.isdecimal() and int(every) >= 1):
            raise _refused(f"{part!r} is no increment of the field {field}")
        first, dash, last = span.partition("-")
        begin = low if span == "*" else _number(first, low, high, field, names)
        end = begin
        if dash:
            end = _number(last, low, high, field, names)
        elif span == "*" or slash:
            end = high
        if end < begin:
            raise _refused(f"{part!r} runs backwards in the field {field}: write two ranges")
        found.update(range(begin, end + 1, int(every or 1)))
    return frozenset(found)


def _number(text: str, low: int, high: int, field: str, names: tuple[str, ...]) -> int:
    if text in names:
        return low + names.index(text)
    if not text.isdecimal() or not low <= int(text) <= high:
        raise _refused(f"{text!r} is not within {low} to {high}, the values of the field {field}")
    return int(text)


def _refused(cause: str) -> UsageError:
    return UsageError(cause, remedy=f"Write it as AWS does, {_EXAMPLE}")
