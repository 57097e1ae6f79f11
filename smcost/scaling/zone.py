"""Wall clocks of IANA time zones: what they show, and when."""

import difflib
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from smcost.errors import UsageError

_MINUTE = timedelta(minutes=1)


def zone_of(name: str) -> tzinfo:
    """The time zone of an IANA name, or UTC.

    Raises
    ------
    UsageError
        None of that name is known; the nearest are named.
    """
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = sorted({*available_timezones(), "UTC"})
        close = [zone for zone in known if zone.lower() == name.lower()]
        close = close or difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        raise UsageError(
            f"{name!r} is no time zone known here",
            remedy=f"Use {' or '.join(close)}" if close else "Use an IANA name, Europe/Berlin",
        ) from None


def shown_at_s(wall: datetime, zone: tzinfo) -> int | None:
    """The first moment at which clocks in the zone show this; ``None`` where they never do.

    ``wall`` is what they show, whatever its own time zone. [epoch s]
    """
    local = wall.replace(tzinfo=zone, fold=0)
    moment = local.astimezone(UTC)
    shown = moment.astimezone(zone)
    same = (shown.hour, shown.minute, shown.day) == (wall.hour, wall.minute, wall.day)
    return int(moment.timestamp()) if same else None


def reached_at_s(wall: datetime, zone: tzinfo) -> int:
    """The first moment at which clocks in the zone show this or later. [epoch s]

    Where a shift of the clock leaves the time out, that is the moment of the shift.

    >>> from datetime import datetime
    >>> at_s = reached_at_s(datetime(2026, 3, 29, 2, 30), zone_of("Europe/Berlin"))
    >>> datetime.fromtimestamp(at_s, UTC).isoformat()
    '2026-03-29T01:00:00+00:00'
    """
    found = shown_at_s(wall, zone)
    if found is not None:
        return found
    # Read with the offset after the shift it is before it, and the other way round.
    moment = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    before = moment.astimezone(zone).utcoffset()
    while moment.astimezone(zone).utcoffset() == before:
        moment += _MINUTE
    return int(moment.timestamp())
