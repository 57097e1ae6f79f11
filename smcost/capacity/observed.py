"""What a live endpoint was seen to do, minute by minute: the evidence a capacity is fitted to."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from smcost.errors import InputError
from smcost.queueing.service import FloatArray
from smcost.units import SECONDS_PER_DAY

#: Percentiles of ModelLatency that are asked for, increasing. [fraction]
FRACTIONS = (0.5, 0.9, 0.95, 0.99)
#: Arrays of one figure per minute, each NaN where CloudWatch has no data point.
_SERIES = (
    "invocations",
    "instances",
    "model_latency_mean_s",
    "overhead_mean_s",
    "errors_4xx",
    "errors_5xx",
    "model_errors",
    "concurrency_mean",
    "concurrency_max",
    "cpu_percent",
)


def not_observed(steps: int) -> FloatArray:
    """A series of which CloudWatch has no data point, shape ``(steps,)``.

    >>> not_observed(2).tolist()
    [nan, nan]
    """
    return np.full(steps, np.nan)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ObservedMinutes:
    """Minutes of one variant of one endpoint. NaN is not observed, never zero.

    Attributes
    ----------
    endpoint, variant, region
        What was observed. Names as AWS has them, no ARN and no account.
    instance_type
        Such as ``ml.m5.xlarge``; ``None`` where it is not known.
    step_s
        Length of a step, 60 where CloudWatch still has minutes. [s]
    start_s
        Start of each step, increasing, steps without any data left out; int64 ``(n,)``.
        [s since 1970-01-01T00:00Z]
    invocations
        Invocations, Sum, ``(n,)``. [count]
    instances
        Instances in service, ``(n,)``: Invocations / InvocationsPerInstance, of which each request
        emits 1 / (active instances); not whole where the count changed within the step. [count]
    fractions
        Percentiles of ``model_latency_s``, increasing, ``(P,)``. [fraction]
    model_latency_s
        ModelLatency percentiles over all instances, ``(n, P)``; CloudWatch has microseconds. [s]
    model_latency_mean_s, overhead_mean_s
        ModelLatency and OverheadLatency, Average, ``(n,)``. [s]
    errors_4xx, errors_5xx, model_errors
        Invocation4XXErrors, Invocation5XXErrors and InvocationModelErrors, Sum, ``(n,)``; a request
        may be counted in two of them. [count]
    concurrency_mean, concurrency_max
        ConcurrentRequestsPerModel, Average and Maximum, ``(n,)``. [count]
    cpu_percent
        CPUUtilization, Average, 0 to 100 x vCPU, ``(n,)``. [%]

    Raises
    ------
    InputError
        Shapes differ, nothing was observed, starts do not increase or lie off the step, a figure
        is negative or endless, a higher percentile lies below a lower one.
    """

    endpoint: str
    variant: str
    region: str
    instance_type: str | None
    step_s: int
    start_s: NDArray[np.int64]
    invocations: FloatArray
    instances: FloatArray
    fractions: FloatArray
    model_latency_s: FloatArray
    model_latency_mean_s: FloatArray
    overhead_mean_s: FloatArray
    errors_4xx: FloatArray
    errors_5xx: FloatArray
    model_errors: FloatArray
    concurrency_mean: FloatArray
    concurrency_max: FloatArray
    cpu_percent: FloatArray

    def __post_init__(self) -> None:
        self._check_times()
        for name in _SERIES:
            self._check_series(name)
        self._check_percentiles()
        for name in ("start_s", "fractions", "model_latency_s", *_SERIES):
            frozen = getattr(self, name).view()
            frozen.flags.writeable = False
            object.__setattr__(self, name, frozen)

    def __len__(self) -> int:
        """Steps observed."""
        return int(self.start_s.size)

    def kept(self, which: NDArray[np.bool_]) -> "ObservedMinutes":
        """The steps for which ``which``, shape ``(n,)``, is true.

        Raises
        ------
        InputError
            None is left.
        """
        rows = {name: getattr(self, name)[which] for name in (*_SERIES, "model_latency_s")}
        return replace(self, start_s=self.start_s[which], **rows)

    def _check_times(self) -> None:
        if not 1 <= self.step_s <= SECONDS_PER_DAY:
            raise InputError(
                f"A step of {self.step_s} s is not between 1 s and a day",
                remedy="Observe minutes: --period 60 in CloudWatch",
            )
        starts = self.start_s
        if (
            starts.ndim != 1
            or starts.size == 0
            or (np.diff(starts) < self.step_s).any()
            or ((starts - starts[0]) % self.step_s).any()
        ):
            raise InputError(
                f"{starts.shape} starts are no series of steps of {self.step_s} s",
                remedy="Give each step once, in the order of time",
            )

    def _check_series(self, name: str) -> None:
        series = getattr(self, name)
        if series.shape != self.start_s.shape:
            raise InputError(
                f"{name} has {series.shape} figures for {self.start_s.shape} steps",
                remedy="Give one for each step, NaN where it was not observed",
            )
        if np.isinf(series).any() or (series < 0).any():
            at = int(np.flatnonzero(np.isinf(series) | (series < 0))[0])
            raise InputError(
                f"{name} is {series[at]:g} in step {at + 1}",
                remedy="Give 0 or more, NaN where it was not observed",
            )

    def _check_percentiles(self) -> None:
        fractions, latencies_s = self.fractions, self.model_latency_s
        inside = fractions.ndim == 1 and np.all((fractions > 0) & (fractions < 1))
        if not inside or (np.diff(fractions) <= 0).any():
            raise InputError(
                f"The percentiles {fractions.tolist()} do not increase within 0 and 1",
                remedy="Give fractions such as 0.5, 0.95, 0.99",
            )
        if latencies_s.shape != (self.start_s.size, fractions.size):
            raise InputError(
                f"model_latency_s has the shape {latencies_s.shape}",
                remedy=f"Give ({self.start_s.size}, {fractions.size}): steps by percentiles",
            )
        if np.isinf(latencies_s).any() or (latencies_s < 0).any():
            raise InputError(
                "A latency is negative or endless",
                remedy="Give seconds, NaN where it was not observed",
            )
        falls = (np.diff(latencies_s, axis=1) < 0).any(axis=1)
        if falls.any():
            at = int(np.flatnonzero(falls)[0])
            raise InputError(
                f"A higher percentile lies below a lower one in step {at + 1}",
                remedy="Check the columns: p50 <= p90 <= p95 <= p99",
            )
