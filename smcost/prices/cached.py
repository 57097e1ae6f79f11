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

_Row = TypeVar("_Row", Price, Rate, SavingsRate)
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
        rows: list[Price | Rate | SavingsRate] = [*self.prices, *self.rates, *self.savings]
        for row in rows:
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
            rates=_joined(self.rates, newer.rates, lambda row: row.item),
            savings=_joined(savings, newer.savings, lambda row: row.instance_type),
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
    """

    listing: Listing
    fetched_at: str
    kept_prices: int
    replaced_published: str | None
    place: str


def _joined(
    old: Iterable[_Row], newer: tuple[_Row, ...], key: Callable[[_Row], _Key]
) -> tuple[_Row, ...]:
    replaced = {key(row) for row in newer}
    rows: list[_Row] = [row for row in old if key(row) not in replaced]
    rows.extend(newer)
    return tuple(sorted(rows, key=key))


def _hosting_usd(prices: Iterable[Price]) -> dict[str, set[Decimal]]:
    """The Hosting figures of each type: several where the list does not agree with itself."""
    usd: dict[str, set[Decimal]] = {}
    for price in prices:
        if price.component.is_hosting:
            usd.setdefault(price.instance_type, set()).add(price.usd_per_hour)
    return usd


def _price_key(price: Price) -> tuple[str, int, str]:
    return (price.instance_type, price.component.rank, price.component.value)
