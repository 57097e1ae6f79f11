"""Counts that come with times of their periods alone: periods without data are made visible."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smcost.errors import InputError
from smcost.traffic.origin import Origin
from smcost.traffic.steps import MICROSECONDS, microseconds

#: Of minutes: 9 years, and CloudWatch keeps 455 days.
MOST_PERIODS = 5_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Periods:
    """Rows in the order of time, ``(n,)`` each, with one that is absent for each missing period.

    ``rows`` are the numbers of the data points, counted from 1; 0 where absent.
    """

    stamps_s: NDArray[np.float64]
    counts: NDArray[np.float64]
    absent: NDArray[np.bool_]
    rows: NDArray[np.int64]


def every_period(
    stamps_s: Sequence[float], counts: Sequence[float], period_s: int | None, name: str
) -> Periods:
    """Sort, and add the periods that have no data.

    Parameters
    ----------
    stamps_s
        Starts of periods in any order, repeated or not. [s since 1970-01-01T00:00Z]
    period_s
        Their length; ``None``: the smallest distance of two of them. [s]
    name
        File or service, for errors.

    Raises
    ------
    InputError
        The period cannot be known, or the times do not lie on it.
    """
    stamps_us = microseconds(np.array(stamps_s, dtype=np.float64), Origin(name=name))
    order = np.argsort(stamps_us, kind="stable")
    stamps_us = stamps_us[order]
    distances_us = np.diff(stamps_us)
    distances_us = distances_us[distances_us > 0]
    step_us = _step_us(distances_us, period_s, name)
    steps = int((stamps_us[-1] - stamps_us[0]) // step_us) + 1
    if steps > MOST_PERIODS:
        raise InputError(
            f"From the first time to the last there are {steps:,} periods",
            remedy="Look for a wrong date, or give a longer period",
            place=name,
        )
    everything = stamps_us[0] + step_us * np.arange(steps, dtype=np.int64)
    missing = np.setdiff1d(everything, stamps_us, assume_unique=False)
    merged = np.concatenate((stamps_us, missing))
    again = np.argsort(merged, kind="stable")
    none = np.zeros(missing.size)
    return Periods(
        stamps_s=merged[again] / MICROSECONDS,
        counts=np.concatenate((np.array(counts, dtype=np.float64)[order], none))[again],
        absent=np.concatenate((np.zeros(order.size, dtype=np.bool_), none == 0))[again],
        rows=np.concatenate((order + 1, none.astype(np.int64)))[again],
    )


def _step_us(distances_us: NDArray[np.int64], period_s: int | None, name: str) -> int:
    if period_s is None and distances_us.size == 0:
        raise InputError(
            "There is only one time, so the period cannot be known",
            remedy="Give it with --period 60s, and at least two periods",
            place=name,
        )
    step_us = int(distances_us.min()) if period_s is None else period_s * MICROSECONDS
    off = distances_us[distances_us % step_us != 0]
    if off.size:
        raise InputError(
            f"Two times are {off[0] / MICROSECONDS:g} s apart, which is no multiple of "
            f"{step_us / MICROSECONDS:g} s",
            remedy="Give the period that was asked for with --period, one file per period",
            place=name,
        )
    return step_us
