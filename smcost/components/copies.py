"""The copies of one component over time: its policy, its way to zero and back.

Target tracking is that of variants with copies in the place of instances
(:mod:`smcost.components.tracking`). Without a copy it cannot begin again; a step policy on
``NoCapacityInvocationFailures`` does (developer guide, "Scale an endpoint to zero instances").
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

from smcost.components.demand import TICKS, Demand
from smcost.components.fleet import Fleet
from smcost.components.tracking import ConcurrencyTracking, InvocationsTracking, Tracking
from smcost.replay.in_flight import TICK_S
from smcost.replay.in_flight import Fleet as Queues
from smcost.units import SECONDS_PER_MINUTE

#: A fluid never empties: less than that is no request in flight. [requests]
_NOTHING = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyScaling:
    """How the copies of every component are scaled.

    Attributes
    ----------
    reaction_s
        Metric publication and reaction, from the end of the alarm's minute. [s]
    scale_in_cooldown_s, scale_out_cooldown_s
        As AWS uses them. [s]
    idle_s
        The last copy goes after so long without an invocation. [s]
    wake_failures
        Failures within a minute that wake a component which has no copy. [count]
    """

    reaction_s: float = 90.0
    scale_in_cooldown_s: float = 300.0
    scale_out_cooldown_s: float = 300.0
    idle_s: float = 900.0
    wake_failures: int = 1


class Wake(NamedTuple):
    """A scale-out from zero copies: first failure's minute, placement, first copy serving. [s]"""

    failing_s: float
    placed_s: float
    serving_s: float


class _Activity(NamedTuple):
    """Copies placed or removed at a moment, and when each placed one serves. [s]"""

    at_s: float
    completed_s: float
    before: int
    after: int
    serving_s: tuple[float, ...] = ()


class Copies:
    """One component in a replay.

    Parameters
    ----------
    number
        Which component of the fleet it is.
    demand, scaling
        Its traffic and how it is scaled.
    fleet
        Where its copies are placed.
    start
        Copies that the replay was to begin with.
    """

    def __init__(
        self, number: int, demand: Demand, scaling: CopyScaling, fleet: Fleet, start: int
    ) -> None:
        self._number, self._scaling = number, scaling
        self._tracking = _tracking(demand, scaling)
        self._queues = None if demand.tables is None else Queues(demand.tables)
        self._fleet, self._count = fleet, fleet.held(number)
        self._pending: _Activity | None = None
        self._idle_s, self._failing_s, self._resting = 0.0, math.nan, False
        #: Copies that serve throughout each minute. [copies]
        self.in_service: list[int] = []
        #: Requests of each minute that met no copy. [count]
        self.failed: list[int] = []
        self.wakes: list[Wake] = []
        #: Decisions that the maximum of instances left without room for a copy, or for some.
        self.unplaced = int(self._count < start)

    def minute(self, arrived: int, start_s: float) -> None:
        """A minute whose policy looks at the invocations per copy at its end."""
        end_s = start_s + SECONDS_PER_MINUTE
        serving = self._begin(start_s, end_s)
        failed = 0 if serving else arrived
        self._ended(serving, failed, arrived, start_s)
        if not serving and not arrived and self._pending is None and self._resting:
            # Nothing comes and nothing is there: INSUFFICIENT_DATA goes on.
            return
        self._decide(arrived, serving, end_s)
        self._resting = not serving
        self._wake(failed, start_s, end_s)

    def ten_seconds(self, parts: list[int], start_s: float) -> None:
        """A minute by its six steps, whose policy looks at requests in flight after each."""
        assert self._queues is not None
        if self._resting and self._pending is None and not any(parts):
            self._ended(0, 0, 0, start_s)
            return
        least, failed, serving = math.inf, 0, 0
        for number, arrived in enumerate(parts):
            begin_s = start_s + number * TICK_S
            serving = self._begin(begin_s, begin_s + TICK_S)
            least = min(least, serving)
            held = 0.0
            if serving:
                held, _ = self._queues.step(arrived, serving)
            else:
                failed += arrived
            if number + 1 == TICKS:
                self._ended(int(least), failed, sum(parts), start_s)
            self._decide(held if held >= _NOTHING else 0.0, serving, begin_s + TICK_S)
        self._resting = not serving
        self._wake(failed, start_s, start_s + SECONDS_PER_MINUTE)

    def _ended(self, serving: int, failed: int, arrived: int, start_s: float) -> None:
        self.in_service.append(serving)
        self.failed.append(failed)
        self._idle_s = 0.0 if arrived else self._idle_s + SECONDS_PER_MINUTE
        if failed and math.isnan(self._failing_s):
            self._failing_s = start_s
        elif not failed and arrived:
            self._failing_s = math.nan

    def _begin(self, start_s: float, end_s: float) -> int:
        """Complete what is due; copies that serve from the start of a step to its end."""
        pending = self._pending
        if pending is not None and pending.completed_s <= start_s:
            self._complete(pending)
            pending = None
        if pending is None:
            return self._count
        if pending.after < pending.before:
            return pending.after if pending.at_s < end_s else pending.before
        return pending.before + sum(ready_s <= start_s for ready_s in pending.serving_s)

    def _complete(self, activity: _Activity) -> None:
        self._count, self._pending = activity.after, None
        if activity.after > activity.before:
            self._tracking.scaled_out(activity.completed_s, activity.before)
        else:
            self._tracking.scaled_in(activity.completed_s)

    def _decide(self, load: float, serving: int, end_s: float) -> None:
        """Let the policy see its point; one activity at a time."""
        pending = self._pending
        desired = self._count if pending is None else pending.after
        idle = self._idle_s >= self._scaling.idle_s
        wanted = self._tracking.wanted(end_s, load, serving, desired, idle=idle)
        if pending is not None or wanted == self._count:
            return
        at_s = end_s + self._scaling.reaction_s
        if wanted > self._count:
            self._scale_out(wanted - self._count, at_s)
            return
        self._fleet.remove(self._number, self._count - wanted, at_s)
        self._pending = _Activity(at_s, at_s, self._count, wanted)

    def _scale_out(self, copies: int, at_s: float) -> _Activity | None:
        """Begin it, as far as there is room; ``None`` where there is none."""
        serving_s = self._fleet.add(self._number, copies, at_s)
        self.unplaced += len(serving_s) < copies
        if not serving_s:
            return None
        after = self._count + len(serving_s)
        self._pending = _Activity(at_s, max(serving_s), self._count, after, tuple(serving_s))
        return self._pending

    def _wake(self, failed: int, start_s: float, end_s: float) -> None:
        """One copy more where so many requests of a minute met none: 1 of 1 points of 60 s."""
        if self._count or self._pending is not None or failed < self._scaling.wake_failures:
            return
        begun = self._scale_out(1, end_s + self._scaling.reaction_s)
        if begun is not None:
            since_s = start_s if math.isnan(self._failing_s) else self._failing_s
            self.wakes.append(Wake(since_s, begun.at_s, begun.completed_s))


def _tracking(demand: Demand, scaling: CopyScaling) -> Tracking:
    component, scale_in_s = demand.component, scaling.scale_in_cooldown_s
    if demand.tables is None:
        return InvocationsTracking(component, scale_in_s)
    return ConcurrencyTracking(component, scale_in_s, scaling.scale_out_cooldown_s)
