"""The thing deployed: today's comes in, the proposed one goes out."""

from dataclasses import dataclass

from smcost.capacity import Routing
from smcost.errors import UsageError
from smcost.scaling.policy import Metric, Policy, TargetPolicy, refuse_equal_metrics
from smcost.scaling.schedule import ScheduledAction
from smcost.units import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One production variant with its autoscaling.

    Attributes
    ----------
    instance_type
        The API's name, ``ml.m5.xlarge``.
    minimum, maximum
        Bounds of the scalable target. [instances]
    initial_count
        ``initial_instance_count``: what every configuration change resets the fleet to. [instances]
    target_per_minute
        Target value on InvocationsPerInstance, or ``None`` without such a policy. [min^-1]
    scale_in_cooldown_s, scale_out_cooldown_s
        As AWS uses them; of the policy on InvocationsPerInstance. [s]
    further_policies
        Policies on other metrics, and step policies; each has cooldowns of its own.
    schedule
        Scheduled actions, in the order in which those of the same time run.

    Raises
    ------
    UsageError
    """

    instance_type: str
    minimum: int
    maximum: int
    initial_count: int
    target_per_minute: float | None
    routing: Routing = Routing.RANDOM
    scale_in_cooldown_s: float = 300.0
    scale_out_cooldown_s: float = 300.0
    further_policies: tuple[Policy, ...] = ()
    schedule: tuple[ScheduledAction, ...] = ()

    def __post_init__(self) -> None:
        if self.minimum < 1:
            raise UsageError(
                f"A minimum of {self.minimum} is below 1, the floor of a real-time variant",
                remedy="Give --min 1 or more",
            )
        if self.minimum > self.maximum:
            raise UsageError(
                f"The minimum {self.minimum} is above the maximum {self.maximum}",
                remedy="Give --min and --max the other way round",
            )
        if not self.lowest <= self.initial_count <= self.highest:
            raise UsageError(
                f"The initial count {self.initial_count} is not within {self.lowest} to "
                f"{self.highest}",
                remedy="Choose one within the minimum and the maximum",
            )
        if self.target_per_minute is not None and not 0 < self.target_per_minute < float("inf"):
            raise UsageError(
                f"A target of {self.target_per_minute} invocations per minute is no rate",
                remedy="Give --target a number above 0",
            )
        refuse_equal_metrics(self.policies)

    @property
    def policies(self) -> tuple[Policy, ...]:
        """Every policy, that on InvocationsPerInstance first."""
        if self.target_per_minute is None:
            return self.further_policies
        tracking = TargetPolicy(
            metric=Metric.INVOCATIONS,
            target=self.target_per_minute,
            scale_in_cooldown_s=self.scale_in_cooldown_s,
            scale_out_cooldown_s=self.scale_out_cooldown_s,
        )
        return (tracking, *self.further_policies)

    @property
    def fixed(self) -> bool:
        """Whether the fleet never changes its size."""
        return not self.schedule and (not self.policies or self.minimum == self.maximum)

    @property
    def only_invocations(self) -> bool:
        """Whether all that scales it is target tracking on InvocationsPerInstance."""
        return not self.further_policies and not self.schedule

    @property
    def lowest(self) -> int:
        """The smallest bound, of its own and of its scheduled actions. [instances]"""
        return min([self.minimum, *self._scheduled()])

    @property
    def highest(self) -> int:
        """The largest bound, likewise. [instances]"""
        return max([self.maximum, *self._scheduled()])

    @property
    def minimum_told(self) -> str:
        """Its own minimum, and how low actions set it: ``6``, ``6, by schedule from 1``."""
        lower = self.lowest < self.minimum
        return f"{self.minimum}, by schedule from {self.lowest}" if lower else str(self.minimum)

    def _scheduled(self) -> list[int]:
        bounds = [count for action in self.schedule for count in (action.minimum, action.maximum)]
        return [count for count in bounds if count is not None]

    @property
    def target_told(self) -> str:
        """Its policies in a word or two, for a column: ``600``, ``5 in flight``, ``fixed``."""
        if self.only_invocations:
            return "fixed" if self.target_per_minute is None else plain(self.target_per_minute)
        told = [
            policy.metric.told(policy.target) if isinstance(policy, TargetPolicy) else "steps"
            for policy in self.policies
        ]
        return ", ".join([*told, *(["schedule"] if self.schedule else [])])

    def tracks(self, metric: Metric) -> bool:
        """Whether a policy looks at a metric."""
        return any(policy.metric is metric for policy in self.policies)
