"""AIPerf's ``profile_export_aiperf`` and GenAI-Perf's ``profile_export_genai_perf``, JSON and CSV.

AIPerf 0.7 to 0.13 (JSON schema 1.0 to 1.5) and its predecessor GenAI-Perf. Every metric states its
unit, and that is what counts. The whole answer is ``request_latency``; time to first token is
another thing. ``request_throughput`` counts valid answers alone. The JSON tells concurrency or
request rate, the CSV neither.
"""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

from smcost.errors import InputError
from smcost.read.json_part import JsonPart
from smcost.read.load_test import LoadTest

_PERCENTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
#: Unit -> how long one of it is. [s]
TIMES_S = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), 1e-3),
    **dict.fromkeys(("us", "\u00b5s", "\u03bcs", "microsecond", "microseconds"), 1e-6),
    **dict.fromkeys(("ns", "nanosecond", "nanoseconds"), 1e-9),
}
#: Unit -> how many per second one of it is. [s^-1]
RATES_PER_S = {
    **dict.fromkeys(("requests/sec", "requests/s", "requests/second", "per sec"), 1.0),
    **dict.fromkeys(("requests/min", "requests/minute", "per min"), 1 / 60),
}
_NAME = re.compile(r"(?P<name>[^()]+?)(?: \((?P<unit>[^()]+)\))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Load:
    """How requests were sent: at most so many at a time, and at a rate of their own or not."""

    concurrency: float | None
    open_loop: bool


def is_aiperf(document: JsonPart) -> bool:
    """Whether the JSON is such an export: told by its keys."""
    return {"request_latency", "request_throughput"} <= document.values.keys()


def is_aiperf_csv(header: list[str]) -> bool:
    """Whether a CSV begins as the exports do."""
    return header[:2] == ["Metric", "avg"]


def read_aiperf(document: JsonPart) -> list[LoadTest]:
    """The one level of a run, from JSON.

    Raises
    ------
    InputError
        A value or unit is missing or none, or the run was cancelled.
    """
    if document.values.get("was_cancelled") is True:
        raise InputError(
            "The run was cancelled", remedy="Let it run to its end", place=document.place
        )
    made_by_aiperf = {"aiperf_version", "schema_version", "error_summary"} & document.values.keys()
    metrics = {
        name: document.part(name)
        for name in ("request_latency", "request_throughput", "request_count")
    }
    errors = document.part("error_request_count").number("avg")
    if errors is None and "error_summary" in document.values:
        errors = sum(entry.needed("count") for entry in document.parts("error_summary"))
    tool = "AIPerf" if made_by_aiperf else "GenAI-Perf"
    return [_level(tool, document.place, metrics, errors, _load(document.part("input_config")))]


def read_aiperf_csv(text: str, place: str) -> list[LoadTest]:
    """The same from CSV, which does not tell the concurrency.

    Raises
    ------
    InputError
    """
    metrics = _csv_metrics(text, place)
    errors = (
        metrics["error_request_count"].number("avg") if "error_request_count" in metrics else None
    )
    load = _Load(concurrency=None, open_loop=False)
    return [_level("AIPerf or GenAI-Perf", place, metrics, errors, load)]


def _level(
    tool: str, place: str, metrics: Mapping[str, JsonPart], errors: float | None, load: _Load
) -> LoadTest:
    for name in ("request_latency", "request_throughput"):
        if name not in metrics or not metrics[name].values:
            raise InputError(
                f"There is no {name}",
                remedy="Give the summary of a whole run, as the tool wrote it",
                place=place,
            )
    latency, throughput = metrics["request_latency"], metrics["request_throughput"]
    unit_s = _unit(latency, TIMES_S)
    latencies_s = {
        fraction: value * unit_s
        for key, fraction in _PERCENTILES.items()
        if (value := latency.number(key)) is not None
    }
    valid = metrics["request_count"].number("avg") if "request_count" in metrics else None
    failed = None if errors is None or not valid else errors / (valid + errors)
    return LoadTest(
        tool=tool,
        place=place,
        # It counts valid answers alone.
        sent_rps=throughput.needed("avg") * _unit(throughput, RATES_PER_S) / (1 - (failed or 0.0)),
        latencies_s=latencies_s,
        concurrency=load.concurrency,
        in_flight=True,
        open_loop=load.open_loop,
        mean_s=latency.needed("avg") * unit_s,
        failed_fraction=failed,
        requests=None if valid is None else int(valid + (errors or 0.0)),
    )


def _unit(metric: JsonPart, known: Mapping[str, float]) -> float:
    unit = metric.text("unit")
    if unit is None or unit.lower() not in known:
        raise metric.refuse("unit", found=repr(unit), wanted=f"one of {', '.join(known)}")
    return known[unit.lower()]


def _load(config: JsonPart) -> _Load:
    """Concurrency or request rate, wherever the version keeps them."""
    stimulus = config.part("perf_analyzer").part("stimulus")
    phases = [phase for phase in _phases(config) if phase.text("name") in (None, "profiling")]
    concurrency, rate = None, None
    for part in (config.part("loadgen"), stimulus, *phases, config):
        concurrency = concurrency or part.number("concurrency")
        rate = rate or part.number("request_rate") or part.number("rate")
    return _Load(concurrency=concurrency, open_loop=rate is not None)


def _phases(config: JsonPart) -> list[JsonPart]:
    if isinstance(config.values.get("phases"), dict):
        return [config.part("phases").part("profiling")]
    return config.parts("phases")


def _csv_metrics(text: str, place: str) -> dict[str, JsonPart]:
    """Metric by its JSON name: a table of distributions, then one of single values."""
    found: dict[str, JsonPart] = {}
    header: list[str] = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), strict=True):
            if cells[:1] == ["Metric"]:
                header = ["avg" if column == "Value" else column for column in cells[1:]]
            elif (named := _NAME.fullmatch(cells[0]) if cells else None) is not None and header:
                name = named["name"].lower().replace(" ", "_")
                numbers = {
                    column: _number(cell) for column, cell in zip(header, cells[1:], strict=False)
                }
                values = {"unit": named["unit"], **numbers}
                found.setdefault(name, JsonPart(values=values, place=f"{place}, {named['name']}"))
    except csv.Error as error:
        raise InputError(
            f"This is no valid CSV ({error})", remedy="Give the file as it was written", place=place
        ) from error
    return found


def _number(cell: str) -> float | str:
    """A figure, with commas between thousands; what is none is refused where it is asked for."""
    try:
        return float(cell.replace(",", ""))
    except ValueError:
        return cell
