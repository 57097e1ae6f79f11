"""The answers that describe an endpoint, put together: one variant as it runs.

The same whether the API gives them or ``aws ... --output json`` has printed them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smcost.capacity import Routing
from smcost.deployed import BesideIt, Deployed
from smcost.errors import UsageError
from smcost.read.aws.answer import Answer
from smcost.read.aws.described import variant_name
from smcost.read.aws.operations import (
    DESCRIBE_ENDPOINT,
    DESCRIBE_ENDPOINT_CONFIG,
    DESCRIBE_SCALABLE_TARGETS,
    DESCRIBE_SCALING_POLICIES,
    DESCRIBE_SCHEDULED_ACTIONS,
    Operation,
)
from smcost.read.aws.scaling_policies import (
    is_over,
    scalable_target,
    scaling_policy,
    scheduled_action,
)

#: What Application Auto Scaling changes of a variant that runs on instances.
DIMENSION = "sagemaker:variant:DesiredInstanceCount"
_BY_HAND = "Give --instance-type, --min, --max and --target by hand"
#: Of a variant whose configuration does not say: the API's default.
_DEFAULT_ROUTING = "RANDOM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What AWS said.

    Attributes
    ----------
    endpoint, configuration
        DescribeEndpoint and DescribeEndpointConfig.
    targets, policies, actions
        Entries of DescribeScalableTargets, DescribeScalingPolicies and DescribeScheduledActions;
        those of other variants and dimensions play no part.
    """

    endpoint: Mapping[str, Any]
    configuration: Mapping[str, Any]
    targets: Sequence[object] = ()
    policies: Sequence[object] = ()
    actions: Sequence[object] = ()


def deployed(
    answers: Answers,
    variant: str | None,
    *,
    region: str,
    routing: Routing | None = None,
    now_s: float,
) -> Deployed:
    """Put the answers together.

    Parameters
    ----------
    answers
        What AWS said.
    variant
        The production variant's name; ``None`` where there is only one.
    region, now_s
        Where and when it was asked. [epoch s]
    routing
        What stands in for a routing strategy that this version does not know.

    Raises
    ------
    AwsError
        An answer lacks what is needed.
    UsageError
        No such variant, several without a name, or one that does not run on instances of its own.
    """
    endpoint = Answer(operation=DESCRIBE_ENDPOINT, values=answers.endpoint)
    configuration = Answer(operation=DESCRIBE_ENDPOINT_CONFIG, values=answers.configuration)
    name = variant_name(endpoint, variant)
    _refuse_asynchronous(configuration, endpoint.text("EndpointName"))
    running = _in(endpoint, name)
    wanted = _in(configuration, name)
    _refuse_other_kinds(wanted, name)
    resource = resource_id(endpoint.text("EndpointName"), name)
    targets = _own(DESCRIBE_SCALABLE_TARGETS, answers.targets, resource)
    initial = wanted.count("InitialInstanceCount")
    desired = running.count_or_none("DesiredInstanceCount")
    return Deployed(
        endpoint=endpoint.text("EndpointName"),
        name=name,
        region=region,
        status=endpoint.text("EndpointStatus"),
        read_at_s=now_s,
        instance_type=wanted.text("InstanceType"),
        desired_count=initial if desired is None else desired,
        initial_count=initial,
        routing=_routing(running, wanted, name, routing),
        volume_gb=wanted.count_or_none("VolumeSizeInGB"),
        traffic_share=_share(endpoint.parts("ProductionVariants"), running),
        captured=_captured(configuration),
        target=scalable_target(targets[0]) if targets else None,
        policies=tuple(
            scaling_policy(entry)
            for entry in _own(DESCRIBE_SCALING_POLICIES, answers.policies, resource)
        ),
        schedule=tuple(
            scheduled_action(entry)
            for entry in _own(DESCRIBE_SCHEDULED_ACTIONS, answers.actions, resource)
            if not is_over(entry, now_s)
        ),
        beside_it=_beside_it(configuration, endpoint, name),
    )


def resource_id(endpoint: str, variant: str) -> str:
    """What Application Auto Scaling calls a variant."""
    return f"endpoint/{endpoint}/variant/{variant}"


def _named(variants: Sequence[Answer], name: str) -> Answer | None:
    return next((each for each in variants if each.text("VariantName") == name), None)


def _in(described: Answer, name: str) -> Answer:
    found = _named(described.parts("ProductionVariants"), name)
    if found is None:
        raise described.refused(f"ProductionVariants {name}", None)
    return found


def _own(operation: Operation, entries: Sequence[object], resource: str) -> list[Answer]:
    """The entries about this variant's instance count, whatever else was asked for."""
    found = Answer(operation=operation, values={"entries": [*entries]}).parts("entries")
    wanted = (resource, DIMENSION)
    return [
        entry
        for entry in found
        if (entry.values.get("ResourceId"), entry.values.get("ScalableDimension")) == wanted
    ]


def _refuse_asynchronous(configuration: Answer, endpoint: str) -> None:
    if configuration.values.get("AsyncInferenceConfig") is not None:
        raise UsageError(
            f"Endpoint {endpoint} is asynchronous: its queue, not p99, decides how many instances "
            "it needs",
            remedy="Name a real-time endpoint; instance-hours alone: --instance-type and --count",
            place="--endpoint",
        )


def _refuse_other_kinds(wanted: Answer, name: str) -> None:
    """Variants whose instances are not one type of its own, counted one by one."""
    if wanted.values.get("ServerlessConfig") is not None:
        raise UsageError(
            f"Variant {name} is serverless: it has no instances to count",
            remedy="Name a variant that runs on instances",
            place="--endpoint",
        )
    if wanted.parts("InstancePools"):
        types = ", ".join(pool.text("InstanceType") for pool in wanted.parts("InstancePools"))
        raise UsageError(
            f"Variant {name} draws from instance pools ({types}), and this version follows one "
            "instance type",
            remedy=_BY_HAND,
            place="--endpoint",
        )
    managed = wanted.part("ManagedInstanceScaling")
    if wanted.values.get("ModelName") is None or (
        managed is not None and managed.text_or("Status", "") == "ENABLED"
    ):
        raise UsageError(
            f"Variant {name} hosts inference components: SageMaker scales its instances after "
            "their copies",
            remedy=_BY_HAND,
            place="--endpoint",
        )


def _routing(running: Answer, wanted: Answer, name: str, stand_in: Routing | None) -> Routing:
    configured = running.part("RoutingConfig") or wanted.part("RoutingConfig")
    strategy = _DEFAULT_ROUTING if configured is None else configured.text("RoutingStrategy")
    if strategy in list(Routing):
        return Routing(strategy)
    if stand_in is None:
        raise UsageError(
            f"Variant {name} routes by {strategy}, which this version does not know",
            remedy="Say with --routing random or least-outstanding what stands in for it",
            place="--endpoint",
        )
    return stand_in


def _share(variants: Sequence[Answer], running: Answer) -> float:
    total = sum(variant.amount_or("CurrentWeight", 1.0) for variant in variants)
    return running.amount_or("CurrentWeight", 1.0) / total if total else 0.0


def _captured(configuration: Answer) -> float | None:
    capture = configuration.part("DataCaptureConfig")
    if capture is None or not capture.flag("EnableCapture"):
        return None
    return capture.amount_or("InitialSamplingPercentage", 0.0) / 100


def _beside_it(configuration: Answer, endpoint: Answer, name: str) -> tuple[BesideIt, ...]:
    found = []
    for key, shadow in (("ProductionVariants", False), ("ShadowProductionVariants", True)):
        for entry in configuration.parts(key):
            other = entry.text("VariantName")
            if other == name:
                continue
            live = _named(endpoint.parts(key), other)
            count = None if live is None else live.count_or_none("DesiredInstanceCount")
            initial = entry.count_or_none("InitialInstanceCount") or 0
            found.append(
                BesideIt(
                    name=other,
                    instance_type=entry.text_or_none("InstanceType"),
                    count=initial if count is None else count,
                    shadow=shadow,
                )
            )
    return tuple(found)
