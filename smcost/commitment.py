"""The best hourly commitment of a Savings Plan on the hours of one or several endpoints.

Savings Plans User Guide, "SageMaker AI Savings Plans": the commitment is in USD per hour at the
plan's rates, what an hour leaves of it is lost, it is applied to the usage with the highest saving
first, and what it does not cover is charged on demand.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from smcost.errors import UsageError
from smcost.units import SECONDS_PER_HOUR

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

#: A commitment is a whole number of them, at least one. [USD/h]
STEP_USD = Decimal("0.001")
#: Guards the comparison of slopes against the last bits of a sum.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Usage:
    """What one endpoint is billed for, hour by hour of the clock.

    Attributes
    ----------
    instance_type
        What is billed.
    hour_s
        Start of each hour, increasing, shape ``(H,)``. [epoch s]
    instances
        Mean number billed in each hour, shape ``(H,)``. [instances]
    weight
        Share of each hour that is known, shape ``(H,)``. [fraction]
    usd_per_hour, plan_usd_per_hour
        Price of an instance on demand, and where a commitment covers it. [USD/h]

    Raises
    ------
    UsageError
        Shapes differ, there is no hour, a count is negative, or the plan's rate is not above 0 and
        below the price on demand.
    """

    instance_type: str
    hour_s: IntArray
    instances: FloatArray
    weight: FloatArray
    usd_per_hour: Decimal
    plan_usd_per_hour: Decimal

    def __post_init__(self) -> None:
        size = self.hour_s.size
        if (
            size == 0
            or self.instances.shape != (size,)
            or self.weight.shape != (size,)
            or self.instances.min() < 0
            or self.weight.min() <= 0
        ):
            raise UsageError(
                "Hours, instances and weights of a usage do not fit each other",
                remedy="Give each hour its instances, 0 or more, and a weight above 0",
            )
        if not 0 < self.plan_usd_per_hour < self.usd_per_hour:
            raise UsageError(
                f"A rate of {self.plan_usd_per_hour} USD under a plan saves nothing against "
                f"{self.usd_per_hour} USD on demand",
                remedy="Give a discount above 0 and below 1",
            )

    @property
    def ratio(self) -> float:
        """USD on demand that one USD of commitment takes the place of, above 1."""
        return float(self.usd_per_hour / self.plan_usd_per_hour)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What a commitment covers in the mean of the hours.

    Attributes
    ----------
    covered, uncovered
        Mean instances of each usage, in the order given. [instances]
    used_usd
        Of the commitment, at the plan's rates. [USD/h]
    """

    covered: tuple[float, ...]
    uncovered: tuple[float, ...]
    used_usd: float


def together(usages: Sequence[Usage]) -> tuple[Usage, ...]:
    """The usages over the hours that all of them know, so that their curves can be summed.

    Raises
    ------
    UsageError
        They have no hour in common.
    """
    hour_s = usages[0].hour_s
    for usage in usages[1:]:
        hour_s = np.intersect1d(hour_s, usage.hour_s, assume_unique=True)
    if hour_s.size == 0:
        raise UsageError(
            "The endpoints have no hour in common, so that their spend cannot be summed",
            remedy="Give traffic of the same days",
        )
    weight = np.min([usage.weight[np.isin(usage.hour_s, hour_s)] for usage in usages], axis=0)
    return tuple(
        replace(
            usage,
            hour_s=hour_s,
            instances=usage.instances[np.isin(usage.hour_s, hour_s)],
            weight=weight,
        )
        for usage in usages
    )


def repeated(usage: Usage, hour_s: IntArray) -> Usage:
    """A usage whose hours stand for all others, a typical day say, over other hours.

    Parameters
    ----------
    usage
        Over a whole number of hours without a gap; each is repeated after so many.
    hour_s
        Start of the hours to lay it over, shape ``(H,)``. [epoch s]
    """
    place = (hour_s - usage.hour_s[0]) // SECONDS_PER_HOUR % usage.hour_s.size
    return replace(
        usage, hour_s=hour_s, instances=usage.instances[place], weight=usage.weight[place]
    )


def best_commitment(usages: Sequence[Usage]) -> Decimal:
    """The commitment that costs least over the hours, a multiple of 0.001. [USD/h]

    Parameters
    ----------
    usages
        Over the same hours, see :func:`together`; at least one.

    Notes
    -----
    What is paid is c + sum of what c leaves uncovered: piecewise linear and convex in c, with a
    kink in each hour where c has covered a usage whole. The slope is summed up over the sorted
    kinks until it is no longer negative. With one discount d that is (1 - d) times the d-quantile
    of the hourly spend on demand.
    """
    ordered = _by_saving(usages)
    weight = ordered[0].weight
    kinks = np.cumsum([u.instances * float(u.plan_usd_per_hour) for u in ordered], axis=0)
    ratios = np.array([*(usage.ratio for usage in ordered), 0.0])
    rises = (ratios[:-1] - ratios[1:])[:, None] * weight[None, :]
    order = np.argsort(kinks, axis=None, kind="stable")
    total = float(weight.sum())
    slopes = total * (1 - float(ratios[0])) + np.cumsum(rises.ravel()[order])
    first = int(np.argmax(slopes >= -_ROUNDING * total * float(ratios[0])))
    best = float(kinks.ravel()[order[first]])
    lower = Decimal(math.floor(best / float(STEP_USD))) * STEP_USD
    return min((lower, lower + STEP_USD), key=lambda usd: (hourly_usd(ordered, usd), usd))


def hourly_usd(usages: Sequence[Usage], commitment_usd: Decimal) -> float:
    """What an hour costs in the mean under a commitment, for comparing commitments. [USD/h]"""
    found = coverage(usages, commitment_usd)
    beyond = zip(found.uncovered, usages, strict=True)
    return float(commitment_usd) + sum(
        uncovered * float(usage.usd_per_hour) for uncovered, usage in beyond
    )


def coverage(usages: Sequence[Usage], commitment_usd: Decimal) -> Coverage:
    """Apply a commitment to every hour, to the highest saving first.

    Parameters
    ----------
    usages
        Over the same hours; at least one.
    commitment_usd
        0 or more. [USD/h]
    """
    weight = usages[0].weight
    left_usd = np.full(weight.size, float(commitment_usd))
    means = [0.0] * len(usages)
    for number in sorted(range(len(usages)), key=lambda number: -usages[number].ratio):
        rate = float(usages[number].plan_usd_per_hour)
        taken_usd = np.minimum(left_usd, usages[number].instances * rate)
        left_usd = left_usd - taken_usd
        means[number] = _mean(taken_usd / rate, weight)
    return Coverage(
        covered=tuple(means),
        uncovered=tuple(
            max(0.0, _mean(usage.instances, weight) - mean)
            for usage, mean in zip(usages, means, strict=True)
        ),
        used_usd=float(commitment_usd) - _mean(left_usd, weight),
    )


def _by_saving(usages: Sequence[Usage]) -> list[Usage]:
    return sorted(usages, key=lambda usage: -usage.ratio)


def _mean(values: FloatArray, weight: FloatArray) -> float:
    return float(np.average(values, weights=weight))
