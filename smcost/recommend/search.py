"""Finds the cheapest feasible minimum and target on a grid.

Two passes. The first finds a good plan quickly: for each target of the grid, the smallest
feasible minimum by bisection, *taking* feasibility and instance-hours to rise with the minimum.
Neither is a law: with a larger minimum the alarm may fire in another minute, meet another point
of a ramp, and order more or later help. So the second pass looks at the plans the first skipped:

- A minimum of n costs at least n x horizon: minimums above best hours / horizon are out.
- Instance-hours need no queueing. The plans left are replayed, put in order of their hours and
  judged from the cheapest up, until one is feasible: that one is the optimum of the grid.
- A replay that never sinks to its minimum is the same for the minimums above, and judged once.

The second pass takes at most ``CHECKED_MINUTES`` replayed minutes, nearest minimums first, so
that a month with a large fleet ends in seconds. The tests hold it against brute force.

What *is* monotone, and bisected without a second look, is a fleet of fixed size: one instance
more lowers every minute's utilisation and every backlog.
"""

import math
from collections.abc import Callable

from smcost.recommend.plan import Plan, Planner
from smcost.recommend.problem import Problem
from smcost.slo import Slo
from smcost.units import per_minute

#: Targets tried, as shares of the rate at which one instance is busy all the time.
TARGET_SHARES = tuple(share / 100 for share in range(20, 100, 5))
#: No account has so many instances; a search that gets there is infeasible.
_FLEET_LIMIT = 100_000
#: Instance-hours that differ by less are the same.
_SAME = 1e-9
#: Minutes replayed at most in the second pass: some 70 plans of a month of minutes, all plans
#: of a day for any fleet below 130 instances.
CHECKED_MINUTES = 3_000_000

Feasible = Callable[[int], bool]
Observer = Callable[[str], None]


def target_grid(problem: Problem) -> tuple[float, ...]:
    """Targets tried, three significant digits, or the pinned one alone. [min^-1]"""
    if problem.pins.target_per_minute is not None:
        return (problem.pins.target_per_minute,)
    capacity = per_minute(problem.profile.max_rps)
    return tuple(dict.fromkeys(float(f"{share * capacity:.3g}") for share in TARGET_SHARES))


def cheapest(planner: Planner, slo: Slo, observe: Observer | None = None) -> Plan | None:
    """The feasible plan with the fewest instance-hours.

    Ties go to the larger slack, then to the smaller minimum, then to the smaller target.

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
    lowest, enough = planner.problem.lowest_minimum, _enough(planner, slo)
    if enough is None:
        return None
    fixed = _fixed(planner, slo)
    if fixed is not None and planner.problem.pins.sized:
        return fixed
    hours = planner.problem.minutes.hours
    best: Plan | None = None
    for target in target_grid(planner.problem):
        if observe is not None:
            observe(f"target {target:g} per minute")
        highest = enough if best is None else min(enough, _at_most(best.instance_hours / hours))
        best = _better(best, _smallest(planner, slo, target, lowest, highest), slo)
    if observe is not None:
        observe("cheaper plans")
    scaled = _checked(planner, slo, best, enough)
    if fixed is None or scaled is None:
        return scaled or fixed
    # At the same cost the policy is worth having: it can still scale out.
    return fixed if fixed.instance_hours < scaled.instance_hours * (1 - _SAME) else scaled


def _fixed(planner: Planner, slo: Slo) -> Plan | None:
    """The smallest fleet of fixed size that the pins allow and that meets the SLO."""
    pins = planner.problem.pins
    if pins.target_per_minute is not None or (pins.minimum is not None and not pins.sized):
        return None
    count = pins.minimum if pins.sized else smallest_fixed_fleet(planner, slo)
    if count is None or (pins.maximum is not None and count > pins.maximum):
        return None
    plan = planner.plan(count, None)
    return plan if plan.verdicts[slo].met else None


def _enough(planner: Planner, slo: Slo) -> int | None:
    """A minimum within the pins above which none needs to be bisected; ``None``: no fleet holds."""
    pins = planner.problem.pins
    if pins.minimum is not None:
        return pins.minimum
    fixed = smallest_fixed_fleet(planner, slo)
    if pins.maximum is not None:
        return min(fixed or pins.maximum, pins.maximum)
    return fixed


def _at_most(count: float) -> int:
    """The whole instances in a quotient of hours, its last bits forgiven."""
    return math.floor(count * (1 + _SAME))


def _checked(planner: Planner, slo: Slo, best: Plan | None, enough: int) -> Plan | None:
    """The second pass: the best of the plans that cost no more than the first pass's."""
    most_hours = math.inf if best is None else best.instance_hours * (1 + _SAME)
    replays: dict[int, tuple[float, int, float]] = {}
    for minimum, target in _unsettled(planner.problem, best, enough):
        replay = planner.counts(minimum, target)
        if replay.instance_hours <= most_hours:
            replays.setdefault(id(replay), (replay.instance_hours, minimum, target))
    for hours, minimum, target in sorted(replays.values()):
        if hours > most_hours:
            break
        plan = planner.plan(minimum, target)
        if plan.verdicts[slo].met:
            best = _better(best, plan, slo)
            most_hours = hours * (1 + _SAME)
    return best


def _unsettled(problem: Problem, best: Plan | None, enough: int) -> list[tuple[int, float]]:
    """Plans that may cost no more than the best, those next to its minimum first."""
    lowest, centre = problem.lowest_minimum, enough if best is None else best.minimum
    highest = enough
    if best is not None and problem.pins.minimum is None:
        highest = _at_most(best.instance_hours / problem.minutes.hours)
    highest = min(highest, problem.pins.maximum or highest)
    grid = target_grid(problem)
    room = max(1, CHECKED_MINUTES // (problem.minutes.invocations.size * len(grid)))
    minimums = range(max(lowest, centre - room), min(highest, centre + room) + 1)
    nearest = sorted(minimums, key=lambda minimum: abs(minimum - centre))[:room]
    return [(minimum, target) for minimum in sorted(nearest) for target in grid]


def smallest_fixed_fleet(planner: Planner, slo: Slo) -> int | None:
    """The smallest fleet of fixed size that meets the SLO, by doubling and bisection."""
    low = planner.problem.min_instances

    def holds(count: int) -> bool:
        return planner.plan(count, None).verdicts[slo].met

    high = low
    while not holds(high):
        if high >= _FLEET_LIMIT:
            return None
        low, high = high + 1, min(2 * high, _FLEET_LIMIT)
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
    """Fewer hours; then the larger slack; then the smaller minimum and target."""
    if plan is None or best is None:
        return plan or best
    if not math.isclose(plan.instance_hours, best.instance_hours, rel_tol=_SAME):
        return min(best, plan, key=lambda candidate: candidate.instance_hours)

    def rank(plan: Plan) -> tuple[float, int, float]:
        return -plan.verdicts[slo].slack, plan.minimum, plan.target_per_minute or 0.0

    return min(best, plan, key=rank)
