"""What ``smcost traffic pull`` saved, as minutes to fit a capacity to."""

import csv
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from smcost.capacity.observed import FRACTIONS, ObservedMinutes
from smcost.errors import InputError
from smcost.read.text_file import read_text
from smcost.traffic.observation import METRICS, Observation, Span
from smcost.traffic.periods import MOST_PERIODS

_MICROSECONDS = 1e6
_REMEDY = "Give a file that smcost traffic pull wrote, unchanged"


def read_observation(path: Path) -> Observation:
    """Read a saved observation back as it was.

    Raises
    ------
    InputError
        The file was not written by ``smcost traffic pull``, or was changed since.
    """
    place = str(path)
    lines = read_text(path).splitlines()
    above = next((at for at, line in enumerate(lines) if not line.startswith("#")), len(lines))
    notes = dict(_note(line) for line in lines[:above])
    rows = csv.DictReader(lines[above:])
    header = rows.fieldnames or ()
    for column in ("timestamp", *(metric.column for metric in METRICS)):
        if column not in header:
            raise InputError(
                f"There is no column {column}",
                remedy=_REMEDY,
                place=f"{place}, row {above + 1}",
            )
    span = _span(notes, place)
    table = {metric.column: np.full(span.periods, np.nan) for metric in METRICS}
    for number, row in enumerate(rows, start=above + 2):
        at = _place_in(span, row["timestamp"], f"{place}, row {number}")
        for column, series in table.items():
            series[at] = _number(row[column], f"{place}, row {number}, column {column}")
    return Observation(
        endpoint=_text(notes, "endpoint", place),
        variant=_text(notes, "variant", place),
        region=_text(notes, "region", place),
        instance_type=notes.get("instance type") or None,
        routing=notes.get("routing") or None,
        span=span,
        pulled_s=_moment(_text(notes, "pulled", place), f"{place}, pulled"),
        columns=table,
    )


def observed_minutes_of(observation: Observation) -> ObservedMinutes:
    """The periods of which something is known, with latencies in seconds.

    Raises
    ------
    InputError
        Nothing was observed, or figures that cannot be.
    """
    columns = observation.columns
    known = ~np.all([np.isnan(column) for column in columns.values()], axis=0)
    percentiles = [
        columns[f"model_latency_p{fraction * 100:.0f}_us"][known] / _MICROSECONDS
        for fraction in FRACTIONS
    ]
    return ObservedMinutes(
        endpoint=observation.endpoint,
        variant=observation.variant,
        region=observation.region,
        instance_type=observation.instance_type,
        step_s=observation.span.period_s,
        start_s=observation.stamps_s[known],
        invocations=columns["invocations"][known],
        instances=observation.instances[known],
        fractions=np.array(FRACTIONS),
        model_latency_s=np.stack(percentiles, axis=1),
        model_latency_mean_s=columns["model_latency_mean_us"][known] / _MICROSECONDS,
        overhead_mean_s=columns["overhead_latency_mean_us"][known] / _MICROSECONDS,
        errors_4xx=columns["errors_4xx"][known],
        errors_5xx=columns["errors_5xx"][known],
        model_errors=columns["model_errors"][known],
        concurrency_mean=columns["concurrency_mean"][known],
        concurrency_max=columns["concurrency_max"][known],
        cpu_percent=columns["cpu_percent"][known],
    )


def _note(line: str) -> tuple[str, str]:
    key, _, value = line.removeprefix("#").partition(":")
    return key.strip(), value.strip()


def _text(notes: Mapping[str, str], key: str, place: str) -> str:
    if not notes.get(key):
        raise InputError(
            f"There is no line '# {key}: ...' above the header",
            remedy=_REMEDY,
            place=place,
        )
    return notes[key]


def _span(notes: Mapping[str, str], place: str) -> Span:
    written = _text(notes, "period", place)
    period = written.removesuffix(" s")
    if not period.isdigit() or int(period) == 0:
        raise InputError(
            f"The period is {written!r}, which is no number of seconds",
            remedy=_REMEDY,
            place=f"{place}, period",
        )
    start_s, end_s = (
        _moment(_text(notes, key, place), f"{place}, {key}") for key in ("from", "to")
    )
    if end_s <= start_s or (end_s - start_s) % int(period):
        raise InputError(
            f"From {notes['from']} to {notes['to']} are no periods of {written}",
            remedy=_REMEDY,
            place=place,
        )
    periods = (end_s - start_s) // int(period)
    if periods > MOST_PERIODS:
        raise InputError(
            f"From {notes['from']} to {notes['to']} there are {periods:,} periods",
            remedy=_REMEDY,
            place=place,
        )
    return Span(start_s=start_s, end_s=end_s, period_s=int(period))


def _place_in(span: Span, written: str, place: str) -> int:
    at, off = divmod(_moment(written, place) - span.start_s, span.period_s)
    if off or not 0 <= at < span.periods:
        raise InputError(
            f"{written} is none of the periods that the lines above announce",
            remedy=_REMEDY,
            place=place,
        )
    return at


def _moment(written: str, place: str) -> int:
    try:
        moment = datetime.fromisoformat(written or "")
    except ValueError:
        raise InputError(
            f"Found {written!r:.40}, which is no time", remedy=_REMEDY, place=place
        ) from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _number(cell: str | None, place: str) -> float:
    try:
        value = math.nan if cell == "" else float(cell or "none")
    except ValueError:
        value = math.inf
    if math.isinf(value) or value < 0 or (cell and math.isnan(value)):
        raise InputError(
            f"Found {cell!r:.40}, which is no number of 0 or more", remedy=_REMEDY, place=place
        )
    return value
