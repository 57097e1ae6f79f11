"""What containers that start add to the requests in flight of a serverless endpoint.

A cold request occupies its container for the cold start and the service, and nobody else can have
it meanwhile: after idle time requests pile up for so long, at their whole rate.
"""

from dataclasses import dataclass

import numpy as np

from smcost.kinds.cold_starts import erlang_loss
from smcost.kinds.serverless import IntArray, most_in_flight
from smcost.queueing.service import FloatArray
from smcost.units import SECONDS_PER_MINUTE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rush:
    """The part of each minute in which containers start.

    Attributes
    ----------
    load
        Requests in flight in it on average, the starting ones included, shape ``(T,)``. [erlang]
    arriving
        Requests that come in it, shape ``(T,)``. [count]
    """

    load: FloatArray
    arriving: FloatArray


def rush(invocations: IntArray, load: FloatArray, cold: FloatArray, start_s: float) -> Rush:
    """Where the cold requests of a minute pile up.

    Parameters
    ----------
    invocations, load
        Requests of each minute, and of them in flight on average, shape ``(T,)``. [count, erlang]
    cold
        Requests of each minute that wait for a container to start, shape ``(T,)``. [count]
    start_s
        Cold start. [s]

    Notes
    -----
    At a rate r, c of which are cold, min(r x start, c) more are in flight, by Little's law and as
    there are no more. That lasts as long as they come, c / r and a cold start at least, and until
    the first are done, a service time. A start beyond a minute counts in the following ones too.
    """
    minutes = max(1, int(np.ceil(start_s / SECONDS_PER_MINUTE)))
    recent = cold.copy()
    for back in range(1, min(minutes, cold.size)):
        recent += np.roll(cold, back)
    while_starting = invocations * start_s / SECONDS_PER_MINUTE
    arriving = np.where(recent > 0, np.maximum(while_starting, cold) + load, 0.0)
    return Rush(
        load=load + np.minimum(while_starting, recent),
        arriving=np.minimum(arriving, invocations),
    )


def most_with_starts(invocations: IntArray, load: FloatArray, found: Rush) -> IntArray:
    """Requests that are in flight at once in each minute, starting ones included, ``(T,)``. [count]

    As :func:`smcost.kinds.serverless.most_in_flight`, or what a rush comes to with a probability of
    a quarter, where that is more: it is as full as that once, at its end.
    """
    from scipy import special

    warm = most_in_flight(invocations, load)
    rushing = found.load > load
    peak = np.zeros(load.size)
    peak[rushing] = np.ceil(special.pdtrik(0.75, found.load[rushing]) - 1e-6)
    return np.asarray(np.maximum(warm, np.minimum(peak, invocations)), dtype=np.int64)


def throttled_starting(load: FloatArray, found: Rush, most: int) -> FloatArray:
    """Requests of each minute beyond ``MaxConcurrency`` only as containers start, ``(T,)``. [count]

    Parameters
    ----------
    load
        Requests in flight on average, shape ``(T,)``. [erlang]
    found
        The rush of each minute.
    most
        ``MaxConcurrency``. [count]
    """
    allowed = np.full(load.size, float(most))
    more = erlang_loss(found.load, allowed) - erlang_loss(load, allowed)
    return found.arriving * np.maximum(more, 0.0)
