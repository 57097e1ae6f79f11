"""What the documents say of other kinds of endpoint, where they are asked for."""

from typing import Annotated

from pydantic import Field

from smcost.emit.lever_schema import Line
from smcost.emit.provenance_schema import Model
from smcost.estimate.kinds import P99
from smcost.kinds.limits import EndpointKind, ObstacleCode


class ObstacleEntry(Model):
    """Why a kind cannot do this job; codes in docs/codes.md."""

    code: ObstacleCode
    message: str


class ServerlessEntry(Model):
    """A serverless endpoint on this traffic."""

    memory_gb: int
    provisioned_concurrency: int
    most_in_flight: int = Field(description="concurrency that the busiest minute needs")
    throttled_fraction: float
    cold_fraction: float
    worst_window_cold_fraction: float


class AsynchronousEntry(Model):
    """An asynchronous endpoint on this traffic; waits to the minute."""

    mean_wait_s: float
    p95_wait_s: float
    longest_wait_s: float
    expired_fraction: float
    wakes: int = Field(description="starts from no instance, over the horizon")
    break_even_instance_hours: float = Field(description="a month; cheaper than this fleet below")


class BatchEntry(Model):
    """The transform jobs of a month."""

    jobs: float
    instances: int
    hours_per_job: float


class SharedEntry(Model):
    """Models like this one on one endpoint; the USD of the entry are those of one model."""

    models: int
    in_memory: int | None = Field(description="at once, at most; null where not known")
    whole_usd: float
    separate_usd: float = Field(description="an endpoint like this one for each")
    break_even_models: int | None = Field(description="null: not cheaper up to as many")


class KindEntry(Model):
    """One kind of endpoint, per month, with the figures of its own kind."""

    kind: EndpointKind
    name: str
    usd: float | None = Field(description="null: it does not run, or a rate is not known")
    against_fleet_usd: float | None = Field(description="what it costs more than this fleet")
    break_even_invocations: float | None = Field(
        description="a month; cheaper than this fleet below"
    )
    break_even_single_invocations: float | None = Field(
        description="a month; cheaper than one instance below"
    )
    instance_hours: float | None
    p99: P99
    p99_ms: float | None = Field(
        description="worst window: the model's, or if not promised a lower bound"
    )
    possible: bool
    obstacles: list[ObstacleEntry]
    cannot: list[str] = Field(description="whatever the job")
    lines: list[Line]
    serverless: ServerlessEntry | None
    asynchronous: AsynchronousEntry | None
    batch: BatchEntry | None
    shared: SharedEntry | None


EndpointKinds = Annotated[
    list[KindEntry] | None, Field(description="absent unless asked for; this fleet first")
]
