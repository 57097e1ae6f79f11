"""Counts of 10 s from counts of a minute: what a metric of high resolution would have seen.

A trace of minutes does not say when within a minute its requests came. What the model takes for
granted everywhere decides: given the count of a minute its requests are independent and uniform
(Poisson), so its six parts are multinomial; with an index of dispersion above 1 the seconds have
the same weights as in the exact replay of the same seed. Logged requests are counted.
"""

import numpy as np

from smcost.queueing.exact.burstiness import second_weights
from smcost.replay.counts import IntArray
from smcost.replay.in_flight import TICK_S
from smcost.traffic.minutes import MinuteCounts
from smcost.units import SECONDS_PER_MINUTE

PER_MINUTE = SECONDS_PER_MINUTE // TICK_S


def ten_second_counts(minutes: MinuteCounts, *, seed: int = 0, burstiness: float = 1.0) -> IntArray:
    """Requests in every 10 s, shape ``(6 T,)``; those of a minute add up to its count.

    Parameters
    ----------
    minutes
        The traffic; its single requests where they were logged.
    seed, burstiness
        Of the random numbers; index of dispersion of the requests per second.
    """
    counts = minutes.invocations
    if minutes.offsets_s is not None:
        minute = np.repeat(np.arange(counts.size), counts)
        part = np.minimum(minutes.offsets_s // TICK_S, PER_MINUTE - 1).astype(np.int64)
        return np.bincount(PER_MINUTE * minute + part, minlength=PER_MINUTE * counts.size)
    shares = np.full(PER_MINUTE, 1 / PER_MINUTE)
    if burstiness > 1:
        shares = np.diff(second_weights(counts, burstiness, seed, 0)[:, ::TICK_S], axis=1)
    generator = np.random.Generator(np.random.Philox(seed))
    found: IntArray = generator.multinomial(counts, shares).astype(np.int64)
    return found.reshape(-1)
