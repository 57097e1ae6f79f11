"""Which instances keep which models: AWS documents the direction, not the rule.

The developer guide says that requests of a model go to the instance where it is loaded, and that a
model with many requests is loaded on further ones. How many requests are many is not said, so both
ends are computed: ``sticky`` (as few copies as an even load allows) and ``spread`` (every instance
is asked for every model). What runs lies between.
"""

import math
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
    hosted: Hosted, instances: int, placement: Placement, memory_bytes: float = math.inf
) -> Copies:
    """Put the models on the instances.

    Parameters
    ----------
    hosted
        The models.
    instances
        Size of the fleet, >= 1.
    placement
        ``sticky``: a model of share p has ceil(p x instances) copies, so that none asks for more
        than an instance's part; most popular first, each copy goes to the least loaded instance
        that has room, or without room anywhere to the least loaded. ``spread``: a copy on every
        instance.
    memory_bytes
        What one instance has for models. [B]
    """
    if placement is Placement.SPREAD or instances == 1:
        return Copies(
            model=np.arange(hosted.count, dtype=np.int64),
            share=hosted.share / instances,
            first=np.zeros(1, dtype=np.int64),
            alike=np.array([instances], dtype=np.int64),
            instances=instances,
        )
    # Rounding must not give a model of exactly a third a fourth copy.
    wanted = np.clip(np.ceil(hosted.share * instances - 1e-9), 1, instances).astype(np.int64)
    on = _least_loaded(hosted, wanted, instances, memory_bytes)
    popular = np.argsort(-hosted.share, kind="stable")
    order = np.argsort(on, kind="stable")
    model = np.repeat(popular, wanted[popular])[order]
    used, first = np.unique(on[order], return_index=True)
    return Copies(
        model=model,
        share=hosted.share[model] / wanted[model],
        first=first.astype(np.int64),
        alike=np.ones(used.size, dtype=np.int64),
        instances=instances,
    )


def _least_loaded(
    hosted: Hosted, wanted: IntArray, instances: int, memory_bytes: float
) -> IntArray:
    """Instance of each copy, copies in order of their model's popularity, shape ``(K,)``."""
    load, held = np.zeros(instances), np.zeros(instances)
    found: list[IntArray] = []
    room, tie = memory_bytes * (1 + 1e-12), 1e-9 / hosted.total_bytes
    for model in np.argsort(-hosted.share, kind="stable").tolist():
        copies, size = int(wanted[model]), float(hosted.size_bytes[model])
        # Least load, then least memory, behind those that have room: a part is 1 at most.
        rank = load + (held + size > room) * 2.0 + held * tie
        chosen = np.array([rank.argmin()])
        if copies > 1:
            chosen = np.argsort(rank, kind="stable")[:copies]
        load[chosen] += hosted.share[model] / copies
        held[chosen] += size
        found.append(chosen)
    return np.concatenate(found).astype(np.int64)
