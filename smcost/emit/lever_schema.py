"""What the documents say of a bill, and where asked for of what there is beside it."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from smcost.emit.provenance_schema import Model
from smcost.emit.stretch_schema import StretchEntry

#: Keys that are there only where they were asked for, so that other documents stay as they are.
ON_REQUEST = (
    *("data_capture", "deployments", "savings_plans", "unpriced_lines", "availability"),
    *("endpoint_kinds", "non_production"),
)


def optional_on_request(schema: dict[str, Any]) -> None:
    """Take the keys that may be absent, which have a default, out of what a schema requires."""
    absent = {key for key in ON_REQUEST if "default" in schema["properties"].get(key, {})}
    schema["required"] = [key for key in schema.get("required", []) if key not in absent]


ON_REQUEST_CONFIG = ConfigDict(json_schema_extra=optional_on_request)


class Line(Model):
    """quantity x unit_price_usd, rounded half up to cents."""

    name: str
    quantity: float
    unit: str
    unit_price_usd: float
    usd: float


class UnpricedLine(Model):
    """What has no known rate here; missing in every total."""

    name: str
    quantity: float
    unit: str


class DataCaptureEntry(Model):
    """Per month in the expected case."""

    share: float
    encoding: Literal["json", "base64"]
    record_bytes: int
    retention_hours: float
    records: float
    files: float
    gb_written: float
    gb_months: float = Field(description="stored once as much expires as is written")
    first_month_gb_months: float
    usd: float | None = Field(description="steady state, as in the bill; null: a rate is missing")
    first_month_usd: float | None
    share_of_bill: float | None
    part_of_bill: float
    capture_share_at_part_of_bill: float | None = Field(
        description="sampled share that makes up that part; null: not even every request does, "
        "or a rate is missing"
    )


class BusiestEntry(Model):
    """A deployment at the beginning of the busiest hour."""

    start: str
    minutes: int
    update_s: float
    count_before: int
    count_after: int
    latency: StretchEntry | None = Field(description="null without a capacity")
    latency_without: StretchEntry | None
    method: Literal["screened", "simulated"]


class DeploymentsEntry(Model):
    """The releases of a month."""

    per_month: float
    kind: Literal["all-at-once", "canary", "linear", "rolling"]
    step: float | None
    wait_s: float
    termination_wait_s: float
    provisioning_s: float
    at: Literal["mean", "busiest"]
    met_count: float
    extra_instance_hours: float
    usd: float
    busiest_count: int
    quota_instances: int = Field(description="what the quota must allow during an update then")
    initial_instance_count: int = Field(description="what an update resets the variant to")
    busiest_hour: BusiestEntry | None = Field(description="null without traffic")


class SavingsPlanEntry(Model):
    """The best commitment of one kind of plan, on the instances alone."""

    plan: str
    term_years: int | None = Field(description="null for a discount given by hand")
    payment: Literal["no_upfront", "partial_upfront", "all_upfront"] | None
    commitment_usd_per_hour: float = Field(description="0 where none pays")
    on_demand_usd: float
    paid_usd: float
    saving_usd: float
    utilisation: float | None = Field(description="null without a commitment")
    break_even_utilisation: float
    upfront_usd: float | None
    lines: list[Line]
    floor_paid_usd: float | None
    ceiling_paid_usd: float | None


_ASKED = Field(description="absent unless asked for")
DataCapture = Annotated[DataCaptureEntry | None, _ASKED]
Deployments = Annotated[DeploymentsEntry | None, _ASKED]
SavingsPlans = Annotated[list[SavingsPlanEntry] | None, _ASKED]
UnpricedLines = Annotated[
    list[UnpricedLine] | None, Field(description="absent where every rate is known")
]


class CostEntry(Model):
    """Per month. Floor: the minimum all the time; ceiling: the maximum all the time."""

    model_config = ON_REQUEST_CONFIG

    floor_usd: float
    expected_usd: float | None = Field(description="null without traffic to replay")
    ceiling_usd: float
    hours_per_month: float
    lines: list[Line] = Field(description="the expected case; empty where that is not known")
    floor_lines: list[Line]
    ceiling_lines: list[Line]
    unpriced_lines: UnpricedLines = None
