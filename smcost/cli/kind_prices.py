"""What the comparison of kinds has to know of a region: rates, prices of components, the type."""

from dataclasses import dataclass

from smcost.cli.flags import Flags
from smcost.cli.price_input import KnownPrices
from smcost.estimate.kinds import HourPrice
from smcost.kinds.serverless import ServerlessRates
from smcost.prices import Component, Price, Rate, RateItem
from smcost.remarks import Caveat, WarningCode

_RATES = {
    "execution": RateItem.SERVERLESS_GB_SECOND,
    "reserved": RateItem.SERVERLESS_RESERVED_GB_SECOND,
    "reserved_execution": RateItem.SERVERLESS_RESERVED_EXECUTION_GB_SECOND,
}
#: Accelerators that are no GPUs; by family, as the catalogue counts GPUs alone.
_ACCELERATED = ("ml.inf", "ml.trn", "ml.dl", "ml.eia")

_NO_RATES = ServerlessRates()


@dataclass(frozen=True, slots=True, kw_only=True)
class KindPrices:
    """What the comparison has to know of a region and an instance type.

    ``used_rates`` and ``other_prices`` are behind it, for what there is to say of their origin.
    """

    asynchronous: HourPrice
    batch: HourPrice
    rates: ServerlessRates = _NO_RATES
    accelerated: bool | None = None
    gpus: int | None = None
    memory_gib: float | None = None
    used_rates: tuple[Rate, ...] = ()
    other_prices: tuple[Price, ...] = ()
    caveats: tuple[Caveat, ...] = ()


def kind_prices(flags: Flags, prices: KnownPrices, price: Price) -> KindPrices:
    """Look up what the comparison needs; nothing beside the price where it is not asked for.

    Raises
    ------
    PriceError
        Several rates of one item differ.
    """
    if not flags.compare_kinds:
        return KindPrices(asynchronous=_hour_price(price), batch=_hour_price(price))
    region, known = flags.region, prices.rates
    found = {
        name: known.usd(region, item) for name, item in _RATES.items() if known.knows(region, item)
    }
    asynchronous = _component_price(prices, price, Component.ASYNC_INFERENCE)
    batch = _component_price(prices, price, Component.BATCH_TRANSFORM)
    type_ = prices.catalogue.instance_types.get(price.instance_type)
    accelerated: bool | None = price.instance_type.startswith(_ACCELERATED) or None
    if type_ is not None and type_.gpus is not None and not accelerated:
        accelerated = type_.gpus > 0
    return KindPrices(
        rates=ServerlessRates(**{name: rate.usd for name, rate in found.items()}),
        asynchronous=_hour_price(asynchronous),
        batch=_hour_price(batch),
        accelerated=accelerated,
        gpus=None if type_ is None else type_.gpus,
        memory_gib=None if type_ is None or type_.memory_gib is None else float(type_.memory_gib),
        used_rates=tuple(found.values()),
        other_prices=tuple(other for other in (asynchronous, batch) if other is not price),
        caveats=(
            *_stand_ins(price, asynchronous, batch),
            *(_unknown(region, item) for name, item in _RATES.items() if name not in found),
        ),
    )


def _hour_price(price: Price) -> HourPrice:
    return HourPrice(usd_per_hour=price.usd_per_hour, component=price.component.value)


def _component_price(prices: KnownPrices, price: Price, component: Component) -> Price:
    """The price of a component where one is known, else that of the fleet stands in for it."""
    rows = prices.catalogue.rows(price.region, price.instance_type)
    of_component = [row.price for row in rows if row.price.component is component]
    return of_component[0] if of_component else price


def _stand_ins(price: Price, asynchronous: Price, batch: Price) -> tuple[Caveat, ...]:
    """Rows of the comparison that take the price of hosting; a price said to hold for all is one
    of theirs too.
    """
    if not price.component.is_hosting:
        return ()
    rows = ((asynchronous, Component.ASYNC_INFERENCE), (batch, Component.BATCH_TRANSFORM))
    missing = [component.value for found, component in rows if found is price]
    if not missing:
        return ()
    message = (
        f"No price of {' or '.join(missing)} is known for {price.instance_type} in {price.region}: "
        f"that of {price.component.value} stands in for it in the comparison of kinds"
    )
    return (Caveat(code=WarningCode.PRICE_OF_HOSTING, message=message),)


def _unknown(region: str, item: RateItem) -> Caveat:
    message = (
        f"No rate {item} is known in {region}, so what it is for has no price: give it with "
        f"--rates FILE (item {item}, unit {item.unit})"
    )
    return Caveat(code=WarningCode.RATE_UNKNOWN, message=message)
