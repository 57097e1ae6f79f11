"""Which instances keep which models: AWS documents the direction, not the rule.

The developer guide says that requests of a model go to the instance where it is loaded, and that a
model with many requests is loaded on further ones. How many requests are many is not said, so both
ends are computed: ``sticky`` (as few copies as an even load allows, or memory) and ``spread``
(every instance is asked for every model). What runs lies between.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from smcost.multi_model.hosted import Hosted
from smcost.queueing.service import FloatArray

IntArray = NDArray[np.int64]


class Placement(StrEnum):
    """How the requests of one model find an instance."""

    STICKY = "sticky"
    SPREAD = "spread"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Copies:
    """Models as they stand on instances: a copy is one model on one instance.

    Attributes
    ----------
    model
        Which model, ordered by instance, shape ``(K,)``.
    share
        Part of all requests of the endpoint that goes to the copy, shape ``(K,)``. [fraction]
    first
        Where the copies of each instance that has any begin, shape ``(I,)``.
    alike
        Instances that look like each of these: 1, or all of them where every instance is asked
        for every model, shape ``(I,)``. [count]
    instances
        In the fleet, those without a model included. [count]
    """

    model: IntArray
    share: FloatArray
    first: IntArray
    alike: IntArray
    instances: int

    @property
    def instance(self) -> IntArray:
        """Number of the instance of each copy, shape ``(K,)``."""
        lengths = np.diff([*self.first, self.model.size])
        return np.repeat(np.arange(self.first.size, dtype=np.int64), lengths)

    def load(self) -> FloatArray:
        """Part of all requests that each instance gets, shape ``(I,)``. [fraction]"""
        return np.asarray(np.add.reduceat(self.share, self.first))


def place(
    hosted: Hosted,
    instances: int,
    placement: Placement,
    memory_bytes: float = math.inf,
    busy: float = 0.0,
) -> Copies:
    """Put the models on the instances.

    Parameters
    ----------
    hosted
        The models.
    instances
        Size of the fleet, >= 1.
    placement
        ``sticky``: a model with a part p of the work (its share, times its service time) wants
        ceil(p x instances) copies, so that none asks for more than an instance's part; most work
        first, each copy goes to the least loaded instance
        that has room. Where memory does not hold them all, a model has as many as its traffic
        cannot do without, and further ones while an instance has room; without room anywhere they
        stand on the least loaded. ``spread``: a copy on every instance.
    memory_bytes
        What one instance has for models. [B]
    busy
        Instances that the busiest minute keeps busy all the time: a model with a part p of the
        work cannot do without ceil(p x busy) copies.

    Notes
    -----
    Copies that memory does not hold would make a larger fleet miss more often than a smaller one.
    """
    if placement is Placement.SPREAD or instances == 1:
        return Copies(
            model=np.arange(hosted.count, dtype=np.int64),
            share=hosted.share / instances,
            first=np.zeros(1, dtype=np.int64),
            alike=np.array([instances], dtype=np.int64),
            instances=instances,
        )
    wanted = _copies(hosted.work, instances, instances)
    on = _shelved(hosted, wanted, instances, memory_bytes, _most_work(hosted))
    if on.overfull:
        needed = np.minimum(wanted, _copies(hosted.work, busy, instances))
        on = _within_memory(hosted, needed, wanted, instances, memory_bytes)
    return _as_copies(hosted, on.on, instances)


def _copies(work: FloatArray, instances: float, most: int) -> IntArray:
    """So many copies that none asks for more than one of the instances, ``(M,)``."""
    # Rounding must not give a model of exactly a third a fourth copy.
    return np.clip(np.ceil(work * instances - 1e-9), 1, most).astype(np.int64)


def _as_copies(hosted: Hosted, on: Sequence[IntArray], instances: int) -> Copies:
    counts = np.array([chosen.size for chosen in on], dtype=np.int64)
    instance = np.concatenate(on)
    order = np.argsort(instance, kind="stable")
    model = np.repeat(np.arange(hosted.count, dtype=np.int64), counts)[order]
    used, first = np.unique(instance[order], return_index=True)
    return Copies(
        model=model,
        share=hosted.share[model] / counts[model],
        first=first.astype(np.int64),
        alike=np.ones(used.size, dtype=np.int64),
        instances=instances,
    )


def _most_work(hosted: Hosted) -> IntArray:
    return np.argsort(-hosted.work, kind="stable")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Shelves:
    """Instances while models are put on them.

    ``load`` (a part of the work) and ``held`` are of each instance, ``on`` the instances of each
    model; ``overfull`` says whether a copy found no room.
    """

    load: FloatArray
    held: FloatArray
    on: list[IntArray]
    overfull: bool


def _shelved(
    hosted: Hosted, copies: IntArray, instances: int, memory_bytes: float, order: IntArray
) -> _Shelves:
    """So many copies of each model, model by model in this order."""
    load, held, work = np.zeros(instances), np.zeros(instances), hosted.work
    on = [np.zeros(0, dtype=np.int64)] * hosted.count
    room, tie = _room(memory_bytes), 1e-9 / hosted.total_bytes
    overfull = False
    for model in order.tolist():
        # A model that nobody asks for is never loaded.
        size = float(hosted.size_bytes[model]) if hosted.share[model] > 0 else 0.0
        count = int(copies[model])
        # Least load, then least memory, behind those that have room: a part is 1 at most.
        rank = load + (held + size > room) * 2.0 + held * tie
        chosen = np.array([rank.argmin()])
        if count > 1:
            chosen = np.argsort(rank, kind="stable")[:count]
        load[chosen] += work[model] / count
        held[chosen] += size
        overfull |= bool(held[chosen].max() > room)
        on[model] = chosen
    return _Shelves(load=load, held=held, on=on, overfull=overfull)


def _room(memory_bytes: float) -> float:
    """Equal sizes add up with rounding errors: a hair of room decides nothing. [B]"""
    return memory_bytes * (1 + 1e-12)


def _within_memory(
    hosted: Hosted, needed: IntArray, wanted: IntArray, instances: int, memory_bytes: float
) -> _Shelves:
    """The copies that are needed, and of those that are wanted what has room."""
    found = _shelved(hosted, needed, instances, memory_bytes, _most_work(hosted))
    asked = np.where(hosted.share > 0, hosted.size_bytes, 0.0)
    if found.overfull and needed @ asked <= _room(memory_bytes) * instances:
        # Small models in the way of large ones: those first.
        largest = np.lexsort((-hosted.work, -hosted.size_bytes))
        packed = _shelved(hosted, needed, instances, memory_bytes, largest)
        found = found if packed.overfull else packed
    for model in _most_work(hosted).tolist():
        if wanted[model] > needed[model]:
            _add(hosted, model, int(wanted[model]), found, _room(memory_bytes))
    return found


def _add(hosted: Hosted, model: int, wanted: int, shelves: _Shelves, room: float) -> None:
    """Further copies of a model on the least loaded instances that have room for one."""
    here, size = shelves.on[model], float(hosted.size_bytes[model])
    work = float(hosted.work[model])
    free = shelves.held + size <= room
    free[here] = False
    rank = np.where(free, shelves.load, np.inf)
    chosen = np.argsort(rank, kind="stable")[: min(wanted - here.size, int(free.sum()))]
    shelves.load[here] -= work / here.size
    shelves.held[chosen] += size
    shelves.on[model] = np.concatenate((here, chosen))
    shelves.load[shelves.on[model]] += work / shelves.on[model].size
