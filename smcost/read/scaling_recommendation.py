"""AWS's own scaling policy: the answer of ``get-scaling-configuration-recommendation``."""

from dataclasses import dataclass
from pathlib import Path

from smcost.errors import InputError, UsageError
from smcost.read.json_part import JsonPart, parse_json
from smcost.read.masking import masked
from smcost.read.text_file import read_text
from smcost.recommend.aws_answer import GivenPolicy

_METRIC = "SageMakerVariantInvocationsPerInstance"
#: What Application Auto Scaling takes for SageMaker where a policy names none. [s]
_DEFAULT_COOLDOWN_S = 300.0
_LARGEST = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingRecommendation:
    """AWS's answer, and what it was asked.

    Attributes
    ----------
    policy
        Bounds, target and cooldowns.
    recommendation_id
        Of the Inference Recommender result it is for; ``None``: for an endpoint.
    most_per_minute
        The busiest minute that AWS was asked to carry; ``None``: not stated. [min^-1]
    """

    policy: GivenPolicy
    recommendation_id: str | None
    most_per_minute: float | None


def read_scaling_recommendation(path: Path) -> ScalingRecommendation:
    """Read AWS's answer.

    Raises
    ------
    InputError
        No such JSON, bounds or a target that make no sense, or a policy on another metric than
        invocations per instance.
    """
    document = parse_json(read_text(path), str(path))
    scaling = document.part("DynamicScalingConfiguration")
    if not scaling.values:
        raise InputError(
            "There is no DynamicScalingConfiguration",
            remedy="Give the output of aws sagemaker get-scaling-configuration-recommendation",
            place=document.place,
        )
    try:
        policy = GivenPolicy(
            minimum=_count(scaling, "MinCapacity"),
            maximum=_count(scaling, "MaxCapacity"),
            target_per_minute=_target(scaling),
            scale_in_cooldown_s=_cooldown_s(scaling, "ScaleInCooldown"),
            scale_out_cooldown_s=_cooldown_s(scaling, "ScaleOutCooldown"),
        )
    except UsageError as error:
        raise InputError(error.cause, remedy=error.remedy, place=scaling.place) from error
    named = document.text("RecommendationId")
    return ScalingRecommendation(
        policy=policy,
        recommendation_id=None if named is None else masked(named),
        most_per_minute=document.part("ScalingPolicyObjective").number("MaxInvocationsPerMinute"),
    )


def _count(scaling: JsonPart, key: str) -> int:
    found = scaling.needed(key)
    if found != int(found) or found > _LARGEST:
        raise scaling.refuse(key, found=f"{found:g}", wanted=f"a whole number up to {_LARGEST:,}")
    return int(found)


def _cooldown_s(scaling: JsonPart, key: str) -> float:
    found = scaling.number(key)
    if found is None:
        return _DEFAULT_COOLDOWN_S
    if found < 0:
        raise scaling.refuse(key, found=f"{found:g}", wanted="0 or more")
    return found


def _target(scaling: JsonPart) -> float:
    """The one target on invocations per instance.

    Raises
    ------
    InputError
    """
    policies = [policy.part("TargetTracking") for policy in scaling.parts("ScalingPolicies")]
    if len(policies) != 1 or not policies[0].values:
        raise scaling.refuse(
            "ScalingPolicies",
            found=f"a list of {len(policies)}",
            wanted="one policy of target tracking",
        )
    specification = policies[0].part("MetricSpecification")
    metric = specification.part("Predefined").text("PredefinedMetricType")
    if metric != _METRIC:
        named = metric or specification.part("Customized").text("MetricName") or "an unknown metric"
        raise InputError(
            f"AWS's policy is on {masked(named)}; only invocations per instance are replayed",
            remedy=f"Give an answer whose policy is on {_METRIC}",
            place=specification.place,
        )
    return policies[0].needed("TargetValue")
