"""What a release does to latency where it falls in the busiest hour.

While an endpoint is Updating it cannot be scaled, and without RetainAllVariantProperties an update
resets the variant to its initial instance count (SageMaker API, UpdateEndpoint). So the count is
pinned for the update, and the autoscaler goes on from the initial count.
"""

import math
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

import numpy as np

from smcost.capacity import Profile
from smcost.deployment import Deployment
from smcost.estimate.configuration import Exact, replay_variant
from smcost.estimate.latency import measured_s
from smcost.replay.counts import CountReplay, Delays, IntArray
from smcost.replay.late_requests import LateRequests
from smcost.replay.latency import LatencyTerms, loads
from smcost.replay.metrics import Watched
from smcost.replay.verdict import limits_s
from smcost.slo import Slo
from smcost.traffic.minutes import MinuteCounts
from smcost.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE
from smcost.variant import Variant

#: Minutes before the update, for the queues that it begins with.
_WARM_UP = 30
#: Stretches of more requests than that are screened and not replayed. [count]
_MOST_REPLAYED = 5_000_000
_Method = Literal["screened", "simulated"]


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
class BusiestRelease:
    """A release at the beginning of the busiest hour of the trace.

    Attributes
    ----------
    start_s
        When it begins, UTC. [epoch s]
    minutes
        Length of the stretch looked at: until help ordered after the update has come. [min]
    update_s
        How long the endpoint is Updating and cannot be scaled. [s]
    count_before, count_after
        In service when it begins, and what it resets the variant to. [instances]
    latency, latency_without
        Of the stretch with the release, and as replayed without; ``None`` without a capacity.
    method
        Whether the requests of the stretch were simulated or looked up in tables.
    """

    start_s: int
    minutes: int
    update_s: float
    count_before: int
    count_after: int
    latency: StretchLatency | None
    latency_without: StretchLatency | None
    method: _Method


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What answers: one instance's capacity, overhead and timeout, the SLO, and the seed."""

    profile: Profile
    terms: LatencyTerms
    slo: Slo | None = None
    exact: Exact = field(default_factory=Exact)


def busiest_release(
    variant: Variant,
    deployment: Deployment,
    minutes: MinuteCounts,
    delays: Delays,
    service: Service | None = None,
    watched: Watched | None = None,
) -> BusiestRelease:
    """Replay the busiest hour of the clock with a release at its beginning.

    Parameters
    ----------
    variant, deployment
        What is updated, and how.
    minutes, delays
        The traffic; reaction and start-up of the autoscaler.
    service
        What answers; ``None``: counts alone.
    watched
        What policies on requests in flight or CPU look at, where there are any.

    Notes
    -----
    Instances that take traffic: those of :meth:`Deployment.stages`, the old ones frozen, until the
    update ends; from then on what the autoscaler makes of the new ones, its alarms beginning anew.
    """
    replay = replay_variant(variant, minutes, delays, watched)
    first = _busiest_minute(minutes)
    before, after = int(replay.in_service[first]), variant.initial_count
    update_s = deployment.duration_s(Decimal(before))
    recovery_s = update_s + 3 * SECONDS_PER_MINUTE + delays.reaction_s + delays.startup_s
    length = math.ceil(max(recovery_s, SECONDS_PER_HOUR) / SECONDS_PER_MINUTE)
    begin, end = max(0, first - _WARM_UP), min(first + length, minutes.start_s.size)
    stretch = _cut(minutes, begin, end)
    latency, without = None, None
    method: _Method = "screened"
    if service is not None:
        pinned = _pinned(variant, deployment, minutes, delays, replay, first, watched)
        # Windows are numbered from 0: the warm-up, where there is one, and what is judged.
        window = np.where(np.arange(begin, end) < first, 0, int(first > begin)).astype(np.int64)
        load, method = _judged(stretch, pinned[begin:end], window, variant, service)
        latency = _latency(load, service)
        same, _ = _judged(stretch, replay.in_service[begin:end], window, variant, service)
        without = _latency(same, service)
    return BusiestRelease(
        start_s=int(minutes.start_s[first]),
        minutes=end - first,
        update_s=update_s,
        count_before=before,
        count_after=after,
        latency=latency,
        latency_without=without,
        method=method,
    )


def _busiest_minute(minutes: MinuteCounts) -> int:
    """The first minute of the hour of the clock that has most invocations."""
    _, first, hour = np.unique(
        minutes.start_s // SECONDS_PER_HOUR, return_index=True, return_inverse=True
    )
    return int(first[np.argmax(np.bincount(hour, weights=minutes.invocations))])


def _pinned(
    variant: Variant,
    deployment: Deployment,
    minutes: MinuteCounts,
    delays: Delays,
    replay: CountReplay,
    first: int,
    watched: Watched | None = None,
) -> IntArray:
    """Instances that take traffic in each minute, with the release, shape ``(T,)``."""
    before, after = int(replay.in_service[first]), variant.initial_count
    pinned = replay.in_service.copy()
    for from_s, count in deployment.stages(before, after):
        pinned[first + math.ceil(from_s / SECONDS_PER_MINUTE) :] = count
    ended = first + math.ceil(deployment.duration_s(Decimal(before)) / SECONDS_PER_MINUTE)
    if ended < pinned.size:
        left = _cut(minutes, ended, pinned.size)
        seen = None if watched is None else watched.since(ended)
        pinned[ended:] = replay_variant(variant, left, delays, seen, start=after).in_service
    return pinned


def _cut(minutes: MinuteCounts, begin: int, end: int) -> MinuteCounts:
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


def _judged(
    stretch: MinuteCounts,
    in_service: IntArray,
    window: IntArray,
    variant: Variant,
    service: Service,
) -> tuple[LateRequests, _Method]:
    """The load of every minute, replayed where that is possible and not too much."""
    # Only now: a plain estimate must not wait for the engine.
    from smcost.replay.exact_loads import Replay, can_replay, station_of

    profile = service.profile
    if not can_replay(profile) or not 0 < stretch.total <= _MOST_REPLAYED:
        screened = loads(
            invocations=stretch.invocations,
            in_service=in_service,
            window=window,
            profile=profile,
            terms=service.terms,
            routing=variant.routing,
        )
        return screened, "screened"
    replay = Replay(
        invocations=stretch.invocations,
        window=window,
        station=station_of(profile),
        routing=variant.routing,
        terms=service.terms,
        limits_s=(math.inf,) if service.slo is None else limits_s(service.slo),
        seed=service.exact.seed,
        burstiness=service.exact.burstiness,
        offsets_s=stretch.offsets_s,
        threads=service.exact.threads,
    )
    return replay.whole(in_service), "simulated"


def _latency(load: LateRequests, service: Service) -> StretchLatency:
    judged = load.windows - 1
    requests = float(load.requests_per_window()[judged])

    def late_share(limit_s: float) -> float:
        late = load.per_window(load.late_per_minute(limit_s))
        return float(late[judged]) / requests if requests else 0.0

    slo, breaks = service.slo, None
    if slo is not None:
        allowed = [(o.name, o.limit_s, o.allowed_late) for o in slo.objectives]
        allowed.append(("max_failed", math.inf, slo.max_failed))
        # An allowed share is a difference of floats: its last bit must not decide.
        breaks = tuple(
            name for name, limit_s, share in allowed if late_share(limit_s) > share + 1e-12
        )
    return StretchLatency(
        p95_s=measured_s(service.profile, 0.95, load.percentile_s(0.95, judged)),
        p99_s=measured_s(service.profile, 0.99, load.percentile_s(0.99, judged)),
        failed_fraction=late_share(math.inf),
        breaks=breaks,
    )
