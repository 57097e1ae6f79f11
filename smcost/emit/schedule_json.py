"""A schedule of minimums as the JSON document of ``smcost recommend`` has it."""

from smcost.emit.json_values import iso
from smcost.emit.schedule_schema import (
    HoldOutEntry,
    ScheduledActionEntry,
    ScheduleEntry,
    TimedMinimumEntry,
)
from smcost.recommend.schedule_result import HoldOut, NoSchedule, Schedule


def action_entries(schedule: Schedule | NoSchedule | None) -> list[ScheduledActionEntry]:
    """The scheduled actions, with names."""
    if not isinstance(schedule, Schedule):
        return []
    return [
        ScheduledActionEntry(
            name=action.name or "",
            schedule=action.schedule,
            timezone=action.timezone,
            min_capacity=action.minimum,
            max_capacity=action.maximum,
            action=action.told,
        )
        for action in schedule.timetable.actions
    ]


def schedule_entry(schedule: Schedule | NoSchedule | None) -> ScheduleEntry | None:
    """What was found, or why nothing; ``None``: nothing was asked for."""
    if schedule is None:
        return None
    found = schedule if isinstance(schedule, Schedule) else None
    return ScheduleEntry(
        timezone=schedule.timezone if isinstance(schedule, NoSchedule) else _zone(schedule),
        found=found is not None,
        reason=schedule.reason if isinstance(schedule, NoSchedule) else None,
        told=None if found is None else found.timetable.told,
        otherwise_min_capacity=None if found is None else found.timetable.otherwise,
        windows=[] if found is None else _windows(found),
        margin_minutes=None if found is None else found.margin_minutes,
        unscheduled_min_capacity=None if found is None else found.minimum,
        unscheduled_target=None if found is None else found.target,
        unscheduled_usd=None if found is None else float(found.usd),
        saving_usd=None if found is None else float(found.saving_usd),
        saving_fraction=None if found is None else found.saving_share,
        hold_out=None if schedule.hold_out is None else _hold_out(schedule.hold_out),
    )


def _zone(schedule: Schedule) -> str:
    return schedule.timetable.timezone


def _windows(schedule: Schedule) -> list[TimedMinimumEntry]:
    return [
        TimedMinimumEntry(
            window=reason.window.told,
            min_capacity=reason.window.minimum,
            dates=reason.dates,
            demanding=reason.demanding,
            explanation=reason.explanation,
        )
        for reason in schedule.reasons
    ]


def _hold_out(held: HoldOut) -> HoldOutEntry:
    return HoldOutEntry(
        since=iso(held.since_s),
        found=None if held.timetable is None else held.timetable.told,
        min_capacity=held.minimum,
        windows=held.windows,
        broken=held.broken,
        broken_without_schedule=held.broken_without,
        held=held.held,
    )
