"""Which instances keep which models: AWS documents the direction, not the rule.

The developer guide says that requests of a model go to the instance where it is loaded, and that a
model with many requests is loaded on further ones. How many requests are many is not said, so both
ends are computed: ``sticky`` (as few copies as an even load allows) and ``spread`` (every instance
is asked for every model). What runs lies between.
"""

import heapq
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


def place(hosted: Hosted, instances: int, placement: Placement) -> Copies:
    """Put the models on the instances.

    Parameters
    ----------
    hosted
        The models.
    instances
        Size of the fleet, >= 1.
    placement
        ``sticky``: a model of share p has ceil(p x instances) copies, so that none asks for more
        than an instance's part, each copy on the instance with the least load so far, most
        popular first (G. Graham's LPT rule). ``spread``: a copy on every instance.
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
    on = _least_loaded(hosted, wanted, instances)
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


def _least_loaded(hosted: Hosted, wanted: IntArray, instances: int) -> IntArray:
    """Instance of each copy, copies in order of their model's popularity, shape ``(K,)``.

    Load first, then memory: models that nobody asks for are dealt evenly too.
    """
    heap = [(0.0, 0.0, number) for number in range(instances)]
    found: list[int] = []
    for model in np.argsort(-hosted.share, kind="stable").tolist():
        copies = int(wanted[model])
        part, size = float(hosted.share[model]) / copies, float(hosted.size_bytes[model])
        taken = [heapq.heappop(heap) for _ in range(copies)]
        for load, held, number in taken:
            found.append(number)
            heapq.heappush(heap, (load + part, held + size, number))
    return np.array(found, dtype=np.int64)
