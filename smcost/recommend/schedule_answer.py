"""From an answer without a schedule to one with: found, held out, judged whole, explained."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from smcost.errors import UsageError
from smcost.recommend.beside import alternative, deployed_variant, expected_usd
from smcost.recommend.budget import Budget
from smcost.recommend.candidates import Observer
from smcost.recommend.caveats import recommendation_caveats
from smcost.recommend.confirm import Confirmer
from smcost.recommend.explain import what_breaks, when
from smcost.recommend.plan import Plan, Planner
from smcost.recommend.problem import Problem
from smcost.recommend.recommend import Found, estimated
from smcost.recommend.result import AlternativeKind, Recommendation
from smcost.recommend.schedule_guard import END_MINUTES, Recurrence
from smcost.recommend.schedule_hold_out import WEEK_S, held_out, held_whole, length_s
from smcost.recommend.schedule_moves import MARGIN_MINUTES
from smcost.recommend.schedule_result import HoldOut, NoSchedule, Reason, Schedule
from smcost.recommend.schedule_search import (
    LEAST_SAVING,
    ScheduleSearch,
)
from smcost.remarks import Caveat, WarningCode
from smcost.scaling.timetable import Timetable
from smcost.traffic.minutes import MinuteCounts
from smcost.units import SECONDS_PER_DAY
from smcost.variant import Variant


def refuse_short(minutes: MinuteCounts) -> None:
    """Refuse to look for the pattern of a week in less than one.

    Raises
    ------
    UsageError
    """
    days = length_s(minutes) / SECONDS_PER_DAY
    if days < 7:
        raise UsageError(
            f"The traffic covers {days:.1f} days, and the pattern of a week cannot be found in "
            "less than one",
            remedy="Give a week of traffic or more, better three, or leave --schedule out",
            place="--schedule",
        )


def with_schedule(
    found: Found,
    answer: Recommendation,
    timezone: str,
    budget: Budget,
    observe: Observer | None = None,
) -> Recommendation:
    """The answer with minimums by the clock where they save, else with the reason why not.

    Parameters
    ----------
    found, answer
        The answer without a schedule, and who judged it.
    timezone
        IANA name of the clock that windows are told in.
    budget
        What is left for replays.
    observe
        Told what is being tried, for progress.

    Raises
    ------
    UsageError
        The trace covers less than a week.
    """
    problem = found.confirmer.planner.problem
    refuse_short(problem.minutes)
    search, best = held_whole(found, timezone, observe)
    if best is None:
        return _without(answer, NoSchedule(timezone=timezone, reason=why_none(search, found)))
    hold_out, timetable = None, best.plan.timetable
    assert timetable is not None
    if length_s(problem.minutes) >= 2 * WEEK_S:
        hold_out = held_out(found.confirmer, timezone, budget, observe)
        if not hold_out.held:
            reason = not_held(hold_out, timetable)
            none = NoSchedule(timezone=timezone, reason=reason, hold_out=hold_out)
            return _without(answer, none)
    return _answered(found, answer, search, best.plan, hold_out)


def _answered(
    found: Found,
    answer: Recommendation,
    search: ScheduleSearch,
    plan: Plan,
    hold_out: HoldOut | None,
) -> Recommendation:
    confirmer, planner = found.confirmer, found.confirmer.planner
    timetable = plan.timetable
    assert timetable is not None
    held = confirmer.judged(plan)
    variant = _deployed(planner, plan, timetable, answer.estimate.variant)
    estimate = estimated(planner, held, variant)
    before = confirmer.judged(found.plan)
    usd = expected_usd(planner, found.plan)
    assert estimate.cost.expected is not None
    schedule = Schedule(
        timetable=timetable,
        margin_minutes=MARGIN_MINUTES,
        reasons=tuple(_reasons(confirmer, search, plan, timetable)),
        minimum=found.plan.minimum,
        target=found.plan.target_per_minute,
        usd=usd,
        saving_usd=usd - estimate.cost.expected.usd,
        hold_out=hold_out,
    )
    busiest = planner.busiest_count(plan)
    caveats = recommendation_caveats(
        planner.problem, estimate, busiest_count=busiest, weak=held.weak, by_luck=held.by_luck
    )
    return replace(
        answer,
        estimate=estimate,
        alternatives=(
            alternative(AlternativeKind.WITHOUT_SCHEDULE, before, planner),
            *answer.alternatives,
        ),
        busiest_count=busiest,
        weakly_screened=held.weak,
        caveats=(*caveats, *_seen_once(hold_out)),
        schedule=schedule,
    )


def _deployed(planner: Planner, plan: Plan, timetable: Timetable, before: Variant) -> Variant:
    """As without a schedule, but never below a minimum that may hold when it is deployed."""
    variant = deployed_variant(planner, plan)
    return replace(
        variant,
        initial_count=max(variant.initial_count, timetable.highest),
        maximum=max(variant.maximum, before.maximum, timetable.highest),
    )


def _reasons(
    confirmer: Confirmer, search: ScheduleSearch, plan: Plan, timetable: Timetable
) -> Iterator[Reason]:
    for number, window in enumerate(timetable.windows):
        recurrence = search.guard.recurrence(timetable, plan.target_per_minute, number)
        yield Reason(
            window=window,
            dates=recurrence.dates,
            demanding=recurrence.demanding,
            explanation=_why(confirmer, search, plan, timetable, number),
        )


def _why(
    confirmer: Confirmer, search: ScheduleSearch, plan: Plan, timetable: Timetable, number: int
) -> str:
    """The moment that breaks something with one instance fewer in a window, or without it."""
    planner, slo = confirmer.planner, confirmer.planner.problem.slo
    fewer, without = timetable.windows[number].minimum - 1, timetable.otherwise
    for minimum, what_if in ((fewer, f"with minimum {fewer} then"), (without, "without it")):
        weaker = _weaker(planner, plan, timetable, number, minimum)
        settled = confirmer.settle(weaker)
        if not settled.verdicts[slo].met:
            return what_breaks(confirmer, settled, what_if).explanation
    harmed = np.flatnonzero(search.guard.harmed(weaker.key))
    if harmed.size == 0:
        return "It is the half hour of margin alone that asks for it."
    moment = when(planner.problem, search.guard.first_minute(int(harmed[0])))
    return (
        f"{moment}: without it this hour has more late requests than its limit allows, as "
        f"{harmed.size:,} {'hour has' if harmed.size == 1 else 'hours have'} in all."
    )


def _weaker(planner: Planner, plan: Plan, timetable: Timetable, number: int, minimum: int) -> Plan:
    weaker = timetable.with_minimum(number, minimum)
    highest = timetable.otherwise if weaker is None else weaker.highest
    return planner.plan(highest, plan.target_per_minute, weaker)


def why_none(search: ScheduleSearch, found: Found) -> str:
    """Why no schedule is given: an event that the best is made for, or nothing saves enough."""
    confirmer, problem = found.confirmer, found.confirmer.planner.problem
    if search.refused is not None:
        plan, recurrence = search.refused
        if confirmer.settle(plan).verdicts[problem.slo].met:
            return _event(plan, recurrence, problem)
    if found.plan.minimum <= problem.min_instances:
        return (
            f"The minimum without a schedule is {found.plan.minimum} already, the lowest there may "
            "be"
        )
    survives = ""
    if confirmer.losses:
        survives = f", and survives the loss of {confirmer.losses[0].what.told}"
    return (
        f"No lower minimum at any hours of the week saves {LEAST_SAVING:.0%} or more without an "
        f"hour becoming late that is not late without a schedule{survives}"
    )


def _event(plan: Plan, recurrence: Recurrence, problem: Problem) -> str:
    assert plan.timetable is not None
    window = plan.timetable.windows[recurrence.window]
    hours = problem.minutes.hours
    asked = {
        "all": "ask for more than half of that raise",
        "begin": f"ask for its first {END_MINUTES // 60} hours",
        "end": f"ask for its last {END_MINUTES // 60} hours",
    }[recurrence.part]
    return (
        f"{plan.timetable.told}, would hold on this traffic with a mean of "
        f"{plan.instance_hours / hours:.2f} instances, but only {recurrence.demanding} of the "
        f"{recurrence.dates} dates of {window.told} {asked}: what came so rarely is an event that "
        "may come at another hour, not a pattern to schedule"
    )


def not_held(hold_out: HoldOut, timetable: Timetable) -> str:
    """Why a schedule that holds on all of the traffic is not given."""
    told = timetable.told
    if hold_out.timetable is None:
        return (
            f"{told}, holds on all of this traffic, but without its last week no schedule is "
            "found: the pattern is not in the weeks before"
        )
    return (
        f"{told}, holds on all of this traffic, but what is found without its last week, "
        f"{hold_out.timetable.told}, breaks {hold_out.broken} of the {hold_out.windows} SLO "
        f"windows of that week; the minimum of {hold_out.minimum} found likewise without a "
        f"schedule breaks {hold_out.broken_without}"
    )


def _without(answer: Recommendation, none: NoSchedule) -> Recommendation:
    message = f"No schedule is recommended. {none.reason}"
    caveat = Caveat(code=WarningCode.NO_SCHEDULE, message=message)
    return replace(answer, schedule=none, caveats=(*answer.caveats, caveat))


def _seen_once(hold_out: HoldOut | None) -> tuple[Caveat, ...]:
    if hold_out is not None:
        return ()
    message = (
        "The schedule rests on less than two weeks of traffic: most days of the week were seen "
        "once, and it cannot be checked on a week that it was not found on"
    )
    return (Caveat(code=WarningCode.SCHEDULE_FROM_ONE_WEEK, message=message),)
