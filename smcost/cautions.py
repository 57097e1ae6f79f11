"""What is odd about a configuration or a capacity, before anybody relies on it."""

from datetime import UTC, datetime

import numpy as np

from smcost.capacity import Profile, WorkersProfile
from smcost.remarks import Caveat, WarningCode
from smcost.scaling.policy import Metric, TargetPolicy
from smcost.traffic.minutes import MinuteCounts
from smcost.units import per_minute, plain
from smcost.variant import Variant

#: Targets outside these shares of one instance's capacity are rather per second, or of another
#: model. AWS's own recipe is 0.5.
_TARGET_SHARES = (0.05, 1.0)
#: A shorter mean service time is rather in seconds.
_SHORTEST_S = 0.001


def capacity_caveats(profile: Profile, target_per_minute: float | None) -> list[Caveat]:
    """Service times and targets that are hardly meant."""
    found = []
    if isinstance(profile, WorkersProfile) and profile.service.mean_s < _SHORTEST_S:
        message = (
            f"A mean service time of {1000 * profile.service.mean_s:g} ms is unusually short; is "
            "it in seconds, or are service time and concurrency swapped?"
        )
        found.append(Caveat(code=WarningCode.CAPACITY_ODD, message=message))
    capacity = per_minute(profile.max_rps)
    if target_per_minute is not None and not (
        _TARGET_SHARES[0] <= target_per_minute / capacity <= _TARGET_SHARES[1]
    ):
        message = (
            f"The target of {plain(target_per_minute)} is {target_per_minute / capacity:.1%} of "
            f"what one instance can do, {capacity:,.0f} per minute; is it per minute, not per "
            "second?"
        )
        found.append(Caveat(code=WarningCode.TARGET_ODD, message=message))
    return found


def cpu_caveats(variant: Variant, full_cpu: float | None) -> list[Caveat]:
    """A CPU target that an instance does not exceed when it is busy all the time.

    ``full_cpu`` is what it shows then; ``None``: not known. [% of a core]
    """
    targets = [
        policy.target
        for policy in variant.policies
        if isinstance(policy, TargetPolicy) and policy.metric is Metric.CPU
    ]
    if full_cpu is None or not targets or targets[0] < full_cpu:
        return []
    message = (
        f"The CPU target of {plain(targets[0])} % of a core is not below the {plain(full_cpu)} % "
        "of an instance that is busy all the time: the policy never scales out, whatever comes"
    )
    return [Caveat(code=WarningCode.NEVER_SCALES_OUT, message=message)]


def maximum_caveats(variant: Variant, minutes: MinuteCounts) -> list[Caveat]:
    """Minutes in which the traffic asked for more instances than the maximum allows."""
    if variant.target_per_minute is None:
        return []
    wanted = np.ceil(minutes.invocations / variant.target_per_minute)
    stuck = np.flatnonzero(wanted > variant.highest)
    if not stuck.size:
        return []
    first = datetime.fromtimestamp(int(minutes.start_s[stuck[0]]), UTC)
    message = (
        f"In {stuck.size:,} {'minute' if stuck.size == 1 else 'minutes'}, first on "
        f"{first:%Y-%m-%d %H:%M} UTC, the traffic asks for more than the maximum of "
        f"{variant.highest}: at this target for up to {int(wanted[stuck].max()):,} instances"
    )
    return [Caveat(code=WarningCode.MAXIMUM_TOO_SMALL, message=message)]
