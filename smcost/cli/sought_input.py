"""What ``smcost recommend`` needs to search, and the target that is not to be searched."""

from smcost.cli.flags import Flags
from smcost.errors import UsageError


def target_input(flags: Flags) -> float | None:
    """The pinned target, of either metric.

    Raises
    ------
    UsageError
        There are two.
    """
    if flags.target is not None and flags.concurrency_target is not None:
        raise UsageError(
            "Two targets are given, and one policy is recommended",
            remedy="Give --target or --concurrency-target",
            place="--concurrency-target",
        )
    return flags.concurrency_target if flags.target is None else flags.target


def refuse_missing(flags: Flags) -> None:
    """Refuse a search without an objective, traffic or capacity.

    Raises
    ------
    UsageError
    """
    if flags.p95 is None and flags.p99 is None:
        raise UsageError(
            "No latency objective is given, and cheapest without one means nothing",
            remedy="Give --p99 500ms, --p95 300ms or both",
        )
    if flags.traffic is None and flags.rps is None:
        raise UsageError(
            "No traffic is given",
            remedy="Give --traffic FILE, or --rps with or without --peak-rps"
            + ("" if flags.endpoint is None else "; smcost traffic pull --endpoint brings its own"),
        )
    if flags.capacity is None and flags.service_time is None and flags.concurrency is None:
        raise UsageError(
            "It is not given what one instance can do",
            remedy="Give --service-time 45ms --concurrency 4, or --capacity FILE",
        )
