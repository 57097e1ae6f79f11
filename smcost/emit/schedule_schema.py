"""What ``smcost recommend -f json`` says of a schedule of minimums."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class _Model(BaseModel):
    """Nothing beyond the named keys."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


class ScheduledActionEntry(_Model):
    """A scheduled action of Application Auto Scaling."""

    name: str
    schedule: str = Field(description="cron(...), as AWS takes it")
    timezone: str = Field(description="IANA name")
    min_capacity: int | None
    max_capacity: int | None = Field(description="null: stays as it is")
    action: str = Field(description="all of it, as --scheduled-action takes it")


class TimedMinimumEntry(_Model):
    """A window of a schedule, and why it is there."""

    window: str
    min_capacity: int
    dates: int = Field(description="of the traffic on which it lies")
    demanding: int = Field(description="of these, those that ask for over half of its raise")
    explanation: str


class HoldOutEntry(_Model):
    """The schedule found without the last week, judged on the last week."""

    since: str
    found: str | None = Field(description="the schedule; null: none was found")
    min_capacity: int = Field(description="found without a schedule")
    windows: int = Field(description="of the SLO in the last week")
    broken: int
    broken_without_schedule: int
    held: bool


class ScheduleEntry(_Model):
    """Minimums by the clock; nulls: none is recommended."""

    timezone: str
    found: bool
    reason: str | None = Field(description="why there is none; null: there is one")
    told: str | None
    otherwise_min_capacity: int | None = Field(description="outside the windows")
    windows: list[TimedMinimumEntry]
    margin_minutes: int | None = Field(description="by which windows are longer at either end")
    unscheduled_min_capacity: int | None
    unscheduled_target: float | None
    unscheduled_usd: float | None
    saving_usd: float | None = Field(description="per month against that")
    saving_fraction: float | None
    hold_out: HoldOutEntry | None = Field(description="null: less than two weeks, or not reached")


ScheduleFound = Annotated[
    ScheduleEntry | None, Field(description="null: --schedule was not given, or infeasible")
]
