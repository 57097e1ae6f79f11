"""Any number of policies of any kind on one scalable target, as a pure step.

(state, metrics) -> (state, wanted), rule by rule what Application Auto Scaling does; where its
guide is silent the reading is marked in ``docs/policies.md``. With one policy on
InvocationsPerInstance it does what :func:`smcost.scaling.invocations.step` does.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

from smcost.scaling.invocations import HIGH_MINUTES, LOW_MINUTES, LOW_SHARE
from smcost.scaling.policy import Metric, Policy, StepPolicy, TargetPolicy
from smcost.scaling.schedule import ScheduledAction
from smcost.units import SECONDS_PER_MINUTE

#: Alarms on a metric of 10 s: 3 points out, but 15 minutes in. AWS sample scale_down_to_zero.
HIGH_POINTS = HIGH_MINUTES
#: Guards ceil() and <= against the last bits of a product; far below one instance.
_ROUNDING = 1e-9


class Point(NamedTuple):
    """A point of a metric: its value, and the instances that it is a mean of."""

    value: float
    instances: float


#: The points of this moment. A metric that is absent has none due; ``None`` is one that is missing.
Metrics = Mapping[Metric, Point | None]


class PolicyState(NamedTuple):
    """What a policy remembers between its points.

    ``above`` and ``below`` are the breaches of the last points, the newest in the lowest bit: of
    the high and the low alarm of target tracking; a step policy has one alarm, ``above``.
    ``alarmed`` counts the points since the alarm that acts went into ALARM, ``proposal`` is the
    count it last asked for, ``None`` where it asks for none.
    """

    above: int = 0
    below: int = 0
    alarmed: int = 0
    proposal: int | None = None


class ScalerState(NamedTuple):
    """What a scalable target remembers: its bounds, its policies and its cooldowns.

    ``counted_from`` is the count before the scale-out whose cooldown lasts until
    ``scale_out_until_s``.
    """

    minimum: int
    maximum: int
    policies: tuple[PolicyState, ...]
    scale_in_blocked_until_s: float = -math.inf
    scale_out_until_s: float = -math.inf
    counted_from: int = 0

    def clamp(self, count: int) -> int:
        """The count within the bounds."""
        return max(self.minimum, min(self.maximum, count))


class Wanted(NamedTuple):
    """The count wanted, and the cooldown that follows if it is reached. [instances, s]"""

    capacity: int
    cooldown_s: float = 0.0


def at_rest(policies: tuple[Policy, ...], minimum: int, maximum: int) -> ScalerState:
    """A target with no alarm and no cooldown."""
    return ScalerState(minimum, maximum, (PolicyState(),) * len(policies))


def step(
    policies: tuple[Policy, ...],
    state: ScalerState,
    now_s: float,
    metrics: Metrics,
    desired: int,
) -> tuple[ScalerState, Wanted]:
    """One moment of a scalable target: (state, metrics) -> (state, wanted).

    Parameters
    ----------
    policies, state
        The policies, and what the target remembers.
    now_s
        The moment. [s]
    metrics
        The points that are due: those of 10 s every time, those of a minute every sixth.
    desired
        The count already asked for. [count]

    Notes
    -----
    Out if any policy wants to, in only if every target tracking policy with its scale-in enabled
    does, or if a step policy does; the largest capacity wins (AAS, target tracking overview).
    """
    seen = []
    acting: list[tuple[int, Policy]] = []
    for policy, remembered in zip(policies, state.policies, strict=True):
        if policy.metric in metrics:
            point = metrics[policy.metric]
            after = _observed(policy, remembered, point, state, now_s, desired)
            if _acts(policy, after) and after.proposal is not None:
                acting.append((after.proposal, policy))
            seen.append(after)
        else:
            seen.append(remembered)
    state = state._replace(policies=tuple(seen))
    return state, _chosen(policies, state, acting, now_s, desired)


def _chosen(
    policies: tuple[Policy, ...],
    state: ScalerState,
    acting: list[tuple[int, Policy]],
    now_s: float,
    desired: int,
) -> Wanted:
    """The largest capacity asked for; in only outside the cooldown and if nobody objects."""
    if not acting:
        return Wanted(desired)
    count, policy = max(acting, key=lambda asked: asked[0])
    if count > desired:
        return Wanted(count, policy.cooldowns_s[1])
    if count == desired or now_s < state.scale_in_blocked_until_s:
        return Wanted(desired)
    tracking = [(asked, policy) for asked, policy in acting if isinstance(policy, TargetPolicy)]
    if tracking and not _all_ready(policies, state, desired):
        acting = [asked for asked in acting if isinstance(asked[1], StepPolicy)]
        if not acting:
            return Wanted(desired)
        count, policy = max(acting, key=lambda asked: asked[0])
    elif tracking:
        # Those whose point is not due now were ready at their last, and have a say in how far.
        count = max([count, *_proposals(policies, state)])
    return Wanted(count, policy.cooldowns_s[0]) if count < desired else Wanted(desired)


def _all_ready(policies: tuple[Policy, ...], state: ScalerState, desired: int) -> bool:
    """Whether every target tracking policy that may scale in was ready to at its last point."""
    return all(
        remembered.proposal is not None and remembered.proposal < desired
        for policy, remembered in zip(policies, state.policies, strict=True)
        if isinstance(policy, TargetPolicy) and not policy.disable_scale_in
    )


def _proposals(policies: tuple[Policy, ...], state: ScalerState) -> list[int]:
    return [
        remembered.proposal
        for policy, remembered in zip(policies, state.policies, strict=True)
        if isinstance(policy, TargetPolicy)
        and not policy.disable_scale_in
        and remembered.proposal is not None
    ]


def _acts(policy: Policy, state: PolicyState) -> bool:
    """Whether the alarm calls now: when it begins, and once a minute while it lasts."""
    points = SECONDS_PER_MINUTE // policy.metric.period_s
    return state.alarmed > 0 and (state.alarmed - 1) % points == 0


def _observed(
    policy: Policy,
    state: PolicyState,
    point: Point | None,
    target: ScalerState,
    now_s: float,
    desired: int,
) -> PolicyState:
    """A policy after a point; missing data is INSUFFICIENT_DATA, which asks for nothing."""
    if point is None:
        return PolicyState()
    if isinstance(policy, StepPolicy):
        return _stepped(policy, state, point.value, target, now_s, desired)
    return _tracked(policy, state, point, target, desired)


def _tracked(
    policy: TargetPolicy,
    state: PolicyState,
    point: Point,
    target: ScalerState,
    desired: int,
) -> PolicyState:
    """Target tracking after a point: ceil(in service x metric / target), both ways."""
    metric, in_service = point
    high, low = _full(HIGH_POINTS), _full(low_points(policy.metric))
    above = (state.above << 1 | (metric > policy.target)) & high
    below = (state.below << 1 | (metric < LOW_SHARE * policy.target)) & low
    if above != high and below != low:
        return PolicyState(above, below)
    load = in_service * metric
    counted = target.clamp(math.ceil(load / policy.target - _ROUNDING))
    if above == high:
        # Only what went on without a break counts as the same alarm.
        began = state.alarmed if state.above == high else 0
        return PolicyState(above, below, began + 1, max(desired, counted))
    began = state.alarmed if state.below == low else 0
    fewer_hold = load <= policy.target * (in_service - 1) * (1 + _ROUNDING)
    may_leave = fewer_hold and not policy.disable_scale_in
    return PolicyState(above, below, began + 1, min(desired, counted) if may_leave else None)


def _stepped(
    policy: StepPolicy,
    state: PolicyState,
    metric: float,
    target: ScalerState,
    now_s: float,
    desired: int,
) -> PolicyState:
    """Step scaling after a point: the step that its last point falls into.

    During a scale-out cooldown a step counts from the capacity before that scale-out, and what was
    added since is part of it.
    """
    breach = policy.comparison.breaches(metric, policy.threshold)
    above = (state.above << 1 | breach) & _full(policy.evaluation_periods)
    if above.bit_count() < policy.datapoints_to_alarm:
        return PolicyState(above)
    adjustment = policy.adjustment_for(metric)
    if adjustment is None:
        return PolicyState(above, 0, state.alarmed + 1)
    cooling = now_s < target.scale_out_until_s
    counted = target.clamp(policy.adjusted(desired, adjustment))
    if counted > desired and cooling:
        again = target.clamp(policy.adjusted(target.counted_from, adjustment))
        counted = max(desired, again)
    return PolicyState(above, 0, state.alarmed + 1, counted)


def low_points(metric: Metric) -> int:
    """Points below 0.9 x target before a scale-in: 15 minutes of them."""
    return LOW_MINUTES * SECONDS_PER_MINUTE // metric.period_s


def _full(points: int) -> int:
    return (1 << points) - 1


def after_scale_out(
    state: ScalerState, completed_s: float, cooldown_s: float, before: int
) -> ScalerState:
    """A scale-out by a policy cancels a scale-in cooldown and starts its own."""
    return state._replace(
        scale_in_blocked_until_s=-math.inf,
        scale_out_until_s=completed_s + cooldown_s,
        counted_from=before,
    )


def after_scale_in(state: ScalerState, completed_s: float, cooldown_s: float) -> ScalerState:
    """A scale-in by a policy blocks further ones for a while."""
    return state._replace(scale_in_blocked_until_s=completed_s + cooldown_s)


def scheduled(
    state: ScalerState, action: ScheduledAction, desired: int, *, updating: bool
) -> tuple[ScalerState, Wanted, bool]:
    """A scheduled action at its time: new bounds, at once and whatever cooldown there is.

    Returns
    -------
    tuple
        State and wanted count, and whether it succeeded. It fails where the endpoint is Updating,
        hence not scalable, or where the one bound it sets goes beyond the other: then nothing
        changes until it runs again.
    """
    minimum = state.minimum if action.minimum is None else action.minimum
    maximum = state.maximum if action.maximum is None else action.maximum
    if updating or minimum > maximum:
        return state, Wanted(desired), False
    state = state._replace(minimum=minimum, maximum=maximum)
    return state, Wanted(state.clamp(desired)), True
