"""Replays minute counts through the autoscaler: instances in service and billed, minute by minute.

InvocationsPerInstance depends on traffic and count alone, never on latency, so the trajectory is
computed before any queueing. It is computed from *traffic*: feeding it observed instance counts
would shrink the answer at every run.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smcost.errors import UsageError
from smcost.queueing.exact.compiled import Kernels, kernels
from smcost.queueing.service import FloatArray
from smcost.scaling import (
    AlarmState,
    TargetTracking,
    after_scale_in,
    after_scale_out,
    step,
)
from smcost.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

IntArray = NDArray[np.int64]

#: The replay starts at what the mean of so many first minutes wants.
START_MINUTES = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """How long help takes to arrive.

    Attributes
    ----------
    reaction_s
        Metric publication and the autoscaler's reaction, from the alarm's minute to the decision
        carried out. 90 s by default: 1 to 2 minutes were observed. [s]
    startup_s
        From launch to InService. [s]
    """

    reaction_s: float = 90.0
    startup_s: float = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One scaling activity. Times count from the start of the horizon, gaps left out. [s]"""

    launched_s: float
    completed_s: float
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CountReplay:
    """What the autoscaler did.

    Attributes
    ----------
    in_service
        Instances serving throughout each minute: one that arrives or leaves within a minute is
        not counted for it, shape ``(T,)``. [instances]
    times_s, steps
        Launch and completion of the scaling activities in order, and the count before and after,
        shape ``(K, 2)``. [s, instances]
    instance_hours
        Billed from launch to removal, over the horizon. [h]
    failed_s
        When scheduled actions failed, since the endpoint was Updating or their one bound went
        beyond the other. [s]
    """

    in_service: IntArray
    times_s: FloatArray
    steps: IntArray
    instance_hours: float
    failed_s: tuple[float, ...] = ()

    @property
    def activities(self) -> tuple[Activity, ...]:
        """Scaling activities in order."""
        rows = zip(self.times_s.tolist(), self.steps.tolist(), strict=True)
        return tuple(
            Activity(launched_s=launched_s, completed_s=completed_s, before=before, after=after)
            for (launched_s, completed_s), (before, after) in rows
        )

    @property
    def lowest_count(self) -> int:
        """The smallest count in service or asked for. [instances]"""
        least = int(self.in_service.min())
        return int(self.steps[:, 1].min(initial=least))


def start_count(invocations: IntArray, policy: TargetTracking) -> int:
    """The count the replay begins with: clamp(ceil(mean of the first 15 minutes / target))."""
    return policy.proportional(float(np.mean(invocations[:START_MINUTES])))


def fixed_fleet(minutes: int, count: int) -> CountReplay:
    """A fleet that never changes its size, over so many minutes."""
    return CountReplay(
        in_service=np.full(minutes, count, dtype=np.int64),
        times_s=np.empty((0, 2)),
        steps=np.empty((0, 2), dtype=np.int64),
        instance_hours=count * minutes * SECONDS_PER_MINUTE / SECONDS_PER_HOUR,
    )


def replay_counts(
    invocations: IntArray, policy: TargetTracking, delays: Delays, start: int | None = None
) -> CountReplay:
    """Run the policy over the minutes of a trace.

    Parameters
    ----------
    invocations
        Invocations per minute, shape ``(T,)``. [count]
    policy
        Target, minimum, maximum, cooldown.
    delays
        Reaction and start-up time.
    start
        Instances in service at the beginning; ``None``: :func:`start_count`. [count]

    Notes
    -----
    Activities run one at a time: while an endpoint is Updating it cannot be scaled. An instance
    is billed from its launch to its removal and serves only whole minutes.
    """
    if invocations.size == 0:
        raise UsageError("There is no minute to replay", remedy="Give a trace of at least a minute")
    first = start_count(invocations, policy) if start is None else policy.clamp(start)
    kernel = kernels()
    if kernel is not None and invocations.dtype == np.int64:
        return _compiled(kernel, invocations, policy, delays, first)
    return _replayed(invocations, policy, delays, first)


def _compiled(
    kernel: Kernels, invocations: IntArray, policy: TargetTracking, delays: Delays, first: int
) -> CountReplay:
    """What :func:`_replayed` gives, digit for digit."""
    in_service = np.empty(invocations.size, dtype=np.int64)
    activities = np.empty((invocations.size, 4), dtype=np.int64)
    size, instance_hours = kernel.count_replay(
        np.ascontiguousarray(invocations),
        policy.target_per_minute,
        policy.minimum,
        policy.maximum,
        policy.scale_in_cooldown_s,
        delays.reaction_s,
        delays.startup_s,
        first,
        in_service,
        activities,
    )
    return CountReplay(
        in_service=in_service,
        times_s=activities[:size, :2].copy().view(np.float64),
        steps=activities[:size, 2:].copy(),
        instance_hours=instance_hours,
    )


def _replayed(
    invocations: IntArray, policy: TargetTracking, delays: Delays, first: int
) -> CountReplay:
    """The minutes one by one: the specification of ``kernels/counts.h``."""
    count = first
    in_service: list[int] = []
    activities: list[Activity] = []
    state, pending = AlarmState(), None
    end_s = 0.0
    for arrived in invocations.tolist():
        start_s, end_s = end_s, end_s + SECONDS_PER_MINUTE
        if pending is not None and pending.completed_s <= start_s:
            count, state, pending = pending.after, _completed(policy, state, pending), None
        serving = count
        if pending is not None and pending.completed_s < end_s:
            serving = min(pending.before, pending.after)
        in_service.append(serving)
        desired = count if pending is None else pending.after
        state, wanted = step(policy, state, end_s, arrived, serving, desired)
        if pending is None and wanted != count:
            pending = _activity(count, wanted, end_s + delays.reaction_s, delays.startup_s)
            activities.append(pending)
    return CountReplay(
        in_service=np.array(in_service, dtype=np.int64),
        times_s=np.array([(a.launched_s, a.completed_s) for a in activities]).reshape(-1, 2),
        steps=np.array([(a.before, a.after) for a in activities], dtype=np.int64).reshape(-1, 2),
        instance_hours=billed_hours(first, activities, end_s),
    )


def _activity(before: int, after: int, decided_s: float, startup_s: float) -> Activity:
    """A scale-out is complete after the start-up; a scale-in at once."""
    completed_s = decided_s + (startup_s if after > before else 0.0)
    return Activity(launched_s=decided_s, completed_s=completed_s, before=before, after=after)


def _completed(policy: TargetTracking, state: AlarmState, activity: Activity) -> AlarmState:
    if activity.after > activity.before:
        return after_scale_out(state)
    return after_scale_in(policy, state, activity.completed_s)


def billed_hours(first: int, activities: list[Activity], end_s: float) -> float:
    """Integral of the billed count: each activity changes it at its launch, until the end. [h]"""
    seconds = first * end_s
    for activity in activities:
        seconds += (activity.after - activity.before) * max(0.0, end_s - activity.launched_s)
    return seconds / SECONDS_PER_HOUR
