"""The rates CSV: ``region, item, unit, usd, source, as_of``."""

from pathlib import Path

from smcost.errors import InputError, PriceError
from smcost.prices import Rate, RateItem
from smcost.read.csv_table import Row, parse_table
from smcost.read.text_file import read_text

_COLUMNS = ("region", "item", "unit", "usd", "source", "as_of")


def read_rates(path: Path) -> list[Rate]:
    """Read the file given with ``--rates``: UTF-8, plain or gzipped.

    Raises
    ------
    InputError
        The file cannot be opened, is no such CSV, or a cell makes no sense.
    PriceError
        A rate is negative.
    """
    return parse_rates(read_text(path), str(path))


def parse_rates(text: str, place: str) -> list[Rate]:
    """Read the text of a rates CSV, in file order; rows that repeat another are dropped.

    Raises
    ------
    InputError, PriceError
        As :func:`read_rates`; ``place`` is how they name the file.
    """
    return list(dict.fromkeys(rate_of(row) for row in parse_table(text, place, _COLUMNS)))


def rate_of(row: Row) -> Rate:
    """Read one row; columns beyond those of the rates CSV are not looked at.

    Raises
    ------
    InputError, PriceError
        As :func:`read_rates`.
    """
    usd = row.number("usd")
    item = _item(row)
    texts = {column: row.text(column) for column in ("region", "unit", "source", "as_of")}
    try:
        return Rate(item=item, usd=usd, **texts)
    except PriceError as error:
        place = f"{row.place}, column usd"
        raise PriceError(error.cause, remedy=error.remedy, place=place) from error
    except InputError as error:
        place = f"{row.place}, column unit"
        raise InputError(error.cause, remedy=error.remedy, place=place) from error


def _item(row: Row) -> RateItem:
    cell = row.text("item")
    try:
        return RateItem(cell)
    except ValueError as error:
        known = ", ".join(RateItem)
        raise row.refuse("item", found=repr(cell), wanted=f"one of {known}") from error
