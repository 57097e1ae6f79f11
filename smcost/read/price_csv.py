"""The price CSV: ``region, instance_type, component, usd_per_hour, source, as_of[, sku]``."""

from pathlib import Path

from smcost.errors import PriceError
from smcost.prices import Component, Price
from smcost.read.csv_table import Row, parse_table
from smcost.read.text_file import read_text

_COLUMNS = ("region", "instance_type", "component", "usd_per_hour", "source", "as_of")


def read_prices(path: Path) -> list[Price]:
    """Read the file given with ``--prices``: UTF-8, plain or gzipped.

    The standard library's :mod:`csv` is used, not pandas, so that ``estimate`` starts at once.

    Raises
    ------
    InputError
        The file cannot be opened, is no such CSV, or a cell makes no sense.
    PriceError
        A price is zero or negative, or of an EC2 instance.
    """
    return parse_prices(read_text(path), str(path))


def parse_prices(text: str, place: str) -> list[Price]:
    """Read the text of a price CSV, in file order; rows that repeat another are dropped.

    Raises
    ------
    InputError, PriceError
        As :func:`read_prices`; ``place`` is how they name the file.
    """
    return list(dict.fromkeys(price_of(row) for row in parse_table(text, place, _COLUMNS)))


def price_of(row: Row) -> Price:
    """Read one row; columns beyond those of the price CSV are not looked at.

    Raises
    ------
    InputError, PriceError
        As :func:`read_prices`.
    """
    usd_per_hour = row.number("usd_per_hour")
    component = _component(row)
    texts = {column: row.text(column) for column in ("region", "instance_type", "source", "as_of")}
    try:
        return Price(
            component=component,
            usd_per_hour=usd_per_hour,
            sku=row.cells.get("sku") or None,
            **texts,
        )
    except PriceError as error:
        column = "usd_per_hour" if usd_per_hour <= 0 else "instance_type"
        place = f"{row.place}, column {column}"
        raise PriceError(error.cause, remedy=error.remedy, place=place) from error


def _component(row: Row) -> Component:
    cell = row.text("component")
    try:
        return Component(cell)
    except ValueError as error:
        known = ", ".join(Component)
        raise row.refuse("component", found=repr(cell), wanted=f"one of {known}") from error
