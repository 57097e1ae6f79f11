"""Flags of ``smcost prices show`` -> what it prints."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from smcost.cli.output import choose_format, deliver, warn
from smcost.cli.price_input import KnownPrices, age_limit, known_prices
from smcost.cli.sources import Sources
from smcost.errors import UsageError
from smcost.prices import CompetingPrice, Rate
from smcost.prices.savings import SavingsRate
from smcost.remarks import Caveat

FORMATS = ("table", "json", "csv", "markdown")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowFlags:
    """What was given on the command line, typed."""

    instance_type: list[str] | None
    region: str
    prices: Path | None
    rates: Path | None
    max_price_age: str | None
    format: str
    output: Path | None
    quiet: bool


def answer_show(context: typer.Context, flags: ShowFlags) -> None:
    """Look the prices up and print them.

    Raises
    ------
    SmcostError
        Whatever is wrong with a flag, a file, the cache or a price, or with the output.
    """
    given = Sources(context).given("format")
    form = choose_format(
        flags.format, FORMATS, output=flags.output, chosen=given, quiet=flags.quiet
    )
    limit = age_limit(flags.max_price_age)
    name = one_type(flags.instance_type)
    known = known_prices(flags.region, prices=flags.prices, rates=flags.rates)
    rows = known.catalogue.rows(flags.region, name)
    used = [row.price for row in rows if row.used]
    # Of a whole region only the age is said: the rest would be a warning per row.
    caveats = [caveat for price in used for caveat in known.catalogue.caveats(price)] * bool(name)
    if limit is not None:
        caveats += limit.caveats([*used, *_dated_beside(flags.region, name, known)])
    text = _text(flags.region, name, rows, known, caveats, form)
    warn(caveats, quiet=flags.quiet)
    deliver(text, flags.output)


def one_type(types: list[str] | None) -> str | None:
    """The instance type, if one is given.

    Raises
    ------
    UsageError
        Several are.
    """
    if types and len(types) > 1:
        raise UsageError(
            "Several instance types are given", remedy="Give one, or none for all of the region"
        )
    return types[0] if types else None


def _text(
    region: str,
    name: str | None,
    rows: Sequence[CompetingPrice],
    known: KnownPrices,
    caveats: Sequence[Caveat],
    form: str,
) -> str:
    if form == "csv":
        from smcost.emit.csv_lines import prices_csv

        return prices_csv(rows)
    savings = _savings(known, name)
    rates = known.rates.rows(region)
    if form == "json":
        from smcost.emit.prices_json import prices_json

        return prices_json(rows, caveats, rates=rates, savings=savings)
    from smcost.cli.render import sections_text
    from smcost.emit.price_sections import prices_section, rates_section, savings_section

    sections = [prices_section(region, rows)]
    if name is None and rates:
        sections.append(rates_section(region, rates))
    if name is not None and savings:
        on_demand = next((row.price.usd_per_hour for row in rows if row.used), None)
        sections.append(savings_section(region, savings, on_demand))
    return sections_text(sections, form)


def _dated_beside(region: str, name: str | None, known: KnownPrices) -> list[Rate | SavingsRate]:
    """What the answer rests on beside prices: the rates of a region, the Savings Plans rates."""
    rates = [row.rate for row in known.rates.rows(region) if row.used and name is None]
    return [*rates, *_savings(known, name)]


def _savings(known: KnownPrices, name: str | None) -> list[SavingsRate]:
    """Cheapest last, as the longer and the earlier paid are; of one type or of all."""
    found = [rate for rate in known.savings if name in (None, rate.instance_type)]
    return sorted(found, key=lambda rate: (rate.instance_type, rate.term_years, -rate.usd_per_hour))
