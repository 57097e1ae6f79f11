"""What the autoscaler does with every candidate, replayed once and kept small."""

import math
from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np

from smcost.estimate import replay_anew, replay_variant
from smcost.recommend.problem import Problem
from smcost.replay.counts import CountReplay, IntArray
from smcost.replay.in_flight import occupancy
from smcost.replay.metrics import TICKS, Watched
from smcost.replay.ten_seconds import ten_second_counts
from smcost.scaling.policy import Policy, TargetPolicy
from smcost.scaling.timetable import Timetable
from smcost.units import per_minute
from smcost.variant import Variant

#: The maximum is the smallest that never saturates on the trace, times this margin.
MAXIMUM_MARGIN = 1.2
#: Replays of timetables kept in memory.
_SCHEDULED_KEPT = 2_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replayed:
    """A replay's counts by the stretches in which they stay the same.

    Attributes
    ----------
    instance_hours
        Billed over the horizon. [h]
    lowest_count
        The smallest count in service or asked for. [instances]
    counts, minutes
        Instances in service in each stretch, and its length, shape ``(K,)``. [count, min]
    trajectory
        The same for replays with the same instances in every minute, whatever their policy.
    """

    instance_hours: float
    lowest_count: int
    counts: IntArray
    minutes: IntArray
    trajectory: bytes

    @property
    def in_service(self) -> IntArray:
        """Instances serving throughout each minute, shape ``(T,)``."""
        return np.repeat(self.counts, self.minutes)


class Replays:
    """Replays of one instance type's candidates.

    Routing and latency play no part in them where the metric is InvocationsPerInstance.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._watched = None if problem.on_invocations else _watched(problem)
        self._kept: dict[tuple[int, float | None], Replayed] = {}
        self._scheduled: dict[tuple[Timetable, float | None], Replayed] = {}
        #: For each target the replays made, with the minimums between which each is the same.
        self._same: dict[float | None, list[tuple[int, Replayed]]] = {}

    def of(self, minimum: int, target_per_minute: float | None) -> Replayed:
        """The replay of a candidate; the same object where nothing differs.

        A replay that never sinks below m instances is the same for every minimum up to m.
        """
        key = minimum, target_per_minute
        if key not in self._kept:
            same = self._same.setdefault(target_per_minute, [])
            known = (found for low, found in same if low <= minimum <= found.lowest_count)
            found = next(known, None)
            if found is None:
                variant = self.variant(minimum, target_per_minute)
                minutes, delays = self._problem.minutes, self._problem.delays
                replay = replay_variant(variant, minutes, delays, self._watched)
                found = _by_stretches(replay)
                same.append((minimum, found))
            self._kept[key] = found
        return self._kept[key]

    def scheduled(self, timetable: Timetable, target_per_minute: float | None) -> Replayed:
        """The replay of a candidate whose minimum changes by the clock."""
        key = timetable, target_per_minute
        found = self._scheduled.get(key)
        if found is None:
            variant = self.variant(timetable.highest, target_per_minute)
            scheduled = replace(variant, schedule=timetable.actions)
            minutes, delays = self._problem.minutes, self._problem.delays
            found = _by_stretches(replay_variant(scheduled, minutes, delays, self._watched))
            if len(self._scheduled) >= _SCHEDULED_KEPT:
                self._scheduled.clear()
            self._scheduled[key] = found
        return found

    def billed_hours(self, variant: Variant, replayed_h: float) -> float:
        """What is deployed is billed for: as replayed, or created anew for every window. [h]"""
        problem = self._problem
        if problem.on is None:
            return replayed_h
        anew = replay_anew(
            variant, problem.minutes, problem.on.window, problem.delays, self._watched
        )
        return sum(replay.instance_hours for replay in anew)

    def variant(self, minimum: int, target_per_minute: float | None) -> Variant:
        """The candidate with a maximum it cannot reach, unless one is pinned."""
        problem = self._problem
        further: tuple[Policy, ...] = ()
        maximum = problem.pins.maximum
        if target_per_minute is None:
            maximum = minimum
        elif maximum is None:
            maximum = max(minimum, self.enough_at_peak(target_per_minute))
        if target_per_minute is not None and not problem.on_invocations:
            further = (self._tracking(target_per_minute),)
        return Variant(
            instance_type=problem.tariff.instance_type,
            minimum=minimum,
            maximum=maximum,
            initial_count=minimum,
            target_per_minute=target_per_minute if problem.on_invocations else None,
            routing=problem.routing,
            scale_in_cooldown_s=problem.scale_in_cooldown_s,
            scale_out_cooldown_s=problem.scale_out_cooldown_s,
            further_policies=further,
        )

    def enough_at_peak(self, target: float) -> int:
        """Instances that meet a target in the busiest minute.

        On invocations no policy asks for more. On requests in flight it would, as long as there
        is a backlog; so it is a maximum there, with a margin for the 10 s within the minute.
        """
        problem = self._problem
        if self._watched is None:
            return math.ceil(problem.peak_per_minute / target)
        per_step = problem.peak_per_minute / TICKS
        steady = self._watched.tables.steady_rate(target)
        return math.ceil(MAXIMUM_MARGIN * per_step / steady)

    def _tracking(self, target: float) -> TargetPolicy:
        problem = self._problem
        return TargetPolicy(
            metric=problem.metric,
            target=target,
            scale_in_cooldown_s=problem.scale_in_cooldown_s,
            scale_out_cooldown_s=problem.scale_out_cooldown_s,
        )


def _watched(problem: Problem) -> Watched:
    """Queues of up to as many instances as screening ever asks for at the peak."""
    largest = math.ceil(problem.peak_per_minute / per_minute(problem.profile.max_rps))
    return Watched(
        tables=occupancy(problem.profile, problem.routing, 8 * largest + 64),
        ten_seconds=ten_second_counts(
            problem.minutes, seed=problem.seed, burstiness=problem.burstiness
        ),
    )


def _by_stretches(replay: CountReplay) -> Replayed:
    changes = replay.in_service[1:] != replay.in_service[:-1]
    begins = np.concatenate(([0], np.flatnonzero(changes) + 1))
    ends = np.append(begins[1:], replay.in_service.size)
    counts, minutes = replay.in_service[begins], ends - begins
    return Replayed(
        instance_hours=replay.instance_hours,
        lowest_count=replay.lowest_count,
        counts=counts,
        minutes=minutes,
        trajectory=blake2b(counts.tobytes() + minutes.tobytes(), digest_size=16).digest(),
    )
