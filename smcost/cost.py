"""Hours x prices -> cost lines a reader can check by hand, and their totals.

Decimal end to end. The quantity shown is the quantity charged (rounded to 4 places first), a line
is rounded to cents, a total sums the rounded lines; unit prices are never rounded.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from smcost.errors import UsageError
from smcost.units import BYTES_PER_GB

_CENT = Decimal("0.01")
_QUANTITY = Decimal("0.0001")
#: Developer guide, deploy-model-options. botocore still says 6 MiB: the larger one refuses less.
_LARGEST_PAYLOAD_BYTES = 25 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """Name, quantity, unit, unit price."""

    name: str
    quantity: Decimal
    unit: str
    unit_price_usd: Decimal

    @property
    def usd(self) -> Decimal:
        """Quantity x unit price, rounded half up to cents. [USD]"""
        return (self.quantity * self.unit_price_usd).quantize(_CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostCase:
    """The lines of one case, per month."""

    lines: tuple[CostLine, ...]

    @property
    def usd(self) -> Decimal:
        """Sum of the rounded lines. [USD]"""
        return sum((line.usd for line in self.lines), Decimal("0.00"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """A month's cost: at the minimum all the time, as replayed, at the maximum all the time.

    ``expected`` is ``None`` where there is no traffic to replay.
    """

    floor: CostCase
    expected: CostCase | None
    ceiling: CostCase
    hours_per_month: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """What there is to pay for, each with its unit price.

    Attributes
    ----------
    instance_type, usd_per_hour
        The instance and its price. [USD/h]
    volume_gb
        Storage attached to each instance, ``None`` for no line. [GB]
    usd_per_gb_month
        Price of endpoint storage; needed with ``volume_gb``. [USD/GB-Mo]
    bytes_in, bytes_out
        Payload of one invocation each way, ``None`` for no line. [B]
    usd_per_gb_in, usd_per_gb_out
        Price of data processed, per 2**30 bytes; needed with the payloads. [USD/GB]
    """

    instance_type: str
    usd_per_hour: Decimal
    volume_gb: int | None = None
    usd_per_gb_month: Decimal | None = None
    bytes_in: int | None = None
    bytes_out: int | None = None
    usd_per_gb_in: Decimal | None = None
    usd_per_gb_out: Decimal | None = None

    def __post_init__(self) -> None:
        if self.volume_gb is not None and not 1 <= self.volume_gb <= 512:
            raise UsageError(
                f"A volume of {self.volume_gb} GB is outside 1 to 512, what an endpoint can have",
                remedy="Give --volume-gb within",
            )
        for flag, size_bytes in (
            ("--payload-in", self.bytes_in),
            ("--payload-out", self.bytes_out),
        ):
            if size_bytes is not None and size_bytes > _LARGEST_PAYLOAD_BYTES:
                raise UsageError(
                    f"A payload of {size_bytes / 2**20:,.0f} MB is more than the 25 MB that a "
                    "real-time endpoint takes",
                    remedy="Give the size of one request or response",
                    place=flag,
                )


def monthly_cost(
    tariff: Tariff, *, instance_hours: Decimal, invocations: Decimal, hours_per_month: Decimal
) -> CostCase:
    """One case of the bill.

    Parameters
    ----------
    tariff
        Unit prices and sizes.
    instance_hours
        Billed instance-hours per month. [h]
    invocations
        Invocations per month. [count]
    hours_per_month
        720 or 730: turns GB x instance-hours into GB-months. [h]
    """
    hours = instance_hours.quantize(_QUANTITY, ROUND_HALF_UP)
    lines = [
        CostLine(
            name=f"Instances {tariff.instance_type}",
            quantity=hours,
            unit="instance-hour",
            unit_price_usd=tariff.usd_per_hour,
        )
    ]
    if tariff.volume_gb is not None and tariff.usd_per_gb_month is not None:
        gb_months = tariff.volume_gb * hours / hours_per_month
        lines.append(_line("Endpoint storage", gb_months, "GB-Mo", tariff.usd_per_gb_month))
    for name, size_bytes, usd_per_gb in (
        ("Data in", tariff.bytes_in, tariff.usd_per_gb_in),
        ("Data out", tariff.bytes_out, tariff.usd_per_gb_out),
    ):
        if size_bytes is not None and usd_per_gb is not None:
            lines.append(_line(name, invocations * size_bytes / BYTES_PER_GB, "GB", usd_per_gb))
    return CostCase(lines=tuple(lines))


def _line(name: str, quantity: Decimal, unit: str, unit_price_usd: Decimal) -> CostLine:
    rounded = quantity.quantize(_QUANTITY, ROUND_HALF_UP)
    return CostLine(name=name, quantity=rounded, unit=unit, unit_price_usd=unit_price_usd)
