"""Target tracking on InvocationsPerInstance, as a pure step: (state, metric) -> (state, wanted).

What Application Auto Scaling does, rule by rule; what is documented, what was observed and what
is inferred is marked in ``docs/model.md``. A policy says what is *wanted*;
:mod:`smcost.replay` says what *happens* (reaction, provisioning, one activity at a time).
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

from smcost.errors import UsageError

#: AlarmHigh: 3 of 3 one-minute points above the target. Observed on repost.aws, not configurable.
HIGH_MINUTES = 3
#: AlarmLow: 15 of 15 one-minute points below 0.9 x target. Observed on repost.aws.
LOW_MINUTES = 15
LOW_SHARE = 0.9
#: Guards ceil() against the last bit of a division; far below one instance.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetTracking:
    """A target tracking policy on a scalable target.

    Attributes
    ----------
    target_per_minute
        Set point of invocations per instance and minute, > 0; ``inf`` never scales out. [min^-1]
    minimum, maximum
        Bounds of the scalable target. [instances]
    scale_in_cooldown_s
        After a scale-in, no further one for so long. [s]

    Notes
    -----
    The scale-out cooldown has no effect on this metric: during it only a larger scale-out
    proceeds, and ceil(load / target) never asks for the same one twice.
    """

    target_per_minute: float
    minimum: int
    maximum: int
    scale_in_cooldown_s: float = 300.0

    def __post_init__(self) -> None:
        if not self.target_per_minute > 0 or not 1 <= self.minimum <= self.maximum:
            raise UsageError(
                f"A policy with target {self.target_per_minute}, minimum {self.minimum} and "
                f"maximum {self.maximum} cannot be followed",
                remedy="Give a target above 0 and 1 <= minimum <= maximum",
            )

    def clamp(self, count: int) -> int:
        """The count within minimum and maximum."""
        return max(self.minimum, min(self.maximum, count))

    def proportional(self, invocations: float) -> int:
        """Instances that bring the metric to the target: ceil(load / target), clamped."""
        return self.clamp(math.ceil(invocations / self.target_per_minute - _ROUNDING))


class AlarmState(NamedTuple):
    """What the policy remembers between minutes."""

    minutes_above: int = 0
    minutes_below: int = 0
    scale_in_blocked_until_s: float = -math.inf


def step(
    policy: TargetTracking,
    state: AlarmState,
    now_s: float,
    invocations: float,
    in_service: int,
    desired: int,
) -> tuple[AlarmState, int]:
    """One minute of the policy: (state, metric) -> (state, wanted count).

    Parameters
    ----------
    policy, state
        The policy and what it remembers.
    now_s
        End of the minute. [s]
    invocations
        Invocations of the whole variant in the minute. [count]
    in_service
        Instances that served them; the metric is ``invocations / in_service``. [count]
    desired
        The count the policy has already asked for. [count]

    Returns
    -------
    tuple
        The new state, and the wanted count: ``desired`` where nothing is to be done.

    Notes
    -----
    Scale-out: wanted = ceil(in service x metric / target), the latest point, in one jump.
    Scale-in: the same value, but only outside its cooldown and only if one instance fewer would
    not bring the metric back above the target (the anticipated-flapping rule).
    """
    metric = invocations / in_service
    above = state.minutes_above + 1 if metric > policy.target_per_minute else 0
    below = state.minutes_below + 1 if metric < LOW_SHARE * policy.target_per_minute else 0
    wanted = desired
    if above >= HIGH_MINUTES:
        wanted = max(desired, policy.proportional(invocations))
    elif below >= LOW_MINUTES and now_s >= state.scale_in_blocked_until_s:
        fewer_hold = invocations <= policy.target_per_minute * (in_service - 1)
        if fewer_hold:
            wanted = min(desired, policy.proportional(invocations))
    return AlarmState(above, below, state.scale_in_blocked_until_s), wanted


def after_scale_in(policy: TargetTracking, state: AlarmState, completed_s: float) -> AlarmState:
    """Start the scale-in cooldown at the completion of a scale-in."""
    return state._replace(scale_in_blocked_until_s=completed_s + policy.scale_in_cooldown_s)


def after_scale_out(state: AlarmState) -> AlarmState:
    """A scale-out cancels a running scale-in cooldown."""
    return state._replace(scale_in_blocked_until_s=-math.inf)
