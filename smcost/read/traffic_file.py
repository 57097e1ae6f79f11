"""A traffic file of any kind: its content says which, not its name.

CSV, what ``aws cloudwatch`` printed, access logs of an Application Load Balancer or of API Gateway
(a folder of them too), and Parquet.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from smcost.errors import InputError
from smcost.read.alb_log import is_alb_log, read_alb_log
from smcost.read.api_gateway_log import is_api_gateway_log, logged_events, read_api_gateway_log
from smcost.read.cloudwatch_json import read_cloudwatch, read_documents
from smcost.read.logged import Logged
from smcost.read.reread import Reread
from smcost.read.text_file import check_readable
from smcost.read.text_stream import open_text
from smcost.read.traffic_csv import read_rows
from smcost.read.traffic_header import read_header
from smcost.read.traffic_parquet import is_parquet, read_parquet
from smcost.remarks import Caveat, WarningCode
from smcost.traffic.assemble import Duplicates, count_requests
from smcost.traffic.origin import Origin
from smcost.traffic.trace import Trace

#: What AWS writes into a bucket to see whether it may.
_NO_LOGS = ("ELBAccessLogTestFile", "aws-logs-write-test")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How to read a traffic file.

    Attributes
    ----------
    duplicates
        As in :func:`smcost.traffic.assemble.assemble`.
    requests
        Whether each row of a CSV is one request; access logs are known to be such.
    period_s
        Period of what CloudWatch answered, ``None``: to be found. [s]
    metric_id
        Id or label of the metric to read, where the answer holds several.
    """

    duplicates: Duplicates = "refuse"
    requests: bool = False
    period_s: int | None = None
    metric_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrafficFile:
    """A trace, what to know about it, and what kind of file it is from (empty: a plain CSV)."""

    trace: Trace
    caveats: tuple[Caveat, ...]
    source: str = ""


def read_traffic_file(path: Path, how: Reading | None = None) -> TrafficFile:
    """Read a trace from a file or from a folder of access logs.

    Raises
    ------
    InputError
        Naming file, row or entry, what was found and what was wanted; also where ``how`` asks for
        something that this kind of file does not have.
    """
    how = how or Reading()
    if path.is_dir():
        return _counted(_folder(path), str(path), how)
    check_readable(path)
    if is_parquet(path):
        return _parquet(path, how)
    with open_text(path) as opened:
        text = Reread(opened)
        beginning = text.beginning.lstrip()
        if is_log(beginning):
            return _counted(_logged(text, str(path)), str(path), how)
        if beginning.startswith(("{", "[")):
            return _documents(text.read(), str(path), how)
        return _csv(text, str(path), how)


def is_log(line: str) -> bool:
    """Whether a line is an entry of an access log of a known format."""
    return is_alb_log(line) or is_api_gateway_log(line)


def _csv(text: Reread, place: str, how: Reading) -> TrafficFile:
    layout = read_header(text, place, how.requests)
    _refuse(how, ("period_s", "metric_id"), "a CSV", place)
    trace, caveats = read_rows(text, layout, duplicates=how.duplicates)
    return TrafficFile(trace=trace, caveats=tuple(caveats), source=_noted(layout.notes))


def _parquet(path: Path, how: Reading) -> TrafficFile:
    _refuse(how, ("period_s", "metric_id"), "a Parquet file", str(path))
    trace, caveats = read_parquet(path, duplicates=how.duplicates, requests=how.requests)
    return TrafficFile(trace=trace, caveats=tuple(caveats))


def _noted(notes: Mapping[str, str]) -> str:
    """Where the lines above the header say that the counts come from."""
    named = [f"{key} {notes[key]}" for key in ("endpoint", "variant") if notes.get(key)]
    others = [notes[key] for key in ("region",) if notes.get(key)]
    pulled = [f"pulled {notes['pulled']}"] if notes.get("pulled") else []
    return ", ".join([*([notes["source"]] if "source" in notes else []), *named, *others, *pulled])


def _documents(text: str, place: str, how: Reading) -> TrafficFile:
    documents = read_documents(text, place)
    if len(documents) == 1 and (lines := logged_events(documents[0], place)) is not None:
        return _counted(read_api_gateway_log(lines, place), place, how)
    _refuse(how, ("requests",), "an answer of CloudWatch", place)
    trace, caveats, source = read_cloudwatch(
        documents,
        place,
        duplicates=how.duplicates,
        period_s=how.period_s,
        metric_id=how.metric_id,
    )
    return TrafficFile(trace=trace, caveats=tuple(caveats), source=source)


def _folder(path: Path) -> Logged:
    files = sorted(
        file
        for file in path.rglob("*")
        if file.is_file() and not file.name.startswith(".") and file.name not in _NO_LOGS
    )
    if not files:
        raise InputError(
            "There is no file in this folder",
            remedy="Name a file, or a folder of access logs",
            place=str(path),
        )
    parts = []
    for file in files:
        check_readable(file)
        with open_text(file) as opened:
            parts.append(_logged(Reread(opened), str(file)))
    return Logged.joined(parts, str(path))


def _logged(text: Reread, place: str) -> Logged:
    if is_alb_log(text.beginning):
        return read_alb_log(text, place)
    if is_api_gateway_log(text.beginning):
        return read_api_gateway_log(text, place)
    raise InputError(
        f"Found {text.beginning.strip()[:60]!r}, which is no entry of an access log",
        remedy="Of a folder all files are read as access logs of an Application Load Balancer or "
        "of API Gateway: move others away, or name one file",
        place=f"{place}, row 1",
    )


def _counted(logged: Logged, place: str, how: Reading) -> TrafficFile:
    _refuse(how, ("period_s", "metric_id"), "an access log", place)
    trace, caveats = count_requests(logged.stamps_s, origin=Origin(name=place))
    source = logged.source
    if logged.whole_seconds:
        # All at the start of their second they would be bursts that nobody saw.
        trace, source = replace(trace, offsets_s=None), f"{source} in whole seconds"
    if logged.left_out:
        message = (
            f"{logged.left_out} of {logged.left_out + logged.stamps_s.size} entries were not "
            "forwarded to a target (redirects, fixed responses, refusals) and are left out"
        )
        caveats.append(Caveat(code=WarningCode.NOT_FORWARDED, message=message))
    return TrafficFile(trace=trace, caveats=tuple(caveats), source=source)


#: Field of Reading -> its flag, and when it has a meaning.
_FLAGS = {
    "period_s": ("--period", "The period is read from the times of the rows"),
    "metric_id": ("--metric-id", "There is one metric only"),
    "requests": ("--requests", "It has counts per period, not single requests"),
}


def _refuse(how: Reading, fields: tuple[str, ...], kind: str, place: str) -> None:
    """Refuse what was asked for and has no meaning for this kind of file."""
    for name in fields:
        if getattr(how, name):
            flag, why = _FLAGS[name]
            raise InputError(
                f"{flag} has no meaning for {kind}: {why[0].lower()}{why[1:]}",
                remedy=f"Leave {flag} out",
                place=place,
            )
