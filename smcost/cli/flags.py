"""What was given on the command line, typed, in one value."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """Values of the flags that ``estimate`` and ``recommend`` share, named as in the contract."""

    instance_type: list[str] | None
    minimum: int | None
    maximum: int | None
    target: float | None
    routing: str
    startup_time: str | None
    reaction_time: str
    scale_in_cooldown: str
    scale_out_cooldown: str
    current: Path | None
    traffic: Path | None
    rps: float | None
    peak_rps: float | None
    traffic_scale: float
    gaps: str
    duplicates: str | None
    requests: bool
    period: str | None
    metric_id: str | None
    burstiness: float
    capacity: Path | None
    latency_unit: str | None
    latency_percentile: str | None
    service_time: str | None
    concurrency: int | None
    service_cv: float | None
    service_law: str | None
    overhead: str
    timeout: str
    timed_out_work: str
    p95: str | None
    p99: str | None
    slo_window: str
    slo_attainment: str
    max_failed: str
    survive: str | None
    zones: int
    loss_detection: str
    failover_time: str
    zone_lost_for: str | None
    region: str
    prices: Path | None
    rates: Path | None
    max_price_age: str | None
    hours_per_month: str
    volume_gb: int | None
    payload_in: str | None
    payload_out: str | None
    data_capture: str | None
    capture_encoding: str
    capture_retention: str
    capture_files_per_hour: float
    capture_kms: bool
    capture_part: str
    deployments_per_month: float | None
    deployment: str
    deployment_step: str | None
    deployment_wait: str | None
    deployment_termination_wait: str
    deployment_at: str
    shadow_count: int
    savings_plans: bool
    savings_plan_discount: str | None
    non_prod: str | None
    non_prod_way: str
    non_prod_tail: str
    format: str
    output: Path | None
    tfvars_map: list[str] | None
    explain: bool
    quiet: bool
    endpoint: str | None = None
    variant: str | None = None
    profile: str | None = None
    offline: bool = False
    #: The one type that ``startup_time`` was learned on; ``None``: it was given, for every type.
    startup_learned_on: str | None = None
    #: Of the engine; ``None``: as many as there are processors. No digit depends on it.
    threads: int | None = None
    #: estimate only
    count: int | None = None
    #: recommend only
    aws_recommendation: Path | None = None
    schedule: str | None = None
    min_instances: int = 1
    budget: str = "60s"
    seed: int = 0
    exact: bool = False
    concurrency_target: float | None = None
    cpu_target: str | None = None
    cpu_per_invocation: str | None = None
    cpu_at_full_load: str | None = None
    step: list[str] | None = None
    scheduled_action: list[str] | None = None
    compare_kinds: bool = False
    model_size: str | None = None
    serverless_memory: str | None = None
    serverless_service_factor: float = 1.0
    serverless_max_concurrency: int = 200
    cold_start: str = "5s"
    serverless_keep_alive: str = "10min"
    async_backlog_target: float = 5.0
    batch_jobs_per_month: float = 30.0
    shared_models: int = 10

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> "Flags":
        """Take the flags out of a command's parameters, as ``locals()`` holds them on entry."""
        names = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in parameters.items() if name in names})
