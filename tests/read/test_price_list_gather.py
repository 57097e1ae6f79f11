"""Laws of gathering: order, repetition and cuts never change a number in silence."""

import json
import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.errors import InputError, PriceError
from smcost.prices import Component, LeftOut, RateItem, Rates
from smcost.read.price_list_gather import COMPONENTS, Gathering
from smcost.read.price_list_offer import gather_json, is_bulk
from smcost.read.price_list_rates import SAGEMAKER
from smcost.read.price_list_record import (
    Attributes,
    Dimension,
    PlanRate,
    Product,
    Term,
)

PUBLISHED = "2026-09-25T00:03:13Z"


def product(sku, instance_type, component, region="eu-west-1"):
    return Product(
        sku=sku,
        attributes=Attributes(
            region_code=region,
            component=component,
            instance_name=instance_type,
            usagetype=f"EU-{component}:{instance_type}",
        ),
    )


def data(sku):
    attributes = Attributes(region_code="eu-west-1", group="Hosting:IN", usagetype="EU-Hst:In")
    return Product(sku=sku, attributes=attributes)


def term(usd, unit="Hrs", since=""):
    dimension = Dimension(unit=unit, price_per_unit={"USD": usd})
    return Term(price_dimensions={"a": dimension}, effective_date=since)


def plan(sku, usd="0.1", years=1):
    return PlanRate(
        discounted_sku=sku,
        usage_type="",
        service="AmazonSageMaker",
        unit="Hrs",
        currency="USD",
        price=usd,
        term_years=years,
        payment="No Upfront",
    )


entries = st.lists(
    st.tuples(
        st.sampled_from(["ml.m5.xlarge", "ml.g5.xlarge", "ml.c5.large"]),
        st.sampled_from([*COMPONENTS, "Cluster", ""]),
        st.decimals(min_value=0, max_value=99, places=7),
        st.sampled_from(["eu-west-1", "us-east-1"]),
    ),
    max_size=12,
)


def gathered(found):
    gathering = Gathering(source="a list")
    for number, (instance_type, component, usd, region) in found:
        made = product(f"SKU{number}", instance_type, component, region)
        gathering.add(made, [term(f"{usd}")], service="AmazonSageMaker", published=PUBLISHED)
    try:
        return gathering.listings()
    except PriceError:
        return []


@given(entries, st.randoms(use_true_random=False))
def test_the_order_of_the_entries_never_matters(found, rng):
    numbered = list(enumerate(found))
    shuffled = list(numbered)
    rng.shuffle(shuffled)
    assert gathered(shuffled) == gathered(numbered)


@given(entries)
def test_an_entry_that_comes_twice_is_one(found):
    numbered = list(enumerate(found))
    again = gathered(numbered + numbered)
    assert [listing.prices for listing in again] == [
        listing.prices for listing in gathered(numbered)
    ]


@given(entries)
def test_every_entry_is_a_price_or_left_out_with_a_reason(found):
    for listing in gathered(list(enumerate(found))):
        here = [entry for entry in found if entry[3] == listing.region]
        assert len(listing.prices) + sum(listing.left_out.values()) == len(here)
        assert all(price.usd_per_hour > 0 for price in listing.prices)


def bulk():
    rng = random.Random(1)
    skus = [f"SKU{number}" for number in range(5)]
    return {
        "formatVersion": "v1.0",
        "offerCode": "AmazonSageMaker",
        "publicationDate": PUBLISHED,
        "products": {
            sku: {
                "sku": sku,
                "attributes": {
                    "regionCode": "eu-west-1",
                    "component": "Hosting",
                    "usagetype": f"EU-Host:ml.m5.{number}xlarge",
                },
            }
            for number, sku in enumerate(skus)
        },
        "terms": {
            "OnDemand": {
                sku: {"t": {"priceDimensions": {"d": {
                    "unit": "Hrs", "pricePerUnit": {"USD": f"{rng.uniform(0.1, 9):.10f}"},
                }}}}
                for sku in skus
            }
        },
    }  # fmt: skip


@settings(max_examples=200)
@given(st.data())
def test_a_bulk_file_that_is_cut_anywhere_is_refused(data):
    content = json.dumps(bulk()).encode()
    at = data.draw(st.integers(0, len(content) - 1))
    gathering = Gathering(source="x")
    with pytest.raises(InputError):
        gather_json(content[:at], gathering, "a file")
    with pytest.raises(PriceError):
        gathering.listings()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b'{"formatVersion": "v1.0", "offerCode" : "AmazonSageMaker"', True),
        (b'{ "products" : {', True),
        (b'{"PriceList": ["{\\"offerCode\\": 1, \\"products\\": {}}"]}', False),
        (b'{"product": {"sku": "A"}}', False),
        (b"[]", False),
    ],
)
def test_a_bulk_file_is_told_from_an_answer(content, found):
    assert is_bulk(content) is found


@pytest.mark.parametrize("component", ["Hosting", "hosting", "HOSTING"])
def test_a_component_is_known_in_any_spelling(component):
    [listing] = gathered([(1, ("ml.m5.xlarge", component, Decimal(1), "eu-west-1"))])
    assert [price.component for price in listing.prices] == [Component.HOSTING]


@pytest.mark.parametrize(
    "component",
    ["Cluster", "Cluster-Reserved", "Notebook", "SpotTraining", "Studio-JupyterLab", "Canvas"],
)
def test_what_is_no_stand_in_for_hosting_is_left_out(component):
    found = [
        (1, ("ml.m5.xlarge", component, Decimal(1), "eu-west-1")),
        (2, ("ml.m5.xlarge", "Hosting", Decimal(2), "eu-west-1")),
    ]
    [listing] = gathered(found)
    assert [price.usd_per_hour for price in listing.prices] == [2]
    assert listing.left_out == {LeftOut.OTHER_COMPONENT: 1}


@pytest.mark.parametrize("days", [("2025-01-01", "2026-09-25"), ("2026-09-25", "2025-01-01")])
def test_of_two_publications_of_one_product_the_later_counts_and_it_is_said(days):
    """Old and new answers in one file, in either order."""
    gathering = Gathering(source="a list")
    prices = {"2025-01-01": "37.688", "2026-09-25": "25.251"}
    for day in days:
        made = product("SKU1", "ml.p4d.24xlarge", "Hosting")
        gathering.add(made, [term(prices[day])], service="AmazonSageMaker", published=day)
        gathering.add(data("SKU2"), [term(prices[day], "GB")], service=SAGEMAKER, published=day)
    [listing] = gathering.listings()
    assert [(str(p.usd_per_hour), p.as_of) for p in listing.prices] == [("25.251", "2026-09-25")]
    assert [(str(rate.usd), rate.as_of) for rate in listing.rates] == [("25.251", "2026-09-25")]
    assert listing.published == "2026-09-25"
    assert listing.left_out == {LeftOut.EARLIER: 2}


def test_two_products_of_one_type_stay_two_prices_whatever_their_day():
    gathering = Gathering(source="a list")
    for sku, day, usd in (("SKU1", "2025-01-01", "37.688"), ("SKU2", "2026-09-25", "25.251")):
        made = product(sku, "ml.p4d.24xlarge", "Hosting")
        gathering.add(made, [term(usd)], service="AmazonSageMaker", published=day)
    [listing] = gathering.listings()
    assert [str(price.usd_per_hour) for price in listing.prices] == ["25.251", "37.688"]
    assert listing.left_out == {}


def test_of_two_terms_of_one_product_the_later_counts_and_it_is_said():
    gathering = Gathering(source="a list")
    terms = [term("37.688", since="2025-01-01"), term("25.251", since="2026-06-01")]
    made = product("SKU1", "ml.p4d.24xlarge", "Hosting")
    gathering.add(made, terms, service="AmazonSageMaker", published=PUBLISHED)
    [listing] = gathering.listings()
    assert [str(price.usd_per_hour) for price in listing.prices] == ["25.251"]
    assert listing.left_out == {LeftOut.EARLIER: 1}


def test_two_terms_of_one_day_of_a_rate_are_two_rates():
    gathering = Gathering(source="a list")
    terms = [term("0.1", "GB"), term("0.2", "GB")]
    gathering.add(data("SKU1"), terms, service=SAGEMAKER, published=PUBLISHED)
    [listing] = gathering.listings()
    assert [str(rate.usd) for rate in listing.rates] == ["0.1", "0.2"]
    with pytest.raises(PriceError, match="Several rates data_in_gb match"):
        Rates(listing.rates).usd("eu-west-1", RateItem.DATA_IN_GB)


def test_a_product_without_a_region_is_left_out_and_said():
    found = [
        (1, ("ml.m5.xlarge", "Hosting", Decimal(1), "eu-west-1")),
        (2, ("ml.m5.large", "Hosting", Decimal(2), "")),
    ]
    [listing] = gathered(found)
    assert [price.instance_type for price in listing.prices] == ["ml.m5.xlarge"]
    assert listing.left_out == {LeftOut.NO_REGION: 1}
    gathering = Gathering(source="a list")
    nowhere = product("SKU1", "ml.m5.large", "Hosting", region="")
    gathering.add(nowhere, [term("1")], service=SAGEMAKER, published=PUBLISHED)
    with pytest.raises(PriceError, match="1 without a region code"):
        gathering.listings()


def test_a_saving_needs_its_hosting_product():
    gathering = Gathering(source="a list", region="eu-west-1")
    for sku, component in (("HOST", "Hosting"), ("TRAIN", "Training")):
        made = product(sku, "ml.m5.xlarge", component)
        gathering.add(made, [term("1")], service="AmazonSageMaker", published=PUBLISHED)
    for rate in (
        plan("HOST"),
        plan("TRAIN"),
        plan("NONE"),
        plan("HOST", "0"),
        plan("HOST", years=2),
    ):
        gathering.add_plan_rate("eu-west-1", rate, published=PUBLISHED)
    listing = gathering.listing_with_hosting("eu-west-1")
    assert [rate.sku for rate in listing.savings] == ["HOST"]
    assert listing.left_out == {LeftOut.OTHER_PLAN: 4}


def test_an_offer_of_another_service_gives_no_instance_hours():
    gathering = Gathering(source="a list")
    made = product("SKU1", "ml.m5.xlarge", "Hosting")
    gathering.add(made, [term("1")], service="AmazonEC2", published=PUBLISHED)
    with pytest.raises(PriceError, match="1 nothing that an endpoint is billed for"):
        gathering.listings()
