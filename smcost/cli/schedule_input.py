"""``--schedule`` -> the time zone to look for minimums in, and what a schedule rests on."""

from smcost.cli.flags import Flags
from smcost.cli.sources import Sources
from smcost.errors import UsageError
from smcost.recommend.result import Infeasible, Recommendation
from smcost.recommend.schedule_guard import DEMANDING_SHARE
from smcost.recommend.schedule_moves import MARGIN_MINUTES, MOST_WINDOWS
from smcost.recommend.schedule_search import LEAST_SAVING, WINDOW_SAVING
from smcost.remarks import Assumption
from smcost.scaling.zone import zone_of

_FLAG = "--schedule"


def schedule_input(flags: Flags) -> str | None:
    """The IANA name, ``None`` where no schedule is asked for.

    Raises
    ------
    UsageError
        A zone nobody knows, or beside flags that leave a schedule nothing to choose.
    """
    if flags.schedule is None:
        return None
    try:
        zone_of(flags.schedule)
    except UsageError as error:
        raise UsageError(error.cause, remedy=error.remedy, place=_FLAG) from None
    if flags.minimum is not None:
        raise UsageError(
            "A schedule chooses the minimum, and --min pins it",
            remedy="Leave one of the two out; --min-instances is a floor for both",
            place=_FLAG,
        )
    if flags.concurrency_target is not None:
        raise UsageError(
            "Schedules are looked for beside a target on invocations per minute, not on requests "
            "in flight",
            remedy="Leave --concurrency-target out, or price a schedule of your own with "
            "`smcost estimate --scheduled-action`",
            place=_FLAG,
        )
    return flags.schedule


def schedule_assumptions(
    sources: Sources, result: Recommendation | Infeasible
) -> tuple[Assumption, ...]:
    """What the search for a schedule allows itself."""
    if isinstance(result, Infeasible) or result.schedule is None:
        return ()
    value = (
        f"up to {MOST_WINDOWS} a week, by half hours, {MARGIN_MINUTES} min longer at either end "
        f"than the traffic asks for; each asked for on {DEMANDING_SHARE:.0%} of its dates; no hour "
        f"late that is not without; saving {LEAST_SAVING:.0%} or more, each further window "
        f"{WINDOW_SAVING:.0%}"
    )
    return (sources.assumption("windows of the schedule", value, "schedule"),)
