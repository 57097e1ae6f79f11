"""How old a price is, and what to say of one that is older than somebody wants."""

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from smcost.errors import PriceError, UsageError
from smcost.prices.price import Price
from smcost.prices.rates import Rate
from smcost.remarks import Caveat, WarningCode

_FORMS = re.compile(
    r"(?P<year>\d{4})"
    r"(?:-Q(?P<quarter>[1-4])|-(?P<month>\d{2})(?:-(?P<day>\d{2})(?:[T ].*)?)?)?",
    re.ASCII,
)


class StalePriceError(PriceError):
    """A price is too old, which a search among instance types must not take for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeLimit:
    """The oldest that a price may be, ``--max-price-age 30d`` or ``30d:fail``.

    Attributes
    ----------
    limit_days
        A price of that age passes. [d]
    fails
        Whether an older one is an error; else it is a caveat.
    today
        The day that ages are counted from, UTC.

    Raises
    ------
    UsageError
        The limit is negative or endless.
    """

    limit_days: float
    fails: bool
    today: date

    def __post_init__(self) -> None:
        if not 0 <= self.limit_days < float("inf"):
            raise UsageError(
                f"A price cannot be {self.limit_days} days old",
                remedy="Give 0 or more, such as 30d",
                place="--max-price-age",
            )

    def caveats(self, used: Sequence[Price | Rate]) -> list[Caveat]:
        """Say which of the figures that a cost rests on are too old, in one caveat; none: empty.

        One whose date cannot be read is of unknown age, and that is too old.

        Raises
        ------
        StalePriceError
            One is too old, and :attr:`fails`.
        """
        stale = [figure for figure in used if self._is_stale(figure)]
        if not stale:
            return []
        message = self._message(stale, of=len(used))
        if self.fails:
            raise StalePriceError(message, remedy=self._remedy(stale), place="--max-price-age")
        return [Caveat(code=WarningCode.PRICE_STALE, message=message)]

    def _remedy(self, stale: Sequence[Price | Rate]) -> str:
        """A pull helps against what was fetched long ago or never, not against an old list."""
        if all(self._fetched_lately(figure) for figure in stale):
            return "The list was fetched lately and AWS had none newer: raise --max-price-age"
        return (
            f"Fetch today's with `smcost prices pull --region {stale[0].region}`, give them with "
            "--prices and --rates, or raise --max-price-age"
        )

    def _fetched_lately(self, figure: Price | Rate) -> bool:
        day = latest_day(figure.fetched_at or "")
        return day is not None and (self.today - day).days <= self.limit_days

    def _age_days(self, figure: Price | Rate) -> int | None:
        day = latest_day(figure.as_of)
        return None if day is None else (self.today - day).days

    def _age_or_endless(self, figure: Price | Rate) -> float:
        age_days = self._age_days(figure)
        return float("inf") if age_days is None else age_days

    def _is_stale(self, figure: Price | Rate) -> bool:
        return self._age_or_endless(figure) > self.limit_days

    def _message(self, stale: Sequence[Price | Rate], *, of: int) -> str:
        oldest = max(stale, key=self._age_or_endless)
        limit = f"{self.limit_days:g} days that --max-price-age allows"
        if len(stale) == 1:
            named = _named(oldest)
            return f"{named[0].upper()}{named[1:]} {self._dated(oldest)}, more than the {limit}"
        return (
            f"{len(stale)} of {of} prices and rates in use are older than the {limit}; the oldest: "
            f"{_named(oldest)} {self._dated(oldest)}"
        )

    def _dated(self, figure: Price | Rate) -> str:
        age_days = self._age_days(figure)
        if age_days is None:
            return f"is dated {figure.as_of!r}, which is no date, and may be of any age"
        fetched = "" if figure.fetched_at is None else f" (fetched {figure.fetched_at[:10]})"
        return f"is of {figure.as_of}{fetched} and {age_days} days old"


def latest_day(as_of: str) -> date | None:
    """The last day that an imprecise date may mean; ``None`` where it is no date.

    ``2026-09-25`` (with or without a time of day) is that day, ``2026-09`` the last of the month,
    ``2026-Q3`` of the quarter and ``2026`` of the year. So a price is never called older than it
    is; one that is dated by the year alone passes for new until that year is over.

    >>> latest_day("2026-Q3"), latest_day("2026-02"), latest_day("last week")
    (datetime.date(2026, 9, 30), datetime.date(2026, 2, 28), None)
    """
    found = _FORMS.fullmatch(as_of.strip())
    if found is None:
        return None
    year = int(found["year"])
    month = 3 * int(found["quarter"]) if found["quarter"] else int(found["month"] or 12)
    try:
        day = int(found["day"]) if found["day"] else calendar.monthrange(year, month)[1]
        return date(year, month, day)
    except ValueError:
        return None


def _named(figure: Price | Rate) -> str:
    if isinstance(figure, Price):
        return f"the price of {figure.instance_type} in {figure.region}"
    return f"the rate {figure.item} in {figure.region}"
