"""One explanation of the cells: a law, a number of workers, and the best mean and variability."""

import math
from dataclasses import dataclass

import numpy as np

from smcost.capacity.fit.cells import Cells
from smcost.capacity.fit.predicted import Prediction
from smcost.queueing.service import FloatArray, ServiceLaw, ServiceTime

#: No endpoint is asked whether it has more.
MOST_WORKERS = 128
#: The likelihood ratio that 95 % of samples stay within, one parameter.
PLAUSIBLE = 3.84
#: The same prediction: nobody waits any more.
_SAME = 5e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """The best explanation with a given law and number of workers.

    Attributes
    ----------
    law, workers, log_mean, log_cv
        The explanation.
    misfit
        Weighted sum of squares that it leaves.
    predicted
        Its statistics, logarithms of seconds, ``(C, K)``.
    covariance
        Of ``(log_mean, log_cv)``, ``(2, 2)``.
    prediction
        Where it came from.
    """

    law: ServiceLaw
    workers: int
    log_mean: float
    log_cv: float
    misfit: float
    predicted: FloatArray
    covariance: FloatArray
    prediction: Prediction

    @property
    def mean_s(self) -> float:
        """Mean service time. [s]"""
        return math.exp(self.log_mean)

    @property
    def cv(self) -> float:
        """Coefficient of variation."""
        return math.exp(self.log_cv)

    @property
    def service(self) -> ServiceTime:
        """The service time."""
        return ServiceTime(mean_s=self.mean_s, cv=self.cv, law=self.law)

    def utilisation(self, rate_rps: float) -> float:
        """Of one instance at that demand. [fraction]"""
        return rate_rps * self.mean_s / self.workers


def scale(cells: Cells, misfit: float) -> float:
    """By how much what is left exceeds what chance would leave, at least 1 (R. T. Birge)."""
    freedom = max(int(np.isfinite(cells.statistics).sum()) - 3, 1)
    return max(1.0, misfit / freedom)


def told_apart(among: list[Candidate]) -> bool:
    """Whether the largest number of workers among those as good is the largest there is.

    Not so where the search ended because more of them changed nothing, or at the most it tries.
    """
    most = max(among, key=lambda each: each.workers)
    before = [each for each in among if each.law is most.law and each.workers < most.workers]
    if most.workers >= MOST_WORKERS - MOST_WORKERS // 8:
        return False
    return not any(alike(most, each) for each in before)


def alike(one: Candidate, other: Candidate) -> bool:
    """Whether both predict the same: nobody waits any more."""
    return bool(np.nanmax(np.abs(one.predicted - other.predicted)) < _SAME)
