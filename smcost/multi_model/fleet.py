"""One fleet size of a multi-model endpoint: what it holds in memory and how it answers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from smcost.capacity import Profile, WorkersProfile
from smcost.multi_model.alike import alike, of_these
from smcost.multi_model.che import CacheState, cache_state
from smcost.multi_model.hosted import Hosted
from smcost.multi_model.late import FleetLoads, Part
from smcost.multi_model.loading import cold_starts, no_cold_starts
from smcost.multi_model.lru import Simulated, simulate
from smcost.multi_model.placement import IntArray, Placement, place
from smcost.queueing.mgc import response_table
from smcost.queueing.response_table import ResponseTable
from smcost.queueing.service import FloatArray
from smcost.queueing.service_mixture import MixedService
from smcost.replay.backlog import delayed_arrivals
from smcost.replay.latency import LatencyTerms
from smcost.replay.verdict import Verdict, judge
from smcost.slo import Slo
from smcost.traffic.minutes import MinuteCounts
from smcost.units import SECONDS_PER_MINUTE, per_minute

#: Rows of the response table of a mixture: one for every kind of instance of every fleet.
_ROWS = 24
#: Rates between the quietest and the busiest minute at which cold starts are worked out.
_RATES = 33
#: So many different minutes are told apart, more of them to three digits.
_LEVELS = 2_000
#: Requests that a simulation of the caches counts at least, and serves before that at most.
_COUNTED, _WARM_UP = 200_000, 400_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """Everything that does not change with the number of instances.

    Attributes
    ----------
    hosted
        The models.
    memory_bytes
        What one instance has for models. [B]
    profile
        What one instance can do with its models loaded.
    minutes
        Requests of all models together.
    terms
        Overhead and timeout.
    slo
        What must hold.
    placement
        How requests of a model find an instance.
    loads_at_once
        Models that an instance loads at the same time. [count]
    """

    hosted: Hosted
    memory_bytes: float
    profile: Profile
    minutes: MinuteCounts
    terms: LatencyTerms
    slo: Slo
    placement: Placement = Placement.STICKY
    loads_at_once: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fleet:
    """So many instances.

    Attributes
    ----------
    instances
        Their number.
    state
        What their memories hold.
    loads
        How they answer.
    verdict
        Whether that meets the SLO.
    """

    instances: int
    state: CacheState
    loads: FleetLoads
    verdict: Verdict

    @property
    def cold_share(self) -> float:
        """Requests that wait for their model, those that join a load included. [fraction]"""
        total = float(self.loads.requests.sum())
        return float(self.loads.cold_per_minute().sum()) / total if total else 0.0

    def cold_share_beyond(self, limit_s: float) -> float:
        """Part of the requests slower than a limit that waited for a model. [fraction]"""
        limit_s = limit_s if math.isfinite(limit_s) else math.inf
        warm, cold = (float(part.sum()) for part in self.loads.late_by_kind(limit_s))
        return cold / (warm + cold) if warm + cold > 0 else 0.0


def fleet(
    problem: Problem,
    instances: int,
    *,
    waits: bool = True,
    loads: bool = True,
    misses: float = 1.0,
) -> Fleet:
    """Put the models on so many instances and replay the traffic.

    Parameters
    ----------
    problem
        What there is to serve.
    instances
        Size of the fleet, all the time.
    waits
        Whether requests queue for a worker; without, memory alone decides.
    loads
        Whether models can be missing; without, throughput alone decides.
    misses
        Factor on the probability that a model is missing: what a simulation found it to be.
    """
    # What is never missing stands where even loads want it.
    state = state_of(problem if loads else replace(problem, memory_bytes=math.inf), instances)
    if misses != 1:
        state = _corrected(state, misses)
    found = _loads(problem, state, waits=waits, loads=loads)
    return Fleet(instances=instances, state=state, loads=found, verdict=judge(found, problem.slo))


def state_of(problem: Problem, instances: int) -> CacheState:
    """What the memories of so many instances hold, by formula."""
    copies = place(
        problem.hosted, instances, problem.placement, problem.memory_bytes, _busy(problem)
    )
    return cache_state(problem.hosted, copies, problem.memory_bytes)


def _busy(problem: Problem) -> float:
    """Instances that the busiest minute keeps as busy as they can be for long."""
    peak = float(problem.minutes.invocations.max(initial=0))
    return peak / (per_minute(problem.profile.max_rps) * problem.profile.steady_below)


def _corrected(state: CacheState, misses: float) -> CacheState:
    return CacheState(
        copies=state.copies,
        missing=np.minimum(state.missing * misses, 1.0),
        characteristic=state.characteristic,
        held_bytes=state.held_bytes,
        loaded=state.loaded,
    )


def simulated(problem: Problem, instances: int, seed: int) -> Simulated:
    """The hit rate of so many instances by exact simulation of their LRU caches.

    Without a request where every model stays in memory: there is nothing to find out.
    """
    state = state_of(problem, instances)
    within = state.characteristic[np.isfinite(state.characteristic)]
    if not within.size:
        return Simulated(requests=0, misses=0)
    warm_up = min(_WARM_UP, round(2 * float(within.max())))
    return simulate(
        problem.hosted,
        state.copies,
        problem.memory_bytes,
        requests=_COUNTED,
        warm_up=max(warm_up, 1000),
        seed=seed,
    )


def _loads(problem: Problem, state: CacheState, *, waits: bool, loads: bool) -> FleetLoads:
    copies = state.copies
    load = copies.load()
    parts = []
    for here in alike(problem.hosted, problem.profile, copies):
        share = float((load * copies.alike)[here].sum())
        profile, per_instance = of_these(problem.hosted, problem.profile, copies, here)
        part = part_of(profile, problem.minutes, share, per_instance)
        if loads:
            cold = cold_starts(
                problem.hosted,
                state,
                here,
                rps=_rates(part.rps),
                loads_at_once=problem.loads_at_once,
            )
            part = replace(part, cold=cold)
        parts.append(part)
    return fleet_loads(problem, problem.profile, parts, waits=waits)


def _rates(rps: FloatArray) -> FloatArray:
    """Rates at which cold starts are worked out: evenly over those that occur, shape ``(R,)``."""
    return np.unique(np.linspace(float(rps.min()), float(rps.max()), _RATES))


def fleet_loads(
    problem: Problem, profile: Profile, parts: Sequence[Part], *, waits: bool = True
) -> FleetLoads:
    """How a fleet of these parts answers the traffic of the problem."""
    invocations = problem.minutes.invocations
    _, level = traffic_levels(problem.minutes)
    busiest = max(parts, key=lambda part: float(part.utilisation.sum()))
    return FleetLoads(
        window=problem.slo.window.number(problem.minutes.start_s),
        requests=invocations,
        weak=profile.weak(busiest.utilisation, SECONDS_PER_MINUTE * busiest.rps)[level],
        level=level,
        parts=tuple(parts),
        terms=problem.terms,
        waits=waits,
    )


@lru_cache(maxsize=4)
def traffic_levels(minutes: MinuteCounts) -> tuple[FloatArray, IntArray]:
    """Invocations per minute that occur, ``(U,)``, and which of them each minute has, ``(T,)``.

    Where there are very many different ones they are taken together to three digits.
    """
    levels, level = np.unique(minutes.invocations, return_inverse=True)
    if levels.size > _LEVELS:
        scale = 10.0 ** np.maximum(np.floor(np.log10(np.maximum(levels, 1))) - 2, 0)
        rounded, joined = np.unique(np.round(levels / scale) * scale, return_inverse=True)
        return rounded.astype(np.float64), joined[level].astype(np.int64)
    return levels.astype(np.float64), level.astype(np.int64)


def part_of(
    profile: Profile,
    minutes: MinuteCounts,
    share: float,
    per_instance: float,
    table: ResponseTable | None = None,
) -> Part:
    """Instances that answer ``share`` of the requests, each ``per_instance`` of all of them.

    Their models are in memory; without a table it is that of the profile.
    """
    invocations = minutes.invocations
    steady_per_minute = profile.steady_below * per_minute(profile.max_rps)
    behind = delayed_arrivals(
        invocations, np.ones(invocations.size, dtype=np.int64), steady_per_minute / per_instance
    )
    overloaded = np.zeros(invocations.size, dtype=np.bool_)
    overloaded[behind.minute] = True
    levels, _ = traffic_levels(minutes)
    rps = levels * per_instance / SECONDS_PER_MINUTE
    return Part(
        share=share,
        rps=rps,
        utilisation=rps / profile.max_rps,
        overloaded=overloaded,
        cold=no_cold_starts(),
        table=table or _table(profile),
        max_rps=profile.max_rps,
    )


def _table(profile: Profile) -> ResponseTable:
    if isinstance(profile, WorkersProfile) and isinstance(profile.service, MixedService):
        return response_table(profile.service, profile.workers, _ROWS)
    return profile.response_table()
