"""Plain event simulation of a fleet: slow, short, and the truth the formulas are held against.

Two kinds of instance: FIFO workers (a heap of the times they become free), and a station whose
throughput depends on its load (the birth-death process of ``load_dependent``). RANDOM routing is a
given uniform number per request, so that every candidate sees the same arrivals, the same services
and the same luck; least-outstanding routing sends each request to the instance with the fewest
requests not yet answered, the lowest index on ties. Equal times: a departure comes before an
arrival, arrivals keep their order.
"""

import heapq
import math
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from smcost.errors import UsageError
from smcost.queueing.load_dependent import Sweep
from smcost.queueing.measured import quantile_function
from smcost.queueing.service import FloatArray


class Instance(Protocol):
    """One instance of a fleet; asked with times that never decrease."""

    def outstanding(self, now_s: float) -> int:
        """Requests not yet answered. [count]"""

    def serve(self, now_s: float, work: float) -> float:
        """Take a request in; its response time. [s]"""


class WorkersInstance:
    """c workers, first come first served; ``work`` is the service time. [s]

    A request that has been there for ``gives_up_s`` is not worked on any further.
    """

    __slots__ = ("_free_at_s", "_gives_up_s", "_leaving_s")

    def __init__(self, workers: int, gives_up_s: float = math.inf) -> None:
        self._free_at_s = [0.0] * workers
        self._gives_up_s = gives_up_s
        self._leaving_s: list[float] = []

    def outstanding(self, now_s: float) -> int:
        """Requests waiting or in service. [count]"""
        while self._leaving_s and self._leaving_s[0] <= now_s:
            heapq.heappop(self._leaving_s)
        return len(self._leaving_s)

    def serve(self, now_s: float, work: float) -> float:
        """Wait for the first free worker, then be served. [s]"""
        starts_s = max(now_s, self._free_at_s[0])
        done_s = starts_s + work
        leaves_s = min(done_s, max(starts_s, now_s + self._gives_up_s))
        heapq.heapreplace(self._free_at_s, leaves_s)
        heapq.heappush(self._leaving_s, leaves_s)
        return done_s - now_s


class SweepInstance:
    """A load-dependent station; ``work`` is uniform on [0, 1), the latency's rank in F(k + 1).

    The number in the system is simulated event by event: with k present one leaves at rate X(k).
    A request that would wait for ``gives_up_s`` is never worked on.
    """

    __slots__ = ("_clock_s", "_gives_up_s", "_present", "_quantiles", "_rng", "_throughput")

    def __init__(
        self, sweep: Sweep, rng: np.random.Generator, gives_up_s: float = math.inf
    ) -> None:
        self._gives_up_s = gives_up_s
        self._quantiles = _quantiles(sweep)
        self._throughput = sweep.throughput_rps.tolist()
        self._rng = rng
        self._clock_s = 0.0
        self._present = 0

    def outstanding(self, now_s: float) -> int:
        """Requests in the system. [count]"""
        while self._present:
            rate_rps = self._throughput[min(self._present, len(self._throughput)) - 1]
            leaves_s = self._clock_s + self._rng.exponential() / rate_rps
            if leaves_s > now_s:
                break  # Exponential: what is left of it is drawn afresh from now on.
            self._clock_s = leaves_s
            self._present -= 1
        self._clock_s = now_s
        return self._present

    def serve(self, now_s: float, work: float) -> float:
        """Draw the latency at the concurrency found, after the wait beyond the last tested. [s]"""
        found = self.outstanding(now_s)
        last = len(self._throughput)
        waits_s = 0.0
        if found >= last:
            waits_s = self._rng.gamma(found + 1 - last) / self._throughput[-1]
        self._present += waits_s < self._gives_up_s
        return waits_s + self._quantiles[min(found, last - 1)](work)


@lru_cache(maxsize=64)
def _quantiles(sweep: Sweep) -> list[Callable[[float], float]]:
    """The latency at a rank, for each concurrency; remembered, since every instance needs them."""
    return [quantile_function(sweep.fractions, row) for row in sweep.latencies_s]


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


def simulate_fleet(
    *,
    arrivals_s: FloatArray,
    work: FloatArray,
    choices: FloatArray | None,
    instances: NDArray[np.int64],
    step_s: float,
    new_instance: Callable[[], Instance],
) -> FloatArray:
    """Response time of every request, shape ``(n,)``. [s]

    Parameters
    ----------
    arrivals_s
        Sorted arrival times from 0 on, shape ``(n,)``. [s]
    work
        What each request asks of an instance, shape ``(n,)``; see the kinds of instance.
    choices
        Uniform on [0, 1), shape ``(n,)``: request i goes to instance floor(choice x instances);
        ``None`` for least-outstanding routing.
    instances
        Instances in service in each step, shape ``(T,)``; beyond the end the last value. [count]
    step_s
        Length of a step. [s]
    new_instance
        Makes an instance that starts empty.

    Notes
    -----
    A new instance takes over nobody's queue. Scale-in removes the newest; a removed instance
    finishes what it has (draining).
    """
    if arrivals_s.size and (np.any(np.diff(arrivals_s) < 0) or arrivals_s[0] < 0):
        raise UsageError("The arrivals are not sorted", remedy="Sort them by time")
    responses_s = np.empty(arrivals_s.size)
    sizes = instances.tolist()
    ranks = [0.0] * arrivals_s.size if choices is None else choices.tolist()
    fleet: list[Instance] = []
    begun = -1
    for i, (arrival_s, asked, choice) in enumerate(
        zip(arrivals_s.tolist(), work.tolist(), ranks, strict=True)
    ):
        step = min(int(arrival_s // step_s), len(sizes) - 1)
        # Every step, also one without arrivals: who left in it comes back empty.
        for size in sizes[begun + 1 : step + 1]:
            _resize(fleet, size, new_instance)
        begun = step
        if choices is None:
            chosen = min(fleet, key=lambda instance: instance.outstanding(arrival_s))
        else:
            chosen = fleet[int(choice * len(fleet))]
        responses_s[i] = chosen.serve(arrival_s, asked)
    return responses_s


def _resize(fleet: list[Instance], size: int, new_instance: Callable[[], Instance]) -> None:
    del fleet[size:]
    while len(fleet) < size:
        fleet.append(new_instance())


def simulate_random_fleet(
    *,
    arrivals_s: FloatArray,
    services_s: FloatArray,
    choices: FloatArray,
    instances: NDArray[np.int64],
    step_s: float,
    workers: int,
) -> FloatArray:
    """:func:`simulate_fleet` with FIFO workers under RANDOM routing, shape ``(n,)``. [s]"""
    return simulate_fleet(
        arrivals_s=arrivals_s,
        work=services_s,
        choices=choices,
        instances=instances,
        step_s=step_s,
        new_instance=lambda: WorkersInstance(workers),
    )
