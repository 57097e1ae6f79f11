"""Plain event simulation of a fleet: slow, short, and the truth the formulas are held against.

One FIFO queue per instance, each instance a heap of the times its workers become free. RANDOM
routing is a given uniform number per request, so that every candidate sees the same arrivals,
the same services and the same luck.
"""

import heapq

import numpy as np
from numpy.typing import NDArray

from smcost.errors import UsageError
from smcost.queueing.service import FloatArray


def arrivals_given_counts(
    counts: NDArray[np.int64], step_s: float, rng: np.random.Generator
) -> FloatArray:
    """Poisson arrivals given their number in each step: sorted uniforms, shape ``(sum,)``. [s]

    Parameters
    ----------
    counts
        Requests per step, shape ``(T,)``. [count]
    step_s
        Length of a step. [s]
    rng
        Source of the uniforms.

    References
    ----------
    S. M. Ross, Stochastic Processes, 2nd ed., theorem 2.3.1 (order statistics property).
    """
    starts_s = np.repeat(np.arange(counts.size) * float(step_s), counts)
    return np.sort(starts_s + rng.random(starts_s.size) * step_s)


def simulate_random_fleet(
    *,
    arrivals_s: FloatArray,
    services_s: FloatArray,
    choices: FloatArray,
    instances: NDArray[np.int64],
    step_s: float,
    workers: int,
) -> FloatArray:
    """Response time of every request in a fleet under random routing, shape ``(n,)``. [s]

    Parameters
    ----------
    arrivals_s, services_s
        Sorted arrival times and service times, shape ``(n,)``. [s]
    choices
        Uniform on [0, 1), shape ``(n,)``: request i goes to instance floor(choice x instances).
    instances
        Instances in service in each step, shape ``(T,)``; beyond the end the last value. [count]
    step_s
        Length of a step. [s]
    workers
        Workers per instance. [count]

    Notes
    -----
    A new instance starts empty and takes over nobody's queue. Scale-in removes the newest; a
    removed instance finishes what it has (draining). Equal times: arrivals in the given order.
    """
    if arrivals_s.size and (np.any(np.diff(arrivals_s) < 0) or arrivals_s[0] < 0):
        raise UsageError("The arrivals are not sorted", remedy="Sort them by time")
    responses_s = np.empty(arrivals_s.size)
    sizes = instances.tolist()
    fleet: list[list[float]] = []
    begun = -1
    for i, (arrival_s, service_s, choice) in enumerate(
        zip(arrivals_s.tolist(), services_s.tolist(), choices.tolist(), strict=True)
    ):
        step = min(int(arrival_s // step_s), len(sizes) - 1)
        # Every step, also one without arrivals: who left in it comes back empty.
        for size in sizes[begun + 1 : step + 1]:
            _resize(fleet, size, workers)
        begun = step
        free_at_s = fleet[int(choice * len(fleet))]
        done_s = max(arrival_s, free_at_s[0]) + service_s
        heapq.heapreplace(free_at_s, done_s)
        responses_s[i] = done_s - arrival_s
    return responses_s


def _resize(fleet: list[list[float]], size: int, workers: int) -> None:
    del fleet[size:]
    while len(fleet) < size:
        fleet.append([0.0] * workers)
