"""Why there is no price, and what to do about it: one function per refusal."""

from collections.abc import Collection, Sequence
from difflib import get_close_matches

from smcost.errors import PriceError
from smcost.prices.listing import Listing
from smcost.prices.price import Price

#: How many names a message suggests: enough to find a typo, few enough to read.
_SUGGESTIONS = 3
#: Partitions whose price lists are in USD.
_QUERYABLE_PARTITIONS = frozenset({"aws", "aws-us-gov"})


def unknown_region(region: str, known: Collection[str]) -> PriceError:
    """Refuse a region code that no list has."""
    return PriceError(
        f"{region!r} is no known AWS region", remedy=_instead(_nearest(region, known), "a region")
    )


def unknown_type(
    instance_type: str, known: Collection[str], *, region: str, partition: str | None
) -> PriceError:
    """Refuse an instance type that no list and no price has; a newer one may be in the region."""
    with_prefix = instance_type if instance_type.startswith("ml.") else f"ml.{instance_type}"
    instead = _instead(_nearest(with_prefix, known), "an ml.* type")
    fetch = _how_to_get(region, partition, of_type=None)
    return PriceError(
        f"{instance_type!r} is no known SageMaker instance type and no price of it is known",
        remedy=f"{instead}; for a newer type, {fetch[0].lower()}{fetch[1:]}",
    )


def no_endpoint_type(instance_type: str, deployable: Collection[str]) -> PriceError:
    """Refuse a type that notebooks or jobs run on but endpoints do not."""
    return PriceError(
        f"{instance_type} has a price but is no valid endpoint type: SageMaker runs notebooks or "
        "jobs on it and refuses it in an endpoint configuration",
        remedy=_instead(_nearest(instance_type, deployable), "a type that can host"),
    )


def ambiguous(prices: Sequence[Price], *, in_prices_file: bool) -> PriceError:
    """Refuse to choose among different figures that are equally good."""
    first = prices[0]
    quoted = " and ".join(
        f"{price.usd_per_hour.normalize():f} ({price.component}, {price.source}, {price.as_of})"
        for price in prices
    )
    return PriceError(
        f"Several prices of {first.instance_type} in {first.region} match equally well: {quoted}",
        remedy="Leave one of them in the file given with --prices"
        if in_prices_file
        else "Give the right one with --prices FILE, which goes before them",
    )


def no_price(
    region: str,
    instance_type: str,
    *,
    elsewhere: Sequence[str],
    types_here: Sequence[str],
    partition: str | None,
) -> PriceError:
    """Refuse a known type without a price in a known region.

    Parameters
    ----------
    elsewhere
        Regions that have a price of the type.
    types_here
        Types that have a price in the region.
    partition
        The region's partition: the Pricing API covers only some.
    """
    where = f"it has one in {_listed(elsewhere)}" if elsewhere else "nor in any other region"
    near = _nearest(instance_type, types_here)
    here = f"; near it, {', '.join(near)} have one here" if near else ""
    return PriceError(
        f"No price of {instance_type} in {region} is known ({where}{here})",
        remedy=_how_to_get(region, partition, of_type=instance_type),
    )


def no_price_in_region(region: str, *, partition: str | None) -> PriceError:
    """Refuse to list the prices of a known region that has none."""
    return PriceError(
        f"No price in {region} is known", remedy=_how_to_get(region, partition, of_type=None)
    )


def no_hosting_price(listing: Listing) -> PriceError:
    """Refuse a saved price list without what endpoints are billed at."""
    others = {price.component.value for price in listing.prices}
    found = f"it has {', '.join(sorted(others))} alone" if others else _left_out(listing)
    return PriceError(
        f"The price list of {listing.region}, published {listing.published}, has no Hosting "
        f"price: {found}",
        remedy="Save a list with component Hosting; nothing was stored, the cache is as it was",
    )


def _left_out(listing: Listing) -> str:
    if not listing.left_out:
        return "it has none at all"
    reasons = ", ".join(f"{count} {reason.value}" for reason, count in listing.left_out.items())
    return f"left out are {reasons}"


def _how_to_get(region: str, partition: str | None, *, of_type: str | None) -> str:
    if partition not in _QUERYABLE_PARTITIONS:
        return "Write its USD price into a file and give that with --prices FILE"
    narrowed = "" if of_type is None else f" --instance-type {of_type}"
    return (
        f"Fetch it with `smcost prices pull --region {region}{narrowed}`, or give it with "
        "--prices FILE"
    )


def _listed(regions: Sequence[str]) -> str:
    named = ", ".join(regions[:_SUGGESTIONS])
    others = len(regions) - _SUGGESTIONS
    return f"{named} and {others} other regions" if others > 0 else named


def _nearest(name: str, known: Collection[str]) -> list[str]:
    return get_close_matches(name.strip().lower(), sorted(known), n=_SUGGESTIONS, cutoff=0.6)


def _instead(nearest: Sequence[str], otherwise: str) -> str:
    return f"Nearest are {', '.join(nearest)}" if nearest else f"Give {otherwise} that AWS has"
