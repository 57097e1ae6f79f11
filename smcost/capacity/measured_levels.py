"""What the two kinds of load test have in common: percentiles at tested levels."""

import numpy as np

from smcost.capacity.profile import LatencyOf
from smcost.queueing.service import FloatArray


class MeasuredLevels:
    """Percentiles at tested levels: nothing is known but what was measured.

    Attributes
    ----------
    instance_type, latency_of
        The type this was measured on, and what the latencies are of.
    fractions
        Measured percentiles, increasing, shape ``(P,)``. [fraction]
    latencies_s
        At each level, shape ``(M, P)``. [s]
    error_rate
        Share of the requests that failed at each level, shape ``(M,)``. [fraction]
    requests
        Requests behind each level, 0 where not known, shape ``(M,)``. [count]
    errors_known
        Whether failures were measured; else none are assumed.
    """

    __slots__ = ()

    instance_type: str
    latency_of: LatencyOf
    fractions: FloatArray
    latencies_s: FloatArray
    error_rate: FloatArray
    requests: FloatArray
    errors_known: bool

    def knows(self, fraction: float) -> bool:
        """Only what was measured."""
        return bool(np.any(np.isclose(self.fractions, fraction)))

    def fastest_s(self, fraction: float) -> float:
        """The lowest of the measured values of this percentile. [s]"""
        column = int(np.argmin(np.abs(self.fractions - fraction)))
        return float(self.latencies_s[:, column].min())
