"""The instances of one endpoint over time: where copies are placed, when instances come and go.

AWS says what the strategies do, not which instance is taken where several would do; those choices
are in ``docs/components.md``.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from smcost.components.component import Amounts
from smcost.components.instance_scaling import InstanceScaling, Placement, ScaleIn
from smcost.components.packing import first_fit_decreasing, fits, largest_share
from smcost.units import SECONDS_PER_HOUR


@dataclass(slots=True, kw_only=True)
class _Instance:
    """When copies can start on it, and what it holds."""

    ready_s: float
    copies: list[int]
    used: list[int]
    empty_since_s: float | None


class Fleet:
    """Instances with their copies. Its moments must not go back in time.

    Parameters
    ----------
    room
        What an instance has for copies.
    needs, startups_s
        Of one copy of each component, shape ``(C,)``. [s]
    scaling
        Managed instance scaling.
    """

    def __init__(
        self,
        room: Amounts,
        needs: Sequence[Amounts],
        startups_s: Sequence[float],
        scaling: InstanceScaling,
    ) -> None:
        self._room, self._needs, self._startups_s = room, needs, startups_s
        self._scaling = scaling
        self._alive: list[_Instance] = []
        self._now_s = self._operated_s = 0.0
        self._consolidated = False
        #: When the billed count changed, and by how much. [s, instances]
        self.changes: list[tuple[float, int]] = []

    @property
    def count(self) -> int:
        """Instances billed now. [instances]"""
        return len(self._alive)

    @property
    def placed(self) -> list[list[int]]:
        """Copies of each component on each instance."""
        return [list(instance.copies) for instance in self._alive]

    def start(self, counts: Sequence[int]) -> int:
        """Begin with these copies in service, first-fit decreasing; instances then. [instances]

        Whatever a maximum leaves no room for is not there.
        """
        for copies in first_fit_decreasing(self._room, self._needs, counts):
            if self._scaling.maximum is None or self.count < self._scaling.maximum:
                self._launch(0.0, ready_s=0.0, copies=copies)
        while self.count < self._scaling.minimum:
            self._launch(0.0, ready_s=0.0, copies=[0] * len(self._needs))
        self.changes.clear()
        return self.count

    def held(self, component: int) -> int:
        """Copies of a component on all instances. [copies]"""
        return sum(instance.copies[component] for instance in self._alive)

    def add(self, component: int, copies: int, now_s: float) -> list[float]:
        """Place copies, on new instances where there is no room; when each serves. [s]

        Fewer than asked for where the maximum of instances leaves no room.
        """
        self.advance(now_s)
        serving_s = []
        for _ in range(copies):
            instance = self._with_room(component)
            if instance is None:
                if self._scaling.maximum is not None and self.count >= self._scaling.maximum:
                    break
                ready_s = now_s + self._scaling.provisioning_s
                instance = self._launch(now_s, ready_s=ready_s, copies=[0] * len(self._needs))
            self._change(instance, component, 1, now_s)
            serving_s.append(max(now_s, instance.ready_s) + self._startups_s[component])
        if serving_s:
            self._operated(now_s)
        return serving_s

    def remove(self, component: int, copies: int, now_s: float) -> None:
        """Take copies away, at once."""
        self.advance(now_s)
        for _ in range(copies):
            self._change(self._to_remove_from(component), component, -1, now_s)
        self._operated(now_s)

    def advance(self, now_s: float) -> None:
        """Release and consolidate whatever is due until then."""
        while True:
            release_s, instance = self._next_release()
            consolidation_s = self._next_consolidation()
            if min(release_s, consolidation_s) > now_s:
                break
            if instance is not None and release_s <= consolidation_s:
                self._release(instance, release_s)
            else:
                self._consolidate(consolidation_s)
        self._now_s = max(self._now_s, now_s)

    def billed_hours(self, first: int, end_s: float) -> float:
        """Integral of the billed count from 0 to the end, the first count given. [h]"""
        seconds = first * end_s
        for at_s, change in self.changes:
            seconds += change * max(0.0, end_s - at_s)
        return seconds / SECONDS_PER_HOUR

    def _launch(self, now_s: float, *, ready_s: float, copies: list[int]) -> _Instance:
        used = [
            sum(count * needs[at] for count, needs in zip(copies, self._needs, strict=True))
            for at in range(len(self._room))
        ]
        empty_since_s = None if any(copies) else now_s
        instance = _Instance(ready_s=ready_s, copies=copies, used=used, empty_since_s=empty_since_s)
        self._alive.append(instance)
        self.changes.append((now_s, 1))
        return instance

    def _change(self, instance: _Instance, component: int, by: int, now_s: float) -> None:
        instance.copies[component] += by
        for at, take in enumerate(self._needs[component]):
            instance.used[at] += by * take
        instance.empty_since_s = None if any(instance.copies) else now_s

    def _operated(self, now_s: float) -> None:
        self._operated_s, self._consolidated = now_s, False

    def _with_room(self, component: int) -> _Instance | None:
        """The emptiest of this component under SPREAD, the fullest under BINPACK; else the oldest.

        Instances in service go before those that are still being provisioned.
        """
        needs = self._needs[component]
        having = [one for one in self._alive if fits(self._room, one.used, needs)]
        if not having:
            return None
        if self._scaling.placement is Placement.SPREAD:
            return min(
                having, key=lambda one: (one.copies[component], self._share(one), one.ready_s)
            )
        return min(having, key=lambda one: (-self._share(one), one.ready_s))

    def _to_remove_from(self, component: int) -> _Instance:
        """The one with most copies of it under SPREAD, the emptiest one under BINPACK; the newest.

        The moments of launch are in the order of the list.
        """
        newest_first = [one for one in reversed(self._alive) if one.copies[component]]
        if self._scaling.placement is Placement.SPREAD:
            return max(newest_first, key=lambda one: one.copies[component])
        return min(newest_first, key=self._share)

    def _share(self, instance: _Instance) -> float:
        return largest_share(self._room, instance.used)

    def _next_release(self) -> tuple[float, _Instance | None]:
        """The instance that has been empty longest, and when it may go; blocked by the minimum."""
        if self.count <= self._scaling.minimum:
            return math.inf, None
        empty = [one for one in self._alive if one.empty_since_s is not None]
        if not empty:
            return math.inf, None
        oldest = min(empty, key=lambda one: one.empty_since_s or 0.0)
        assert oldest.empty_since_s is not None
        return max(self._now_s, oldest.empty_since_s + self._scaling.release_s), oldest

    def _release(self, instance: _Instance, now_s: float) -> None:
        self._alive.remove(instance)
        self.changes.append((now_s, -1))
        self._now_s = max(self._now_s, now_s)

    def _next_consolidation(self) -> float:
        """When the endpoint looks for instances whose copies others could hold; once a quiet time.

        Nothing changes without an operation, so looking again would find nothing new.
        """
        if self._scaling.scale_in is not ScaleIn.CONSOLIDATION or self._consolidated:
            return math.inf
        return max(self._now_s, self._operated_s + self._scaling.cooldown_s)

    def _consolidate(self, now_s: float) -> None:
        """Empty the least filled instances whose copies fit elsewhere; the old serve until then."""
        self._now_s, self._consolidated = max(self._now_s, now_s), True
        emptied = 0
        for instance in sorted(self._alive, key=self._share):
            above = self.count > self._scaling.minimum
            if emptied == self._scaling.step or not above or instance.empty_since_s is not None:
                continue
            moved = self._moved(instance)
            if moved is None:
                continue
            for component, target in moved:
                self._change(target, component, 1, now_s)
            longest_s = max(self._startups_s[component] for component, _ in moved)
            self._alive.remove(instance)
            self.changes.append((now_s + longest_s, -1))
            emptied += 1
        if emptied:
            # What was done is an operation itself: after another cooldown it is looked at again.
            self._operated(now_s)

    def _moved(self, leaving: _Instance) -> list[tuple[int, _Instance]] | None:
        """Where the copies of an instance would go, the largest first; ``None``: not all fit."""
        order = sorted(
            (component for component, count in enumerate(leaving.copies) for _ in range(count)),
            key=lambda component: -largest_share(self._room, self._needs[component]),
        )
        others = [one for one in self._alive if one is not leaving and one.empty_since_s is None]
        used = [list(one.used) for one in others]
        moved = []
        for component in order:
            needs = self._needs[component]
            at = next((n for n, held in enumerate(used) if fits(self._room, held, needs)), None)
            if at is None:
                return None
            used[at] = [taken + take for taken, take in zip(used[at], needs, strict=True)]
            moved.append((component, others[at]))
        return moved
