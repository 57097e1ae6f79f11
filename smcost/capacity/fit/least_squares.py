"""Mean and variability of least squares, for a law and a number of workers."""

import math

import numpy as np

from smcost.capacity.fit.candidate import Candidate
from smcost.capacity.fit.cells import Cells
from smcost.capacity.fit.predicted import STEP, Prediction
from smcost.queueing.service import FloatArray, ServiceLaw

#: Error that the model itself is granted in each statistic, relative.
MODEL_ERROR = 0.01


def least_squares(
    cells: Cells,
    law: ServiceLaw,
    tables: Prediction,
    guess: tuple[float, float],
    whitening: list[FloatArray],
) -> Candidate:
    """The best mean and variability within the reach of the tables.

    Parameters
    ----------
    cells, law, tables
        What was measured, and what the law and a number of workers predict.
    guess
        log S and log cv to begin with.
    whitening
        Of :func:`whitening_of`.
    """
    from scipy import optimize

    def left(parameters: FloatArray) -> FloatArray:
        return _whitened(cells, tables.at(parameters[0], parameters[1]), whitening)

    middle = float(tables.log_cv[1])
    reach = 1.2 * math.log(STEP)
    full = math.log(1.02 * tables.workers / float(cells.rate_rps.max()))
    bounds = ([guess[0] - 3, middle - reach], [max(full, guess[0] - 2.9), middle + reach])
    start = [min(guess[0], bounds[1][0] - 0.05), guess[1]]
    solved = optimize.least_squares(left, start, bounds=bounds, x_scale=(0.05, 0.1))
    log_mean, log_cv = (float(value) for value in solved.x)
    slopes = np.asarray(solved.jac)
    return Candidate(
        law=law,
        workers=tables.workers,
        log_mean=log_mean,
        log_cv=log_cv,
        misfit=float(2 * solved.cost),
        predicted=tables.at(log_mean, log_cv),
        covariance=np.linalg.pinv(slopes.T @ slopes),
        prediction=tables,
    )


def whitening_of(cells: Cells, simulated: FloatArray | None) -> list[FloatArray]:
    """For each cell the matrix that makes its errors unrelated and of unit variance."""
    found = []
    for number, covariance in enumerate(cells.covariance):
        known = np.isfinite(cells.statistics[number])
        some = covariance[np.ix_(known, known)]
        if simulated is not None:
            some = some * (1 + cells.minutes[number] / simulated[number])
        some = some + MODEL_ERROR**2 * np.eye(some.shape[0])
        found.append(np.linalg.inv(np.linalg.cholesky(some)))
    return found


def _whitened(cells: Cells, predicted: FloatArray, whitening: list[FloatArray]) -> FloatArray:
    parts = []
    for number, matrix in enumerate(whitening):
        known = np.isfinite(cells.statistics[number])
        parts.append(matrix @ (predicted[number, known] - cells.statistics[number, known]))
    return np.concatenate(parts)
