"""Scheduled actions: when they run, in which time zone, and the bounds they set.

Source: Application Auto Scaling user guide, "How scheduled scaling works" and "Schedule recurring
scaling actions using cron expressions".
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from smcost.errors import UsageError
from smcost.scaling.cron import parse_cron
from smcost.scaling.zone import shown_at_s, zone_of
from smcost.units import SECONDS_PER_DAY

_UNITS_S = {"minute": 60, "hour": 3_600, "day": SECONDS_PER_DAY}
_RATE = re.compile(r"(\d+) (minute|hour|day)s?")
_AT = "%Y-%m-%dT%H:%M:%S"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledAction:
    """New bounds of a scalable target at certain times.

    Attributes
    ----------
    schedule
        ``cron(...)``, ``at(yyyy-mm-ddThh:mm:ss)`` or ``rate(value unit)``, as AWS writes it.
    minimum, maximum
        New bounds; ``None`` leaves one as it is, but not both. [instances]
    timezone
        IANA name in which cron and at are read.
    name
        What AWS knows it by; ``None``: not given.
    start_s, end_s
        Runs at the start and from then on, and not after the end; ``None``: without. [epoch s]

    Raises
    ------
    UsageError
        A schedule or time zone that AWS would not take, no bound, or a rate without a start: it
        counts from a moment that nobody knows.
    """

    schedule: str
    minimum: int | None = None
    maximum: int | None = None
    timezone: str = "UTC"
    start_s: int | None = None
    end_s: int | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        zone_of(self.timezone)
        kind, content = _parts(self.schedule)
        if kind == "cron":
            parse_cron(content)
        elif kind == "at":
            _moment(content)
        else:
            _every_s(content)
            if self.start_s is None:
                raise UsageError(
                    f"{self.schedule} counts from its creation, which is not known",
                    remedy="Give its start, or use cron(...)",
                )
        self._refuse_bounds()

    def _refuse_bounds(self) -> None:
        minimum, maximum = self.minimum, self.maximum
        if minimum is None and maximum is None:
            raise UsageError(
                f"{self.schedule} sets neither a minimum nor a maximum",
                remedy="Add min=4, max=10 or both",
            )
        least = 1 if minimum is None else minimum
        if least < 1 or (maximum is not None and maximum < least):
            raise UsageError(
                f"{self.schedule} sets bounds of {minimum} to {maximum}",
                remedy="Give 1 <= min <= max",
            )

    def occurrences_s(self, first_s: int, last_s: int) -> list[int]:
        """When it runs from ``first_s`` to ``last_s``, both included. [epoch s]

        Wall-clock times that a shift of the clock leaves out are skipped, and those that it
        repeats run once, at the first: as Amazon EventBridge Scheduler documents it. The guide of
        Application Auto Scaling says only that actions adjust.
        """
        begin_s = first_s if self.start_s is None else max(first_s, self.start_s)
        end_s = last_s if self.end_s is None else min(last_s, self.end_s)
        kind, content = _parts(self.schedule)
        if kind == "rate":
            found = self._repeated(_every_s(content), begin_s, end_s)
        elif kind == "at":
            found = [shown_at_s(_moment(content), zone_of(self.timezone))]
        else:
            found = list(_cron_times(content, self.timezone, begin_s, end_s))
        if self.start_s is not None and kind == "cron":
            found = [self.start_s, *found]
        return sorted({at_s for at_s in found if at_s is not None and begin_s <= at_s <= end_s})

    def _repeated(self, every_s: int, begin_s: int, end_s: int) -> list[int | None]:
        assert self.start_s is not None
        first = -(-(begin_s - self.start_s) // every_s)
        return list(range(self.start_s + first * every_s, end_s + 1, every_s))

    @property
    def told(self) -> str:
        """``cron(0 8 ? * MON-FRI *) Europe/Berlin min=4 max=10``."""
        times = (("start", self.start_s), ("end", self.end_s))
        bounds = (("min", self.minimum), ("max", self.maximum))
        return " ".join(
            (
                self.schedule,
                self.timezone,
                *(f"{name}={count}" for name, count in bounds if count is not None),
                *(f"{name}={_iso(at_s)}" for name, at_s in times if at_s is not None),
            )
        )


def bounds_before(
    actions: tuple[ScheduledAction, ...], start_s: int, minimum: int, maximum: int
) -> tuple[int, int]:
    """Bounds that the last run of each action before a moment left, from the given ones.

    Runs of the year before count; where none ran, the given ones hold.
    """
    last = [(_last_before(action, start_s), order) for order, action in enumerate(actions)]
    for _, order in sorted((at_s, order) for at_s, order in last if at_s is not None):
        action = actions[order]
        low = minimum if action.minimum is None else action.minimum
        high = maximum if action.maximum is None else action.maximum
        if low <= high:
            minimum, maximum = low, high
    return minimum, maximum


def _last_before(action: ScheduledAction, start_s: int) -> int | None:
    for days in (2, 8, 32, 366):
        found = action.occurrences_s(start_s - days * SECONDS_PER_DAY, start_s - 1)
        if found:
            return found[-1]
    return None


@lru_cache(maxsize=1024)
def _cron_times(text: str, timezone: str, begin_s: int, end_s: int) -> tuple[int | None, ...]:
    """Two days more on either side: a zone is up to 14 hours away from UTC.

    Kept, since a search asks for the same ones over and over.
    """
    cron, zone, margin = parse_cron(text), zone_of(timezone), timedelta(days=2)
    first = datetime.fromtimestamp(begin_s, UTC).date() - margin
    last = datetime.fromtimestamp(end_s, UTC).date() + margin
    return tuple(
        shown_at_s(_at(day, hour, minute), zone) for day, hour, minute in cron.times(first, last)
    )


def _at(day: date, hour: int, minute: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def _parts(schedule: str) -> tuple[str, str]:
    found = re.fullmatch(r"\s*(cron|at|rate)\((.*)\)\s*", schedule)
    if not found:
        raise UsageError(
            f"{schedule!r} is no schedule",
            remedy="Write cron(0 8 ? * MON-FRI *), at(2026-01-31T08:00:00) or rate(1 day)",
        )
    return found[1], found[2].strip()


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, _AT).replace(tzinfo=UTC)
    except ValueError:
        raise UsageError(
            f"at({text}) is no time", remedy="Write it like at(2026-01-31T08:00:00)"
        ) from None


def _every_s(text: str) -> int:
    found = _RATE.fullmatch(text)
    if not found or int(found[1]) < 1:
        raise UsageError(
            f"rate({text}) is no rate", remedy="Write it like rate(1 day) or rate(12 hours)"
        )
    return int(found[1]) * _UNITS_S[found[2]]


def _iso(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%MZ")
