"""The variant of an endpoint that is observed, asked for before CloudWatch is.

CloudWatch answers a question about a variant that does not exist with no data, not with an error.
"""

from dataclasses import dataclass
from datetime import datetime

from smcost.read.aws.access import Aws
from smcost.read.aws.answer import Answer
from smcost.read.aws.described import described_configuration, described_endpoint, variant_name
from smcost.read.aws.operations import DESCRIBE_ENDPOINT_CONFIG

#: CloudWatch keeps the metrics of an endpoint that is gone.
_OTHERWISE = (
    "; of a deleted one CloudWatch still has the metrics: save aws cloudwatch get-metric-data of "
    "Invocations, Sum, period 60, and give it with --traffic FILE"
)
_KINDS = ("ProductionVariants", "ShadowProductionVariants")


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
    described = described_endpoint(aws, endpoint, otherwise=_OTHERWISE)
    name = variant_name(described, variant, with_shadows=True)
    configured = described_configuration(aws, described)
    for answer in (described, configured):
        if answer is not None and answer.values.get("AsyncInferenceConfig"):
            raise Aws.refused(
                DESCRIBE_ENDPOINT_CONFIG,
                f"{endpoint} is an asynchronous endpoint, and those publish no Invocations",
                "Count the requests that are put into it, and give them with --traffic FILE",
            )
    variants = [] if configured is None else [e for key in _KINDS for e in configured.parts(key)]
    own = [entry for entry in variants if entry.text_or("VariantName", "") == name]
    types = {entry.text_or_none("InstanceType") for entry in own}
    created = described.values.get("CreationTime")
    return LiveVariant(
        endpoint=endpoint,
        variant=name,
        instance_type=types.pop() if len(types) == 1 else None,
        created_s=created.timestamp() if isinstance(created, datetime) else None,
        routing=_routing(own[0]) if own else None,
    )


def _routing(entry: Answer) -> str:
    """In the API's words; random is what SageMaker does where nothing is said."""
    configured = entry.part("RoutingConfig")
    return "RANDOM" if configured is None else configured.text_or("RoutingStrategy", "RANDOM")
