"""A schedule of minimums as a section: windows, saving, why, and how it did on the last week."""

from smcost.emit.section import Section, moment, usd
from smcost.recommend.schedule_result import HoldOut, NoSchedule, Schedule
from smcost.units import plain


def schedule_sections(schedule: Schedule | NoSchedule | None) -> list[Section]:
    """What became of ``--schedule``."""
    if schedule is None:
        return []
    if isinstance(schedule, NoSchedule):
        title = f"No schedule, in the time of {schedule.timezone}"
        held = () if schedule.hold_out is None else (_held_out(schedule.hold_out),)
        return [Section(title=title, sentences=(f"{schedule.reason}.", *held))]
    return [_windows(schedule), _actions(schedule)]


def _windows(schedule: Schedule) -> Section:
    timetable = schedule.timetable
    target = "" if schedule.target is None else f" and the target {plain(schedule.target)}"
    saving = (
        f"Saves {usd(schedule.saving_usd)} USD per month ({schedule.saving_share:.1%}) against "
        f"{usd(schedule.usd)} with the minimum of {schedule.minimum}{target} at all hours."
    )
    margin = (
        f"Windows are {schedule.margin_minutes} min longer at either end than this traffic asks "
        "for. No hour is late that is not without the schedule."
    )
    checked = (
        "Not checked on a week that it was not found on: the traffic has less than two."
        if schedule.hold_out is None
        else _held_out(schedule.hold_out)
    )
    why = tuple(
        f"{reason.window.told} is asked for on {reason.demanding} of its {reason.dates} dates. "
        f"{reason.explanation}"
        for reason in schedule.reasons
    )
    rows = tuple((window.told, str(window.minimum)) for window in timetable.windows)
    return Section(
        title=f"Schedule, in the time of {timetable.timezone}",
        sentences=(saving, margin, checked, *why),
        columns=("when", ">minimum"),
        rows=(*rows, ("else", str(timetable.otherwise))),
    )


def _actions(schedule: Schedule) -> Section:
    rows = tuple((action.told,) for action in schedule.timetable.actions)
    return Section(
        title="Scheduled actions, as estimate --scheduled-action takes them",
        columns=("action",),
        rows=rows,
    )


def _held_out(held: HoldOut) -> str:
    since = f"the week since {moment(held.since_s)} UTC"
    if held.timetable is None:
        return f"Found without {since}: no schedule."
    return (
        f"Found without {since}: {held.timetable.told}. On that week it breaks {held.broken} of "
        f"{held.windows} SLO windows, the minimum of {held.minimum} found likewise without a "
        f"schedule {held.broken_without}."
    )
