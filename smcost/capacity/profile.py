"""What every kind of capacity profile can be asked."""

from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from smcost.queueing.response_table import ResponseTable
from smcost.queueing.service import FloatArray
from smcost.remarks import Caveat


class Kind(StrEnum):
    """How the capacity was measured."""

    WORKERS = "workers"
    RATES = "rates"
    SWEEP = "sweep"


class LatencyOf(StrEnum):
    """What a latency was measured of; figures of different kinds never mix."""

    TOTAL = "total"
    MODEL = "model"
    FIRST_BYTE = "first_byte"


class RateOf(StrEnum):
    """What a tested rate is: what was offered, or what clients who wait got through at most."""

    OFFERED = "offered"
    SATURATION = "saturation"


class Routing(StrEnum):
    """SageMaker's ``RoutingConfig.RoutingStrategy``, in the API's own words."""

    RANDOM = "RANDOM"
    LEAST_OUTSTANDING_REQUESTS = "LEAST_OUTSTANDING_REQUESTS"


class Profile(Protocol):
    """Capacity of one instance of one type.

    Attributes
    ----------
    instance_type
        The type this was measured on.
    latency_of
        What the latencies are of.
    """

    @property
    def instance_type(self) -> str:
        """The type this was measured on."""

    @property
    def latency_of(self) -> LatencyOf:
        """What the latencies are of."""

    @property
    def kind(self) -> Kind:
        """How it was measured."""

    @property
    def max_rps(self) -> float:
        """Rate that counts as a utilisation of 1. [s^-1]"""

    @property
    def peak_rps(self) -> float:
        """The most it ever answers, at whatever load. [s^-1]"""

    @property
    def steady_below(self) -> float:
        """Utilisation above which a minute counts as overloaded. [fraction]"""

    @property
    def promises_in_overload(self) -> bool:
        """Whether latency behind a backlog follows from the profile; else all of it is late."""

    def knows(self, fraction: float) -> bool:
        """Whether an SLO on this percentile can be judged: one not measured is not invented."""

    def fastest_s(self, fraction: float) -> float:
        """The percentile at the best load: no number of instances answers faster. [s]"""

    def response_table(
        self, routing: Routing = Routing.RANDOM, instances: int = 1
    ) -> ResponseTable:
        """Response of one request against the utilisation of each instance of a fleet."""

    def weak(self, utilisation: FloatArray, requests: FloatArray) -> NDArray[np.bool_]:
        """Minutes that screening may not decide, given utilisation and requests per instance."""

    def passing(self, max_failed: float) -> "Profile":
        """The profile without the levels at which more than this share of the requests failed.

        Raises
        ------
        UsageError
            None is left.
        """

    def caveats(self) -> tuple[Caveat, ...]:
        """What to know before relying on the measurement."""
