"""A region of the price cache as one CSV. Returns text, never prints.

One file, and not one each for prices, rates and Savings Plans rates: a file can be replaced whole,
three cannot, and a reader in between would put prices of one day beside rates of another. The
columns are those of the price CSV and the rates CSV side by side, with the rest of what is known
of each row; cells that do not apply are empty. ``row`` is ``17 of 243``, so that a file that was
cut off, even between two lines, is not taken for a shorter list.
"""

import csv
import io
from collections.abc import Iterator, Mapping

from smcost.prices import Price, Rate
from smcost.prices.cached import CachedRegion
from smcost.prices.savings import SavingsRate

COLUMNS = (
    "kind", "region", "instance_type", "component", "usd_per_hour", "term_years", "payment",
    "item", "unit", "usd", "sku", "source", "as_of", "fetched_at", "row",
)  # fmt: skip


def price_cache_csv(cached: CachedRegion) -> str:
    """Every row of a region: prices, then rates, then Savings Plans rates."""
    rows = [*_rows(cached)]
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for number, row in enumerate(rows, start=1):
        writer.writerow({**row, "row": f"{number} of {len(rows)}"})
    return buffer.getvalue()


def _rows(cached: CachedRegion) -> Iterator[Mapping[str, object]]:
    for price in cached.prices:
        yield {
            "kind": "price",
            "instance_type": price.instance_type,
            "component": price.component.value,
            "usd_per_hour": f"{price.usd_per_hour:f}",
            "sku": price.sku or "",
            **_origin(price),
        }
    for rate in cached.rates:
        yield {
            "kind": "rate",
            "item": rate.item.value,
            "unit": rate.unit,
            "usd": f"{rate.usd:f}",
            **_origin(rate),
        }
    for saving in cached.savings:
        yield {
            "kind": "savings",
            "instance_type": saving.instance_type,
            "usd_per_hour": f"{saving.usd_per_hour:f}",
            "term_years": saving.term_years,
            "payment": saving.payment.value,
            "sku": saving.sku or "",
            **_origin(saving),
        }


def _origin(row: Price | Rate | SavingsRate) -> dict[str, object]:
    return {
        "region": row.region,
        "source": row.source,
        "as_of": row.as_of,
        "fetched_at": row.fetched_at,
    }
