"""What is read of a single product: its type, its price, its tiers."""

import json
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.prices import LeftOut, RateItem
from smcost.read.price_list_rates import (
    GIVEN_BY_HAND,
    RULES,
    SAGEMAKER,
    SizedRate,
    per_gb_second,
    read_rate,
)
from smcost.read.price_list_record import (
    Attributes,
    Dimension,
    Term,
    amount,
    date_of,
    in_force,
    read_record,
    usd_by_tier,
)

HOURS = frozenset({"Hrs"})


@pytest.mark.parametrize(
    ("usagetype", "name", "found"),
    [
        ("USE1-Host:ml.m5.xlarge", "ml.m5.xlarge", "ml.m5.xlarge"),
        ("Host:ml.m5.xlarge", "", "ml.m5.xlarge"),
        ("AFS1-Studio:KernelGateway-ml.r5.24xlarge", "ml.r5.24xlarge", "ml.r5.24xlarge"),
        ("EU-Host:ml.p4d.24xlarge", "ml.p4de.24xlarge", "ml.p4d.24xlarge"),
        ("USE1-Host:ml.p6-b200.48xlarge", "", "ml.p6-b200.48xlarge"),
        ("USE1-Host:ml.p6e-gb200.36xlarge", "", "ml.p6e-gb200.36xlarge"),
        ("USE1-Host:ml.c7i.metal", "", "ml.c7i.metal"),
        ("USE1-Other", "ml.m5.xlarge", "ml.m5.xlarge"),
        ("USE1-Host:ml.m5.xlarge.x", "ml.m5.xlarge", None),
        ("USE1-Host:ml.m5.xlarge:spot", "ml.m5.xlarge", None),
        ("USE1-BoxUsage:m5.xlarge", "m5.xlarge", None),
        ("", "", None),
    ],
)
def test_the_usage_type_names_the_instance(usagetype, name, found):
    assert Attributes(usagetype=usagetype, instance_name=name).instance_type == found


def term(*tiers):
    """``(begin, unit, currency, price)`` of every tier."""
    return Term(
        price_dimensions={
            f"tier {at}": Dimension(unit=unit, price_per_unit={currency: usd}, begin_range=begin)
            for at, (begin, unit, currency, usd) in enumerate(tiers)
        }
    )


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        ([], LeftOut.NO_ON_DEMAND),
        ([term()], LeftOut.NO_ON_DEMAND),
        ([term(("0", "Quantity", "USD", "1"))], LeftOut.OTHER_UNIT),
        ([term(("0", "hrs", "USD", "1"))], LeftOut.OTHER_UNIT),
        ([term(("0", "Hrs", "CNY", "1"))], LeftOut.NO_USD),
        ([term(("0", "Hrs", "USD", "0.0000000000"))], LeftOut.FREE),
        ([term(("0", "Hrs", "USD", "1.5000000000"))], [Decimal("1.5")]),
        ([term(("9", "Hrs", "USD", "1"), ("0", "Hrs", "USD", "2"))], [Decimal(2), Decimal(1)]),
        ([term(("10", "Hrs", "USD", "1"), ("9", "Hrs", "USD", "2"))], [Decimal(2), Decimal(1)]),
        ([term(("0", "Hrs", "USD", "0"), ("9", "Hrs", "USD", "2"))], [Decimal(2)]),
        ([term(("0", "Hrs", "USD", "1")), term(("0", "Hrs", "USD", "2"))], [1, 2]),
        ([term(("0", "Hrs", "CNY", "9"), ("0", "Hrs", "USD", "2"))], [Decimal(2)]),
    ],
)
def test_prices_are_had_tier_by_tier_or_why_not(terms, found):
    assert usd_by_tier(terms, HOURS) == found


@pytest.mark.parametrize(
    ("tiers", "usd"),
    [
        pytest.param([("0", "GB", "USD", "0.0000000000")], "0", id="free"),
        pytest.param([("0", "GB", "USD", "0"), ("9", "GB", "USD", "0")], "0", id="free tiers"),
        pytest.param([("0", "GB", "USD", "0"), ("9", "GB", "USD", "2")], "2", id="free, then paid"),
        pytest.param([("9", "GB", "USD", "1"), ("0", "GB", "USD", "2")], "2", id="two paid"),
    ],
)
def test_a_rate_is_its_first_tier_above_0_and_0_where_it_is_free(tiers, usd):
    free = Attributes(usagetype="EU-Hst:Data-Bytes-In", group="Hosting:IN")
    assert read_rate(free, [term(*tiers)], SAGEMAKER) == [(RateItem.DATA_IN_GB, Decimal(usd))]


def test_two_prices_of_one_tier_of_a_rate_are_both_kept():
    paid = Attributes(usagetype="EU-Hst:Data-Bytes-In", group="Hosting:IN")
    terms = [term(("0", "GB", "USD", usd), ("9", "GB", "USD", "0.1")) for usd in ("0.3", "0.2")]
    found = read_rate(paid, terms, SAGEMAKER)
    assert found == [(RateItem.DATA_IN_GB, Decimal(usd)) for usd in ("0.2", "0.3")]


@pytest.mark.parametrize(
    ("begins", "kept"),
    [
        ([], []),
        ([""], [0]),
        (["2026-01-01T00:00:00Z", "2026-09-01T00:00:00Z"], [1]),
        (["2026-09-01", "2026-01-01"], [0]),
        (["2026-09-01", "2026-09-01"], [0, 1]),
        # Announced, and not yet in force.
        (["2026-09-01", "2026-12-01"], [0]),
        (["2027-01-01", "2026-12-01"], [1]),
    ],
)
def test_the_terms_that_came_into_effect_last_count(begins, kept):
    terms = [Term(price_dimensions={}, effective_date=begin) for begin in begins]
    found = in_force(terms, "2026-09-25")
    assert [id(term) for term in found] == [id(terms[at]) for at in kept]


@given(st.decimals(min_value=0, max_value=10_000, places=10))
def test_an_amount_is_exact_and_plain(value):
    read = amount(f"{value:.10f}")
    assert read == value
    assert "E" not in str(read) or read < Decimal("1e-6")
    assert str(read).rstrip("0") == str(read) or "." not in str(read)


@pytest.mark.parametrize(
    "text", ["", "free", "NaN", "-1", "-0.0000001", "Infinity", "0,5", "1 000"]
)
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match="is no amount"):
        amount(text)


@pytest.mark.parametrize("moment", ["2026-09-25T00:03:13Z", "2026-09-25", "2026-09-25T00:03:13.5Z"])
def test_a_publication_has_a_day(moment):
    assert date_of(moment) == "2026-09-25"


@pytest.mark.parametrize("moment", ["", "now", "25.9.2026", "2026-9-25", "2026-09-255"])
def test_a_publication_without_a_day_is_refused(moment):
    with pytest.raises(ValueError, match="publication date"):
        date_of(moment)


def test_an_entry_is_read_as_text_or_decoded():
    entry = {"product": {"sku": "A", "attributes": {}}, "publicationDate": "2026-09-25"}
    assert read_record(json.dumps(entry)) == read_record(entry)
    assert read_record(entry).terms.on_demand == {}


@pytest.mark.parametrize("entry", [None, "null", " null ", 5, [], "5", {}, {"product": None}])
def test_an_entry_that_is_none_is_refused(entry):
    with pytest.raises((ValueError, msgspec.MsgspecError)):
        read_record(entry)


def test_the_service_is_found_beside_the_product_or_in_it():
    product = {"sku": "A", "attributes": {"servicecode": "AmazonS3"}}
    bare = {"product": product, "publicationDate": "2026-09-25"}
    assert read_record(bare).service == "AmazonS3"
    assert read_record(bare | {"serviceCode": "AmazonSageMaker"}).service == "AmazonSageMaker"


def test_every_item_of_a_bill_has_one_rule():
    assert sorted(rule.item for rule in RULES) == sorted(set(RateItem) - GIVEN_BY_HAND)


def sizes(**usd_by_gb):
    return [
        SizedRate(
            item=RateItem.SERVERLESS_GB_SECOND,
            memory_gb=int(name[1:]),
            usd_per_second=Decimal(usd),
        )
        for name, usd in usd_by_gb.items()
    ]


def test_the_rate_per_gb_is_that_of_the_largest_size():
    """0.0000233 a second at 2 GB is rounded; at 6 GB the rounding weighs a third as much."""
    found = per_gb_second(sizes(_1="0.0000117", _2="0.0000233", _6="0.0000700"))
    assert [str(usd) for usd in found] == ["0.000011666667"]


def test_two_prices_of_one_size_are_two_rates_however_close():
    twice = sizes(_6="0.0000700") + sizes(_6="0.0000701")
    assert len(per_gb_second(twice)) == 2


@given(
    st.decimals(min_value="0.000001", max_value="0.001", places=9),
    st.sets(st.integers(1, 6), min_size=1),
)
def test_sizes_that_are_linear_give_one_rate(usd, gigabytes):
    linear = sizes(**{f"_{gb}": usd * gb for gb in gigabytes})
    assert per_gb_second(linear) == [usd]
