"""The JSON document of a fleet, as models."""

from typing import Any, Literal

from pydantic import Field

from smcost.emit.provenance_schema import Model
from smcost.emit.schema import (
    SCHEMA_VERSION,
    AssumptionEntry,
    WarningEntry,
)
from smcost.emit.variant_schema import VariantEntry


class FleetWarningEntry(WarningEntry):
    """A warning, and every endpoint that has it with the same words and figures."""

    endpoints: list[str]


class TotalsEntry(Model):
    """Sums per month, to the cent, of what the endpoints' own answers say."""

    endpoints: int
    answered: int
    expected_usd: float = Field(description="over expected_endpoints")
    expected_endpoints: int
    floor_usd: float = Field(description="over the answered")
    ceiling_usd: float = Field(description="over the answered")
    compared_endpoints: int = Field(description="today's cost and the answer's are known")
    today_usd: float = Field(description="over compared_endpoints")
    compared_usd: float = Field(description="the answers, over compared_endpoints")
    saving_usd: float = Field(description="today_usd - compared_usd; negative: it costs more")
    turning_off_usd: float = Field(description="of saving_usd, by turning off outside windows")


class ConfigurationEntry(VariantEntry):
    """A configuration of an endpoint with its figures; nulls: not known."""

    expected_usd: float | None
    floor_usd: float | None
    ceiling_usd: float | None
    p99_ms: float | None
    worst_window_p99_ms: float | None
    meets_slo: bool | None = Field(description="while it is on")
    runs: str = Field(description="always, or the windows and how it is turned off outside them")
    turning_off_usd: float | None = Field(description="saved by that; the costs have it already")
    unanswered_share: float | None = Field(description="of all requests: they find it turned off")


class ErrorEntry(Model):
    """Why there is no answer."""

    cause: str
    remedy: str
    place: str | None


class EndpointEntry(Model):
    """One endpoint."""

    name: str
    exit_code: int = Field(description="of smcost asked for it alone, docs/codes.md")
    error: ErrorEntry | None
    answer: ConfigurationEntry | None
    today: ConfigurationEntry | None
    saving_usd: float | None
    document: dict[str, Any] | None = Field(
        description="as smcost schema estimate or recommend describes it: what -f json prints for "
        "this endpoint alone, without sensitivity unless --explain"
    )


class SharedPlanEntry(Model):
    """One kind of Savings Plan, sized on the sum of the endpoints' spend and on each alone."""

    plan: str
    term_years: int | None
    payment: Literal["no_upfront", "partial_upfront", "all_upfront"] | None
    endpoints: list[str] = Field(description="in the sum")
    hours: int = Field(description="of the clock that all of them know")
    commitment_usd_per_hour: float | None = Field(description="null: refused says why")
    on_demand_usd: float | None
    paid_usd: float | None
    saving_usd: float | None
    utilisation: float | None
    upfront_usd: float | None
    separate_commitment_usd_per_hour: float
    separate_saving_usd: float
    more_saving_usd: float | None = Field(description="of the sum beyond each alone")
    refused: str | None


class FleetDocument(Model):
    """``smcost estimate --file`` and ``smcost recommend --file``, with -f json."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    command: Literal["estimate --file", "recommend --file"]
    file: str
    exit_code: int = Field(description="the smallest of the endpoints' that is not 0, or 0")
    hours_per_month: float
    totals: TotalsEntry
    biggest_savings: list[str] = Field(description="names, at most three")
    biggest_bills: list[str] = Field(description="names, at most three")
    savings_plans: list[SharedPlanEntry]
    assumptions: list[AssumptionEntry] = Field(description="the same for every endpoint")
    warnings: list[FleetWarningEntry]
    endpoints: list[EndpointEntry] = Field(description="in the order of the file")
