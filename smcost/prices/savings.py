"""What an instance-hour costs under a SageMaker Savings Plan."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from smcost.errors import InputError, PriceError
from smcost.prices.price import MOST_USD_PER_HOUR


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
        for field in ("region", "source", "as_of"):
            if not getattr(self, field).strip():
                raise InputError(
                    f"The Savings Plans rate of {self.instance_type or 'an instance'} has no "
                    f"{field}",
                    remedy="Fill it in: a rate without place, origin and date cannot be trusted",
                )
        if self.term_years not in TERMS_YEARS:
            raise InputError(
                f"A Savings Plan of {self.term_years} years is not sold",
                remedy="Give a term of 1 or 3 years",
            )
        if not self.instance_type.startswith("ml."):
            raise PriceError(
                f"{self.instance_type!r} is no SageMaker instance type",
                remedy="Give the rate of the ml.* type",
            )
        if not self.usd_per_hour.is_finite() or not 0 < self.usd_per_hour <= MOST_USD_PER_HOUR:
            raise PriceError(
                f"A Savings Plans rate of {self.usd_per_hour} USD per hour for "
                f"{self.instance_type} in {self.region} is no rate",
                remedy=f"Give the rate, above 0 and at most {MOST_USD_PER_HOUR:,}; where there is "
                "none, leave the row out",
            )
