"""Flags of ``smcost prices pull`` and ``prices import`` -> what is stored, and what is said of it.

Everything is fetched, read and checked before the first file of the cache is touched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import typer

from smcost.cli import clock
from smcost.cli.choice import choice
from smcost.cli.output import choose_format, deliver, progress, transfer, warn
from smcost.cli.price_cache import cache_file, cached_region, store
from smcost.cli.prices_show import one_type
from smcost.cli.sources import Sources
from smcost.errors import InputError, UsageError
from smcost.prices import Price, Rate, SavingsRate, refusals
from smcost.prices.cached import CachedRegion, Stored
from smcost.prices.listing import Listing

FORMATS = ("table", "json", "markdown")


class PriceSource(StrEnum):
    """Where ``prices pull`` asks: AWS's public files, or the Pricing API."""

    BULK = "bulk"
    API = "api"


@dataclass(frozen=True, slots=True, kw_only=True)
class PullFlags:
    """What was given to ``prices pull``, typed."""

    region: str
    instance_type: list[str] | None
    source: str
    profile: str | None
    format: str
    output: Path | None
    offline: bool
    quiet: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFlags:
    """What was given to ``prices import``, typed."""

    file: Path
    only_region: str | None
    format: str
    output: Path | None
    quiet: bool


def answer_pull(context: typer.Context, flags: PullFlags) -> None:
    """Fetch, store, say what was stored.

    Raises
    ------
    SmcostError
        Whatever is wrong with a flag, the network, the list or the disk. The cache is as it was.
    """
    sources = Sources(context)
    form = _format(sources, flags)
    source = choice(PriceSource, flags.source, "--source")
    name = one_type(flags.instance_type)
    cache_file(flags.region)
    _refuse_senseless(sources, flags, source)
    stored = _store(_fetched(flags, source, name), whole=name is None)
    warn(stored.caveats, quiet=flags.quiet)
    deliver(_text("prices pull", [stored], form), flags.output)


def answer_import(context: typer.Context, flags: ImportFlags) -> None:
    """Read, store region by region, say what was stored.

    Raises
    ------
    SmcostError
        Whatever is wrong with a flag, the file or the disk.
    """
    from smcost.read.price_list_file import read_price_list

    form = _format(Sources(context), flags)
    with progress("Reading", quiet=flags.quiet):
        listings = _of_region(read_price_list(flags.file), flags)
    useful = [listing for listing in listings if _useful(listing)]
    if not useful:
        raise refusals.no_hosting_price(listings[0])
    # Of several regions none is written where another cannot be.
    for listing in useful:
        cache_file(listing.region)
        cached_region(listing.region)
    # A saved answer may be of a few types, so that what it lacks says nothing.
    stored = [_store(listing, whole=False) for listing in useful]
    warn([caveat for each in stored for caveat in each.caveats], quiet=flags.quiet)
    passed_over = [listing.region for listing in listings if not _useful(listing)]
    deliver(_text("prices import", stored, form, passed_over), flags.output)


def _format(sources: Sources, flags: PullFlags | ImportFlags) -> str:
    chosen = sources.given("format")
    return choose_format(
        flags.format, FORMATS, output=flags.output, chosen=chosen, quiet=flags.quiet
    )


def _refuse_senseless(sources: Sources, flags: PullFlags, source: PriceSource) -> None:
    if flags.offline:
        raise UsageError(
            "This asks AWS, and the network is refused",
            remedy="Leave --offline out, or take in a saved list with `smcost prices import FILE`",
            place="--offline",
        )
    if source is PriceSource.BULK and sources.typed("profile"):
        raise UsageError(
            "AWS's public price files ask for no credentials, so a profile changes nothing",
            remedy="Add --source api, or leave --profile out",
            place="--profile",
        )


def _fetched(flags: PullFlags, source: PriceSource, name: str | None) -> Listing:
    """Ask AWS, which takes all the time; a list without a Hosting price is refused there."""
    if source is PriceSource.API:
        from smcost.cli.aws_input import aws_access
        from smcost.read.price_list_api import pull_from_api

        aws = aws_access(region=flags.region, profile=flags.profile, offline=flags.offline)
        with progress("Asking the Pricing API", quiet=flags.quiet):
            return pull_from_api(aws, flags.region, name)
    from smcost.read.price_list_bulk import pull_from_bulk

    with transfer("Fetching", quiet=flags.quiet) as observe:
        return pull_from_bulk(flags.region, name, progress=observe)


def _of_region(listings: Sequence[Listing], flags: ImportFlags) -> list[Listing]:
    """The lists of the region asked for; all where none is.

    Raises
    ------
    InputError
        The file has none of that region.
    """
    wanted = flags.only_region
    found = [listing for listing in listings if wanted in (None, listing.region)]
    if not found:
        regions = ", ".join(sorted(listing.region for listing in listings))
        raise InputError(
            f"The file has no prices of {wanted}",
            remedy=f"Leave --region out or give one of {regions}" if regions else "Check the file",
            place=str(flags.file),
        )
    return found


def _useful(listing: Listing) -> bool:
    """Hosting prices, or none of any kind but rates: a list of Savings Plans has nothing else."""
    alone = not listing.prices and bool(listing.rates or listing.savings)
    return bool(listing.hosting) or alone


def _store(listing: Listing, *, whole: bool) -> Stored:
    """Put a list into the cache: in the place of all of the region, or of the types it has.

    What is cached of a later date stays: a list saved long ago undoes no newer one.
    """
    fetched_at = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    fresh = CachedRegion.of(listing, fetched_at=fetched_at)
    before: list[CachedRegion] = []
    later: list[Price | Rate | SavingsRate] = []

    def change() -> CachedRegion:
        old = _before(listing.region, whole=whole)
        if old is None:
            return fresh
        kept = old.later_than(fresh, listing.published if whole else None)
        before.append(old)
        later.extend(kept.rows)
        asked = listing.savings_unread is None
        return old.replaced(fresh, kept, whole=whole, with_savings=asked)

    path = store(listing.region, change)
    here = {price.instance_type for price in listing.prices}
    others = [price for old in before for price in old.prices if price.instance_type not in here]
    return Stored(
        listing=listing,
        fetched_at=fetched_at,
        kept_prices=0 if whole else len(others),
        replaced_published=before[0].newest if before else None,
        place=str(path),
        later=(len(later), max(row.as_of for row in later)) if later else None,
    )


def _before(region: str, *, whole: bool) -> CachedRegion | None:
    """What is cached now. Damage that is about to be replaced whole is mended, not refused."""
    try:
        return cached_region(region)
    except InputError:
        if whole:
            return None
        raise


def _text(
    command: str, stored: Sequence[Stored], form: str, passed_over: Sequence[str] = ()
) -> str:
    if form == "json":
        from smcost.emit.prices_json import stored_json

        return stored_json(command, stored, passed_over)
    from smcost.cli.render import sections_text
    from smcost.emit.price_sections import stored_sections

    return sections_text(stored_sections(stored, passed_over), form)
