"""What of a price list is of one region, until all of it is read: then one listing.

A saved file may hold answers of different days one after another. Of one product the latest
publication counts, whatever the order; the others are counted as left out.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from smcost.prices import LeftOut, Listing, Price, Rate, RateItem, SavingsRate
from smcost.read.price_list_rates import SizedRate, per_gb_second


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRate:
    """A rate of one product: USD per unit of the item, or a size of it, yet to be divided."""

    sku: str
    as_of: str
    rate: tuple[RateItem, Decimal] | SizedRate


@dataclass(slots=True)
class GatheredRegion:
    """Prices, rates and what was left out so far."""

    prices: list[Price] = field(default_factory=list)
    rates: list[ListedRate] = field(default_factory=list)
    savings: list[SavingsRate] = field(default_factory=list)
    hosting_by_sku: dict[str, str] = field(default_factory=dict)
    hosting_by_usage: dict[str, tuple[str, str]] = field(default_factory=dict)
    left_out: Counter[LeftOut] = field(default_factory=Counter)
    other_types: set[str] = field(default_factory=set)
    published: str = ""
    _latest: dict[str, str] = field(default_factory=dict)

    def see(self, sku: str, as_of: str) -> None:
        """Note the day of a product, of which the latest counts."""
        self.published = max(self.published, as_of)
        if sku:
            self._latest[sku] = max(as_of, self._latest.get(sku, ""))

    def listing(self, code: str, source: str) -> Listing:
        """All of it as a listing of the region ``code``."""
        prices = [price for price in self.prices if self._counts(price.sku, price.as_of)]
        rates = [listed for listed in self.rates if self._counts(listed.sku, listed.as_of)]
        earlier = self._earlier()
        left_out = self.left_out + Counter({LeftOut.EARLIER: earlier} if earlier else {})
        return Listing(
            region=code,
            prices=tuple(sorted(set(prices), key=_price_order)),
            rates=_rates(rates, code, source),
            savings=tuple(sorted(set(self.savings), key=_saving_order)),
            source=source,
            published=self.published,
            left_out=dict(sorted(left_out.items())),
        )

    def _counts(self, sku: str | None, as_of: str) -> bool:
        return not sku or as_of == self._latest[sku]

    def _earlier(self) -> int:
        """How many publications of a product are not its latest."""
        found = {(price.sku, price.as_of) for price in self.prices}
        found |= {(listed.sku, listed.as_of) for listed in self.rates}
        return sum(not self._counts(sku, as_of) for sku, as_of in found)


def _rates(listed: Iterable[ListedRate], region: str, source: str) -> tuple[Rate, ...]:
    plain: set[Rate] = set()
    sized: dict[tuple[RateItem, str], list[SizedRate]] = {}
    for each in listed:
        if isinstance(each.rate, SizedRate):
            sized.setdefault((each.rate.item, each.as_of), []).append(each.rate)
        else:
            plain.add(_rate(*each.rate, region, source, each.as_of))
    plain |= {
        _rate(item, usd, region, source, as_of)
        for (item, as_of), sizes in sized.items()
        for usd in per_gb_second(sizes)
    }
    return tuple(
        sorted(_paid_before_free(plain), key=lambda rate: (rate.item, rate.as_of, rate.usd))
    )


def _rate(item: RateItem, usd: Decimal, region: str, source: str, as_of: str) -> Rate:
    return Rate(region=region, item=item, unit=item.unit, usd=usd, source=source, as_of=as_of)


def _paid_before_free(rates: Iterable[Rate]) -> list[Rate]:
    """Without rates of 0 beside a paid one of the same item: they are of the free tier."""
    rates = list(rates)
    paid = {rate.item for rate in rates if rate.usd > 0}
    return [rate for rate in rates if rate.usd > 0 or rate.item not in paid]


def _price_order(price: Price) -> tuple[str, int, str, Decimal, str]:
    component = price.component
    return (price.instance_type, component.rank, component, price.usd_per_hour, price.sku or "")


def _saving_order(rate: SavingsRate) -> tuple[str, int, str, Decimal, str]:
    return (
        rate.instance_type,
        rate.term_years,
        rate.payment,
        rate.usd_per_hour,
        rate.sku or "",
    )
