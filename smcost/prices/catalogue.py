"""One price per region and instance type, or an error that says how to get one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

from smcost.prices import refusals
from smcost.prices.instance_type import InstanceType
from smcost.prices.layer import Layer
from smcost.prices.price import Component, Price
from smcost.remarks import Caveat, WarningCode

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetingPrice:
    """A known price, where it was found, and whether it is the one that costs are computed with."""

    price: Price
    layer: Layer
    used: bool


class Catalogue:
    """Every known price, of which at most one is used per region and instance type.

    There are three layers: the user's rows, those of the price cache, the bundled ones. The user's
    rows have a (region, instance type) whole: the rows of the others are not consulted, not even
    one of a better component. Between the other two the better component goes first
    (:attr:`Component.rank`), and where it is the same, the cache. Among the rows of the layer that
    decides the best component wins; equal figures of that rank agree, different ones are an error.

    Parameters
    ----------
    bundled
        The prices that come with smcost.
    cached
        The prices of the price cache.
    user
        The prices of the user's ``--prices FILE``.
    instance_types
        Known types by name. One with ``deployable`` false is refused even where it has a price;
        one that is absent is accepted where it has a price, with a caveat.
    regions
        Partition (``aws``, ``aws-us-gov``, ...) by region code, of the regions with endpoints.
    """

    def __init__(
        self,
        bundled: Iterable[Price],
        *,
        instance_types: Mapping[str, InstanceType],
        regions: Mapping[str, str],
        cached: Iterable[Price] = (),
        user: Iterable[Price] = (),
    ) -> None:
        self.instance_types = instance_types
        self.regions = regions
        self._layers = {
            Layer.PRICES_FILE: _by_key(user),
            Layer.CACHE: _by_key(cached),
            Layer.BUNDLED: _by_key(bundled),
        }

    def with_user_prices(self, user: Iterable[Price]) -> "Catalogue":
        """Return this catalogue with the rows of a ``--prices FILE`` before all others."""
        return self._with(Layer.PRICES_FILE, user)

    def with_cached_prices(self, cached: Iterable[Price]) -> "Catalogue":
        """Return this catalogue with the rows of the price cache before the bundled ones."""
        return self._with(Layer.CACHE, cached)

    def price(self, region: str, instance_type: str) -> Price:
        """Return the price that counts. Never 0, never that of another region or type.

        Raises
        ------
        PriceError
            The region or type is unknown (the nearest are named), the type cannot host an
            endpoint, no price is known, or several of equal rank differ.
        """
        layer = self._layer(region, instance_type)
        if layer is None:
            self._refuse_without_price(region, instance_type)
        self._refuse_non_hosting(instance_type)
        best = _best(self._layers[layer][region, instance_type])
        if len({price.usd_per_hour for price in best}) > 1:
            raise refusals.ambiguous(best, in_prices_file=layer is Layer.PRICES_FILE)
        return max(best, key=lambda price: price.as_of)

    def rows(self, region: str, instance_type: str | None = None) -> list[CompetingPrice]:
        """Every known price in a region, of one type or of all, for ``prices show``.

        Sorted by type, then in the order of the layers, then best component and newest first.
        Where :meth:`price` would refuse to choose, none is marked as used.

        Raises
        ------
        PriceError
            As :meth:`price`, where there is nothing to show.
        """
        if instance_type is not None:
            return self._rows_of(region, instance_type) or self._refuse_without_price(
                region, instance_type
            )
        if region not in self._known_regions():
            raise refusals.unknown_region(region, self._known_regions())
        listing = [row for name in self._types_in(region) for row in self._rows_of(region, name)]
        if not listing:
            raise refusals.no_price_in_region(region, partition=self.regions.get(region))
        return listing

    def caveats(self, price: Price) -> list[Caveat]:
        """Say what the reader of a cost should know about the price behind it."""
        caveats = []
        if not price.component.is_hosting:
            caveats.append(Caveat(code=WarningCode.PRICE_NOT_HOSTING, message=_stand_in(price)))
        if price.component is Component.UNSPECIFIED:
            message = (
                f"The price of {price.instance_type} in {price.region} comes from a table that "
                f"somebody keeps by hand or that does not name what it prices ({price.source}); "
                "such tables go stale unnoticed"
            )
            caveats.append(Caveat(code=WarningCode.PRICE_HAND_KEPT, message=message))
        if price.instance_type not in self.instance_types:
            message = (
                f"{price.instance_type} is not among the instance types known to host endpoints; "
                "it may be newer than this list"
            )
            caveats.append(Caveat(code=WarningCode.TYPE_NOT_LISTED, message=message))
        return caveats

    def _with(self, layer: Layer, prices: Iterable[Price]) -> "Catalogue":
        of_layer = {
            other: [price for of_key in known.values() for price in of_key]
            for other, known in self._layers.items()
        } | {layer: [*prices]}
        return Catalogue(
            of_layer[Layer.BUNDLED],
            instance_types=self.instance_types,
            regions=self.regions,
            cached=of_layer[Layer.CACHE],
            user=of_layer[Layer.PRICES_FILE],
        )

    def _layer(self, region: str, instance_type: str) -> Layer | None:
        """The layer that decides, if any has the key."""
        key = (region, instance_type)
        having = [layer for layer, known in self._layers.items() if key in known]
        if Layer.PRICES_FILE in having:
            return Layer.PRICES_FILE
        # A stand-in that was fetched must not hide the Hosting price that comes with smcost.
        return min(having, key=lambda layer: _rank(self._layers[layer][key]), default=None)

    def _rows_of(self, region: str, instance_type: str) -> list[CompetingPrice]:
        key = (region, instance_type)
        layer = self._layer(region, instance_type)
        best = [] if layer is None else _best(self._layers[layer][key])
        known = self.instance_types.get(instance_type)
        usable = (known is None or known.deployable) and (
            len({price.usd_per_hour for price in best}) == 1
        )
        used = max(best, key=lambda price: price.as_of) if usable else None
        return [
            CompetingPrice(price=price, layer=layer, used=price is used)
            for layer, known_prices in self._layers.items()
            for price in _best_first(known_prices.get(key, ()))
        ]

    def _refuse_without_price(self, region: str, instance_type: str) -> NoReturn:
        if region not in self._known_regions():
            raise refusals.unknown_region(region, self._known_regions())
        self._refuse_non_hosting(instance_type)
        elsewhere = sorted(r for r, name in self._keys() if name == instance_type)
        partition = self.regions.get(region)
        if not elsewhere and instance_type not in self.instance_types:
            deployable = [name for name, known in self.instance_types.items() if known.deployable]
            raise refusals.unknown_type(
                instance_type, deployable, region=region, partition=partition
            )
        raise refusals.no_price(
            region,
            instance_type,
            elsewhere=elsewhere,
            types_here=self._types_in(region),
            partition=partition,
        )

    def _refuse_non_hosting(self, instance_type: str) -> None:
        known = self.instance_types.get(instance_type)
        if known is not None and not known.deployable:
            deployable = [name for name, other in self.instance_types.items() if other.deployable]
            raise refusals.no_endpoint_type(instance_type, deployable)

    def _known_regions(self) -> set[str]:
        files = (Layer.PRICES_FILE, Layer.CACHE)
        return {*self.regions, *(region for layer in files for region, _ in self._layers[layer])}

    def _types_in(self, region: str) -> list[str]:
        return sorted(name for r, name in self._keys() if r == region)

    def _keys(self) -> set[tuple[str, str]]:
        """Every (region, instance type) of any layer."""
        return set().union(*self._layers.values())


def _by_key(prices: Iterable[Price]) -> dict[tuple[str, str], list[Price]]:
    by_key: dict[tuple[str, str], list[Price]] = {}
    for price in prices:
        by_key.setdefault((price.region, price.instance_type), []).append(price)
    return by_key


def _best(prices: Sequence[Price]) -> list[Price]:
    rank = min((price.component.rank for price in prices), default=None)
    return [price for price in prices if price.component.rank == rank]


def _rank(prices: Sequence[Price]) -> int:
    return min(price.component.rank for price in prices)


def _best_first(prices: Iterable[Price]) -> list[Price]:
    newest_first = sorted(prices, key=lambda price: price.as_of, reverse=True)
    return sorted(newest_first, key=lambda price: price.component.rank)


def _stand_in(price: Price) -> str:
    if price.component is Component.UNSPECIFIED:
        quoted = "a price whose component is not stated"
    elif price.component is Component.ALL_WITHIN_A_CENT:
        share = _CENT / price.usd_per_hour
        quoted = f"a price said to hold for every component to within a cent ({share:.1%} of it)"
    else:
        quoted = f"the {price.component} price"
    return (
        f"No Hosting price of {price.instance_type} in {price.region} is known; {quoted} of "
        f"{price.as_of} stands in for it"
    )
