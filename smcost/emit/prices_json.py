"""The JSON documents of the ``prices`` commands. Returns text, never prints."""

from collections import Counter
from collections.abc import Iterable, Sequence

from smcost.emit import schema
from smcost.emit.documents import warnings_entry
from smcost.emit.price_schema import PriceEntry, RateEntry, SavingsEntry, StoredEntry
from smcost.emit.provenance_schema import Provenance
from smcost.prices import CompetingPrice
from smcost.prices.cached import Stored
from smcost.prices.rates import CompetingRate
from smcost.prices.savings import SavingsRate
from smcost.remarks import Caveat

_NO_INPUTS = Provenance(prices=None, traffic=None, capacity=None)


def prices_json(
    rows: Iterable[CompetingPrice],
    caveats: Sequence[Caveat],
    *,
    rates: Iterable[CompetingRate] = (),
    savings: Iterable[SavingsRate] = (),
) -> str:
    """``smcost prices show -f json``."""
    document = schema.PricesDocument(
        assumptions=[],
        warnings=warnings_entry(caveats),
        provenance=_NO_INPUTS,
        prices=[_price(row) for row in rows],
        rates=[_rate(row) for row in rates],
        savings_plans=[_saving(row) for row in savings],
    )
    return document.model_dump_json(indent=2) + "\n"


def stored_json(command: str, stored: Iterable[Stored], passed_over: Sequence[str] = ()) -> str:
    """``smcost prices pull -f json`` and ``smcost prices import -f json``."""
    stored = list(stored)
    document = schema.StoredDocument.model_validate(
        {
            "command": command,
            "assumptions": [],
            "warnings": warnings_entry([caveat for each in stored for caveat in each.caveats]),
            "provenance": _NO_INPUTS,
            "regions": [_stored(each) for each in stored],
            "passed_over": [*passed_over],
        }
    )
    return document.model_dump_json(indent=2) + "\n"


def _price(row: CompetingPrice) -> PriceEntry:
    return PriceEntry(
        region=row.price.region,
        instance_type=row.price.instance_type,
        component=row.price.component.value,
        usd_per_hour=float(row.price.usd_per_hour),
        sku=row.price.sku,
        source=row.price.source,
        as_of=row.price.as_of,
        used=row.used,
        layer=row.layer.value,
        fetched_at=row.price.fetched_at,
    )


def _rate(row: CompetingRate) -> RateEntry:
    return RateEntry(
        region=row.rate.region,
        item=row.rate.item.value,
        unit=row.rate.unit,
        usd=float(row.rate.usd),
        source=row.rate.source,
        as_of=row.rate.as_of,
        used=row.used,
        layer=row.layer.value,
        fetched_at=row.rate.fetched_at,
    )


def _saving(row: SavingsRate) -> SavingsEntry:
    return SavingsEntry(
        region=row.region,
        instance_type=row.instance_type,
        term_years=row.term_years,
        payment=row.payment.value,
        usd_per_hour=float(row.usd_per_hour),
        sku=row.sku,
        source=row.source,
        as_of=row.as_of,
        fetched_at=row.fetched_at,
    )


def _stored(stored: Stored) -> StoredEntry:
    listing = stored.listing
    return StoredEntry(
        region=listing.region,
        source=listing.source,
        published=listing.published,
        fetched_at=stored.fetched_at,
        prices=dict(Counter(price.component.value for price in listing.prices)),
        rates=len(listing.rates),
        savings_plans=len(listing.savings),
        left_out={reason.value: count for reason, count in listing.left_out.items()},
        kept_prices=stored.kept_prices,
        kept_later=0 if stored.later is None else stored.later[0],
        replaced_published=stored.replaced_published,
        cache_file=stored.place,
    )
