"""What the document of ``smcost components`` says."""

from typing import Literal

from pydantic import Field

from smcost.components.alternatives import AlternativeKind
from smcost.components.component import Resource
from smcost.components.instance_scaling import Placement, ScaleIn
from smcost.emit import lever_schema, schema
from smcost.emit.provenance_schema import Model


class RoomEntry(Model):
    """What an instance has for copies, the reserve taken off."""

    cpu_cores: float
    accelerators: int
    memory_mb: int


class CopiesEntry(Model):
    """Copies in service."""

    min: int
    mean: float
    max: int


class PerInstanceEntry(Model):
    """Copies of one component alone that an instance holds; null: it takes none of the resource."""

    copies: int
    binding: Resource
    by_cpu: int | None
    by_accelerator: int | None
    by_memory: int | None


class ComponentEntry(Model):
    """One component; counts and USD are a month's."""

    name: str
    cpu_cores: float
    accelerators: int
    memory_mb: int
    min_copies: int
    max_copies: int
    metric: Literal["invocations_per_copy", "concurrent_requests_per_copy"]
    target_value: float
    per_instance: PerInstanceEntry
    copies: CopiesEntry
    share_of_target: float | None = Field(description="null where requests in flight are tracked")
    utilisation: float | None = Field(description="busy part of a copy; null without a capacity")
    invocations: float
    failed_at_zero: float = Field(description="requests that met no copy")
    wakes: float = Field(description="scale-outs from zero copies")
    decisions_without_room: int = Field(description="over the horizon, for want of instances")
    usd: float = Field(description="its part of the bill, by copy-hours x largest share")
    latency: schema.LatencyEntry | None = Field(description="of requests that met a copy")


class InstancesEntry(Model):
    """Instances: bounds, and mean and most over the horizon."""

    floor: int
    ceiling: int
    mean_billed: float
    max_billed: int
    mean_first_fit: float = Field(description="copies in service repacked, first-fit decreasing")
    max_first_fit: int
    mean_lower_bound: float = Field(description="no packing of the copies in service has fewer")
    max_lower_bound: int
    reserved_share: dict[Resource, float | None] = Field(
        description="of the billed instances, by copies in service; null: no component takes any"
    )
    wasted_share: dict[Resource, float | None] = Field(description="the rest of it")
    binding: Resource | None = Field(description="of which most is reserved")


class ScalingEntry(Model):
    """How instances are scaled."""

    placement_strategy: Placement
    scale_in_strategy: ScaleIn
    min_instance_count: int
    max_instance_count: int | None = Field(description="null: as many as copies need")


class ZeroEntry(Model):
    """Scaling to zero; counts and USD a month, times of one wake-up."""

    billed_until_serving_s: float
    billed_after_last_s: float
    failing_s: float
    break_even_gap_s: float = Field(description="idle gaps up to it save nothing")
    fails_after_gap_s: float
    usd_per_wake: float
    usd_per_wake_with_tail: float
    wakes: float
    wakes_onto_running: float
    instance_wakes: float = Field(description="launches from no instance")
    failed: float
    empty_share: float = Field(description="part of the time without an instance")
    saving_usd: float = Field(
        description="against 1 copy of each and 1 instance at least; no saving, but the price of "
        "not answering, where never_wakes names a component"
    )
    saving_usd_per_failed: float | None = Field(
        description="null where no request fails, or one never wakes"
    )
    keeps_instance: bool = Field(description="a minimum keeps an instance all the time")
    never_wakes: list[str] = Field(
        description="components asleep for good: later minutes never have --wake-failures"
    )


class ComponentsAlternative(Model):
    """The same traffic otherwise, a month."""

    kind: AlternativeKind
    instance_hours: float
    usd: float
    failed_at_zero: float


class TerraformEntry(Model):
    """What there is to carry the answer out with."""

    hashicorp_aws_resource: None
    awscc_resource: str
    note: str


class ComponentsDocument(schema.Document):
    """``smcost components -f json``."""

    command: Literal["components"] = "components"
    instance_type: str
    room: RoomEntry
    scaling: ScalingEntry
    cost: lever_schema.CostEntry
    instance_hours: schema.InstanceHoursEntry
    horizon: schema.HorizonEntry
    components: list[ComponentEntry]
    instances: InstancesEntry
    zero: ZeroEntry | None = Field(description="null where nothing may scale to zero")
    alternatives: list[ComponentsAlternative]
    terraform: TerraformEntry
