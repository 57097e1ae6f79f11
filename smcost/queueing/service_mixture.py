"""Service times of several kinds of requests on the same workers: a mixture, not one wider law.

Two moments do not tell a mixture's percentiles: of 98 % at 10 ms and 2 % at 3 s the p95 is 10 ms,
of the lognormal law with its mean and variance it is a quarter of a second.
"""

import math
from dataclasses import dataclass

import numpy as np

from smcost.errors import UsageError
from smcost.queueing.service import FloatArray, Service, ServiceLaw, ServiceTime

#: Means that are told apart; more of them are taken together, within 6 % over a factor of 1,000.
_KINDS = 64
#: Of the bracket in which a percentile is sought.
_HALVINGS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedService:
    """Requests of several kinds, alike but for their mean.

    Attributes
    ----------
    weights
        Part of the requests that is of each kind, > 0, sums to 1. [fraction]
    means_s
        Mean of each kind, > 0. [s]
    cv_of_each
        Coefficient of variation of one kind.
    shape
        Law of one kind.

    Raises
    ------
    UsageError
        No kinds, weights that are not those of all requests, times that are not positive.
    """

    weights: tuple[float, ...]
    means_s: tuple[float, ...]
    cv_of_each: float
    shape: ServiceLaw = ServiceLaw.LOGNORMAL

    def __post_init__(self) -> None:
        whole = math.isclose(sum(self.weights), 1.0, rel_tol=1e-9) and min(self.weights) > 0
        if len(self.weights) != len(self.means_s) or not whole or not min(self.means_s) > 0:
            raise UsageError(
                "The kinds of requests and their service times give no distribution",
                remedy="Give every kind a part of the requests and a service time above 0",
            )

    @property
    def each(self) -> ServiceTime:
        """The law of one kind, of mean 1 s."""
        return ServiceTime(mean_s=1.0, cv=self.cv_of_each, law=self.shape)

    @property
    def law(self) -> ServiceLaw:
        """None with a name."""
        return ServiceLaw.EMPIRICAL

    @property
    def constant(self) -> bool:
        """Whether every request takes the same time."""
        return self.each.constant and min(self.means_s) == max(self.means_s)

    @property
    def mean_s(self) -> float:
        """Mean. [s]"""
        return math.fsum(w * m for w, m in zip(self.weights, self.means_s, strict=True))

    @property
    def cv(self) -> float:
        """Standard deviation / mean: E[S^2] is the weighted sum of s_i^2 (1 + cv_i^2)."""
        square = math.fsum(w * m**2 for w, m in zip(self.weights, self.means_s, strict=True))
        return math.sqrt(max(0.0, square * (1 + self.cv_of_each**2) / self.mean_s**2 - 1))

    def cdf(self, time_s: FloatArray) -> FloatArray:
        """P(S <= t), shape as ``time_s``."""
        each, total = self.each, np.zeros(np.shape(time_s))
        for weight, mean_s in zip(self.weights, self.means_s, strict=True):
            total += weight * each.cdf(time_s / mean_s)
        return total

    def excess_cdf(self, time_s: FloatArray) -> FloatArray:
        """P(residual service time <= t): a kind is met in service as often as it is at work."""
        each, total = self.each, np.zeros(np.shape(time_s))
        for weight, mean_s in zip(self.weights, self.means_s, strict=True):
            total += weight * mean_s / self.mean_s * each.excess_cdf(time_s / mean_s)
        return np.minimum(total, 1.0)

    def quantile_s(self, fraction: float) -> float:
        """The percentile. [s]"""
        return float(self.quantiles_s(np.array([fraction]))[0])

    def quantiles_s(self, fractions: FloatArray) -> FloatArray:
        """Percentiles at fractions within (0, 1), shape as ``fractions``. [s]

        By halving the bracket between those of the fastest and of the slowest kind.
        """
        of_one = self.each.quantiles_s(fractions)
        low, high = of_one * min(self.means_s) * (1 - 1e-9), of_one * max(self.means_s)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            reached = self.cdf(middle) >= fractions
            low, high = np.where(reached, low, middle), np.where(reached, middle, high)
        return np.asarray(high)

    def upper_quantiles_s(self, beyond: FloatArray) -> FloatArray:
        """Times exceeded with a probability within (0, 1), shape as ``beyond``. [s]"""
        return self.quantiles_s(1 - beyond)

    def sample(self, rng: np.random.Generator, size: int) -> FloatArray:
        """Draw independent service times, shape ``(size,)``. [s]"""
        kind = rng.choice(len(self.weights), size, p=self.weights)
        return np.asarray(self.each.sample(rng, size) * np.array(self.means_s)[kind])


def mixed(weights: FloatArray, means_s: FloatArray, each: ServiceTime) -> Service:
    """The service time over all requests.

    Parameters
    ----------
    weights
        Of each kind, of any sum > 0; a kind without requests is left out, shape ``(M,)``.
    means_s
        Mean of each kind, > 0, shape ``(M,)``. [s]
    each
        Law and coefficient of variation of one kind; its mean does not count.
    """
    asked = weights > 0
    found, kind = np.unique(means_s[asked], return_inverse=True)
    part = np.bincount(kind, weights=weights[asked] / weights[asked].sum())
    if found.size > _KINDS:
        edges = np.geomspace(found[0], found[-1], _KINDS + 1)
        bins = np.clip(np.searchsorted(edges, found, side="right") - 1, 0, _KINDS - 1)
        in_bin = np.bincount(bins, weights=part, minlength=_KINDS)
        sums_s = np.bincount(bins, weights=part * found, minlength=_KINDS)
        found, part = sums_s[in_bin > 0] / in_bin[in_bin > 0], in_bin[in_bin > 0]
    if found.size == 1:
        return ServiceTime(mean_s=float(found[0]), cv=each.cv, law=each.law)
    return MixedService(
        weights=tuple((part / part.sum()).tolist()),
        means_s=tuple(found.tolist()),
        cv_of_each=each.cv,
        shape=each.law,
    )
