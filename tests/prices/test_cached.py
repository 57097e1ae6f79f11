"""How a newly fetched list joins what is cached of a region."""

from dataclasses import replace
from decimal import Decimal

import pytest

from smcost.errors import InputError
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
from smcost.prices.cached import CachedRegion

OLD, NEW = "2026-10-01T08:00:00Z", "2026-11-24T09:30:00Z"


def price(usd, name, component=Component.HOSTING, as_of="2026-09-25"):
    return Price(
        region="us-east-1",
        instance_type=name,
        component=component,
        usd_per_hour=Decimal(usd),
        source="AWS",
        as_of=as_of,
    )


def rate(usd, item):
    return Rate(
        region="us-east-1", item=item, unit=item.unit, usd=Decimal(usd), source="AWS", as_of="2026"
    )


def saving(usd, name, term_years=1):
    return SavingsRate(
        region="us-east-1",
        instance_type=name,
        term_years=term_years,
        payment=PaymentOption.NO_UPFRONT,
        usd_per_hour=Decimal(usd),
        source="AWS",
        as_of="2026",
    )


def cached(*rows, fetched_at):
    listing = Listing(
        region="us-east-1",
        prices=tuple(row for row in rows if isinstance(row, Price)),
        rates=tuple(row for row in rows if isinstance(row, Rate)),
        savings=tuple(row for row in rows if isinstance(row, SavingsRate)),
        source="AWS",
        published="2026-09-25",
        left_out={LeftOut.FREE: 1},
    )
    return CachedRegion.of(listing, fetched_at=fetched_at)


def figures(region):
    return {
        (row.instance_type, row.component.value): (f"{row.usd_per_hour}", row.fetched_at)
        for row in region.prices
    }


def test_every_row_of_a_list_says_when_it_was_fetched():
    region = cached(
        price("0.1", "ml.a.large"),
        rate("0.2", RateItem.DATA_IN_GB),
        saving("0.05", "ml.a.large"),
        fetched_at=NEW,
    )
    rows = [*region.prices, *region.rates, *region.savings]
    assert [row.fetched_at for row in rows] == [NEW] * 3


def test_a_list_of_one_type_leaves_the_others_with_their_fetch_times():
    old = cached(price("0.1", "ml.a.large"), price("0.2", "ml.b.large"), fetched_at=OLD)
    joined = old.joined(cached(price("0.3", "ml.b.large"), fetched_at=NEW))
    assert figures(joined) == {
        ("ml.a.large", "Hosting"): ("0.1", OLD),
        ("ml.b.large", "Hosting"): ("0.3", NEW),
    }


@pytest.mark.parametrize("listed", [Component.HOSTING, Component.TRAINING])
def test_only_the_component_that_is_listed_is_replaced(listed):
    both = [price("0.1", "ml.a.large", each) for each in (Component.HOSTING, Component.TRAINING)]
    joined = cached(*both, fetched_at=OLD).joined(
        cached(price("0.09", "ml.a.large", listed), fetched_at=NEW)
    )
    assert figures(joined) == {
        ("ml.a.large", each): ("0.09", NEW) if each == listed else ("0.1", OLD)
        for each in ("Hosting", "Training")
    }


def test_rates_are_replaced_by_item_and_savings_by_type():
    old = cached(
        rate("0.14", RateItem.STORAGE_GB_MONTH),
        rate("0.016", RateItem.DATA_IN_GB),
        saving("0.05", "ml.a.large"),
        saving("0.04", "ml.a.large", 3),
        saving("0.07", "ml.b.large"),
        fetched_at=OLD,
    )
    new = cached(
        price("0.1", "ml.a.large"),
        rate("0.15", RateItem.STORAGE_GB_MONTH),
        saving("0.06", "ml.a.large"),
        fetched_at=NEW,
    )
    joined = old.joined(new)
    assert {(row.item, f"{row.usd}") for row in joined.rates} == {
        (RateItem.STORAGE_GB_MONTH, "0.15"),
        (RateItem.DATA_IN_GB, "0.016"),
    }
    assert {(row.instance_type, row.term_years, row.fetched_at) for row in joined.savings} == {
        ("ml.a.large", 1, NEW),
        ("ml.b.large", 1, OLD),
    }


def test_a_list_without_savings_leaves_those_that_are_known():
    old = cached(price("0.1", "ml.a.large"), saving("0.05", "ml.a.large"), fetched_at=OLD)
    joined = old.joined(cached(price("0.10", "ml.a.large"), fetched_at=NEW))
    assert joined.savings == old.savings


def test_savings_do_not_outlive_the_price_that_they_discount():
    names = ("ml.a.large", "ml.b.large")
    old = cached(
        *(price("40", name) for name in names),
        *(saving("27.5", name) for name in names),
        fetched_at=OLD,
    )
    joined = old.joined(cached(price("25.25", "ml.a.large"), fetched_at=NEW))
    assert [row.instance_type for row in joined.savings] == ["ml.b.large"]
    training = cached(price("25.25", "ml.a.large", Component.TRAINING), fetched_at=NEW)
    assert old.joined(training).savings == old.savings


def told(region):
    """Type -> figure, of prices and of Savings Plans rates."""
    return {
        row.instance_type: f"{row.usd_per_hour}" for row in region.prices
    }, {row.instance_type: f"{row.usd_per_hour}" for row in region.savings}  # fmt: skip


#: Types -> figures afterwards, of a cache of 2026-11-20 that a list of a day comes upon.
@pytest.mark.parametrize(
    ("as_of", "whole", "prices", "savings"),
    [
        ("2026-11-21", True, {"ml.a.large": "9", "ml.new.large": "9"}, {"ml.a.large": "8"}),
        ("2026-11-20", True, {"ml.a.large": "9", "ml.new.large": "9"}, {"ml.a.large": "8"}),
        # Sold since, or gone since: the older list cannot tell.
        (
            "2026-11-19",
            True,
            {"ml.a.large": "1", "ml.b.large": "1", "ml.new.large": "9"},
            {"ml.a.large": "0.5"},
        ),
        (
            "2026-11-21",
            False,
            {"ml.a.large": "9", "ml.b.large": "1", "ml.new.large": "9"},
            {"ml.a.large": "8"},
        ),
        (
            "2026-11-19",
            False,
            {"ml.a.large": "1", "ml.b.large": "1", "ml.new.large": "9"},
            {"ml.a.large": "0.5"},
        ),
    ],
)
def test_the_later_date_wins_row_by_row(as_of, whole, prices, savings):
    old = cached(
        *(price("1", name, as_of="2026-11-20") for name in ("ml.a.large", "ml.b.large")),
        saving("0.5", "ml.a.large"),
        fetched_at=OLD,
    )
    fresh = cached(
        *(price("9", name, as_of=as_of) for name in ("ml.a.large", "ml.new.large")),
        saving("8", "ml.a.large"),
        fetched_at=NEW,
    )
    later = old.later_than(fresh, as_of if whole else None)
    assert told(old.replaced(fresh, later, whole=whole)) == (prices, savings)


def test_rates_are_compared_by_item_and_those_gone_are_gone():
    def of(item, as_of):
        return replace(rate("1", item), as_of=as_of)

    data, storage = RateItem.DATA_IN_GB, RateItem.STORAGE_GB_MONTH
    old = cached(of(data, "2026-11-20"), of(storage, "2026-11-20"), fetched_at=OLD)
    fresh = cached(price("1", "ml.a.large"), of(data, "2026-11-01"), fetched_at=NEW)
    later = old.later_than(fresh, "2026-09-25")
    # Without a price in the cache the list is not older than it, so storage is gone.
    assert [(row.item, row.as_of) for row in later.rates] == [(data, "2026-11-20")]


def test_joining_the_same_list_twice_is_joining_it_once():
    old = cached(price("0.1", "ml.a.large"), price("0.2", "ml.b.large"), fetched_at=OLD)
    new = cached(price("0.3", "ml.b.large"), price("0.4", "ml.c.large"), fetched_at=NEW)
    assert old.joined(new).joined(new) == old.joined(new)


def test_the_newest_date_is_that_of_the_prices():
    region = cached(
        price("0.1", "ml.a.large", as_of="2026-09-25"),
        price("0.1", "ml.b.large", as_of="2026-10-02"),
        fetched_at=NEW,
    )
    assert region.newest == "2026-10-02"
    assert cached(saving("0.05", "ml.a.large"), fetched_at=NEW).newest is None


@pytest.mark.parametrize("fault", ["another region", "no fetch time"])
def test_a_row_that_does_not_belong_is_refused(fault):
    row = cached(price("0.1", "ml.a.large"), fetched_at=NEW).prices[0]
    region = "eu-west-1" if fault == "another region" else "us-east-1"
    rows = (row,) if fault == "another region" else (price("0.1", "ml.a.large"),)
    with pytest.raises(InputError) as caught:
        CachedRegion(region=region, prices=rows, rates=(), savings=())
    assert f"smcost prices pull --region {region}" in caught.value.remedy
