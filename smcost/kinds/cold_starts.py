"""Which requests of a serverless endpoint meet a cold start: a model of what AWS does not publish.

A container that nobody uses for the keep-alive is taken away, and the one used last is asked
first: a request is cold if it makes more run at once than at any moment within the keep-alive
before it. Levels of requests in flight are treated one by one, by Poisson clumping. The trace is
taken to repeat: its end comes before its beginning.
"""

from dataclasses import dataclass

import numpy as np

from smcost.errors import UsageError
from smcost.kinds.serverless import IntArray
from smcost.queueing.service import FloatArray
from smcost.units import SECONDS_PER_MINUTE

#: Logarithms below it are as good as never.
_NEVER = -700.0
#: A level that no minute reaches with more than this probability is none.
_UNREACHED = 1e-7
_TINY = 1e-290


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdTimes:
    """What AWS does not publish, and what depends on the model.

    Attributes
    ----------
    start_s
        How long a container takes to start, and the model in it to load. [s]
    keep_alive_s
        How long an idle one stays; whole minutes of it count. [s]
    """

    start_s: float
    keep_alive_s: float

    def __post_init__(self) -> None:
        if not self.start_s >= 0 or not self.keep_alive_s >= 0:
            raise UsageError(
                f"A cold start of {self.start_s} s and {self.keep_alive_s} s of keep-alive are no "
                "times",
                remedy="Give 0 or more",
            )


def cold_starts(
    invocations: IntArray,
    load: FloatArray,
    times: ColdTimes,
    *,
    most: int,
    provisioned: int = 0,
) -> FloatArray:
    """Requests of each minute that wait for a container to start, expected, ``(T,)``. [count]

    Parameters
    ----------
    invocations, load
        Requests of each minute, and of them in flight on average, shape ``(T,)``. [count, erlang]
    times
        Cold start and keep-alive.
    most
        ``MaxConcurrency``: more are throttled, not started. [count]
    provisioned
        Containers that are always warm. [count]

    Notes
    -----
    With X requests in flight, Poisson with mean a, the level j is reached anew at the rate
    c = rate x P(X = j - 1) x (1 - a / j): arrivals that bring X to j, by clumps of them. A minute
    stays below j with probability P(X < j) exp(-60 c), independent of other minutes. One request
    is cold for every level that a minute reaches and no minute within the keep-alive before did.
    Until the first of them are done, rate x B(w, a) more find the w that are warm busy, B being
    Erlang's loss formula; all that start stay for the keep-alive. Falling in the keep-alive and in
    ``provisioned``. For one request now and then it is exp(-rate x keep-alive), exactly. An
    event-by-event simulation agrees to 15 % on patterns of one rush or of a day; where one rush
    follows another within the keep-alive it finds up to a third fewer.

    References
    ----------
    D. Aldous, Probability Approximations via the Poisson Clumping Heuristic, 1989, chapter C.
    """
    distinct, where = np.unique(invocations, return_inverse=True)
    load_of = np.zeros(distinct.size)
    load_of[where] = load
    minutes = min(int(times.keep_alive_s // SECONDS_PER_MINUTE), invocations.size - 1)
    cold, warm = (
        np.zeros(invocations.size),
        np.full(invocations.size, float(min(provisioned, most))),
    )
    for level in range(provisioned + 1, most + 1):
        below = _log_below(level, distinct, load_of)
        if below.min() > -_UNREACHED:
            break
        not_yet = _not_within(level, distinct, below, where, minutes)
        cold += not_yet * -np.expm1(below[where])
        warm += 1 - not_yet
    starting = min(times.start_s, SECONDS_PER_MINUTE) / SECONDS_PER_MINUTE
    until_done = starting * invocations + load
    meanwhile = _meanwhile(until_done, load, np.rint(warm), minutes, most)
    found = cold + np.minimum(1.0, cold) * np.maximum(0.0, meanwhile - cold)
    return np.asarray(np.minimum(found, invocations), dtype=np.float64)


def _log_below(level: int, invocations: IntArray, load: FloatArray) -> FloatArray:
    """Log of the probability that a minute of so many requests never has ``level`` in flight."""
    if level == 1:
        # A single request reaches it for sure.
        return np.where(invocations > 0, _NEVER, 0.0)
    from scipy import special

    one_fewer = np.exp(
        (level - 1) * np.log(np.maximum(load, _TINY)) - load - special.gammaln(level)
    )
    clumps = invocations * one_fewer * np.maximum(1 - load / level, 0.0)
    found = np.log(np.maximum(special.pdtr(level - 1, load), _TINY)) - clumps
    return np.where(invocations < level, 0.0, np.maximum(found, _NEVER))


def _not_within(
    level: int, invocations: IntArray, below: FloatArray, where: IntArray, minutes: int
) -> FloatArray:
    """Probability that no moment of the keep-alive before a minute had ``level`` in flight.

    Of the oldest minute, on average half is within it.
    """
    if minutes == 0:
        return np.ones(where.size)
    if level == 1:
        oldest = 1 / (invocations + 1.0)
    else:
        below_0 = below < 0
        oldest = np.ones(below.size)
        oldest[below_0] = np.expm1(below[below_0]) / below[below_0]
    log_below = below[where]
    running = np.cumsum(np.concatenate(([0.0], log_below[-minutes:], log_below)))
    between = running[minutes : minutes + where.size] - running[1 : 1 + where.size]
    within = np.exp(np.minimum(between, 0.0)) * np.roll(oldest[where], minutes)
    return np.asarray(within, dtype=np.float64)


def _meanwhile(
    until_done: FloatArray, load: FloatArray, warm: FloatArray, minutes: int, most: int
) -> FloatArray:
    """Requests of each minute that come until the first are done and find all busy. [count]

    A rush leaves more containers than are ever at work on warm ones: the next one finds them.
    """
    found = until_done * erlang_loss(load, warm)
    rushing = np.flatnonzero(found >= 1.0)
    size = load.size
    last_minute, left = -size, 0.0
    # The trace repeats: its last rushes come before its first.
    for at in (*(rushing[rushing >= size - minutes] - size), *rushing):
        minute = int(at) % size
        ready = warm[minute]
        if at - last_minute <= minutes and left > ready:
            ready = left
            blocked = erlang_loss(load[minute : minute + 1], np.array([np.rint(ready)]))
            found[minute] = until_done[minute] * blocked[0]
        if found[minute] >= 1.0:
            last_minute, left = int(at), min(float(most), ready + found[minute])
    return found


def erlang_loss(load: FloatArray, containers: FloatArray) -> FloatArray:
    """Erlang B by the Poisson distribution: P(X = w) / P(X <= w).

    Parameters
    ----------
    load, containers
        Of each minute, shape ``(T,)``; containers need not be whole. [erlang, count]
    """
    from scipy import special

    below = special.pdtr(containers, load)
    log_at = containers * np.log(np.maximum(load, _TINY)) - load - special.gammaln(containers + 1.0)
    at = np.exp(np.minimum(log_at, 0.0))
    fluid = 1 - containers / np.maximum(load, 1e-12)
    return np.where(below > _TINY, np.minimum(at / np.maximum(below, _TINY), 1.0), fluid)
