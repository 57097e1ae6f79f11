"""What the document of a capacity fitted to a live endpoint says."""

from pydantic import BaseModel, ConfigDict, Field

from smcost.capacity.fit import RefusalCode


class FitModel(BaseModel):
    """Nothing beyond the named keys."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


class FitEstimate(FitModel):
    """The best explanation; intervals are of chance (95 %) and of the misfit seen."""

    workers: int
    workers_alike: list[int] = Field(description="explain the minutes as well, the best among them")
    more_workers_alike: bool = Field(description="whether any larger number does too")
    service_time_ms: float
    service_time_ci_ms: list[float]
    service_cv: float
    service_cv_ci: list[float]
    service_law: str
    max_rps: float = Field(description="one instance is busy all the time")


class FitGoodness(FitModel):
    """How well it fits; relative errors."""

    error: float = Field(description="root mean square, beyond chance")
    worst: float
    worst_where: str
    trend: float = Field(description="largest drift of an error from quiet to busy minutes")
    trend_of: str
    squares_per_freedom: float
    freedom: int


class FitLevel(FitModel):
    """A level of load; null: not observed, or not fitted."""

    rps: float = Field(description="demand on one instance")
    utilisation: float | None
    minutes: int
    requests: int
    observed_ms: dict[str, float | None]
    fitted_ms: dict[str, float | None]


class FitRefusal(FitModel):
    """Why the capacity may not be relied on; codes in docs/codes.md."""

    code: RefusalCode
    cause: str
    remedy: str


class FitStartup(FitModel):
    """Start-up times of successful scale-outs, SageMaker's update included; null without one."""

    scale_outs: int
    median_s: float | None
    p90_s: float | None
    unsuccessful: int
    not_scaled: dict[str, int]


class FitEntry(FitModel):
    """What the minutes of an endpoint say of one instance."""

    endpoint: str
    variant: str
    region: str
    instance_type: str | None
    routing_strategy: str
    start: str
    end: str
    minutes: int
    requests: int
    left_out: dict[str, int]
    tested_rps: float | None
    tested_utilisation: float | None
    overhead_ms: float | None
    estimate: FitEstimate | None
    goodness: FitGoodness | None
    refusals: list[FitRefusal]
    levels: list[FitLevel]
    startup: FitStartup | None = Field(description="null where it was not asked for")
