"""Finds the cheapest feasible minimum and target on a grid.

For each target of the grid, the smallest feasible minimum; among those the fewest billed
instance-hours. Two orders are used:

- A fixed fleet of n instances that meets the SLO bounds the minimum from above: the autoscaler
  never goes below the minimum. A fixed fleet's feasibility is monotone in n (each minute's
  utilisation and backlog fall), so it is found by bisection.
- For a given target, feasibility and hours are *taken* to rise with the minimum, and bisected
  too. That is a heuristic: help that comes earlier can end an alarm earlier. The tests hold it
  against brute force over the whole grid.

A minimum of n costs at least n x horizon, so minimums above best cost / horizon are never tried.
"""

import math
from collections.abc import Callable

from smcost.recommend.plan import Plan, Planner
from smcost.recommend.problem import Problem
from smcost.slo import Slo
from smcost.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

#: Targets tried, as shares of the rate at which one instance is busy all the time.
TARGET_SHARES = tuple(share / 100 for share in range(20, 100, 5))
#: No account has so many instances; a search that gets there is infeasible.
_FLEET_LIMIT = 100_000

Feasible = Callable[[int], bool]
Observer = Callable[[str], None]


def target_grid(problem: Problem) -> tuple[float, ...]:
    """Targets tried, three significant digits, or the pinned one alone. [min^-1]"""
    if problem.pins.target_per_minute is not None:
        return (problem.pins.target_per_minute,)
    capacity = problem.profile.max_per_minute
    return tuple(dict.fromkeys(float(f"{share * capacity:.3g}") for share in TARGET_SHARES))


def cheapest(planner: Planner, slo: Slo, observe: Observer | None = None) -> Plan | None:
    """The feasible plan with the fewest instance-hours; ties go to the larger slack.

    Parameters
    ----------
    planner
        Replays candidates and remembers them.
    slo
        One of the planner's variations.
    observe
        Told what is being tried, for progress; does nothing by default.

    Returns
    -------
    Plan or None
        ``None`` where nothing within the pins is feasible.
    """
    problem = planner.problem
    lowest = problem.lowest_minimum
    enough = smallest_fixed_fleet(planner, slo)
    if problem.pins.minimum is not None:
        enough = lowest
    elif problem.pins.maximum is not None:
        enough = min(enough or problem.pins.maximum, problem.pins.maximum)
    if enough is None:
        return None
    hours = problem.minutes.invocations.size * SECONDS_PER_MINUTE / SECONDS_PER_HOUR
    best: Plan | None = None
    for target in target_grid(problem):
        if observe is not None:
            observe(f"target {target:g} per minute")
        highest = enough if best is None else min(enough, int(best.instance_hours / hours))
        best = _better(best, _smallest(planner, slo, target, lowest, highest), slo)
    return best


def smallest_fixed_fleet(planner: Planner, slo: Slo) -> int | None:
    """The smallest fleet of fixed size that meets the SLO, by doubling and bisection."""
    low = planner.problem.min_instances

    def holds(count: int) -> bool:
        return planner.plan(count, None).verdicts[slo].met

    high = low
    while not holds(high):
        low, high = high + 1, high * 2
        if high > _FLEET_LIMIT:
            return None
    return _first(holds, low, high)


def _smallest(planner: Planner, slo: Slo, target: float, lowest: int, highest: int) -> Plan | None:
    """The plan with the smallest feasible minimum at this target, if any within the bounds."""
    if highest < lowest or not planner.plan(highest, target).verdicts[slo].met:
        return None
    found = _first(lambda n: planner.plan(n, target).verdicts[slo].met, lowest, highest)
    return planner.plan(found, target)


def _first(holds: Feasible, low: int, high: int) -> int:
    """Smallest n in low..high that holds, given that ``high`` does and that it is monotone."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return high


def _better(best: Plan | None, plan: Plan | None, slo: Slo) -> Plan | None:
    if plan is None or best is None:
        return plan or best
    if math.isclose(plan.instance_hours, best.instance_hours, rel_tol=1e-9):
        return max(best, plan, key=lambda candidate: candidate.verdicts[slo].slack)
    return min(best, plan, key=lambda candidate: candidate.instance_hours)
