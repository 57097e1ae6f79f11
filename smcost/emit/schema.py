"""The JSON documents, as models: what ``-f json`` prints and ``smcost schema`` describes.

Units are in the names; numbers are numbers; ``null`` means not known or, for a percentile, beyond
the invocation timeout. Additions are allowed, removals need a new ``SCHEMA_VERSION``.
"""

from typing import Final, Literal

from pydantic import BaseModel, Field

from smcost.emit import lever_schema
from smcost.emit.availability_schema import Availability
from smcost.emit.capacity_schema import ProfileEntry
from smcost.emit.kind_schema import EndpointKinds
from smcost.emit.non_production_schema import NonProduction
from smcost.emit.price_schema import PriceEntry, RateEntry, SavingsEntry, StoredEntry
from smcost.emit.provenance_schema import Model, Provenance
from smcost.emit.schedule_schema import ScheduleFound
from smcost.emit.variant_schema import RecommendedEntry, VariantEntry
from smcost.recommend.result import AlternativeKind, Constraint, Factor, ReasonCode
from smcost.remarks import WarningCode

SCHEMA_VERSION: Final = "1"


class AssumptionEntry(Model):
    """A value the result rests on that nobody measured here."""

    name: str
    value: str
    source: str


class WarningEntry(Model):
    """Something to know before trusting a number; codes in docs/codes.md."""

    code: WarningCode
    message: str


class InstanceHoursEntry(Model):
    """Instance-hours per month."""

    floor: float
    expected: float | None
    ceiling: float


class HorizonEntry(Model):
    """The stretch that was replayed, UTC, gaps left out of its hours."""

    start: str
    end: str
    hours: float
    instance_hours: float


class LatencyEntry(Model):
    """Client latency; null where beyond the timeout or without requests."""

    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    worst_window_p95_ms: float | None
    worst_window_p99_ms: float | None
    worst_window_start: str | None
    p99_ci_ms: list[float] | None = Field(description="[low, high], null unless simulated")
    minutes_over_slo: int | None
    failed_fraction: float
    method: Literal["screened", "hybrid", "simulated"]


class Document(Model):
    """Common to every result."""

    model_config = lever_schema.ON_REQUEST_CONFIG

    schema_version: Literal["1"] = SCHEMA_VERSION
    command: str
    assumptions: list[AssumptionEntry]
    warnings: list[WarningEntry]
    provenance: Provenance


class EstimateDocument(Document):
    """``smcost estimate -f json``."""

    command: Literal["estimate"] = "estimate"
    configuration: VariantEntry
    cost: lever_schema.CostEntry
    instance_hours: InstanceHoursEntry
    horizon: HorizonEntry | None
    latency: LatencyEntry | None
    meets_slo: bool | None = Field(description="null without an SLO")
    saving_usd: float | None = Field(description="against --current; null without it")
    data_capture: lever_schema.DataCapture = None
    deployments: lever_schema.Deployments = None
    savings_plans: lever_schema.SavingsPlans = None
    non_production: NonProduction = None
    endpoint_kinds: EndpointKinds = None
    availability: Availability = None


class BindingEntry(Model):
    """What keeps the answer from being cheaper."""

    constraint: Constraint
    at: str | None
    explanation: str


class CurveEntry(Model):
    """One minimum at the recommended type, target and routing."""

    min_capacity: int
    p95_ms: float | None
    p99_ms: float | None
    worst_window_p99_ms: float | None
    failed_fraction: float
    expected_usd: float
    meets_slo: bool


class AlternativeEntry(VariantEntry):
    """Another plan; ``breaks`` is empty where it meets the SLO."""

    kind: AlternativeKind
    expected_usd: float
    p99_ms: float | None
    worst_window_p99_ms: float | None
    failed_fraction: float
    breaks: str
    breaks_if_slower: str | None = Field(
        description="where the start-up takes half as long again; null: not asked"
    )


class WindowEntry(Model):
    """The answer under one SLO window; nulls: infeasible."""

    window: Literal["day", "hour", "horizon"]
    spared: int = Field(description="windows that may fail: 1 shows what the worst one costs")
    min_capacity: int | None
    target_invocations_per_instance: float | None = Field(description="null on another metric")
    target_value: float | None = Field(description="of the metric that is tracked")
    expected_usd: float | None


class RejectedEntry(Model):
    """An instance type that cannot do it."""

    instance_type: str
    reason_code: ReasonCode
    reason: str


class SensitivityEntry(Model):
    """The answer where one assumption is another; nulls: infeasible, or beyond the budget."""

    factor: Factor
    value: str = Field(description="what is assumed instead")
    worst_window_p99_ms: float | None = Field(description="of the recommended variant then")
    breaks: str | None = Field(description="what the recommended variant breaks then")
    feasible: bool | None = Field(description="whether there is an answer then")
    min_capacity: int | None
    target_invocations_per_instance: float | None = Field(description="null on another metric")
    target_value: float | None = Field(description="of the metric that is tracked")
    expected_usd: float | None


class CurrentEntry(VariantEntry):
    """Today's configuration; nulls: its estimate does not say, or it cannot be replayed."""

    expected_usd: float | None
    floor_usd: float | None = Field(description="with --endpoint: the minimum all the time")
    ceiling_usd: float | None = Field(description="with --endpoint: the maximum all the time")
    p99_ms: float | None
    worst_window_p99_ms: float | None
    failed_fraction: float | None
    meets_slo: bool | None


class RecommendDocument(Document):
    """``smcost recommend -f json``; also printed with exit code 11 when infeasible."""

    command: Literal["recommend"] = "recommend"
    feasible: bool
    recommendation: RecommendedEntry | None
    latency: LatencyEntry | None
    cost: lever_schema.CostEntry | None
    instance_hours: InstanceHoursEntry | None
    horizon: HorizonEntry | None
    binding: BindingEntry
    curve: list[CurveEntry]
    alternatives: list[AlternativeEntry]
    windows: list[WindowEntry]
    sensitivity: list[SensitivityEntry]
    saving_usd: float | None = Field(description="against today's; null where that is not known")
    current: CurrentEntry | None = Field(
        description="from --current or --endpoint; null without either"
    )
    rejected: list[RejectedEntry]
    nearest: AlternativeEntry | None = Field(description="the nearest miss when infeasible")
    schedule: ScheduleFound = None
    data_capture: lever_schema.DataCapture = None
    deployments: lever_schema.Deployments = None
    savings_plans: lever_schema.SavingsPlans = None
    non_production: NonProduction = None
    endpoint_kinds: EndpointKinds = None
    availability: Availability = None


class PricesDocument(Document):
    """``smcost prices show -f json``; each price names its own source."""

    command: Literal["prices show"] = "prices show"
    prices: list[PriceEntry]
    rates: list[RateEntry] = Field(description="of the region: storage, data and so on")
    savings_plans: list[SavingsEntry] = Field(description="of what is shown; empty: not known")


class StoredDocument(Document):
    """``smcost prices pull -f json`` and ``smcost prices import -f json``."""

    command: Literal["prices pull", "prices import"]
    regions: list[StoredEntry]
    passed_over: list[str] = Field(description="regions of the file without Hosting prices")


class IntervalEntry(Model):
    """A stretch of steps, UTC, ``end`` exclusive."""

    start: str
    end: str
    steps: int


class TrafficDocument(Document):
    """``smcost traffic show -f json``."""

    command: Literal["traffic show"] = "traffic show"
    total_invocations: int
    mean_rps: float
    peak_rps: float
    peak_to_mean: float | None = Field(description="null without invocations")
    step_s: int
    dispersion_per_s: float | None = Field(description="of logged requests; else null")
    start: str
    end: str
    gaps: list[IntervalEntry]
    suspected_outages: list[IntervalEntry]


class CapacityDocument(Document):
    """``smcost capacity show -f json``."""

    command: Literal["capacity show"] = "capacity show"
    profiles: list[ProfileEntry]


DOCUMENTS: dict[str, type[BaseModel]] = {
    "estimate": EstimateDocument,
    "recommend": RecommendDocument,
    "prices-show": PricesDocument,
    "prices-pull": StoredDocument,
    "traffic-show": TrafficDocument,
    "capacity-show": CapacityDocument,
}
