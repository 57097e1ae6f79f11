"""What Application Auto Scaling has registered for a variant, and the same for replay."""

from dataclasses import dataclass
from enum import StrEnum

from smcost.errors import UsageError
from smcost.scaling import schedule as scheduled
from smcost.scaling.policy import DEFAULT_COOLDOWN_S, Metric, TargetPolicy
from smcost.units import plain

#: How a policy names the metrics whose target tracking :mod:`smcost.scaling` follows.
FOLLOWED_METRIC = "InvocationsPerInstance"
FOLLOWED_CPU = "CPUUtilization"
_FOLLOWED = {
    FOLLOWED_METRIC: Metric.INVOCATIONS,
    Metric.CONCURRENCY.value: Metric.CONCURRENCY,
    FOLLOWED_CPU: Metric.CPU,
}


class PolicyKind(StrEnum):
    """How a policy scales."""

    TARGET_TRACKING = "target tracking"
    STEP = "step scaling"
    PREDICTIVE = "predictive scaling"
    OTHER = "a policy of an unknown kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredPolicy:
    """One scaling policy of a variant.

    Attributes
    ----------
    name, kind
        Its name, and how it scales.
    metric
        What it follows; :data:`FOLLOWED_METRIC` for that metric alone, with its sum, and
        :data:`FOLLOWED_CPU` with its average. ``None``: the policy does not say (an alarm of its
        own does).
    target_value
        Set point in the metric's unit, of target tracking.
    scale_in_cooldown_s, scale_out_cooldown_s
        As AWS uses them. [s]
    scale_in_disabled
        Whether it only ever scales out.
    """

    name: str
    kind: PolicyKind
    metric: str | None = None
    target_value: float | None = None
    scale_in_cooldown_s: float = DEFAULT_COOLDOWN_S
    scale_out_cooldown_s: float = DEFAULT_COOLDOWN_S
    scale_in_disabled: bool = False

    @property
    def followed(self) -> bool:
        """Whether replay knows what it does, for CPU once it is known what that is made of."""
        return (
            self.kind is PolicyKind.TARGET_TRACKING
            and self.metric in _FOLLOWED
            and not self.scale_in_disabled
        )

    @property
    def tracked(self) -> TargetPolicy:
        """The same for replay, where that follows it."""
        assert self.metric is not None
        assert self.target_value is not None
        return TargetPolicy(
            metric=_FOLLOWED[self.metric],
            target=self.target_value,
            scale_in_cooldown_s=self.scale_in_cooldown_s,
            scale_out_cooldown_s=self.scale_out_cooldown_s,
        )

    def __str__(self) -> str:
        on = "" if self.metric is None else f" on {self.metric}"
        at = "" if self.target_value is None else f" at {plain(self.target_value)}"
        only_out = ", which never scales in" if self.scale_in_disabled else ""
        return f"{self.name}: {self.kind}{on}{at}{only_out}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledAction:
    """New bounds at set times; ``None`` leaves one as it is. [instances]

    It runs at ``start_s`` and from then on, and not after ``end_s``; ``None``: without. [epoch s]
    """

    name: str
    schedule: str
    timezone: str
    minimum: int | None
    maximum: int | None
    start_s: int | None = None
    end_s: int | None = None

    @property
    def planned(self) -> scheduled.ScheduledAction | None:
        """The same for replay; ``None`` where that cannot follow it, as a rate without a start."""
        try:
            return scheduled.ScheduledAction(
                schedule=self.schedule,
                minimum=self.minimum,
                maximum=self.maximum,
                timezone=self.timezone,
                start_s=self.start_s,
                end_s=self.end_s,
            )
        except UsageError:
            return None

    def __str__(self) -> str:
        sets = ", ".join(
            f"{what} {count}"
            for what, count in (("minimum", self.minimum), ("maximum", self.maximum))
            if count is not None
        )
        return f"{self.name}: {self.schedule} {self.timezone} sets {sets or 'nothing'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalableTarget:
    """Bounds registered with Application Auto Scaling, and what of it is suspended. [instances]"""

    minimum: int
    maximum: int
    scale_in_suspended: bool = False
    scale_out_suspended: bool = False
    schedule_suspended: bool = False
