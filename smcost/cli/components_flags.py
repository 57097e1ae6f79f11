"""Values of the flags of ``smcost components``."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentsFlags:
    """What was given, named as in the contract."""

    components: Path | None
    instance_type: list[str] | None
    traffic_scale: float
    gaps: str
    instance_vcpu: float | None
    instance_memory: str | None
    instance_accelerators: int | None
    reserved_cpu: float
    reserved_memory: str
    placement: str
    scale_in_policy: str
    consolidation_cooldown: str
    consolidation_step: int
    min_instances: int | None
    max_instances: int | None
    provisioning_time: str
    release_time: str
    idle_time: str
    wake_failures: int
    reaction_time: str
    scale_in_cooldown: str
    scale_out_cooldown: str
    routing: str
    overhead: str
    timeout: str
    timed_out_work: str
    slo_window: str
    region: str
    prices: Path | None
    max_price_age: str | None
    hours_per_month: str
    format: str
    output: Path | None
    explain: bool
    quiet: bool

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> "ComponentsFlags":
        """Take the flags out of the command's parameters, as ``locals()`` holds them on entry."""
        names = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in parameters.items() if name in names})
