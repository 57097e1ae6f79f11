"""What the documents say of an endpoint that is turned off outside its windows."""

from typing import Annotated, Literal

from pydantic import Field

from smcost.emit.provenance_schema import Model


class SwitchEntry(Model):
    """A schedule to paste."""

    does: Literal["create", "delete", "scale"]
    schedule: str = Field(description="cron as AWS's schedulers take it")
    timezone: str
    min_capacity: int | None = Field(
        description="of the variant, or copies of the inference component; null leaves it"
    )
    max_capacity: int | None


class WayEntry(Model):
    """One way of turning it off or down, in an ordinary month."""

    way: Literal["delete", "minimum", "scale-to-zero"]
    floor_instance_hours: float
    expected_instance_hours: float | None
    ceiling_instance_hours: float
    floor_usd: float
    expected_usd: float | None = Field(description="null: not known")
    ceiling_usd: float
    saving_usd: float | None = Field(description="against always on; null: not known")
    saving_share: float | None
    unanswered: float | None = Field(
        description="requests a month that find no instance; null: what comes outside the windows "
        "is not known"
    )
    unanswered_share: float | None
    wake_ups: float | None = Field(description="from zero, a month")
    wake_up_s: float | None = Field(
        description="from the end of the minute of a failed request until an instance is in "
        "service; null: requests wake nothing"
    )
    saves_from_s: float = Field(description="the shortest break in which it saves anything")
    switches: list[SwitchEntry]


class NonProductionEntry(Model):
    """The windows, every way, and the endpoint that is never turned off."""

    windows: str
    timezone: str
    way: Literal["delete", "minimum", "scale-to-zero"] = Field(description="that of the bill")
    hours_on_per_month: float
    openings_per_month: float
    begun_before_s: float
    always_on_floor_usd: float
    always_on_expected_usd: float | None
    always_on_instance_hours: float | None
    always_on_min_capacity: int | None = Field(
        description="the smallest that holds the SLO around the clock; null: that of the "
        "configuration"
    )
    answered: float | None = Field(description="requests a month in the bill; null without traffic")
    ways: list[WayEntry]


NonProduction = Annotated[NonProductionEntry | None, Field(description="absent unless asked for")]
