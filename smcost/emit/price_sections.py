"""What the ``prices`` commands print, as sections."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from smcost.emit.section import Section, unit_usd
from smcost.prices import CompetingPrice, Layer
from smcost.prices.cached import Stored
from smcost.prices.rates import CompetingRate
from smcost.prices.savings import SavingsRate

_PRICE_COLUMNS = (
    "instance type", ">USD/h", "component", "as of", "used", "from", "fetched", "source", "sku",
)  # fmt: skip
_SAVINGS_COLUMNS = (
    "instance type", ">USD/h", ">saves", "term", "payment", "as of", "fetched", "source",
)  # fmt: skip
_LAYERS = {Layer.PRICES_FILE: "file", Layer.CACHE: "cache", Layer.BUNDLED: "bundled"}


def prices_section(region: str, rows: Sequence[CompetingPrice]) -> Section:
    """Every row that competes, the used ones marked, each with where it was found."""
    return Section(
        title=f"Prices in {region}, USD per hour",
        columns=_PRICE_COLUMNS,
        rows=tuple(
            (
                row.price.instance_type,
                unit_usd(row.price.usd_per_hour),
                row.price.component.value,
                row.price.as_of,
                "yes" if row.used else "",
                _LAYERS[row.layer],
                _day(row.price.fetched_at),
                row.price.source,
                row.price.sku or "",
            )
            for row in rows
        ),
    )


def rates_section(region: str, rows: Sequence[CompetingRate]) -> Section:
    """What is billed beside instance-hours, the used ones marked."""
    return Section(
        title=f"Rates in {region}, USD",
        columns=("item", ">USD", "per", "as of", "used", "from", "fetched", "source"),
        rows=tuple(
            (
                row.rate.item.value,
                unit_usd(row.rate.usd),
                row.rate.unit,
                row.rate.as_of,
                "yes" if row.used else "",
                _LAYERS[row.layer],
                _day(row.rate.fetched_at),
                row.rate.source,
            )
            for row in rows
        ),
    )


def savings_section(
    region: str, rows: Sequence[SavingsRate], on_demand_usd: Decimal | None
) -> Section:
    """Savings Plans rates of one instance type, against its price on demand where that is known."""
    return Section(
        title=f"Savings Plans in {region}, USD per hour",
        columns=_SAVINGS_COLUMNS,
        rows=tuple(
            (
                row.instance_type,
                unit_usd(row.usd_per_hour),
                "" if on_demand_usd is None else f"{1 - row.usd_per_hour / on_demand_usd:.1%}",
                f"{row.term_years} year{'' if row.term_years == 1 else 's'}",
                row.payment.value.replace("_", " "),
                row.as_of,
                _day(row.fetched_at),
                row.source,
            )
            for row in rows
        ),
    )


def stored_sections(stored: Sequence[Stored], passed_over: Sequence[str] = ()) -> list[Section]:
    """What was put into the cache, one section per region, and the regions that were not."""
    sections = [_stored_section(each) for each in stored]
    if passed_over:
        title = f"Passed over, as the file has no Hosting price of them: {', '.join(passed_over)}"
        sections.append(Section(title=title))
    return sections


def _stored_section(stored: Stored) -> Section:
    listing = stored.listing
    of_component = Counter(price.component for price in listing.prices)
    prices = [
        (f"{component.value} prices", f"{of_component[component]:,}")
        for component in sorted(of_component, key=lambda component: component.rank)
    ]
    left_out = [
        (f"left out, {reason.value}", f"{count:,}")
        for reason, count in sorted(listing.left_out.items())
    ]
    kept = [("kept, of other instance types", f"{stored.kept_prices:,}")]
    later = [] if stored.later is None else [("kept, of a later date", f"{stored.later[0]:,}")]
    return Section(
        title=f"Price list of {listing.region}, published {listing.published}",
        sentences=(f"{listing.source}.", f"Kept in {stored.place}."),
        columns=("", ">"),
        rows=(
            *prices,
            ("rates beside instance-hours", f"{len(listing.rates):,}"),
            ("Savings Plans rates", f"{len(listing.savings):,}"),
            *(kept if stored.kept_prices else ()),
            *later,
            *left_out,
        ),
    )


def _day(moment: str | None) -> str:
    """The day of ``2026-11-24T09:30:00Z``."""
    return "" if moment is None else moment[:10]
