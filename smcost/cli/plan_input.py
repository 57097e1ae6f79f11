"""Savings Plans flags -> the plans to find the best commitment for."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from smcost.cli.flags import Flags
from smcost.cli.lever_input import share
from smcost.errors import PriceError, UsageError
from smcost.estimate.savings_plan import PlanKind, PlanOffer
from smcost.prices import PaymentOption, Price, SavingsRate


def plan_rates(
    flags: Flags, savings: Iterable[SavingsRate], price: Price
) -> tuple[SavingsRate, ...]:
    """The Savings Plans of the price cache that save on the type, where they are asked for.

    Raises
    ------
    PriceError
        None is known in the region, of whatever type.
    """
    if not flags.savings_plans:
        return ()
    known = [rate for rate in savings if rate.region == flags.region]
    if not known:
        raise _no_plans(flags)
    found = [
        rate
        for rate in known
        if rate.instance_type == price.instance_type and rate.usd_per_hour < price.usd_per_hour
    ]
    return tuple(sorted(found, key=_by_term))


def plan_offers(flags: Flags, rates: Iterable[SavingsRate], price: Price) -> tuple[PlanOffer, ...]:
    """Those rates, and that of a discount given by hand, as plans to find commitments for.

    Raises
    ------
    UsageError
        A discount that is none.
    """
    offers = [
        PlanOffer(
            kind=PlanKind(term_years=rate.term_years, payment=rate.payment),
            usd_per_hour=rate.usd_per_hour,
        )
        for rate in rates
    ]
    if flags.savings_plan_discount is not None:
        discounted = price.usd_per_hour * (1 - _discount(flags.savings_plan_discount))
        offers.append(PlanOffer(kind=PlanKind(), usd_per_hour=discounted))
    return tuple(offers)


def _no_plans(flags: Flags) -> PriceError:
    return PriceError(
        f"No Savings Plans rates are known in {flags.region}",
        remedy=f"Fetch them with `smcost prices pull --region {flags.region}`, or give "
        "--savings-plan-discount 0.31",
        place="--savings-plans",
    )


def _by_term(rate: SavingsRate) -> tuple[int, int]:
    return rate.term_years, [*PaymentOption].index(rate.payment)


def _discount(text: str) -> Decimal:
    flag = "--savings-plan-discount"
    try:
        discount = share(text, flag) if text.strip().endswith("%") else Decimal(text)
    except InvalidOperation:
        discount = Decimal("NaN")
    if not discount.is_finite() or not 0 < discount < 1:
        raise UsageError(
            f"{text!r} is no discount",
            remedy="Give one above 0 and below 1, such as 0.31 or 31%",
            place=flag,
        )
    return discount
