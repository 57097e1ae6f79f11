"""A stretch of minutes in which something happens to the fleet, replayed and judged alone."""

import math
from dataclasses import dataclass, field, replace
from typing import Literal

from smcost.capacity import Profile, Routing
from smcost.estimate.configuration import Exact
from smcost.estimate.latency import measured_s
from smcost.replay.counts import IntArray
from smcost.replay.late_requests import LateRequests
from smcost.replay.latency import LatencyTerms, Loads, loads
from smcost.replay.verdict import limits_s
from smcost.slo import Slo
from smcost.traffic.minutes import MinuteCounts

#: Minutes before what happens, for the queues that it begins with.
WARM_UP = 30
#: Stretches of more requests than that are screened and not replayed. [count]
MOST_REPLAYED = 5_000_000
#: Shares are differences of floats: their last bit must not decide.
SHARE_EPSILON = 1e-12
StretchMethod = Literal["screened", "simulated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StretchLatency:
    """How the stretch is answered: percentiles, ``inf`` beyond the timeout, and failures. [s]

    ``breaks`` names the parts of the SLO that the stretch taken alone does not keep; ``None``
    without an SLO.
    """

    p95_s: float
    p99_s: float
    failed_fraction: float
    breaks: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What answers: one instance's capacity, overhead and timeout, the SLO, and the seed."""

    profile: Profile
    terms: LatencyTerms
    slo: Slo | None = None
    exact: Exact = field(default_factory=Exact)


def cut(minutes: MinuteCounts, begin: int, end: int) -> MinuteCounts:
    """The minutes from one index up to another, with their logged times."""
    offsets_s = minutes.offsets_s
    if offsets_s is not None:
        skipped = int(minutes.invocations[:begin].sum())
        kept = int(minutes.invocations[begin:end].sum())
        offsets_s = offsets_s[skipped : skipped + kept]
    return replace(
        minutes,
        start_s=minutes.start_s[begin:end],
        invocations=minutes.invocations[begin:end],
        offsets_s=offsets_s,
    )


def can_simulate(stretch: MinuteCounts, profile: Profile) -> bool:
    """Whether its requests can be replayed, and are not too many."""
    # Only now: a plain estimate must not wait for the engine.
    from smcost.replay.exact_loads import can_replay

    return can_replay(profile) and 0 < stretch.total <= MOST_REPLAYED


def stretch_loads(
    stretch: MinuteCounts,
    in_service: IntArray,
    window: IntArray,
    routing: Routing,
    service: Service,
    *,
    affordable: bool = True,
) -> tuple[LateRequests, StretchMethod]:
    """The load of every minute, replayed where that is possible and not too much."""
    if not affordable or not can_simulate(stretch, service.profile):
        return screened_loads(stretch, in_service, window, routing, service), "screened"
    from smcost.replay.exact_loads import Replay, station_of

    replay = Replay(
        invocations=stretch.invocations,
        window=window,
        station=station_of(service.profile),
        routing=routing,
        terms=service.terms,
        limits_s=(math.inf,) if service.slo is None else limits_s(service.slo),
        seed=service.exact.seed,
        burstiness=service.exact.burstiness,
        offsets_s=stretch.offsets_s,
        threads=service.exact.threads,
    )
    return replay.whole(in_service), "simulated"


def screened_loads(
    stretch: MinuteCounts,
    in_service: IntArray,
    window: IntArray,
    routing: Routing,
    service: Service,
) -> Loads:
    """The load of every minute, looked up in tables."""
    return loads(
        invocations=stretch.invocations,
        in_service=in_service,
        window=window,
        profile=service.profile,
        terms=service.terms,
        routing=routing,
    )


def stretch_latency(
    load: LateRequests, service: Service, *, turned_away: float = 0.0, cut_off: float = 0.0
) -> StretchLatency:
    """Latency of the last window of the load, and what of the SLO it breaks.

    Parameters
    ----------
    load
        As replayed; the windows before the last are its warm-up.
    service
        What answered.
    turned_away
        Requests that reached no instance: they have failed and are not in the load. [count]
    cut_off
        Requests of the load that failed besides, whatever it says of them. [count]
    """
    judged = load.windows - 1
    served = float(load.requests_per_window()[judged])
    requests, failed = served + turned_away, turned_away + cut_off

    def late_share(limit_s: float) -> float:
        late = float(load.per_window(load.late_per_minute(limit_s))[judged]) + failed
        return min(1.0, late / requests) if requests else 0.0

    def percentile_s(fraction: float) -> float:
        later = (1 - fraction) * requests - failed
        if not served or later < 0:
            return math.inf if failed else math.nan
        found_s = load.percentile_s(fraction if not failed else 1 - later / served, judged)
        return measured_s(service.profile, fraction, found_s)

    slo, breaks = service.slo, None
    if slo is not None:
        breaks = tuple(
            name for name, limit_s, share in required(slo) if late_share(limit_s) > share
        )
    return StretchLatency(
        p95_s=percentile_s(0.95),
        p99_s=percentile_s(0.99),
        failed_fraction=late_share(math.inf),
        breaks=breaks,
    )


def required(slo: Slo) -> list[tuple[str, float, float]]:
    """Name, limit and share that may be later of each requirement. [s, fraction]"""
    allowed = [(o.name, o.limit_s, o.allowed_late) for o in slo.objectives]
    allowed.append(("max_failed", math.inf, slo.max_failed))
    return [(name, limit_s, share + SHARE_EPSILON) for name, limit_s, share in allowed]
