"""Capacity files: what one instance can do, in any of the three kinds, told by their columns.

- *workers*: ``instance_type, workers, service_time_ms, service_cv[, service_law]``, a row a type;
  with the law ``empirical`` percentiles in its place, or many rows with a service time each
- *rates*: ``instance_type, offered_rps`` and percentiles, a row a tested rate
- *sweep*: ``instance_type, concurrency, throughput_rps`` and percentiles, a row a concurrency

Percentiles are any of ``p50_ms, p90_ms, p95_ms, p99_ms``; ``error_rate``, ``n``, ``mean_ms`` and
``latency_of`` (total, model, first_byte) may stand beside them, beside rates also ``rate_of``
(offered, saturation). Lines before the header that begin
with ``#`` are comments.
"""

import difflib
import itertools
import re
from collections.abc import Sequence

import numpy as np

from smcost.capacity import (
    Kind,
    LatencyOf,
    Profile,
    RatesProfile,
    SweepProfile,
)
from smcost.errors import InputError, UsageError
from smcost.queueing.service import FloatArray
from smcost.read.capacity_cells import PERCENTILES, latency_of, numbers, rate_of
from smcost.read.capacity_workers import EMPIRICAL, workers_profile
from smcost.read.csv_table import Row, parse_table, uncommented

_COLUMNS = {
    Kind.WORKERS: ("instance_type", "workers", "service_time_ms", "service_cv"),
    Kind.RATES: ("instance_type", "offered_rps"),
    Kind.SWEEP: ("instance_type", "concurrency", "throughput_rps"),
}
#: A percentile by any other name; one of ours in another unit would be off by a thousand.
_PERCENTILE = re.compile(r"(latency_?)?p\d\d\d?(_?(ms|s|us))?", re.IGNORECASE)
_MISSPELT = {
    "errors": "error_rate, the failed share of the requests,",
    "error": "error_rate, the failed share of the requests,",
    "requests": "n, the number of requests,",
    "throughput": "throughput_rps",
    "rps": "offered_rps or throughput_rps",
}
_OPTIONAL = ("service_law", "error_rate", "n", "mean_ms", "latency_of", "rate_of")
_MARKS = {"workers": Kind.WORKERS, "offered_rps": Kind.RATES, "concurrency": Kind.SWEEP}


def parse_capacity(text: str, place: str) -> dict[str, Profile]:
    """Read the text of a capacity file: instance type -> profile, in file order.

    Raises
    ------
    InputError
        The text is no such CSV, is of two kinds or none, a cell makes no sense, a type or a level
        stands twice, no percentile is measured at every level, or latencies of different things
        are mixed. ``place`` is how it names the file.
    """
    text = uncommented(text)
    kind = _kind(text, place)
    rows: dict[str, list[Row]] = {}
    for row in parse_table(text, place, _required(kind, text)):
        rows.setdefault(row.text("instance_type"), []).append(row)
    _refuse_misspelt(next(iter(rows.values()))[0])
    _refuse_mixed(rows)
    return {name: _profile(kind, name, of_type) for name, of_type in rows.items()}


def _required(kind: Kind, text: str) -> tuple[str, ...]:
    """An empirical service time has other columns; its rows are then checked one by one."""
    columns = _COLUMNS[kind]
    return columns[:2] if kind is Kind.WORKERS and EMPIRICAL in text else columns


def _kind(text: str, place: str) -> Kind:
    if not text.strip():
        raise InputError(
            "There are comments but no header",
            remedy="Check the command that should have filled the file",
            place=place,
        )
    header = [cell.strip(' "') for cell in text.lstrip().splitlines()[0].split(",")]
    kinds = [kind for column, kind in _MARKS.items() if column in header]
    if len(kinds) == 1:
        return kinds[0]
    found = f"of two kinds, {' and '.join(kinds)}" if kinds else "of no known kind"
    raise InputError(
        f"The columns {', '.join(header)} are {found}",
        remedy="Name workers, offered_rps, or concurrency and throughput_rps in the header",
        place=f"{place}, header",
    )


def _profile(kind: Kind, name: str, rows: Sequence[Row]) -> Profile:
    try:
        if kind is Kind.WORKERS:
            return workers_profile(name, rows)
        return _rates(name, rows) if kind is Kind.RATES else _sweep(name, rows)
    except UsageError as error:
        raise InputError(error.cause, remedy=error.remedy, place=rows[0].place) from error


def _rates(name: str, rows: Sequence[Row]) -> RatesProfile:
    ordered = _ordered(name, rows, "offered_rps")
    fractions, latencies_s = _percentiles(name, ordered)
    return RatesProfile(
        instance_type=name,
        offered_rps=numbers(ordered, "offered_rps"),
        fractions=fractions,
        latencies_s=latencies_s,
        error_rate=_optional(ordered, "error_rate", 0.0),
        errors_known=any(row.cells.get("error_rate") for row in ordered),
        requests=_optional(ordered, "n", 0.0),
        latency_of=latency_of(rows[0]),
        rate_of=rate_of(rows),
    )


def _sweep(name: str, rows: Sequence[Row]) -> SweepProfile:
    ordered = _ordered(name, rows, "concurrency")
    for row in ordered:
        if row.number("concurrency") % 1:
            raise row.refuse("concurrency", found=row.cells["concurrency"], wanted="a whole number")
    fractions, latencies_s = _percentiles(name, ordered)
    return SweepProfile(
        instance_type=name,
        concurrency=numbers(ordered, "concurrency"),
        throughput_rps=numbers(ordered, "throughput_rps"),
        fractions=fractions,
        latencies_s=latencies_s,
        error_rate=_optional(ordered, "error_rate", 0.0),
        errors_known=any(row.cells.get("error_rate") for row in ordered),
        requests=_optional(ordered, "n", 0.0),
        means_s=_optional(ordered, "mean_ms", np.nan) / 1000,
        latency_of=latency_of(rows[0]),
    )


def _ordered(name: str, rows: Sequence[Row], column: str) -> list[Row]:
    ordered = sorted(rows, key=lambda row: row.number(column))
    for before, row in itertools.pairwise(ordered):
        if before.number(column) == row.number(column):
            raise InputError(
                f"{column} {row.cells[column]} of {name} stands there twice",
                remedy="Keep the row with more requests",
                place=row.place,
            )
    return ordered


def _percentiles(name: str, rows: Sequence[Row]) -> tuple[FloatArray, FloatArray]:
    """Percentiles measured at every level, and their latencies ``(M, P)``. [fraction, s]"""
    measured = [column for column in PERCENTILES if all(row.cells.get(column) for row in rows)]
    if not measured:
        raise InputError(
            f"No percentile of {name} is measured at every level",
            remedy=f"Fill at least one of {', '.join(PERCENTILES)} in every row",
            place=rows[0].place,
        )
    fractions = np.array([PERCENTILES[column] for column in measured])
    columns = [numbers(rows, column) / 1000 for column in measured]
    return fractions, np.column_stack(columns)


def _optional(rows: Sequence[Row], column: str, missing: float) -> FloatArray:
    return np.array(
        [float(row.number(column)) if row.cells.get(column) else missing for row in rows]
    )


def _refuse_misspelt(row: Row) -> None:
    """Columns that look like one of ours are hardly there to be ignored.

    Raises
    ------
    InputError
    """
    for column in row.cells:
        if column not in PERCENTILES and _PERCENTILE.fullmatch(column):
            known = ", ".join(PERCENTILES)
            raise row.refuse(column, found="no column that is read", wanted=f"one of {known}")
        wanted = _MISSPELT.get(column) or _nearest(column)
        if wanted:
            raise row.refuse(column, found="no column that is read", wanted=wanted)


def _nearest(column: str) -> str | None:
    """The column that a misspelt one is meant to be; ``None`` for ours and for unlike ones."""
    known = {*_OPTIONAL, *PERCENTILES, *itertools.chain.from_iterable(_COLUMNS.values())}
    if column in known:
        return None
    return next(iter(difflib.get_close_matches(column, known, n=1, cutoff=0.8)), None)


def _refuse_mixed(rows: dict[str, list[Row]]) -> None:
    """Neither within a type nor across types: what is cheapest must be of one thing."""
    first: dict[LatencyOf, Row] = {}
    for row in itertools.chain.from_iterable(rows.values()):
        first.setdefault(latency_of(row), row)
    if len(first) > 1:
        raise InputError(
            f"The file mixes latencies of {' and '.join(sorted(first))}",
            remedy="Keep those of one kind; percentiles of different things never mix",
            place=f"{list(first.values())[1].place}, column latency_of",
        )
