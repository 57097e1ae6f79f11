"""A region of the price cache, as :mod:`smcost.emit.price_cache_csv` writes it.

The file is smcost's own, so whatever is wrong with it is damage: it is refused by name and with
the way to mend it, never passed over for the bundled prices behind it, which are other figures.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from smcost.errors import InputError, PriceError
from smcost.prices import Price, Rate
from smcost.prices.cached import CachedRegion
from smcost.prices.savings import TERMS_YEARS, PaymentOption, SavingsRate
from smcost.read.csv_table import Row, parse_table
from smcost.read.price_csv import price_of
from smcost.read.rates_csv import rate_of
from smcost.read.text_file import read_text

_COLUMNS = (
    "kind", "region", "instance_type", "component", "usd_per_hour", "term_years", "payment",
    "item", "unit", "usd", "sku", "source", "as_of", "fetched_at", "row",
)  # fmt: skip
_Row = TypeVar("_Row", Price, Rate, SavingsRate)


def read_price_cache(path: Path, region: str) -> CachedRegion:
    """Read the cached rows of a region.

    The standard library's :mod:`csv` is used, not pandas, so that ``estimate`` starts at once.

    Raises
    ------
    InputError
        The file cannot be read or is damaged: no such CSV, a row without meaning, of another
        region or without its number, or fewer rows than there were.
    """
    try:
        return parse_price_cache(read_text(path), str(path), region)
    except (InputError, PriceError) as error:
        raise InputError(
            f"The price cache is damaged: {error.cause}",
            remedy=f"Fetch it again with `smcost prices pull --region {region}`, or delete the "
            "file to do with the bundled prices",
            place=error.place or str(path),
        ) from error


def parse_price_cache(text: str, place: str, region: str) -> CachedRegion:
    """Read the text of a cached region.

    Raises
    ------
    InputError, PriceError
        As :func:`read_price_cache`, without its remedy; ``place`` is how they name the file.
    """
    rows = list(parse_table(text, place, _COLUMNS))
    for number, row in enumerate(rows, start=1):
        if row.text("row") != f"{number} of {len(rows)}":
            raise row.refuse(
                "row", found=repr(row.cells["row"]), wanted=f"'{number} of {len(rows)}'"
            )
        if row.cells["kind"] not in _KINDS:
            raise row.refuse(
                "kind", found=repr(row.cells["kind"]), wanted=f"one of {', '.join(_KINDS)}"
            )
    return CachedRegion(
        region=region,
        prices=_of_kind("price", rows, price_of),
        rates=_of_kind("rate", rows, rate_of),
        savings=_of_kind("savings", rows, _savings_of),
    )


def _of_kind(kind: str, rows: list[Row], read: Callable[[Row], _Row]) -> tuple[_Row, ...]:
    return tuple(
        replace(read(row), fetched_at=row.text("fetched_at"))
        for row in rows
        if row.cells["kind"] == kind
    )


def _savings_of(row: Row) -> SavingsRate:
    texts = {column: row.text(column) for column in ("region", "instance_type", "source", "as_of")}
    try:
        payment = PaymentOption(row.text("payment"))
    except ValueError as error:
        known = ", ".join(PaymentOption)
        found = repr(row.cells["payment"])
        raise row.refuse("payment", found=found, wanted=f"one of {known}") from error
    if row.text("term_years") not in map(str, TERMS_YEARS):
        wanted = " or ".join(map(str, TERMS_YEARS))
        raise row.refuse("term_years", found=repr(row.cells["term_years"]), wanted=wanted)
    return SavingsRate(
        term_years=int(row.text("term_years")),
        payment=payment,
        usd_per_hour=row.number("usd_per_hour"),
        sku=row.cells["sku"] or None,
        **texts,
    )


_KINDS = ("price", "rate", "savings")
