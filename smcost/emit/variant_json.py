"""A variant as the JSON documents have it."""

from smcost.emit.variant_schema import PolicyEntry, StepEntry, VariantEntry
from smcost.scaling.policy import Policy, StepPolicy
from smcost.variant import Variant


def variant_entry(variant: Variant) -> VariantEntry:
    """A variant, deployed or proposed."""
    return VariantEntry(
        instance_type=variant.instance_type,
        min_capacity=variant.minimum,
        max_capacity=variant.maximum,
        initial_instance_count=variant.initial_count,
        target_invocations_per_instance=variant.target_per_minute,
        routing_strategy=variant.routing.value,
        scale_in_cooldown_s=variant.scale_in_cooldown_s,
        scale_out_cooldown_s=variant.scale_out_cooldown_s,
        schedule=[action.told for action in variant.schedule],
        policies=[_policy(policy) for policy in variant.policies],
    )


def _policy(policy: Policy) -> PolicyEntry:
    steps = policy if isinstance(policy, StepPolicy) else None
    target = None if isinstance(policy, StepPolicy) else policy
    return PolicyEntry(
        policy_type="TargetTrackingScaling" if steps is None else "StepScaling",
        metric=policy.metric.value,
        target_value=None if target is None else target.target,
        scale_in_cooldown_s=policy.cooldowns_s[0],
        scale_out_cooldown_s=policy.cooldowns_s[1],
        disable_scale_in=None if target is None else target.disable_scale_in,
        threshold=None if steps is None else steps.threshold,
        comparison=None if steps is None else steps.comparison.value,
        evaluation_periods=None if steps is None else steps.evaluation_periods,
        datapoints_to_alarm=None if steps is None else steps.datapoints_to_alarm,
        adjustment_type=None if steps is None else steps.adjustment_type.value,
        min_adjustment_magnitude=None if steps is None else steps.min_adjustment_magnitude,
        steps=[
            StepEntry(lower_bound=step.lower, upper_bound=step.upper, adjustment=step.adjustment)
            for step in (() if steps is None else steps.adjustments)
        ],
    )
