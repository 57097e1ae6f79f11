"""Laws of gathering: order, repetition and cuts never change a number in silence."""

import json
import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.errors import InputError, PriceError
from smcost.prices import Component, LeftOut
from smcost.read.price_list_gather import COMPONENTS, Gathering
from smcost.read.price_list_offer import gather_json, is_bulk
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


def term(usd):
    return Term(price_dimensions={"a": Dimension(unit="Hrs", price_per_unit={"USD": usd})})


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


def test_two_publications_of_one_price_are_two_prices():
    """Old and new answers in one file: the later is not chosen in silence."""
    gathering = Gathering(source="a list")
    for day, usd in (("2025-01-01", "37.688"), ("2026-09-25", "25.251")):
        made = product("SKU1", "ml.p4d.24xlarge", "Hosting")
        gathering.add(made, [term(usd)], service="AmazonSageMaker", published=day)
    [listing] = gathering.listings()
    assert [(str(p.usd_per_hour), p.as_of) for p in listing.prices] == [
        ("25.251", "2026-09-25"),
        ("37.688", "2025-01-01"),
    ]
    assert listing.published == "2026-09-25"


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
