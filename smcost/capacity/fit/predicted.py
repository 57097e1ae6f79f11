"""What M/G/c says a cell should have measured, for a unit mean service time.

Tables of the response time scale with the mean service time S: all of them are computed for S = 1,
and a prediction is log S + g(rate S / c, cv). Between a few coefficients of variation log g is
interpolated by the parabola through them.
"""

from dataclasses import dataclass

import numpy as np

from smcost.capacity.fit.cells import Cells
from smcost.capacity.profile import Routing
from smcost.queueing.least_outstanding import tabulated_size
from smcost.queueing.mgc import response_table
from smcost.queueing.response_table import ResponseTable
from smcost.queueing.service import FloatArray, ServiceLaw, ServiceTime

#: Rows of a table: what interpolation between so few lacks is in the correction.
_ROWS = 24
#: Ratio of neighbouring coefficients of variation between which is interpolated.
STEP = 1.3
#: Largest and smallest that is looked for.
LARGEST_CV, SMALLEST_CV = 4.0, 0.03


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prediction:
    """Predictions for a law and a number of workers around a coefficient of variation.

    Attributes
    ----------
    workers
        Workers of one instance. [count]
    rate_rps
        Demand on one instance in each cell, ``(C,)``. [s^-1]
    log_cv
        Of the three nodes, ``(3,)``.
    utilisation
        Rows of the tables, ``(R,)``. [fraction]
    log_statistics
        Of a unit mean, ``(3, C, K, R)``.
    correction
        Added to every prediction, ``(C, K)``: what simulation found the formulas to lack.
    """

    workers: int
    rate_rps: FloatArray
    log_cv: FloatArray
    utilisation: FloatArray
    log_statistics: FloatArray
    correction: FloatArray

    def at(self, log_mean: float, log_cv: float) -> FloatArray:
        """Logarithms of the statistics in seconds, ``(C, K)``.

        Beyond the last row of the tables they go on as between the last two: steeply.
        """
        rho = self.rate_rps * np.exp(log_mean) / self.workers
        row = np.interp(rho, self.utilisation, np.arange(self.utilisation.size))
        below = np.minimum(row.astype(np.int64), self.utilisation.size - 2)
        width = self.utilisation[below + 1] - self.utilisation[below]
        share = ((rho - self.utilisation[below]) / width)[:, None]
        cell = np.arange(rho.size)
        low = self.log_statistics[:, cell, :, below]
        high = self.log_statistics[:, cell, :, below + 1]
        # Fancy indices stand first: (C, 3, K) each.
        between = low + share[:, :, None] * (high - low)
        return np.asarray(
            log_mean + np.einsum("v,cvk->ck", self._weights(log_cv), between) + self.correction
        )

    def _weights(self, log_cv: float) -> FloatArray:
        """Of the parabola through the nodes (Lagrange), ``(3,)``."""
        a, b, c = self.log_cv
        return np.array(
            [
                (log_cv - b) * (log_cv - c) / ((a - b) * (a - c)),
                (log_cv - a) * (log_cv - c) / ((b - a) * (b - c)),
                (log_cv - a) * (log_cv - b) / ((c - a) * (c - b)),
            ]
        )


def prediction(
    cells: Cells, law: ServiceLaw, workers: int, cv: float, routing: Routing
) -> Prediction:
    """Tables for three coefficients of variation around ``cv``."""
    nodes = np.array([cv / STEP, cv, cv * STEP])
    sizes = [
        1 if routing is Routing.RANDOM else tabulated_size(int(size)) for size in cells.instances
    ]
    tables = [
        {
            size: response_table(ServiceTime(mean_s=1.0, cv=node, law=law), workers * size, _ROWS)
            for size in set(sizes)
        }
        for node in nodes.tolist()
    ]
    some = next(iter(tables[0].values()))
    values = [
        [
            _unit_statistics(of_size[size], cells.fractions, float(requests))
            for size, requests in zip(sizes, cells.requests, strict=True)
        ]
        for of_size in tables
    ]
    return Prediction(
        workers=workers,
        rate_rps=cells.rate_rps,
        log_cv=np.log(nodes),
        utilisation=some.utilisation,
        log_statistics=np.log(np.array(values)),
        correction=np.zeros(cells.statistics.shape),
    )


def _unit_statistics(table: ResponseTable, fractions: FloatArray, requests: float) -> FloatArray:
    """Mean and percentiles at every utilisation, ``(K, R)``. [S]

    Notes
    -----
    Of n requests the percentile p is the k-th smallest, k = ceil(n p), whose probability has a
    Beta(k, n - k + 1) distribution with a median of about (k - 1/3) / (n + 1/3).
    """
    ranks = np.ceil(fractions * requests)
    beyond = 1 - (ranks - 1 / 3) / (requests + 1 / 3)
    steps = np.diff(table.response_s)
    found = np.empty((1 + fractions.size, table.utilisation.size))
    found[0] = ((table.tail[:, 1:] + table.tail[:, :-1]) / 2 * steps).sum(axis=1)
    for row, tail in enumerate(table.tail):
        # Decreasing towards the end: read backwards, with what is level made to fall.
        found[1:, row] = np.interp(beyond, tail[::-1], table.response_s[::-1])
    return found
