"""Cost flags -> unit prices with their provenance, and the month."""

from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from smcost.cli.flags import Flags
from smcost.cli.sources import Sources
from smcost.cost import Tariff
from smcost.errors import UsageError
from smcost.prices import Catalogue, Rate, RateItem, Rates
from smcost.read.bundled import bundled_catalogue, bundled_rates
from smcost.remarks import Assumption, Caveat, PriceProvenance
from smcost.units import parse_size_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CostInput:
    """Unit prices with their provenance, and the month.

    ``volume_gb`` is attached to each instance, whether its rate is known or not. [GB]
    """

    tariff: Tariff
    volume_gb: int | None
    hours_per_month: Decimal
    provenance: PriceProvenance
    assumptions: tuple[Assumption, ...]
    caveats: tuple[Caveat, ...]


def cost_input(
    sources: Sources, flags: Flags, *, instance_type: str, has_traffic: bool
) -> CostInput:
    """Look the prices up.

    Raises
    ------
    UsageError, InputError, PriceError
        A value that makes no sense, a bad price file, no price.
    """
    catalogue = _catalogue(flags)
    price = catalogue.price(flags.region, instance_type)
    known = catalogue.instance_types.get(instance_type)
    nvme = known is not None and known.nvme is True
    rates = _rates(flags)
    volume_gb = _volume_gb(sources, flags, instance_type, nvme=nvme)
    # What nobody asked for is left out with a word where its rate is not known.
    asked = sources.given("volume_gb") or rates.knows(flags.region, RateItem.STORAGE_GB_MONTH)
    priced = replace(flags, volume_gb=volume_gb if asked else None)
    tariff, rate_caveats = _tariff(priced, rates, instance_type, price.usd_per_hour, has_traffic)
    month = _hours(flags.hours_per_month)
    provenance = PriceProvenance(
        source=price.source,
        component=price.component.value,
        as_of=price.as_of,
        region=flags.region,
    )
    storage = _storage(volume_gb, nvme=nvme)
    if volume_gb is not None and tariff.volume_gb is None:
        storage += f", not priced: no rate is known in {flags.region} (give --rates)"
    storage_source = "data/README.md" if nvme else "default"
    return CostInput(
        tariff=tariff,
        volume_gb=volume_gb,
        hours_per_month=month,
        provenance=provenance,
        assumptions=(
            sources.assumption("region", flags.region, "region"),
            sources.assumption("hours per month", f"{month:f}", "hours_per_month", "24 x 30"),
            sources.assumption("endpoint storage", storage, "volume_gb", storage_source),
            Assumption(
                name="billing",
                value="per second from launch until removal",
                source="SageMaker pricing page; which states bill is not documented",
            ),
        ),
        caveats=(*catalogue.caveats(price), *rate_caveats),
    )


def _catalogue(flags: Flags) -> Catalogue:
    from smcost.read.price_csv import read_prices

    bundled = bundled_catalogue()
    return bundled if flags.prices is None else bundled.with_user_prices(read_prices(flags.prices))


def _rates(flags: Flags) -> Rates:
    from smcost.read.rates_csv import read_rates

    bundled = bundled_rates()
    return bundled if flags.rates is None else bundled.with_user_rates(read_rates(flags.rates))


def _volume_gb(sources: Sources, flags: Flags, instance_type: str, *, nvme: bool) -> int | None:
    """What is attached: nothing to a type with a disk of its own, whatever today's type has."""
    if flags.volume_gb is None or not nvme:
        return flags.volume_gb
    if sources.given("volume_gb"):
        raise UsageError(
            f"{instance_type} brings its own NVMe disk, so no volume is attached or billed",
            remedy="Leave --volume-gb out",
            place="--volume-gb",
        )
    return None


def _tariff(
    flags: Flags, rates: Rates, instance_type: str, usd_per_hour: Decimal, has_traffic: bool
) -> tuple[Tariff, list[Caveat]]:
    """Only rates that are needed are looked up: a missing one that nobody asked for is no error."""
    bytes_in, bytes_out = (
        None if size is None else parse_size_bytes(size, flag)
        for flag, size in (("--payload-in", flags.payload_in), ("--payload-out", flags.payload_out))
    )
    if not has_traffic and (bytes_in or bytes_out):
        raise UsageError(
            "A payload is given without traffic",
            remedy="Add --traffic or --rps, or leave the payload out",
        )
    wanted = (
        ("usd_per_gb_month", RateItem.STORAGE_GB_MONTH, flags.volume_gb),
        ("usd_per_gb_in", RateItem.DATA_IN_GB, bytes_in),
        ("usd_per_gb_out", RateItem.DATA_OUT_GB, bytes_out),
    )
    needed = {
        name: rates.usd(flags.region, item) for name, item, size in wanted if size is not None
    }
    tariff = Tariff(
        instance_type=instance_type,
        usd_per_hour=usd_per_hour,
        volume_gb=flags.volume_gb,
        bytes_in=bytes_in,
        bytes_out=bytes_out,
        usd_per_gb_month=_usd(needed.get("usd_per_gb_month")),
        usd_per_gb_in=_usd(needed.get("usd_per_gb_in")),
        usd_per_gb_out=_usd(needed.get("usd_per_gb_out")),
    )
    return tariff, [caveat for rate in needed.values() for caveat in rates.caveats(rate)]


def _usd(rate: Rate | None) -> Decimal | None:
    return None if rate is None else rate.usd


def _storage(volume_gb: int | None, *, nvme: bool) -> str:
    if nvme:
        return "none, the type brings an NVMe disk"
    return "not included (no --volume-gb)" if volume_gb is None else f"{volume_gb} GB per instance"


def _hours(text: str) -> Decimal:
    try:
        hours = Decimal(text)
    except InvalidOperation:
        hours = Decimal("NaN")
    if not hours.is_finite() or not 1 <= hours <= 744:
        raise UsageError(
            f"{text!r} hours are not a month",
            remedy="Give 720, 730 or another number from 1 to 744",
            place="--hours-per-month",
        )
    return hours
