"""A bulk price list of AWS, in JSON or CSV, plain or gzipped, told apart by its content."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, cast

from smcost.errors import InputError
from smcost.read.price_list_csv import open_table, read_bulk_table, read_plan_table
from smcost.read.price_list_gather import Gathering
from smcost.read.price_list_plans import plan_rates, read_plans
from smcost.read.price_list_record import MALFORMED, BulkDocument, on_demand, read_bulk, said
from smcost.read.text_file import check_readable
from smcost.read.text_stream import open_text

_BOM = b"\xef\xbb\xbf"
_HEAD_BYTES = 2**16
#: Keys that only a bulk file has; in a saved answer the products are text with escaped quotes.
_OFFER = re.compile(rb'(?<!\\)"(?:offerCode|products)"\s*:')
_PLANS = re.compile(rb'(?<!\\)"products"\s*:\s*\[')


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferHeader:
    """What a bulk file says about itself.

    Attributes
    ----------
    offer
        ``AmazonSageMaker``; empty for Savings Plans.
    published
        ``2026-09-25T00:03:13Z``.
    regions
        Those of its products; of Savings Plans, the one it is for.
    """

    offer: str
    published: str
    regions: frozenset[str]


@contextmanager
def open_price_list(path: Path) -> Iterator[bytes | io.TextIOWrapper]:
    """Open a file: the whole content where it is JSON, the text to be read where it is not.

    Raises
    ------
    InputError
        The file cannot be read, or is no UTF-8 text.
    """
    check_readable(path)
    with open_text(path) as text:
        buffer = cast("io.BufferedReader", text.buffer)
        head = buffer.peek(1).removeprefix(_BOM).lstrip()[:1]
        yield buffer.read().removeprefix(_BOM) if head in (b"{", b"[", b"") else text


def is_bulk(content: bytes) -> bool:
    """Whether JSON is a bulk file and no saved answer."""
    return _OFFER.search(content, 0, _HEAD_BYTES) is not None


def is_plans(content: bytes) -> bool:
    """Whether JSON is a Savings Plans file, whose products are a list."""
    return _PLANS.search(content, 0, _HEAD_BYTES) is not None


def read_offer(path: Path, gathering: Gathering) -> OfferHeader:
    """Read a bulk file of an offer into ``gathering``.

    Raises
    ------
    InputError
        It is no bulk file, cut off, or a price makes no sense.
    """
    place = str(path)
    with open_price_list(path) as opened:
        if isinstance(opened, bytes):
            return gather_json(opened, gathering, place)
        return gather_csv(opened, gathering, place)


def gather_csv(text: TextIO, gathering: Gathering, place: str) -> OfferHeader:
    """Read the CSV of an offer into ``gathering``.

    Raises
    ------
    InputError
        As :func:`read_offer`.
    """
    table = open_table(text, place)
    if "discountedsku" in table.columns:
        raise _plans_alone(place)
    return _gather(read_bulk_table(table), gathering, place)


def gather_json(content: bytes, gathering: Gathering, place: str) -> OfferHeader:
    """Read the JSON of an offer into ``gathering``.

    Raises
    ------
    InputError
        As :func:`read_offer`.
    """
    if is_plans(content):
        raise _plans_alone(place)
    try:
        document = read_bulk(content)
    except MALFORMED as error:
        raise malformed(error, place) from error
    return _gather(document, gathering, place)


def read_plan_file(path: Path, region: str, gathering: Gathering) -> OfferHeader:
    """Read the Savings Plans file of a region into ``gathering``, after the region's offer.

    Raises
    ------
    InputError
        It is no Savings Plans file, or cut off.
    """
    place = str(path)
    with open_price_list(path) as opened:
        try:
            if isinstance(opened, bytes):
                document = read_plans(opened)
                published, regions = document.publication_date, {document.region_code}
                rates = plan_rates(document)
            else:
                table = open_table(opened, place)
                # The CSV does not name its region; the rates are joined by usage type all the same.
                published, regions = table.published, {region}
                rates = read_plan_table(table)
            for rate in rates:
                gathering.add_plan_rate(region, rate, published=published)
        except MALFORMED as error:
            raise malformed(error, place) from error
    return OfferHeader(offer="", published=published, regions=frozenset(regions))


def malformed(error: Exception, place: str) -> InputError:
    """The error for JSON that is cut off or of another form."""
    return InputError(
        f"This is no whole price list of AWS ({said(error)})",
        remedy="Fetch it again; saved answers of aws pricing get-products must be JSON",
        place=place,
    )


def _plans_alone(place: str) -> InputError:
    return InputError(
        "This is a Savings Plans file, which has no on-demand prices",
        remedy="smcost prices pull --source bulk reads both kinds together",
        place=place,
    )


def _gather(document: BulkDocument, gathering: Gathering, place: str) -> OfferHeader:
    terms = document.terms.on_demand
    try:
        for sku, product in document.products.items():
            gathering.add(
                product,
                on_demand(terms.get(sku)),
                service=document.offer_code,
                published=document.publication_date,
            )
    except MALFORMED as error:
        raise malformed(error, place) from error
    return OfferHeader(
        offer=document.offer_code,
        published=document.publication_date,
        regions=frozenset(p.attributes.region_code for p in document.products.values()),
    )
