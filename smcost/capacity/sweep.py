"""Capacity of kind *sweep*: the rows of a closed-loop test, for stations that slow under load.

What exists for LLM servers with continuous batching. Stable only below the throughput of the last
tested concurrency, even where an earlier one was higher.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from smcost.capacity import traps
from smcost.capacity.measured_levels import MeasuredLevels
from smcost.capacity.profile import Kind, LatencyOf, Routing
from smcost.errors import UsageError
from smcost.queueing.least_outstanding import least_outstanding_sweep_table
from smcost.queueing.load_dependent import Sweep, interpolated_sweep
from smcost.queueing.mgc import MAX_UTILISATION
from smcost.queueing.response_table import ResponseTable
from smcost.queueing.service import FloatArray
from smcost.remarks import Caveat

#: Above it the station's p99 was up to 25 % off processor sharing: to be simulated.
WEAK_ABOVE = 0.8
_MOST_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SweepProfile(MeasuredLevels):
    """A closed-loop test of one instance.

    Attributes
    ----------
    instance_type, latency_of
        The type this was measured on, and what the latencies are of.
    concurrency
        Tested concurrencies, increasing whole numbers, shape ``(M,)``. [count]
    throughput_rps
        Answers per second at each, > 0, shape ``(M,)``. [s^-1]
    fractions
        Measured percentiles, increasing, shape ``(P,)``. [fraction]
    latencies_s
        Shape ``(M, P)``. [s]
    error_rate, requests
        Failed share and number of requests (0: not known) of each row, shape ``(M,)``.
    means_s
        Mean latency of each row, NaN where not known, shape ``(M,)``. [s]
    """

    instance_type: str
    concurrency: FloatArray
    throughput_rps: FloatArray
    fractions: FloatArray
    latencies_s: FloatArray
    error_rate: FloatArray
    requests: FloatArray
    means_s: FloatArray
    latency_of: LatencyOf = LatencyOf.TOTAL
    errors_known: bool = True

    def __post_init__(self) -> None:
        traps.refuse_bad_levels(self.concurrency, self.latencies_s, self.error_rate, "sweep")
        if np.any(self.throughput_rps <= 0) or not np.all(np.isfinite(self.throughput_rps)):
            raise UsageError(
                f"The sweep of {self.instance_type} has a throughput that is not above 0",
                remedy="Leave out levels at which nothing was answered",
            )
        if self.concurrency[-1] > _MOST_AT_ONCE:
            raise UsageError(
                f"A concurrency of {self.concurrency[-1]:,.0f} is above {_MOST_AT_ONCE:,}, more "
                "than any server works on at a time",
                remedy="Check the column; give requests in flight per instance",
            )
        if np.any(self.means_s <= 0):
            raise UsageError(
                f"The sweep of {self.instance_type} has a mean latency that is not above 0",
                remedy="Leave the cell empty where the mean is not known",
            )

    @property
    def kind(self) -> Kind:
        """Sweep."""
        return Kind.SWEEP

    @property
    def sweep(self) -> Sweep:
        """The sweep at every concurrency."""
        return _interpolated(self)

    @property
    def max_rps(self) -> float:
        """Throughput at the last tested concurrency. [s^-1]"""
        return self.sweep.max_rps

    @property
    def peak_rps(self) -> float:
        """Throughput at the best concurrency tested, be it the last or not. [s^-1]"""
        return float(self.throughput_rps.max())

    @property
    def steady_below(self) -> float:
        """Where the tables end. [fraction]"""
        return MAX_UTILISATION

    @property
    def promises_in_overload(self) -> bool:
        """A queue before the station leaves it at the last tested throughput."""
        return True

    def response_table(
        self, routing: Routing = Routing.RANDOM, instances: int = 1
    ) -> ResponseTable:
        """The load-dependent station, alone or as a fleet with evenly spread requests."""
        return _table(self, 1 if routing is Routing.RANDOM else instances)

    def weak(self, utilisation: FloatArray, requests: FloatArray) -> NDArray[np.bool_]:  # noqa: ARG002
        """Near the last tested throughput."""
        return np.asarray(utilisation > WEAK_ABOVE)

    def passing(self, max_failed: float) -> "SweepProfile":
        """The rows up to the first whose errors exceed the share."""
        kept = traps.passing_levels(self.error_rate, max_failed)
        if kept == 0:
            raise UsageError(
                f"At the lowest tested concurrency, {self.concurrency[0]:g}, "
                f"{self.error_rate[0]:.2%} of the requests to {self.instance_type} failed",
                remedy="Test lower concurrencies, or raise --max-failed",
            )
        return replace(
            self,
            concurrency=self.concurrency[:kept],
            throughput_rps=self.throughput_rps[:kept],
            latencies_s=self.latencies_s[:kept],
            error_rate=self.error_rate[:kept],
            requests=self.requests[:kept],
            means_s=self.means_s[:kept],
        )

    def caveats(self) -> tuple[Caveat, ...]:
        """The traps of load tests that this one shows."""
        return (
            *traps.level_caveats(
                self.instance_type,
                [f"concurrency {level:g}" for level in self.concurrency],
                self.fractions,
                self.latencies_s,
                self.error_rate,
                self.requests,
            ),
            *traps.closed_loop_caveats(
                self.instance_type,
                self.concurrency,
                self.throughput_rps,
                self.means_s,
                self.requests,
            ),
        )


@lru_cache(maxsize=64)
def _interpolated(profile: SweepProfile) -> Sweep:
    """Remembered per profile, which is compared by identity."""
    return interpolated_sweep(
        profile.concurrency, profile.throughput_rps, profile.fractions, profile.latencies_s
    )


@lru_cache(maxsize=512)
def _table(profile: SweepProfile, instances: int) -> ResponseTable:
    return least_outstanding_sweep_table(profile.sweep, instances)
