"""What is asked of the search."""

from dataclasses import dataclass
from decimal import Decimal

from smcost.availability import Loss
from smcost.capacity import Profile, Routing
from smcost.cost import Tariff
from smcost.errors import UsageError
from smcost.estimate.bill import OnTime
from smcost.replay.counts import Delays
from smcost.replay.latency import LatencyTerms
from smcost.scaling.policy import Metric
from smcost.slo import Slo
from smcost.traffic.minutes import MinuteCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """Values the user has fixed; ``None`` leaves them to the search.

    ``target_per_minute`` is one of the problem's metric: of another than InvocationsPerInstance it
    is in that metric's unit.
    """

    minimum: int | None = None
    maximum: int | None = None
    target_per_minute: float | None = None

    def __post_init__(self) -> None:
        if self.minimum is not None and self.minimum < 1:
            raise UsageError(
                f"A minimum of {self.minimum} is below 1, the floor of a real-time variant",
                remedy="Give --min 1 or more",
            )
        if self.maximum is not None and self.maximum < (self.minimum or 1):
            raise UsageError(
                f"The minimum {self.minimum or 1} is above the maximum {self.maximum}",
                remedy="Give --min and --max the other way round",
            )
        if self.target_per_minute is not None and not 0 < self.target_per_minute < float("inf"):
            raise UsageError(
                f"A target of {self.target_per_minute} invocations per minute is no rate",
                remedy="Give --target a number above 0",
            )

    @property
    def sized(self) -> bool:
        """Whether minimum and maximum leave one size only."""
        return self.minimum is not None and self.minimum == self.maximum


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Traffic, capacity, objectives, prices and bounds.

    Attributes
    ----------
    minutes, profile, slo, terms, delays, tariff
        Traffic; one instance's capacity; objectives; overhead and timeout; reaction and start-up;
        unit prices.
    hours_per_month
        720 or 730. [h]
    pins
        What may not be chosen freely.
    routing
        How requests find an instance.
    metric
        What the policies to choose from track; targets are in its unit.
    min_instances
        Availability floor: no minimum below it. [instances]
    losses
        Losses that it must survive, what was asked for first.
    scale_in_cooldown_s, scale_out_cooldown_s
        As AWS uses them. [s]
    simulated_requests
        Requests that may be simulated where screening may not decide; 0: none. [count]
    seed
        Of the simulation's random numbers.
    burstiness
        Index of dispersion of the requests per second; above 1 only simulation knows it.
    threads
        Threads to simulate on; their number changes no digit.
    on
        Where it runs for a part of the month only, of which the minutes are; ``None``: always.
    """

    minutes: MinuteCounts
    profile: Profile
    slo: Slo
    terms: LatencyTerms
    delays: Delays
    tariff: Tariff
    hours_per_month: Decimal
    pins: Pins
    routing: Routing = Routing.RANDOM
    metric: Metric = Metric.INVOCATIONS
    min_instances: int = 1
    losses: tuple[Loss, ...] = ()
    scale_in_cooldown_s: float = 300.0
    scale_out_cooldown_s: float = 300.0
    simulated_requests: float = 0
    seed: int = 0
    burstiness: float = 1.0
    threads: int = 1
    on: OnTime | None = None

    def __post_init__(self) -> None:
        if self.min_instances < 1:
            raise UsageError(
                f"An availability floor of {self.min_instances} instances is below 1",
                remedy="Give --min-instances 1 or more",
            )
        if self.pins.maximum is not None and self.pins.maximum < self.min_instances:
            raise UsageError(
                f"The maximum {self.pins.maximum} is below the availability floor "
                f"{self.min_instances}",
                remedy="Raise --max or lower --min-instances",
            )
        if self.pins.minimum is not None and self.pins.minimum < self.min_instances:
            raise UsageError(
                f"The minimum {self.pins.minimum} is below the availability floor "
                f"{self.min_instances}",
                remedy="Raise --min or lower --min-instances",
            )

    @property
    def months(self) -> Decimal:
        """How often a month holds the minutes."""
        hours = self.hours_per_month if self.on is None else self.on.hours
        return hours / Decimal(self.minutes.hours)

    @property
    def poisson(self) -> bool:
        """Whether arrivals within a minute are what screening takes them for."""
        return self.burstiness == 1 and self.minutes.offsets_s is None

    @property
    def on_invocations(self) -> bool:
        """Whether what the autoscaler does depends on counts alone."""
        return self.metric is Metric.INVOCATIONS

    @property
    def peak_per_minute(self) -> int:
        """Invocations of the busiest minute. [count]"""
        return int(self.minutes.invocations.max())

    @property
    def lowest_minimum(self) -> int:
        """The smallest minimum that may be chosen. [instances]"""
        return self.min_instances if self.pins.minimum is None else self.pins.minimum
