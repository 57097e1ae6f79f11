"""What the documents say of a loss, and of the price of surviving it."""

from typing import Annotated, Literal

from pydantic import Field

from smcost.emit.provenance_schema import Model
from smcost.emit.stretch_schema import StretchEntry


class LostMomentEntry(Model):
    """A loss at one of the worst moments of the trace."""

    at: str
    minutes: int = Field(description="judged, alone")
    count_before: int
    lost: int
    utilisation: float | None = Field(description="highest of those left; null: none is left")
    turned_away: int = Field(description="requests that reached no instance")
    cut_off: float = Field(description="requests in flight on what was lost")
    minutes_over: int | None = Field(description="over a limit if taken alone; null without an SLO")
    minutes_over_without: int | None
    latency: StretchEntry
    latency_without: StretchEntry
    method: Literal["screened", "simulated"]


class SurvivalEntry(Model):
    """The cheapest plan that survives a loss; nulls: infeasible."""

    survives: Literal["none", "instance", "zone"]
    min_capacity: int | None
    target_value: float | None = Field(description="of the metric that is tracked; null: fixed")
    expected_usd: float | None
    extra_usd: float | None = Field(description="more than without surviving any")


class AvailabilityEntry(Model):
    """Whether the configuration survives a loss, and what it costs that it does."""

    survive: Literal["instance", "zone"]
    zones: int | None = Field(description="null where an instance is lost")
    replaced_after_s: float
    failover_s: float
    survives: bool | None = Field(description="null without an SLO")
    breaks: list[str] | None
    peak_per_minute: int
    max_rps_at_slo: float | None = Field(description="of one instance by itself")
    rule_count: int | None = Field(description="(N - lost) x max_rps_at_slo x 60 >= peak")
    moments: list[LostMomentEntry] = Field(description="the worst of the trace, worst first")
    prices: list[SurvivalEntry] | None = Field(
        description="all without minimums by the clock; null of an estimate"
    )


Availability = Annotated[AvailabilityEntry | None, Field(description="absent unless asked for")]
