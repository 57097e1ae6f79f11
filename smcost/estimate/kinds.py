"""The endpoint priced as every other kind, on the traffic of the estimate."""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from smcost.cost import CostCase, Tariff, data_lines, monthly_cost
from smcost.kinds.asynchronous import BacklogReplay
from smcost.kinds.batch import BatchMonth
from smcost.kinds.cold_starts import ColdTimes
from smcost.kinds.limits import EndpointKind, Job, Obstacle
from smcost.kinds.serverless import ServerlessRates
from smcost.kinds.shared import Sharing
from smcost.replay.counts import Delays
from smcost.replay.latency import LatencyTerms
from smcost.slo import Slo
from smcost.traffic.minutes import MinuteCounts
from smcost.units import BYTES_PER_GB
from smcost.variant import Variant

#: ``--max-failed`` where no SLO is given.
DEFAULT_MAY_FAIL = 0.001


class P99(StrEnum):
    """What can be said of a kind's p99 (``endpoint_kinds[].p99``)."""

    MODELLED = "modelled"
    NOT_PROMISED = "not_promised"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class HourPrice:
    """What an instance-hour of a component costs, and which component's price it is. [USD/h]"""

    usd_per_hour: Decimal
    component: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KindsAsked:
    """What the comparison needs to know beside the estimate.

    Attributes
    ----------
    job
        What is asked of the endpoint.
    rates
        Of serverless endpoints, in this region.
    sizes_gb
        Serverless memory sizes to price. [GB]
    service_factor
        Service time on them in those of the instance. [1]
    times
        Cold start and keep-alive.
    max_concurrency, account_concurrency
        ``MaxConcurrency`` of the serverless endpoint, and what the account's serverless endpoints
        share, where documented. [count]
    backlog_target
        Requests for each instance of the asynchronous endpoint. [count]
    asynchronous, batch
        Instance prices.
    batch_jobs
        A month. [count]
    sharing
        Models behind the multi-model endpoint.
    """

    job: Job
    rates: ServerlessRates
    sizes_gb: tuple[int, ...]
    service_factor: float
    times: ColdTimes
    max_concurrency: int
    account_concurrency: int | None
    backlog_target: float
    asynchronous: HourPrice
    batch: HourPrice
    batch_jobs: Decimal
    sharing: Sharing


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """The estimate that the kinds are held against, as they see it.

    Attributes
    ----------
    variant, minutes, delays
        What runs, the traffic, and how long help takes.
    tariff
        Instances, storage and data alone: what else is on the bill is no matter of the kind.
    invocations
        Of a month. [count]
    hours_per_month, instance_hours
        The month, and what the fleet is billed for in it. [h]
    rps_per_instance
        What an instance does that is busy all the time. [s^-1]
    fastest_s
        p95 and p99 of one instance at its best load, where known, by fraction. [s]
    terms, slo
        Overhead, and what must hold, if anything.
    """

    variant: Variant
    minutes: MinuteCounts
    delays: Delays
    tariff: Tariff
    invocations: Decimal
    hours_per_month: Decimal
    instance_hours: Decimal
    rps_per_instance: float
    fastest_s: dict[float, float]
    terms: LatencyTerms
    slo: Slo | None

    @property
    def may_fail(self) -> float:
        """Share of the requests that may be lost. [fraction]"""
        return DEFAULT_MAY_FAIL if self.slo is None else self.slo.max_failed

    @property
    def case(self) -> CostCase:
        """The fleet's own lines."""
        return self.of_hours(self.instance_hours)

    @property
    def fixed_usd(self) -> Decimal:
        """The fleet without what every invocation costs alike. [USD]"""
        return self.case.usd - self.data_usd

    @property
    def single_usd(self) -> Decimal:
        """The same for one instance all the time, the least that a real-time endpoint is. [USD]"""
        return self.of_hours(self.hours_per_month).usd - self.data_usd

    @property
    def data_usd(self) -> Decimal:
        """Data in and out, which other kinds pay alike. [USD]"""
        return sum(
            (line.usd for line in data_lines(self.tariff, self.invocations)), Decimal("0.00")
        )

    @property
    def data_usd_per_invocation(self) -> Decimal:
        """The same for one of them, not rounded. [USD]"""
        tariff = self.tariff
        each_way = (
            (tariff.bytes_in, tariff.usd_per_gb_in),
            (tariff.bytes_out, tariff.usd_per_gb_out),
        )
        usd = (size * rate for size, rate in each_way if size is not None and rate is not None)
        return sum(usd, Decimal(0)) / BYTES_PER_GB

    def of_hours(self, instance_hours: Decimal, usd_per_hour: Decimal | None = None) -> CostCase:
        """The same lines for so many instance-hours, perhaps at another price."""
        tariff = self.tariff
        if usd_per_hour is not None:
            tariff = replace(tariff, usd_per_hour=usd_per_hour)
        return monthly_cost(
            tariff,
            instance_hours=instance_hours,
            invocations=self.invocations,
            hours_per_month=self.hours_per_month,
        )

    def break_even(
        self, usd_per_invocation: Decimal, fixed_usd: Decimal = Decimal(0)
    ) -> tuple[Decimal | None, Decimal | None]:
        """Invocations a month at which a kind costs as much as the fleet, and as one instance.

        ``None`` where one more costs no more than here. ``fixed_usd`` is what the kind costs
        without any. Data that is paid alike cancels out.
        """
        if usd_per_invocation <= 0:
            return None, None
        fleet, single = (
            max(usd - fixed_usd, Decimal(0)) / usd_per_invocation
            for usd in (self.fixed_usd, self.single_usd)
        )
        return fleet, single

    def month_of(self, horizon_hours: float) -> Decimal:
        """What a figure of the horizon becomes in a month, given in hours. [h]"""
        months = self.hours_per_month / Decimal(repr(self.minutes.hours))
        return Decimal(repr(horizon_hours)) * months


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerlessFigures:
    """What a serverless endpoint does on this traffic.

    Attributes
    ----------
    memory_gb, provisioned
        Of each container, and how many are always warm. [GB, count]
    most_in_flight
        The concurrency that the busiest minute needs. [count]
    throttled_share
        Of the requests, beyond ``MaxConcurrency``. [fraction]
    cold_share, worst_window_cold_share
        Of the requests, over the horizon and in the worst window of the SLO. [fraction]
    """

    memory_gb: int
    provisioned: int
    most_in_flight: int
    throttled_share: float
    cold_share: float
    worst_window_cold_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedFigures:
    """What a multi-model endpoint of models like this one comes to.

    Attributes
    ----------
    sharing
        The models.
    instance_hours
        Of the whole endpoint, a month. [h]
    whole_usd, separate_usd
        The whole endpoint, and an endpoint like this one for each model. [USD]
    break_even_models
        From how many on sharing is cheaper; ``None``: not up to as many as were asked for.
    """

    sharing: Sharing
    instance_hours: Decimal
    whole_usd: Decimal
    separate_usd: Decimal
    break_even_models: int | None


Figures = ServerlessFigures | BacklogReplay | BatchMonth | SharedFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class KindAnswer:
    """One kind of endpoint on this traffic.

    Attributes
    ----------
    kind, name
        Which, and in a few words.
    case
        Its lines a month (a multi-model endpoint's share of one model); ``None`` where it does not
        run at all, or a rate is not known.
    against_usd
        What it costs more than the fleet, ``None`` as before. [USD]
    break_even, break_even_single
        Invocations a month below which it is cheaper than this fleet as it is, and than a single
        instance; ``None`` where there is no such number. [count]
    instance_hours
        Billed a month, of kinds with instances. [h]
    p99, p99_s
        What can be said of it: that of the worst window where it is modelled, else a bound below
        which it is not; ``None``: nothing. [s]
    obstacles
        Why it cannot do this job; empty: it can.
    figures
        What was found of its own.
    """

    kind: EndpointKind
    name: str
    case: CostCase | None
    against_usd: Decimal | None = None
    break_even: Decimal | None = None
    break_even_single: Decimal | None = None
    instance_hours: Decimal | None = None
    p99: P99 = P99.NONE
    p99_s: float | None = None
    obstacles: tuple[Obstacle, ...] = ()
    figures: Figures | None = None

    @property
    def possible(self) -> bool:
        """Whether nothing stands in its way."""
        return not self.obstacles


@dataclass(frozen=True, slots=True, kw_only=True)
class KindsAnswer:
    """Every kind, the fleet itself first; what was asked, and notes on what is not known.

    ``asynchronous_break_even_h`` are the instance-hours a month at which an asynchronous endpoint
    costs as much as the fleet. [h]
    """

    asked: KindsAsked
    rows: tuple[KindAnswer, ...]
    asynchronous_break_even_h: Decimal
    notes: tuple[str, ...] = ()


def with_price(answer: KindAnswer, fleet: Fleet) -> KindAnswer:
    """The same, held against the fleet; without a price where the kind does not run at all."""
    if answer.case is None or any(obstacle.never_runs for obstacle in answer.obstacles):
        return replace(answer, case=None, break_even=None, break_even_single=None)
    return replace(answer, against_usd=answer.case.usd - fleet.case.usd)
