"""What the documents of the ``prices`` commands say of one price, rate or stored list."""

from typing import Literal

from pydantic import Field

from smcost.emit.provenance_schema import Model

_LAYER = "prices_file (--prices, --rates), cache or bundled: in this order they are asked"
_FETCHED = "when it was put into the price cache, UTC; null elsewhere"
Layer = Literal["prices_file", "cache", "bundled"]


class PriceEntry(Model):
    """One row of the catalogue."""

    region: str
    instance_type: str
    component: str
    usd_per_hour: float
    sku: str | None
    source: str
    as_of: str
    used: bool
    layer: Layer = Field(description=_LAYER)
    fetched_at: str | None = Field(description=_FETCHED)


class RateEntry(Model):
    """What a unit of something beside instance-hours costs."""

    region: str
    item: str
    unit: str
    usd: float
    source: str
    as_of: str
    used: bool
    layer: Layer = Field(description=_LAYER)
    fetched_at: str | None = Field(description=_FETCHED)


class SavingsEntry(Model):
    """What an instance-hour costs under a Savings Plan."""

    region: str
    instance_type: str
    term_years: int
    payment: Literal["no_upfront", "partial_upfront", "all_upfront"]
    usd_per_hour: float
    sku: str | None
    source: str
    as_of: str
    fetched_at: str | None = Field(description=_FETCHED)


class StoredEntry(Model):
    """What one region's price list brought into the cache."""

    region: str
    source: str
    published: str
    fetched_at: str
    prices: dict[str, int] = Field(description="prices stored, by component")
    rates: int = Field(description="rates stored")
    savings_plans: int = Field(description="Savings Plans rates stored")
    left_out: dict[str, int] = Field(description="entries of the list not stored, by reason")
    kept_prices: int = Field(description="prices of other instance types, left as they were")
    kept_later: int = Field(description="rows of a later date than the list, left as they were")
    replaced_published: str | None = Field(
        description="newest date of the prices there before; null where there were none"
    )
    cache_file: str
