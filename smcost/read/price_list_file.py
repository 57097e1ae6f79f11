"""A price list in a file: an answer of GetProducts as the aws CLI printed it, or a bulk file.

Accepted are whole answers (``PriceList`` of JSON texts), ``--query PriceList`` (a list of them),
``--output text`` (the texts themselves), several of any after one another, and the same with the
texts already decoded; bulk files in JSON and CSV, of one region or of all. Each plain or gzipped.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from smcost.errors import InputError, PriceError
from smcost.prices import Listing
from smcost.read.masking import masked
from smcost.read.price_list_gather import Gathering
from smcost.read.price_list_offer import (
    OfferHeader,
    gather_csv,
    gather_json,
    is_bulk,
    is_plans,
    malformed,
    open_price_list,
)
from smcost.read.price_list_rates import OFFERS
from smcost.read.price_list_record import MALFORMED, on_demand, read_record

_SPACE = re.compile(r"\s*")


def read_price_list(path: Path) -> list[Listing]:
    """Read a saved price list, one listing per region in it, sorted by region.

    Raises
    ------
    InputError
        The file cannot be read, is no price list, is cut off, or an entry makes no sense.
    PriceError
        There is no usable price in it.
    """
    place = str(path)
    gathering = Gathering(source=f"AWS Price List, file {_shown(path)}")
    with open_price_list(path) as opened:
        if not isinstance(opened, bytes):
            _check_offer(gather_csv(opened, gathering, place), place)
        elif is_bulk(opened) or is_plans(opened):
            _check_offer(gather_json(opened, gathering, place), place)
        else:
            _gather_answers(opened, gathering, place)
    try:
        return gathering.listings()
    except PriceError as error:
        raise PriceError(error.cause, remedy=error.remedy, place=place) from error


def _shown(path: Path) -> str:
    """The name as a cache can keep it: without an account id, and in UTF-8 whatever it is in."""
    return masked(path.name.encode("utf-8", "backslashreplace").decode("utf-8"))


def _check_offer(header: OfferHeader, place: str) -> None:
    if header.offer not in OFFERS:
        raise InputError(
            f"This is the price list of {header.offer!r}, and one of {', '.join(OFFERS)} is wanted",
            remedy="Fetch the file of one of these",
            place=place,
        )


def _gather_answers(content: bytes, gathering: Gathering, place: str) -> None:
    for where, entry in _entries(content, place):
        try:
            record = read_record(entry)
            gathering.add(
                record.product,
                on_demand(record.terms.on_demand),
                service=record.service,
                published=record.publication_date,
            )
        except MALFORMED as error:
            raise malformed(error, where) from error


def _entries(content: bytes, place: str) -> Iterator[tuple[str, object]]:
    """Every entry of every answer in the file, with its place."""
    number = 0
    goes_on = False
    for document in _documents(content, place):
        found: object = [document]
        goes_on = False
        if isinstance(document, list):
            found = document
        elif isinstance(document, dict) and "product" not in document:
            found = document.get("PriceList")
            goes_on = bool(document.get("NextToken"))
        if not isinstance(found, list):
            raise InputError(
                "This JSON is neither an answer of aws pricing get-products nor a bulk price list",
                remedy="Save the whole answer, or a file from pricing.us-east-1.amazonaws.com",
                place=place,
            )
        for entry in found:
            number += 1
            yield f"{place}, entry {number} of PriceList", entry
    if goes_on:
        raise InputError(
            "The answer goes on: it has a NextToken, and the next page is not in the file",
            remedy="Ask without --max-items and --no-paginate, or append the other pages",
            place=place,
        )


def _documents(content: bytes, place: str) -> Iterator[object]:
    """The JSON documents that stand one after another."""
    try:
        text = content.decode("utf-8")
        decoder = json.JSONDecoder()
        at = _end_of_space(text, 0)
        while at < len(text):
            document, at = decoder.raw_decode(text, at)
            yield document
            at = _end_of_space(text, at)
    except json.JSONDecodeError as error:
        raise malformed(error, f"{place}, row {error.lineno}") from error
    except UnicodeDecodeError as error:
        raise malformed(error, place) from error


def _end_of_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
