"""Cells that every kind of capacity file has."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from smcost.capacity import LatencyOf, RateOf
from smcost.queueing.service import FloatArray, ServiceLaw
from smcost.read.csv_table import Row

Words = TypeVar("Words", ServiceLaw, LatencyOf, RateOf)

#: Columns of percentiles, and what each is. [fraction]
PERCENTILES = {"p50_ms": 0.5, "p90_ms": 0.9, "p95_ms": 0.95, "p99_ms": 0.99}


def numbers(rows: Sequence[Row], column: str) -> FloatArray:
    """A column of which no cell may be empty, shape ``(M,)``."""
    return np.array([float(row.number(column)) for row in rows])


def word(row: Row, column: str, words: type[Words], default: Words) -> Words:
    """A cell out of a closed list, or the default where it is empty.

    Raises
    ------
    InputError
    """
    cell = row.cells.get(column, "")
    if not cell:
        return default
    try:
        return words(cell)
    except ValueError as error:
        raise row.refuse(column, found=repr(cell), wanted=f"one of {', '.join(words)}") from error


def latency_of(row: Row) -> LatencyOf:
    """What the latencies of a row are of; total unless it says so."""
    return word(row, "latency_of", LatencyOf, LatencyOf.TOTAL)


def rate_of(rows: Sequence[Row]) -> RateOf:
    """What the rates of a type are: saturation where one row says so; offered by default."""
    found = [word(row, "rate_of", RateOf, RateOf.OFFERED) for row in rows]
    return RateOf.SATURATION if RateOf.SATURATION in found else RateOf.OFFERED
