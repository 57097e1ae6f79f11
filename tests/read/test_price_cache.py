"""The price cache: what is written is read again to the last decimal, and damage is refused."""

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.emit.price_cache_csv import COLUMNS, price_cache_csv
from smcost.errors import InputError
from smcost.prices import Component, PaymentOption, Price, Rate, RateItem, SavingsRate
from smcost.prices.cached import CachedRegion
from smcost.read.price_cache import read_price_cache
from smcost.read.price_csv import parse_prices
from smcost.read.rates_csv import parse_rates

FETCHED = "2026-11-24T09:30:00Z"
#: Anything printable that begins and ends with something: cells are stripped when they are read.
WORDS = st.text(
    st.characters(blacklist_categories=("C", "Z"), whitelist_characters=' ,"\n'), min_size=1
).filter(lambda text: text == text.strip() and text.strip())
USD = st.decimals("0.0000001", "9999", places=7, allow_nan=False)
DATES = st.sampled_from(["2026", "2026-Q3", "2026-09-25"])
ORIGIN = {
    "region": st.just("us-east-1"),
    "source": WORDS,
    "as_of": DATES,
    "fetched_at": st.sampled_from([FETCHED, "2026-10-01T08:00:00Z"]),
}
TYPES = st.from_regex(r"ml\.[a-z0-9]{1,5}\.[a-z0-9]{1,8}", fullmatch=True)
SKUS = st.none() | st.from_regex(r"[A-Z0-9]{16}", fullmatch=True)
PRICES = st.builds(
    Price,
    instance_type=TYPES,
    component=st.sampled_from(Component),
    usd_per_hour=USD,
    sku=SKUS,
    **ORIGIN,
)
RATES = st.sampled_from(RateItem).flatmap(
    lambda item: st.builds(
        Rate, item=st.just(item), unit=st.just(item.unit), usd=USD | st.just(Decimal(0)), **ORIGIN
    )
)
SAVINGS = st.builds(
    SavingsRate,
    instance_type=TYPES,
    term_years=st.sampled_from([1, 3]),
    payment=st.sampled_from(PaymentOption),
    usd_per_hour=USD,
    sku=SKUS,
    **ORIGIN,
)


def rows_of(kind):
    return st.lists(kind, max_size=4).map(tuple)


@given(rows_of(PRICES), rows_of(RATES), rows_of(SAVINGS))
def test_what_is_written_is_read_again_to_the_last_decimal(
    tmp_path_factory, prices, rates, savings
):
    if not (prices or rates or savings):
        return
    region = CachedRegion(region="us-east-1", prices=prices, rates=rates, savings=savings)
    path = tmp_path_factory.mktemp("cache") / "us-east-1.csv"
    path.write_text(price_cache_csv(region), encoding="utf-8", newline="")
    again = read_price_cache(path, "us-east-1")
    assert again == region
    written = [str(row.usd_per_hour) for row in (*region.prices, *region.savings)]
    assert [str(row.usd_per_hour) for row in (*again.prices, *again.savings)] == written


@given(rows_of(PRICES), rows_of(RATES))
def test_its_rows_are_those_of_the_price_csv_and_the_rates_csv(prices, rates):
    text = price_cache_csv(CachedRegion(region="us-east-1", prices=prices, rates=rates, savings=()))
    table = list(csv.DictReader(io.StringIO(text, newline="")))
    for kind, found, parse in (("price", prices, parse_prices), ("rate", rates, parse_rates)):
        of_kind = [row for row in table if row["kind"] == kind]
        assert len(of_kind) == len(found)
        if of_kind:
            read = parse(as_csv(of_kind), "cells")
            assert {row.source for row in read} == {row.source for row in found}


def as_csv(rows):
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


REGION = CachedRegion(
    region="us-east-1",
    prices=tuple(
        Price(
            region="us-east-1",
            instance_type=f"ml.m{n}.xlarge",
            component=Component.HOSTING,
            usd_per_hour=Decimal("0.230"),
            source="AWS Price List, bulk file",
            as_of="2026-09-25",
            sku="ABCDEFGH12345678",
            fetched_at=FETCHED,
        )
        for n in (4, 5)
    ),
    rates=(
        Rate(
            region="us-east-1",
            item=RateItem.STORAGE_GB_MONTH,
            unit="GB-Mo",
            usd=Decimal("0.14"),
            source="AWS Price List, bulk file",
            as_of="2026-09-25",
            fetched_at=FETCHED,
        ),
    ),
    savings=(
        SavingsRate(
            region="us-east-1",
            instance_type="ml.m5.xlarge",
            term_years=3,
            payment=PaymentOption.ALL_UPFRONT,
            usd_per_hour=Decimal("0.0900000"),
            source="AWS Price List, bulk file",
            as_of="2026-09-25",
            fetched_at=FETCHED,
        ),
    ),
)
WHOLE = price_cache_csv(REGION)


def test_the_file_is_a_table_that_a_person_can_read():
    assert WHOLE.splitlines() == [
        ",".join(COLUMNS),
        "price,us-east-1,ml.m4.xlarge,Hosting,0.230,,,,,,ABCDEFGH12345678,"
        '"AWS Price List, bulk file",2026-09-25,2026-11-24T09:30:00Z,1 of 4',
        "price,us-east-1,ml.m5.xlarge,Hosting,0.230,,,,,,ABCDEFGH12345678,"
        '"AWS Price List, bulk file",2026-09-25,2026-11-24T09:30:00Z,2 of 4',
        "rate,us-east-1,,,,,,storage_gb_month,GB-Mo,0.14,,"
        '"AWS Price List, bulk file",2026-09-25,2026-11-24T09:30:00Z,3 of 4',
        "savings,us-east-1,ml.m5.xlarge,,0.0900000,3,all_upfront,,,,,"
        '"AWS Price List, bulk file",2026-09-25,2026-11-24T09:30:00Z,4 of 4',
    ]


#: What is wrong -> the damage, and what the error says of it.
DAMAGE = {
    "nothing in it": (lambda text: "", "The file is empty"),
    "a header alone": (lambda text: text.splitlines()[0] + "\n", "no data row"),
    "the header gone": (lambda text: text.split("\n", 1)[1], "The header lacks kind"),
    "cut off between two lines": (
        lambda text: "".join(text.splitlines(keepends=True)[:-1]),
        "row is '1 of 4', and '1 of 3' is wanted",
    ),
    "cut off within a line": (lambda text: text[:-30], "The row has"),
    "cut off within quotes": (lambda text: text[: text.rindex('"') - 3], "no valid CSV"),
    "a line lost": (
        lambda text: "".join(text.splitlines(keepends=True)[:2] + text.splitlines(True)[3:]),
        "row is '1 of 4'",
    ),
    "a line twice": (lambda text: text + text.splitlines(keepends=True)[-1], "row is '1 of 4'"),
    "lines out of order": (
        lambda text: "".join(sorted(text.splitlines(keepends=True), reverse=True)),
        "The header lacks",
    ),
    "another region's": (lambda text: text.replace("us-east-1", "eu-west-1"), "A row of eu-west-1"),
    "an unknown kind": (lambda text: text.replace("savings,us", "gift,us"), "kind is 'gift'"),
    "no fetch time": (lambda text: text.replace(FETCHED, ""), "fetched_at is an empty cell"),
    "a price of 0": (lambda text: text.replace("0.230", "0"), "A price of 0 USD"),
    "no number": (lambda text: text.replace("0.230", "O.23O"), "usd_per_hour is 'O.23O'"),
    "a component of no meaning": (lambda text: text.replace("Hosting", "Host"), "component is"),
    "an item of no meaning": (lambda text: text.replace("storage_gb", "storage"), "item is"),
    "a payment of no meaning": (lambda text: text.replace("all_up", "some_up"), "payment is"),
    "a term that is not sold": (lambda text: text.replace(",3,all", ",2,all"), "term_years is '2'"),
    "a term of no number": (lambda text: text.replace(",3,all", ",x,all"), "term_years is 'x'"),
    "a term with a fraction": (lambda text: text.replace(",3,all", ",1.5,all"), "term_years"),
    "a negative rate": (lambda text: text.replace("0.14", "-0.14"), "is no rate"),
}


@pytest.mark.parametrize("wrong", DAMAGE)
def test_damage_is_refused_with_the_file_and_the_way_to_mend_it(tmp_path, wrong):
    damage, said = DAMAGE[wrong]
    path = tmp_path / "us-east-1.csv"
    path.write_text(damage(WHOLE), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_price_cache(path, "us-east-1")
    error = caught.value
    assert error.exit_code == 3
    assert error.cause.startswith("The price cache is damaged: ")
    assert said in error.cause
    assert error.place.startswith(str(path))
    assert "`smcost prices pull --region us-east-1`" in error.remedy
    assert "delete the file" in error.remedy


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"kind\x00", b"\x1f\x8b\x08broken", b"\xe9"])
def test_bytes_that_are_no_text_are_damage_too(tmp_path, content):
    path = tmp_path / "us-east-1.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match="The price cache is damaged"):
        read_price_cache(path, "us-east-1")


def test_every_cut_off_file_is_refused_wherever_the_cut_is(tmp_path):
    path = tmp_path / "us-east-1.csv"
    for length in range(len(WHOLE) - 1):
        path.write_text(WHOLE[:length], encoding="utf-8")
        with pytest.raises(InputError):
            read_price_cache(path, "us-east-1")
    path.write_text(WHOLE[:-1], encoding="utf-8")
    assert read_price_cache(path, "us-east-1") == REGION


def test_nothing_in_the_file_is_secret(tmp_path):
    assert not any(word in WHOLE.lower() for word in ("arn:", "account", "key", "token"))
