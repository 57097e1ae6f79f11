"""Whether latency at the same load changed for good on the way: another model, another type."""

from dataclasses import dataclass

import numpy as np

from smcost.capacity.fit.cells import Cells
from smcost.capacity.fit.evidence import Evidence

#: A change of less than this is no other model. [fraction]
_LEAST = 0.05
#: Standard errors between the two sides.
_SURE = 6.0
#: Hours on the shorter side.
_HOURS = 6
_SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A change of latency at the same load.

    Attributes
    ----------
    at_s
        Start of the hour from which latency is another. [s since 1970-01-01T00:00Z]
    ratio
        After / before.
    name
        Of the statistic that shows it: ``p50``.
    """

    at_s: int
    ratio: float
    name: str


def shift(minutes: Evidence, cells: Cells) -> Shift | None:
    """The largest change of mean or of a percentile, if it is one.

    Notes
    -----
    Each minute is compared with the average of its cell, that is of minutes of the same load; hours
    are averaged; the change is where their cumulative sum is farthest from 0 (E. S. Page,
    Biometrika 42 (1955) 523-527), and counts where the means of the two sides differ by 5 % and by
    six standard errors.
    """
    found = []
    for column in range(cells.statistics.shape[1] - 1):
        name = "mean" if column == 0 else f"p{100 * cells.fractions[column - 1]:g}"
        value = cells.statistics[cells.member, column]
        beside = minutes.log_latency[:, column] - value
        known = np.isfinite(beside) & (cells.member >= 0)
        change = _change(minutes.hours[known], beside[known])
        if change is not None:
            found.append(Shift(at_s=change[0], ratio=float(np.exp(change[1])), name=name))
    return max(found, key=lambda each: abs(np.log(each.ratio)), default=None)


def _change(hours: np.ndarray, beside: np.ndarray) -> tuple[int, float] | None:
    """Time and size of the change in hourly means."""
    named, of_hour = np.unique(hours, return_inverse=True)
    if named.size < 2 * _HOURS:
        return None
    hourly = np.bincount(of_hour, weights=beside) / np.bincount(of_hour)
    away = np.abs(np.cumsum(hourly - hourly.mean()))[_HOURS - 1 : named.size - _HOURS]
    at = int(np.argmax(away)) + _HOURS
    before, after = hourly[:at], hourly[at:]
    size = float(np.median(after) - np.median(before))
    error = float(np.sqrt(before.var(ddof=1) / before.size + after.var(ddof=1) / after.size))
    if abs(size) < np.log1p(_LEAST) or abs(size) < _SURE * error:
        return None
    return int(named[at]) * _SECONDS_PER_HOUR, size
