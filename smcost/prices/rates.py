"""What is billed beside instance-hours: endpoint storage, data in, data out."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from smcost.errors import InputError, PriceError
from smcost.remarks import Caveat, WarningCode

#: How the source of a rate begins that was concluded from others, not read.
INFERRED = "inferred:"


class RateItem(StrEnum):
    """What a rate is for. The GB of a data rate is 2**30 bytes."""

    STORAGE_GB_MONTH = "storage_gb_month"
    DATA_IN_GB = "data_in_gb"
    DATA_OUT_GB = "data_out_gb"

    @property
    def unit(self) -> str:
        """The Price List's word for the unit: ``GB-Mo`` or ``GB``."""
        return "GB-Mo" if self is RateItem.STORAGE_GB_MONTH else "GB"


#: No item of a bill costs so much a unit.
_MOST_USD = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What one unit of one item costs in one region.

    Attributes
    ----------
    usd
        Per :attr:`RateItem.unit`; 0 is allowed, a region may not charge for data. [USD]
    source, as_of
        As in :class:`smcost.prices.Price`.

    Raises
    ------
    PriceError
        The rate is negative or not finite.
    InputError
        The unit is not the item's, or the region, the source or the date is missing.
    """

    region: str
    item: RateItem
    unit: str
    usd: Decimal
    source: str
    as_of: str

    def __post_init__(self) -> None:
        for field in ("region", "source", "as_of"):
            if not getattr(self, field).strip():
                raise InputError(
                    f"The rate {self.item} has no {field}",
                    remedy="Fill it in: a rate without place, origin and date cannot be trusted",
                )
        if self.unit != self.item.unit:
            raise InputError(
                f"The unit of {self.item} is {self.unit!r}, and {self.item.unit!r} is wanted",
                remedy=f"Convert the rate to USD per {self.item.unit}",
            )
        if not self.usd.is_finite() or not 0 <= self.usd <= _MOST_USD:
            raise PriceError(
                f"A rate of {self.usd} USD for {self.item} in {self.region} is no rate",
                remedy=f"Give 0 or more, at most {_MOST_USD:,}",
            )


class Rates:
    """Rates by region and item.

    Parameters
    ----------
    bundled
        What comes with smcost.
    user
        What the user's ``--rates FILE`` says; where it has an item in a region, the bundled rates
        of it are not consulted.
    """

    def __init__(self, bundled: Iterable[Rate], *, user: Iterable[Rate] = ()) -> None:
        self._bundled = tuple(bundled)
        self._rates = _by_item(self._bundled) | _by_item(user)

    def with_user_rates(self, user: Iterable[Rate]) -> "Rates":
        """Return these rates with the rows of a ``--rates FILE`` in front of the bundled ones."""
        return Rates(self._bundled, user=user)

    def knows(self, region: str, item: RateItem) -> bool:
        """Whether there is a rate of the item in the region."""
        return bool(self._rates.get((region, item)))

    def usd(self, region: str, item: RateItem) -> Rate:
        """Return the rate of an item in a region, never that of another region.

        Raises
        ------
        PriceError
            None is known, or several that differ.
        """
        known = self._rates.get((region, item), ())
        if not known:
            elsewhere = sorted(known_in for known_in, other in self._rates if other is item)
            raise PriceError(
                f"No rate {item} is known in {region} (known in: {', '.join(elsewhere) or 'none'})",
                remedy="Give it with --rates FILE (columns region, item, unit, usd, source, as_of)",
            )
        if len({rate.usd for rate in known}) > 1:
            quoted = " and ".join(f"{rate.usd} ({rate.source}, {rate.as_of})" for rate in known)
            raise PriceError(
                f"Several rates {item} match in {region}: {quoted}",
                remedy="Leave one of them in the file given with --rates",
            )
        return known[0]

    def caveats(self, rate: Rate) -> list[Caveat]:
        """Say what the reader of a cost should know about the rate behind it."""
        if not rate.source.startswith(INFERRED):
            return []
        reason = rate.source.removeprefix(INFERRED).strip()
        message = (
            f"The rate {rate.item} in {rate.region}, {rate.usd} USD per {rate.unit}, was concluded "
            f"and not read from a price list: {reason} (as of {rate.as_of})"
        )
        return [Caveat(code=WarningCode.RATE_INFERRED, message=message)]


def _by_item(rates: Iterable[Rate]) -> dict[tuple[str, RateItem], list[Rate]]:
    by_item: dict[tuple[str, RateItem], list[Rate]] = {}
    for rate in rates:
        by_item.setdefault((rate.region, rate.item), []).append(rate)
    return by_item
