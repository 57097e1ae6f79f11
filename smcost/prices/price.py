"""One price, and which part of SageMaker it was quoted for."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from smcost.errors import InputError, PriceError


class Component(StrEnum):
    """The part of SageMaker a price is for, as the Price List spells it, best first.

    An endpoint is billed at ``Hosting``. The others stand in for it where no Hosting price is
    known: they were found to differ from it by at most 0.33 % (``data/README.md``).

    ``all-within-a-cent`` marks a source that states one figure for every component.
    ``unspecified`` marks one that does not say what it prices: mostly tables kept by hand, which
    go stale. ``Cluster`` (HyperPod) is absent on purpose: it is a different price.
    """

    HOSTING = "Hosting"
    ASYNC_INFERENCE = "AsyncInf"
    BATCH_TRANSFORM = "BatchTransform"
    ALL_WITHIN_A_CENT = "all-within-a-cent"
    STUDIO_NOTEBOOK = "Studio-Notebook"
    TRAINING = "Training"
    PROCESSING = "Processing"
    UNSPECIFIED = "unspecified"

    @property
    def rank(self) -> int:
        """How good a stand-in it is, 0 for Hosting itself; equal ranks are equally good."""
        return _RANKS[self]

    @property
    def is_hosting(self) -> bool:
        """Whether this is what an endpoint is billed at."""
        return self is Component.HOSTING


_RANKS = {
    Component.HOSTING: 0,
    Component.ASYNC_INFERENCE: 1,
    Component.BATCH_TRANSFORM: 2,
    Component.ALL_WITHIN_A_CENT: 3,
    Component.STUDIO_NOTEBOOK: 4,
    Component.TRAINING: 5,
    Component.PROCESSING: 5,
    Component.UNSPECIFIED: 6,
}


#: The dearest instance of 2026 costs about 120 USD an hour.
MOST_USD_PER_HOUR = 10_000


def check_origin(what: str, *, region: str, source: str, as_of: str) -> None:
    """See that a figure says where it holds, who says so and when.

    Raises
    ------
    InputError
        One of the three is empty; ``what`` is what the figure is called.
    """
    for name, text in (("region", region), ("source", source), ("as_of", as_of)):
        if not text.strip():
            raise InputError(
                f"{what} has no {name}",
                remedy="Fill it in: a figure without place, origin and date cannot be trusted",
            )


def check_hourly(what: str, instance_type: str, usd_per_hour: Decimal, *, region: str) -> None:
    """See that a figure can be what an hour of a SageMaker instance costs. [USD/h]

    Raises
    ------
    PriceError
        It is zero, negative, not finite or beyond every instance, or of an EC2 instance; ``what``
        is what the figure is called.
    """
    if not instance_type.startswith("ml."):
        raise PriceError(
            f"{instance_type!r} is no SageMaker instance type",
            remedy=f"Give the {what} of the ml.* type; the EC2 price of the same size is another",
        )
    if not usd_per_hour.is_finite() or not 0 < usd_per_hour <= MOST_USD_PER_HOUR:
        raise PriceError(
            f"A {what} of {usd_per_hour} USD per hour for {instance_type} in {region} is no {what}",
            remedy=f"Give it above 0 and at most {MOST_USD_PER_HOUR:,}; where there is none, leave "
            "the row out",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one instance costs per hour in one region, on demand.

    Attributes
    ----------
    region
        Region code, ``us-east-1``.
    instance_type
        The API's name, ``ml.m5.xlarge``: an EC2 name without ``ml.`` is a different price.
    usd_per_hour
        On demand, unrounded. [USD/h]
    source
        Where the figure was read.
    as_of
        When it held, as precisely as known: ``2026-09-25``, ``2026-Q3`` or ``2026``.
    sku
        The Price List's key, where known.
    fetched_at
        When it was put into the price cache, ``2026-11-24T09:30:00Z``; ``None`` elsewhere.

    Raises
    ------
    PriceError
        The price is zero, negative or not finite, or of an EC2 instance.
    InputError
        The region, the source or the date is missing.
    """

    region: str
    instance_type: str
    component: Component
    usd_per_hour: Decimal
    source: str
    as_of: str
    sku: str | None = None
    fetched_at: str | None = None

    def __post_init__(self) -> None:
        what = f"The price of {self.instance_type or 'an instance'}"
        check_origin(what, region=self.region, source=self.source, as_of=self.as_of)
        check_hourly("price", self.instance_type, self.usd_per_hour, region=self.region)
