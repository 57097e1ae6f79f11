"""Scaling policies as AWS states them: metric, target, cooldowns.

The values are those of ``DescribeScalingPolicies``, in the units of AWS's metrics. What they do is
in :mod:`smcost.scaling.autoscaler`; step policies are in :mod:`smcost.scaling.steps`.
"""

import math
from dataclasses import dataclass

from smcost.errors import UsageError
from smcost.scaling.metric import Metric
from smcost.scaling.steps import (
    DEFAULT_COOLDOWN_S,
    AdjustmentType,
    Comparison,
    StepAdjustment,
    StepPolicy,
    rounded_change,
)

__all__ = [
    "DEFAULT_COOLDOWN_S",
    "AdjustmentType",
    "Comparison",
    "Metric",
    "Policy",
    "StepAdjustment",
    "StepPolicy",
    "TargetPolicy",
    "refuse_equal_metrics",
    "rounded_change",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetPolicy:
    """Target tracking on one metric.

    Attributes
    ----------
    metric
        What is tracked.
    target
        Set point, > 0: invocations per instance and *minute*; requests in flight per instance;
        CPU in per cent of one core, 0 to 100 x vCPU.
    scale_in_cooldown_s, scale_out_cooldown_s
        As AWS uses them. [s]
    disable_scale_in
        Whether it only scales out, and is not asked before a scale-in.
    """

    metric: Metric
    target: float
    scale_in_cooldown_s: float = DEFAULT_COOLDOWN_S
    scale_out_cooldown_s: float = DEFAULT_COOLDOWN_S
    disable_scale_in: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.target < math.inf:
            raise UsageError(
                f"A target of {self.target} for {self.metric.word} cannot be tracked",
                remedy="Give a number above 0",
            )

    @property
    def cooldowns_s(self) -> tuple[float, float]:
        """After a scale-in, and after a scale-out. [s]"""
        return self.scale_in_cooldown_s, self.scale_out_cooldown_s

    @property
    def told(self) -> str:
        """In a few words."""
        only = ", out only" if self.disable_scale_in else ""
        return f"target {self.metric.told(self.target)}{only}"


Policy = TargetPolicy | StepPolicy


def refuse_equal_metrics(policies: tuple[Policy, ...]) -> None:
    """Each target tracking policy of a scalable target must have a metric of its own.

    Raises
    ------
    UsageError
    """
    tracked = [policy.metric for policy in policies if isinstance(policy, TargetPolicy)]
    for metric in tracked:
        if tracked.count(metric) > 1:
            raise UsageError(
                f"Two policies track {metric.word}, and AWS allows one for each metric",
                remedy="Keep one of the two targets",
            )
