"""AWS flags -> access to AWS, and the policy that a command needs."""

from typing import TYPE_CHECKING

from smcost.errors import UsageError

if TYPE_CHECKING:
    from smcost.read.aws.access import Aws


def aws_access(*, region: str, profile: str | None, offline: bool) -> "Aws":
    """Access for reading; nothing is asked yet.

    Raises
    ------
    UsageError
        The network is refused by ``--offline``.
    """
    if offline:
        raise UsageError(
            "This asks AWS, and the network is refused",
            remedy="Leave --offline out, or give a file instead",
            place="--offline",
        )
    from smcost.read.aws.access import Aws

    return Aws(region=region, profile=profile)


def show_iam(command: str) -> None:
    """Print the policy that ``command`` needs; no call is made."""
    from smcost.cli.output import deliver
    from smcost.read.aws.operations import iam_policy

    deliver(iam_policy(command), None)
