"""What every JSON document says of a variant: type, bounds, routing, and what scales it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from smcost.emit.schedule_schema import ScheduledActionEntry


class _Model(BaseModel):
    """Nothing beyond the named keys."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


class StepEntry(_Model):
    """One step adjustment; bounds relative to the threshold, null: open."""

    lower_bound: float | None
    upper_bound: float | None
    adjustment: int


class PolicyEntry(_Model):
    """A scaling policy in AWS's words and units; nulls: of the other type of policy."""

    policy_type: Literal["TargetTrackingScaling", "StepScaling"]
    metric: str = Field(
        description="a predefined metric type, or CPUUtilization of /aws/sagemaker/Endpoints"
    )
    target_value: float | None = Field(
        description="invocations: per instance and minute; CPU: per cent of one core, 0 to 100 x "
        "vCPU; concurrency: requests in flight per instance"
    )
    scale_in_cooldown_s: float
    scale_out_cooldown_s: float
    disable_scale_in: bool | None
    threshold: float | None
    comparison: str | None
    evaluation_periods: int | None
    datapoints_to_alarm: int | None
    adjustment_type: str | None
    min_adjustment_magnitude: int | None
    steps: list[StepEntry]


_POLICIES = Field(description="empty: a fleet of fixed size, or by schedule")


class _Entry(_Model):
    """A variant with its autoscaling."""

    instance_type: str
    min_capacity: int
    max_capacity: int
    initial_instance_count: int
    target_invocations_per_instance: float | None = Field(
        description="per minute; null: no such policy"
    )
    routing_strategy: Literal["RANDOM", "LEAST_OUTSTANDING_REQUESTS"]
    scale_in_cooldown_s: float
    scale_out_cooldown_s: float


class VariantEntry(_Entry):
    """A variant with its autoscaling."""

    schedule: list[str] = Field(description="scheduled actions, as --scheduled-action takes them")
    policies: list[PolicyEntry] = _POLICIES


class RecommendedEntry(_Entry):
    """The recommended variant; with a schedule its minimum is the largest of a window."""

    schedule: list[ScheduledActionEntry] = Field(description="empty: without --schedule, or none")
    policies: list[PolicyEntry] = _POLICIES
