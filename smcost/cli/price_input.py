"""Price flags -> every price and rate of a region: the files given, the cache, the bundled ones."""

from dataclasses import dataclass
from pathlib import Path

from smcost.cli import clock
from smcost.cli.price_cache import cached_region
from smcost.errors import UsageError
from smcost.prices import Catalogue, Rates
from smcost.prices.age import AgeLimit
from smcost.prices.savings import SavingsRate
from smcost.read.bundled import bundled_catalogue, bundled_rates
from smcost.units import SECONDS_PER_DAY, parse_duration_s

_FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPrices:
    """Everything that is known of a region, read once, so that all of it is of one moment."""

    catalogue: Catalogue
    rates: Rates
    savings: tuple[SavingsRate, ...]


def known_prices(region: str, *, prices: Path | None, rates: Path | None) -> KnownPrices:
    """Read ``--prices``, ``--rates`` and the cache of the region.

    Raises
    ------
    InputError, PriceError
        A file that makes no sense, or a damaged cache.
    """
    catalogue, known_rates = bundled_catalogue(), bundled_rates()
    cached = cached_region(region)
    if cached is not None:
        catalogue = catalogue.with_cached_prices(cached.prices)
        known_rates = known_rates.with_cached_rates(cached.rates)
    if prices is not None:
        from smcost.read.price_csv import read_prices

        catalogue = catalogue.with_user_prices(read_prices(prices))
    if rates is not None:
        from smcost.read.rates_csv import read_rates

        known_rates = known_rates.with_user_rates(read_rates(rates))
    savings = () if cached is None else cached.savings
    return KnownPrices(catalogue=catalogue, rates=known_rates, savings=savings)


def age_limit(text: str | None) -> AgeLimit | None:
    """``--max-price-age 30d`` warns of an older price, ``30d:fail`` refuses it.

    Raises
    ------
    UsageError
        No duration, or something else behind the colon.
    """
    if text is None:
        return None
    duration, colon, outcome = text.partition(":")
    if colon and outcome.strip().lower() != _FAIL:
        raise UsageError(
            f"{outcome!r} says nothing about what an old price does",
            remedy=f"Write 30d to be warned, or 30d:{_FAIL} to refuse it",
            place="--max-price-age",
        )
    limit_days = parse_duration_s(duration, "--max-price-age") / SECONDS_PER_DAY
    return AgeLimit(limit_days=limit_days, fails=bool(colon), today=clock.now().date())
