"""Asks what runs behind an endpoint: five calls, none of which changes anything."""

from smcost.capacity import Routing
from smcost.deployed import Deployed
from smcost.read.aws.access import Aws
from smcost.read.aws.described import described_configuration, described_endpoint, variant_name
from smcost.read.aws.endpoint_answers import (
    DIMENSION,
    Answers,
    deployed,
    resource_id,
)
from smcost.read.aws.operations import (
    DESCRIBE_ENDPOINT_CONFIG,
    DESCRIBE_SCALABLE_TARGETS,
    DESCRIBE_SCALING_POLICIES,
    DESCRIBE_SCHEDULED_ACTIONS,
)


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
    described = described_endpoint(aws, endpoint)
    resource = resource_id(endpoint, variant_name(described, variant))
    configuration = described_configuration(aws, described)
    if configuration is None:
        raise aws.refused(
            DESCRIBE_ENDPOINT_CONFIG,
            f"The configuration {described.text('EndpointConfigName')} of endpoint {endpoint} was "
            "deleted, and only it says on which instances the endpoint runs",
            "Leave --endpoint out, and give --instance-type and --routing, to estimate also "
            "--count, or --min, --max and --target",
        )
    where = {"ServiceNamespace": "sagemaker", "ScalableDimension": DIMENSION}
    one = where | {"ResourceId": resource}
    answers = Answers(
        endpoint=described.values,
        configuration=configuration.values,
        targets=[
            *aws.pages(
                DESCRIBE_SCALABLE_TARGETS, "ScalableTargets", **where, ResourceIds=[resource]
            )
        ],
        policies=[*aws.pages(DESCRIBE_SCALING_POLICIES, "ScalingPolicies", **one)],
        actions=[*aws.pages(DESCRIBE_SCHEDULED_ACTIONS, "ScheduledActions", **one)],
    )
    return deployed(answers, variant, region=aws.region, routing=routing, now_s=now_s)
