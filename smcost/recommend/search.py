"""Finds the cheapest plan of a grid of minimums and targets that meets the SLO.

Neither feasibility nor instance-hours rise with the minimum for certain: with a larger one the
alarm may fire in another minute, meet another point of a ramp, and order more or later help. So
nothing is bisected on a policy. Instance-hours need no queueing: every plan of the grid is
replayed, put in the order of its hours and judged from the cheapest up. The first that holds is the
optimum of the grid, and what came before it was judged and found wanting: the tests hold this
against brute force. Most plans are out at a glance, by a bound on their late requests that looks at
no backlog (:meth:`Planner.hopeless`).

No minimum above the smallest fleet of fixed size that holds need be tried: it costs more than that
fleet. Where latency rises with load, that size is found by bisection, which is proven then: one
instance more lowers every minute's utilisation and every backlog. Where a load test measured
latency that falls, sizes are tried one by one.

Where replays decide and nothing holds up to that fleet, since screening knows nothing of bursts or
errs, the fleet is doubled until a replayed one holds, and the grid goes up to there.

In fleets above 64 instances the grid has steps of a few per cent; the neighbourhood of the answer
is then searched instance by instance until it no longer moves.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile

import numpy as np

from smcost.recommend.candidates import (
    Candidate,
    Observer,
    in_order_of_cost,
    minimum_grid,
    smallest_fixed,
)
from smcost.recommend.plan import Plan, Planner
from smcost.slo import Slo

#: No account has so many instances; a search that gets there is infeasible.
_FLEET_LIMIT = 100_000
#: Instance-hours that differ by less are the same.
_SAME = 1e-9
#: A late share that falls by less from one load to a higher one is rounding.
_FALLS = 1e-6

#: Decides a plan that screening would accept or may not decide; gives it back with the verdict
#: that counts.
Settle = Callable[[Plan], Plan]
#: From one size of a fleet to another. [instances]
Enough = Callable[[int], int]


def cheapest(
    planner: Planner,
    slo: Slo,
    observe: Observer | None = None,
    settle: Settle | None = None,
    most_hours: float = math.inf,
    enough: Enough | None = None,
) -> Plan | None:
    """The feasible plan with the fewest instance-hours.

    Ties go to a policy before a fleet of fixed size, then to the larger slack, the smaller
    minimum, the smaller target.

    Parameters
    ----------
    planner
        Replays candidates and remembers them.
    slo
        One of the planner's variations.
    observe
        Told what is being tried, for progress; does nothing by default.
    settle
        Decides where screening may not; by default screening decides all the same.
    most_hours
        Plans with more instance-hours are not wanted. [h]
    enough
        From the smallest fleet of fixed size that holds by screening to one that holds whatever
        else ``settle`` asks for. [instances]

    Returns
    -------
    Plan or None
        ``None`` where nothing within the pins and hours is feasible.
    """
    for highest in _highest_minimums(planner, slo, settle, most_hours, enough):
        minimums = minimum_grid(planner.problem.lowest_minimum, highest)
        candidates = _no_dearer(in_order_of_cost(planner, minimums, observe), most_hours)
        best = _first_that_holds(planner, slo, candidates, settle)
        while best is not None and (around := _gaps_around(best.minimum, minimums)):
            minimums = around
            nearby = _no_dearer(in_order_of_cost(planner, minimums), best.instance_hours)
            best = _better(best, _first_that_holds(planner, slo, nearby, settle), slo)
        if best is not None:
            return best
    return None


def _highest_minimums(
    planner: Planner,
    slo: Slo,
    settle: Settle | None,
    most_hours: float,
    more: Enough | None,
) -> Iterator[int]:
    """Minimums up to which the grid goes, one after the other until something holds."""
    pins, lowest = planner.problem.pins, planner.problem.lowest_minimum
    if pins.minimum is not None:
        yield lowest
        return
    largest = pins.maximum or _FLEET_LIMIT
    if math.isfinite(most_hours):
        affordable = math.floor(most_hours / planner.problem.minutes.hours * (1 + _SAME))
        if affordable >= lowest:
            yield min(affordable, largest)
        return
    enough = smallest_fixed_fleet(planner, slo)
    if enough is None:
        return
    highest = min(enough if more is None else more(enough), max(largest, lowest))
    yield highest
    while settle is not None and highest < largest:
        highest = min(2 * highest, largest)
        if settle(planner.plan(highest, None)).verdicts[slo].met:
            yield highest


def _first_that_holds(
    planner: Planner, slo: Slo, candidates: Sequence[Candidate], settle: Settle | None
) -> Plan | None:
    """The first plan that holds, or the best of those that cost the same."""
    best: Plan | None = None
    for candidate in candidates:
        hours, minimum, target = candidate
        if best is not None and hours > best.instance_hours * (1 + _SAME):
            break
        if planner.hopeless(minimum, target, slo):
            continue
        plan = planner.plan(minimum, target)
        if settle is not None and (plan.verdicts[slo].met or not plan.verdicts[slo].decided):
            plan = settle(plan)
        if plan.verdicts[slo].met:
            best = _better(best, plan, slo)
    return best


def _gaps_around(minimum: int, tried: Sequence[int]) -> list[int]:
    """Minimums next to one of those tried that were not tried themselves."""
    at = tried.index(minimum) if minimum in tried else -1
    if at < 0:
        return []
    below = range(tried[at - 1] + 1, minimum) if at > 0 else range(0)
    above = range(minimum + 1, tried[at + 1]) if at + 1 < len(tried) else range(0)
    return [*below, *above]


def _no_dearer(candidates: Sequence[Candidate], most_hours: float) -> list[Candidate]:
    most = most_hours * (1 + _SAME)
    return list(takewhile(lambda candidate: candidate.instance_hours <= most, candidates))


def smallest_fixed_fleet(planner: Planner, slo: Slo) -> int | None:
    """The smallest fleet of fixed size that meets the SLO by screening; ``None``: none does."""
    low = smallest_fixed(planner.problem)

    def holds(count: int) -> bool:
        if planner.hopeless(count, None, slo):
            return False
        return planner.screened(count, None).verdicts[slo].met

    if _latency_falls(planner):
        sizes = range(low, max(low, _idle_fleet(planner)) + 1)
        return next((count for count in sizes if holds(count)), None)
    high = low
    while not holds(high):
        if high >= _FLEET_LIMIT:
            return None
        low, high = high + 1, min(2 * high, _FLEET_LIMIT)
    return _first(holds, low, high)


def _latency_falls(planner: Planner) -> bool:
    """Whether some limit is broken more often at a lower load, so that more may be worse."""
    problem = planner.problem
    table = problem.profile.response_table()
    limits_s = [objective.limit_s for objective in problem.slo.objectives]
    tails = [table.tail_at(limit_s - problem.terms.overhead_s) for limit_s in limits_s]
    return any(bool(np.any(np.diff(tail) < -_FALLS)) for tail in tails)


def _idle_fleet(planner: Planner) -> int:
    """Instances of which each is below the lowest load measured: more change nothing."""
    problem = planner.problem
    table = problem.profile.response_table()
    lowest = float(table.utilisation[1]) * problem.profile.max_rps
    return max(problem.min_instances, math.ceil(problem.peak_per_minute / 60 / lowest))


def _first(holds: Callable[[int], bool], low: int, high: int) -> int:
    """Smallest n in low..high that holds, given that ``high`` does and that it is monotone."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return high


def _better(best: Plan | None, plan: Plan | None, slo: Slo) -> Plan | None:
    """Fewer hours; then a policy; then the larger slack; then the smaller minimum and target."""
    if plan is None or best is None:
        return plan or best
    if not math.isclose(plan.instance_hours, best.instance_hours, rel_tol=_SAME):
        return min(best, plan, key=lambda candidate: candidate.instance_hours)

    def rank(plan: Plan) -> tuple[bool, float, int, float]:
        slack, target = plan.verdicts[slo].slack, plan.target_per_minute
        return target is None, -slack, plan.minimum, target or 0.0

    return min(best, plan, key=rank)
