"""What the price cache holds of one region, and how a newly fetched list joins it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from smcost.errors import InputError
from smcost.prices.listing import Listing
from smcost.prices.price import Price
from smcost.prices.rates import Rate
from smcost.prices.savings import SavingsRate
from smcost.remarks import Caveat, WarningCode

_Row = TypeVar("_Row", Price, Rate, SavingsRate)
#: So many types are named, and the others counted.
_SHOWN = 5
_Key = TypeVar("_Key", str, tuple[str, int, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedRegion:
    """Prices, rates and Savings Plans rates of one region, each with source, date and fetch time.

    Raises
    ------
    InputError
        A row is of another region, or does not say when it was fetched.
    """

    region: str
    prices: tuple[Price, ...]
    rates: tuple[Rate, ...]
    savings: tuple[SavingsRate, ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if row.region != self.region or not row.fetched_at:
                raise InputError(
                    f"A row of {row.region}, fetched {row.fetched_at or 'nobody knows when'}, "
                    f"stands in the price cache of {self.region}",
                    remedy=f"Fetch it again with `smcost prices pull --region {self.region}`",
                )

    @classmethod
    def of(cls, listing: Listing, *, fetched_at: str) -> "CachedRegion":
        """A list as it is fetched now; ``fetched_at`` like ``2026-11-24T09:30:00Z``."""
        return cls(
            region=listing.region,
            prices=tuple(replace(row, fetched_at=fetched_at) for row in listing.prices),
            rates=tuple(replace(row, fetched_at=fetched_at) for row in listing.rates),
            savings=tuple(replace(row, fetched_at=fetched_at) for row in listing.savings),
        )

    @property
    def newest(self) -> str | None:
        """The latest date that a price of it is of; ``None`` without prices."""
        return max((row.as_of for row in self.prices), default=None)

    @property
    def rows(self) -> tuple[Price | Rate | SavingsRate, ...]:
        """All of it."""
        return (*self.prices, *self.rates, *self.savings)

    def later_than(self, fresh: "CachedRegion", published: str | None) -> "CachedRegion":
        """Rows of a later date than those that ``fresh`` would put in their place.

        With them the Savings Plans rates of every type whose Hosting price is among them; their own
        dates decide nothing, since an API that gives no date of publication gives that of asking.

        Parameters
        ----------
        fresh
            What was fetched now.
        published
            When its list was, ``2026-09-25``, if that is of the whole region. Of such a list that
            is older than the newest price here, what it lacks may be sold since, and later rows of
            that stay too. ``None``: a part, whose gaps say nothing.
        """
        older = published is not None and self.newest is not None and published < self.newest
        otherwise = published if older else None
        prices = _later(self.prices, fresh.prices, _price_key, otherwise)
        rates = _later(self.rates, fresh.rates, _item, otherwise)
        hosted = _hosting_usd(prices)
        return CachedRegion(
            region=self.region,
            prices=prices,
            rates=rates,
            savings=tuple(row for row in self.savings if row.instance_type in hosted),
        )

    def replaced(
        self,
        fresh: "CachedRegion",
        later: "CachedRegion",
        *,
        whole: bool,
        with_savings: bool = True,
    ) -> "CachedRegion":
        """What is cached once ``fresh`` is: all that it has, but for what ``later`` keeps.

        Parameters
        ----------
        later
            What :meth:`later_than` gave.
        whole
            Whether ``fresh`` is of the whole region, so that what it lacks is gone.
        with_savings
            Whether Savings Plans rates were asked for; else those of unchanged Hosting prices stay.
        """
        hosted = _hosting_usd(later.prices)
        kept = CachedRegion(
            region=self.region,
            prices=_without(fresh.prices, later.prices, _price_key),
            rates=_without(fresh.rates, later.rates, _item),
            savings=tuple(row for row in fresh.savings if row.instance_type not in hosted),
        )
        base = later if whole else self
        if whole and not with_savings:
            was, now = _hosting_usd(self.prices), _hosting_usd((*later.prices, *kept.prices))
            same = {name for name in was if was[name] == now.get(name)}
            base = replace(
                later, savings=tuple(row for row in self.savings if row.instance_type in same)
            )
        return base.joined(kept)

    def joined(self, newer: "CachedRegion") -> "CachedRegion":
        """Those of a type and component, or of an item, are replaced where ``newer`` has it.

        So a list of one instance type leaves the others as they were, fetch times included, and
        one without the Hosting price of a type leaves the Hosting price that is known.

        Savings Plans rates go with the Hosting price that they discount: where that is another
        now, and ``newer`` has none of the type, there is none.
        """
        was, now = _hosting_usd(self.prices), _hosting_usd(newer.prices)
        moved = {name for name in now if name in was and was[name] != now[name]}
        savings = [row for row in self.savings if row.instance_type not in moved]
        return CachedRegion(
            region=self.region,
            prices=_joined(self.prices, newer.prices, _price_key),
            rates=_joined(self.rates, newer.rates, _item),
            savings=_joined(savings, newer.savings, _type),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A list that was put into the cache.

    Attributes
    ----------
    listing
        What was stored of it, and what was left out.
    fetched_at
        ``2026-11-24T09:30:00Z``.
    kept_prices
        Prices of other instance types that stay as they were.
    replaced_published
        The newest date of the prices that were there before; ``None``: none were.
    place
        The file.
    later
        Rows of a later date than the list that stay in its place, and the latest date of them.
    """

    listing: Listing
    fetched_at: str
    kept_prices: int
    replaced_published: str | None
    place: str
    later: tuple[int, str] | None = None

    @property
    def caveats(self) -> tuple[Caveat, ...]:
        """That the list is older than the cache, has no Savings Plans, or contradicts itself."""
        unread = self.listing.savings_unread
        found = (*(() if unread is None else (unread,)), *_competing(self.listing))
        if self.later is None:
            return found
        rows, newest = self.later
        listing = self.listing
        stay = "1 row stays" if rows == 1 else f"{rows:,} rows stay"
        message = (
            f"The list of {listing.region}, published {listing.published}, is older than what is "
            f"cached of it: {stay} as of up to {newest}; to go back to the older list, delete "
            f"{self.place} and store it again"
        )
        return (*found, Caveat(code=WarningCode.PRICE_LIST_OLDER, message=message))


def _competing(listing: Listing) -> tuple[Caveat, ...]:
    """That types have several Hosting prices, so that no cost of theirs will be computed."""
    several = {name: usd for name, usd in _hosting_usd(listing.prices).items() if len(usd) > 1}
    if not several:
        return ()
    shown = "; ".join(
        f"{name}: {', '.join(f'{each.normalize():f}' for each in sorted(several[name]))}"
        for name in sorted(several)[:_SHOWN]
    )
    more = f" and {len(several) - _SHOWN:,} more" if len(several) > _SHOWN else ""
    message = (
        f"The list of {listing.region} has several Hosting prices of one type, and every cost of "
        f"it is refused until --prices FILE gives one: {shown}{more}"
    )
    return (Caveat(code=WarningCode.PRICES_COMPETE, message=message),)


def _joined(
    old: Iterable[_Row], newer: tuple[_Row, ...], key: Callable[[_Row], _Key]
) -> tuple[_Row, ...]:
    replaced = {key(row) for row in newer}
    rows: list[_Row] = [row for row in old if key(row) not in replaced]
    rows.extend(newer)
    return tuple(sorted(rows, key=key))


def _without(
    rows: Iterable[_Row], others: Iterable[_Row], key: Callable[[_Row], _Key]
) -> tuple[_Row, ...]:
    there = {key(row) for row in others}
    return tuple(row for row in rows if key(row) not in there)


def _later(
    old: Iterable[_Row],
    fresh: Iterable[_Row],
    key: Callable[[_Row], _Key],
    otherwise: str | None,
) -> tuple[_Row, ...]:
    """Rows later than those of ``fresh`` with their key, or than ``otherwise`` where none has it.

    Several rows of one key stay together or go together.
    """
    dates = _dates(fresh, key)
    kept = {
        each
        for each, as_of in _dates(old, key).items()
        if (limit := dates.get(each, otherwise)) is not None and as_of > limit
    }
    return tuple(row for row in old if key(row) in kept)


def _dates(rows: Iterable[_Row], key: Callable[[_Row], _Key]) -> dict[_Key, str]:
    """The latest date of every key."""
    found: dict[_Key, str] = {}
    for row in rows:
        found[key(row)] = max(row.as_of, found.get(key(row), ""))
    return found


def _hosting_usd(prices: Iterable[Price]) -> dict[str, set[Decimal]]:
    """The Hosting figures of each type: several where the list does not agree with itself."""
    usd: dict[str, set[Decimal]] = {}
    for price in prices:
        if price.component.is_hosting:
            usd.setdefault(price.instance_type, set()).add(price.usd_per_hour)
    return usd


def _price_key(price: Price) -> tuple[str, int, str]:
    return (price.instance_type, price.component.rank, price.component.value)


def _item(rate: Rate) -> str:
    return rate.item


def _type(saving: SavingsRate) -> str:
    return saving.instance_type
