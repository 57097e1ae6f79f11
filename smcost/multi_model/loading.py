"""How long a request waits for its model: misses, and requests that come while it is loading.

A request that finds its model missing starts loading it and waits, first for a loading slot, then
for the load itself. Requests for the same model that come meanwhile wait for the rest of it
("delayed hits"): Poisson arrivals of rate l see l x (waiting + load) of them after every miss,
at uniformly distributed moments. Loading is taken to go on beside the workers.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smcost.multi_model.che import CacheState
from smcost.multi_model.hosted import Hosted
from smcost.queueing.erlang import waiting_probability
from smcost.queueing.mgc import MAX_UTILISATION
from smcost.queueing.service import FloatArray

#: Points that stand for the distribution of load times, of waits for a slot, of what is left of a
#: load, and of all that together.
_LOADS, _WAITS, _RESTS, _POINTS = 16, 8, 4, 40
#: Far beyond any timeout: how long a load takes where loads pile up.
_ENDLESS_S = 1e6
#: Waits rarer than this do not show in any percentile.
_NEVER = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ColdStarts:
    """Requests that wait for a model, at a series of request rates of one instance.

    Attributes
    ----------
    rps
        Requests per second of one instance, increasing, shape ``(R,)``. [s^-1]
    missing
        Share of the requests that find their model missing. [fraction]
    share
        Share that waits for a model: those, and delayed hits, shape ``(R,)``. [fraction]
    delay_s
        Equally likely waits for the model, increasing; ``inf`` where loads come faster than they
        are done, shape ``(R, D)``. [s]

    Where loads pile up, models with requests waiting for them are taken to stay missing: the share
    is that of all models that are ever unloaded, and such a rate counts as failed for them.
    """

    rps: FloatArray
    missing: float
    share: FloatArray
    delay_s: FloatArray

    @property
    def piles_up(self) -> FloatArray:
        """1 at rates at which loads come faster than they are done, else 0, shape ``(R,)``."""
        return np.isinf(self.delay_s[:, -1]).astype(np.float64)


def no_cold_starts() -> ColdStarts:
    """Every model is in memory all the time, at any rate."""
    return ColdStarts(rps=np.zeros(1), missing=0.0, share=np.zeros(1), delay_s=np.zeros((1, 1)))


def cold_starts(
    hosted: Hosted,
    state: CacheState,
    instances: NDArray[np.bool_],
    *,
    rps: FloatArray,
    loads_at_once: int,
) -> ColdStarts:
    """Waits for models on instances that are loaded alike.

    Parameters
    ----------
    hosted, state
        The models, and what the caches hold of them.
    instances
        Which of the instances are meant, shape ``(I,)``.
    rps
        Requests per second of one of them, increasing, shape ``(R,)``. [s^-1]
    loads_at_once
        Models that one instance downloads and loads at the same time. [count]

    Notes
    -----
    The hit rate does not depend on the rate of all requests together: T shortens as it grows. The
    share of delayed hits does. The wait for a slot is that of an M/G/k queue: Erlang C, and an
    exponential conditional wait of mean E[L] (1 + cv^2) / (2 (k - a)) (A. Allen and J. Cunneen).
    """
    copies = state.copies
    here = np.flatnonzero(instances[copies.instance])
    alike = copies.alike[copies.instance[here]]
    weight = alike * copies.share[here]
    part = float(weight.sum())
    missed = weight * state.missing[here]
    missing = float(missed.sum()) / part if part else 0.0
    if missing <= 0:
        return no_cold_starts()
    load_s = hosted.load_s[copies.model[here]]
    mean_s = float(missed @ load_s / missed.sum())
    square = float(missed @ load_s**2 / missed.sum())
    points_s = _weighted_points(load_s, missed, _LOADS if np.ptp(load_s) > 0 else 1)
    per_instance = int(copies.alike[instances].sum()) / part
    share, delay_s = np.empty(rps.size), np.empty((rps.size, _POINTS))
    for row, rate in enumerate(rps.tolist()):
        waits_s, likely = _slot_waits_s(rate * missing, mean_s, square, loads_at_once)
        delays_s = (points_s[:, None] + waits_s[None, :]).ravel()
        likely = np.tile(likely / points_s.size, points_s.size)
        # Requests of one copy in a second, times the length of a load.
        length_s = min(float(likely @ delays_s), _ENDLESS_S)
        during = copies.share[here] * rate * per_instance * length_s
        delayed = np.minimum(state.missing[here] * during, 1 - state.missing[here])
        behind = float(weight @ delayed) / part
        share[row] = min(missing + behind, 1.0)
        delay_s[row] = _mixed(delays_s, likely, missing, behind)
    return ColdStarts(rps=rps, missing=missing, share=share, delay_s=delay_s)


def _slot_waits_s(
    load_rps: float, mean_s: float, square: float, slots: int
) -> tuple[FloatArray, FloatArray]:
    """Waits for one of the loading slots and how likely each is, shapes ``(W,)``. [s, fraction]

    None with the probability that a slot is free, else the means of equal parts of an exponential
    distribution.
    """
    busy = load_rps * mean_s
    if busy >= MAX_UTILISATION * slots:
        return np.full(1, np.inf), np.ones(1)
    waits = waiting_probability(busy, slots) if busy > 0 else 0.0
    if waits < _NEVER:
        return np.zeros(1), np.ones(1)
    conditional_s = square / mean_s / (2 * (slots - busy))
    # The integral of -log(b) over the probability b of waiting longer is b (1 - log(b)).
    beyond = np.linspace(0.0, 1.0, _WAITS + 1)[1:]
    summed = np.concatenate(([0.0], beyond * (1 - np.log(beyond))))
    parts_s = _WAITS * conditional_s * np.diff(summed)
    likely = np.full(_WAITS, waits / _WAITS)
    return np.concatenate(([0.0], parts_s)), np.concatenate(([1 - waits], likely))


def _mixed(delays_s: FloatArray, likely: FloatArray, missing: float, behind: float) -> FloatArray:
    """Delays of those that start a load and of those that join one, ``_POINTS`` of them. [s]

    A load of length D catches requests in proportion to D, and they wait D times a uniform rest.
    """
    mean_s = float(likely @ delays_s)
    if not math.isfinite(mean_s):
        return np.full(_POINTS, np.inf)
    if mean_s <= 0:
        return np.zeros(_POINTS)
    rest = (np.arange(_RESTS) + 0.5) / _RESTS
    joined_s = (delays_s[:, None] * rest[None, :]).ravel()
    joined = np.repeat(behind * likely * delays_s / mean_s / _RESTS, _RESTS)
    return _weighted_points(
        np.concatenate((delays_s, joined_s)), np.concatenate((missing * likely, joined)), _POINTS
    )


def _weighted_points(values: FloatArray, weight: FloatArray, points: int) -> FloatArray:
    """So many equally likely values, at the middles of equal parts of the weight, increasing."""
    order = np.argsort(values, kind="stable")
    cumulated = np.cumsum(weight[order])
    wanted = (np.arange(points) + 0.5) / points * cumulated[-1]
    return np.asarray(values[order][np.searchsorted(cumulated, wanted)])
