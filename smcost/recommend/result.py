"""What the search gives back."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from smcost.availability import Lost
from smcost.estimate import Estimate
from smcost.recommend.schedule_result import NoSchedule, Schedule
from smcost.remarks import Caveat
from smcost.scaling.policy import Metric
from smcost.slo import SloWindow
from smcost.variant import Variant


class Constraint(StrEnum):
    """The closed list of ``binding.constraint``: what keeps the answer from being cheaper.

    ``COST``: one instance fewer meets the SLO too, but costs no less. ``INSTANCE_LOST`` and
    ``ZONE_LOST``: it does not survive that.
    """

    P95 = "p95"
    P99 = "p99"
    MAX_FAILED = "max_failed"
    MIN_INSTANCES = "min_instances"
    PINNED = "pinned"
    COST = "cost"
    TROUGH = "trough"
    INSTANCE_LOST = "instance_lost"
    ZONE_LOST = "zone_lost"


class ReasonCode(StrEnum):
    """The closed list of ``rejected[].reason_code``."""

    SERVICE_TIME_ABOVE_LIMIT = "service_time_above_limit"
    PERCENTILE_NOT_MEASURED = "percentile_not_measured"
    ERRORS_AT_EVERY_LEVEL = "errors_at_every_level"
    NO_PRICE = "no_price"
    BOUNDS_TOO_TIGHT = "bounds_too_tight"
    FLEET_TOO_LARGE = "fleet_too_large"
    SIMULATION_DISAGREES = "simulation_disagrees"
    COSTS_MORE = "costs_more"


class AlternativeKind(StrEnum):
    """The closed list of ``alternatives[].kind``."""

    ONE_FEWER = "one_fewer"
    FIXED_FLEET = "fixed_fleet"
    AWS_RECIPE = "aws_recipe"
    AWS_RECOMMENDATION = "aws_recommendation"
    OTHER_TYPE = "other_type"
    OTHER_ROUTING = "other_routing"
    OTHER_METRIC = "other_metric"
    NEAREST = "nearest"
    WITHOUT_SCHEDULE = "without_schedule"


class Factor(StrEnum):
    """The closed list of ``sensitivity[].factor``."""

    STARTUP_TIME = "startup_time"
    BURSTINESS = "burstiness"
    ROUTING = "routing"
    SERVICE_VARIABILITY = "service_variability"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """The constraint that decides, when it binds, and a sentence for a colleague.

    ``doubtful``: screening alone finds it broken, and simulation would not.
    """

    constraint: Constraint
    at_s: int | None
    explanation: str
    doubtful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """One minimum at the recommended type, target and routing. Percentiles of the horizon. [s]"""

    minimum: int
    p95_s: float
    p99_s: float
    worst_window_p99_s: float
    failed_fraction: float
    expected_usd: Decimal
    meets_slo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Another plan, its cost and latency, and what it breaks (empty: nothing).

    p99 of the horizon and of the worst window; the share of all requests that time out.
    ``breaks_if_slower`` is what it breaks where the start-up takes half as long again, ``None``
    where that was not asked.
    """

    kind: AlternativeKind
    variant: Variant
    expected_usd: Decimal
    p99_s: float
    worst_window_p99_s: float
    failed_fraction: float
    breaks: str
    breaks_if_slower: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowAnswer:
    """What the same search answers under another SLO window; ``None``: infeasible.

    ``spared`` windows may fail: the row with 1 shows what the single worst window costs.
    """

    window: SloWindow
    spared: int
    minimum: int | None
    target_per_minute: float | None
    expected_usd: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """What becomes of the answer where one assumption is another.

    Attributes
    ----------
    factor, value
        Which, and what it is instead.
    worst_window_p99_s
        Of the recommended variant then; ``nan`` where the budget did not reach. [s]
    breaks
        What the recommended variant breaks then; empty: nothing; ``None``: not known.
    feasible
        Whether there is an answer then; ``None``: not known.
    minimum, target_per_minute, expected_usd
        That answer.
    """

    factor: Factor
    value: str
    worst_window_p99_s: float
    breaks: str | None
    feasible: bool | None
    minimum: int | None
    target_per_minute: float | None
    expected_usd: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalAnswer:
    """What the same search answers where another loss must be survived, ``None``: no loss at all.

    ``None`` of the others: infeasible.
    """

    survives: Lost | None
    minimum: int | None = None
    target_per_minute: float | None = None
    expected_usd: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """An instance type that cannot do it, and why, as data."""

    instance_type: str
    reason_code: ReasonCode
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """The cheapest variant that meets the SLO, with its reasons.

    ``busiest_count`` is the largest count of the replay, ``weakly_screened`` whether minutes that
    screening may not decide could tip the answer,
    ``rejected`` the instance types that cannot do it, ``metric`` what its policy tracks and the
    targets are of, ``schedule`` what became of the search for minimums by the clock, ``None`` where
    none was asked for; with one, reasons, curve and windows are of the answer without.
    ``survival`` is what it costs to survive nothing, an instance, a zone, without a schedule too.
    """

    estimate: Estimate
    binding: Binding
    curve: tuple[CurvePoint, ...]
    alternatives: tuple[Alternative, ...]
    windows: tuple[WindowAnswer, ...]
    busiest_count: int
    weakly_screened: bool
    caveats: tuple[Caveat, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    sensitivity: tuple[Sensitivity, ...] = ()
    metric: Metric = Metric.INVOCATIONS
    schedule: Schedule | NoSchedule | None = None
    survival: tuple[SurvivalAnswer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Infeasible:
    """Nothing within the bounds meets the SLO: a result, not an error."""

    rejected: tuple[Rejected, ...]
    binding: Binding
    nearest: Alternative | None
    caveats: tuple[Caveat, ...] = ()
