"""From raw rows, as any source delivers them, to a trace and what should be known about it."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from smcost.errors import InputError
from smcost.remarks import Caveat, WarningCode
from smcost.traffic.origin import Origin
from smcost.traffic.steps import MICROSECONDS, find_step_us, microseconds
from smcost.traffic.trace import MAX_INVOCATIONS_PER_STEP, Trace, round_cumulatively
from smcost.units import SECONDS_PER_MINUTE

Duplicates = Literal["refuse", "sum"]
#: 95 years of minutes, 578 days of seconds; beyond it a stamp is wrong, not the trace long.
_MAX_STEPS = 50_000_000
#: Closer to a whole number than this is arithmetic (0.1 rps x 60 s), not a fraction. [count]
_WHOLE = 1e-6


@dataclass(slots=True, kw_only=True)
class _Rows:
    """Raw rows on their way, ``(n,)`` each."""

    stamps_us: NDArray[np.int64]
    values: NDArray[np.float64]
    absent: NDArray[np.bool_]
    origin: Origin

    def take(self, chosen: NDArray[np.int64] | NDArray[np.bool_]) -> "_Rows":
        indices = chosen if chosen.dtype != np.bool_ else np.flatnonzero(chosen)
        rows = self.origin.rows
        return _Rows(
            stamps_us=self.stamps_us[indices],
            values=self.values[indices],
            absent=self.absent[indices],
            origin=replace(self.origin, rows=indices + 1 if rows is None else rows[indices]),
        )


def assemble(
    stamps_s: NDArray[np.float64] | NDArray[np.int64],
    counts: NDArray[np.float64] | NDArray[np.int64],
    *,
    absent: NDArray[np.bool_] | None = None,
    per_second: bool = False,
    duplicates: Duplicates = "refuse",
    origin: Origin | None = None,
) -> tuple[Trace, list[Caveat]]:
    """Build a trace from rows in any order.

    Parameters
    ----------
    stamps_s
        Start of each row's interval, ``(n,)``. [s since 1970-01-01T00:00Z]
    counts
        Invocations in the interval, ``(n,)``, or their rate with ``per_second``. [count or s^-1]
    absent
        Rows that exist but hold no count, ``(n,)``: their step is absent, not zero.
    duplicates
        Rows of the same time: ``"refuse"`` drops equal ones and refuses differing ones,
        ``"sum"`` adds them all up.
    origin
        Names file, rows and columns in errors.

    Notes
    -----
    Steps shorter than a second are added up to seconds. Fractional counts are rounded
    cumulatively, so the total is kept to within one half.

    Raises
    ------
    InputError
        Times or counts that make no sense, differing duplicates, no single step.
    """
    rows = _checked(stamps_s, counts, absent, origin or Origin())
    rows, unsorted = _in_order(rows)
    rows, repeated = _without_duplicates(rows, duplicates)
    step_us = find_step_us(rows.stamps_us, rows.origin)
    if per_second:
        rows.values = rows.values * (step_us / MICROSECONDS)
    trace, rounded = _on_grid(rows, step_us)
    return trace, [*unsorted, *repeated, *rounded, *_about_step(trace.step_s)]


def count_requests(
    stamps_s: NDArray[np.float64], *, origin: Origin | None = None
) -> tuple[Trace, list[Caveat]]:
    """Count single requests per minute, and keep their times within it.

    Minutes without a request between the first and the last are zeros; the first and the last
    minute are kept although the log may cover only part of them.

    Parameters
    ----------
    stamps_s
        Arrival times in any order, ``(n,)``. [s since 1970-01-01T00:00Z]

    Raises
    ------
    InputError
        No rows, or a time outside 1980 to 2200.
    """
    origin = origin or Origin()
    stamps_us = np.sort(microseconds(stamps_s, origin))
    minutes, within_us = np.divmod(stamps_us, SECONDS_PER_MINUTE * MICROSECONDS)
    first = int(minutes.min())
    _refuse_endless(int(minutes.max()) - first + 1, origin)
    counts = np.bincount(minutes - first).astype(np.int64)
    trace = Trace(
        start_s=first * SECONDS_PER_MINUTE,
        step_s=SECONDS_PER_MINUTE,
        invocations=counts,
        present=np.ones(counts.size, dtype=np.bool_),
        offsets_s=within_us / MICROSECONDS,
    )
    return trace, []


def _checked(
    stamps_s: NDArray[np.float64] | NDArray[np.int64],
    counts: NDArray[np.float64] | NDArray[np.int64],
    absent: NDArray[np.bool_] | None,
    origin: Origin,
) -> _Rows:
    stamps_us = microseconds(stamps_s, origin)
    values = np.asarray(counts, dtype=np.float64)
    missing = np.zeros(values.shape, dtype=np.bool_) if absent is None else absent
    if not stamps_us.shape == values.shape == missing.shape:
        raise InputError(
            f"There are {stamps_us.size} times but {values.size} counts",
            remedy="Give one count per time",
            place=origin.name,
        )
    # Written so that NaN, which compares false, is refused as well.
    wrong = ~((values >= 0) & (values <= MAX_INVOCATIONS_PER_STEP)) & ~missing
    if wrong.any():
        first = int(np.argmax(wrong))
        raise InputError(
            f"Found {values[first]:g}, which is no count of invocations",
            remedy=f"Give a finite number of 0 or more, at most {MAX_INVOCATIONS_PER_STEP:.0e}",
            place=origin.value_at(first),
        )
    values = np.where(missing, 0.0, values)
    return _Rows(stamps_us=stamps_us, values=values, absent=missing, origin=origin)


def _in_order(rows: _Rows) -> tuple[_Rows, list[Caveat]]:
    backwards = int((np.diff(rows.stamps_us) < 0).sum())
    if not backwards:
        return rows, []
    message = f"Rows were not in the order of time ({backwards} steps back) and were sorted"
    # Stable, so that among rows of one time the first in the file stays the first.
    order = np.argsort(rows.stamps_us, kind="stable")
    return rows.take(order), [Caveat(code=WarningCode.UNSORTED, message=message)]


def _without_duplicates(rows: _Rows, duplicates: Duplicates) -> tuple[_Rows, list[Caveat]]:
    repeats = np.diff(rows.stamps_us, prepend=rows.stamps_us[0] - 1) == 0
    if not repeats.any():
        return rows, []
    starts = np.flatnonzero(~repeats)
    if duplicates == "refuse":
        _refuse_differing(rows)
        values, done = np.maximum.reduceat(rows.values, starts), "were equal and dropped"
    else:
        values, done = np.add.reduceat(rows.values, starts), "were added to the row of their time"
    kept = rows.take(starts)
    kept.values = values
    kept.absent = np.logical_and.reduceat(rows.absent, starts)
    message = f"{repeats.sum()} rows repeat the time of another and {done}"
    return kept, [Caveat(code=WarningCode.DUPLICATES, message=message)]


def _refuse_differing(rows: _Rows) -> None:
    given = rows.take(~rows.absent)
    differing = (np.diff(given.stamps_us) == 0) & (np.diff(given.values) != 0)
    if not differing.any():
        return
    first = int(np.argmax(differing))
    one, other = given.values[first], given.values[first + 1]
    raise InputError(
        f"Rows {given.origin.row(first)} and {given.origin.row(first + 1)} have the same time "
        f"but different counts, {one:g} and {other:g}",
        remedy="Remove the wrong one, or add them up with --duplicates sum",
        place=given.origin.value_at(first + 1),
    )


def _on_grid(rows: _Rows, step_us: int) -> tuple[Trace, list[Caveat]]:
    """Lay rows of one step on the grid of whole seconds."""
    if step_us > MICROSECONDS and step_us % MICROSECONDS:
        raise InputError(
            f"The step of {step_us / MICROSECONDS:g} s is no whole number of seconds",
            remedy="Give counts per minute or per second",
            place=rows.origin.name,
        )
    step_us = max(step_us, MICROSECONDS)
    start_s = int(rows.stamps_us[0] // MICROSECONDS)
    index = (rows.stamps_us - start_s * MICROSECONDS) // step_us
    steps = int(index[-1]) + 1
    _refuse_endless(steps, rows.origin)
    expected = np.bincount(index, weights=rows.values, minlength=steps).astype(np.float64)
    present = np.zeros(steps, dtype=np.bool_)
    present[index[~rows.absent]] = True
    if not present.any():
        raise InputError(
            "Every count is empty", remedy="Give at least one count", place=rows.origin.name
        )
    invocations, caveats = _whole_counts(expected)
    step_s = step_us // MICROSECONDS
    return Trace(start_s=start_s, step_s=step_s, invocations=invocations, present=present), caveats


def _refuse_endless(steps: int, origin: Origin) -> None:
    if steps > _MAX_STEPS:
        raise InputError(
            f"From the first time to the last there are {steps} steps, more than {_MAX_STEPS}",
            remedy="Look for a wrong date, or give a coarser step",
            place=origin.name,
        )


def _whole_counts(expected: NDArray[np.float64]) -> tuple[NDArray[np.int64], list[Caveat]]:
    whole = np.rint(expected)
    fractional = int((np.abs(expected - whole) > _WHOLE).sum())
    if not fractional:
        return whole.astype(np.int64), []
    message = f"{fractional} counts were fractional and rounded so that running totals are kept"
    return round_cumulatively(expected), [Caveat(code=WarningCode.COUNTS_ROUNDED, message=message)]


def _about_step(step_s: int) -> list[Caveat]:
    caveats = []
    if step_s > SECONDS_PER_MINUTE:
        message = (
            f"The step is {step_s} s: a spike shorter than {step_s} s is averaged away, and only "
            f"one of {2 * step_s} s is sure to show its full height; autoscaling acts on minutes"
        )
        caveats.append(Caveat(code=WarningCode.COARSE_STEP, message=message))
    if SECONDS_PER_MINUTE % step_s and step_s % SECONDS_PER_MINUTE:
        message = (
            f"The step of {step_s} s neither divides a minute nor is a multiple of one: minutes "
            "share the counts of the steps they cut, with totals kept"
        )
        caveats.append(Caveat(code=WarningCode.ODD_STEP, message=message))
    return caveats
