"""A trace: invocations per step of equal length, and which steps were observed at all."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smcost.errors import InputError, UsageError
from smcost.units import SECONDS_PER_DAY

#: Far above any endpoint; keeps every sum and product of counts exact in 64 bits.
MAX_INVOCATIONS_PER_STEP = 10**12
_MAX_TOTAL = 2**53


def round_cumulatively(expected: NDArray[np.float64]) -> NDArray[np.int64]:
    """Round counts so that every running total, hence the sum, is off by at most one half.

    Halves go up, not to even: only then does a step never fall below ``floor(expected)``.

    Parameters
    ----------
    expected
        Counts of 0 or more, not necessarily whole, ``(T,)``. [count]

    >>> round_cumulatively(np.array([0.4, 0.4, 0.4, 0.0, 1.8])).tolist()
    [0, 1, 0, 0, 2]
    """
    totals = np.cumsum(expected)
    if totals.size and not totals[-1] < _MAX_TOTAL:
        raise UsageError(
            f"A trace of {totals[-1]:.3g} invocations cannot be",
            remedy="Give a smaller rate, scale or spike",
        )
    running = np.floor(totals + 0.5).astype(np.int64)
    return np.diff(running, prepend=np.int64(0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trace:
    """Invocations per step, equally spaced in UTC; the label marks the start of its step.

    Attributes
    ----------
    start_s
        Start of the first step. [s since 1970-01-01T00:00Z]
    step_s
        Length of a step, at most a day. [s]
    invocations
        Invocations in each step, 0 where absent; int64 ``(T,)``, read-only. [count]
    present
        Whether the step was observed: an absent step is not a zero; bool ``(T,)``, read-only.
    offsets_s
        Times of the single requests within their steps, in order, where they were logged; float64
        ``(n,)``, read-only. [s]

    Raises
    ------
    InputError
        Shapes differ, nothing is present, a count is negative, huge, or set on an absent step,
        the step is not between 1 s and a day.
    """

    start_s: int
    step_s: int
    invocations: NDArray[np.int64]
    present: NDArray[np.bool_]
    offsets_s: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        self._check_step()
        self._check_arrays()
        for name in ("invocations", "present", *(() if self.offsets_s is None else ("offsets_s",))):
            frozen = getattr(self, name).view()
            frozen.flags.writeable = False
            object.__setattr__(self, name, frozen)

    def _check_step(self) -> None:
        if not 1 <= self.step_s <= SECONDS_PER_DAY:
            raise InputError(
                f"A step of {self.step_s} s is not between 1 s and a day",
                remedy="Give counts per minute, or at least per day",
            )

    def _check_arrays(self) -> None:
        counts, present = self.invocations, self.present
        if counts.ndim != 1 or counts.shape != present.shape or not present.any():
            raise InputError(
                f"A trace of {counts.shape} counts and {present.sum()} observed steps is none",
                remedy="Give one count per step, and at least one step",
            )
        if counts.dtype != np.int64 or present.dtype != np.bool_:
            raise InputError(
                f"Counts are {counts.dtype} and presence is {present.dtype}",
                remedy="Give int64 counts and boolean presence",
            )
        if counts.min() < 0 or counts.max() > MAX_INVOCATIONS_PER_STEP:
            raise InputError(
                f"Counts run from {counts.min()} to {counts.max()} per step",
                remedy=f"Give counts between 0 and {MAX_INVOCATIONS_PER_STEP:.0e}",
            )
        if self.offsets_s is not None and self.offsets_s.size != counts.sum():
            raise InputError(
                f"There are {self.offsets_s.size} times of {counts.sum()} requests",
                remedy="Give one time for each request",
            )
        if counts[~present].any() or counts.sum(dtype=np.float64) > _MAX_TOTAL:
            raise InputError(
                "An absent step has invocations, or the total is beyond 2^53",
                remedy="Give counts only where they were observed",
            )

    @property
    def steps(self) -> int:
        """Number of steps between the first and the last, absent ones included."""
        return self.invocations.size

    @property
    def end_s(self) -> int:
        """End of the last step. [s since 1970-01-01T00:00Z]"""
        return self.start_s + self.steps * self.step_s

    @property
    def total(self) -> int:
        """Invocations in all steps."""
        return int(self.invocations.sum())

    @property
    def observed_s(self) -> int:
        """Time covered by steps that are present. [s]"""
        return int(self.present.sum()) * self.step_s

    @property
    def mean_rps(self) -> float:
        """Mean demand over the steps that are present. [s^-1]"""
        return self.total / self.observed_s

    @property
    def peak_rps(self) -> float:
        """Demand of the busiest step; a peak shorter than a step is averaged away. [s^-1]"""
        return int(self.invocations.max()) / self.step_s

    @property
    def stamps_s(self) -> NDArray[np.int64]:
        """Start of every step, ``(T,)``. [s since 1970-01-01T00:00Z]"""
        return self.start_s + self.step_s * np.arange(self.steps, dtype=np.int64)

    def scaled(self, factor: float) -> "Trace":
        """Multiply demand by a factor, as ``--traffic-scale`` does.

        Rounded cumulatively: the total is ``factor`` times this one to within one, and with a
        factor of 1 or more no step loses an invocation.

        Raises
        ------
        UsageError
            The factor is not a finite number above 0.
        """
        if not (math.isfinite(factor) and factor > 0):
            raise UsageError(
                f"A traffic scale of {factor} is no growth factor",
                remedy="Give a number above 0, such as 1.5 for half as much again",
                place="--traffic-scale",
            )
        return self.with_expected(self.invocations * np.float64(factor))

    def with_expected(self, expected: NDArray[np.float64]) -> "Trace":
        """Make the same steps carry other counts, rounded cumulatively; absent steps stay 0."""
        counts = round_cumulatively(np.where(self.present, expected, 0.0))
        return Trace(
            start_s=self.start_s, step_s=self.step_s, invocations=counts, present=self.present
        )
