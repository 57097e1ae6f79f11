"""Asks what runs behind an endpoint: five calls, none of which changes anything."""

from typing import Any

from smcost.capacity import Routing
from smcost.deployed import Deployed
from smcost.errors import AwsError
from smcost.read.aws.access import Aws
from smcost.read.aws.answer import Answer
from smcost.read.aws.endpoint_answers import (
    DIMENSION,
    Answers,
    deployed,
    resource_id,
    variant_name,
)
from smcost.read.aws.operations import (
    DESCRIBE_ENDPOINT,
    DESCRIBE_ENDPOINT_CONFIG,
    DESCRIBE_SCALABLE_TARGETS,
    DESCRIBE_SCALING_POLICIES,
    DESCRIBE_SCHEDULED_ACTIONS,
)

_MISSING = "Could not find endpoint"
_DELETED = "Could not find"


def read_deployed(
    aws: Aws, endpoint: str, variant: str | None, *, routing: Routing | None = None, now_s: float
) -> Deployed:
    """Ask what runs behind an endpoint.

    Parameters
    ----------
    aws
        Account and region.
    endpoint, variant
        Its name, and the production variant's; ``None`` where there is only one.
    routing
        What stands in for a routing strategy that this version does not know.
    now_s
        When it is asked. [epoch s]

    Raises
    ------
    AwsError
        A call failed, or its answer lacks what is needed.
    UsageError
        No such variant, several without a name, or one that does not run on instances of its own.
    """
    described = Answer(operation=DESCRIBE_ENDPOINT, values=_described(aws, endpoint))
    resource = resource_id(endpoint, variant_name(described, variant))
    configuration = described.text("EndpointConfigName")
    where = {"ServiceNamespace": "sagemaker", "ScalableDimension": DIMENSION}
    one = where | {"ResourceId": resource}
    answers = Answers(
        endpoint=described.values,
        configuration=_configured(aws, endpoint, configuration),
        targets=[
            *aws.pages(
                DESCRIBE_SCALABLE_TARGETS, "ScalableTargets", **where, ResourceIds=[resource]
            )
        ],
        policies=[*aws.pages(DESCRIBE_SCALING_POLICIES, "ScalingPolicies", **one)],
        actions=[*aws.pages(DESCRIBE_SCHEDULED_ACTIONS, "ScheduledActions", **one)],
    )
    return deployed(answers, variant, region=aws.region, routing=routing, now_s=now_s)


def _described(aws: Aws, endpoint: str) -> dict[str, Any]:
    """The endpoint's own answer; AWS names a missing one by its ARN, which nobody should see."""
    try:
        return aws.ask(DESCRIBE_ENDPOINT, EndpointName=endpoint)
    except AwsError as error:
        if _MISSING not in error.cause:
            raise
        raise aws.refused(
            DESCRIBE_ENDPOINT,
            f"There is no endpoint {endpoint} in {aws.region}",
            "Look at its name, and at --region and --profile",
        ) from error


def _configured(aws: Aws, endpoint: str, name: str) -> dict[str, Any]:
    """Its configuration, which may have been deleted while the endpoint runs on."""
    try:
        return aws.ask(DESCRIBE_ENDPOINT_CONFIG, EndpointConfigName=name)
    except AwsError as error:
        if _DELETED not in error.cause:
            raise
        raise aws.refused(
            DESCRIBE_ENDPOINT_CONFIG,
            f"The configuration {name} of endpoint {endpoint} was deleted, and only it says on "
            "which instances the endpoint runs",
            "Leave --endpoint out, and give --instance-type and --routing, to estimate also "
            "--count, or --min, --max and --target",
        ) from error
