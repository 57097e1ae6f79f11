"""What one source says about the prices of one region, and what of it was left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from smcost.errors import InputError
from smcost.prices.price import Component, Price
from smcost.prices.rates import Rate
from smcost.prices.savings import SavingsRate
from smcost.remarks import Caveat


class LeftOut(StrEnum):
    """Why an entry of a price list gives no price."""

    OTHER_REGION = "of another region"
    NOT_A_REGION = "of an Outpost, Local Zone or Wavelength Zone"
    OTHER_TYPE = "of another instance type"
    OTHER_COMPONENT = "of a component that is no stand-in for hosting"
    NOT_BILLED = "nothing that an endpoint is billed for"
    NO_REGION = "without a region code"
    EARLIER = "an earlier price of the same product"
    NO_TYPE = "without an ml.* instance type"
    NO_ON_DEMAND = "without an on-demand price"
    OTHER_UNIT = "in another unit"
    NO_USD = "without a price in USD"
    FREE = "with a price of 0"
    OTHER_PLAN = "Savings Plans rates of something else"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Every price of one region that one source gives.

    Attributes
    ----------
    region
        Region code.
    prices
        Sorted by type and component. One type and component may come with several figures: they
        are all here, and :class:`smcost.prices.Catalogue` refuses to choose among them.
    rates
        What is billed beside instance-hours, at most one per item unless the source has several
        that differ.
    savings
        Savings Plans rates of hosting.
    source
        Where it was read.
    published
        The day the source published it, ``2026-09-25``.
    left_out
        How many entries gave no price, by reason.
    savings_unread
        Why Savings Plans rates are not among what was read; ``None``: they are, if there are any.

    Raises
    ------
    InputError
        A price, rate or Savings Plans rate is of another region, or ``published`` is no ISO date.
    """

    region: str
    prices: tuple[Price, ...]
    rates: tuple[Rate, ...]
    savings: tuple[SavingsRate, ...]
    source: str
    published: str
    left_out: Mapping[LeftOut, int]
    savings_unread: Caveat | None = None

    def __post_init__(self) -> None:
        regions = {price.region for price in self.prices} | {rate.region for rate in self.rates}
        foreign = (regions | {rate.region for rate in self.savings}) - {self.region}
        if foreign:
            raise InputError(
                f"A listing of {self.region} has prices of {', '.join(sorted(foreign))}",
                remedy="Make one listing per region",
            )
        try:
            date.fromisoformat(self.published)
        except ValueError as error:
            raise InputError(
                f"{self.published!r} is no date of publication",
                remedy="Write it as 2026-09-25",
            ) from error

    @property
    def hosting(self) -> tuple[Price, ...]:
        """The prices that endpoints are billed at."""
        return tuple(price for price in self.prices if price.component is Component.HOSTING)
