"""Which tool wrote a file, told by its content, and what it measured."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from smcost.errors import InputError
from smcost.read.aiperf_export import is_aiperf, is_aiperf_csv, read_aiperf, read_aiperf_csv
from smcost.read.csv_table import uncommented
from smcost.read.inference_recommender import is_recommender
from smcost.read.json_part import JsonPart, looks_like_json, parse_json
from smcost.read.k6_summary import is_k6, is_k6_machine_readable, read_k6
from smcost.read.llmeter_stats import is_llmeter, is_llmeter_summary, read_llmeter
from smcost.read.load_test import LoadTest
from smcost.read.locust_csv import locust_kind, read_locust_history, read_locust_stats
from smcost.read.text_file import read_text

KNOWN = (
    "describe-inference-recommendations-job (JSON), Locust (X_stats.csv, X_stats_history.csv), k6 "
    "(summary JSON), LLMeter (stats.json), AIPerf and GenAI-Perf (profile_export, JSON or CSV)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignFile:
    """One file: the answer of Inference Recommender, or the levels of a load test."""

    path: Path
    recommender: JsonPart | None = None
    levels: Sequence[LoadTest] = ()


def read_foreign(path: Path) -> ForeignFile:
    """Read what another tool measured.

    Raises
    ------
    InputError
        The file is of no known tool, is a capacity file already, or what the tool's reader
        refuses.
    """
    place, text = str(path), read_text(path)
    if not looks_like_json(text):
        return ForeignFile(path=path, levels=_from_csv(text, place))
    _refuse_lines(text, place)
    document = parse_json(text, place)
    if is_recommender(document):
        return ForeignFile(path=path, recommender=document)
    return ForeignFile(path=path, levels=_from_json(document))


def csv_tool(text: str) -> str | None:
    """Which tool wrote a CSV that is no capacity file; ``None``: none that is known.

    What ``smcost traffic pull`` saved counts as a tool's.
    """
    header = _header(text)
    if locust_kind(header) is not None:
        return "Locust"
    if is_aiperf_csv(header):
        return "AIPerf"
    pulled = {"timestamp", "invocations"} <= set(header)
    return "smcost traffic pull, or another trace," if pulled else None


def _header(text: str) -> list[str]:
    first = uncommented(text).lstrip("\r\n").splitlines()[:1]
    return [cell.strip() for cell in next(csv.reader(first), [])]


def _from_json(document: JsonPart) -> list[LoadTest]:
    if is_k6(document):
        return read_k6(document)
    if is_llmeter(document):
        return read_llmeter(document)
    if is_aiperf(document):
        return read_aiperf(document)
    if is_k6_machine_readable(document):
        raise InputError(
            "This is k6's machine-readable summary, which is not read",
            remedy="Run k6 with --new-machine-readable-summary=false --summary-export FILE",
            place=document.place,
        )
    if is_llmeter_summary(document):
        raise InputError(
            "This is LLMeter's summary.json, which has no latencies",
            remedy="Give the stats.json beside it",
            place=document.place,
        )
    raise _unknown(document.place)


def _from_csv(text: str, place: str) -> list[LoadTest]:
    header = _header(text)
    kind = locust_kind(header)
    if kind is not None:
        return (read_locust_stats if kind == "stats" else read_locust_history)(text, place)
    if is_aiperf_csv(header):
        return read_aiperf_csv(text, place)
    if "instance_type" in header:
        raise InputError(
            "This is a capacity file already",
            remedy="Give it with --capacity, or look at it with smcost capacity show",
            place=place,
        )
    raise _unknown(place)


def _refuse_lines(text: str, place: str) -> None:
    """A JSON object per line: single requests, which nobody has summed up."""
    lines = [line for line in text.splitlines()[:3] if line.strip()]
    if len(lines) < 2:
        return
    try:
        whole = [isinstance(json.loads(line), dict) for line in lines[:2]]
    except json.JSONDecodeError:
        return
    if all(whole):
        raise InputError(
            "Every line is a JSON of its own: these are single requests, not their summary",
            remedy="Give the summary that the tool wrote beside it",
            place=place,
        )


def _unknown(place: str) -> InputError:
    return InputError("The file is of no known tool", remedy=f"Known are {KNOWN}", place=place)
