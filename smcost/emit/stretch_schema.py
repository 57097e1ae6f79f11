"""What the documents say of a stretch of minutes that is judged alone."""

from pydantic import Field

from smcost.emit.provenance_schema import Model


class StretchEntry(Model):
    """Latency of a stretch; null beyond the timeout."""

    p95_ms: float | None
    p99_ms: float | None
    failed_fraction: float
    breaks: list[str] | None = Field(description="of the SLO, taken alone; null without an SLO")
