"""AWS flags -> access to AWS, and the policy that a command needs."""

from typing import TYPE_CHECKING

from smcost.errors import UsageError

if TYPE_CHECKING:
    from smcost.read.aws.access import Aws


def endpoint_name(given: str) -> str:
    """The name of an endpoint, as AWS asks for it.

    Raises
    ------
    UsageError
        Nothing is named, or an ARN is given.
    """
    if not given.strip():
        raise UsageError(
            "The name of the endpoint is empty", remedy="Give its name", place="--endpoint"
        )
    if given.startswith("arn:"):
        name = given.rpartition("/")[2] if "/" in given else "churn"
        raise UsageError(
            "This is an ARN and not a name", remedy=f"Give the name: {name}", place="--endpoint"
        )
    return given


def aws_access(
    *,
    region: str,
    profile: str | None,
    offline: bool,
    instead: str = "give a file with --prices instead",
) -> "Aws":
    """Access for reading; nothing is asked yet. ``instead`` is what does without the network.

    Raises
    ------
    UsageError
        The network is refused by ``--offline``.
    """
    if offline:
        raise UsageError(
            "This asks AWS, and the network is refused",
            remedy=f"Leave --offline out, or {instead}",
            place="--offline",
        )
    from smcost.read.aws.access import Aws

    return Aws(region=region, profile=profile)


def show_iam(command: str) -> None:
    """Print the policy that ``command`` needs; no call is made."""
    from smcost.cli.output import deliver
    from smcost.read.aws.operations import iam_policy

    deliver(iam_policy(command), None)
