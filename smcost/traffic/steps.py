"""The step of a trace, found from its stamps; times that cannot be meant are refused."""

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from smcost.errors import InputError
from smcost.traffic.origin import Origin

MICROSECONDS = 1_000_000
#: Gaps are irregular; so many equal differences in a row are another resolution.
_LONG_RUN = 10
_EARLIEST_S = datetime(1980, 1, 1, tzinfo=UTC).timestamp()
_LATEST_S = datetime(2200, 1, 1, tzinfo=UTC).timestamp()


def microseconds(
    stamps_s: NDArray[np.float64] | NDArray[np.int64], origin: Origin
) -> NDArray[np.int64]:
    """Turn stamps into whole microseconds, so that differences are exact.

    Parameters
    ----------
    stamps_s
        Starts of intervals in any order, ``(n,)``. [s since 1970-01-01T00:00Z]

    Raises
    ------
    InputError
        No rows, or a stamp that is no number or lies outside 1980 to 2200.
    """
    stamps = np.asarray(stamps_s, dtype=np.float64)
    if stamps.ndim != 1 or stamps.size == 0:
        raise InputError(
            "There are no rows", remedy="Give at least two rows of counts", place=origin.name
        )
    # Written so that NaN, which compares false, is refused as well.
    wrong = ~((stamps >= _EARLIEST_S) & (stamps < _LATEST_S))
    if wrong.any():
        first = int(np.argmax(wrong))
        raise InputError(
            f"The time {stamps[first]:.15g} s since 1970 is outside the years 1980 to 2200: "
            "the unit or the year looks wrong",
            remedy="Give ISO 8601 times, or epoch times in s, ms, us or ns",
            place=origin.time_at(first),
        )
    return np.rint(stamps * MICROSECONDS).astype(np.int64)


def find_step_us(stamps_us: NDArray[np.int64], origin: Origin) -> int:
    """Find the one step of a trace. [us]

    The most common difference is the step; every other must be a multiple of it (a gap).

    Parameters
    ----------
    stamps_us
        Strictly increasing, ``(n,)``; ``origin`` numbers the same rows. [us]

    Raises
    ------
    InputError
        One row only, differences off the grid, or two resolutions in one trace.
    """
    differences = np.diff(stamps_us)
    if differences.size == 0:
        raise InputError(
            "The trace has only one time and needs at least two rows to know the step",
            remedy="Give a longer trace",
            place=origin.name,
        )
    values, times = np.unique(differences, return_counts=True)
    step_us = int(values[np.argmax(times)])
    if (values % step_us).any():
        off_grid = int(np.argmax(differences % step_us != 0))
        # Off from the first row on, the step changes where the next one begins.
        change = off_grid or int(np.argmax(differences != differences[0]))
        _refuse(differences, change, step_us, origin)
    other = _change_of_resolution(differences, step_us)
    if other is not None:
        _refuse(differences, other, step_us, origin)
    return step_us


def _change_of_resolution(differences: NDArray[np.int64], step_us: int) -> int | None:
    """Index of the difference at which a long run of another spacing begins or ends."""
    starts = np.flatnonzero(np.diff(differences, prepend=differences[0] - 1))
    lengths = np.diff(starts, append=differences.size)
    other = np.flatnonzero((lengths >= _LONG_RUN) & (differences[starts] != step_us))
    if other.size == 0:
        return None
    run = int(other[0])
    # A run that opens the trace changes where it ends: nobody would call its first row the change.
    return int(starts[run]) if run else int(starts[1])


def _refuse(differences: NDArray[np.int64], index: int, step_us: int, origin: Origin) -> None:
    here, before = differences[index] / MICROSECONDS, differences[max(index - 1, 0)] / MICROSECONDS
    raise InputError(
        f"The step changes to {here:g} s after {before:g} s, where most rows are "
        f"{step_us / MICROSECONDS:g} s apart",
        remedy="Give one file per step, or use --requests if each row is one request",
        place=origin.time_at(index + 1),
    )
