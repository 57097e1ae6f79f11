"""M/G/c: response time of one FIFO station with c workers, by a batched Fourier inversion.

The waiting time is 0 with probability 1 - C(c, a); otherwise it is

    W = R_min + (R_1 + ... + R_K) / c,   K geometric with parameter rho,

R_min the smallest of c residual service times, R_i residual service times, and the response is
W plus an independent service time. Exact for c = 1 (Pollaczek-Khinchine) and for exponential
service; otherwise an approximation of H. C. Tijms, M. H. van Hoorn and A. Federgruen,
"Approximations for the steady-state probabilities in the M/G/c queue", Adv. Appl. Prob. 13
(1981) 186-206. Against event simulation of c = 1 to 64, utilisation 0.3 to 0.95, its response
p99 is within 1 % for cv <= 0.5, 1.4 % for lognormal cv 1, 4 % for constant service; for
lognormal cv 2 it is up to 11 % too high, the safe side.
"""

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from smcost.queueing.erlang import waiting_probability
from smcost.queueing.response_table import ResponseTable
from smcost.queueing.service import FloatArray, Service

ComplexArray = NDArray[np.complex128]

#: Above this utilisation a stationary queue takes hours to form: a minute there is treated as
#: overloaded instead (``smcost.replay.backlog``).
MAX_UTILISATION = 0.985
_ROWS = 64
#: The lattice ends where the response exceeds it with less than this probability.
_BEYOND = 1e-5
#: Cells per S/c, the scale on which the waiting time varies; even, so that a constant service
#: time falls on a lattice point.
_CELLS = 32
_MAX_POINTS = 2**18
#: Damping against wrap-around: an aliased mass m shows as m * exp(-_TILT).
_TILT = math.log(1e6)


def utilisation_nodes(rows: int = _ROWS) -> FloatArray:
    """Rows of a table: 0 to MAX_UTILISATION, denser towards the end, shape ``(rows,)``."""
    steps = np.linspace(0.0, 1.0, rows)
    return np.asarray(MAX_UTILISATION * (1 - (1 - steps) ** 2))


@lru_cache(maxsize=64)
def response_table(service: Service, workers: int, rows: int = _ROWS) -> ResponseTable:
    """Tail of the response time of M/G/c from empty to MAX_UTILISATION.

    Parameters
    ----------
    service
        Law of the service time.
    workers
        Workers in parallel, >= 1. [count]
    rows
        Utilisations; fewer take less time and are interpolated more coarsely. [count]

    Notes
    -----
    On a lattice of step S/(32 c) or coarser. A lattice point stands for the half cell on either
    side, so sums of any number of terms stay centred, and tails are read at half-cell points.
    Cell masses are differences of the exact distribution functions: equally likely nodes would
    lose the tail (16 % of p99 at cv 2).
    """
    step_s, points = _lattice(service, workers)
    damping: FloatArray = np.exp(-_TILT / points * np.arange(points, dtype=np.float64))
    excess = _transform(service.excess_cdf, step_s, points, damping, scale=workers)
    nearest = _transform(
        lambda time_s: 1 - (1 - service.excess_cdf(time_s)) ** workers, step_s, points, damping
    )
    served = _transform(service.cdf, step_s, points, damping)
    keep = _thinned(points)
    nodes = utilisation_nodes(rows)
    tail = np.empty((nodes.size, keep.size + 1))
    for row, rho in enumerate(nodes):
        waits = waiting_probability(rho * workers, workers) if rho > 0 else 0.0
        waiting = (1 - waits) + waits * nearest * (1 - rho) / (1 - rho * excess)
        mass = np.fft.irfft(waiting * served, points) / damping
        tail[row, 0] = 1.0
        tail[row, 1:] = np.clip(1 - np.cumsum(mass)[keep], 0.0, 1.0)
    response_s = np.concatenate(([0.0], (keep + 0.5) * step_s))
    return ResponseTable(
        utilisation=nodes, response_s=response_s, tail=np.minimum.accumulate(tail, axis=1)
    )


def _lattice(service: Service, workers: int) -> tuple[float, int]:
    """Step [s] and number of points, a power of two, that reach P(response > end) < 1e-5."""
    step_s = service.mean_s / (_CELLS * workers)
    residual_s = service.mean_s * (1 + service.cv**2) / 2
    wait_s = residual_s / (workers * (1 - MAX_UTILISATION)) * -math.log(_BEYOND)
    reach_s = wait_s + service.quantile_s(1 - _BEYOND)
    points = 2 ** math.ceil(math.log2(reach_s / step_s))
    while points > _MAX_POINTS:
        points //= 2
        step_s *= 2
    return step_s, points


def _transform(
    cdf: Callable[[FloatArray], FloatArray],
    step_s: float,
    points: int,
    damping: FloatArray,
    scale: int = 1,
) -> ComplexArray:
    """Fourier transform of the lattice masses of a non-negative variable divided by ``scale``."""
    edges_s: FloatArray = (np.arange(points + 1, dtype=np.float64) - 0.5) * step_s * scale
    mass = np.diff(cdf(edges_s))
    return np.asarray(np.fft.rfft(mass * damping))


def _thinned(points: int) -> NDArray[np.int64]:
    """Lattice indices 0.2 % apart: what a percentile needs, at a tenth of the memory."""
    wanted = np.round(1.002 ** np.arange(math.log(points) / math.log(1.002) + 1)).astype(np.int64)
    return np.unique(np.concatenate(([0], wanted[wanted < points], [points - 1])))
