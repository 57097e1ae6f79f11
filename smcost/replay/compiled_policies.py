"""The variants that compiled kernels replay: one target, on requests in flight or with a schedule.

They give what :mod:`smcost.replay.policies` gives, digit for digit.
"""

import numpy as np

from smcost.queueing.exact.compiled import Kernels, kernels
from smcost.replay.counts import CountReplay, Delays, IntArray
from smcost.replay.due import due_actions
from smcost.replay.metrics import Watched, start_count
from smcost.scaling.policy import Metric, TargetPolicy
from smcost.scaling.schedule import bounds_before
from smcost.variant import Variant


def compiled_replay(
    variant: Variant,
    invocations: IntArray,
    start_s: IntArray,
    delays: Delays,
    watched: Watched | None,
    start: int | None,
) -> CountReplay | None:
    """The replay by a kernel; ``None`` where there is none for the variant. As replay_policies."""
    kernel = kernels()
    if kernel is None or len(variant.policies) != 1:
        return None
    (policy,) = variant.policies
    if not isinstance(policy, TargetPolicy) or policy.disable_scale_in:
        return None
    if policy.metric is Metric.INVOCATIONS and watched is None:
        return _scheduled(kernel, variant, policy, invocations, start_s, delays, start)
    if policy.metric is Metric.CONCURRENCY and watched is not None and not variant.schedule:
        return _in_flight(kernel, variant, policy, invocations, delays, watched, start)
    return None


def _scheduled(
    kernel: Kernels,
    variant: Variant,
    policy: TargetPolicy,
    invocations: IntArray,
    start_s: IntArray,
    delays: Delays,
    start: int | None,
) -> CountReplay:
    bounds = bounds_before(variant.schedule, int(start_s[0]), variant.minimum, variant.maximum)
    due = [
        (minute, action.minimum or 0, action.maximum or 0)
        for minute, actions in due_actions(variant.schedule, start_s).items()
        for action in actions
    ]
    in_service = np.empty(invocations.size, dtype=np.int64)
    activities = np.empty((invocations.size + len(due), 4), dtype=np.int64)
    failed_s = np.empty(len(due))
    size, failures, instance_hours = kernel.scheduled_replay(
        np.ascontiguousarray(invocations, dtype=np.int64),
        policy.target,
        *bounds,
        policy.scale_in_cooldown_s,
        delays.reaction_s,
        delays.startup_s,
        start_count(variant, invocations, None, bounds) if start is None else start,
        np.array(due, dtype=np.int64).reshape(-1, 3),
        in_service,
        activities,
        failed_s,
    )
    return _as_replayed(
        in_service, activities[:size], instance_hours, tuple(failed_s[:failures].tolist())
    )


def _in_flight(
    kernel: Kernels,
    variant: Variant,
    policy: TargetPolicy,
    invocations: IntArray,
    delays: Delays,
    watched: Watched,
    start: int | None,
) -> CountReplay:
    tables, bounds = watched.tables, (variant.minimum, variant.maximum)
    in_service = np.empty(invocations.size, dtype=np.int64)
    activities = np.empty((watched.ten_seconds.size, 4), dtype=np.int64)
    size, instance_hours = kernel.in_flight_replay(
        np.ascontiguousarray(watched.ten_seconds),
        np.ascontiguousarray(tables.before),
        np.ascontiguousarray(tables.after),
        tables.before.shape[0],
        tables.most,
        tables.least_outstanding,
        policy.target,
        *bounds,
        policy.scale_in_cooldown_s,
        delays.reaction_s,
        delays.startup_s,
        start_count(variant, invocations, watched, bounds) if start is None else start,
        in_service,
        activities,
    )
    return _as_replayed(in_service, activities[:size], instance_hours)


def _as_replayed(
    in_service: IntArray,
    activities: IntArray,
    instance_hours: float,
    failed_s: tuple[float, ...] = (),
) -> CountReplay:
    """Activities as a kernel writes them: two times, and the count before and after."""
    return CountReplay(
        in_service=in_service,
        times_s=activities[:, :2].copy().view(np.float64),
        steps=activities[:, 2:].copy(),
        instance_hours=instance_hours,
        failed_s=failed_s,
    )
