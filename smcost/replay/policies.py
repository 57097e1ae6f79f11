"""Replays minute counts through any policies and scheduled actions, from 10 s to 10 s.

Unlike InvocationsPerInstance, requests in flight and CPU depend on how the fleet copes, so traffic,
queues and autoscaler are computed together, the queues as a fluid
(:mod:`smcost.replay.in_flight`). Policies on InvocationsPerInstance alone need no queues and are
replayed from minute to minute.
"""

import math
from collections.abc import Mapping

import numpy as np

from smcost.errors import UsageError
from smcost.replay.compiled_policies import compiled_replay
from smcost.replay.counts import (
    Activity,
    CountReplay,
    Delays,
    IntArray,
    billed_hours,
)
from smcost.replay.due import due_actions
from smcost.replay.in_flight import TICK_S, Fleet
from smcost.replay.metrics import TICKS, Watched, needs_queues, refuse_unknown, start_count
from smcost.scaling.autoscaler import (
    Point,
    ScalerState,
    Wanted,
    after_scale_in,
    after_scale_out,
    at_rest,
    scheduled,
    step,
)
from smcost.scaling.policy import Metric
from smcost.scaling.schedule import ScheduledAction, bounds_before
from smcost.units import SECONDS_PER_MINUTE
from smcost.variant import Variant


def replay_policies(
    variant: Variant,
    invocations: IntArray,
    start_s: IntArray,
    delays: Delays,
    watched: Watched | None = None,
    start: int | None = None,
) -> CountReplay:
    """Run every policy and scheduled action of a variant over the minutes of a trace.

    Parameters
    ----------
    variant
        Its policies, bounds and schedule.
    invocations, start_s
        Per minute, shape ``(T,)``. [count, epoch s]
    delays
        Reaction and start-up time of what policies decide; scheduled actions act at once.
    watched
        Needed for policies on requests in flight or CPU.
    start
        What it begins with; ``None``: what the first minutes want. [instances]

    Raises
    ------
    UsageError
        No minute; a policy looks at what is not known.
    """
    if invocations.size == 0:
        raise UsageError("There is no minute to replay", remedy="Give a trace of at least a minute")
    watched = watched if needs_queues(variant) else None
    refuse_unknown(variant, watched)
    found = compiled_replay(variant, invocations, start_s, delays, watched, start)
    if found is not None:
        return found
    return _replayed(variant, invocations, start_s, delays, watched, start)


def _replayed(
    variant: Variant,
    invocations: IntArray,
    start_s: IntArray,
    delays: Delays,
    watched: Watched | None,
    start: int | None = None,
) -> CountReplay:
    """The ticks one by one, the specification of ``in_flight.h`` and ``scheduled.h``."""
    run = _Run(variant, delays, int(start_s[0]))
    run.start(invocations, watched, start)
    due = due_actions(variant.schedule, start_s)
    if watched is None:
        run.by_minutes(invocations, due)
    else:
        run.by_ten_seconds(watched, due)
    return run.result()


class _Run:
    """The state of one replay: the target, what is under way, and what has been."""

    def __init__(self, variant: Variant, delays: Delays, start_s: int) -> None:
        minimum, maximum = bounds_before(
            variant.schedule, start_s, variant.minimum, variant.maximum
        )
        self._variant, self._policies, self._delays = variant, variant.policies, delays
        self._state: ScalerState = at_rest(self._policies, minimum, maximum)
        self._count = self._first = minimum
        self._pending: Activity | None = None
        self._cooldown_s: float | None = None
        self._end_s = 0.0
        self._in_service: list[int] = []
        self._activities: list[Activity] = []
        self._failed_s: list[float] = []

    def start(self, invocations: IntArray, watched: Watched | None, given: int | None) -> None:
        """Begin with what is given, or with what the first minutes want."""
        bounds = self._state.minimum, self._state.maximum
        wanted = (
            start_count(self._variant, invocations, watched, bounds) if given is None else given
        )
        self._count = self._first = wanted

    def by_minutes(self, invocations: IntArray, due: dict[int, list[ScheduledAction]]) -> None:
        """Every minute, where nothing looks at queues."""
        for minute, arrived in enumerate(invocations.tolist()):
            serving = self._begin(SECONDS_PER_MINUTE, due.get(minute, ()))
            self._in_service.append(serving)
            self._decide({Metric.INVOCATIONS: Point(arrived / serving, serving)})

    def by_ten_seconds(self, watched: Watched, due: dict[int, list[ScheduledAction]]) -> None:
        """Every 10 s; the metrics of a minute have a point at its end.

        Whoever comes or goes within a minute is not counted in its invocations per instance, as in
        the replay from minute to minute.
        """
        fleet, full_cpu, most = Fleet(watched.tables), watched.full_cpu, watched.tables.most
        for minute, parts in enumerate(watched.ten_seconds.reshape(-1, TICKS).tolist()):
            least, answered, able = math.inf, 0.0, 0.0
            for number, arrived in enumerate(parts, start=1):
                serving = self._begin(TICK_S, due.get(minute, ()) if number == 1 else ())
                held, done = fleet.step(arrived, serving)
                metrics = {Metric.CONCURRENCY: Point(held / serving, serving)}
                least = min(least, serving)
                answered += done
                able += serving * most
                if number == TICKS:
                    metrics[Metric.INVOCATIONS] = Point(sum(parts) / least, least)
                    if full_cpu is not None:
                        on = Point(full_cpu * answered / able, able / (TICKS * most))
                        metrics[Metric.CPU] = on
                self._decide(metrics)
            self._in_service.append(int(least))

    def result(self) -> CountReplay:
        """What the autoscaler did."""
        rows = self._activities
        return CountReplay(
            in_service=np.array(self._in_service, dtype=np.int64),
            times_s=np.array([(a.launched_s, a.completed_s) for a in rows]).reshape(-1, 2),
            steps=np.array([(a.before, a.after) for a in rows], dtype=np.int64).reshape(-1, 2),
            instance_hours=billed_hours(self._first, rows, self._end_s),
            failed_s=tuple(self._failed_s),
        )

    def _begin(self, seconds: int, actions: list[ScheduledAction] | tuple[()]) -> int:
        """Complete what is due and run the scheduled actions; instances serving throughout."""
        start_s, self._end_s = self._end_s, self._end_s + seconds
        pending = self._pending
        if pending is not None and pending.completed_s <= start_s:
            self._complete(pending)
        for action in actions:
            self._schedule(action, start_s)
        pending = self._pending
        if pending is not None and pending.completed_s < self._end_s:
            return min(pending.before, pending.after)
        return self._count

    def _decide(self, metrics: Mapping[Metric, Point]) -> None:
        """Let the policies see their points; one activity at a time."""
        pending = self._pending
        desired = self._count if pending is None else pending.after
        self._state, wanted = step(self._policies, self._state, self._end_s, metrics, desired)
        if pending is None and wanted.capacity != self._count:
            self._launch(wanted, self._end_s + self._delays.reaction_s, wanted.cooldown_s)

    def _launch(self, wanted: Wanted, decided_s: float, cooldown_s: float | None) -> None:
        """A scale-out is complete after the start-up; a scale-in at once."""
        longer_s = self._delays.startup_s if wanted.capacity > self._count else 0.0
        self._pending = Activity(
            launched_s=decided_s,
            completed_s=decided_s + longer_s,
            before=self._count,
            after=wanted.capacity,
        )
        self._cooldown_s = cooldown_s
        self._activities.append(self._pending)

    def _complete(self, activity: Activity) -> None:
        """The count changes, and the cooldown begins if it was a policy that wanted it."""
        self._count, self._pending = activity.after, None
        if self._cooldown_s is None:
            return
        at_s = activity.completed_s
        if activity.after > activity.before:
            self._state = after_scale_out(self._state, at_s, self._cooldown_s, activity.before)
        else:
            self._state = after_scale_in(self._state, at_s, self._cooldown_s)

    def _schedule(self, action: ScheduledAction, now_s: float) -> None:
        """New bounds, and what they ask for at once.

        A decision of a policy that is not carried out yet keeps to the new bounds, or gives way.
        """
        pending = self._pending
        updating = pending is not None and pending.launched_s <= now_s
        self._state, wanted, done = scheduled(self._state, action, self._count, updating=updating)
        if not done:
            self._failed_s.append(now_s)
            return
        if pending is not None:
            self._activities.pop()
            self._pending = None
        if wanted.capacity != self._count:
            self._launch(wanted, now_s, None)
        elif pending is not None:
            later = Wanted(self._state.clamp(pending.after))
            if later.capacity != self._count:
                self._launch(later, pending.launched_s, self._cooldown_s)
        if self._pending is not None and self._pending.completed_s <= now_s:
            self._complete(self._pending)
