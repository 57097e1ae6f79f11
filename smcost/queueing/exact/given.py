"""Serves requests whose arrivals and service times are given: every response time."""

import math

import numpy as np
from numpy.typing import NDArray

from smcost.errors import UsageError
from smcost.queueing.exact.compiled import kernels
from smcost.queueing.exact.fallback_workers import WorkersFleet
from smcost.queueing.service import FloatArray


def serve_given(
    *,
    arrivals_s: FloatArray,
    services_s: FloatArray,
    choices: FloatArray | None,
    in_service: NDArray[np.int64],
    step_s: float,
    workers: int,
    timeout_s: float = math.inf,
) -> FloatArray:
    """Response time of every request, shape ``(n,)``. [s]

    Parameters
    ----------
    arrivals_s
        Sorted arrival times from 0 on, shape ``(n,)``. [s]
    services_s
        Service times, >= 0, shape ``(n,)``. [s]
    choices
        Uniform on [0, 1), shape ``(n,)``: request i goes to instance floor(choice x instances);
        ``None`` for least-outstanding routing.
    in_service
        Instances in each step, >= 1, shape ``(T,)``; beyond the end the last value. [count]
    step_s
        Length of a step. [s]
    workers
        Workers of an instance, >= 1. [count]
    timeout_s
        Time since arrival after which a request is no longer worked on; ``inf`` for never. [s]

    Notes
    -----
    As :func:`smcost.queueing.simulation.simulate_fleet`, in a thousandth of its time.
    """
    _check(arrivals_s, services_s, choices, in_service, workers)
    starts_s = np.arange(1, in_service.size) * step_s
    inner = np.searchsorted(arrivals_s, starts_s)
    begins = np.concatenate(([0], inner, [arrivals_s.size])).astype(np.int64)
    responses_s = np.empty(arrivals_s.size)
    kernel = kernels()
    if kernel is not None and arrivals_s.size:
        kernel.serve_given(
            np.ascontiguousarray(arrivals_s, dtype=np.float64),
            np.ascontiguousarray(services_s, dtype=np.float64),
            np.empty(0) if choices is None else np.ascontiguousarray(choices, dtype=np.float64),
            begins,
            np.ascontiguousarray(in_service, dtype=np.int64),
            workers,
            timeout_s,
            responses_s,
        )
        return responses_s
    fleet = WorkersFleet(workers=workers, timeout_s=timeout_s, least_outstanding=choices is None)
    for step, instances in enumerate(in_service.tolist()):
        some = slice(begins[step], begins[step + 1])
        fleet.resize(instances)
        responses_s[some] = _served(fleet, arrivals_s[some], services_s[some], choices, some)
    return responses_s


def _served(
    fleet: WorkersFleet,
    arrivals_s: FloatArray,
    services_s: FloatArray,
    choices: FloatArray | None,
    some: slice,
) -> list[float]:
    chosen = None if choices is None else choices[some].tolist()
    return fleet.serve(arrivals_s.tolist(), services_s.tolist(), chosen)


def _check(
    arrivals_s: FloatArray,
    services_s: FloatArray,
    choices: FloatArray | None,
    in_service: NDArray[np.int64],
    workers: int,
) -> None:
    if arrivals_s.size and not (np.all(arrivals_s[1:] >= arrivals_s[:-1]) and arrivals_s[0] >= 0):
        raise UsageError("The arrivals are not sorted", remedy="Sort them by time")
    if services_s.shape != arrivals_s.shape or not services_s.min(initial=0.0) >= 0:
        raise UsageError(
            "The service times do not fit the arrivals",
            remedy="Give one of 0 or more for each arrival",
        )
    if choices is not None and not (
        choices.shape == arrivals_s.shape
        and choices.min(initial=0.0) >= 0
        and choices.max(initial=0.0) < 1
    ):
        raise UsageError(
            "The choices do not fit the arrivals", remedy="Give one on [0, 1) for each arrival"
        )
    if workers < 1 or in_service.size == 0 or in_service.min() < 1:
        raise UsageError(
            "A fleet without instances or workers serves nobody",
            remedy="Give at least one instance in every step and one worker",
        )
