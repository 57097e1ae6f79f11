"""Texts of ``--non-prod`` -> weekly windows in a time zone."""

import re
from collections.abc import Sequence

from smcost.errors import UsageError
from smcost.office_hours import OfficeHours, WeeklyWindow
from smcost.scaling.weekly_cron import DAYS, MINUTES_PER_DAY

FLAG = "--non-prod"
_EXAMPLE = 'Write it like "mon-fri 08:00-20:00 Europe/Berlin", several windows separated by ;'
_WINDOW = re.compile(
    r"\s*(?P<days>[A-Za-z]+(?:\s*[-,]\s*[A-Za-z]+)*)"
    r"\s+(?P<opens>\d{1,2}:\d{2})\s*-\s*(?P<closes>\d{1,2}:\d{2})(?:\s+(?P<zone>\S+))?\s*\Z"
)
_DAYS = {name.lower(): number for number, name in enumerate(DAYS)}
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS.update({name: number for number, name in enumerate(_FULL)})


def parse_office_hours(texts: Sequence[str]) -> OfficeHours:
    """Read windows and their time zone.

    Parameters
    ----------
    texts
        ``DAYS HH:MM-HH:MM [; DAYS HH:MM-HH:MM ...] ZONE``; days are names, ranges (``fri-mon`` goes
        over the week's end), lists of both, or ``daily``. A window that closes before it opens
        closes on the next day. The zone stands once or behind every window, and is one.

    Raises
    ------
    UsageError
    """
    windows, zones = [], []
    for part in (part for text in texts for part in text.split(";")):
        found = _WINDOW.match(part)
        if not found:
            raise _refused(f"{part.strip()!r} is no window", _EXAMPLE)
        if found["zone"]:
            zones.append(found["zone"])
        windows.append(_window(part.strip(), found))
    if not zones:
        raise _refused(
            f"{'; '.join(texts)!r} names no time zone",
            "Add an IANA name such as Europe/Berlin, or UTC: 08:00 is not the same everywhere",
        )
    if len(set(zones)) > 1:
        raise _refused(
            f"The windows are in several time zones, {' and '.join(dict.fromkeys(zones))}",
            "Give all of them in one",
        )
    try:
        return OfficeHours(windows=tuple(windows), timezone=zones[0])
    except UsageError as error:
        raise _refused(error.cause, error.remedy) from error


def _window(text: str, found: re.Match[str]) -> WeeklyWindow:
    try:
        return WeeklyWindow(
            days=_days(found["days"], text),
            opens_min=_minute(found["opens"], text),
            closes_min=_minute(found["closes"], text),
        )
    except UsageError as error:
        cause = error.cause if text in error.cause else f"{error.cause}: {text!r}"
        raise _refused(cause, error.remedy) from error


def _days(text: str, window: str) -> frozenset[int]:
    found: set[int] = set()
    for part in re.sub(r"\s+", "", text).lower().split(","):
        if part == "daily":
            found.update(range(7))
            continue
        names = part.split("-")
        unknown = [name for name in names if name not in _DAYS]
        if unknown or len(names) > 2:
            raise _refused(
                f"{(unknown or [part])[0]!r} in {window!r} is no day of the week",
                "Use mon, tue, wed, thu, fri, sat, sun, ranges such as mon-fri, or daily",
            )
        first, last = _DAYS[names[0]], _DAYS[names[-1]]
        found.update((first + step) % 7 for step in range((last - first) % 7 + 1))
    return frozenset(found)


def _minute(text: str, window: str) -> int:
    hour, minute = map(int, text.split(":"))
    if minute > 59 or 60 * hour + minute > MINUTES_PER_DAY:
        raise _refused(
            f"{text} in {window!r} is no time of the day",
            "Give 00:00 to 23:59, or 24:00 as its end",
        )
    return 60 * hour + minute


def _refused(cause: str, remedy: str) -> UsageError:
    return UsageError(cause, remedy=remedy, place=FLAG)
