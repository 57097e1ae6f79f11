"""Capacity of kind *workers*: parallel slots, first come first served (M/G/c)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smcost.capacity.profile import Kind, LatencyOf, Routing
from smcost.errors import UsageError
from smcost.queueing.least_outstanding import least_outstanding_table
from smcost.queueing.mgc import MAX_UTILISATION, response_table
from smcost.queueing.response_table import ResponseTable
from smcost.queueing.service import FloatArray, ServiceTime
from smcost.remarks import Caveat
from smcost.units import per_minute

#: Screening may not decide a minute whose utilisation x (1 + 3 / sqrt(requests per instance))
#: exceeds this.
WEAK_ABOVE = 0.75


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
    service: ServiceTime
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
    def steady_below(self) -> float:
        """Where the tables end. [fraction]"""
        return MAX_UTILISATION

    @property
    def promises_in_overload(self) -> bool:
        """A queue of known service times can be worked off."""
        return True

    def knows(self, fraction: float) -> bool:
        """Any percentile: the law gives the whole distribution."""
        return 0 < fraction < 1

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
        """Nothing was measured level by level."""
        return ()
