"""Minutes of like load put together: what was measured at each load, and how surely.

In each cell the statistics of its minutes (mean and percentiles) are averaged as logarithms over
their middle half. A mean over all would follow deployments and cold caches; a median loses more of
the sample, and stands still on figures that CloudWatch has rounded.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smcost.capacity.fit.evidence import Evidence
from smcost.queueing.service import FloatArray

#: Load levels, equally wide, from the least to the greatest usual rate of one instance.
LEVELS = 16
#: A rate so many times the usual range beyond the 99th percentile is a flood, and sets no level.
_FLOOD = 0.5
#: A cell of fewer minutes is left out.
FEWEST_MINUTES = 8
#: A percentile is used where so many requests of a typical minute lie beyond it.
_BEYOND = 1.0
#: Greatest inflation of a variance for minutes of an hour that resemble each other.
_MOST_INFLATED = 25.0
#: Fleets to this size make cells of their own; larger ones four an octave.
_EVERY_SIZE = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """C cells of minutes of like load and like fleet, and K statistics of each.

    Attributes
    ----------
    step_s
        Length of a minute, be it one or not. [s]
    level
        Number of the load level, ``(C,)``.
    instances
        Instances in service, ``(C,)``. [count]
    rates_rps
        Demand on one instance in each minute of a cell, sorted; C arrays. [s^-1]
    rate_rps
        Its middle, ``(C,)``. [s^-1]
    requests
        Of a typical minute of the fleet, ``(C,)``. [count]
    fractions
        Of the percentiles, ``(P,)``; the first of the K = 1 + P statistics is the mean.
    statistics
        Logarithms of seconds, NaN where there is none, ``(C, K)``.
    covariance
        Of ``statistics``, ``(C, K, K)``.
    member
        The cell of each minute of the evidence, -1 where it is in none, ``(m,)``.
    """

    step_s: int
    level: NDArray[np.int64]
    instances: NDArray[np.int64]
    rates_rps: tuple[FloatArray, ...]
    rate_rps: FloatArray
    requests: FloatArray
    fractions: FloatArray
    statistics: FloatArray
    covariance: FloatArray
    member: NDArray[np.int64]

    @property
    def minutes(self) -> NDArray[np.int64]:
        """Minutes in each cell, ``(C,)``."""
        return np.array([rates.size for rates in self.rates_rps], dtype=np.int64)

    def kept(self, which: NDArray[np.bool_]) -> "Cells":
        """Some of the cells."""
        number = np.concatenate((np.where(which, np.cumsum(which) - 1, -1), [-1]))
        return Cells(
            step_s=self.step_s,
            level=self.level[which],
            instances=self.instances[which],
            rates_rps=tuple(self.rates_rps[at] for at in np.flatnonzero(which)),
            rate_rps=self.rate_rps[which],
            requests=self.requests[which],
            fractions=self.fractions,
            statistics=self.statistics[which],
            covariance=self.covariance[which],
            member=number[self.member],
        )


def midmean(values: FloatArray) -> FloatArray:
    """Mean of the middle half along the first axis, ``(m, K)`` -> ``(K,)``.

    >>> midmean(np.array([[1.0], [2.0], [4.0], [90.0]])).tolist()
    [3.0]
    """
    quarter = values.shape[0] // 4
    return np.asarray(np.sort(values, axis=0)[quarter : values.shape[0] - quarter].mean(axis=0))


def cells_of(minutes: Evidence, fractions: FloatArray, step_s: int) -> Cells | None:
    """Put minutes together; ``None`` where no cell has enough of them."""
    if minutes.rate_rps.size == 0:
        return None
    level = _levels(minutes.rate_rps)
    fleet = np.array([_fleet(count) for count in minutes.instances], dtype=np.int64)
    found = []
    for key in np.unique(np.column_stack((level, fleet)), axis=0):
        inside = (level == key[0]) & (fleet == key[1])
        if inside.sum() >= FEWEST_MINUTES:
            found.append((int(key[0]), inside))
    if not found:
        return None
    member = np.full(level.size, -1)
    for number, (_, inside) in enumerate(found):
        member[inside] = number
    typical = np.array([np.median(minutes.requests[inside]) for _, inside in found])
    statistics, spreads, inflations = zip(
        *(
            _statistics(minutes.log_latency[inside], minutes.hours[inside], fractions, size)
            for (_, inside), size in zip(found, typical, strict=True)
        ),
        strict=True,
    )
    return Cells(
        step_s=step_s,
        level=np.array([number for number, _ in found]),
        instances=np.array([int(np.median(minutes.instances[inside])) for _, inside in found]),
        rates_rps=tuple(np.sort(minutes.rate_rps[inside]) for _, inside in found),
        rate_rps=np.array([np.median(minutes.rate_rps[inside]) for _, inside in found]),
        requests=typical,
        fractions=fractions,
        statistics=np.array(statistics),
        member=member,
        covariance=_covariances(spreads, inflations, [int(inside.sum()) for _, inside in found]),
    )


def _levels(rate_rps: FloatArray) -> NDArray[np.int64]:
    """Numbers of equally wide levels; a flood is beyond them, where it makes none of its own."""
    least, most = np.quantile(rate_rps, (0.01, 0.99))
    usual = rate_rps[rate_rps <= most + _FLOOD * (most - least)]
    low, high = float(usual.min()), float(usual.max())
    width = (high - low) / LEVELS or 1.0
    number = np.floor((rate_rps - low) / width)
    inside = np.minimum(number, LEVELS - 1)
    return np.where(rate_rps <= high, inside, np.maximum(number, LEVELS)).astype(np.int64)


def _fleet(instances: int) -> int:
    if instances <= _EVERY_SIZE:
        return instances
    step: int = 2 ** (int(np.log2(instances)) - 2)
    return instances // step * step


def _statistics(
    log_latency: FloatArray, hours: NDArray[np.int64], fractions: FloatArray, requests: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Midmeans ``(K,)``, Winsorized minutes ``(m, K)`` around them, inflations ``(K,)``."""
    beyond = np.concatenate(([np.inf], requests * (1 - fractions)))
    known = (np.isfinite(log_latency).mean(axis=0) > 0.9) & (beyond >= _BEYOND)
    complete = np.isfinite(log_latency[:, known]).all(axis=1)
    values = np.full((int(complete.sum()), known.size), np.nan)
    values[:, known] = log_latency[complete][:, known]
    quarter = values.shape[0] // 4
    ordered = np.sort(values, axis=0)
    spread = np.clip(values, ordered[quarter], ordered[-1 - quarter])
    spread = spread - spread.mean(axis=0)
    return midmean(values), spread, _inflation(spread, hours[complete])


def _inflation(spread: FloatArray, hours: NDArray[np.int64]) -> FloatArray:
    """How much more the sums of hours vary than those of unrelated minutes would, ``(K,)``."""
    of_hour = np.unique(hours, return_inverse=True)[1]
    sums = np.zeros((int(of_hour.max()) + 1, spread.shape[1]))
    np.add.at(sums, of_hour, spread)
    alone = (spread**2).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        inflation = (sums**2).sum(axis=0) / alone
    return np.asarray(np.clip(np.nan_to_num(inflation, nan=1.0), 1.0, _MOST_INFLATED))


def _covariances(
    spreads: tuple[FloatArray, ...], inflations: tuple[FloatArray, ...], minutes: list[int]
) -> FloatArray:
    """Variances of each cell; correlations between statistics from all cells, ``(C, K, K)``.

    Notes
    -----
    The variance of a midmean is that of the Winsorized sample / (m / 4): J. W. Tukey and D. H.
    McLaughlin, Sankhya A 25 (1963) 331-352, with a quarter cut at each end.
    """
    size = spreads[0].shape[1]
    together, weight = np.zeros((size, size)), np.zeros((size, size))
    for spread in spreads:
        scale = np.sqrt((spread**2).mean(axis=0))
        with np.errstate(invalid="ignore", divide="ignore"):
            scaled = np.where(scale > 0, spread / scale, np.nan)
        products = scaled.T @ scaled
        together += np.nan_to_num(products)
        weight += np.where(np.isfinite(products), spread.shape[0], 0)
    correlation = np.where(weight > 0, together / np.maximum(weight, 1), 0.0)
    np.fill_diagonal(correlation, 1.0)
    found = []
    for spread, inflation, number in zip(spreads, inflations, minutes, strict=True):
        variance = (spread**2).mean(axis=0) / (number / 4) * inflation
        error = np.sqrt(np.nan_to_num(variance))
        found.append(correlation * np.outer(error, error))
    return np.array(found)
