"""A price refuses to be built where it would make no sense."""

from decimal import Decimal

import pytest

from smcost.errors import InputError, PriceError
from smcost.prices import Component, Price


def price(**changed: object) -> Price:
    fields: dict = {
        "region": "us-east-1",
        "instance_type": "ml.m5.xlarge",
        "component": Component.HOSTING,
        "usd_per_hour": Decimal("0.23"),
        "source": "a list",
        "as_of": "2026-09-25",
    }
    return Price(**(fields | changed))


def test_a_price_keeps_its_figure_exactly():
    assert price(usd_per_hour=Decimal("25.2512883")).usd_per_hour == Decimal("25.2512883")


@pytest.mark.parametrize("usd", ["0", "0.00", "-0.23", "NaN", "Infinity", "-Infinity"])
def test_zero_negative_and_non_finite_prices_are_refused(usd):
    with pytest.raises(PriceError, match=r"ml\.m5\.xlarge in us-east-1 is no price"):
        price(usd_per_hour=Decimal(usd))


def test_an_ec2_name_is_refused_because_its_price_is_another():
    with pytest.raises(PriceError, match="EC2 price"):
        price(instance_type="m5.xlarge")


@pytest.mark.parametrize("field", ["region", "source", "as_of"])
def test_a_price_without_place_origin_or_date_is_refused(field):
    with pytest.raises(InputError, match=f"has no {field}"):
        price(**{field: " "})


def test_hosting_is_the_best_component_and_unspecified_the_worst():
    by_rank = sorted(Component, key=lambda component: component.rank)
    assert by_rank[0] is Component.HOSTING
    assert by_rank[-1] is Component.UNSPECIFIED
    assert [c for c in Component if c.is_hosting] == [Component.HOSTING]


def test_training_and_processing_are_equally_good_and_no_others_are():
    assert Component.TRAINING.rank == Component.PROCESSING.rank
    assert len({component.rank for component in Component}) == len(Component) - 1


def test_the_price_of_a_training_cluster_is_no_stand_in():
    with pytest.raises(ValueError, match="Cluster"):
        Component("Cluster")
