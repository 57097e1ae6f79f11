"""Service time laws: distribution, stationary excess, quantiles, samples."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from smcost.errors import UsageError

FloatArray = NDArray[np.float64]

#: Coefficients of variation below this count as 0: their squares would be lost in rounding.
_CONSTANT_BELOW = 1e-6


class ServiceLaw(StrEnum):
    """Shape of the service time distribution, given its mean and coefficient of variation."""

    LOGNORMAL = "lognormal"
    GAMMA = "gamma"
    DETERMINISTIC = "deterministic"
    EMPIRICAL = "empirical"


class Service(Protocol):
    """What every service time can be asked, by law or by measurement. Hashable."""

    def __hash__(self) -> int:
        """Tables are remembered per service time."""

    @property
    def law(self) -> ServiceLaw:
        """The shape, or that it was measured."""

    @property
    def mean_s(self) -> float:
        """Mean. [s]"""

    @property
    def cv(self) -> float:
        """Standard deviation / mean."""

    @property
    def constant(self) -> bool:
        """Whether every request takes the same time."""

    def cdf(self, time_s: FloatArray) -> FloatArray:
        """P(S <= t), shape as ``time_s``."""

    def excess_cdf(self, time_s: FloatArray) -> FloatArray:
        """P(residual service time <= t) of a request met in service, shape as ``time_s``."""

    def quantile_s(self, fraction: float) -> float:
        """The service time's own percentile. [s]"""

    def quantiles_s(self, fractions: FloatArray) -> FloatArray:
        """Percentiles at fractions within (0, 1), shape as ``fractions``. [s]"""

    def upper_quantiles_s(self, beyond: FloatArray) -> FloatArray:
        """Times exceeded with a probability within (0, 1), shape as ``beyond``. [s]"""

    def sample(self, rng: np.random.Generator, size: int) -> FloatArray:
        """Draw independent service times, shape ``(size,)``. [s]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTime:
    """Busy time of one worker for one request.

    Attributes
    ----------
    mean_s
        Mean, > 0. [s]
    cv
        Coefficient of variation, standard deviation / mean, >= 0. With 0 every law is
        deterministic; gamma with 1 is the exponential.
    law
        The shape.

    Raises
    ------
    UsageError
        A mean that is not positive and finite, a negative cv, a deterministic law with cv > 0, an
        empirical one.
    """

    mean_s: float
    cv: float
    law: ServiceLaw = ServiceLaw.LOGNORMAL

    def __post_init__(self) -> None:
        if not 0 < self.mean_s < math.inf:
            raise UsageError(
                f"A mean service time of {self.mean_s} s is not a positive time",
                remedy="Give the measured mean busy time of one worker for one invocation",
            )
        if not 0 <= self.cv <= 20:
            raise UsageError(
                f"A coefficient of variation of {self.cv} is outside 0 to 20",
                remedy="Give standard deviation divided by mean of the service time",
            )
        if self.law is ServiceLaw.EMPIRICAL:
            raise UsageError(
                "An empirical service time is not given by mean and coefficient of variation",
                remedy="Give percentiles or samples of it as rows of a capacity file",
            )
        if self.law is ServiceLaw.DETERMINISTIC and self.cv != 0:
            raise UsageError(
                f"A deterministic service time cannot have a coefficient of variation of {self.cv}",
                remedy="Leave the coefficient out, or choose lognormal or gamma",
            )

    @property
    def constant(self) -> bool:
        """Whether every request takes the same time, to all digits that matter."""
        return self.cv < _CONSTANT_BELOW

    @property
    def _lognormal(self) -> tuple[float, float]:
        variance = math.log1p(self.cv**2)
        return math.log(self.mean_s) - variance / 2, math.sqrt(variance)

    @property
    def _gamma(self) -> tuple[float, float]:
        shape = 1 / self.cv**2
        return shape, self.mean_s / shape

    def cdf(self, time_s: FloatArray) -> FloatArray:
        """P(S <= t), shape as ``time_s``."""
        from scipy import special

        if self.constant:
            return np.where(time_s >= self.mean_s, 1.0, 0.0)
        positive = np.maximum(time_s, 0.0)
        if self.law is ServiceLaw.GAMMA:
            shape, scale_s = self._gamma
            return np.asarray(special.gammainc(shape, positive / scale_s), dtype=np.float64)
        location, sigma = self._lognormal
        with np.errstate(divide="ignore"):
            return np.asarray(special.ndtr((np.log(positive) - location) / sigma), dtype=np.float64)

    def excess_cdf(self, time_s: FloatArray) -> FloatArray:
        """P(residual service time <= t) of a request met in service, shape as ``time_s``.

        Notes
        -----
        F_e(t) = (1/E[S]) * integral of (1 - F) from 0 to t
        = (t (1 - F(t)) + E[S; S <= t]) / E[S]; the truncated mean has a closed form in both laws.

        References
        ----------
        L. Kleinrock, Queueing Systems, vol. 1, section 5.2.
        """
        from scipy import special

        positive = np.maximum(time_s, 0.0)
        if self.constant:
            return np.minimum(positive / self.mean_s, 1.0)
        if self.law is ServiceLaw.GAMMA:
            shape, scale_s = self._gamma
            truncated = special.gammainc(shape + 1, positive / scale_s)
        else:
            location, sigma = self._lognormal
            with np.errstate(divide="ignore"):
                truncated = special.ndtr((np.log(positive) - location) / sigma - sigma)
        excess = positive / self.mean_s * (1.0 - self.cdf(positive)) + truncated
        return np.minimum(np.asarray(excess, dtype=np.float64), 1.0)

    def quantile_s(self, fraction: float) -> float:
        """The service time's own percentile: no number of instances answers faster. [s]"""
        from scipy import special

        if self.constant:
            return self.mean_s
        if self.law is ServiceLaw.GAMMA:
            shape, scale_s = self._gamma
            return float(special.gammaincinv(shape, fraction)) * scale_s
        location, sigma = self._lognormal
        return math.exp(location + sigma * float(special.ndtri(fraction)))

    def quantiles_s(self, fractions: FloatArray) -> FloatArray:
        """Percentiles at fractions within (0, 1), shape as ``fractions``. [s]"""
        from scipy import special

        if self.constant:
            return np.full(fractions.shape, self.mean_s)
        if self.law is ServiceLaw.GAMMA:
            shape, scale_s = self._gamma
            return np.asarray(special.gammaincinv(shape, fractions) * scale_s)
        location, sigma = self._lognormal
        return np.asarray(np.exp(location + sigma * special.ndtri(fractions)))

    def upper_quantiles_s(self, beyond: FloatArray) -> FloatArray:
        """Times exceeded with a probability within (0, 1), shape as ``beyond``. [s]

        The same as ``quantiles_s(1 - beyond)``, without losing the digits of small probabilities.
        """
        from scipy import special

        if self.constant:
            return np.full(beyond.shape, self.mean_s)
        if self.law is ServiceLaw.GAMMA:
            shape, scale_s = self._gamma
            return np.asarray(special.gammainccinv(shape, beyond) * scale_s)
        location, sigma = self._lognormal
        return np.asarray(np.exp(location - sigma * special.ndtri(beyond)))

    def sample(self, rng: np.random.Generator, size: int) -> FloatArray:
        """Draw independent service times, shape ``(size,)``. [s]"""
        if self.constant:
            return np.full(size, self.mean_s)
        if self.law is ServiceLaw.GAMMA:
            shape, scale_s = self._gamma
            return rng.gamma(shape, scale_s, size)
        location, sigma = self._lognormal
        return rng.lognormal(location, sigma, size)
