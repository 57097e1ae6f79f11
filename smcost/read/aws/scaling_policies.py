"""What Application Auto Scaling knows of a variant -> scalable target, policies, schedule."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from smcost.read.aws.answer import Answer
from smcost.registered import (
    FOLLOWED_CPU,
    FOLLOWED_METRIC,
    PolicyKind,
    RegisteredPolicy,
    ScalableTarget,
    ScheduledAction,
)

_PREDEFINED = "SageMakerVariantInvocationsPerInstance"
_NAMESPACE = "AWS/SageMaker"
_OF_INSTANCES = "/aws/sagemaker/Endpoints"
#: Of Application Auto Scaling, for variants. [s]
_DEFAULT_COOLDOWN_S = 300.0
_ONCE = re.compile(r"at\(([^)]+)\)")
_KINDS = {
    "TargetTrackingScaling": PolicyKind.TARGET_TRACKING,
    "StepScaling": PolicyKind.STEP,
    "PredictiveScaling": PolicyKind.PREDICTIVE,
}


def scalable_target(entry: Answer) -> ScalableTarget:
    """One of ``ScalableTargets``.

    Raises
    ------
    AwsError
        A bound is missing or no count.
    """
    suspended = entry.part("SuspendedState")

    def is_suspended(what: str) -> bool:
        return suspended is not None and suspended.flag(f"{what}Suspended")

    return ScalableTarget(
        minimum=entry.count("MinCapacity"),
        maximum=entry.count("MaxCapacity"),
        scale_in_suspended=is_suspended("DynamicScalingIn"),
        scale_out_suspended=is_suspended("DynamicScalingOut"),
        schedule_suspended=is_suspended("ScheduledScaling"),
    )


def scaling_policy(entry: Answer) -> RegisteredPolicy:
    """One of ``ScalingPolicies``; of kinds and metrics that nobody follows, only what they are.

    Raises
    ------
    AwsError
        It has no name, or a target tracking policy has no target value.
    """
    name = entry.text("PolicyName")
    kind = _KINDS.get(entry.text("PolicyType"), PolicyKind.OTHER)
    if kind is PolicyKind.OTHER:
        return RegisteredPolicy(name=name, kind=kind, metric=entry.text("PolicyType"))
    tracking = entry.part("TargetTrackingScalingPolicyConfiguration")
    if kind is not PolicyKind.TARGET_TRACKING:
        return RegisteredPolicy(name=name, kind=kind)
    if tracking is None:
        raise entry.refused("TargetTrackingScalingPolicyConfiguration", None)
    return RegisteredPolicy(
        name=name,
        kind=kind,
        metric=_metric(tracking, entry.text("ResourceId")),
        target_value=tracking.amount("TargetValue"),
        scale_in_cooldown_s=tracking.amount_or("ScaleInCooldown", _DEFAULT_COOLDOWN_S),
        scale_out_cooldown_s=tracking.amount_or("ScaleOutCooldown", _DEFAULT_COOLDOWN_S),
        scale_in_disabled=tracking.flag("DisableScaleIn"),
    )


def scheduled_action(entry: Answer) -> ScheduledAction:
    """One of ``ScheduledActions``.

    Raises
    ------
    AwsError
        It has no name or no schedule.
    """
    action = entry.part("ScalableTargetAction")
    return ScheduledAction(
        name=entry.text("ScheduledActionName"),
        schedule=entry.text("Schedule"),
        timezone=entry.text_or("Timezone", "UTC"),
        minimum=None if action is None else action.count_or_none("MinCapacity"),
        maximum=None if action is None else action.count_or_none("MaxCapacity"),
        start_s=_moment_s(entry, "StartTime"),
        end_s=_moment_s(entry, "EndTime"),
    )


def _moment_s(entry: Answer, key: str) -> int | None:
    moment = entry.values.get(key)
    return int(moment.timestamp()) if isinstance(moment, datetime) else None


def is_over(entry: Answer, now_s: float) -> bool:
    """Whether a scheduled action will never run again: its end or its only time has passed."""
    end = entry.values.get("EndTime")
    if isinstance(end, datetime) and end.timestamp() <= now_s:
        return True
    once = _ONCE.fullmatch(entry.text("Schedule").strip())
    if once is None:
        return False
    try:
        zone = ZoneInfo(entry.text_or("Timezone", "UTC"))
        return datetime.fromisoformat(once[1]).replace(tzinfo=zone).timestamp() <= now_s
    except (ValueError, ZoneInfoNotFoundError):
        return False


def _metric(tracking: Answer, resource: str) -> str:
    """What the policy follows; a customised metric may be the predefined one under its own name."""
    predefined = tracking.part("PredefinedMetricSpecification")
    if predefined is not None:
        named = predefined.text("PredefinedMetricType")
        return FOLLOWED_METRIC if named == _PREDEFINED else named
    customised = tracking.part("CustomizedMetricSpecification")
    if customised is None:
        return "a metric it does not name"
    if customised.parts("Metrics"):
        return "an expression of several metrics"
    name, statistic = customised.text("MetricName"), customised.text_or("Statistic", "")
    namespace = customised.text_or("Namespace", "")
    if (namespace, name, statistic) == (_NAMESPACE, FOLLOWED_METRIC, "Sum"):
        foreign = _elsewhere(customised, resource)
        return f"{name} of another endpoint or variant" if foreign else FOLLOWED_METRIC
    if (namespace, name, statistic) == (_OF_INSTANCES, FOLLOWED_CPU, "Average"):
        foreign = _elsewhere(customised, resource)
        return f"{name} of another endpoint or variant" if foreign else FOLLOWED_CPU
    return f"{name} ({', '.join(filter(None, (statistic, namespace)))})"


def _elsewhere(customised: Answer, resource: str) -> bool:
    """Whether the metric is not that of ``endpoint/NAME/variant/NAME`` itself."""
    said = {part.text("Name"): part.text("Value") for part in customised.parts("Dimensions")}
    _, endpoint, _, variant = resource.split("/")
    return bool(said) and said != {"EndpointName": endpoint, "VariantName": variant}
