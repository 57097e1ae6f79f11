"""What the cells would have measured of an endpoint that is exactly the one fitted.

The percentile of a minute of a busy queue is not that of the stationary law: requests of a minute
resemble each other, a few minutes hold most of the slow ones, and the formulas themselves err by a
few percent. All of it is in a simulation of the same rates, whose minutes are put together the same
way. What it has beside the formula is added to the formula (indirect inference: C. Gourieroux,
A. Monfort, E. Renault, J. Applied Econometrics 8 (1993) S85-S118).
"""

from dataclasses import dataclass

import numpy as np

from smcost.capacity.fit.cells import Cells, midmean
from smcost.capacity.profile import Routing
from smcost.queueing.exact.compiled import compiled
from smcost.queueing.exact.given import serve_given
from smcost.queueing.service import FloatArray, Service

#: Requests of one simulation of all cells; without compiled kernels each takes fifty times longer.
_REQUESTS = 3_000_000
_REQUESTS_IN_PYTHON = 400_000
_FEWEST, _MOST = 24, 800
#: More minutes than so many times those observed would not make the fit any surer.
_TIMES = 2
#: Minutes before those that count.
_WARM_UP = 3


def simulated_statistics(
    cells: Cells, service: Service, workers: int, routing: Routing, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Statistics of simulated cells ``(C, K)``, and minutes behind each ``(C,)``.

    Parameters
    ----------
    cells
        Rates, instances and requests of each.
    service, workers, routing
        The endpoint.
    seed
        The same seed draws the same luck, whatever the endpoint.
    """
    budget = (_REQUESTS if compiled() else _REQUESTS_IN_PYTHON) / len(cells.rates_rps)
    found, minutes = [], []
    for number, rates_rps in enumerate(cells.rates_rps):
        most = min(_MOST, _TIMES * rates_rps.size)
        size = int(max(_FEWEST, min(most, budget / max(cells.requests[number], 1.0))))
        rng = np.random.default_rng((seed, number))
        chosen = np.quantile(rates_rps, (np.arange(size) + 0.5) / size)
        fleet = _Fleet(
            instances=int(cells.instances[number]),
            workers=workers,
            service=service,
            routing=routing,
        )
        found.append(midmean(_minutes(rng, chosen, fleet, cells.step_s, cells.fractions)))
        minutes.append(size)
    return np.array(found), np.array(minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fleet:
    """The endpoint that is simulated."""

    instances: int
    workers: int
    service: Service
    routing: Routing


def _minutes(
    rng: np.random.Generator,
    rates_rps: FloatArray,
    fleet: _Fleet,
    step_s: int,
    fractions: FloatArray,
) -> FloatArray:
    """Logarithms of mean and percentiles of each minute that had a request, ``(m, K)``."""
    expected = rates_rps * fleet.instances * step_s
    counts = rng.poisson(np.concatenate((np.repeat(expected[:1], _WARM_UP), expected)))
    minute = np.repeat(np.arange(counts.size), counts)
    responses_s = serve_given(
        arrivals_s=np.sort(step_s * (minute + rng.random(minute.size))),
        services_s=fleet.service.sample(rng, minute.size),
        choices=rng.random(minute.size) if fleet.routing is Routing.RANDOM else None,
        in_service=np.array([fleet.instances], dtype=np.int64),
        step_s=float(step_s),
        workers=fleet.workers,
    )
    ends = np.cumsum(counts)
    rows = []
    for end, count in zip(ends[_WARM_UP:].tolist(), counts[_WARM_UP:].tolist(), strict=True):
        if count:
            ranks = np.ceil(fractions * count).astype(np.int64) - 1
            sample_s = np.partition(responses_s[end - count : end], ranks)
            rows.append([sample_s.mean(), *sample_s[ranks]])
    return np.log(np.array(rows))
