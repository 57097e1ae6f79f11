"""A lower bound on the instance-hours of whatever meets an SLO, before any replay."""

import math

import numpy as np

from smcost.replay.counts import IntArray
from smcost.scaling import LOW_MINUTES
from smcost.slo import Slo
from smcost.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

#: Minutes that are taken together: long beside the timeout, short beside a day.
_BLOCK = 30


def least_instance_hours(
    invocations: IntArray,
    *,
    start_s: IntArray,
    max_per_minute: float,
    minimum: int,
    timeout_s: float,
    slo: Slo,
) -> float:
    """Instance-hours below which no fleet of at least ``minimum`` meets the SLO. [h]

    Parameters
    ----------
    invocations, start_s
        Invocations and start of each minute, shape ``(T,)``. [count, epoch s]
    max_per_minute
        The most that one instance answers in a minute. [min^-1]
    minimum
        Instances in service at all times. [count]
    timeout_s
        Requests that are not answered by then have failed. [s]
    slo
        Its failures allowed and windows spared.

    Notes
    -----
    Proof. Let A be the requests of a block of B minutes, a those of its last minutes that are no
    longer ago than the timeout, f those that fail. A request that does not fail is answered
    within the timeout, so at least A - a - f of the block's requests are answered in the block,
    by instances that answer at most c a minute each. With n(t) >= m instances in minute t,

        sum of n(t) >= max(m B, (A - a - f) / c) >= max(m B, (A - a) / c) - f / c.

    Summed over the blocks, and with the sum of all f at most F, the failures that the SLO allows
    (its share of every window, and whole windows that it spares), the sum of n(t) is at least
    the sum of max(m B, (A - a) / c), less F / c. What is in service is billed. QED. Instances that
    were removed and still work off their queue are not billed; a scale-in needs 15 quiet minutes,
    within which every request not timed out is answered: with a longer timeout the bound is only
    the minimum. The bound is
    one of the replay's minutes, in which an instance answers at most c; in a simulation the work
    of a minute varies about its mean.

    >>> counts, day = np.full(60, 600), 60 * np.arange(60)
    >>> from smcost.slo import Objective
    >>> slo = Slo(objectives=(Objective(fraction=0.99, limit_s=1.0),), max_failed=0.0)
    >>> least_instance_hours(counts, start_s=day, max_per_minute=100.0, minimum=1,
    ...                      timeout_s=60.0, slo=slo)  # 6 instances, but for the last minutes
    5.8
    """
    late_minutes = math.ceil(timeout_s / SECONDS_PER_MINUTE)
    edges = np.arange(0, invocations.size, _BLOCK)
    lengths = np.minimum(_BLOCK, invocations.size - edges)
    in_block = np.arange(invocations.size) % _BLOCK
    first_late = np.repeat(lengths, lengths) - late_minutes
    sure = np.add.reduceat(np.where(in_block < first_late, invocations, 0), edges)
    minutes = float(np.maximum(minimum * lengths, sure / max_per_minute).sum())
    minutes -= _may_fail(invocations, start_s, slo) / max_per_minute
    floor = minimum * invocations.size
    if timeout_s > LOW_MINUTES * SECONDS_PER_MINUTE:
        minutes = floor
    return max(minutes, floor) * SECONDS_PER_MINUTE / SECONDS_PER_HOUR


def _may_fail(invocations: IntArray, start_s: IntArray, slo: Slo) -> float:
    """Requests that may fail: the share allowed of every window, and all of those spared."""
    totals = np.bincount(slo.window.number(start_s), weights=invocations)
    spared = slo.windows_spared(totals.size)
    ordered = np.sort(totals)[::-1]
    return float(ordered[:spared].sum() + slo.max_failed * ordered[spared:].sum())
