"""What an instance-hour costs under a SageMaker Savings Plan."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from smcost.errors import InputError
from smcost.prices.price import check_hourly, check_origin


class PaymentOption(StrEnum):
    """How much of a Savings Plan's commitment is paid in advance."""

    NO_UPFRONT = "no_upfront"
    PARTIAL_UPFRONT = "partial_upfront"
    ALL_UPFRONT = "all_upfront"


#: Years that a Savings Plan can be bought for.
TERMS_YEARS = (1, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavingsRate:
    """What one instance of an endpoint costs per hour where a commitment covers it.

    The commitment is in USD per hour at these rates and holds for every type, region and component
    (Savings Plans User Guide, "SageMaker AI Savings Plans").

    Attributes
    ----------
    region, instance_type
        As in :class:`smcost.prices.Price`.
    term_years
        1 or 3.
    payment
        The rate is the whole cost per hour also where some of it is paid in advance.
    usd_per_hour
        Unrounded. [USD/h]
    source, as_of
        As in :class:`smcost.prices.Price`.
    sku
        The Price List's key of the on-demand price it replaces, where known.
    fetched_at
        As in :class:`smcost.prices.Price`.

    Raises
    ------
    PriceError
        The rate is zero, negative or not finite, or of an EC2 instance.
    InputError
        The term is none that is sold, or the region, the source or the date is missing.
    """

    region: str
    instance_type: str
    term_years: int
    payment: PaymentOption
    usd_per_hour: Decimal
    source: str
    as_of: str
    sku: str | None = None
    fetched_at: str | None = None

    def __post_init__(self) -> None:
        what = f"The Savings Plans rate of {self.instance_type or 'an instance'}"
        check_origin(what, region=self.region, source=self.source, as_of=self.as_of)
        if self.term_years not in TERMS_YEARS:
            raise InputError(
                f"A Savings Plan of {self.term_years} years is not sold",
                remedy="Give a term of 1 or 3 years",
            )
        named, usd = self.instance_type, self.usd_per_hour
        check_hourly("Savings Plans rate", named, usd, region=self.region)
