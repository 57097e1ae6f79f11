"""The variant of an endpoint that is observed, asked for before CloudWatch is.

CloudWatch answers a question about a variant that does not exist with no data, not with an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from smcost.errors import AwsError, UsageError
from smcost.read.aws.access import Aws
from smcost.read.aws.operations import DESCRIBE_ENDPOINT, DESCRIBE_ENDPOINT_CONFIG

#: What SageMaker says of an endpoint or a configuration that does not exist.
_NOT_THERE = "Could not find"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveVariant:
    """A production variant as it is now.

    ``instance_type`` is ``None`` where it has none (serverless) or several; ``created_s`` is when
    the endpoint was made. [s since 1970-01-01T00:00Z] ``routing`` is its RoutingStrategy, RANDOM
    where it has no RoutingConfig; ``None`` where its configuration is gone.
    """

    endpoint: str
    variant: str
    instance_type: str | None
    created_s: float | None
    routing: str | None


def live_variant(aws: Aws, endpoint: str, variant: str | None) -> LiveVariant:
    """Ask which variant is meant and on what it runs.

    Parameters
    ----------
    variant
        Its name; ``None`` where there is exactly one.

    Raises
    ------
    UsageError
        There is no such variant, or several and none was named.
    AwsError
        A call failed, there is no such endpoint, or it is asynchronous: such endpoints publish no
        Invocations.
    """
    described = _endpoint(aws, endpoint)
    name = _named(endpoint, variant, described)
    configured = _configuration(aws, str(described.get("EndpointConfigName")))
    if configured.get("AsyncInferenceConfig") or described.get("AsyncInferenceConfig"):
        raise Aws.refused(
            DESCRIBE_ENDPOINT_CONFIG,
            f"{endpoint} is an asynchronous endpoint, and those publish no Invocations",
            "Count the requests that are put into it, and give them with --traffic FILE",
        )
    variants = [*_variants(configured), *_variants(configured, "ShadowProductionVariants")]
    own = [entry for entry in variants if entry.get("VariantName") == name]
    types = {entry.get("InstanceType") for entry in own}
    created = described.get("CreationTime")
    return LiveVariant(
        endpoint=endpoint,
        variant=name,
        instance_type=types.pop() if len(types) == 1 else None,
        created_s=created.timestamp() if isinstance(created, datetime) else None,
        routing=_routing(own[0]) if own else None,
    )


def _routing(entry: Mapping[str, Any]) -> str:
    """In the API's words; random is what SageMaker does where nothing is said."""
    return str((entry.get("RoutingConfig") or {}).get("RoutingStrategy") or "RANDOM")


def _endpoint(aws: Aws, endpoint: str) -> Mapping[str, Any]:
    try:
        return aws.ask(DESCRIBE_ENDPOINT, EndpointName=endpoint)
    except AwsError as error:
        if _NOT_THERE not in error.cause:
            raise
        raise AwsError(
            f"There is no endpoint {endpoint} in {aws.region}",
            remedy="Check name, --region and --profile; of a deleted one CloudWatch still has the "
            "metrics: save aws cloudwatch get-metric-data of Invocations, Sum, period 60, and give "
            "it with --traffic FILE",
            place=error.place,
        ) from error


def _configuration(aws: Aws, name: str) -> Mapping[str, Any]:
    """Empty where it was deleted, as it may be while its endpoint runs on."""
    try:
        return aws.ask(DESCRIBE_ENDPOINT_CONFIG, EndpointConfigName=name)
    except AwsError as error:
        if _NOT_THERE not in error.cause:
            raise
        return {}


def _named(endpoint: str, variant: str | None, described: Mapping[str, Any]) -> str:
    names = [str(entry.get("VariantName")) for entry in _variants(described)]
    # A shadow gets copies of requests; it is read where it is named, but never meant by itself.
    shadows = [
        str(entry.get("VariantName")) for entry in _variants(described, "ShadowProductionVariants")
    ]
    if not names:
        status = described.get("EndpointStatus", "unknown")
        raise Aws.refused(
            DESCRIBE_ENDPOINT,
            f"{endpoint} has no variant (its status is {status})",
            "Wait until it is InService",
        )
    if variant is None and len(names) == 1:
        return names[0]
    if variant in [*names, *shadows]:
        return str(variant)
    cause = (
        f"{endpoint} has {len(names)} variants"
        if variant is None
        else f"{endpoint} has no variant {variant!r}"
    )
    raise UsageError(cause, remedy=f"Give {' or '.join([*names, *shadows])}", place="--variant")


def _variants(
    answer: Mapping[str, Any], key: str = "ProductionVariants"
) -> list[Mapping[str, Any]]:
    return [entry for entry in answer.get(key) or () if isinstance(entry, dict)]
