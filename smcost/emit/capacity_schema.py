"""What the document of ``smcost capacity show`` says of one profile."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from smcost.remarks import WarningCode


class ProfileWarning(BaseModel):
    """Something to know before trusting the profile; codes in docs/codes.md."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)

    code: WarningCode
    message: str


class ProfileEntry(BaseModel):
    """What one instance of one type can do, as measured."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)

    instance_type: str
    kind: Literal["workers", "rates", "sweep"]
    latency_of: Literal["total", "model", "first_byte"]
    max_rps_tested: float = Field(
        description="rates: the highest tested rate; sweep: the throughput at the last tested "
        "concurrency; workers: the rate at which all are busy all the time"
    )
    max_rps_at_slo: float | None = Field(
        description="of one instance; null without a limit, or for the reason given"
    )
    reason: str | None = Field(description="why no rate keeps the limits; null where one does")
    warnings: list[ProfileWarning]
