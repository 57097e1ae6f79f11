"""The minutes a replay runs on: any step resampled to 60 s, with every invocation kept."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from smcost.errors import InputError, UsageError
from smcost.traffic.gaps import outage_mask
from smcost.traffic.trace import Trace
from smcost.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

GapTreatment = Literal["exclude", "zero"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MinuteCounts:
    """Invocations per minute; minutes left out simply do not appear.

    Attributes
    ----------
    start_s
        Start of each minute, increasing; int64 ``(T,)``, read-only. [s since 1970-01-01T00:00Z]
    invocations
        Invocations in that minute; int64 ``(T,)``, read-only. [count]
    offsets_s
        Times of the single requests within their minutes, in order, where they were logged;
        float64 ``(n,)``. [s]

    Raises
    ------
    InputError
        No minutes, shapes differ, starts off the minute or not increasing, a negative count.
    """

    start_s: NDArray[np.int64]
    invocations: NDArray[np.int64]
    offsets_s: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        if (
            self.start_s.ndim != 1
            or self.start_s.size == 0
            or self.start_s.shape != self.invocations.shape
            or (self.start_s % SECONDS_PER_MINUTE).any()
            or (np.diff(self.start_s) <= 0).any()
            or self.invocations.min() < 0
            or (self.offsets_s is not None and self.offsets_s.size != self.invocations.sum())
        ):
            raise InputError(
                f"{self.start_s.shape} starts and {self.invocations.shape} counts are no minutes",
                remedy="Give increasing whole minutes with one count of 0 or more each",
            )
        for name in ("start_s", "invocations"):
            frozen = getattr(self, name).view()
            frozen.flags.writeable = False
            object.__setattr__(self, name, frozen)

    @property
    def total(self) -> int:
        """Invocations in all minutes."""
        return int(self.invocations.sum())

    def where(self, kept: NDArray[np.bool_]) -> "MinuteCounts":
        """Those minutes alone, shape ``(T,)``, at least one, with the times of their requests."""
        offsets_s = self.offsets_s
        if offsets_s is not None:
            offsets_s = offsets_s[np.repeat(kept, self.invocations)]
        return MinuteCounts(
            start_s=self.start_s[kept], invocations=self.invocations[kept], offsets_s=offsets_s
        )

    @property
    def hours(self) -> float:
        """Length of the horizon, minutes left out not counted. [h]"""
        return self.start_s.size * SECONDS_PER_MINUTE / SECONDS_PER_HOUR


def to_minutes(trace: Trace, gaps: GapTreatment = "exclude") -> MinuteCounts:
    """Resample a trace to minutes.

    Parameters
    ----------
    gaps
        ``"exclude"``: absent steps and suspected outages leave the horizon; a minute stays if any
        part of it is covered by another step. ``"zero"``: they stay and count as zeros.

    Notes
    -----
    The running total is interpolated linearly at the edges of minutes and rounded there, in
    integers: totals are exact, and no invocation strays into an absent stretch, across which
    the running total is flat and whole.

    Raises
    ------
    UsageError
        ``gaps`` is neither.
    """
    if gaps not in ("exclude", "zero"):
        raise UsageError(
            f"Gaps cannot be treated as {gaps!r}", remedy="Give exclude or zero", place="--gaps"
        )
    first = trace.start_s // SECONDS_PER_MINUTE * SECONDS_PER_MINUTE
    edges = np.arange(first, trace.end_s + SECONDS_PER_MINUTE, SECONDS_PER_MINUTE, dtype=np.int64)
    offsets_s = np.clip(edges - trace.start_s, 0, trace.steps * trace.step_s)
    starts, invocations = edges[:-1], np.diff(_running_total(trace, offsets_s))
    if gaps == "exclude":
        kept = _touched(trace.present & ~outage_mask(trace), trace.step_s, offsets_s)
        starts, invocations = starts[kept], invocations[kept]
    # What is left out has no requests, so their times stay those of the minutes that are kept.
    return MinuteCounts(start_s=starts, invocations=invocations, offsets_s=trace.offsets_s)


def _running_total(trace: Trace, offsets_s: NDArray[np.int64]) -> NDArray[np.int64]:
    """Invocations until each offset from the start of the trace, rounded half up."""
    whole, part_s = np.divmod(offsets_s, trace.step_s)
    before = np.concatenate(([0], np.cumsum(trace.invocations)))
    cut = np.append(trace.invocations, 0)[whole]
    running: NDArray[np.int64] = before[whole] + (2 * cut * part_s + trace.step_s) // (
        2 * trace.step_s
    )
    return running


def _touched(
    counted: NDArray[np.bool_], step_s: int, offsets_s: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Minutes of which any part lies in a counted step."""
    running = np.concatenate(([0], np.cumsum(counted)))
    low = offsets_s[:-1] // step_s
    high = -(-offsets_s[1:] // step_s)
    touched: NDArray[np.bool_] = running[high] > running[low]
    return touched
