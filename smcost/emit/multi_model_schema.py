"""The document of ``smcost multi-model -f json``."""

from typing import Literal

from pydantic import Field

from smcost.emit.provenance_schema import Model
from smcost.emit.schema import Document
from smcost.multi_model import Binds, Obstacle
from smcost.multi_model.sensitivity import Factor


class FleetEntry(Model):
    """One number of instances; percentiles are null beyond the timeout."""

    instances: int
    hit_rate: float = Field(description="requests whose model is in memory, as ModelCacheHit")
    cold_share: float = Field(description="requests that wait for a model, joined loads included")
    loads_pile_up: bool = Field(
        description="loads come faster than they are done; cold_share then is a lower bound"
    )
    loads_per_hour: float
    loaded_models_per_instance: float
    loaded_gb: float = Field(description="all instances together")
    models_to_memory: float = Field(description="size of all models over memory of all instances")
    p95_ms: float | None
    p99_ms: float | None
    worst_window_p95_ms: float | None
    worst_window_p99_ms: float | None
    cold_share_beyond_p95: float = Field(description="of the slowest 5 % that waited for a model")
    cold_share_beyond_p99: float
    failed_fraction: float
    usd: float
    meets_slo: bool
    breaks: str


class SimulatedEntry(Model):
    """The exact LRU simulation of the fleet recommended, or nearest."""

    instances: int
    requests: int = Field(description="0 where every model stays in memory")
    hit_rate: float
    standard_error: float
    hit_rate_by_che: float


class SeparateEntry(Model):
    """One endpoint per model."""

    instance_type: str
    instances: int
    sized_by_traffic: bool = Field(description="false: each has the least, a lower bound")
    models_that_never_meet_slo: int = Field(
        default=0, description="too slow alone on any number, counted with the least"
    )
    usd: float
    saving_usd: float = Field(description="negative: sharing costs more")
    break_even_models: int


class ModelsEntry(Model):
    """What there is to host."""

    count: int
    total_gb: float
    memory_gb_per_instance: float
    placement: Literal["sticky", "spread"]
    loads_at_once: int


class OtherwiseEntry(Model):
    """The fewest instances where one assumption is another; null: no number will do."""

    factor: Factor
    value: str
    instances: int | None


class MultiModelDocument(Document):
    """``smcost multi-model -f json``; also printed with exit code 11 when infeasible."""

    command: Literal["multi-model"] = "multi-model"
    feasible: bool
    instance_type: str
    models: ModelsEntry
    recommendation: FleetEntry | None = Field(description="null when infeasible")
    binds: Binds | None = Field(description="null when infeasible")
    obstacle: Obstacle | None = Field(description="null when feasible")
    explanation: str
    instances_for_memory: int | None = Field(description="null: no number will do")
    instances_for_throughput: int | None = Field(description="null: no number will do")
    instances_surviving_a_loss: int | None = Field(
        description="one may be lost and the SLO holds; null when infeasible"
    )
    instances_under_other_placement: int | None = Field(description="null: no number will do")
    nearest: FleetEntry | None = Field(description="the nearest miss when infeasible")
    simulated: SimulatedEntry
    curve: list[FleetEntry]
    separate_endpoints: SeparateEntry | None = Field(description="null when infeasible")
    sensitivity: list[OtherwiseEntry]
    hours_per_month: float
