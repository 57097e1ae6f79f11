"""The models CSV: ``model, size_mb, load_time_ms`` and how often each is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from smcost.errors import InputError
from smcost.multi_model import Hosted
from smcost.multi_model.hosted import MOST_MODELS
from smcost.read.csv_table import Row, parse_table
from smcost.read.text_file import read_text
from smcost.units import per_second

_COLUMNS = ("model", "size_mb", "load_time_ms")
#: How popularity may be given: one of them.
_POPULARITY = ("weight", "invocations_per_minute")
_BYTES_PER_MB = 2**20
#: Larger figures are in another unit.
_LARGEST_MB, _LONGEST_MS = 1e7, 3.6e6


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedModels:
    """The models of a file.

    ``rps`` is what all of them are asked for where the file has it per minute; ``None`` where it
    has weights. [s^-1]
    """

    hosted: Hosted
    rps: float | None


def read_models(path: Path) -> ListedModels:
    """Read the file given with ``--models``: UTF-8, plain or gzipped.

    Raises
    ------
    InputError
        The file cannot be opened, is no such CSV, or a cell makes no sense.
    """
    return parse_models(read_text(path), str(path))


def parse_models(text: str, place: str) -> ListedModels:
    """Read the text of a models CSV; ``place`` is how errors name it.

    ``download_time_ms`` adds to the load time, ``service_time_ms`` goes before the service time of
    the capacity; either column is there for all models or for none.

    Raises
    ------
    InputError
        As :func:`read_models`, a model named twice, or none that is ever asked for.
    """
    rows = list(parse_table(text, place, _COLUMNS))
    column = _popularity_column(rows, place)
    _refuse_twice(rows)
    if len(rows) > MOST_MODELS:
        raise InputError(
            f"The file has {len(rows):,} models",
            remedy=f"Give at most {MOST_MODELS:,}, those of one endpoint",
            place=place,
        )
    weight = np.array([_number(row, column, least=0.0) for row in rows])
    if not weight.any():
        raise InputError(
            f"Every {column} is 0, so no model is ever asked for",
            remedy="Give at least one model a popularity above 0",
            place=f"{place}, column {column}",
        )
    load_ms = np.array([_number(row, "load_time_ms", most=_LONGEST_MS) for row in rows])
    if "download_time_ms" in rows[0].cells:
        load_ms += [_number(row, "download_time_ms", most=_LONGEST_MS) for row in rows]
    service_s = None
    if "service_time_ms" in rows[0].cells:
        service_s = np.array([_positive(row, "service_time_ms", _LONGEST_MS) for row in rows])
        service_s /= 1000
    size_mb = np.array([_positive(row, "size_mb", _LARGEST_MB) for row in rows])
    hosted = Hosted(
        names=tuple(row.text("model") for row in rows),
        share=weight / weight.sum(),
        size_bytes=size_mb * _BYTES_PER_MB,
        load_s=load_ms / 1000,
        service_s=service_s,
    )
    per_minute = column == "invocations_per_minute"
    return ListedModels(hosted=hosted, rps=per_second(float(weight.sum())) if per_minute else None)


def _popularity_column(rows: Sequence[Row], place: str) -> str:
    found = [column for column in _POPULARITY if column in rows[0].cells]
    if len(found) != 1:
        said = "both weight and" if found else "neither weight nor"
        raise InputError(
            f"The header has {said} invocations_per_minute",
            remedy="Give one of them: how often each model is asked for",
            place=f"{place}, header",
        )
    return found[0]


def _refuse_twice(rows: Sequence[Row]) -> None:
    seen: set[str] = set()
    for row in rows:
        name = row.text("model")
        if name in seen:
            raise row.refuse("model", found=f"{name!r} for the second time", wanted="another name")
        seen.add(name)


def _number(row: Row, column: str, *, least: float = 0.0, most: float = 1e15) -> float:
    value = float(row.number(column))
    if not least <= value <= most:
        raise row.refuse(
            column, found=row.text(column), wanted=f"a number from {least:g} to {most:,.0f}"
        )
    return value


def _positive(row: Row, column: str, most: float) -> float:
    value = _number(row, column, most=most)
    if value <= 0:
        raise row.refuse(column, found=row.text(column), wanted="a number above 0")
    return value
