"""Serves requests whose arrivals and service times are given: every response time."""

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from smcost.errors import UsageError
from smcost.queueing.exact.compiled import kernels
from smcost.queueing.exact.fallback_workers import WorkersFleet
from smcost.queueing.service import FloatArray

#: What the kernel answers to requests that make no sense.
_UNSORTED, _NEGATIVE, _OUTSIDE = 1, 2, 3
_REFUSALS = {
    _UNSORTED: ("The arrivals are not sorted", "Sort them by time"),
    _NEGATIVE: (
        "The service times do not fit the arrivals",
        "Give one of 0 or more for each arrival",
    ),
    _OUTSIDE: ("The choices do not fit the arrivals", "Give one on [0, 1) for each arrival"),
}


def serve_given(
    *,
    arrivals_s: FloatArray,
    services_s: FloatArray,
    choices: FloatArray | None,
    in_service: NDArray[np.int64],
    step_s: float,
    workers: int,
    timeout_s: float = math.inf,
    out: FloatArray | None = None,
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
    out
        Where to write the response times, contiguous doubles, shape ``(n,)``: fresh memory takes
        longer to get than a request to serve. [s]

    Notes
    -----
    As :func:`smcost.queueing.simulation.simulate_fleet`, in a thousandth of its time.
    """
    responses_s = np.empty(arrivals_s.shape) if out is None else out
    _check_shapes(arrivals_s, services_s, choices, in_service, workers, responses_s)
    starts_s = np.arange(1, in_service.size) * step_s
    inner = np.maximum.accumulate(np.searchsorted(arrivals_s, starts_s))
    begins = np.concatenate(([0], inner, [arrivals_s.size])).astype(np.int64)
    kernel = kernels()
    if kernel is not None and arrivals_s.size:
        wrong = kernel.serve_given(
            np.ascontiguousarray(arrivals_s, dtype=np.float64),
            np.ascontiguousarray(services_s, dtype=np.float64),
            np.empty(0) if choices is None else np.ascontiguousarray(choices, dtype=np.float64),
            begins,
            np.ascontiguousarray(in_service, dtype=np.int64),
            workers,
            timeout_s,
            responses_s,
        )
        _refuse(wrong)
        return responses_s
    _refuse(_wrong(arrivals_s, services_s, choices))
    fleet = WorkersFleet(workers=workers, timeout_s=timeout_s, least_outstanding=choices is None)
    steps = zip(pairwise(begins.tolist()), in_service.tolist(), strict=True)
    for (begin, end), instances in steps:
        some = slice(begin, end)
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


def _check_shapes(
    arrivals_s: FloatArray,
    services_s: FloatArray,
    choices: FloatArray | None,
    in_service: NDArray[np.int64],
    workers: int,
    responses_s: FloatArray,
) -> None:
    if responses_s.shape != arrivals_s.shape or responses_s.dtype != np.float64:
        raise UsageError(
            "There is no room for the response times", remedy="Give one double for each arrival"
        )
    if services_s.shape != arrivals_s.shape:
        _refuse(_NEGATIVE)
    if choices is not None and choices.shape != arrivals_s.shape:
        _refuse(_OUTSIDE)
    if workers < 1 or in_service.size == 0 or in_service.min() < 1:
        raise UsageError(
            "A fleet without instances or workers serves nobody",
            remedy="Give at least one instance in every step and one worker",
        )


def _wrong(arrivals_s: FloatArray, services_s: FloatArray, choices: FloatArray | None) -> int:
    """What ``kernels/serve.h`` says on the way; a NaN makes no sense either."""
    if arrivals_s.size and not (np.all(arrivals_s[1:] >= arrivals_s[:-1]) and arrivals_s[0] >= 0):
        return _UNSORTED
    if not services_s.min(initial=0.0) >= 0:
        return _NEGATIVE
    if choices is not None and not (choices.min(initial=0.0) >= 0 and choices.max(initial=0.0) < 1):
        return _OUTSIDE
    return 0


def _refuse(wrong: int) -> None:
    if wrong:
        cause, remedy = _REFUSALS[wrong]
        raise UsageError(cause, remedy=remedy)
