"""Capacity of kind *rates*: the rows of an open-loop test.

Interpolated between the tested rates, the lowest row below them; nothing is promised beyond the
highest rate whose errors pass. Errors bind, not only latency.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from smcost.capacity import traps
from smcost.capacity.measured_levels import MeasuredLevels
from smcost.capacity.profile import Kind, LatencyOf, RateOf, Routing
from smcost.errors import UsageError
from smcost.queueing.measured import reach_s, tail_from_percentiles
from smcost.queueing.response_table import ResponseTable
from smcost.queueing.service import FloatArray
from smcost.remarks import Caveat

_RELATIVE_STEP = 1.004


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RatesProfile(MeasuredLevels):
    """An open-loop test of one instance.

    Attributes
    ----------
    instance_type, latency_of
        The type this was measured on, and what the latencies are of.
    offered_rps
        Tested rates, increasing, > 0, shape ``(M,)``. [s^-1]
    fractions
        Measured percentiles, increasing, shape ``(P,)``. [fraction]
    latencies_s
        Shape ``(M, P)``. [s]
    error_rate
        Share of the requests that failed, shape ``(M,)``. [fraction]
    requests
        Requests behind each row, 0 where not known, shape ``(M,)``. [count]
    rate_of
        Whether the rates were offered, or are the most that clients who wait for their answers got
        through: requests that come by themselves queue well below.
    """

    instance_type: str
    offered_rps: FloatArray
    fractions: FloatArray
    latencies_s: FloatArray
    error_rate: FloatArray
    requests: FloatArray
    latency_of: LatencyOf = LatencyOf.TOTAL
    errors_known: bool = True
    rate_of: RateOf = RateOf.OFFERED

    def __post_init__(self) -> None:
        traps.refuse_bad_levels(self.offered_rps, self.latencies_s, self.error_rate, "rates")

    @property
    def kind(self) -> Kind:
        """Rates."""
        return Kind.RATES

    @property
    def max_rps(self) -> float:
        """The highest tested rate that is left. [s^-1]"""
        return float(self.offered_rps[-1])

    @property
    def peak_rps(self) -> float:
        """The highest tested rate that is left. [s^-1]"""
        return self.max_rps

    @property
    def steady_below(self) -> float:
        """The highest tested rate itself was tested. [fraction]"""
        return 1.0

    @property
    def promises_in_overload(self) -> bool:
        """Nothing is known beyond the highest passing rate."""
        return False

    def response_table(
        self,
        routing: Routing = Routing.RANDOM,  # noqa: ARG002
        instances: int = 1,  # noqa: ARG002
    ) -> ResponseTable:
        """The measured rows. What better routing would gain on them is not known."""
        slowest_s = max(reach_s(self.fractions, row) for row in self.latencies_s)
        first_s = float(self.latencies_s.min()) / 100
        points = int(np.log(slowest_s / first_s) / np.log(_RELATIVE_STEP)) + 2
        grid_s = np.geomspace(first_s, slowest_s, points)
        # The measured latencies themselves too: a limit set at one of them is met exactly.
        times_s = np.unique(np.concatenate(([0.0], grid_s, self.latencies_s.ravel())))
        answered = np.array(
            [tail_from_percentiles(self.fractions, row, times_s) for row in self.latencies_s]
        )
        # Who is not answered by then never is: the failed share is that of the test, exactly.
        answered[:, -1] = 0.0
        failed = self.error_rate[:, None]
        tails = failed + (1 - failed) * answered
        return ResponseTable(
            utilisation=np.concatenate(([0.0], self.offered_rps / self.max_rps)),
            response_s=times_s,
            tail=np.concatenate((tails[:1], tails)),
        )

    def weak(self, utilisation: FloatArray, requests: FloatArray) -> NDArray[np.bool_]:  # noqa: ARG002
        """Measured, not modelled: only where the rate was not tested, which is overload."""
        return np.zeros(utilisation.shape, dtype=np.bool_)

    def passing(self, max_failed: float) -> "RatesProfile":
        """The rows up to the first whose errors exceed the share."""
        kept = traps.passing_levels(self.error_rate, max_failed)
        if kept == 0:
            raise UsageError(
                f"At the lowest tested rate, {self.offered_rps[0]:g} rps, "
                f"{self.error_rate[0]:.2%} of the requests to {self.instance_type} failed",
                remedy="Test lower rates, or raise --max-failed",
            )
        return replace(
            self,
            offered_rps=self.offered_rps[:kept],
            latencies_s=self.latencies_s[:kept],
            error_rate=self.error_rate[:kept],
            requests=self.requests[:kept],
        )

    def caveats(self) -> tuple[Caveat, ...]:
        """The traps of load tests that this one shows."""
        return traps.level_caveats(
            self.instance_type,
            [f"{rate:g} rps" for rate in self.offered_rps],
            self.fractions,
            self.latencies_s,
            self.error_rate,
            self.requests,
        )
