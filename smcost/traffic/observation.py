"""What CloudWatch is asked about a variant, for which periods, and what it answered.

Retention, the limits of a call and the rounding of times: API reference of GetMetricData and
"CloudWatch concepts" of the user guide. Metrics, their statistics and units: "Monitor SageMaker
with CloudWatch" of the developer guide.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smcost.errors import InputError, UsageError
from smcost.units import SECONDS_PER_DAY

#: How long CloudWatch keeps data of each period. [d, s]
RETENTION = ((15, 60), (63, 300), (455, 3600))
#: Data points that one call returns, and queries that it takes.
POINTS_PER_CALL = 100_800
#: A metric of a minute arrives a minute or two after it. [s]
_ARRIVES_WITHIN_S = 120
_ENDPOINT = "AWS/SageMaker"
_INSTANCE = "/aws/sagemaker/Endpoints"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One column: which statistic of which metric, and its unit by the column's name."""

    column: str
    name: str
    statistic: str
    namespace: str = _ENDPOINT


def _metric(column: str, name: str, statistic: str, namespace: str = _ENDPOINT) -> Metric:
    return Metric(column=column, name=name, statistic=statistic, namespace=namespace)


#: Everything that is asked, in the order of the columns; latencies in microseconds, as AWS has
#: them; utilisation 0 to 100 x vCPU, 0 to 100 x GPUs, and 0 to 100 of the memory.
METRICS = (
    _metric("invocations", "Invocations", "Sum"),
    _metric("invocations_per_instance", "InvocationsPerInstance", "Sum"),
    _metric("model_latency_mean_us", "ModelLatency", "Average"),
    _metric("model_latency_p50_us", "ModelLatency", "p50"),
    _metric("model_latency_p90_us", "ModelLatency", "p90"),
    _metric("model_latency_p95_us", "ModelLatency", "p95"),
    _metric("model_latency_p99_us", "ModelLatency", "p99"),
    _metric("model_latency_samples", "ModelLatency", "SampleCount"),
    _metric("overhead_latency_mean_us", "OverheadLatency", "Average"),
    _metric("overhead_latency_p50_us", "OverheadLatency", "p50"),
    _metric("overhead_latency_p99_us", "OverheadLatency", "p99"),
    _metric("errors_4xx", "Invocation4XXErrors", "Sum"),
    _metric("errors_5xx", "Invocation5XXErrors", "Sum"),
    _metric("model_errors", "InvocationModelErrors", "Sum"),
    _metric("concurrency_mean", "ConcurrentRequestsPerModel", "Average"),
    _metric("concurrency_max", "ConcurrentRequestsPerModel", "Maximum"),
    _metric("cpu_percent", "CPUUtilization", "Average", _INSTANCE),
    _metric("gpu_percent", "GPUUtilization", "Average", _INSTANCE),
    _metric("memory_percent", "MemoryUtilization", "Average", _INSTANCE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Periods from ``start_s`` to before ``end_s``, both on the period. [s since 1970, s]"""

    start_s: int
    end_s: int
    period_s: int

    @property
    def periods(self) -> int:
        """How many periods it has."""
        return (self.end_s - self.start_s) // self.period_s


def period_for(days: int) -> int:
    """The shortest period that CloudWatch still has for all of the last ``days``. [s]

    Raises
    ------
    UsageError
        Less than a day, or longer than CloudWatch keeps anything.

    >>> period_for(14), period_for(30), period_for(365)
    (60, 300, 3600)
    """
    longest = RETENTION[-1][0]
    if not 1 <= days <= longest:
        raise UsageError(
            f"CloudWatch keeps metrics for {longest} days, and {days} are asked for",
            remedy=f"Give 1 to {RETENTION[0][0]} for minutes, or at most {longest}",
            place="--days",
        )
    return next(period_s for kept, period_s in RETENTION if days <= kept)


def span_of(days: int, *, now_s: float, created_s: float | None = None) -> Span:
    """The periods to ask for.

    Starts on a period, so that CloudWatch need not round, and within what is kept; ends before the
    last one that may still change. Nothing is asked from before the endpoint was made.

    Parameters
    ----------
    now_s, created_s
        Now, and when the endpoint was made. [s since 1970-01-01T00:00Z]

    Raises
    ------
    UsageError
        As :func:`period_for`.
    """
    period_s = period_for(days)
    end_s = int((now_s - _ARRIVES_WITHIN_S) // period_s) * period_s
    # One period is given away: the oldest would expire while the question is on its way.
    start_s = (int((now_s - days * SECONDS_PER_DAY) // period_s) + 1) * period_s
    if created_s is not None:
        start_s = max(start_s, int(created_s // period_s) * period_s)
    return Span(start_s=start_s, end_s=max(end_s, start_s), period_s=period_s)


def calls(span: Span, metrics: int) -> list[Span]:
    """The span in parts that fit into one call each.

    Parameters
    ----------
    metrics
        How many are asked in each call.

    >>> whole = Span(start_s=0, end_s=600, period_s=60)
    >>> [part.periods for part in calls(whole, 19)], [part.periods for part in calls(whole, 33_600)]
    ([10], [3, 3, 3, 1])
    """
    step_s = max(POINTS_PER_CALL // metrics, 1) * span.period_s
    starts = range(span.start_s, span.end_s, step_s)
    return [
        Span(start_s=at, end_s=min(at + step_s, span.end_s), period_s=span.period_s)
        for at in starts
    ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observation:
    """What CloudWatch has of a variant, period by period; NaN is not observed, never zero.

    Attributes
    ----------
    endpoint, variant, region
        Names as AWS has them.
    instance_type
        Of the present configuration; ``None`` where it has none (serverless) or several.
    routing
        Its present RoutingStrategy in the API's words; ``None`` where it is not known.
    span
        Every period of it has its place in the columns.
    pulled_s
        When CloudWatch was asked. [s since 1970-01-01T00:00Z]
    columns
        By the names in :data:`METRICS`, float64 ``(T,)`` each, read-only.

    Raises
    ------
    InputError
        A column is missing, unknown or of another length.
    """

    endpoint: str
    variant: str
    region: str
    instance_type: str | None
    span: Span
    pulled_s: int
    columns: Mapping[str, NDArray[np.float64]]
    routing: str | None = None

    def __post_init__(self) -> None:
        names = [metric.column for metric in METRICS]
        shape = (self.span.periods,)
        if list(self.columns) != names or any(c.shape != shape for c in self.columns.values()):
            raise InputError(
                f"The columns {', '.join(self.columns)} are not those of {shape[0]} periods",
                remedy=f"Give {', '.join(names)}",
            )
        for column in self.columns.values():
            column.flags.writeable = False

    @property
    def stamps_s(self) -> NDArray[np.int64]:
        """Start of every period, ``(T,)``. [s since 1970-01-01T00:00Z]"""
        return self.span.start_s + self.span.period_s * np.arange(self.span.periods, dtype=np.int64)

    @property
    def instances(self) -> NDArray[np.float64]:
        """Instances in service, ``(T,)``, NaN where idle: each request emits 1 / their number.

        Not whole where the number changed within the period. [count]
        """
        counts = self.columns["invocations"]
        shares = self.columns["invocations_per_instance"]
        known = (counts > 0) & (shares > 0)
        instances: NDArray[np.float64] = np.full(counts.shape, np.nan)
        np.divide(counts, shares, out=instances, where=known)
        return instances


def idle_as_zero(columns: Mapping[str, NDArray[np.float64]]) -> int:
    """Count as 0 what has no Invocations but an InvocationsPerInstance of 0, in place.

    SageMaker emits that 0 when nobody calls (Developer Guide, endpoint-auto-scaling-policy), so
    such a period was observed; one without either is missing and stays so.

    Returns
    -------
    int
        How many periods that were.
    """
    counts = columns["invocations"]
    idle = np.isnan(counts) & (columns["invocations_per_instance"] == 0)
    counts[idle] = 0
    return int(idle.sum())
