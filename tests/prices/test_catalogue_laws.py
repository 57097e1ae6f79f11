"""What holds for every catalogue, whatever rows it is built from."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.errors import PriceError
from smcost.prices import Catalogue, Component, InstanceType, Price

REGIONS = {"us-east-1": "aws", "eu-west-1": "aws"}
TYPES = {
    "ml.m5.large": InstanceType(name="ml.m5.large", deployable=True),
    "ml.t3.medium": InstanceType(name="ml.t3.medium", deployable=False),
}

ROWS = st.lists(
    st.builds(
        Price,
        region=st.sampled_from(sorted(REGIONS)),
        instance_type=st.sampled_from([*TYPES, "ml.x9.large"]),
        component=st.sampled_from(Component),
        usd_per_hour=st.sampled_from([Decimal("0.1"), Decimal("0.2")]),
        source=st.sampled_from(["one", "two"]),
        as_of=st.sampled_from(["2025", "2026-09-25"]),
    ),
    max_size=8,
)
REGION = st.sampled_from(sorted(REGIONS))
TYPE = st.sampled_from([*TYPES, "ml.x9.large"])


def answer(catalogue: Catalogue, region: str, instance_type: str) -> Decimal | None:
    """Return the figure, or ``None`` where the catalogue refuses."""
    try:
        return catalogue.price(region, instance_type).usd_per_hour
    except PriceError:
        return None


def build(bundled: list[Price], user: list[Price]) -> Catalogue:
    return Catalogue(bundled, user=user, instance_types=TYPES, regions=REGIONS)


@given(ROWS, ROWS, REGION, TYPE)
def test_a_price_is_always_one_of_the_rows_of_this_region_and_type(bundled, user, region, name):
    try:
        price = build(bundled, user).price(region, name)
    except PriceError:
        return
    assert (price.region, price.instance_type) == (region, name)
    assert price in bundled + user


@given(ROWS, ROWS, REGION, TYPE)
def test_the_order_of_the_rows_never_changes_the_answer(bundled, user, region, name):
    forwards, backwards = build(bundled, user), build(bundled[::-1], user[::-1])
    assert answer(forwards, region, name) == answer(backwards, region, name)


@given(ROWS, ROWS, REGION, TYPE)
def test_no_row_known_for_the_key_is_better_than_the_one_used(bundled, user, region, name):
    try:
        price = build(bundled, user).price(region, name)
    except PriceError:
        return
    of_key = [p for p in user if (p.region, p.instance_type) == (region, name)] or [
        p for p in bundled if (p.region, p.instance_type) == (region, name)
    ]
    assert price.component.rank == min(p.component.rank for p in of_key)


@given(ROWS, ROWS, REGION)
def test_bundled_rows_never_matter_where_the_user_has_the_key(bundled, user, region):
    for name in {price.instance_type for price in user if price.region == region}:
        alone, together = build([], user), build(bundled, user)
        assert answer(alone, region, name) == answer(together, region, name)


@given(ROWS, ROWS, REGION, TYPE)
def test_the_row_marked_as_used_is_the_one_that_is_used(bundled, user, region, name):
    catalogue = build(bundled, user)
    if not any((p.region, p.instance_type) == (region, name) for p in bundled + user):
        with pytest.raises(PriceError):
            catalogue.rows(region, name)
        return
    used = [row.price.usd_per_hour for row in catalogue.rows(region, name) if row.used]
    figure = answer(catalogue, region, name)
    assert set(used) == (set() if figure is None else {figure})
