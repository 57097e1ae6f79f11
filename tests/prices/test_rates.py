"""A rate of this region and item, or an error; inferred ones say so."""

from decimal import Decimal

import pytest

from smcost.errors import InputError, PriceError
from smcost.prices import Rate, RateItem, Rates
from smcost.remarks import WarningCode


def rate(usd: str = "0.016", **changed: object) -> Rate:
    fields: dict = {
        "region": "us-east-1",
        "item": RateItem.DATA_IN_GB,
        "unit": "GB",
        "usd": Decimal(usd),
        "source": "a bill",
        "as_of": "2026-09",
    }
    return Rate(**(fields | changed))


def test_the_rate_asked_for_is_returned():
    known = rate()
    others = [rate("0.02", region="eu-west-1"), rate("0.03", item=RateItem.DATA_OUT_GB)]
    assert Rates([known, *others]).usd("us-east-1", RateItem.DATA_IN_GB) is known


def test_a_rate_is_never_taken_from_another_region():
    with pytest.raises(PriceError, match="known in: us-east-1") as caught:
        Rates([rate()]).usd("eu-west-1", RateItem.DATA_IN_GB)
    assert "--rates FILE" in caught.value.remedy


def test_it_is_known_what_is_known():
    rates = Rates([rate()]).with_user_rates([rate(region="eu-west-1")])
    assert rates.knows("us-east-1", RateItem.DATA_IN_GB)
    assert rates.knows("eu-west-1", RateItem.DATA_IN_GB)
    assert not rates.knows("us-east-1", RateItem.DATA_OUT_GB)
    assert not rates.knows("ap-south-1", RateItem.DATA_IN_GB)


def test_a_rate_that_nobody_knows_is_an_error():
    with pytest.raises(PriceError, match="known in: none"):
        Rates([]).usd("us-east-1", RateItem.STORAGE_GB_MONTH)


def test_a_user_rate_replaces_the_bundled_one_and_no_other():
    mine, out = rate("0.01", source="mine.csv"), rate(item=RateItem.DATA_OUT_GB)
    rates = Rates([rate(), out]).with_user_rates([mine])
    assert rates.usd("us-east-1", RateItem.DATA_IN_GB) is mine
    assert rates.usd("us-east-1", RateItem.DATA_OUT_GB) is out


def test_two_different_rates_are_an_error_that_names_both():
    with pytest.raises(PriceError, match=r"0\.016 \(a bill.*0\.017 \(a list"):
        Rates([rate(), rate("0.017", source="a list")]).usd("us-east-1", RateItem.DATA_IN_GB)


def test_data_may_be_free():
    assert rate("0").usd == 0


@pytest.mark.parametrize("usd", ["-0.01", "NaN", "Infinity"])
def test_negative_and_non_finite_rates_are_refused(usd):
    with pytest.raises(PriceError, match="is no rate"):
        rate(usd)


def test_a_unit_that_is_not_the_items_is_refused():
    with pytest.raises(InputError, match=r"'TB'.*'GB' is wanted"):
        rate(unit="TB")
    assert rate(item=RateItem.STORAGE_GB_MONTH, unit="GB-Mo").unit == "GB-Mo"


@pytest.mark.parametrize("field", ["region", "source", "as_of"])
def test_a_rate_without_place_origin_or_date_is_refused(field):
    with pytest.raises(InputError, match=f"has no {field}"):
        rate(**{field: ""})


def test_an_inferred_rate_says_so_with_its_reason_and_a_read_one_does_not():
    rates = Rates([])
    (caveat,) = rates.caveats(rate(source="inferred: like training storage"))
    assert caveat.code is WarningCode.RATE_INFERRED
    assert "like training storage" in caveat.message
    assert rates.caveats(rate()) == []
