"""Capacity of kind *workers*: parallel slots, first come first served (M/G/c)."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smcost.capacity import traps
from smcost.capacity.profile import Kind, LatencyOf, Routing
from smcost.errors import UsageError
from smcost.queueing.least_outstanding import least_outstanding_table
from smcost.queueing.mgc import MAX_UTILISATION, response_table
from smcost.queueing.response_table import ResponseTable
from smcost.queueing.service import FloatArray, Service
from smcost.queueing.service_measured import PercentileService, SampledService
from smcost.remarks import Caveat, WarningCode
from smcost.units import per_minute

#: Screening may not decide a minute whose utilisation x (1 + 3 / sqrt(requests per instance))
#: exceeds this.
WEAK_ABOVE = 0.75
#: A p99 is the 5th largest of so many samples.
MANY_SAMPLES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkersProfile:
    """Parallel slots with a service time.

    Attributes
    ----------
    instance_type
        The type this was measured on.
    workers
        Parallel slots of one instance: model server workers, threads, batch slots. [count]
    service
        Busy time of one slot for one invocation.
    latency_of
        What the service time is of.
    """

    instance_type: str
    workers: int
    service: Service
    latency_of: LatencyOf = LatencyOf.TOTAL

    def __post_init__(self) -> None:
        if not 1 <= self.workers <= 10_000:
            raise UsageError(
                f"A concurrency of {self.workers} is outside 1 to 10000",
                remedy="Give the number of invocations one instance works on at the same time",
            )

    @property
    def kind(self) -> Kind:
        """Workers."""
        return Kind.WORKERS

    @property
    def max_rps(self) -> float:
        """Rate at which one instance is busy all the time. [s^-1]"""
        return self.workers / self.service.mean_s

    @property
    def max_per_minute(self) -> float:
        """Invocations per minute at which one instance is busy all the time. [min^-1]"""
        return per_minute(self.max_rps)

    @property
    def peak_rps(self) -> float:
        """Its rate when busy all the time. [s^-1]"""
        return self.max_rps

    @property
    def steady_below(self) -> float:
        """Where the tables end. [fraction]"""
        return MAX_UTILISATION

    @property
    def promises_in_overload(self) -> bool:
        """A queue of known service times can be worked off."""
        return True

    def knows(self, fraction: float) -> bool:
        """Any percentile of a law; no higher one than was measured of an empirical service time."""
        return 0 < fraction <= highest_known(self.service)

    def fastest_s(self, fraction: float) -> float:
        """The service time's own percentile. [s]"""
        return self.service.quantile_s(fraction)

    def response_table(
        self, routing: Routing = Routing.RANDOM, instances: int = 1
    ) -> ResponseTable:
        """M/G/c under RANDOM; a stretched central queue under least-outstanding routing."""
        if routing is Routing.RANDOM:
            return response_table(self.service, self.workers)
        return least_outstanding_table(self.service, self.workers, instances)

    def weak(self, utilisation: FloatArray, requests: FloatArray) -> NDArray[np.bool_]:
        """High load, or few requests: bursts move the percentiles of such a minute."""
        return np.asarray(utilisation * (1 + 3 / np.sqrt(np.maximum(requests, 1.0))) > WEAK_ABOVE)

    def passing(self, max_failed: float) -> "WorkersProfile":  # noqa: ARG002  (nothing fails here)
        """Nothing fails but by timing out."""
        return self

    def caveats(self) -> tuple[Caveat, ...]:
        """A time in another unit; few samples. Nothing was measured level by level."""
        service = self.service
        if service.mean_s > traps.LONGEST_S:
            return (traps.unit_caveat(self.instance_type, "service time", service.mean_s),)
        if not isinstance(service, SampledService) or service.samples_s.size >= MANY_SAMPLES:
            return ()
        message = (
            f"{self.instance_type}: the p99 of {service.samples_s.size} samples of the service "
            "time is little more than their largest"
        )
        return (Caveat(code=WarningCode.SMALL_SAMPLE, message=message),)


def highest_known(service: Service) -> float:
    """The highest percentile that the measurement of a service time can tell. [fraction]"""
    if isinstance(service, PercentileService):
        return service.fractions[-1]
    if isinstance(service, SampledService):
        return 1 - 1 / service.samples_s.size
    return math.nextafter(1.0, 0.0)
