"""The bulk file of SageMaker Savings Plans of one region, in JSON or CSV.

The plans are products; each plan's term lists a rate for every usage type that it discounts.
"""

from collections.abc import Iterator

import msgspec

from smcost.read.price_list_csv import years
from smcost.read.price_list_record import PlanRate


class _Lease(msgspec.Struct, frozen=True, gc=False):
    duration: int
    unit: str


class _Discounted(msgspec.Struct, frozen=True, gc=False):
    price: str
    currency: str


class _Rate(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    discounted_rate: _Discounted
    unit: str
    discounted_sku: str = ""
    discounted_usage_type: str = ""
    discounted_service_code: str = ""


class _Plan(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    sku: str
    lease_contract_length: _Lease
    rates: list[_Rate]


class _PlanTerms(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    savings_plan: list[_Plan]


class _PlanAttributes(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    purchase_option: str = ""


class _PlanProduct(msgspec.Struct, frozen=True, gc=False):
    sku: str
    attributes: _PlanAttributes


class PlanDocument(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A Savings Plans file in JSON, of one region."""

    region_code: str
    publication_date: str
    products: list[_PlanProduct]
    terms: _PlanTerms


def read_plans(content: bytes) -> PlanDocument:
    """Decode a whole Savings Plans file.

    Raises
    ------
    msgspec.MsgspecError
        It is cut off, followed by something, or of another form; the text says where.
    """
    return msgspec.json.decode(content, type=PlanDocument)


def plan_rates(document: PlanDocument) -> Iterator[PlanRate]:
    """Every rate of every plan, with the plan's term and payment option."""
    payments = {plan.sku: plan.attributes.purchase_option for plan in document.products}
    for plan in document.terms.savings_plan:
        lease = plan.lease_contract_length
        for rate in plan.rates:
            yield PlanRate(
                discounted_sku=rate.discounted_sku,
                usage_type=rate.discounted_usage_type,
                service=rate.discounted_service_code,
                unit=rate.unit,
                currency=rate.discounted_rate.currency,
                price=rate.discounted_rate.price,
                term_years=years(str(lease.duration), lease.unit),
                payment=payments.get(plan.sku, ""),
            )
