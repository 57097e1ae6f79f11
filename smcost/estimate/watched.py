"""What policies on requests in flight and CPU look at, from traffic and capacity."""

from smcost.capacity import Profile
from smcost.replay.in_flight import occupancy
from smcost.replay.metrics import Watched, needs_queues
from smcost.replay.ten_seconds import ten_second_counts
from smcost.traffic.minutes import MinuteCounts
from smcost.variant import Variant


def watched_metrics(
    variant: Variant,
    minutes: MinuteCounts,
    profile: Profile | None,
    *,
    full_cpu: float | None = None,
    seed: int = 0,
    burstiness: float = 1.0,
) -> Watched | None:
    """What a replay of the variant needs to know of its queues; ``None``: nothing.

    Parameters
    ----------
    variant, minutes, profile
        Its policies and bounds; the traffic; what one instance can do, ``None`` if not known.
    full_cpu
        CPUUtilization of an instance that is busy all the time. [% of a core]
    seed, burstiness
        Of the split of a minute into its six parts.
    """
    if profile is None or not needs_queues(variant):
        return None
    return Watched(
        tables=occupancy(profile, variant.routing, variant.highest),
        ten_seconds=ten_second_counts(minutes, seed=seed, burstiness=burstiness),
        full_cpu=full_cpu,
    )
