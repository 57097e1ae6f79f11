"""An endpoint and its configuration as SageMaker describes them, and which variant is meant."""

from smcost.errors import AwsError, UsageError
from smcost.read.aws.access import Aws
from smcost.read.aws.answer import Answer
from smcost.read.aws.operations import DESCRIBE_ENDPOINT, DESCRIBE_ENDPOINT_CONFIG

#: What SageMaker says of an endpoint or a configuration that does not exist.
_NOT_THERE = "Could not find"


def described_endpoint(aws: Aws, endpoint: str, *, otherwise: str = "") -> Answer:
    """The endpoint's own answer; AWS names a missing one by its ARN, which nobody should see.

    Parameters
    ----------
    endpoint
        Its name.
    otherwise
        What else can be done where it does not exist, to go behind the remedy.

    Raises
    ------
    AwsError
        The call failed, or there is no such endpoint.
    """
    try:
        values = aws.ask(DESCRIBE_ENDPOINT, EndpointName=endpoint)
    except AwsError as error:
        if _NOT_THERE not in error.cause:
            raise
        raise aws.refused(
            DESCRIBE_ENDPOINT,
            f"There is no endpoint {endpoint} in {aws.region}",
            f"Look at its name, and at --region and --profile{otherwise}",
        ) from error
    return Answer(operation=DESCRIBE_ENDPOINT, values=values)


def described_configuration(aws: Aws, endpoint: Answer) -> Answer | None:
    """Its configuration; ``None`` where it was deleted, as it may be while the endpoint runs on.

    Raises
    ------
    AwsError
        The call failed.
    """
    name = endpoint.text("EndpointConfigName")
    try:
        values = aws.ask(DESCRIBE_ENDPOINT_CONFIG, EndpointConfigName=name)
    except AwsError as error:
        if _NOT_THERE not in error.cause:
            raise
        return None
    return Answer(operation=DESCRIBE_ENDPOINT_CONFIG, values=values)


def variant_name(endpoint: Answer, wanted: str | None, *, with_shadows: bool = False) -> str:
    """The variant's name, if it is clear which one is meant.

    Parameters
    ----------
    endpoint
        What DescribeEndpoint said.
    wanted
        The name given; ``None`` where there is only one.
    with_shadows
        Whether a shadow, which gets copies of requests, may be named. It is never meant by itself.

    Raises
    ------
    UsageError
        There is no such variant, or there are several and none is named.
    """
    name = endpoint.text("EndpointName")
    names = [entry.text("VariantName") for entry in endpoint.parts("ProductionVariants")]
    if not names:
        raise UsageError(
            f"Endpoint {name} has no production variant (its status is "
            f"{endpoint.text_or('EndpointStatus', 'unknown')})",
            remedy="Wait until it is InService, or give flags in its place",
            place="--endpoint",
        )
    if wanted is None and len(names) == 1:
        return names[0]
    if wanted is None:
        raise UsageError(
            f"Endpoint {name} has {len(names)} variants: {', '.join(names)}",
            remedy="Name one with --variant",
            place="--endpoint",
        )
    if with_shadows:
        shadows = endpoint.parts("ShadowProductionVariants")
        names += [entry.text("VariantName") for entry in shadows]
    if wanted not in names:
        raise UsageError(
            f"Endpoint {name} has no variant {wanted}",
            remedy=f"Use {' or '.join(names)}",
            place="--variant",
        )
    return wanted
