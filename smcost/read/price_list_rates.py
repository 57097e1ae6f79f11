"""Which products of the Price List are the rates of a bill beside instance-hours.

Told by the attributes that AWS's calculators select by: ``group`` and ``volumeType`` in
AmazonSageMaker and AmazonS3, the usage type in AmazonCloudWatch. A usage type begins with the
region's billing code, which us-east-1 leaves out in S3 and CloudWatch.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from smcost.prices import LeftOut, RateItem
from smcost.read.price_list_record import Attributes, Term, usd_of_rate

SAGEMAKER = "AmazonSageMaker"
S3 = "AmazonS3"
CLOUDWATCH = "AmazonCloudWatch"
#: What an endpoint is billed for lies in these.
OFFERS = (SAGEMAKER, S3, CLOUDWATCH)
#: In none of them: known only from a rates CSV.
GIVEN_BY_HAND = frozenset({RateItem.KMS_REQUEST})

_SECONDS = frozenset({"seconds", "Seconds", "second", "Second"})
_MEMORY_GB = re.compile(r"(\d+)GB$")
#: A size's price may be rounded to its last decimal; what differs by more is another rate.
_MOST_ROUNDING = Decimal("0.01")
_RATE_DECIMALS = Decimal("1e-12")


@dataclass(frozen=True, slots=True, kw_only=True)
class SizedRate:
    """The price per second of a serverless endpoint of one memory size. [USD/s]"""

    item: RateItem
    memory_gb: int
    usd_per_second: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRule:
    """How the products of one item are told.

    Attributes
    ----------
    service
        The offer they are in.
    field, value
        A filter of GetProducts that finds them, perhaps with others.
    units
        What the Price List calls the unit.
    usage
        How their usage type ends.
    by_memory
        Whether there is one for each memory size.
    """

    item: RateItem
    service: str
    field: str
    value: str
    units: frozenset[str]
    usage: str = ""
    by_memory: bool = False

    def fits(self, attributes: Attributes) -> bool:
        """Whether the product is of this item."""
        listed = {"group": attributes.group, "volumeType": attributes.volume_type}
        return listed.get(self.field, self.value) == self.value and attributes.usagetype.endswith(
            self.usage
        )


def _sagemaker(item: RateItem, field: str, value: str, unit: str) -> RateRule:
    units = frozenset({unit})
    return RateRule(item=item, service=SAGEMAKER, field=field, value=value, units=units)


def _serverless(item: RateItem, group: str) -> RateRule:
    return RateRule(
        item=item, service=SAGEMAKER, field="group", value=group, units=_SECONDS, by_memory=True
    )


RULES = (
    _sagemaker(RateItem.STORAGE_GB_MONTH, "volumeType", "General Purpose-Hosting", "GB-Mo"),
    _sagemaker(RateItem.DATA_IN_GB, "group", "Hosting:IN", "GB"),
    _sagemaker(RateItem.DATA_OUT_GB, "group", "Hosting:OUT", "GB"),
    _serverless(RateItem.SERVERLESS_GB_SECOND, "ServerlessInf"),
    _serverless(RateItem.SERVERLESS_RESERVED_GB_SECOND, "ServerlessProvisionedConcurrency-Usage"),
    _serverless(
        RateItem.SERVERLESS_RESERVED_EXECUTION_GB_SECOND,
        "ServerlessProvisionedConcurrency-Duration",
    ),
    # The overhead of Intelligent-Tiering has the same usage type and another volume type.
    RateRule(
        item=RateItem.S3_STORAGE_GB_MONTH,
        service=S3,
        field="volumeType",
        value="Standard",
        units=frozenset({"GB-Mo"}),
        usage="TimedStorage-ByteHrs",
    ),
    RateRule(
        item=RateItem.S3_PUT_REQUEST,
        service=S3,
        field="group",
        value="S3-API-Tier1",
        units=frozenset({"Requests"}),
        usage="Requests-Tier1",
    ),
    RateRule(
        item=RateItem.CLOUDWATCH_METRIC_MONTH,
        service=CLOUDWATCH,
        field="productFamily",
        value="Metric",
        units=frozenset({"Metrics"}),
        usage="CW:MetricMonitorUsage",
    ),
    RateRule(
        item=RateItem.CLOUDWATCH_GET_METRIC_DATA,
        service=CLOUDWATCH,
        field="productFamily",
        value="API Request",
        units=frozenset({"Metrics"}),
        usage="CW:GMD-Metrics",
    ),
)


def read_rate(
    attributes: Attributes, terms: Iterable[Term], service: str
) -> list[tuple[RateItem, Decimal]] | list[SizedRate] | LeftOut:
    """Read the rate of a product that is no instance-hour, or why it is none.

    Several where the product has several prices at once: nobody chooses in silence.

    Raises
    ------
    ValueError
        An amount is no number.
    """
    for rule in RULES:
        if rule.service == service and rule.fits(attributes):
            found = usd_of_rate(terms, rule.units)
            if isinstance(found, LeftOut):
                return found
            if not rule.by_memory:
                return [(rule.item, usd) for usd in found]
            memory_gb = _memory_gb(attributes)
            if memory_gb is None:
                return LeftOut.NOT_BILLED
            return [
                SizedRate(item=rule.item, memory_gb=memory_gb, usd_per_second=usd) for usd in found
            ]
    return LeftOut.NOT_BILLED


def per_gb_second(sizes: Iterable[SizedRate]) -> list[Decimal]:
    """USD per second and GB of memory, from the prices of every size.

    Linear in memory, so one figure: that of the largest size, whose price is rounded least
    relative to itself. A size that no rounding explains gives a figure of its own, and so does a
    second price of one size; whoever asks for the rate is told of both.

    >>> per_second = {1: "0.0000117", 2: "0.0000233", 6: "0.0000700"}
    >>> [str(usd) for usd in per_gb_second(
    ...     SizedRate(item=RateItem.SERVERLESS_GB_SECOND, memory_gb=gb, usd_per_second=Decimal(usd))
    ...     for gb, usd in per_second.items())]
    ['0.000011666667']
    """
    largest_first = sorted(sizes, key=lambda size: (-size.memory_gb, size.usd_per_second))
    found: list[tuple[int, Decimal]] = []
    for size in largest_first:
        usd = size.usd_per_second / size.memory_gb
        if all(
            abs(usd - other) > (0 if size.memory_gb == memory_gb else _MOST_ROUNDING * other)
            for memory_gb, other in found
        ):
            found.append((size.memory_gb, usd))
    return [Decimal(f"{usd.quantize(_RATE_DECIMALS).normalize():f}") for _, usd in found]


def _memory_gb(attributes: Attributes) -> int | None:
    """1 to 6, from ``memorygb`` or from a usage type such as ``USE1-ServerlessInf:Mem-2GB``."""
    found = _MEMORY_GB.search(attributes.usagetype)
    text = found[1] if found else attributes.memorygb
    return int(text) if text.isascii() and text.isdigit() and int(text) else None
