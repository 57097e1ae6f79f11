"""What is read of a product of AWS's Price List, whose JSON is the same in every source.

Decoded by msgspec into typed structs, since a region has some 2,000 products (4 MB) and all regions
have 35,000 (70 MB). Measured on files of that size: msgspec takes a third of the time of
``json.load``, ``JSONDecoder.raw_decode`` record by record all of it, ijson (yajl2_c) 1.7 to 2.8
times it, each before a single price is made; the bound of ``benchmarks/price_list.py`` is 3 with
the prices. msgspec holds the file in memory while it decodes, 170 MB at the most for all regions,
where the other two need 20 MB; but it alone refuses a cut-off file, trailing rubbish and a field of
another type by itself, with the path to it, and needs no scanner of our own.

Specifications (vCPU, memory, GPUs) are not read at all: me-central-1 lists ml.c5.24xlarge with
8 GiB. Neither are descriptions, and location names, which differ between sources.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import msgspec

from smcost.errors import PriceError
from smcost.prices import LeftOut, PaymentOption

#: What a malformed document raises here, or one with a price beyond what an instance can cost.
MALFORMED = (msgspec.MsgspecError, ValueError, PriceError)

_INSTANCE_TYPE = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9]+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRate:
    """One Savings Plans rate as listed: what it replaces, under which plan, at which price."""

    discounted_sku: str
    usage_type: str
    service: str
    unit: str
    currency: str
    price: str
    term_years: int
    payment: str

    @property
    def payment_option(self) -> PaymentOption | None:
        """``Partial Upfront`` and the like as a value."""
        name = self.payment.casefold().replace(" ", "_")
        return PaymentOption(name) if name in set(PaymentOption) else None


class Attributes(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """The attributes that say what a product is; absent ones are empty."""

    region_code: str = ""
    location_type: str = ""
    servicecode: str = ""
    component: str = ""
    instance_name: str = ""
    usagetype: str = ""
    group: str = ""
    volume_type: str = ""
    memorygb: str = ""

    @property
    def instance_type(self) -> str | None:
        """The ``ml.*`` type that is billed, if it is one.

        The usage type decides, since it is what the bill shows: ``instanceName`` said
        ml.p4de.24xlarge for ml.p4d.24xlarge in three regions until mid-2025, and ``instanceType``
        ends in ``-Hosting``, ``-Notebook`` or in nothing at all. A usage type that names another
        kind of thing than a type (``Host:ml.m5.xlarge.x``) is not corrected by the name.
        """
        text = self.usagetype if "ml." in self.usagetype else self.instance_name
        found = _INSTANCE_TYPE.search(text)
        return found[0] if found else None

    @property
    def in_a_region(self) -> bool:
        """Whether it is sold in a region itself, not in an Outpost or Local Zone of it."""
        return self.location_type in ("", "AWS Region")


class Product(msgspec.Struct, frozen=True, gc=False):
    """One product; ``sku`` is its key."""

    sku: str
    attributes: Attributes


class Dimension(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One price of a product, or one tier of it. Amounts are text with up to ten decimals."""

    unit: str
    price_per_unit: dict[str, str]
    begin_range: str = "0"


class Term(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """The terms that a product is sold under on demand, and since when."""

    price_dimensions: dict[str, Dimension]
    effective_date: str = ""


class RecordTerms(msgspec.Struct, frozen=True, gc=False):
    """Terms of one product; reserved ones are not read."""

    on_demand: dict[str, Term] = msgspec.field(name="OnDemand", default_factory=dict)


class Record(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One entry of ``PriceList`` in an answer of GetProducts."""

    product: Product
    publication_date: str
    terms: RecordTerms = RecordTerms()
    service_code: str = ""

    @property
    def service(self) -> str:
        """The offer it is in, which some tools leave out beside the product."""
        return self.service_code or self.product.attributes.servicecode


class BulkTerms(msgspec.Struct, frozen=True, gc=False):
    """Terms of all products of a bulk file, by SKU: one level deeper than in a record."""

    on_demand: dict[str, dict[str, Term]] = msgspec.field(name="OnDemand", default_factory=dict)


class BulkDocument(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A bulk file of an offer, of one region or of all."""

    offer_code: str
    publication_date: str
    products: dict[str, Product]
    terms: BulkTerms


def read_record(entry: object) -> Record:
    """Decode one entry of ``PriceList``: the JSON text that the API sends, or what is in it.

    Raises
    ------
    msgspec.MsgspecError, ValueError
        It is no JSON, null, or no product with terms; the text says where.
    """
    if entry is None:
        raise ValueError("it is null")
    if isinstance(entry, str):
        if entry.strip() == "null":
            raise ValueError("it is null")
        return msgspec.json.decode(entry, type=Record)
    return msgspec.convert(entry, Record)


def read_bulk(content: bytes) -> BulkDocument:
    """Decode a whole bulk file.

    Raises
    ------
    msgspec.MsgspecError
        It is cut off, followed by something, or of another form; the text says where.
    """
    return msgspec.json.decode(content, type=BulkDocument)


def amount(text: str) -> Decimal:
    """An amount of money as listed, without the zeros that pad it.

    Raises
    ------
    ValueError
        The text is no finite number of 0 or more: nothing that is listed pays back.
    """
    try:
        exact = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is no amount") from error
    if not exact.is_finite() or exact < 0:
        raise ValueError(f"{text!r} is no amount")
    return Decimal(f"{exact.normalize():f}")


def usd_by_tier(terms: Iterable[Term], units: frozenset[str]) -> list[Decimal] | LeftOut:
    """Every price above 0 in USD and in one of ``units``, the first tier first, or why none.

    Free tiers and the products of the free tier have a price of 0, which is no price of an hour.

    Raises
    ------
    ValueError
        An amount is no number.
    """
    tiers = _tiers(terms, units)
    if isinstance(tiers, LeftOut):
        return tiers
    return [usd for _, usd in tiers if usd > 0] or LeftOut.FREE


def usd_of_rate(terms: Iterable[Term], units: frozenset[str]) -> list[Decimal] | LeftOut:
    """The first tier above 0 in USD and in one of ``units``, 0 where all are free, or why none.

    Every price of that tier, where there are several.

    Raises
    ------
    ValueError
        An amount is no number.
    """
    tiers = _tiers(terms, units)
    if isinstance(tiers, LeftOut):
        return tiers
    paid = [(begin, usd) for begin, usd in tiers if usd > 0]
    if not paid:
        return [Decimal(0)]
    return list(dict.fromkeys(usd for begin, usd in paid if begin == paid[0][0]))


def _tiers(terms: Iterable[Term], units: frozenset[str]) -> list[tuple[Decimal, Decimal]] | LeftOut:
    """Where every tier begins and its price in USD, sorted, or why there is none."""
    dimensions = [each for term in terms for each in term.price_dimensions.values()]
    if not dimensions:
        return LeftOut.NO_ON_DEMAND
    dimensions = [each for each in dimensions if each.unit in units]
    if not dimensions:
        return LeftOut.OTHER_UNIT
    tiers = [
        (amount(each.begin_range), amount(each.price_per_unit["USD"]))
        for each in dimensions
        if "USD" in each.price_per_unit
    ]
    if not tiers:
        return LeftOut.NO_USD
    return sorted(tiers)


def in_force(terms: Iterable[Term], day: str) -> list[Term]:
    """Those that came into effect last by a day; those that will first, where none has.

    Several where they came into effect together: nobody chooses in silence.
    """
    by_date: dict[str, list[Term]] = {}
    for term in terms:
        by_date.setdefault(term.effective_date[:10], []).append(term)
    begun = [date for date in by_date if date <= day]
    return by_date[max(begun) if begun else min(by_date)] if by_date else []


def date_of(moment: str) -> str:
    """The day of a publication date such as ``2026-09-25T00:03:13Z``.

    Raises
    ------
    ValueError
        It does not begin with a date.
    """
    if not re.match(r"\d{4}-\d{2}-\d{2}(T|$)", moment):
        raise ValueError(f"the publication date is {moment!r}")
    return moment[:10]


def said(error: Exception) -> str:
    """What is wrong, in one line without a full stop, for a sentence around it."""
    text = error.cause if isinstance(error, PriceError) else str(error)
    return " ".join(text.split()).rstrip(".")


def on_demand(terms: Mapping[str, Term] | None) -> Collection[Term]:
    """The terms of one product, none where it is sold only in another way."""
    return terms.values() if terms else ()
