"""How often the interval of a replay contains the truth, by the way sections are cut.

Called by ``accuracy.py``. A trace is replayed with many seeds; the truth is the p99 of all those
requests together. Each replay has its interval, from ten sections of its minutes: by the shares
of requests beyond the p99 of all, as the program has it, or by the p99 of each section.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from smcost.capacity import Routing, WorkersProfile
from smcost.queueing.exact.histogram import percentile_s
from smcost.queueing.exact.replay import exact_replay
from smcost.queueing.exact.stations import workers_station
from smcost.queueing.service import ServiceTime
from smcost.replay.exact_loads import SECTIONS, ExactLoads, section_of
from smcost.replay.latency import LatencyTerms

IntArray = NDArray[np.int64]

P99 = 0.99
T_9 = 2.262
INSTANCES = 2
REPLICATIONS = 200
#: Hours, service time, whether the rate follows the day, and utilisations of the busiest minutes.
TRACES = (
    (4, 0.2, True, (0.5, 0.7, 0.9)),
    (4, 2.0, False, (0.5, 0.7, 0.9)),
    (24, 0.5, False, (0.5, 0.7, 0.9)),
    (24, 2.0, True, (0.5, 0.7, 0.9)),
    (72, 2.0, True, (0.8,)),
)
WORKERS = (1, 4)
#: Sections of each minute, given the number of minutes.
RULES: dict[str, Callable[[int], IntArray]] = {
    "the program's": section_of,
    "minute % 10": lambda size: np.arange(size) % SECTIONS,
    "(minute // 5) % 10": lambda size: np.arange(size) // 5 % SECTIONS,
    "(minute // 15) % 10": lambda size: np.arange(size) // 15 % SECTIONS,
    "(minute // 60) % 10": lambda size: np.arange(size) // 60 % SECTIONS,
    "contiguous tenths": lambda size: np.arange(size) * SECTIONS // size,
}
#: What differs between the sections: the share beyond the p99 of all, or their own p99.
WAYS = ("shares", "percentiles")
OWN = "the program's, shares"


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """Of one trace and fleet: share of intervals that contain the truth, and their half width."""

    routing: Routing
    workers: int
    utilisation: float
    hours: int
    service_s: float
    wave: bool
    covered: dict[str, float]
    half_width: dict[str, float]


def coverages(seed: int, quick: bool) -> Iterator[Coverage]:
    """Every trace, utilisation, number of workers and routing."""
    rng = np.random.default_rng(seed)
    traces = TRACES[:2] if quick else TRACES
    asked = [(*trace[:3], level) for trace in traces for level in trace[3]]
    for (hours, service_s, wave, utilisation), workers, routing in product(asked, WORKERS, Routing):
        profile = WorkersProfile(
            instance_type="ml.m5.xlarge",
            workers=workers,
            service=ServiceTime(mean_s=service_s, cv=0.5),
        )
        busiest = utilisation * INSTANCES * profile.max_per_minute
        at = np.arange(60 * hours) / 60
        shape = 0.7 - 0.3 * np.cos(2 * np.pi * at / min(hours, 24)) if wave else np.ones_like(at)
        counts = rng.poisson(busiest * shape)
        covered, half_width = _covered(
            counts, profile, routing, REPLICATIONS // 4 if quick else REPLICATIONS
        )
        yield Coverage(
            routing=routing,
            workers=workers,
            utilisation=utilisation,
            hours=hours,
            service_s=service_s,
            wave=wave,
            covered=covered,
            half_width=half_width,
        )


def _covered(
    counts: IntArray, profile: WorkersProfile, routing: Routing, replications: int
) -> tuple[dict[str, float], dict[str, float]]:
    """Share of intervals that contain the truth, and mean half width over it, for each way."""
    station = workers_station(profile.service, profile.workers)
    # One section for each set of minutes that no rule parts.
    cuts = np.stack([rule(counts.size) for rule in RULES.values()])
    kinds, kind = np.unique(cuts, axis=1, return_inverse=True)
    total = np.zeros(0, dtype=np.uint64)
    intervals = []
    for seed in range(replications):
        found = exact_replay(
            counts=counts,
            in_service=np.full(counts.size, INSTANCES),
            station=station,
            least_outstanding=routing is not Routing.RANDOM,
            seed=seed,
            limits_s=np.zeros(0),
            timeout_s=math.inf,
            drop_timed_out=False,
            window=np.zeros_like(counts),
            section=kind.ravel(),
        )
        total = found.histogram[0] if seed == 0 else total + found.histogram[0]
        loads = ExactLoads(
            terms=LatencyTerms(timeout_s=4000.0),
            window=np.zeros_like(counts),
            requests=counts,
            weak=np.zeros(counts.size, dtype=bool),
            limits_s=(),
            late=found.late,
            histogram=found.histogram,
            sections=found.sections,
            screened=None,
        )
        sections = _regrouped(found.sections, kinds)
        intervals.append([_interval_s(loads, parts, way) for parts, way in product(sections, WAYS)])
    truth_s = _p99_s(total)
    low_s, high_s = np.moveaxis(np.array(intervals), 2, 0)
    inside = (low_s <= truth_s) & (truth_s <= high_s)
    names = [f"{rule}, {way}" for rule, way in product(RULES, WAYS)]
    width = ((high_s - low_s) / 2 / truth_s).mean(axis=0)
    return (
        dict(zip(names, inside.mean(axis=0).tolist(), strict=True)),
        dict(zip(names, width.tolist(), strict=True)),
    )


def _regrouped(parts: NDArray[np.uint64], kinds: IntArray) -> NDArray[np.uint64]:
    """Histograms of the ten sections of every rule, shape ``(rules, 10, BINS)``."""
    used = np.flatnonzero(parts.any(axis=0))
    cut = slice(int(used[0]), int(used[-1]) + 1)
    chosen = (kinds[:, None, :] == np.arange(SECTIONS)[:, None]).astype(np.float64)
    found = np.zeros((*chosen.shape[:2], parts.shape[1]), dtype=np.uint64)
    found[..., cut] = np.rint(chosen @ parts[:, cut].astype(np.float64)).astype(np.uint64)
    return found


def _interval_s(loads: ExactLoads, parts: NDArray[np.uint64], way: str) -> tuple[float, float]:
    """By shares as the program, or by the sections' percentiles; NaN where there is none. [s]"""
    if way == "shares":
        return replace(loads, sections=parts).interval_s(P99) or (math.nan, math.nan)
    found = [_p99_s(part) for part in parts]
    half_s = T_9 * float(np.std(found, ddof=1)) / math.sqrt(SECTIONS)
    middle_s = loads.percentile_s(P99)
    return middle_s - half_s, middle_s + half_s


def _p99_s(histogram: NDArray[np.uint64]) -> float:
    return percentile_s(histogram, P99, np.zeros(0), np.zeros(0, dtype=np.int64))


def print_coverage(found: list[Coverage]) -> bool:
    """By rule, and every case of the program's own; whether it is within 90 to 99 % overall."""
    print("\n| sections, interval of | coverage | lowest | highest | 90 to 99 % | half width |")
    print("|---|---|---|---|---|---|")
    for way in found[0].covered:
        shares = np.array([case.covered[way] for case in found])
        width = np.mean([case.half_width[way] for case in found])
        within = np.mean((shares >= 0.9) & (shares <= 0.99))
        print(
            f"| {way} | {shares.mean():.1%} | {shares.min():.1%} | {shares.max():.1%} "
            f"| {within:.0%} | {width:.1%} |"
        )
    print("\n| hours | service s | traffic | workers | routing | utilisation | coverage | width |")
    print("|---|---|---|---|---|---|---|---|")
    for case in found:
        print(
            f"| {case.hours} | {case.service_s:g} | {'wave' if case.wave else 'flat'} "
            f"| {case.workers} | {case.routing} | {case.utilisation:g} | {case.covered[OWN]:.1%} "
            f"| {case.half_width[OWN]:.1%} |"
        )
    own = [case.covered[OWN] for case in found]
    return bool(0.9 <= np.mean(own) <= 0.99)
