"""``--prices``, cache, bundled: the first that has a key decides, and the others stay in sight."""

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.errors import PriceError
from smcost.prices import (
    Catalogue,
    Component,
    InstanceType,
    Layer,
    Price,
    Rate,
    RateItem,
    Rates,
)

TYPES = {"ml.m5.xlarge": InstanceType(name="ml.m5.xlarge", deployable=True)}
REGIONS = {"us-east-1": "aws", "cn-north-1": "aws-cn"}
USD = {Layer.PRICES_FILE: "0.1", Layer.CACHE: "0.2", Layer.BUNDLED: "0.3"}
#: Every combination of layers that have the key, but for none at all.
PRESENT = [
    tuple(layer for layer, there in zip(Layer, bits, strict=True) if there)
    for bits in product((True, False), repeat=3)
    if any(bits)
]


def price(usd, name="ml.m5.xlarge", component=Component.HOSTING, region="us-east-1"):
    return Price(
        region=region,
        instance_type=name,
        component=component,
        usd_per_hour=Decimal(usd),
        source="a list",
        as_of="2026-09-25",
    )


def rate(usd, item=RateItem.DATA_IN_GB, region="us-east-1"):
    return Rate(
        region=region,
        item=item,
        unit=item.unit,
        usd=Decimal(usd),
        source="a list",
        as_of="2026-09-25",
    )


def catalogue(bundled=(), cached=(), user=()):
    return Catalogue(bundled, cached=cached, user=user, instance_types=TYPES, regions=REGIONS)


def named(layers):
    return "+".join(layers)


@pytest.mark.parametrize("present", PRESENT, ids=named)
def test_the_first_layer_that_has_the_type_decides(present):
    rows = {layer: [price(USD[layer])] if layer in present else [] for layer in Layer}
    prices = catalogue(rows[Layer.BUNDLED], rows[Layer.CACHE], rows[Layer.PRICES_FILE])
    assert prices.price("us-east-1", "ml.m5.xlarge").usd_per_hour == Decimal(USD[present[0]])
    shown = prices.rows("us-east-1", "ml.m5.xlarge")
    assert [(row.layer, row.used) for row in shown] == [
        (layer, layer is present[0]) for layer in present
    ]
    assert [f"{row.price.usd_per_hour}" for row in shown] == [USD[layer] for layer in present]


@pytest.mark.parametrize("present", PRESENT, ids=named)
def test_the_first_layer_that_has_the_item_decides(present):
    rows = {layer: [rate(USD[layer])] if layer in present else [] for layer in Layer}
    rates = Rates(rows[Layer.BUNDLED], cached=rows[Layer.CACHE], user=rows[Layer.PRICES_FILE])
    assert rates.usd("us-east-1", RateItem.DATA_IN_GB).usd == Decimal(USD[present[0]])
    assert [(row.layer, row.used) for row in rates.rows("us-east-1")] == [
        (layer, layer is present[0]) for layer in present
    ]


def test_the_users_rows_are_taken_whole_even_where_another_layer_has_a_better_component():
    training = price("0.2", component=Component.TRAINING)
    prices = catalogue([price("0.3")], [price("0.4")], [training])
    assert prices.price("us-east-1", "ml.m5.xlarge") is training


def test_a_cached_stand_in_does_not_hide_a_bundled_hosting_price():
    training, hosting = price("0.2", component=Component.TRAINING), price("0.3")
    prices = catalogue([hosting], [training])
    assert prices.price("us-east-1", "ml.m5.xlarge") is hosting
    shown = prices.rows("us-east-1", "ml.m5.xlarge")
    assert [(row.layer, row.used) for row in shown] == [(Layer.CACHE, False), (Layer.BUNDLED, True)]


def test_a_cached_type_leaves_other_types_and_regions_to_the_bundled_prices():
    other, elsewhere = price("0.3", "ml.c5.large"), price("0.3", region="cn-north-1")
    prices = catalogue([other, elsewhere], [price("0.2")])
    assert prices.price("us-east-1", "ml.c5.large") is other
    assert prices.price("cn-north-1", "ml.m5.xlarge") is elsewhere


def test_layers_are_added_in_any_order():
    bundled, cached, user = ([price(USD[layer])] for layer in reversed(Layer))
    one = catalogue(bundled).with_cached_prices(cached).with_user_prices(user)
    other = catalogue(bundled).with_user_prices(user).with_cached_prices(cached)
    for prices in (one, other):
        shown = prices.rows("us-east-1", "ml.m5.xlarge")
        assert [row.price for row in shown] == [*user, *cached, *bundled]
    mine, stored = [rate("0.1")], [rate("0.2")]
    for rates in (
        Rates([rate("0.3")]).with_user_rates(mine).with_cached_rates(stored),
        Rates([rate("0.3")]).with_cached_rates(stored).with_user_rates(mine),
    ):
        assert [row.rate for row in rates.rows("us-east-1")] == [*mine, *stored, rate("0.3")]


def test_a_region_that_only_the_cache_has_is_known():
    cached = price("0.2", region="xx-new-1")
    assert catalogue(cached=[cached]).price("xx-new-1", "ml.m5.xlarge") is cached


@pytest.mark.parametrize(
    ("layer", "remedy"),
    [
        (Layer.PRICES_FILE, "Leave one of them in the file given with --prices"),
        (Layer.CACHE, "Give the right one with --prices FILE"),
        (Layer.BUNDLED, "Give the right one with --prices FILE"),
    ],
)
def test_several_figures_of_one_layer_are_refused_with_a_way_out_that_exists(layer, remedy):
    rows = {Layer.PRICES_FILE: (), Layer.CACHE: (), Layer.BUNDLED: ()}
    rows[layer] = (price("0.2"), price("0.25"))
    prices = catalogue(rows[Layer.BUNDLED], rows[Layer.CACHE], rows[Layer.PRICES_FILE])
    with pytest.raises(PriceError) as caught:
        prices.price("us-east-1", "ml.m5.xlarge")
    assert remedy in caught.value.remedy
    assert not any(row.used for row in prices.rows("us-east-1", "ml.m5.xlarge"))


def test_several_rates_that_differ_leave_none_in_use():
    rates = Rates([], cached=[rate("0.2"), rate("0.25")])
    assert [row.used for row in rates.rows("us-east-1")] == [False, False]
    with pytest.raises(PriceError):
        rates.usd("us-east-1", RateItem.DATA_IN_GB)


def test_a_missing_rate_comes_with_the_command_that_fetches_it():
    with pytest.raises(PriceError) as caught:
        Rates([]).usd("eu-west-1", RateItem.DATA_IN_GB)
    assert "`smcost prices pull --region eu-west-1`" in caught.value.remedy


def test_an_empty_region_comes_with_the_command_that_fills_it():
    with pytest.raises(PriceError) as caught:
        catalogue().rows("us-east-1")
    assert "`smcost prices pull --region us-east-1`" in caught.value.remedy
    with pytest.raises(PriceError) as caught:
        catalogue().rows("cn-north-1")
    assert "prices pull" not in caught.value.remedy


ROWS = st.lists(
    st.builds(
        price,
        st.sampled_from(["0.1", "0.2"]),
        st.sampled_from(["ml.m5.xlarge", "ml.c5.large"]),
        st.sampled_from([Component.HOSTING, Component.TRAINING]),
    ),
    max_size=5,
)


@given(ROWS, ROWS, ROWS)
def test_what_is_used_is_of_the_users_rows_or_else_of_the_best_component(bundled, cached, user):
    prices = catalogue(bundled, cached, user)
    for name in ("ml.m5.xlarge", "ml.c5.large"):
        layers = [[p for p in rows if p.instance_type == name] for rows in (user, cached, bundled)]
        if not any(layers):
            continue
        by_component = sorted(
            [rows for rows in layers[1:] if rows],
            key=lambda rows: not any(row.component.is_hosting for row in rows),
        )
        first = layers[0] or by_component[0]
        shown = prices.rows("us-east-1", name)
        assert len(shown) == sum(map(len, layers))
        used = [row.price for row in shown if row.used]
        assert len(used) <= 1
        assert all(found in first for found in used)
