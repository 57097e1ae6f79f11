"""One price per region and type, or an error that names the way out."""

from decimal import Decimal

import pytest

from smcost.errors import PriceError
from smcost.prices import Catalogue, Component, InstanceType, Price
from smcost.remarks import WarningCode

REGIONS = {"us-east-1": "aws", "eu-west-1": "aws", "eu-west-2": "aws", "cn-north-1": "aws-cn"}
TYPES = {
    name: InstanceType(name=name, deployable=deployable)
    for name, deployable in {
        "ml.m5.large": True,
        "ml.m5.xlarge": True,
        "ml.g5.xlarge": True,
        "ml.t3.medium": False,
    }.items()
}


def price(
    usd: str,
    instance_type: str = "ml.m5.xlarge",
    component: Component = Component.HOSTING,
    region: str = "us-east-1",
    source: str = "a list",
    as_of: str = "2026-09-25",
) -> Price:
    return Price(
        region=region,
        instance_type=instance_type,
        component=component,
        usd_per_hour=Decimal(usd),
        source=source,
        as_of=as_of,
    )


def catalogue(*bundled: Price, user: tuple[Price, ...] = ()) -> Catalogue:
    return Catalogue(bundled, user=user, instance_types=TYPES, regions=REGIONS)


def refusal(prices: Catalogue, region: str, instance_type: str) -> PriceError:
    with pytest.raises(PriceError) as caught:
        prices.price(region, instance_type)
    assert caught.value.exit_code == 4
    return caught.value


def test_the_price_asked_for_is_returned():
    known = price("0.23")
    assert catalogue(known, price("0.257", region="eu-west-1")).price(
        "us-east-1", "ml.m5.xlarge"
    ) == (known)


def test_the_better_component_wins_even_where_it_is_dearer_and_older():
    hosting = price("0.24", as_of="2023-12")
    studio = price("0.23", component=Component.STUDIO_NOTEBOOK)
    assert catalogue(studio, hosting).price("us-east-1", "ml.m5.xlarge") is hosting


def test_a_user_price_hides_every_bundled_row_even_of_a_better_component():
    mine = price("0.19", component=Component.TRAINING, source="mine.csv")
    prices = catalogue(price("0.23")).with_user_prices([mine])
    assert prices.price("us-east-1", "ml.m5.xlarge") is mine


def test_a_user_price_leaves_other_types_and_regions_alone():
    large, ireland = price("0.115", "ml.m5.large"), price("0.257", region="eu-west-1")
    prices = catalogue(large, ireland).with_user_prices([price("0.19")])
    assert prices.price("us-east-1", "ml.m5.large") is large
    assert prices.price("eu-west-1", "ml.m5.xlarge") is ireland


def test_different_prices_of_one_rank_are_an_error_that_names_both_with_their_sources():
    error = refusal(
        catalogue(user=(price("0.23", source="one.csv"), price("0.24", source="two.csv"))),
        "us-east-1",
        "ml.m5.xlarge",
    )
    for part in ("0.23", "one.csv", "0.24", "two.csv"):
        assert part in error.cause


def test_training_and_processing_that_differ_are_a_tie():
    training = price("0.23", component=Component.TRAINING)
    processing = price("0.24", component=Component.PROCESSING)
    refusal(catalogue(training, processing), "us-east-1", "ml.m5.xlarge")


def test_equal_prices_of_one_rank_agree_and_the_newest_is_named():
    old, new = price("0.23", as_of="2025-01-26"), price("0.230", as_of="2026-09-25")
    assert catalogue(new, old).price("us-east-1", "ml.m5.xlarge") is new


def test_a_mistyped_region_gets_the_nearest_codes():
    error = refusal(catalogue(price("0.23")), "eu-wset-1", "ml.m5.xlarge")
    assert "'eu-wset-1'" in error.cause
    assert "eu-west-1" in error.remedy


def test_a_region_unlike_any_other_gets_no_suggestion():
    error = refusal(catalogue(price("0.23")), "moon", "ml.m5.xlarge")
    assert "Nearest" not in error.remedy


@pytest.mark.parametrize("asked", ["ml.m5.xlrage", "m5.xlarge", "ML.M5.XLARGE"])
def test_a_mistyped_type_gets_the_nearest_names(asked):
    error = refusal(catalogue(price("0.23")), "us-east-1", asked)
    assert asked in error.cause
    assert "Nearest are ml.m5.xlarge" in error.remedy


def test_a_type_that_cannot_host_is_refused_with_types_that_can():
    error = refusal(catalogue(price("0.23")), "us-east-1", "ml.t3.medium")
    assert "no valid endpoint type" in error.cause
    assert "ml.t3.medium" not in error.remedy


def test_a_type_that_cannot_host_is_refused_even_where_the_user_has_a_price_of_it():
    mine = price("0.05", "ml.t3.medium")
    error = refusal(catalogue(user=(mine,)), "us-east-1", "ml.t3.medium")
    assert "no valid endpoint type" in error.cause


def test_a_known_type_without_a_price_here_is_never_priced_from_elsewhere():
    prices = catalogue(price("0.257", region="eu-west-1"), price("0.115", "ml.m5.large"))
    error = refusal(prices, "us-east-1", "ml.m5.xlarge")
    assert "it has one in eu-west-1" in error.cause
    assert "ml.m5.large have one here" in error.cause
    assert "0.257" not in str(error)


def test_a_missing_price_comes_with_the_command_that_fetches_it():
    error = refusal(catalogue(price("0.115", "ml.m5.large")), "us-east-1", "ml.g5.xlarge")
    assert ("`smcost prices pull --region us-east-1 --instance-type ml.g5.xlarge`") in error.remedy
    assert "--prices FILE" in error.remedy


def test_a_pull_is_not_suggested_where_the_price_list_is_not_in_usd():
    error = refusal(catalogue(price("0.23")), "cn-north-1", "ml.m5.xlarge")
    assert "prices pull" not in error.remedy
    assert "--prices FILE" in error.remedy


def test_a_long_list_of_other_regions_is_cut():
    regions = {f"xx-test-{n}": "aws" for n in range(9)}
    elsewhere = [price("0.23", region=region) for region in regions]
    prices = Catalogue(elsewhere, instance_types=TYPES, regions=regions | REGIONS)
    assert "xx-test-2 and 6 other regions" in refusal(prices, "us-east-1", "ml.m5.xlarge").cause


def test_a_newer_type_or_region_counts_as_known_once_the_user_has_a_price_of_it():
    mine = price("9.99", "ml.x9.large", region="xx-new-1")
    prices = catalogue(user=(mine,))
    assert prices.price("xx-new-1", "ml.x9.large") is mine
    assert [c.code for c in prices.caveats(mine)] == [WarningCode.TYPE_NOT_LISTED]


def test_a_hosting_price_of_a_listed_type_has_no_caveat():
    known = price("0.23")
    assert catalogue(known).caveats(known) == []


def test_a_stand_in_says_its_component_and_date():
    studio = price("0.23", component=Component.STUDIO_NOTEBOOK, as_of="2025-12-05")
    (caveat,) = catalogue(studio).caveats(studio)
    assert caveat.code is WarningCode.PRICE_NOT_HOSTING
    assert "Studio-Notebook" in caveat.message
    assert "2025-12-05" in caveat.message


def test_within_a_cent_says_how_much_of_the_price_a_cent_is():
    cheap = price("0.05", component=Component.ALL_WITHIN_A_CENT)
    (caveat,) = catalogue(cheap).caveats(cheap)
    assert "20.0%" in caveat.message


def test_a_price_from_an_unlabelled_table_is_called_both():
    unlabelled = price("5.12", component=Component.UNSPECIFIED, source="somebody's table")
    caveats = catalogue(unlabelled).caveats(unlabelled)
    assert [c.code for c in caveats] == [
        WarningCode.PRICE_NOT_HOSTING,
        WarningCode.PRICE_HAND_KEPT,
    ]
    assert "somebody's table" in caveats[1].message


def test_rows_list_every_competitor_and_mark_the_one_that_counts():
    mine = price("0.19", component=Component.TRAINING, source="mine.csv")
    hosting, studio = price("0.23"), price("0.231", component=Component.STUDIO_NOTEBOOK)
    rows = catalogue(studio, hosting, user=(mine,)).rows("us-east-1", "ml.m5.xlarge")
    assert [(row.price, row.used) for row in rows] == [
        (mine, True),
        (hosting, False),
        (studio, False),
    ]


def test_rows_of_a_region_are_sorted_by_type_and_leave_other_regions_out():
    prices = catalogue(
        price("0.23"), price("0.115", "ml.m5.large"), price("0.257", region="eu-west-1")
    )
    rows = prices.rows("us-east-1")
    assert [row.price.instance_type for row in rows] == ["ml.m5.large", "ml.m5.xlarge"]
    assert all(row.used for row in rows)


def test_rows_mark_none_where_price_would_refuse_to_choose():
    tie = catalogue(price("0.23"), price("0.24")).rows("us-east-1", "ml.m5.xlarge")
    cannot_host = catalogue(price("0.05", "ml.t3.medium")).rows("us-east-1", "ml.t3.medium")
    assert [row.used for row in tie + cannot_host] == [False, False, False]


def test_rows_with_nothing_to_show_are_refused_like_the_price():
    with pytest.raises(PriceError, match=r"No price of ml\.g5\.xlarge"):
        catalogue(price("0.23")).rows("us-east-1", "ml.g5.xlarge")
    with pytest.raises(PriceError, match="no known AWS region"):
        catalogue(price("0.23")).rows("us-eest-1")


def test_a_known_region_without_any_price_says_so_and_is_not_called_unknown():
    with pytest.raises(PriceError, match="No price in eu-west-2 is known"):
        catalogue(price("0.23")).rows("eu-west-2")
