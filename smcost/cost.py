"""Hours x prices -> cost lines a reader can check by hand, and their totals.

Decimal end to end. The quantity shown is the quantity charged (rounded to 4 places first), a line
is rounded to cents, a total sums the rounded lines; unit prices are never rounded.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from smcost.data_capture import DataCapture, captured_month
from smcost.deployment import Releases
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
class UnpricedLine:
    """Name, quantity and unit of what there is to pay for at a rate that is not known here."""

    name: str
    quantity: Decimal
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CostCase:
    """The lines of one case, per month; what is in ``unpriced`` is missing in the sum."""

    lines: tuple[CostLine, ...]
    unpriced: tuple[UnpricedLine, ...] = ()

    @property
    def all_lines(self) -> tuple[CostLine | UnpricedLine, ...]:
        """Every line, those without a known rate last."""
        return (*self.lines, *self.unpriced)

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
    capture
        What is captured and at which rates, ``None`` for no lines.
    releases
        Deployments of a month, ``None`` for no line.
    shadow_count
        Instances of a shadow variant of the same type, all the time. [instances]
    """

    instance_type: str
    usd_per_hour: Decimal
    volume_gb: int | None = None
    usd_per_gb_month: Decimal | None = None
    bytes_in: int | None = None
    bytes_out: int | None = None
    usd_per_gb_in: Decimal | None = None
    usd_per_gb_out: Decimal | None = None
    capture: DataCapture | None = None
    releases: Releases | None = None
    shadow_count: int = 0

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
    tariff: Tariff,
    *,
    instance_hours: Decimal,
    invocations: Decimal,
    hours_per_month: Decimal,
    deployed_count: Decimal | None = None,
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
    deployed_count
        Instances that a release meets; ``None``: the mean of the month. [instances]
    """
    hours = _rounded(instance_hours)
    met = instance_hours / hours_per_month if deployed_count is None else deployed_count
    instances = _instance_lines(tariff, hours, hours_per_month, met)
    lines = list(instances)
    if tariff.volume_gb is not None and tariff.usd_per_gb_month is not None:
        every_hour = sum((line.quantity for line in instances), Decimal(0))
        gb_months = tariff.volume_gb * every_hour / hours_per_month
        lines.insert(1, _line("Endpoint storage", gb_months, "GB-Mo", tariff.usd_per_gb_month))
    lines += data_lines(tariff, invocations)
    if tariff.capture is None:
        return CostCase(lines=tuple(lines))
    captured, _ = capture_cases(
        tariff.capture,
        instance_hours=hours,
        invocations=invocations,
        hours_per_month=hours_per_month,
    )
    return CostCase(lines=(*lines, *captured.lines), unpriced=captured.unpriced)


def data_lines(tariff: Tariff, invocations: Decimal) -> list[CostLine]:
    """The lines of data in and out for so many invocations; none without a payload."""
    wanted = (
        ("Data in", tariff.bytes_in, tariff.usd_per_gb_in),
        ("Data out", tariff.bytes_out, tariff.usd_per_gb_out),
    )
    return [
        _line(name, invocations * size_bytes / BYTES_PER_GB, "GB", usd_per_gb)
        for name, size_bytes, usd_per_gb in wanted
        if size_bytes is not None and usd_per_gb is not None
    ]


def priced_case(*amounts: tuple[str, Decimal, str, Decimal]) -> CostCase:
    """Name, quantity, unit and unit price of each line -> a case."""
    return CostCase(lines=tuple(_line(*amount) for amount in amounts))


def _instance_lines(
    tariff: Tariff, hours: Decimal, hours_per_month: Decimal, met: Decimal
) -> list[CostLine]:
    """The fleet itself, a shadow of it, and what is billed twice while it is updated."""
    billed = [(f"Instances {tariff.instance_type}", hours)]
    if tariff.shadow_count:
        name = f"Shadow variant {tariff.instance_type}"
        billed.append((name, tariff.shadow_count * hours_per_month))
    if tariff.releases is not None:
        kind = tariff.releases.deployment.kind
        billed.append((f"Deployments, {kind}", tariff.releases.extra_instance_hours(met)))
    return [_line(name, each, "instance-hour", tariff.usd_per_hour) for name, each in billed]


def capture_cases(
    capture: DataCapture, *, instance_hours: Decimal, invocations: Decimal, hours_per_month: Decimal
) -> tuple[CostCase, CostCase]:
    """The lines of data capture alone: a month once as much expires as is written, and the first.

    Parameters as in :func:`monthly_cost`.
    """
    month = captured_month(
        capture,
        instance_hours=_rounded(instance_hours),
        invocations=invocations,
        hours_per_month=hours_per_month,
    )
    first, steady = (
        _capture_case(capture, stored, month.files)
        for stored in (month.first_gb_months, month.gb_months)
    )
    return steady, first


def _capture_case(capture: DataCapture, gb_months: Decimal, files: Decimal) -> CostCase:
    wanted = [
        ("Data capture, S3 storage", gb_months, "GB-Mo", capture.usd_per_gb_month),
        ("Data capture, S3 PUT", files, "request", capture.usd_per_put),
    ]
    if capture.with_kms:
        wanted.append(("Data capture, KMS", files, "request", capture.usd_per_kms_request))
    return CostCase(
        lines=tuple(
            _line(name, quantity, unit, usd)
            for name, quantity, unit, usd in wanted
            if usd is not None
        ),
        unpriced=tuple(
            UnpricedLine(name=name, quantity=_rounded(quantity), unit=unit)
            for name, quantity, unit, usd in wanted
            if usd is None
        ),
    )


def _line(name: str, quantity: Decimal, unit: str, unit_price_usd: Decimal) -> CostLine:
    return CostLine(
        name=name, quantity=_rounded(quantity), unit=unit, unit_price_usd=unit_price_usd
    )


def _rounded(quantity: Decimal) -> Decimal:
    return quantity.quantize(_QUANTITY, ROUND_HALF_UP)
