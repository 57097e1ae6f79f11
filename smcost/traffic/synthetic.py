"""Traces nobody measured: a constant rate, a day with one peak, noise, quiet weekends, spikes.

All start at 2024-01-01T00:00Z, a Monday, with steps of 60 s. The first two are deterministic:
expected counts, rounded so that running totals are kept; :func:`noisy` makes Poisson counts.
"""

import math
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from smcost.errors import UsageError
from smcost.traffic.gaps import is_weekend
from smcost.traffic.trace import Trace, round_cumulatively
from smcost.units import SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE

START_S = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp())
#: Early afternoon in Europe, morning in the Americas: a choice, as any hour would be.
PEAK_HOUR_UTC = 14
_MINUTES_PER_DAY = SECONDS_PER_DAY // SECONDS_PER_MINUTE
_MAX_RPS = 1e9
#: Beyond it the peak lasts under three minutes, and steps of a minute no longer resolve it.
_MAX_PEAK_TO_MEAN = 500.0


def constant(rps: float, days: int = 1) -> Trace:
    """Give the same demand in every minute.

    Parameters
    ----------
    rps
        Demand. [s^-1]

    Raises
    ------
    UsageError
        ``rps`` is not a finite number above 0, or ``days`` is below 1.
    """
    _check_rate(rps, "--rps")
    return _of_days(np.full(_MINUTES_PER_DAY, rps), days)


def day_shape(mean_rps: float, peak_rps: float, days: int = 1) -> Trace:
    """Give days with one peak, at 14:00 UTC, and the stated mean.

    Parameters
    ----------
    mean_rps, peak_rps
        Mean over a day and demand in its busiest minute. [s^-1]

    Notes
    -----
    With x the cosine of the angle of the day from its peak: ``mean + (peak - mean) x`` while the
    peak is at most twice the mean; beyond, where that would fall below 0, ``peak ((1 + x)/2)^k``
    with k from :func:`peak_exponent`. At twice the mean the two are the same curve (k = 1).

    Raises
    ------
    UsageError
        A rate is not a finite number above 0, the peak is below the mean or above 500 times it,
        or ``days`` is below 1.
    """
    _check_rate(mean_rps, "--rps")
    _check_rate(peak_rps, "--peak-rps")
    if not mean_rps <= peak_rps <= _MAX_PEAK_TO_MEAN * mean_rps:
        raise UsageError(
            f"A peak of {peak_rps:g} per second does not go with a mean of {mean_rps:g}",
            remedy=f"Give a peak between the mean and {_MAX_PEAK_TO_MEAN:g} times the mean",
            place="--peak-rps",
        )
    minute = np.arange(_MINUTES_PER_DAY) - PEAK_HOUR_UTC * SECONDS_PER_HOUR // SECONDS_PER_MINUTE
    x = np.cos(2 * np.pi * minute / _MINUTES_PER_DAY)
    if peak_rps <= 2 * mean_rps:
        return _of_days(mean_rps + (peak_rps - mean_rps) * x, days)
    return _of_days(peak_rps * ((1 + x) / 2) ** peak_exponent(peak_rps / mean_rps), days)


def peak_exponent(peak_to_mean: float) -> float:
    """Exponent k that gives a day ``((1 + cos)/2)^k`` the stated ratio of peak to mean, 2 or more.

    Notes
    -----
    ``(1 + cos t)/2 = cos^2(t/2)``, and the mean of ``cos^2k`` over a period is
    ``Gamma(k + 1/2) / (sqrt(pi) Gamma(k + 1))`` (Wallis), which falls in k; solved by bisection.

    References
    ----------
    NIST Digital Library of Mathematical Functions, https://dlmf.nist.gov/5.12, equation 5.12.2.

    >>> round(peak_exponent(2.0), 9), round(peak_exponent(8 / 3), 9)
    (1.0, 2.0)
    """
    wanted = -math.log(peak_to_mean)
    low, high = 0.0, peak_to_mean**2  # the mean is below 1/sqrt(pi k), so k < ratio^2
    for _ in range(100):
        k = (low + high) / 2
        log_mean = math.lgamma(k + 0.5) - math.lgamma(k + 1) - 0.5 * math.log(math.pi)
        low, high = (k, high) if log_mean > wanted else (low, k)
    return (low + high) / 2


def noisy(trace: Trace, rng: np.random.Generator) -> Trace:
    """Replace every count by a Poisson count of that mean."""
    return trace.with_expected(rng.poisson(trace.invocations).astype(np.float64))


def weekend(trace: Trace, factor: float) -> Trace:
    """Multiply the demand of Saturdays and Sundays (UTC) by a factor.

    Raises
    ------
    UsageError
        The factor is not a finite number of 0 or more.
    """
    if not (math.isfinite(factor) and factor >= 0):
        raise UsageError(
            f"A weekend factor of {factor} is no factor", remedy="Give a number of 0 or more"
        )
    off = is_weekend(trace.stamps_s // SECONDS_PER_DAY)
    return trace.with_expected(np.where(off, factor, 1.0) * trace.invocations)


def spike(trace: Trace, *, at_s: float, factor: float, duration_s: float) -> Trace:
    """Multiply the demand of one stretch: a launch, a retry storm, a batch job let loose.

    Parameters
    ----------
    trace
        What to change.
    at_s
        Start of the stretch, from the start of the trace, to the step it falls in. [s]
    factor
        What the demand is multiplied by.
    duration_s
        Length of the stretch, to whole steps, at least one. [s]

    Raises
    ------
    UsageError
        The factor is not a finite number of 0 or more, or the stretch begins after the end.
    """
    if not (math.isfinite(factor) and factor >= 0):
        raise UsageError(
            f"A spike of {factor} times the demand is none", remedy="Give a factor of 0 or more"
        )
    first = int(at_s // trace.step_s)
    if first >= trace.steps:
        raise UsageError(
            f"The spike begins {at_s:g} s after the start, beyond the end of the trace",
            remedy=f"Give a start within {trace.steps * trace.step_s} s",
        )
    steps = max(1, round(duration_s / trace.step_s))
    factors = np.ones(trace.steps)
    factors[first : first + steps] = factor
    return trace.with_expected(factors * trace.invocations)


def _check_rate(rps: float, flag: str) -> None:
    if not (math.isfinite(rps) and 0 < rps <= _MAX_RPS):
        raise UsageError(
            f"A demand of {rps} invocations per second cannot be",
            remedy=f"Give a number above 0, at most {_MAX_RPS:.0e}",
            place=flag,
        )


def _of_days(rps: NDArray[np.float64], days: int) -> Trace:
    if days < 1:
        raise UsageError(f"A trace of {days} days is none", remedy="Give 1 day or more")
    counts = round_cumulatively(np.tile(rps * SECONDS_PER_MINUTE, days))
    present = np.ones(counts.size, dtype=np.bool_)
    return Trace(start_s=START_S, step_s=SECONDS_PER_MINUTE, invocations=counts, present=present)
