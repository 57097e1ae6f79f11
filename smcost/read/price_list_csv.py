"""The CSV form of the bulk price lists: five lines of metadata, a header, a row per price tier.

A column has its attribute's name with spaces and other capitals (``Region Code``, ``usageType``),
so names are compared without either. Rows become the same values as the JSON form gives.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TextIO

from smcost.errors import InputError
from smcost.read.price_list_record import (
    Attributes,
    BulkDocument,
    BulkTerms,
    Dimension,
    PlanRate,
    Product,
    Term,
)

#: Columns of attributes, in the order in which they are taken apart below.
_ATTRIBUTES = (
    "regioncode",
    "locationtype",
    "servicecode",
    "component",
    "instancename",
    "usagetype",
    "group",
    "volumetype",
    "memorygb",
)
_PRICE = ("sku", "ratecode", "termtype", "startingrange", "unit", "priceperunit", "currency")
_PLAN = (
    "discountedsku",
    "discountedusagetype",
    "discountedservicecode",
    "unit",
    "currency",
    "discountedrate",
    "leasecontractlength",
    "leasecontractlengthunit",
    "purchaseoption",
)
_EFFECTIVE = "effectivedate"
_ON_DEMAND = "OnDemand"
_MOST_METADATA_LINES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkTable:
    """A bulk CSV whose header has been read; ``rows`` can be gone through once."""

    place: str
    metadata: Mapping[str, str]
    columns: Mapping[str, int]
    rows: Iterator[list[str]]

    @property
    def published(self) -> str:
        """The publication date, as written."""
        return self._said("publicationdate")

    @property
    def offer_code(self) -> str:
        """The offer, as written."""
        return self._said("offercode")

    def cells(self, required: Sequence[str], also: Sequence[str] = ()) -> Iterator[tuple[str, ...]]:
        """Cells of the named columns, row by row; those of ``also`` are empty where absent.

        Raises
        ------
        InputError
            A required column is missing, or a row has more or fewer cells than the header.
        """
        missing = [name for name in required if name not in self.columns]
        if missing:
            raise InputError(
                f"The header lacks the columns {', '.join(missing)}",
                remedy="Fetch the CSV form of the price list again, and keep all of it",
                place=self.place,
            )
        width = len(self.columns)
        wanted = itemgetter(*(self.columns.get(name, width) for name in (*required, *also)))
        for row in self.rows:
            if len(row) != width:
                raise InputError(
                    f"The row of {row[0]} has {len(row)} cells, and the header has {width}",
                    remedy="The file is cut off or was changed: fetch it again",
                    place=self.place,
                )
            row.append("")
            yield wanted(row)

    def _said(self, name: str) -> str:
        if name not in self.metadata:
            raise InputError(
                f"The lines before the header lack {name}",
                remedy="Keep the first five lines of the price list as AWS wrote them",
                place=self.place,
            )
        return self.metadata[name]


def open_table(text: TextIO, place: str) -> BulkTable:
    """Read the metadata and the header of a bulk CSV.

    Raises
    ------
    InputError
        There is no header that begins with SKU. While the rows are read: unbalanced quotes.
    """
    rows = _rows(text, place)
    metadata: dict[str, str] = {}
    for _, row in zip(range(_MOST_METADATA_LINES), rows, strict=False):
        if _plain(row[0]) == "sku":
            columns = {_plain(name): at for at, name in enumerate(row)}
            return BulkTable(place=place, metadata=metadata, columns=columns, rows=rows)
        metadata[_plain(row[0])] = row[1] if len(row) > 1 else ""
    raise InputError(
        "This is no price list of AWS: no line begins with SKU",
        remedy="Give a CSV or JSON from pricing.us-east-1.amazonaws.com, or a saved answer of "
        "aws pricing get-products",
        place=place,
    )


def read_bulk_table(table: BulkTable) -> BulkDocument:
    """Turn the rows of an offer into what its JSON form has.

    Raises
    ------
    InputError
        As :meth:`BulkTable.cells` and :func:`open_table`.
    """
    products: dict[str, Product] = {}
    terms: dict[str, dict[str, Term]] = {}
    for cells in table.cells(_PRICE, (_EFFECTIVE, *_ATTRIBUTES)):
        sku, rate_code, term_type, begin, unit, price, currency, effective, *attributes = cells
        if term_type != _ON_DEMAND:
            continue
        if sku not in products:
            region, location, service, component, name, usage, group, volume, memory = attributes
            products[sku] = Product(
                sku=sku,
                attributes=Attributes(
                    region_code=region,
                    location_type=location,
                    servicecode=service,
                    component=component,
                    instance_name=name,
                    usagetype=usage,
                    group=group,
                    volume_type=volume,
                    memorygb=memory,
                ),
            )
            terms[sku] = {}
        term = terms[sku].setdefault(effective, Term(price_dimensions={}, effective_date=effective))
        term.price_dimensions[f"{rate_code} {currency}"] = Dimension(
            unit=unit, price_per_unit={currency: price}, begin_range=begin or "0"
        )
    return BulkDocument(
        offer_code=table.offer_code,
        publication_date=table.published,
        products=products,
        terms=BulkTerms(on_demand=terms),
    )


def read_plan_table(table: BulkTable) -> Iterator[PlanRate]:
    """The rates of a Savings Plans CSV.

    Raises
    ------
    InputError
        As :meth:`BulkTable.cells` and :func:`open_table`.
    """
    for sku, usage, service, unit, currency, price, length, length_unit, payment in table.cells(
        _PLAN
    ):
        yield PlanRate(
            discounted_sku=sku,
            usage_type=usage,
            service=service,
            unit=unit,
            currency=currency,
            price=price,
            term_years=years(length, length_unit),
            payment=payment,
        )


def years(length: str, unit: str) -> int:
    """The term of a plan; 0, which no plan has, where it is not given in years."""
    return int(length) if unit == "year" and length.isascii() and length.isdigit() else 0


def _rows(text: TextIO, place: str) -> Iterator[list[str]]:
    reader = csv.reader(text, strict=True)
    try:
        for row in reader:
            if row:
                yield row
    except csv.Error as error:
        raise InputError(
            f"This is no valid CSV ({error})",
            remedy="The file is cut off or was changed: fetch it again",
            place=f"{place}, row {reader.line_num}",
        ) from error


def _plain(name: str) -> str:
    return name.replace(" ", "").replace("_", "").casefold()
