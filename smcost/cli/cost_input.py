"""Cost flags -> unit prices with their provenance, and the month."""

from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from smcost.cli.flags import Flags
from smcost.cli.kind_prices import KindPrices, kind_prices
from smcost.cli.lever_input import lever_input
from smcost.cli.plan_input import plan_offers, plan_rates
from smcost.cli.price_input import KnownPrices, age_limit
from smcost.cli.sources import Sources
from smcost.cost import Tariff
from smcost.errors import UsageError
from smcost.estimate.savings_plan import PlanOffer
from smcost.prices import Price, Rate, RateItem, Rates, SavingsRate
from smcost.remarks import Assumption, Caveat, PriceProvenance, RateProvenance
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
    kinds: KindPrices
    offers: tuple[PlanOffer, ...] = ()


def cost_input(
    sources: Sources,
    flags: Flags,
    prices: KnownPrices,
    *,
    instance_type: str,
    has_traffic: bool,
    provisioning_s: float,
) -> CostInput:
    """Look the prices up; ``provisioning_s`` is how long a new fleet takes to be in service. [s]

    Raises
    ------
    UsageError, PriceError
        A value that makes no sense, no price, or one older than is allowed.
    """
    catalogue = prices.catalogue
    price = catalogue.price(flags.region, instance_type)
    known = catalogue.instance_types.get(instance_type)
    nvme = known is not None and known.nvme is True
    volume_gb = _volume_gb(sources, flags, instance_type, nvme=nvme)
    priced = replace(flags, volume_gb=_priced_gb(sources, flags, prices.rates, volume_gb))
    tariff, rates = _tariff(priced, prices.rates, price, has_traffic)
    more = lever_input(sources, flags, prices.rates, tariff, provisioning_s)
    rates += more.rates
    kinds = kind_prices(flags, prices, price)
    rates += kinds.used_rates
    plans = plan_rates(flags, prices.savings, price)
    month = hours_in_month(flags.hours_per_month)
    return CostInput(
        tariff=more.tariff,
        volume_gb=volume_gb,
        hours_per_month=month,
        provenance=_provenance(price, rates, flags.region),
        assumptions=(
            sources.assumption("region", flags.region, "region"),
            sources.assumption("hours per month", f"{month:f}", "hours_per_month", "24 x 30"),
            sources.assumption(
                "endpoint storage",
                _storage(volume_gb, tariff, flags.region, nvme=nvme),
                "volume_gb",
                "data/README.md" if nvme else "default",
            ),
            Assumption(
                name="billing",
                value="per second from launch until removal",
                source="SageMaker pricing page; which states bill is not documented",
            ),
            *more.assumptions,
        ),
        caveats=(
            *catalogue.caveats(price),
            *_too_old(flags, [price, *rates, *kinds.other_prices, *plans]),
            *(caveat for rate in rates for caveat in prices.rates.caveats(rate)),
            *more.caveats,
            *kinds.caveats,
        ),
        kinds=kinds,
        offers=plan_offers(flags, plans, price),
    )


def _too_old(flags: Flags, used: list[Price | Rate | SavingsRate]) -> list[Caveat]:
    limit = age_limit(flags.max_price_age)
    return [] if limit is None else limit.caveats(used)


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


def _priced_gb(sources: Sources, flags: Flags, known: Rates, volume_gb: int | None) -> int | None:
    """What nobody asked for is left out with a word where its rate is not known."""
    asked = sources.given("volume_gb") or known.knows(flags.region, RateItem.STORAGE_GB_MONTH)
    return volume_gb if asked else None


def _tariff(
    flags: Flags, known: Rates, price: Price, has_traffic: bool
) -> tuple[Tariff, list[Rate]]:
    """Only rates that are needed are looked up: a missing one that nobody asked for is no error.

    Returns the rates beside the tariff, for what there is to say of them.
    """
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
        name: known.usd(flags.region, item) for name, item, size in wanted if size is not None
    }
    tariff = Tariff(
        instance_type=price.instance_type,
        usd_per_hour=price.usd_per_hour,
        volume_gb=flags.volume_gb,
        bytes_in=bytes_in,
        bytes_out=bytes_out,
        usd_per_gb_month=_usd(needed.get("usd_per_gb_month")),
        usd_per_gb_in=_usd(needed.get("usd_per_gb_in")),
        usd_per_gb_out=_usd(needed.get("usd_per_gb_out")),
    )
    return tariff, [*needed.values()]


def _usd(rate: Rate | None) -> Decimal | None:
    return None if rate is None else rate.usd


def _storage(volume_gb: int | None, tariff: Tariff, region: str, *, nvme: bool) -> str:
    if nvme:
        return "none, the type brings an NVMe disk"
    if volume_gb is None:
        return "not included (no --volume-gb)"
    priced = (
        ""
        if tariff.volume_gb is not None
        else (f", not priced: no rate is known in {region} (give --rates)")
    )
    return f"{volume_gb} GB per instance{priced}"


def _provenance(price: Price, rates: list[Rate], region: str) -> PriceProvenance:
    return PriceProvenance(
        source=price.source,
        component=price.component.value,
        as_of=price.as_of,
        region=region,
        fetched_at=price.fetched_at,
        rates=tuple(
            RateProvenance(
                item=rate.item.value,
                source=rate.source,
                as_of=rate.as_of,
                fetched_at=rate.fetched_at,
            )
            for rate in rates
        ),
    )


def hours_in_month(text: str) -> Decimal:
    """What ``--hours-per-month`` says.

    Raises
    ------
    UsageError
        No number, or one that no month has.
    """
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
