"""The endpoint priced as every other kind, on the traffic of the estimate."""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from smcost.cost import CostCase
from smcost.estimate.kind_fleet import Fleet
from smcost.kinds.asynchronous import BacklogReplay
from smcost.kinds.batch import BatchMonth
from smcost.kinds.cold_starts import ColdTimes
from smcost.kinds.limits import EndpointKind, Job, Obstacle
from smcost.kinds.serverless import ServerlessRates
from smcost.kinds.shared import Sharing


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

    @property
    def cheapest_other(self) -> KindAnswer | None:
        """The cheapest that can do the job, this fleet aside; ``None``: none can at a known price.

        Of equally cheap ones the first.
        """
        possible = [
            (row.case.usd, number)
            for number, row in enumerate(self.rows)
            if row.possible and row.case is not None and row.kind is not EndpointKind.REAL_TIME
        ]
        return self.rows[min(possible)[1]] if possible else None


def with_price(answer: KindAnswer, fleet: Fleet) -> KindAnswer:
    """The same, held against the fleet; without a price where the kind does not run at all."""
    if answer.case is None or any(obstacle.never_runs for obstacle in answer.obstacles):
        return replace(answer, case=None, break_even=None, break_even_single=None)
    return replace(answer, against_usd=answer.case.usd - fleet.case.usd)
