"""Flags that say how to read a traffic file."""

from typing import TYPE_CHECKING

from smcost.errors import UsageError
from smcost.units import SECONDS_PER_DAY, parse_duration_s

if TYPE_CHECKING:
    from smcost.read.traffic_file import Reading


def reading(
    duplicates: str | None, requests: bool, period: str | None, metric_id: str | None
) -> "Reading":
    """The flags as a value.

    Raises
    ------
    UsageError
        A value that makes no sense.
    """
    from smcost.read.traffic_file import Reading

    if duplicates not in (None, "sum"):
        raise UsageError(f"{duplicates!r} is not known", remedy="Use sum", place="--duplicates")
    return Reading(
        duplicates="sum" if duplicates else "refuse",
        requests=requests,
        period_s=None if period is None else _period_s(period),
        metric_id=metric_id,
    )


def _period_s(text: str) -> int:
    period_s = parse_duration_s(text, "--period")
    if not 1 <= period_s <= SECONDS_PER_DAY or period_s != int(period_s):
        raise UsageError(
            f"A period of {text} is none of CloudWatch's",
            remedy="Give whole seconds from 1s to 1d, such as 60s",
            place="--period",
        )
    return int(period_s)
