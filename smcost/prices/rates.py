"""What is billed beside instance-hours: storage, data, serverless, S3, CloudWatch."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from smcost.errors import InputError, PriceError
from smcost.prices.layer import Layer
from smcost.prices.price import check_origin
from smcost.remarks import Caveat, WarningCode

#: How the source of a rate begins that was concluded from others, not read.
INFERRED = "inferred:"


class RateItem(StrEnum):
    """What a rate is for. The GB of a data rate is 2**30 bytes.

    A serverless rate is per second and GB of the endpoint's memory: for execution, for provisioned
    concurrency being held ready, and for execution on it. The Price List has tiers for S3 storage
    and for CloudWatch metrics; the rate is that of the first, which is the dearest. A CloudWatch
    query is billed by the metrics that it asks for, not by the call.
    """

    STORAGE_GB_MONTH = "storage_gb_month"
    DATA_IN_GB = "data_in_gb"
    DATA_OUT_GB = "data_out_gb"
    SERVERLESS_GB_SECOND = "serverless_gb_second"
    SERVERLESS_RESERVED_GB_SECOND = "serverless_reserved_gb_second"
    SERVERLESS_RESERVED_EXECUTION_GB_SECOND = "serverless_reserved_execution_gb_second"
    S3_STORAGE_GB_MONTH = "s3_storage_gb_month"
    S3_PUT_REQUEST = "s3_put_request"
    KMS_REQUEST = "kms_request"
    CLOUDWATCH_METRIC_MONTH = "cloudwatch_metric_month"
    CLOUDWATCH_GET_METRIC_DATA = "cloudwatch_get_metric_data"

    @property
    def unit(self) -> str:
        """What one is: the Price List's word, but for serverless, which it lists by size."""
        return _UNITS[self]


_UNITS = {
    RateItem.STORAGE_GB_MONTH: "GB-Mo",
    RateItem.DATA_IN_GB: "GB",
    RateItem.DATA_OUT_GB: "GB",
    RateItem.SERVERLESS_GB_SECOND: "GB-second",
    RateItem.SERVERLESS_RESERVED_GB_SECOND: "GB-second",
    RateItem.SERVERLESS_RESERVED_EXECUTION_GB_SECOND: "GB-second",
    RateItem.S3_STORAGE_GB_MONTH: "GB-Mo",
    RateItem.S3_PUT_REQUEST: "Requests",
    RateItem.KMS_REQUEST: "Requests",
    RateItem.CLOUDWATCH_METRIC_MONTH: "Metrics",
    RateItem.CLOUDWATCH_GET_METRIC_DATA: "Metrics",
}


#: No item of a bill costs so much a unit.
_MOST_USD = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What one unit of one item costs in one region.

    Attributes
    ----------
    usd
        Per :attr:`RateItem.unit`; 0 is allowed, a region may not charge for data. [USD]
    source, as_of, fetched_at
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
    fetched_at: str | None = None

    def __post_init__(self) -> None:
        what = f"The rate {self.item}"
        check_origin(what, region=self.region, source=self.source, as_of=self.as_of)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetingRate:
    """A known rate, where it was found, and whether it is the one that costs are computed with."""

    rate: Rate
    layer: Layer
    used: bool


class Rates:
    """Rates by region and item; the first of three layers that has an item in a region decides.

    Parameters
    ----------
    bundled
        What comes with smcost.
    cached
        What the price cache holds; where it has an item in a region, the bundled rates of it are
        not consulted.
    user
        What the user's ``--rates FILE`` says; goes before the other two in the same way.
    """

    def __init__(
        self, bundled: Iterable[Rate], *, cached: Iterable[Rate] = (), user: Iterable[Rate] = ()
    ) -> None:
        self._layers = {
            Layer.PRICES_FILE: tuple(user),
            Layer.CACHE: tuple(cached),
            Layer.BUNDLED: tuple(bundled),
        }
        # The last one written stays, hence from the weakest to the strongest.
        self._rates: dict[tuple[str, RateItem], list[Rate]] = {}
        for rates in reversed(self._layers.values()):
            self._rates |= _by_item(rates)

    def with_user_rates(self, user: Iterable[Rate]) -> "Rates":
        """Return these rates with the rows of a ``--rates FILE`` in front of the others."""
        return Rates(self._layers[Layer.BUNDLED], cached=self._layers[Layer.CACHE], user=user)

    def with_cached_rates(self, cached: Iterable[Rate]) -> "Rates":
        """Return these rates with those of the price cache between the user's and the bundled."""
        user = self._layers[Layer.PRICES_FILE]
        return Rates(self._layers[Layer.BUNDLED], cached=cached, user=user)

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
                remedy=f"Fetch it with `smcost prices pull --region {region}`, or give it with "
                "--rates FILE (columns region, item, unit, usd, source, as_of)",
            )
        if len({rate.usd for rate in known}) > 1:
            quoted = " and ".join(f"{rate.usd} ({rate.source}, {rate.as_of})" for rate in known)
            raise PriceError(
                f"Several rates {item} match in {region}: {quoted}",
                remedy="Leave one of them in the file given with --rates, or give it there",
            )
        return known[0]

    def rows(self, region: str) -> list[CompetingRate]:
        """Every known rate in a region, for ``prices show``, by item and then by layer.

        Where :meth:`usd` would refuse to choose, none is marked as used.
        """
        rows = [
            CompetingRate(rate=rate, layer=layer, used=self._uses(rate))
            for layer, rates in self._layers.items()
            for rate in rates
            if rate.region == region
        ]
        order = [*RateItem]
        return sorted(rows, key=lambda row: order.index(row.rate.item))

    def _uses(self, rate: Rate) -> bool:
        known = self._rates[rate.region, rate.item]
        return known[0] is rate and len({other.usd for other in known}) == 1

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
