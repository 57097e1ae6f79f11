"""Holds a schedule against what it was not found on: the last week, and every request."""

from dataclasses import replace

import numpy as np

from smcost.recommend.budget import Budget
from smcost.recommend.candidates import Observer
from smcost.recommend.confirm import Confirmer
from smcost.recommend.plan import Plan
from smcost.recommend.problem import Problem
from smcost.recommend.recommend import Found, searched
from smcost.recommend.result import Infeasible
from smcost.recommend.schedule_result import HoldOut, Scheduled
from smcost.recommend.schedule_search import ScheduleSearch
from smcost.replay.verdict import shares_used, window_sums
from smcost.traffic.minutes import MinuteCounts
from smcost.units import SECONDS_PER_DAY, SECONDS_PER_MINUTE

WEEK_S = 7 * SECONDS_PER_DAY
#: Schedules replayed whole before none is given: each that fails is one less to find.
_TRIES = 4


def held_whole(
    found: Found, timezone: str, observe: Observer | None
) -> tuple[ScheduleSearch, Scheduled | None]:
    """The best schedule that holds when every request is replayed, as far as the budget goes."""
    confirmer = found.confirmer
    slo = confirmer.planner.problem.slo
    for _ in range(_TRIES):
        search = ScheduleSearch(confirmer, found.plan, timezone, observe)
        best = search.run()
        if best is None or confirmer.finished(best.plan).verdicts[slo].met:
            break
    else:
        best = None
    return search, best


def held_out(
    confirmer: Confirmer, timezone: str, budget: Budget, observe: Observer | None
) -> HoldOut:
    """Find on all weeks but the last, judge on the last.

    Parameters
    ----------
    confirmer
        Judges the last week, replayed after the weeks before.
    timezone
        IANA name.
    budget, observe
        What is left for replays; told what is being tried.
    """
    planner = confirmer.planner
    problem = planner.problem
    since_s = int(problem.minutes.start_s[-1]) + SECONDS_PER_MINUTE - WEEK_S
    if observe is not None:
        observe("without the last week")
    earlier = searched(replace(problem, minutes=_before(problem.minutes, since_s)), budget)
    if isinstance(earlier, Infeasible):
        return HoldOut(
            since_s=since_s, timetable=None, minimum=0, windows=0, broken=0, broken_without=0
        )
    _, best = held_whole(earlier, timezone, observe)
    windows, without = _broken(confirmer, earlier.plan, since_s)
    broken = without if best is None else _broken(confirmer, best.plan, since_s)[1]
    return HoldOut(
        since_s=since_s,
        timetable=None if best is None else best.plan.timetable,
        minimum=earlier.plan.minimum,
        windows=windows,
        broken=broken,
        broken_without=without,
        allowed=problem.slo.windows_spared(windows),
    )


def _before(minutes: MinuteCounts, since_s: int) -> MinuteCounts:
    kept = int(np.searchsorted(minutes.start_s, since_s))
    offsets_s = minutes.offsets_s
    if offsets_s is not None:
        offsets_s = offsets_s[: int(minutes.invocations[:kept].sum())]
    return MinuteCounts(
        start_s=minutes.start_s[:kept],
        invocations=minutes.invocations[:kept],
        offsets_s=offsets_s,
    )


def _broken(confirmer: Confirmer, plan: Plan, since_s: int) -> tuple[int, int]:
    """Windows of the SLO since a moment, and those of them that a plan breaks."""
    problem: Problem = confirmer.planner.problem
    judged = confirmer.judged(confirmer.planner.plan(*plan.key))
    used = shares_used(window_sums(judged.loads, problem.slo), problem.slo)
    number = problem.slo.window.number(problem.minutes.start_s)
    since = np.unique(number[problem.minutes.start_s >= since_s])
    return since.size, int((used[:, since] > 1).any(axis=0).sum())


def length_s(minutes: MinuteCounts) -> int:
    """From the first minute to the end of the last, gaps included. [s]"""
    return int(minutes.start_s[-1]) - int(minutes.start_s[0]) + SECONDS_PER_MINUTE
