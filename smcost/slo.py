"""Service level objectives: percentiles with limits, and the window each must hold in."""

import itertools
import math
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from smcost.errors import UsageError
from smcost.units import SECONDS_PER_DAY, SECONDS_PER_HOUR


class SloWindow(StrEnum):
    """The stretch of time whose requests a percentile is taken over."""

    DAY = "day"
    HOUR = "hour"
    HORIZON = "horizon"

    def number(self, start_s: NDArray[np.int64]) -> NDArray[np.int64]:
        """Number of the window of each minute, 0, 1, 2 ..., shape as ``start_s``.

        Days and hours are UTC. Windows without any minute are not counted.
        """
        if self is SloWindow.HORIZON:
            return np.zeros(start_s.size, dtype=np.int64)
        length_s = SECONDS_PER_DAY if self is SloWindow.DAY else SECONDS_PER_HOUR
        return np.unique(start_s // length_s, return_inverse=True)[1].astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """``p99 <= 0.2 s``.

    Attributes
    ----------
    fraction
        0.95 or 0.99: the share of requests that must be in time. [fraction]
    limit_s
        Client latency they must be answered within. [s]
    """

    fraction: float
    limit_s: float

    def __post_init__(self) -> None:
        if not 0 < self.limit_s < float("inf"):
            raise UsageError(
                f"A latency limit of {self.limit_s} s cannot be met",
                remedy="Give a limit above 0, such as --p99 500ms",
            )

    @property
    def name(self) -> str:
        """``p95`` or ``p99``."""
        return f"p{100 * self.fraction:g}"

    @property
    def allowed_late(self) -> float:
        """Share of requests that may be late. [fraction]"""
        return 1 - self.fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Slo:
    """All that must hold.

    Attributes
    ----------
    objectives
        At least one percentile with its limit.
    window
        Each objective must hold in every such window.
    attainment
        Share of windows in which it suffices. [fraction]
    spared
        Windows that may fail besides: 1 asks what the single worst window costs. [count]
    max_failed
        Share of a window's requests that may fail (time out). [fraction]
    """

    objectives: tuple[Objective, ...]
    window: SloWindow = SloWindow.DAY
    attainment: float = 1.0
    spared: int = 0
    max_failed: float = 0.001

    def __post_init__(self) -> None:
        if not self.objectives:
            raise UsageError(
                "No latency objective is given", remedy="Give --p99 500ms, --p95 300ms or both"
            )
        if not 0 < self.attainment <= 1:
            raise UsageError(
                f"An attainment of {self.attainment:.0%} asks for nothing",
                remedy="Give --slo-attainment above 0%",
            )
        ordered = sorted(self.objectives, key=lambda objective: objective.fraction)
        for lower, higher in itertools.pairwise(ordered):
            if lower.limit_s > higher.limit_s:
                raise UsageError(
                    f"The {lower.name} limit is above the {higher.name} limit",
                    remedy=f"Make --{lower.name} no longer than --{higher.name}",
                )

    def windows_spared(self, windows: int) -> int:
        """How many of so many windows may fail. [count]"""
        return min(windows, self.spared + math.floor((1 - self.attainment) * windows + 1e-9))

    def over(self, window: SloWindow) -> "Slo":
        """The same SLO over another kind of window."""
        return replace(self, window=window)
