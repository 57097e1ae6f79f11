"""The header of a traffic CSV: which column holds what, and the notes above it."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from smcost.errors import InputError

TIME, COUNTS, RATES = "timestamp", "invocations", "rps"
_LONGEST_HEADER = 2**16
#: Names that others use for the same thing.
_TIME_SYNONYMS = dict.fromkeys(("time", "date", "datetime", "ts"), "timestamp")
_VALUE_SYNONYMS = {
    **dict.fromkeys(("count", "counts", "requests", "calls", "sum"), "invocations"),
    **dict.fromkeys(("qps", "tps", "requests_per_second", "rate"), "rps"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the columns are; those of the value are ``None`` where each row is a request.

    ``notes`` are the lines ``# key: value`` above the header: where the counts come from.
    """

    place: str
    header_row: int
    width: int
    notes: Mapping[str, str]
    time_at: int
    value_at: int | None
    value_name: str | None


def read_header(text: io.TextIOBase, place: str, requests: bool) -> Layout:
    """Read up to the first row of data.

    Raises
    ------
    InputError
        No header, or columns that are missing, twice there or called otherwise.
    """
    row, line = 1, text.readline(_LONGEST_HEADER)
    notes: dict[str, str] = {}
    while line.isspace() or line.startswith("#"):
        key, colon, value = line.removeprefix("#").partition(":")
        if colon:
            notes[key.strip()] = value.strip()
        row, line = row + 1, text.readline(_LONGEST_HEADER)
    if not line:
        raise InputError("The file is empty", remedy="Give a CSV file with a header", place=place)
    written = [name.strip() for name in next(csv.reader([line], skipinitialspace=True))]
    value_name = value_column(written, requests, f"{place}, row {row}")
    names = [name.lower() for name in written]
    return Layout(
        place=place,
        header_row=row,
        width=len(names),
        notes=notes,
        time_at=names.index(TIME),
        value_at=None if value_name is None else names.index(value_name),
        value_name=value_name,
    )


def value_column(written: list[str], requests: bool, place: str) -> str | None:
    """Choose the column to read beside the time; ``None`` for one row per request.

    Raises
    ------
    InputError
        Columns that are missing, twice there or called otherwise.
    """
    names = [name.lower() for name in written]
    found = ", ".join(repr(name[:40]) for name in written[:10])
    values = [name for name in (COUNTS, RATES) for _ in range(names.count(name))]
    _refuse_semicolons(written, place)
    _refuse_synonyms(names, requests=requests, has_value=bool(values), place=place)
    if names.count(TIME) != 1 or len(values) > 1:
        raise InputError(
            f"Wanted a header with one column {TIME} and one of {COUNTS} or {RATES}, found {found}",
            remedy="Name the columns in the first line, separated by commas, each once",
            place=place,
        )
    if requests and values:
        raise InputError(
            f"With --requests each row is one request, but there is a column {values[0]}",
            remedy=f"Leave --requests out, or remove the column {values[0]}",
            place=place,
        )
    if not requests and not values:
        raise InputError(
            f"Wanted a column {COUNTS} or {RATES}, found {found}",
            remedy="Add one, or use --requests if each row is one request",
            place=place,
        )
    return values[0] if values else None


def _refuse_semicolons(written: list[str], place: str) -> None:
    if len(written) == 1 and ";" in written[0]:
        raise InputError(
            "The columns are separated by semicolons, and commas are wanted",
            remedy="Export with commas, and with a point in decimal numbers",
            place=place,
        )


def _refuse_synonyms(names: list[str], *, requests: bool, has_value: bool, place: str) -> None:
    """A column that is plainly meant is not taken on trust, but named: units decide the bill."""
    wanted = {} if names.count(TIME) else _TIME_SYNONYMS
    wanted = wanted if requests or has_value else wanted | _VALUE_SYNONYMS
    for name in names:
        if name in wanted:
            raise InputError(
                f"There is a column {name!r}, but none called {wanted[name]}",
                remedy=f"Rename {name} to {wanted[name]}, if that is what it holds",
                place=place,
            )
