"""An LRU cache of models, request by request: what Che's approximation is held against."""

import math
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from smcost.multi_model.hosted import Hosted
from smcost.multi_model.placement import Copies, IntArray
from smcost.queueing.service import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """What a simulation of independent requests found.

    Attributes
    ----------
    requests, misses
        After the warm-up. [count]
    """

    requests: int
    misses: int

    @property
    def hit_rate(self) -> float:
        """Share of the requests whose model was in memory. [fraction]"""
        return 1 - self.misses / self.requests if self.requests else 1.0

    @property
    def standard_error(self) -> float:
        """Of the hit rate, as if requests were independent. [fraction]"""
        miss = self.misses / self.requests if self.requests else 0.0
        return math.sqrt(max(miss * (1 - miss), 1 / max(self.requests, 1)) / max(self.requests, 1))


def lru_misses(
    requests: IntArray, size_bytes: FloatArray, memory_bytes: float, held: "OrderedDict[int, float]"
) -> int:
    """Serve requests in order from an LRU cache, and count those whose model was missing.

    Parameters
    ----------
    requests
        Model of each request, shape ``(n,)``.
    size_bytes
        Of every model, shape ``(M,)``; each at most ``memory_bytes``. [B]
    memory_bytes
        Of the cache. [B]
    held
        What is in memory, least recently used first, with its size; changed.
    """
    # Equal sizes add up with rounding errors: a hair of room decides no eviction.
    free = memory_bytes * (1 + 1e-12) - sum(held.values())
    sizes = size_bytes.tolist()
    misses = 0
    touch, unload = held.move_to_end, held.popitem
    for model in requests.tolist():
        if model in held:
            touch(model)
            continue
        misses += 1
        size = sizes[model]
        while free < size:
            free += unload(last=False)[1]
        held[model] = size
        free -= size
    return misses


def simulate(
    hosted: Hosted,
    copies: Copies,
    memory_bytes: float,
    *,
    requests: int,
    warm_up: int,
    seed: int,
) -> Simulated:
    """Serve independent requests from an LRU cache on every instance.

    Parameters
    ----------
    hosted, copies, memory_bytes
        As for :func:`smcost.multi_model.che.cache_state`.
    requests, warm_up
        Counted, and served before that, of the whole endpoint. [count]
    seed
        Of the requests.

    Notes
    -----
    Of instances that look alike one is simulated, with its part of the requests. The caches begin
    full of the most popular models, so that a short warm-up suffices.
    """
    rng = np.random.default_rng(seed)
    load = copies.load()
    ends = [*copies.first.tolist()[1:], copies.model.size]
    counted = missed = 0
    for number, (start, end) in enumerate(zip(copies.first.tolist(), ends, strict=True)):
        model, share = copies.model[start:end], copies.share[start:end]
        alike = int(copies.alike[number])
        part = float(load[number])
        if part <= 0:
            continue
        # A representative of many stands for all of their requests.
        scale = alike if alike > 1 else 1
        before, after = (max(1, round(count * part * scale)) for count in (warm_up, requests))
        cumulated = np.cumsum(share) / part
        drawn = np.searchsorted(cumulated, rng.random(before + after), side="right")
        asked = model[np.minimum(drawn, model.size - 1)]
        held = _filled(hosted, model[np.argsort(-share, kind="stable")], memory_bytes)
        lru_misses(asked[:before], hosted.size_bytes, memory_bytes, held)
        missed += lru_misses(asked[before:], hosted.size_bytes, memory_bytes, held)
        counted += after
    return Simulated(requests=counted, misses=missed)


def _filled(hosted: Hosted, popular: IntArray, memory_bytes: float) -> "OrderedDict[int, float]":
    """As many of the most popular models as fit, the most popular used last."""
    sizes = hosted.size_bytes[popular]
    fitting = int(np.searchsorted(np.cumsum(sizes), memory_bytes * (1 + 1e-12), side="right"))
    chosen = zip(popular[:fitting].tolist(), sizes[:fitting].tolist(), strict=True)
    return OrderedDict(reversed([*chosen]))
