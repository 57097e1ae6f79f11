"""Rows of a capacity file of kind *workers*: a service time by law, percentiles or samples."""

from collections.abc import Sequence

import numpy as np

from smcost.capacity import WorkersProfile
from smcost.errors import InputError
from smcost.queueing.service import Service, ServiceLaw, ServiceTime
from smcost.queueing.service_measured import PercentileService, SampledService
from smcost.read.capacity_cells import PERCENTILES, latency_of, numbers, word
from smcost.read.csv_table import Row

EMPIRICAL = ServiceLaw.EMPIRICAL.value


def workers_profile(name: str, rows: Sequence[Row]) -> WorkersProfile:
    """The profile of one instance type.

    Raises
    ------
    InputError
        A cell is missing or makes no sense, or the type has more rows than its law asks for.
    UsageError
        The figures are no service time.
    """
    laws = {word(row, "service_law", ServiceLaw, ServiceLaw.LOGNORMAL) for row in rows}
    sampled = laws == {ServiceLaw.EMPIRICAL} and not _percentiles(rows[0])
    if len(rows) > 1 and not sampled:
        raise InputError(
            f"{name} stands there twice",
            remedy="Keep one row per instance type; only samples of the law empirical have more",
            place=rows[1].place,
        )
    return WorkersProfile(
        instance_type=name,
        workers=_workers(rows),
        service=_sampled(rows) if sampled else _described(rows[0], laws.pop()),
        latency_of=latency_of(rows[0]),
    )


def _workers(rows: Sequence[Row]) -> int:
    """The same whole number in every row."""
    first = rows[0].number("workers")
    for row in rows:
        found = row.number("workers")
        if found != found.to_integral_value():
            raise row.refuse("workers", found=str(found), wanted="a whole number")
        if found != first:
            raise row.refuse("workers", found=str(found), wanted=f"{first} as in the first sample")
    return int(first)


def _described(row: Row, law: ServiceLaw) -> Service:
    if law is ServiceLaw.EMPIRICAL:
        named = _percentiles(row)
        return PercentileService(
            fractions=tuple(PERCENTILES[column] for column in named),
            latencies_s=tuple(float(row.number(column)) / 1000 for column in named),
        )
    for column in ("service_time_ms", "service_cv"):
        if column not in row.cells:
            raise row.refuse(column, found="no column", wanted=f"one for the law {law.value}")
    return ServiceTime(
        mean_s=float(row.number("service_time_ms")) / 1000,
        cv=float(row.number("service_cv")),
        law=law,
    )


def _sampled(rows: Sequence[Row]) -> Service:
    if "service_time_ms" not in rows[0].cells:
        wanted = f"one, or two of {', '.join(PERCENTILES)}, for the law {EMPIRICAL}"
        raise rows[0].refuse("service_time_ms", found="no column", wanted=wanted)
    return SampledService(samples_s=np.asarray(numbers(rows, "service_time_ms") / 1000))


def _percentiles(row: Row) -> list[str]:
    return [column for column in PERCENTILES if row.cells.get(column)]
