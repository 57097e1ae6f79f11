"""Flags of a fleet's size -> its bounds."""

from smcost.cli.flags import Flags
from smcost.errors import UsageError


def size_input(flags: Flags) -> tuple[int, int]:
    """Minimum and maximum from --count or from --min and --max.

    Raises
    ------
    UsageError
        They make no sense together, or there is none.
    """
    pair = (flags.minimum, flags.maximum)
    if flags.count is not None:
        if pair != (None, None) or _scales(flags):
            raise UsageError(
                "A fixed count is given together with autoscaling",
                remedy="Give --count, or --min, --max and --target",
                place="--count",
            )
        if flags.count < 1:
            raise UsageError(
                f"A fleet of {flags.count} instances answers nobody",
                remedy="Give 1 or more",
                place="--count",
            )
        return flags.count, flags.count
    if flags.minimum is not None and flags.maximum is None:
        raise UsageError(
            "--max is missing beside --min",
            remedy="Add --max 10, or give --count for a fleet of fixed size",
        )
    if flags.maximum is not None and flags.minimum is None:
        raise UsageError(
            "--min is missing beside --max",
            remedy="Add --min 2, or give --count for a fleet of fixed size",
        )
    if flags.minimum is None or flags.maximum is None:
        raise UsageError(
            "The number of instances is not given",
            remedy="Give --count 2, or --min 2 --max 10 and with traffic --target 600",
        )
    return flags.minimum, flags.maximum


def _scales(flags: Flags) -> bool:
    """Whether anything is given that would change the size of the fleet."""
    targets = (flags.target, flags.concurrency_target, flags.cpu_target)
    return any(target is not None for target in targets) or bool(
        flags.step or flags.scheduled_action
    )
