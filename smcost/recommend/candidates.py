"""The grid of plans that are tried, in the order of what they cost."""

import math
from collections.abc import Callable
from typing import NamedTuple

from smcost.capacity import RateOf, RatesProfile
from smcost.recommend.plan import Planner
from smcost.recommend.problem import Problem
from smcost.replay.in_flight import occupancy
from smcost.replay.metrics import TICKS
from smcost.units import per_minute, plain

#: Targets tried, as shares of the rate at which one instance is busy all the time.
TARGET_SHARES = tuple(share / 100 for share in range(20, 100, 5))
#: AWS's own for targets ("Load testing your auto scaling configuration", developer guide).
AWS_SAFETY_FACTOR = 0.5
#: Every minimum up to so many above the lowest is tried, then so many steps of equal ratio.
_EVERY, _STEPS = 64, 32

Observer = Callable[[str], None]


class Candidate(NamedTuple):
    """A plan by what it costs; a target of ``None`` is a fleet of fixed size. [h, count, min^-1]"""

    instance_hours: float
    minimum: int
    target_per_minute: float | None


def target_grid(problem: Problem) -> tuple[float, ...]:
    """Targets tried, three significant digits, or the pinned one alone.

    In the unit of the metric: invocations per minute, or the requests in flight at that rate. None
    is above half of a rate that is one of saturation.
    """
    if problem.pins.target_per_minute is not None:
        return (problem.pins.target_per_minute,)
    capacity = per_minute(problem.profile.max_rps)
    targets = [share * capacity for share in TARGET_SHARES if share <= highest_share(problem)]
    if not problem.on_invocations:
        tables = occupancy(problem.profile, problem.routing, 1)
        targets = [tables.steady(target / TICKS, 1) for target in targets]
    rounded = [float(f"{target:.3g}") for target in targets]
    if highest_share(problem) < TARGET_SHARES[-1] and rounded[-1] > targets[-1]:
        step = 10.0 ** (math.floor(math.log10(targets[-1])) - 2)
        rounded[-1] = float(f"{math.floor(targets[-1] / step) * step:.3g}")
    return tuple(dict.fromkeys(rounded))


def highest_share(problem: Problem) -> float:
    """The highest target tried, as a share of the highest rate of one instance. [fraction]"""
    profile = problem.profile
    if isinstance(profile, RatesProfile) and profile.rate_of is RateOf.SATURATION:
        return AWS_SAFETY_FACTOR
    return TARGET_SHARES[-1]


def smallest_fixed(problem: Problem) -> int:
    """The smallest fleet of fixed size that may be tried. [instances]

    Where the rate is one of saturation it must be as idle in the busiest minute as a policy would
    have it.
    """
    if problem.pins.sized or highest_share(problem) == TARGET_SHARES[-1]:
        return problem.min_instances
    most = highest_share(problem) * per_minute(problem.profile.max_rps)
    return max(problem.min_instances, math.ceil(problem.peak_per_minute / most))


def minimum_grid(lowest: int, highest: int) -> list[int]:
    """Minimums tried: all of them but in very large fleets, where steps are a few per cent.

    >>> minimum_grid(1, 5)
    [1, 2, 3, 4, 5]
    >>> len(minimum_grid(1, 1_000)), minimum_grid(1, 1_000)[-3:]
    (96, [842, 918, 1000])
    """
    every = list(range(lowest, min(highest, lowest + _EVERY - 1) + 1))
    if not every or every[-1] == highest:
        return every
    ratio = highest / every[-1]
    steps = {round(every[-1] * ratio ** (step / _STEPS)) for step in range(1, _STEPS + 1)}
    return sorted({*every, *steps})


def in_order_of_cost(
    planner: Planner, minimums: list[int], observe: Observer | None = None
) -> list[Candidate]:
    """Every plan of the grid that the pins allow, replayed, cheapest first.

    Two plans with the same replay are listed once, with the smaller minimum. At the same hours
    the smaller minimum and target come first, and a fleet of fixed size last.
    """
    problem = planner.problem
    found = []
    for target in () if _only_fixed(problem) else target_grid(problem):
        if observe is not None:
            observe(f"target {plain(target)} per minute")
        covered = 0
        for minimum in minimums:
            if minimum > covered:
                replay = planner.counts(minimum, target)
                covered = replay.lowest_count
                found.append(Candidate(replay.instance_hours, minimum, target))
    if may_be_fixed(problem):
        hours = problem.minutes.hours
        fixed = smallest_fixed(problem)
        found += [Candidate(n * hours, n, None) for n in minimums if n >= fixed]
    return sorted(found, key=_order)


def may_be_fixed(problem: Problem) -> bool:
    """Whether the pins leave room for a fleet of fixed size."""
    pins = problem.pins
    return pins.target_per_minute is None and (pins.minimum is None or pins.sized)


def _only_fixed(problem: Problem) -> bool:
    return problem.pins.sized and may_be_fixed(problem)


def _order(candidate: Candidate) -> tuple[float, bool, int, float]:
    hours, minimum, target = candidate
    # Rounded, so that replays that differ in the last bit count as the same.
    return round(hours, 9), target is None, minimum, target or 0.0
