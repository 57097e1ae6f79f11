"""What a release does to latency where it falls in the busiest hour.

While an endpoint is Updating it cannot be scaled, and without RetainAllVariantProperties an update
resets the variant to its initial instance count (SageMaker API, UpdateEndpoint). So the count is
pinned for the update, and the autoscaler goes on from the initial count.
"""

import math
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from smcost.deployment import Deployment
from smcost.estimate.configuration import replay_variant
from smcost.estimate.stretch import (
    WARM_UP,
    Service,
    StretchLatency,
    StretchMethod,
    cut,
    stretch_latency,
    stretch_loads,
)
from smcost.remarks import Caveat, WarningCode
from smcost.replay.counts import CountReplay, Delays, IntArray
from smcost.replay.metrics import Watched
from smcost.traffic.minutes import MinuteCounts
from smcost.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE
from smcost.variant import Variant


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
    method: StretchMethod


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
    begin, end = max(0, first - WARM_UP), min(first + length, minutes.start_s.size)
    stretch = cut(minutes, begin, end)
    latency, without = None, None
    method: StretchMethod = "screened"
    if service is not None:
        pinned = _pinned(variant, deployment, minutes, delays, replay, first, watched)
        # Windows are numbered from 0: the warm-up, where there is one, and what is judged.
        window = np.where(np.arange(begin, end) < first, 0, int(first > begin)).astype(np.int64)
        load, method = stretch_loads(stretch, pinned[begin:end], window, variant.routing, service)
        latency = stretch_latency(load, service)
        same, _ = stretch_loads(
            stretch, replay.in_service[begin:end], window, variant.routing, service
        )
        without = stretch_latency(same, service)
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


def release_caveats(busiest: BusiestRelease | None) -> tuple[Caveat, ...]:
    """That a release in the busiest hour breaks what is kept without."""
    if busiest is None or busiest.latency is None or busiest.latency_without is None:
        return ()
    broken = set(busiest.latency.breaks or ()) - set(busiest.latency_without.breaks or ())
    if not broken:
        return ()
    message = (
        f"A deployment in the busiest hour breaks {' and '.join(sorted(broken))} there: the "
        f"variant is reset from {busiest.count_before} to {busiest.count_after} instances and "
        f"cannot be scaled for {busiest.update_s:,.0f} s; deploy at another time, or raise "
        "initial_instance_count before"
    )
    return (Caveat(code=WarningCode.DEPLOYMENT_BREAKS_SLO, message=message),)


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
        left = cut(minutes, ended, pinned.size)
        seen = None if watched is None else watched.since(ended)
        pinned[ended:] = replay_variant(variant, left, delays, seen, start=after).in_service
    return pinned
