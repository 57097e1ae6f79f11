"""Hit rates of an LRU cache by Che's approximation, for models of different sizes.

A model is in memory if it was asked for within the characteristic time T, the same for all models
of a cache: with requests of rate l it is there with probability 1 - exp(-l T), and T is the time in
which the models asked for fill the memory,

    sum of size_i (1 - exp(-l_i T)) = memory.

H. Che, Y. Tung, Z. Wang, "Hierarchical Web caching systems", IEEE JSAC 20 (2002) 1305-1314; why it
is so good: C. Fricker, P. Robert, J. Roberts, "A versatile and accurate approximation for LRU cache
performance", ITC 24 (2012). Requests are taken as independent of each other; requests that come in
bursts per model hit more often.
"""

from dataclasses import dataclass

import numpy as np

from smcost.multi_model.hosted import Hosted
from smcost.multi_model.placement import Copies, IntArray
from smcost.queueing.service import FloatArray

#: Halvings of the bracket of log T; a double has 52 digits, the rate matters to far fewer.
_HALVINGS = 60
#: Beyond it a double does not tell whole bytes apart.
_LARGEST_WHOLE = 2.0**53


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CacheState:
    """What an LRU cache on every instance holds in the long run.

    Attributes
    ----------
    copies
        Models on instances.
    missing
        Probability that a copy is not in memory when it is asked for, shape ``(K,)``. [fraction]
    characteristic
        Requests of the whole endpoint within the characteristic time of each instance, ``inf``
        where all its models fit, shape ``(I,)``. [requests]
    held_bytes
        Memory that is filled on average, all instances together. [B]
    loaded
        Copies in memory on average, all instances together. [count]
    """

    copies: Copies
    missing: FloatArray
    characteristic: FloatArray
    held_bytes: float
    loaded: float

    @property
    def hit_rate(self) -> float:
        """Share of the requests whose model is in memory. [fraction]"""
        alike = self.copies.alike[self.copies.instance]
        return 1 - float(np.sum(alike * self.copies.share * self.missing))


def cache_state(hosted: Hosted, copies: Copies, memory_bytes: float) -> CacheState:
    """Che's approximation on every instance.

    Parameters
    ----------
    hosted, copies
        The models, and where they stand.
    memory_bytes
        What one instance has for models; every model fits. [B]
    """
    size = hosted.size_bytes[copies.model]
    characteristic = _characteristic(copies, size, memory_bytes)
    each = characteristic[copies.instance]
    # A model that nobody asks for is not there.
    asked_within = np.multiply(copies.share, each, out=np.zeros_like(each), where=copies.share > 0)
    missing = np.exp(-asked_within)
    alike = copies.alike[copies.instance]
    return CacheState(
        copies=copies,
        missing=missing,
        characteristic=characteristic,
        held_bytes=float(np.sum(alike * size * (1 - missing))),
        loaded=float(np.sum(alike * (1 - missing))),
    )


def usable_bytes(size: FloatArray, copies: Copies, memory_bytes: float) -> FloatArray:
    """Memory that loaded models fill on each instance, the rest being too small, ``(I,)``. [B]

    Parameters
    ----------
    size
        Of each copy, shape ``(K,)``. [B]
    copies, memory_bytes
        As for :func:`cache_state`.

    Notes
    -----
    Models are loaded whole, and more is unloaded than the new one needs; what is then free is the
    excess of a renewal process at a fixed level, E[S^2] / (2 E[S]) on average, less g / 2 where all
    sizes are multiples of g (W. Feller, vol. 2, section XI.4), and memory beyond a multiple of g is
    of no use. Of models of one size that is as many as fit. Without it the hit rate comes out 1 to
    5 points too high where less than ten models are in memory (``benchmarks/multi_model.py``).
    """
    first = copies.first
    step = _common_step(size, first)
    known = np.where(step > 0, step, 1.0)
    whole = np.where(step > 0, np.floor(memory_bytes / known + 1e-9) * known, memory_bytes)
    excess = np.add.reduceat(size**2, first) / (2 * np.add.reduceat(size, first))
    return np.asarray(whole - (excess - step / 2))


def _common_step(size: FloatArray, first: IntArray) -> FloatArray:
    """The greatest common divisor of the sizes on each instance; 0: none is known, ``(I,)``. [B]"""
    small, large = np.minimum.reduceat(size, first), np.maximum.reduceat(size, first)
    whole = np.minimum.reduceat((size == np.round(size)) & (size < _LARGEST_WHOLE), first)
    counted = np.where(size < _LARGEST_WHOLE, np.round(size), 0.0).astype(np.int64)
    step = np.where(whole, np.gcd.reduceat(counted, first).astype(np.float64), 0.0)
    return np.where(large - small <= 1e-9 * large, small, step)


def _characteristic(copies: Copies, size: FloatArray, memory_bytes: float) -> FloatArray:
    """Requests of the endpoint within T on each instance, by halving log T, shape ``(I,)``."""
    instance, first = copies.instance, copies.first
    usable = usable_bytes(size, copies, memory_bytes)
    asked = np.add.reduceat(np.where(copies.share > 0, size, 0.0), first)
    endless = (asked <= memory_bytes * (1 + 1e-12)) | (asked <= usable)
    low, high = _bracket(copies)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        held = np.add.reduceat(size * -np.expm1(-copies.share * np.exp(middle)[instance]), first)
        low, high = np.where(held < usable, middle, low), np.where(held < usable, high, middle)
    return np.where(endless, np.inf, np.exp((low + high) / 2))


def _bracket(copies: Copies) -> tuple[FloatArray, FloatArray]:
    """Logarithms between which T lies: so short that nothing is held, so long that all is."""
    asked = np.where(copies.share > 0, copies.share, np.inf)
    least = np.minimum.reduceat(asked, copies.first)
    most = np.maximum.reduceat(copies.share, copies.first)
    least = np.where(np.isfinite(least), least, 1.0)
    most = np.where(most > 0, most, 1.0)
    return np.log(1e-9 / most), np.log(1e3 / least)
