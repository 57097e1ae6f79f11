"""Fleet sizes as points of a curve: density against latency and cost."""

from dataclasses import dataclass
from decimal import Decimal

from smcost.multi_model.fleet import Fleet, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One fleet size.

    Attributes
    ----------
    instances
        All the time. [count]
    hit_rate
        Share of the requests whose model is in memory. [fraction]
    cold_share
        Share that waits for its model, joined loads included. [fraction]
    loads_pile_up
        Whether in some minute loads come faster than they are done; ``cold_share`` then is a
        lower bound.
    loads_per_hour
        Of all instances together, on average. [h^-1]
    loaded_per_instance
        Models in memory of one instance on average. [count]
    held_bytes
        Memory filled with models, all instances together. [B]
    overcommitment
        Size of all models over the memory of all instances: the density.
    p95_s, p99_s
        Over the horizon. [s]
    worst_p95_s, worst_p99_s
        Of the worst window. [s]
    cold_beyond_p95, cold_beyond_p99
        Part of the slower requests that waited for a model. [fraction]
    failed_fraction
        Requests beyond the timeout. [fraction]
    usd
        A month. [USD]
    meets, breaks
        Whether it meets the SLO; the requirement with the least slack.
    """

    instances: int
    hit_rate: float
    cold_share: float
    loads_pile_up: bool
    loads_per_hour: float
    loaded_per_instance: float
    held_bytes: float
    overcommitment: float
    p95_s: float
    p99_s: float
    worst_p95_s: float
    worst_p99_s: float
    cold_beyond_p95: float
    cold_beyond_p99: float
    failed_fraction: float
    usd: Decimal
    meets: bool
    breaks: str


def point(problem: Problem, found: Fleet, usd: Decimal) -> Point:
    """A fleet as a point of the curve."""
    loads = found.loads
    p95_s, p99_s = loads.percentile_s(0.95), loads.percentile_s(0.99)
    per_hour = float(loads.requests.sum()) / problem.minutes.hours
    return Point(
        instances=found.instances,
        hit_rate=found.state.hit_rate,
        cold_share=found.cold_share,
        loads_pile_up=loads.piles_up,
        loads_per_hour=per_hour * (1 - found.state.hit_rate),
        loaded_per_instance=found.state.loaded / found.instances,
        held_bytes=found.state.held_bytes,
        overcommitment=problem.hosted.total_bytes / (problem.memory_bytes * found.instances),
        p95_s=p95_s,
        p99_s=p99_s,
        worst_p95_s=loads.worst_window(0.95)[1],
        worst_p99_s=loads.worst_window(0.99)[1],
        cold_beyond_p95=found.cold_share_beyond(p95_s),
        cold_beyond_p99=found.cold_share_beyond(p99_s),
        failed_fraction=loads.failed_fraction(),
        usd=usd,
        meets=found.verdict.met,
        breaks="" if found.verdict.met else found.verdict.breaks,
    )
