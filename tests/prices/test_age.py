"""How old a price is, at most charitably, and what is said of one that is too old."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.errors import PriceError, UsageError
from smcost.prices import Component, Price, Rate, RateItem
from smcost.prices.age import AgeLimit, StalePriceError, latest_day
from smcost.remarks import WarningCode

TODAY = date(2026, 11, 24)


def price(as_of, name="ml.m5.xlarge"):
    return Price(
        region="us-east-1",
        instance_type=name,
        component=Component.HOSTING,
        usd_per_hour=Decimal("0.23"),
        source="a list",
        as_of=as_of,
    )


def rate(as_of):
    return Rate(
        region="us-east-1",
        item=RateItem.STORAGE_GB_MONTH,
        unit="GB-Mo",
        usd=Decimal("0.14"),
        source="a bill",
        as_of=as_of,
    )


def limit(days=30, *, fails=False):
    return AgeLimit(limit_days=days, fails=fails, today=TODAY)


@pytest.mark.parametrize(
    ("as_of", "day"),
    [
        ("2026-09-25", date(2026, 9, 25)),
        ("2026-09-25T00:03:13Z", date(2026, 9, 25)),
        ("2026-09-25 00:03", date(2026, 9, 25)),
        (" 2026-09 ", date(2026, 9, 30)),
        ("2024-02", date(2024, 2, 29)),
        ("2026-Q1", date(2026, 3, 31)),
        ("2026-Q2", date(2026, 6, 30)),
        ("2026-Q3", date(2026, 9, 30)),
        ("2026-Q4", date(2026, 12, 31)),
        ("2026", date(2026, 12, 31)),
    ],
)
def test_an_imprecise_date_counts_as_its_last_day(as_of, day):
    assert latest_day(as_of) == day


@pytest.mark.parametrize(
    "as_of",
    ["last week", "2026-13", "2026-02-30", "2026-Q5", "26-09-25", "2026/09/25", "0000", "2026-9-5",
     "2026-09-25x", "٢٠٢٦"],
)  # fmt: skip
def test_what_is_no_date_is_none(as_of):
    assert latest_day(as_of) is None


@given(st.dates())
def test_less_precision_never_makes_a_price_older(day):
    written = f"{day.year:04}-{day.month:02}-{day.day:02}"
    days = [latest_day(text) for text in (written, written[:7], written[:4])]
    assert days[0] == day
    assert days == sorted(days)


@pytest.mark.parametrize(
    ("as_of", "days", "stale"),
    [
        ("2026-10-25", 30, False),
        ("2026-10-24", 30, True),
        ("2026-11-24", 0, False),
        ("2026-11-23", 0, True),
        ("2026-11-23", 0.5, True),
        ("2026-Q4", 0, False),
        ("2026", 0, False),
        ("2025", 300, True),
        ("2027-01-01", 0, False),
        ("some day", 100_000, True),
    ],
)
def test_the_limit_itself_passes_and_a_day_more_does_not(as_of, days, stale):
    assert bool(limit(days).caveats([price(as_of)])) is stale


def test_one_old_price_is_named_with_its_date_its_age_and_the_limit():
    [caveat] = limit().caveats([price("2026-09-25"), price("2026-11-20")])
    assert caveat.code is WarningCode.PRICE_STALE
    assert caveat.message == (
        "The price of ml.m5.xlarge in us-east-1 is of 2026-09-25 and 60 days old, more than the "
        "30 days that --max-price-age allows"
    )


def test_a_rate_is_a_price_too():
    [caveat] = limit().caveats([price("2026-11-20"), rate("2023-12")])
    assert caveat.message.startswith("The rate storage_gb_month in us-east-1 is of 2023-12 and")


def test_a_date_that_cannot_be_read_is_called_so_and_not_an_age():
    [caveat] = limit().caveats([price("once")])
    assert "is dated 'once', which is no date, and may be of any age" in caveat.message
    assert "inf" not in caveat.message


def test_many_old_prices_make_one_caveat_with_the_oldest_of_them():
    figures = [price("2026-09-25", f"ml.m{n}.xlarge") for n in range(5)]
    [caveat] = limit().caveats([*figures, price("2026-01-31", "ml.old.xlarge"), price("2026")])
    assert caveat.message == (
        "6 of 7 prices and rates in use are older than the 30 days that --max-price-age allows; "
        "the oldest: the price of ml.old.xlarge in us-east-1 is of 2026-01-31 and 297 days old"
    )


def test_fresh_prices_say_nothing_and_never_fail():
    assert limit(fails=True).caveats([price("2026-11-20")]) == []
    assert limit(fails=True).caveats([]) == []


def test_failing_is_a_price_error_with_the_command_that_fetches_todays():
    with pytest.raises(StalePriceError) as caught:
        limit(fails=True).caveats([price("2026-09-25")])
    assert isinstance(caught.value, PriceError)
    assert caught.value.exit_code == 4
    assert "`smcost prices pull --region us-east-1`" in caught.value.remedy


@pytest.mark.parametrize(
    ("fetched_at", "remedy"),
    [
        ("2026-11-24T09:30:00Z", "fetched lately and AWS had none newer: raise --max-price-age"),
        ("2026-10-25T09:30:00Z", "fetched lately"),
        ("2026-10-24T09:30:00Z", "`smcost prices pull --region us-east-1`"),
        (None, "`smcost prices pull --region us-east-1`"),
    ],
)
def test_a_pull_is_no_remedy_where_it_was_just_done(fetched_at, remedy):
    old = replace(price("2026-09-25"), fetched_at=fetched_at)
    with pytest.raises(StalePriceError) as caught:
        limit(fails=True).caveats([old])
    assert remedy in caught.value.remedy
    assert ("(fetched " in caught.value.cause) is (fetched_at is not None)


@pytest.mark.parametrize("days", [-1, float("inf"), float("nan")])
def test_a_limit_that_means_nothing_is_refused(days):
    with pytest.raises(UsageError):
        limit(days)
