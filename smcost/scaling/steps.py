"""Step scaling policies as AWS states them: an alarm, and how far to scale by its breach.

Source: Application Auto Scaling user guide, "How step scaling works".
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from smcost.errors import UsageError
from smcost.scaling.metric import Metric
from smcost.units import plain

#: Cooldown of a SageMaker variant where none is given. AAS, target tracking and step overviews. [s]
DEFAULT_COOLDOWN_S = 300.0
#: Quota of Application Auto Scaling, not adjustable.
MOST_ADJUSTMENTS = 20


class Comparison(StrEnum):
    """How an alarm compares a point with its threshold: ``ComparisonOperator``."""

    ABOVE = "GreaterThanThreshold"
    AT_LEAST = "GreaterThanOrEqualToThreshold"
    BELOW = "LessThanThreshold"
    AT_MOST = "LessThanOrEqualToThreshold"

    @property
    def sign(self) -> str:
        """``>``, ``>=``, ``<`` or ``<=``."""
        return _SIGNS[self]

    @property
    def upwards(self) -> bool:
        """Whether it breaches upwards."""
        return self in (Comparison.ABOVE, Comparison.AT_LEAST)

    def breaches(self, value: float, threshold: float) -> bool:
        """Whether a point is on the wrong side."""
        if self is Comparison.ABOVE:
            return value > threshold
        if self is Comparison.AT_LEAST:
            return value >= threshold
        return value < threshold if self is Comparison.BELOW else value <= threshold


_SIGNS = {
    Comparison.ABOVE: ">",
    Comparison.AT_LEAST: ">=",
    Comparison.BELOW: "<",
    Comparison.AT_MOST: "<=",
}


class AdjustmentType(StrEnum):
    """What the number of a step adjustment means."""

    CHANGE = "ChangeInCapacity"
    PERCENT = "PercentChangeInCapacity"
    EXACT = "ExactCapacity"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAdjustment:
    """One step: its bounds, relative to the alarm's threshold, and by how much it scales.

    ``None`` is an open end, as in AWS's API.
    """

    lower: float | None
    upper: float | None
    adjustment: int

    def holds(self, difference: float, *, upwards: bool) -> bool:
        """Whether metric - threshold is within: lower bound inclusive upwards, else the upper."""
        lower = -math.inf if self.lower is None else self.lower
        upper = math.inf if self.upper is None else self.upper
        if upwards:
            return lower <= difference < upper
        return lower < difference <= upper


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPolicy:
    """Step scaling: an alarm, and how far to scale by the size of its breach.

    Attributes
    ----------
    metric, threshold, comparison
        The alarm.
    evaluation_periods, datapoints_to_alarm
        So many of the last so many points must breach. Their period is that of the metric.
    adjustment_type, adjustments
        What the numbers of the steps mean, and the steps in the order of their bounds.
    cooldown_s
        After a scale-out, or a scale-in. [s]
    min_adjustment_magnitude
        Least change, for percentages alone; 0: none. [instances]

    Raises
    ------
    UsageError
        What AWS refuses too: gaps or overlaps, a closed end, both ends open, too many steps.
    """

    metric: Metric
    threshold: float
    comparison: Comparison
    adjustments: tuple[StepAdjustment, ...]
    evaluation_periods: int = 3
    datapoints_to_alarm: int = 3
    adjustment_type: AdjustmentType = AdjustmentType.CHANGE
    cooldown_s: float = DEFAULT_COOLDOWN_S
    min_adjustment_magnitude: int = 0

    def __post_init__(self) -> None:
        wrong = _wrong_steps(self.adjustments)
        if (
            self.adjustment_type is AdjustmentType.EXACT
            and min((step.adjustment for step in self.adjustments), default=0) < 0
        ):
            wrong = "an exact capacity is below 0"
        if self.min_adjustment_magnitude and self.adjustment_type is not AdjustmentType.PERCENT:
            wrong = "a least change goes with percentages alone"
        if not 1 <= self.datapoints_to_alarm <= self.evaluation_periods:
            wrong = "more points must breach than are looked at"
        if not math.isfinite(self.threshold) or self.min_adjustment_magnitude < 0:
            wrong = "a threshold is not finite, or a least change is below 0"
        if wrong:
            raise UsageError(
                f"The steps on {self.metric.word} cannot be followed: {wrong}",
                remedy="Let the steps meet each other and have one open end, as AWS wants them",
            )

    @property
    def cooldowns_s(self) -> tuple[float, float]:
        """After a scale-in, and after a scale-out. [s]"""
        return self.cooldown_s, self.cooldown_s

    def adjustment_for(self, value: float) -> int | None:
        """The number of the step that a point falls into; ``None``: into none."""
        difference = value - self.threshold
        upwards = difference > 0 or (difference == 0 and self.comparison.upwards)
        for adjustment in self.adjustments:
            if adjustment.holds(difference, upwards=upwards):
                return adjustment.adjustment
        return None

    def adjusted(self, capacity: int, adjustment: int) -> int:
        """The capacity after a step, before it is brought within the bounds."""
        if self.adjustment_type is AdjustmentType.EXACT:
            return adjustment
        if self.adjustment_type is AdjustmentType.CHANGE:
            return capacity + adjustment
        change = rounded_change(capacity * adjustment / 100)
        if change and abs(change) < self.min_adjustment_magnitude:
            change = int(math.copysign(self.min_adjustment_magnitude, change))
        return capacity + change

    @property
    def told(self) -> str:
        """In a few words."""
        sign = self.comparison.sign
        return f"steps on {self.metric.word} {sign} {plain(self.threshold)}"

    @property
    def steps_told(self) -> str:
        """Its alarm and steps, in the words of the command line and the units of AWS."""
        unit = "%" if self.adjustment_type is AdjustmentType.PERCENT else ""
        exact = self.adjustment_type is AdjustmentType.EXACT
        steps = ", ".join(
            f"{_end(step.lower)}..{_end(step.upper)} "
            f"{f'={step.adjustment}' if exact else f'{step.adjustment:+}'}{unit}"
            for step in self.adjustments
        )
        least = f"; at-least {self.min_adjustment_magnitude}"
        return (
            f"{self.metric.word} {self.comparison.sign} {plain(self.threshold)} for "
            f"{self.datapoints_to_alarm} of {self.evaluation_periods}: {steps}; cooldown "
            f"{plain(self.cooldown_s)}s{least if self.min_adjustment_magnitude else ''}"
        )


def _end(bound: float | None) -> str:
    return "" if bound is None else plain(bound)


def rounded_change(change: float) -> int:
    """A percentage of the capacity as a number of instances: towards 0, but at least 1.

    Source: AAS step scaling overview, "Scaling adjustment types".

    >>> [rounded_change(change) for change in (12.7, 0.67, 0.0, -0.58, -6.67)]
    [12, 1, 0, -1, -6]
    """
    if 0 < abs(change) < 1:
        return int(math.copysign(1, change))
    return int(change)


def _wrong_steps(adjustments: tuple[StepAdjustment, ...]) -> str:
    """Which of AWS's rules on the bounds of step adjustments is broken; empty: none."""
    if not 1 <= len(adjustments) <= MOST_ADJUSTMENTS:
        return f"there are {len(adjustments)}, and AWS takes 1 to {MOST_ADJUSTMENTS}"
    lowest, highest = adjustments[0].lower, adjustments[-1].upper
    rules = {
        "a step is open at both ends": any(
            step.lower is None and step.upper is None for step in adjustments
        ),
        "a step ends where it begins, or before": any(
            step.lower is not None and step.upper is not None and step.lower >= step.upper
            for step in adjustments
        ),
        "between two steps there is a gap or an overlap": any(
            before.upper is None or before.upper != after.lower
            for before, after in pairwise(adjustments)
        ),
        "nothing is said of what lies below the lowest bound": lowest is not None and lowest < 0,
        "nothing is said of what lies above the highest bound": highest is not None and highest > 0,
    }
    return next((rule for rule, broken in rules.items() if broken), "")
