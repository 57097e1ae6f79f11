"""Access logs of API Gateway: one line per request, in the formats that its documentation lists.

Common Log Format, JSON, XML and CSV with ``$context.requestTime`` (``dd/MMM/yyyy:HH:mm:ss +hhmm``)
or ``$context.requestTimeEpoch`` (ms): "Set up access logging" of the API Gateway developer guide,
for REST and HTTP APIs. Lines may begin with the time at which CloudWatch Logs took them, as its
export to S3 writes them; the answer of ``aws logs filter-log-events`` is read too.
"""

import json
import re
from array import array
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

import numpy as np

from smcost.errors import InputError
from smcost.read.logged import Logged, refused_line

_EXPORTED = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z ")
_CLF_TIME = r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}"
#: Host, caller, user, [time], "request", status, length, then the request's identifiers.
_CLF = re.compile(rf'\S+ \S+ \S+ \[(?P<time>{_CLF_TIME})\] "[^"]*" (?:\d{{3}}|-) \S+( \S+)*\s*$')
_XML = re.compile(
    rf"<request\b.*<requestTime>\s*\[?(?P<time>{_CLF_TIME})\]?\s*</requestTime>.*</request>\s*$"
)
_CSV = re.compile(rf'(?:[^,]*,)+"?\[?(?P<time>{_CLF_TIME})\]?"?(?:,[^,]*)+\s*$')
_TIME = re.compile(rf"\[?({_CLF_TIME})\]?\s*$")
_REMEDY = (
    "Log in Common Log Format, JSON, XML or CSV, with $context.requestTimeEpoch (ms) or "
    "$context.requestTime"
)


def is_api_gateway_log(line: str) -> bool:
    """Whether a line is an entry in one of the formats."""
    return _time_of(line) is not None


def read_api_gateway_log(lines: Iterable[str], place: str) -> Logged:
    """Read the arrivals of all requests, those that API Gateway refused included.

    Parameters
    ----------
    lines
        Of the log, with or without line ends.

    Raises
    ------
    InputError
        A line in none of the formats, with its number.
    """
    stamps_s, whole = array("d"), True
    for row, line in enumerate(lines, start=1):
        if not line or line.isspace():
            continue
        found = _time_of(line)
        if found is None:
            raise refused_line(line, row, place, "entry of an API Gateway access log", _REMEDY)
        stamps_s.append(found)
        whole = whole and found.is_integer()
    if not stamps_s:
        raise InputError(
            "There is no request in the log", remedy="Give a log with requests", place=place
        )
    return Logged(
        source="API Gateway access log, request time",
        stamps_s=np.array(stamps_s, dtype=np.float64),
        whole_seconds=whole,
    )


def logged_events(document: object, place: str) -> list[str] | None:
    """Lines in an answer of ``aws logs filter-log-events``; ``None``: it is no such answer.

    Raises
    ------
    InputError
        The answer goes on.
    """
    events = document.get("events") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(events, list):
        return None
    if document.get("nextToken") or document.get("NextToken"):
        raise InputError(
            "The events go on: there is a nextToken",
            remedy="Save all of them: leave --max-items and --no-paginate out",
            place=place,
        )
    return [
        str(event["message"]) if isinstance(event, dict) and "message" in event else str(event)
        for event in events
    ]


def _time_of(line: str) -> float | None:
    """Seconds since 1970 of an entry, in any of the formats; ``None``: it is none."""
    exported = _EXPORTED.match(line)
    body = line[exported.end() :] if exported else line
    if body.startswith("{"):
        return _time_in_json(body)
    for form in (_CLF, _XML, _CSV):
        if found := form.match(body):
            return _clf_seconds(found["time"])
    return None


def _time_in_json(body: str) -> float | None:
    try:
        entry = json.loads(body)
    except json.JSONDecodeError:
        return None
    # Nearly everybody calls it what AWS does.
    named = {"requesttimeepoch": entry.get("requestTimeEpoch")} if isinstance(entry, dict) else {}
    if named.get("requesttimeepoch") is None:
        named = dict(_leaves(entry))
    epoch_ms = named.get("requesttimeepoch")
    if isinstance(epoch_ms, int | float) or (isinstance(epoch_ms, str) and epoch_ms.isdigit()):
        return float(epoch_ms) / 1000
    written = _TIME.match(str(named.get("requesttime", "")))
    return _clf_seconds(written[1]) if written else None


def _leaves(entry: object) -> Iterable[tuple[str, object]]:
    """Names without case and separators, as everybody chooses his own, and values at any depth."""
    if isinstance(entry, dict):
        for name, value in entry.items():
            yield _bare(name), value
            yield from _leaves(value)


@lru_cache(maxsize=4096)
def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


@lru_cache(maxsize=4096)
def _clf_seconds(text: str) -> float | None:
    try:
        return datetime.strptime(text, "%d/%b/%Y:%H:%M:%S %z").timestamp()
    except ValueError:
        return None
