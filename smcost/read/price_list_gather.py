"""From products of the Price List, of any source, to one listing per region."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from difflib import get_close_matches

from smcost.errors import PriceError
from smcost.prices import (
    Component,
    LeftOut,
    Listing,
    Price,
    SavingsRate,
)
from smcost.prices.savings import TERMS_YEARS
from smcost.read.price_list_rates import SAGEMAKER, read_rate
from smcost.read.price_list_record import (
    PlanRate,
    Product,
    Term,
    amount,
    date_of,
    in_force,
    usd_by_tier,
)
from smcost.read.price_list_region import GatheredRegion, ListedRate

#: What the Price List calls the components that are Hosting or may stand in for it. The attribute
#: ``component`` decides, never ``instanceType``. Cluster (HyperPod) and the notebooks of other
#: kinds are not among them, and a TrainingPlanUpfrontFee has no component.
COMPONENTS = (
    Component.HOSTING,
    Component.ASYNC_INFERENCE,
    Component.BATCH_TRANSFORM,
    Component.STUDIO_NOTEBOOK,
    Component.TRAINING,
    Component.PROCESSING,
)
_BY_NAME = {component.value.casefold(): component for component in COMPONENTS}
_HOURS = frozenset({"Hrs"})
_USD = "USD"
_NO_PRICE = (
    "Look at region and instance type; what AWS lists in another currency than USD (China) must be "
    "given with --prices FILE"
)


class Gathering:
    """Takes products one by one and gives listings.

    Parameters
    ----------
    source
        Where they are read, for every price.
    region, instance_type
        If given, all others are left out.
    """

    def __init__(
        self, *, source: str, region: str | None = None, instance_type: str | None = None
    ) -> None:
        self._source = source
        self._region = region
        self._instance_type = instance_type
        self._regions: defaultdict[str, GatheredRegion] = defaultdict(GatheredRegion)
        self._nowhere = 0

    def add(self, product: Product, terms: Iterable[Term], *, service: str, published: str) -> None:
        """Take one product with its on-demand terms.

        Parameters
        ----------
        service
            The offer it is in, ``AmazonSageMaker``.
        published
            When, ``2026-09-25T00:03:13Z``.

        Raises
        ------
        ValueError
            The date or an amount is none.
        PriceError
            A price is beyond what an instance can cost.
        """
        of = product.attributes.region_code
        if not of:
            self._nowhere += 1
            return
        if self._region is not None and of != self._region:
            self._regions[self._region].left_out[LeftOut.OTHER_REGION] += 1
            return
        region = self._regions[of]
        as_of = date_of(published)
        region.see(product.sku, as_of)
        terms = list(terms)
        current = in_force(terms, as_of)
        if reason := self._take(region, product, current, service, as_of):
            region.left_out[reason] += 1
        elif len(terms) > len(current):
            region.left_out[LeftOut.EARLIER] += len(terms) - len(current)

    def add_plan_rate(self, region_code: str, rate: PlanRate, *, published: str) -> None:
        """Take one Savings Plans rate, after the products it discounts.

        Raises
        ------
        ValueError
            The date or the price is none.
        """
        region = self._regions[region_code]
        saving = self._saving(region_code, region, rate, date_of(published))
        if saving is None:
            region.left_out[LeftOut.OTHER_PLAN] += 1
        else:
            region.savings.append(saving)

    def usage_types(self, region_code: str) -> tuple[str, ...]:
        """The usage types of the Hosting products so far, by which an endpoint is billed."""
        return tuple(sorted(self._regions[region_code].hosting_by_usage))

    def listings(self) -> list[Listing]:
        """One listing for every region that has a price or a rate, sorted by region.

        Raises
        ------
        PriceError
            No region has one, with what was left out instead.
        """
        listings = [
            self._listing(code, region)
            for code, region in sorted(self._regions.items())
            if region.prices or region.rates
        ]
        if not listings:
            raise self._without_price()
        return listings

    def listing_with_hosting(self, region_code: str) -> Listing:
        """The listing of one region, which must have a Hosting price.

        Raises
        ------
        PriceError
            It has none, with what was left out instead.
        """
        region = self._regions[region_code]
        if not any(price.component.is_hosting for price in region.prices):
            raise self._without_price()
        return self._listing(region_code, region)

    def _take(
        self,
        region: GatheredRegion,
        product: Product,
        terms: Iterable[Term],
        service: str,
        as_of: str,
    ) -> LeftOut | None:
        attributes = product.attributes
        if not attributes.in_a_region:
            return LeftOut.NOT_A_REGION
        if service == SAGEMAKER and attributes.component:
            return self._take_hours(region, product, terms, as_of)
        rates = read_rate(attributes, terms, service)
        if isinstance(rates, LeftOut):
            return rates
        region.rates += [ListedRate(sku=product.sku, as_of=as_of, rate=rate) for rate in rates]
        return None

    def _take_hours(
        self, region: GatheredRegion, product: Product, terms: Iterable[Term], as_of: str
    ) -> LeftOut | None:
        attributes = product.attributes
        component = _BY_NAME.get(attributes.component.casefold())
        if component is None:
            return LeftOut.OTHER_COMPONENT
        instance_type = attributes.instance_type
        if instance_type is None:
            return LeftOut.NO_TYPE
        if self._instance_type not in (None, instance_type):
            region.other_types.add(instance_type)
            return LeftOut.OTHER_TYPE
        amounts = usd_by_tier(terms, _HOURS)
        if isinstance(amounts, LeftOut):
            return amounts
        # Two prices of one product are kept like two of one type: nobody chooses in silence.
        region.prices += [
            Price(
                region=attributes.region_code,
                instance_type=instance_type,
                component=component,
                usd_per_hour=usd,
                source=self._source,
                as_of=as_of,
                sku=product.sku or None,
            )
            for usd in dict.fromkeys(amounts)
        ]
        if component.is_hosting:
            region.hosting_by_sku[product.sku] = instance_type
            region.hosting_by_usage[attributes.usagetype] = (instance_type, product.sku)
        return None

    def _saving(
        self, region_code: str, region: GatheredRegion, rate: PlanRate, as_of: str
    ) -> SavingsRate | None:
        billed = rate.service == SAGEMAKER and rate.unit in _HOURS and rate.currency == _USD
        if not billed or rate.term_years not in TERMS_YEARS or rate.payment_option is None:
            return None
        usd = amount(rate.price)
        instance_type, sku = region.hosting_by_usage.get(rate.usage_type, (None, None))
        if rate.discounted_sku in region.hosting_by_sku:
            instance_type, sku = region.hosting_by_sku[rate.discounted_sku], rate.discounted_sku
        if instance_type is None or usd <= 0:
            return None
        return SavingsRate(
            region=region_code,
            instance_type=instance_type,
            term_years=rate.term_years,
            payment=rate.payment_option,
            usd_per_hour=usd,
            source=self._source,
            as_of=as_of,
            sku=sku,
        )

    def _listing(self, code: str, region: GatheredRegion) -> Listing:
        if self._nowhere:
            region.left_out[LeftOut.NO_REGION] = self._nowhere
        return region.listing(code, self._source)

    def _without_price(self) -> PriceError:
        left_out: Counter[LeftOut] = +Counter({LeftOut.NO_REGION: self._nowhere})
        other_types: set[str] = set()
        for region in self._regions.values():
            left_out += region.left_out
            other_types |= region.other_types
        wanted = self._instance_type or "an instance"
        why = "; ".join(f"{count:,} {reason}" for reason, count in left_out.most_common())
        near = get_close_matches(wanted, sorted(other_types), n=3, cutoff=0.6)
        return PriceError(
            f"The price list has no Hosting price of {wanted}"
            + (f" in {self._region}" if self._region else "")
            + (f" (left out: {why})" if why else ""),
            remedy=f"Nearest are {', '.join(near)}" if near else _NO_PRICE,
        )
