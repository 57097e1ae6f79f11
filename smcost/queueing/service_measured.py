"""Service times known by measurement instead of by a law: unloaded percentiles, or samples.

Both can be asked what :class:`smcost.queueing.service.ServiceTime` can be asked.
"""

import math
from dataclasses import dataclass

import numpy as np

from smcost.errors import UsageError
from smcost.queueing.service import FloatArray, ServiceLaw

#: A lognormal law reaches 1e-12 within seven standard deviations.
_REACH = 7.0
_MANY_SAMPLES = 1_000_000
#: Standard deviation of the logarithm between two percentiles beyond which they are of two things,
#: such as a cold start and a warm answer.
_MOST_SPREAD = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PercentileService:
    """A service time through measured percentiles of an unloaded instance.

    Attributes
    ----------
    fractions, latencies_s
        At least two percentiles, increasing within (0, 1), with their times, > 0 and not
        decreasing. [fraction, s]

    Raises
    ------
    UsageError
        Fewer than two percentiles, or such that do not increase.

    Notes
    -----
    The logarithm of the time is piecewise linear in the normal quantile: between two percentiles
    the law is the lognormal one through both, so that a lognormal service time is reproduced
    exactly. Below the first and beyond the last percentile it goes on with the slope of the
    nearest piece or of the whole, whichever is smaller: an assumption, and one steep piece at the
    end must not make the mean.
    """

    fractions: tuple[float, ...]
    latencies_s: tuple[float, ...]

    def __post_init__(self) -> None:
        fractions, latencies_s = np.array(self.fractions), np.array(self.latencies_s)
        if (
            fractions.size < 2
            or fractions.size != latencies_s.size
            or not (fractions[0] > 0 and fractions[-1] < 1)
            or np.any(np.diff(fractions) <= 0)
            or not latencies_s[0] > 0
            or not math.isfinite(latencies_s[-1])
            or np.any(np.diff(latencies_s) < 0)
            or _steepest(fractions, latencies_s) > _MOST_SPREAD
        ):
            raise UsageError(
                f"Percentiles {self.fractions} with service times {self.latencies_s} s give no "
                "distribution",
                remedy="Give at least two, such as p50_ms and p99_ms, that do not decrease, and "
                "not those of a cold start beside a warm one",
            )

    @property
    def law(self) -> ServiceLaw:
        """Empirical."""
        return ServiceLaw.EMPIRICAL

    @property
    def constant(self) -> bool:
        """Whether every request takes the same time."""
        return self.latencies_s[0] == self.latencies_s[-1]

    @property
    def _pieces(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Normal quantiles where pieces meet ``(P + 2,)``; ln t = a + b z of each ``(P + 1,)``."""
        from scipy import special

        z, log_s = special.ndtri(np.array(self.fractions)), np.log(np.array(self.latencies_s))
        slopes = np.diff(log_s) / np.diff(z)
        whole = (log_s[-1] - log_s[0]) / (z[-1] - z[0])
        slopes = np.concatenate(([min(slopes[0], whole)], slopes, [min(slopes[-1], whole)]))
        at = np.concatenate(([0], np.arange(z.size)))
        edges = np.concatenate(([-np.inf], z, [np.inf]))
        return edges, np.asarray(log_s[at] - slopes * z[at]), np.asarray(slopes)

    @property
    def mean_s(self) -> float:
        """Mean, in closed form piece by piece. [s]"""
        return float(self._moment(1, np.array([np.inf]))[0])

    @property
    def cv(self) -> float:
        """Coefficient of variation: standard deviation / mean."""
        second = float(self._moment(2, np.array([np.inf]))[0])
        return math.sqrt(max(0.0, second / self.mean_s**2 - 1))

    def _moment(self, order: int, z: FloatArray) -> FloatArray:
        """E[S^order; Z <= z], shape as ``z``: partial moments of lognormal pieces."""
        from scipy import special

        edges, a, b = self._pieces
        total = np.zeros(z.shape)
        for low, high, level, slope in zip(edges[:-1], edges[1:], a, b, strict=True):
            shift = order * slope
            scale = math.exp(order * level + shift**2 / 2)
            ends = special.ndtr(np.clip(z, low, high) - shift) - special.ndtr(low - shift)
            total += scale * ends
        return total

    def _z(self, time_s: FloatArray) -> FloatArray:
        """The normal quantile of each time, ``-inf`` at or below 0; a flat piece is a step."""
        edges, a, b = self._pieces
        with np.errstate(divide="ignore", invalid="ignore"):
            log_s = np.log(np.maximum(time_s, 0.0))
            found = np.full(time_s.shape, -np.inf)
            for low, high, level, slope in zip(edges[:-1], edges[1:], a, b, strict=True):
                step = np.where(log_s >= level, high, low)
                here = np.clip((log_s - level) / slope, low, high) if slope > 0 else step
                found = np.maximum(found, np.where(here > low, here, -np.inf))
        return found

    def cdf(self, time_s: FloatArray) -> FloatArray:
        """P(S <= t), shape as ``time_s``."""
        from scipy import special

        return np.asarray(special.ndtr(self._z(time_s)), dtype=np.float64)

    def excess_cdf(self, time_s: FloatArray) -> FloatArray:
        """P(residual service time <= t), as :meth:`ServiceTime.excess_cdf`."""
        from scipy import special

        positive = np.maximum(time_s, 0.0)
        z = self._z(positive)
        excess = positive * special.ndtr(-z) + self._moment(1, z)
        return np.clip(excess / self.mean_s, 0.0, 1.0)

    def quantile_s(self, fraction: float) -> float:
        """The percentile: as measured, or of the lognormal piece it lies in. [s]"""
        from scipy import special

        return float(self._at_z(np.array([special.ndtri(fraction)]))[0])

    def quantiles_s(self, fractions: FloatArray) -> FloatArray:
        """Percentiles at fractions within (0, 1), shape as ``fractions``. [s]"""
        from scipy import special

        return self._at_z(special.ndtri(fractions))

    def upper_quantiles_s(self, beyond: FloatArray) -> FloatArray:
        """Times exceeded with a probability within (0, 1), shape as ``beyond``. [s]"""
        from scipy import special

        return self._at_z(-special.ndtri(beyond))

    def _at_z(self, z: FloatArray) -> FloatArray:
        edges, a, b = self._pieces
        piece = np.clip(np.searchsorted(edges, z, side="left") - 1, 0, a.size - 1)
        return np.asarray(np.exp(a[piece] + b[piece] * np.clip(z, -4 * _REACH, 4 * _REACH)))

    def sample(self, rng: np.random.Generator, size: int) -> FloatArray:
        """Draw independent service times, shape ``(size,)``. [s]"""
        return self._at_z(rng.standard_normal(size))


def _steepest(fractions: FloatArray, latencies_s: FloatArray) -> float:
    """Largest slope of the logarithm of the time over the normal quantile."""
    from scipy import special

    return float(np.max(np.diff(np.log(latencies_s)) / np.diff(special.ndtri(fractions))))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SampledService:
    """A service time known by samples: each is as likely as any other.

    Attributes
    ----------
    samples_s
        Measured on an unloaded instance, > 0, any order, at least two, shape ``(n,)``. [s]

    Raises
    ------
    UsageError
        Fewer than two samples, or one that is not a positive time.

    Notes
    -----
    Nothing is assumed beyond the largest sample: a percentile p wants well over 1 / (1 - p).
    """

    samples_s: FloatArray

    def __post_init__(self) -> None:
        samples_s = np.sort(np.asarray(self.samples_s, dtype=np.float64))
        if not 2 <= samples_s.size <= _MANY_SAMPLES or not (
            samples_s[0] > 0 and math.isfinite(samples_s[-1])
        ):
            raise UsageError(
                f"{samples_s.size} samples of the service time give no distribution",
                remedy="Give from two to a million times above 0, one row each",
            )
        samples_s.flags.writeable = False
        object.__setattr__(self, "samples_s", samples_s)

    @property
    def law(self) -> ServiceLaw:
        """Empirical."""
        return ServiceLaw.EMPIRICAL

    @property
    def constant(self) -> bool:
        """Whether every sample is the same."""
        return bool(self.samples_s[0] == self.samples_s[-1])

    @property
    def mean_s(self) -> float:
        """Mean of the samples. [s]"""
        return float(self.samples_s.mean())

    @property
    def cv(self) -> float:
        """Standard deviation / mean of the samples."""
        return float(self.samples_s.std()) / self.mean_s

    @property
    def _sums_s(self) -> FloatArray:
        return np.concatenate(([0.0], np.cumsum(self.samples_s)))

    def cdf(self, time_s: FloatArray) -> FloatArray:
        """Share of the samples at or below t, shape as ``time_s``."""
        below = np.searchsorted(self.samples_s, time_s, side="right")
        return np.asarray(below / self.samples_s.size, dtype=np.float64)

    def excess_cdf(self, time_s: FloatArray) -> FloatArray:
        """P(residual service time <= t), as :meth:`ServiceTime.excess_cdf`."""
        positive = np.maximum(time_s, 0.0)
        below = np.searchsorted(self.samples_s, positive, side="right")
        mass_s = positive * (self.samples_s.size - below) + self._sums_s[below]
        return np.asarray(np.minimum(mass_s / self._sums_s[-1], 1.0))

    def quantile_s(self, fraction: float) -> float:
        """The sample that a share of them does not exceed. [s]"""
        return float(np.quantile(self.samples_s, fraction, method="inverted_cdf"))

    def quantiles_s(self, fractions: FloatArray) -> FloatArray:
        """Percentiles at fractions within (0, 1), shape as ``fractions``. [s]"""
        return np.asarray(np.quantile(self.samples_s, fractions, method="inverted_cdf"))

    def upper_quantiles_s(self, beyond: FloatArray) -> FloatArray:
        """Times exceeded with a probability within (0, 1), shape as ``beyond``. [s]"""
        largest = self.samples_s.size - 1
        rank = np.minimum(np.floor(beyond * self.samples_s.size).astype(np.int64), largest)
        return np.take(self.samples_s, largest - rank)

    def sample(self, rng: np.random.Generator, size: int) -> FloatArray:
        """Draw among the samples with replacement, shape ``(size,)``. [s]"""
        return np.take(self.samples_s, rng.integers(0, self.samples_s.size, size))
