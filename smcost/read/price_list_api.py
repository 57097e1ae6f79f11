"""Prices of one region from the Pricing API and the Savings Plans API.

GetProducts answers for every region from us-east-1; its filters all have to fit (TERM_MATCH). What
an endpoint is billed for lies in three offers: AmazonSageMaker, AmazonS3 (data capture) and
AmazonCloudWatch (metrics).
"""

from dataclasses import replace
from datetime import UTC, datetime

import msgspec

from smcost.errors import AwsDeniedError
from smcost.prices import Component, Listing
from smcost.read.aws.access import Aws
from smcost.read.aws.operations import DESCRIBE_SAVINGS_PLANS_OFFERING_RATES, GET_PRODUCTS
from smcost.read.price_list_gather import COMPONENTS, Gathering
from smcost.read.price_list_rates import RULES, SAGEMAKER
from smcost.read.price_list_record import MALFORMED, PlanRate, on_demand, read_record, said
from smcost.remarks import Caveat, WarningCode

SOURCE = "AWS Price List API"
#: The most that one page can hold.
_PRODUCTS_A_PAGE = 100
_RATES_A_PAGE = 1000
_YEAR_S = 365 * 24 * 3600
_ODD = "Run the command once more; if it stays, take --source bulk"


class _Offering(msgspec.Struct, frozen=True, rename="camel"):
    payment_option: str
    duration_seconds: int
    currency: str


class _OfferingRate(msgspec.Struct, frozen=True, rename="camel"):
    savings_plan_offering: _Offering
    rate: str
    unit: str
    service_code: str
    usage_type: str


def pull_from_api(
    aws: Aws, region: str, instance_type: str | None = None, *, savings_plans: bool = True
) -> Listing:
    """Ask for the prices of one region.

    Where the credentials may not ask for Savings Plans rates, the listing says so and has none.

    All Hosting prices of the region are asked for also where one type is wanted, since a product
    may be listed under the name of another type; other components only of the type.

    Parameters
    ----------
    instance_type
        Only this one; ``None``: every type.
    savings_plans
        Whether to ask the Savings Plans API too, which needs a permission of its own.

    Raises
    ------
    AwsError
        A call failed, or an entry of an answer makes no sense.
    PriceError
        There is no Hosting price.
    """
    gathering = Gathering(source=SOURCE, region=region, instance_type=instance_type)
    for component in COMPONENTS:
        filters = {"productFamily": "ML Instance", "component": str(component)}
        if instance_type is not None and component is not Component.HOSTING:
            filters["instanceName"] = instance_type
        _gather(aws, gathering, SAGEMAKER, {"regionCode": region} | filters)
    for rule in RULES:
        _gather(aws, gathering, rule.service, {"regionCode": region, rule.field: rule.value})
    unread = None
    if savings_plans:
        try:
            _gather_plans(aws, gathering, region, narrow=instance_type is not None)
        except AwsDeniedError as error:
            message = (
                f"{error.cause}, so no Savings Plans rates were read and the cached ones stay; "
                "have it allowed, or take --source bulk, which asks for no credentials"
            )
            unread = Caveat(code=WarningCode.SAVINGS_PLANS_UNREAD, message=message)
    return replace(gathering.listing_with_hosting(region), savings_unread=unread)


def _gather(aws: Aws, gathering: Gathering, service: str, wanted: dict[str, str]) -> None:
    filters = [
        {"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in wanted.items()
    ]
    entries = aws.pages(
        GET_PRODUCTS,
        "PriceList",
        ServiceCode=service,
        Filters=filters,
        FormatVersion="aws_v1",
        MaxResults=_PRODUCTS_A_PAGE,
    )
    for number, entry in enumerate(entries, start=1):
        try:
            record = read_record(entry)
            gathering.add(
                record.product,
                on_demand(record.terms.on_demand),
                service=service,
                published=record.publication_date,
            )
        except MALFORMED as error:
            asked = ", ".join(f"{field} {value}" for field, value in wanted.items())
            cause = (
                f"Entry {number} of PriceList for {asked} is no product with terms ({said(error)})"
            )
            raise aws.refused(GET_PRODUCTS, cause, _ODD) from error


def _gather_plans(aws: Aws, gathering: Gathering, region: str, *, narrow: bool) -> None:
    usage_types = gathering.usage_types(region)
    if not usage_types:
        return
    # A handful of usage types can be asked for; those of a whole region are told apart here.
    also = {"usageTypes": list(usage_types)} if narrow else {}
    found = aws.pages(
        DESCRIBE_SAVINGS_PLANS_OFFERING_RATES,
        "searchResults",
        savingsPlanTypes=["SageMaker"],
        products=["SageMaker"],
        serviceCodes=[SAGEMAKER],
        filters=[{"name": "region", "values": [region]}],
        maxResults=_RATES_A_PAGE,
        **also,
    )
    # The answer has no date of publication: what it says holds on the day it is asked.
    today = datetime.now(UTC).date().isoformat()
    for number, result in enumerate(found, start=1):
        try:
            gathering.add_plan_rate(region, _plan_rate(result), published=today)
        except MALFORMED as error:
            cause = f"Entry {number} of searchResults is no Savings Plans rate ({said(error)})"
            raise aws.refused(DESCRIBE_SAVINGS_PLANS_OFFERING_RATES, cause, _ODD) from error


def _plan_rate(result: object) -> PlanRate:
    """One result as a rate; one without a product's key, which this API does not know."""
    found = msgspec.convert(result, _OfferingRate)
    offering = found.savings_plan_offering
    years, rest_s = divmod(offering.duration_seconds, _YEAR_S)
    return PlanRate(
        discounted_sku="",
        usage_type=found.usage_type,
        service=found.service_code,
        unit=found.unit,
        currency=offering.currency,
        price=found.rate,
        term_years=0 if rest_s else years,
        payment=offering.payment_option,
    )
