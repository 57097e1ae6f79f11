"""Times of day that a change of the clocks leaves out or repeats."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from smcost.scaling.timetable import SLOT_MINUTES, SLOTS_PER_DAY

_YEARS = 2


@lru_cache(maxsize=16)
def changed_slots(timezone: str, start_s: int) -> frozenset[int]:
    """Half hours of the day that clocks skip or show twice on some day of the two years to come.

    What is scheduled for one of them would be left out, or be early or late, once a year.

    Parameters
    ----------
    timezone
        IANA name.
    start_s
        From when on. [epoch s]
    """
    zone = ZoneInfo(timezone)
    first = datetime.fromtimestamp(start_s, UTC).replace(tzinfo=None, hour=0, minute=0, second=0)
    days = [first + timedelta(days=day) for day in range(-1, 366 * _YEARS)]
    offsets = [day.replace(tzinfo=zone).utcoffset() for day in days]
    changing = [
        day for day, here, next_ in zip(days, offsets, offsets[1:], strict=False) if here != next_
    ]
    return frozenset(
        slot
        for day in changing
        for slot in range(SLOTS_PER_DAY)
        if _odd((day + timedelta(minutes=slot * SLOT_MINUTES)).replace(tzinfo=zone))
    )


def _odd(local: datetime) -> bool:
    """Whether clocks show it twice or never: then its two readings differ."""
    return local.utcoffset() != local.replace(fold=1).utcoffset()
