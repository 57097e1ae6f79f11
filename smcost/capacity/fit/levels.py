"""Cells of one level of load put together for the reader."""

import math

import numpy as np

from smcost.capacity.fit.candidate import Candidate
from smcost.capacity.fit.cells import Cells
from smcost.capacity.fit.evidence import Evidence
from smcost.capacity.fit.result import Level
from smcost.queueing.service import FloatArray


def levels_of(cells: Cells, minutes: Evidence, best: Candidate | None) -> tuple[Level, ...]:
    """One for each level of load, from the quietest to the busiest.

    Parameters
    ----------
    cells, minutes
        What was measured, and the minutes behind it.
    best
        The explanation, if there is one.
    """
    known = np.isfinite(cells.statistics)
    fitted = np.full(known.shape, np.nan) if best is None else best.predicted
    fitted = np.where(known, fitted, np.nan)
    requests = np.bincount(
        cells.member[cells.member >= 0],
        weights=minutes.requests[cells.member >= 0],
        minlength=cells.rate_rps.size,
    )
    found = []
    for level in np.unique(cells.level):
        some = cells.level == level
        weight = cells.minutes[some].astype(np.float64)
        rate_rps = float(np.average(cells.rate_rps[some], weights=weight))
        found.append(
            Level(
                rate_rps=rate_rps,
                utilisation=math.nan if best is None else best.utilisation(rate_rps),
                minutes=int(weight.sum()),
                requests=float(requests[some].sum()),
                observed_s=_together(cells.statistics[some], weight),
                fitted_s=_together(fitted[some], weight),
            )
        )
    return tuple(found)


def _together(logarithms: FloatArray, weight: FloatArray) -> tuple[float, ...]:
    """Geometric mean over cells that have the statistic, ``(c, K)`` -> ``(K,)``."""
    known = np.isfinite(logarithms)
    total = (known * weight[:, None]).sum(axis=0)
    summed = (np.nan_to_num(logarithms) * weight[:, None]).sum(axis=0)
    mean = np.where(total > 0, summed / np.maximum(total, 1e-300), np.nan)
    return tuple(np.exp(mean).tolist())
