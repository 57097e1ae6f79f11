"""The entries of an Inference Recommender answer, and why some of them cannot be used."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from smcost.errors import InputError
from smcost.read.json_part import JsonPart
from smcost.read.masking import masked
from smcost.remarks import Caveat, WarningCode
from smcost.units import SECONDS_PER_MINUTE

_COMPLETED = "COMPLETED"
_PERCENTILES = {"P50": 0.5, "P90": 0.9, "P95": 0.95, "P99": 0.99}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One usable entry.

    Attributes
    ----------
    name
        How to call it: its id, or its place in the list.
    instance_type, instances
        What it was measured on.
    per_minute
        ``MaxInvocations``, of all instances together. [min^-1]
    latency
        ``ModelLatency`` as it stands there, of a unit to be told.
    usd_per_hour, usd_per_inference
        Of all instances together; ``None`` where not stated. [USD/h, USD]
    made
        When; ``None`` where not stated.
    """

    name: str
    instance_type: str
    instances: int
    per_minute: float
    latency: float
    usd_per_hour: float | None
    usd_per_inference: float | None
    made: datetime | None

    @property
    def rps(self) -> float:
        """Highest rate of one instance. [s^-1]"""
        return self.per_minute / self.instances / SECONDS_PER_MINUTE


def finished(document: JsonPart) -> None:
    """Refuse the job that is not completed, and a list that goes on elsewhere.

    Raises
    ------
    InputError
    """
    status = document.text("Status")
    if status is not None and status != _COMPLETED:
        reason = document.text("FailureReason")
        raise InputError(
            f"The job is {status}, and not {_COMPLETED}{f' ({masked(reason)})' if reason else ''}",
            remedy="Wait for it and describe it again, or run it again",
            place=f"{document.place}, Status",
        )
    if document.text("NextToken") is not None:
        raise InputError(
            "The answer has a NextToken, so that further steps are missing",
            remedy="Ask again without --max-items and --no-paginate",
            place=f"{document.place}, NextToken",
        )


def described(document: JsonPart) -> list[tuple[float, float]]:
    """The latency limits of the job: percentile and limit. [fraction, ms]

    Raises
    ------
    InputError
    """
    found = []
    for limit in document.part("StoppingConditions").parts("ModelLatencyThresholds"):
        percentile = limit.text("Percentile") or ""
        if percentile.upper() not in _PERCENTILES:
            wanted = f"one of {', '.join(_PERCENTILES)}"
            raise limit.refuse("Percentile", found=repr(percentile), wanted=wanted)
        found.append((_PERCENTILES[percentile.upper()], limit.needed("ValueInMilliseconds")))
    return found


def measured(document: JsonPart) -> tuple[list[Measured], list[Caveat]]:
    """Usable entries in file order, and a caveat for each of the others.

    Raises
    ------
    InputError
        A value is none, or no entry can be used.
    """
    made = _moment(document, "CreationTime")
    kept: list[Measured] = []
    reasons: list[str] = []
    for name, entry, metrics in _entries(document):
        configuration = entry.part("EndpointConfiguration")
        reason = _reason(entry, configuration, metrics)
        if reason is None:
            kept.append(_measured(name, entry, configuration, metrics, made))
        else:
            reasons.append(f"{name} is left out: {reason}")
    if not kept:
        because = f": {'; '.join(reasons)}" if reasons else ""
        raise InputError(
            f"No entry has a rate and a latency on a known instance type{masked(because)}",
            remedy="Give the answer of a job that was completed on instances",
            place=document.place,
        )
    return kept, [left_out(reason) for reason in reasons]


def left_out(message: str) -> Caveat:
    """That something in the file is not used."""
    return Caveat(code=WarningCode.ENTRIES_LEFT_OUT, message=masked(message))


def _entries(document: JsonPart) -> Iterator[tuple[str, JsonPart, JsonPart]]:
    """Name, entry and its metrics."""
    for number, entry in enumerate(document.parts("InferenceRecommendations"), start=1):
        name = masked(entry.text("RecommendationId") or f"recommendation {number}")
        yield name, entry, entry.part("Metrics")
    for number, step in enumerate(document.parts("Steps"), start=1):
        benchmark = step.part("InferenceBenchmark")
        status = step.text("Status") or _COMPLETED
        failed = {} if status == _COMPLETED else {"FailureReason": f"its status is {status}"}
        entry = JsonPart(values={**failed, **benchmark.values}, place=benchmark.place)
        metrics = entry.part("Metrics")
        yield f"step {number}", entry, metrics if metrics.values else entry.part("EndpointMetrics")
    for number, entry in enumerate(document.parts("EndpointPerformances"), start=1):
        yield f"existing endpoint {number}", entry, entry.part("Metrics")


def _reason(entry: JsonPart, configuration: JsonPart, metrics: JsonPart) -> str | None:
    """Why an entry cannot be used, as a clause; ``None``: it can."""
    if failure := entry.text("FailureReason"):
        return f"it failed ({failure})"
    if configuration.values.get("ServerlessConfig") is not None:
        return "it is serverless, and has no instances"
    if configuration.text("InstanceType") is None:
        return "the file does not say on which instance type and how many"
    for what, value in (
        ("MaxInvocations", _per_minute(metrics)),
        ("ModelLatency", metrics.number("ModelLatency")),
    ):
        if value is None or value <= 0:
            return f"its {what} is {'not a number' if value is None else f'{value:g}'}"
    return None


def _measured(
    name: str,
    entry: JsonPart,
    configuration: JsonPart,
    metrics: JsonPart,
    made: datetime | None,
) -> Measured:
    instances = configuration.needed("InitialInstanceCount")
    if instances != int(instances):
        raise configuration.refuse(
            "InitialInstanceCount", found=f"{instances:g}", wanted="a whole number"
        )
    per_minute = _per_minute(metrics)
    assert per_minute is not None
    return Measured(
        name=name,
        instance_type=configuration.text("InstanceType") or "",
        instances=int(instances),
        per_minute=per_minute,
        latency=metrics.needed("ModelLatency"),
        usd_per_hour=metrics.number("CostPerHour"),
        usd_per_inference=metrics.number("CostPerInference"),
        made=made or _moment(entry, "InvocationStartTime") or _moment(entry, "InvocationEndTime"),
    )


def _per_minute(metrics: JsonPart) -> float | None:
    """By the API's name, or by that of the documentation of 2021."""
    found = metrics.number("MaxInvocations")
    return metrics.number("MaximumInvocations") if found is None else found


def _moment(part: JsonPart, key: str) -> datetime | None:
    """A time as epoch seconds or ISO 8601; ``None`` where there is none.

    Raises
    ------
    InputError
    """
    found = part.values.get(key)
    try:
        if isinstance(found, str):
            moment = datetime.fromisoformat(found)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = part.number(key)
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise part.refuse(key, found=repr(found), wanted="a time") from error
