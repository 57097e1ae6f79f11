"""What a Savings Plan with the best commitment costs on the hours that were replayed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import numpy as np

from smcost.commitment import (
    STEP_USD,
    Coverage,
    FloatArray,
    IntArray,
    Usage,
    best_commitment,
    coverage,
    together,
)
from smcost.cost import CostCase, CostLine
from smcost.prices.savings import PaymentOption
from smcost.traffic.minutes import MinuteCounts
from smcost.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

_QUANTITY = Decimal("0.0001")
#: Savings Plans User Guide: a year is 365 days; partial upfront is half of the commitment.
_HOURS_PER_YEAR = 8_760
_UPFRONT = {
    PaymentOption.NO_UPFRONT: Decimal(0),
    PaymentOption.PARTIAL_UPFRONT: Decimal("0.5"),
    PaymentOption.ALL_UPFRONT: Decimal(1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanKind:
    """Term and payment of a plan; both ``None`` for a discount given by hand."""

    term_years: int | None = None
    payment: PaymentOption | None = None

    @property
    def name(self) -> str:
        """``1 year, no upfront``."""
        if self.term_years is None or self.payment is None:
            return "given discount"
        years = "1 year" if self.term_years == 1 else f"{self.term_years} years"
        return f"{years}, {self.payment.value.replace('_', ' ')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOffer:
    """A kind of Savings Plan and its rate for the instance type. [USD/h]"""

    kind: PlanKind
    usd_per_hour: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAnswer:
    """The best commitment of one kind of plan, and what comes of it in a month.

    Attributes
    ----------
    kind
        Term and payment.
    commitment_usd
        0 where none pays. [USD/h]
    case
        The lines: the commitment, and what is charged on demand beyond it.
    on_demand_usd
        The same instance-hours without a plan. [USD]
    utilisation
        Used share of the commitment; ``None`` without one. [fraction]
    break_even_utilisation
        Used share below which the commitment costs more than it saves. [fraction]
    upfront_usd
        Paid when the plan begins, part of the commitment; ``None`` where the payment is not known.
    floor_case, ceiling_case
        The lines where the minimum, or the maximum, runs all the time under this commitment.
    usages
        What it rests on, over the hours that all of them know.
    """

    kind: PlanKind
    commitment_usd: Decimal
    case: CostCase
    on_demand_usd: Decimal
    utilisation: float | None
    break_even_utilisation: float
    upfront_usd: Decimal | None
    floor_case: CostCase | None = None
    ceiling_case: CostCase | None = None
    usages: tuple[Usage, ...] = field(default=(), compare=False, repr=False)

    @property
    def paid_usd(self) -> Decimal:
        """Commitment and on demand in a month. [USD]"""
        return self.case.usd

    @property
    def saving_usd(self) -> Decimal:
        """Against on demand, in a month. [USD]"""
        return self.on_demand_usd - self.paid_usd


def billed_by_hour(
    instance_s: FloatArray, minutes: MinuteCounts
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Mean instances billed in each hour of the clock that the horizon touches.

    Parameters
    ----------
    instance_s
        Instance-seconds billed in each minute, on or off, shape ``(T,)``. [s]
    minutes
        When they are.

    Returns
    -------
    tuple of arrays
        Start of each hour [epoch s], mean instances, and the share of the hour that is in the
        horizon, shape ``(H,)`` each. The sum of instances x share are the instance-hours.
    """
    hour, place = np.unique(minutes.start_s // SECONDS_PER_HOUR, return_inverse=True)
    present = np.bincount(place).astype(np.float64)
    billed = np.bincount(place, weights=instance_s) / (present * SECONDS_PER_MINUTE)
    weight = present * SECONDS_PER_MINUTE / SECONDS_PER_HOUR
    return (hour * SECONDS_PER_HOUR).astype(np.int64), np.maximum(billed, 0.0), weight


def plan_answer(
    kind: PlanKind,
    usages: Sequence[Usage],
    *,
    hours_per_month: Decimal,
    bounds: tuple[int, int] | None = None,
) -> PlanAnswer:
    """The commitment that costs least on the sum of the usages, and its month.

    Parameters
    ----------
    kind
        What is bought.
    usages
        One for each endpoint, with the plan's rates; hours that not all know are left out.
    hours_per_month
        The mean hour of the usages times this is a month. [h]
    bounds
        Instances all the time for floor and ceiling, where there is one endpoint.

    Raises
    ------
    UsageError
        The endpoints have no hour in common.
    """
    common = together(usages)
    usd = best_commitment(common)
    found = coverage(common, usd)
    everything = coverage(common, Decimal(0))
    on_demand = _case(Decimal(0), everything, common, hours_per_month)
    constant = [None, None] if bounds is None else [_constant(common[0], n) for n in bounds]
    floor_case, ceiling_case = (
        None if always is None else _case(usd, coverage([always], usd), [always], hours_per_month)
        for always in constant
    )
    return PlanAnswer(
        kind=kind,
        commitment_usd=usd,
        case=_case(usd, found, common, hours_per_month),
        on_demand_usd=on_demand.usd,
        utilisation=found.used_usd / float(usd) if usd >= STEP_USD else None,
        break_even_utilisation=_break_even(found, common),
        upfront_usd=_upfront(kind, usd),
        floor_case=floor_case,
        ceiling_case=ceiling_case,
        usages=common,
    )


def _case(
    commitment_usd: Decimal, found: Coverage, usages: Sequence[Usage], hours_per_month: Decimal
) -> CostCase:
    lines = [
        CostLine(
            name=f"On demand {usage.instance_type}",
            quantity=(Decimal(repr(uncovered)) * hours_per_month).quantize(_QUANTITY),
            unit="instance-hour",
            unit_price_usd=usage.usd_per_hour,
        )
        for uncovered, usage in zip(found.uncovered, usages, strict=True)
    ]
    if commitment_usd:
        commitment = CostLine(
            name="Commitment",
            quantity=hours_per_month,
            unit="hour",
            unit_price_usd=commitment_usd,
        )
        lines.insert(0, commitment)
    return CostCase(lines=tuple(lines))


def _constant(usage: Usage, count: int) -> Usage:
    """So many instances in every hour."""
    return replace(
        usage, hour_s=usage.hour_s[:1], instances=np.array([float(count)]), weight=np.ones(1)
    )


def _break_even(found: Coverage, usages: Sequence[Usage]) -> float:
    """Plan's rates over prices on demand, of what is covered; of the best rate if nothing is."""
    pairs = list(zip(found.covered, usages, strict=True))
    on_demand = sum(covered * float(usage.usd_per_hour) for covered, usage in pairs)
    if not on_demand:
        return 1 / max(usage.ratio for usage in usages)
    return sum(covered * float(usage.plan_usd_per_hour) for covered, usage in pairs) / on_demand


def _upfront(kind: PlanKind, commitment_usd: Decimal) -> Decimal | None:
    if kind.payment is None or kind.term_years is None:
        return None
    whole = commitment_usd * kind.term_years * _HOURS_PER_YEAR
    return (whole * _UPFRONT[kind.payment]).quantize(Decimal("0.01"))
