"""A listing is of one region, and a Savings Plans rate is one that is sold."""

from dataclasses import FrozenInstanceError
from decimal import Decimal

import pytest

from smcost.errors import InputError, PriceError
from smcost.prices import (
    Component,
    LeftOut,
    Listing,
    PaymentOption,
    Price,
    Rate,
    RateItem,
    SavingsRate,
)


def price(**changed):
    fields = {
        "region": "eu-west-1",
        "instance_type": "ml.m5.xlarge",
        "component": Component.HOSTING,
        "usd_per_hour": Decimal("0.257"),
        "source": "a list",
        "as_of": "2026-09-25",
    }
    return Price(**(fields | changed))


def saving(**changed):
    fields = {
        "region": "eu-west-1",
        "instance_type": "ml.m5.xlarge",
        "term_years": 1,
        "payment": PaymentOption.NO_UPFRONT,
        "usd_per_hour": Decimal("0.19275"),
        "source": "a list",
        "as_of": "2026-09-25",
    }
    return SavingsRate(**(fields | changed))


def listing(**changed):
    fields = {
        "region": "eu-west-1",
        "prices": (price(),),
        "rates": (),
        "savings": (saving(),),
        "source": "a list",
        "published": "2026-09-25",
        "left_out": {LeftOut.FREE: 1},
    }
    return Listing(**(fields | changed))


def test_hosting_is_told_from_what_competes_with_it():
    other = price(component=Component.TRAINING)
    assert listing(prices=(price(), other)).hosting == (price(),)


@pytest.mark.parametrize("kind", ["prices", "rates", "savings"])
def test_a_listing_is_of_one_region(kind):
    item = RateItem.DATA_IN_GB
    rate = Rate(
        region="us-east-1", item=item, unit=item.unit, usd=Decimal(1), source="x", as_of="x"
    )
    foreign = {
        "prices": price(region="us-east-1"),
        "rates": rate,
        "savings": saving(region="us-east-1"),
    }
    with pytest.raises(InputError, match="A listing of eu-west-1 has prices of us-east-1"):
        listing(**{kind: (foreign[kind],)})


@pytest.mark.parametrize("published", ["", "yesterday", "2026-13-01", "2026"])
def test_a_listing_has_a_day_of_publication(published):
    with pytest.raises(InputError, match="no date of publication"):
        listing(published=published)


def test_a_saving_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        saving().usd_per_hour = Decimal(1)


@pytest.mark.parametrize("usd", ["0", "-0.1", "NaN", "Infinity", "10001"])
def test_a_saving_is_above_zero_and_finite(usd):
    with pytest.raises(PriceError, match="is no Savings Plans rate"):
        saving(usd_per_hour=Decimal(usd))


@pytest.mark.parametrize("term_years", [0, 2, 5])
def test_a_saving_is_for_a_term_that_is_sold(term_years):
    with pytest.raises(InputError, match=f"of {term_years} years is not sold"):
        saving(term_years=term_years)


def test_a_saving_is_of_an_ml_type():
    with pytest.raises(PriceError, match=r"'m5\.xlarge' is no SageMaker instance type"):
        saving(instance_type="m5.xlarge")


@pytest.mark.parametrize("field", ["region", "source", "as_of"])
def test_a_saving_says_where_and_when(field):
    with pytest.raises(InputError, match=f"has no {field}"):
        saving(**{field: " "})


def test_payment_options_are_their_own_names():
    assert set(PaymentOption) == {"no_upfront", "partial_upfront", "all_upfront"}
