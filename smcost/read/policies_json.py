"""Policies of a variant from the JSON that ``estimate`` and ``recommend`` print."""

from collections.abc import Mapping, Sequence

from smcost.scaling.policy import (
    AdjustmentType,
    Comparison,
    Metric,
    Policy,
    StepAdjustment,
    StepPolicy,
    TargetPolicy,
)


def further_policies(entries: object) -> tuple[Policy, ...]:
    """The entries of ``policies`` but for that on InvocationsPerInstance, which has its own keys.

    Raises
    ------
    UsageError, ValueError, KeyError, TypeError
        An entry makes no sense, or is none.
    """
    if not isinstance(entries, Sequence):
        return ()
    policies = [_policy(entry) for entry in entries]
    return tuple(
        policy
        for policy in policies
        if isinstance(policy, StepPolicy) or policy.metric is not Metric.INVOCATIONS
    )


def _policy(entry: Mapping[str, object]) -> Policy:
    metric = Metric(str(entry["metric"]))
    if entry["policy_type"] == "TargetTrackingScaling":
        return TargetPolicy(
            metric=metric,
            target=_number(entry["target_value"]),
            scale_in_cooldown_s=_number(entry["scale_in_cooldown_s"]),
            scale_out_cooldown_s=_number(entry["scale_out_cooldown_s"]),
            disable_scale_in=bool(entry["disable_scale_in"]),
        )
    return StepPolicy(
        metric=metric,
        threshold=_number(entry["threshold"]),
        comparison=Comparison(str(entry["comparison"])),
        adjustments=tuple(_step(step) for step in _list(entry["steps"])),
        evaluation_periods=int(_number(entry["evaluation_periods"])),
        datapoints_to_alarm=int(_number(entry["datapoints_to_alarm"])),
        adjustment_type=AdjustmentType(str(entry["adjustment_type"])),
        cooldown_s=_number(entry["scale_in_cooldown_s"]),
        min_adjustment_magnitude=int(_number(entry["min_adjustment_magnitude"])),
    )


def _step(step: Mapping[str, object]) -> StepAdjustment:
    lower, upper = step["lower_bound"], step["upper_bound"]
    return StepAdjustment(
        lower=None if lower is None else _number(lower),
        upper=None if upper is None else _number(upper),
        adjustment=int(_number(step["adjustment"])),
    )


def _list(found: object) -> list[Mapping[str, object]]:
    if not isinstance(found, list):
        raise TypeError(f"{found!r} is no list")
    return found


def _number(found: object) -> float:
    return float(str(found))
