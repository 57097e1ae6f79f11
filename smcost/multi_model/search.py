"""The cheapest fleet of a multi-model endpoint, the curve around it, and what it saves.

The fleet has one size all the time: the autoscaler looks at requests, not at memory, and every
instance that leaves takes its models along.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from functools import partial

import numpy as np

from smcost.multi_model.curve import Point, point
from smcost.multi_model.fleet import Fleet, Problem, fleet, simulated, state_of
from smcost.multi_model.lru import Simulated
from smcost.multi_model.placement import Placement

#: Beyond it nobody shares an endpoint; keeps a hopeless search short.
MOST_INSTANCES = 1_000
#: Sizes that the curve shows at most.
_CURVE = 16
#: So many sizes below the one that halving finds are looked at: whole copies load a few instances
#: unevenly, and now and then one instance fewer is a size that splits the models better.
_LOOK_BELOW = 4
#: By no more than this the formula errs on the safe side where a simulation is worth the while.
_HALF = 0.5


class Binds(StrEnum):
    """What asks for so many instances."""

    MEMORY = "memory"
    THROUGHPUT = "throughput"
    BOTH = "memory_and_throughput"
    MIN_INSTANCES = "min_instances"


class Obstacle(StrEnum):
    """Why no number of instances meets the SLO."""

    SERVICE_TIME = "service_time_above_limit"
    COLD_LOADS = "cold_loads"
    FLEET_TOO_LARGE = "fleet_too_large"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """What to run, or why nothing will do.

    Attributes
    ----------
    best
        The cheapest fleet that meets the SLO; ``None`` where none does.
    binds
        What asks for it; ``None`` without one.
    obstacle
        Why there is none; ``None`` with one.
    nearest
        Without one: the fleet that comes nearest.
    for_memory, for_throughput
        Fewest instances if none had to queue, and if every model were in memory; ``None`` where
        no number will do. [count]
    surviving
        Fewest instances that hold and of which one may be lost; ``None`` without a best, or beyond
        the largest fleet. [count]
    other_placement
        Fewest instances under the other placement; ``None`` where no number will do. [count]
    curve
        Fleet sizes around it, increasing.
    checked
        The simulation of the caches of the best or nearest fleet.
    fleet
        That fleet.
    """

    best: Point | None
    binds: Binds | None
    obstacle: Obstacle | None
    nearest: Point | None
    for_memory: int | None
    for_throughput: int | None
    surviving: int | None
    other_placement: int | None
    curve: tuple[Point, ...]
    checked: Simulated
    fleet: Fleet


def answer(
    problem: Problem,
    usd: Callable[[int], Decimal],
    *,
    least: int = 1,
    seed: int = 0,
    observe: Callable[[str], None] = lambda _: None,
) -> Answer:
    """Search the smallest fleet that meets the SLO, and let a simulation judge its hit rate.

    Parameters
    ----------
    problem
        What there is to serve.
    usd
        A month's cost of so many instances. [USD]
    least
        Instances there must be in any case. [count]
    seed
        Of the simulation.
    observe
        Told what is being done.
    """
    observe("memory and throughput")
    judged = _Judged(problem=problem, seed=seed, observe=observe)
    found = judged.fewest(least)
    misses = 1.0 if found is None else judged.misses(found)
    for_memory = fewest(partial(fleet, problem, waits=False, misses=misses), least)
    for_throughput = fewest(partial(fleet, problem, loads=False), least)
    observe("curve")
    shown = found or _nearest_size(problem, for_memory, for_throughput, least)
    sizes = _sizes(shown, found, for_memory, for_throughput, least)
    # What the answer turns on was simulated; the rest of the curve errs as the answer does.
    each = {count: judged.misses(count) if count in judged.made else misses for count in sizes}
    fleets = {count: fleet(problem, count, misses=each[count]) for count in sizes}
    points = {count: point(problem, fleets[count], usd(count)) for count in sizes}
    return Answer(
        best=None if found is None else points[found],
        binds=None if found is None else _binds(found, for_memory, for_throughput, least),
        obstacle=_obstacle(problem, for_memory) if found is None else None,
        nearest=None if found is not None else points[shown],
        for_memory=for_memory,
        for_throughput=for_throughput,
        surviving=None if found is None else _surviving(judged, found),
        other_placement=_fewest_elsewhere(problem, least),
        curve=tuple(points[count] for count in sizes),
        checked=judged.simulated(shown),
        fleet=fleets[shown],
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Judged:
    """Sizes of the fleet, judged by simulations of their caches, each made once."""

    problem: Problem
    seed: int
    observe: Callable[[str], None]
    made: dict[int, Simulated] = field(default_factory=dict)

    def simulated(self, count: int) -> Simulated:
        """The simulation of the caches of so many instances."""
        if count not in self.made:
            self.observe(f"simulating {count} instances")
            self.made[count] = simulated(self.problem, count, self.seed)
        return self.made[count]

    def misses(self, count: int) -> float:
        """Misses of the simulation over those of the formula, 1 where that is noise."""
        found = self.simulated(count)
        formula = 1 - state_of(self.problem, count).hit_rate
        exact = 1 - found.hit_rate
        noise = 2 * found.standard_error
        return exact / formula if found.requests and abs(exact - formula) > noise else 1.0

    def holds(self, count: int) -> bool:
        """Whether so many instances meet the SLO with the misses of the simulation."""
        return fleet(self.problem, count, misses=self.misses(count)).verdict.met

    def fewest(self, least: int) -> int | None:
        """The fewest that meet the SLO so; the formula says where to look."""
        if hopeless(self.problem):
            return None
        found = fewest(partial(fleet, self.problem), least)
        while found is not None and not self.holds(found):
            misses = self.misses(found)
            found = fewest(partial(fleet, self.problem, misses=misses), found + 1)
        while found is not None and found > least and self._may_hold(found - 1):
            if not self.holds(found - 1):
                break
            found -= 1
        return found

    def _may_hold(self, count: int) -> bool:
        """Whether the formula, were half of its misses too many, would let it hold."""
        return fleet(self.problem, count, misses=_HALF).verdict.met


def fewest(sized: Callable[[int], Fleet], least: int) -> int | None:
    """Smallest size that meets the SLO, by doubling and halving; ``None``: not even the largest."""
    low, high = least - 1, least
    while not sized(high).verdict.met:
        if high >= MOST_INSTANCES:
            return None
        low, high = high, min(2 * high, MOST_INSTANCES)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if sized(middle).verdict.met else (middle, high)
    below = range(max(least, high - _LOOK_BELOW), high - 1)
    return next((size for size in below if sized(size).verdict.met), high)


def hopeless(problem: Problem) -> bool:
    """Whether not even the largest fleet that is looked at meets the SLO."""
    return not fleet(problem, MOST_INSTANCES).verdict.met


def _surviving(judged: _Judged, found: int) -> int | None:
    """The fewest that hold, and hold with one less; a floor may keep more than are needed."""
    spare = found > 1 and judged.holds(found - 1)
    for count in range(found, MOST_INSTANCES + 1):
        holds = judged.holds(count)
        if spare and holds:
            return count
        spare = holds
    return None


def _fewest_elsewhere(problem: Problem, least: int) -> int | None:
    (other,) = set(Placement) - {problem.placement}
    elsewhere = replace(problem, placement=other)
    if hopeless(elsewhere):
        return None
    return fewest(lambda count: fleet(elsewhere, count), least)


def _nearest_size(
    problem: Problem, for_memory: int | None, for_throughput: int | None, least: int
) -> int:
    """Where no size will do: what throughput needs, or what holds every model once."""
    if _obstacle(problem, for_memory) is Obstacle.FLEET_TOO_LARGE:
        return MOST_INSTANCES
    whole = math.ceil(problem.hosted.total_bytes / problem.memory_bytes)
    return min(max(least, for_throughput or 1, for_memory or whole), MOST_INSTANCES)


def _sizes(
    shown: int, found: int | None, for_memory: int | None, for_throughput: int | None, least: int
) -> list[int]:
    """Sizes for the curve: from a quarter to somewhat more than enough, thinned in the middle."""
    end = shown + max(3, shown // 4)
    start = max(least, shown // 4)
    spread = np.unique(np.round(np.geomspace(start, end, _CURVE - 4)).astype(int)).tolist()
    wanted = {shown, shown - 1, shown + 1, for_memory or shown, for_throughput or shown, *spread}
    return sorted(size for size in wanted if start <= size <= max(end, found or 0))


def _binds(found: int, for_memory: int | None, for_throughput: int | None, least: int) -> Binds:
    if found == least and (for_memory or found) <= least and (for_throughput or found) <= least:
        return Binds.MIN_INSTANCES
    if found == for_memory and found != for_throughput:
        return Binds.MEMORY
    if found == for_throughput and found != for_memory:
        return Binds.THROUGHPUT
    return Binds.BOTH


def _obstacle(problem: Problem, for_memory: int | None) -> Obstacle:
    idle = fleet(problem, MOST_INSTANCES, waits=False, loads=False)
    if not idle.verdict.met:
        return Obstacle.SERVICE_TIME
    if for_memory is None and problem.placement is Placement.SPREAD:
        return Obstacle.COLD_LOADS
    return Obstacle.FLEET_TOO_LARGE
