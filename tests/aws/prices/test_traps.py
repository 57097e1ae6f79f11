"""The twelve traps that real price lists hold, each through every source."""

from decimal import Decimal

import pytest

from smcost.errors import PriceError
from smcost.prices import Catalogue, Component, InstanceType, LeftOut, Price, RateItem

REGION = "eu-west-1"


def hosting(listing):
    return {price.instance_type: str(price.usd_per_hour) for price in listing.hosting}


def catalogue(listing, *, bundled=(), deployable=True):
    types = {
        price.instance_type: InstanceType(name=price.instance_type, deployable=deployable)
        for price in listing.prices
    }
    return Catalogue(bundled, instance_types=types, regions={REGION: "aws"}, user=listing.prices)


def test_trap_1_one_type_has_a_price_for_every_component(empty_list, pull):
    empty_list.instance("ml.g4dn.xlarge", "Studio-Notebook", "0.8218000000")
    empty_list.instance("ml.g4dn.xlarge", "Training", "0.8220000000")
    empty_list.instance("ml.g4dn.xlarge", "Hosting", "0.8210000000")
    empty_list.instance("ml.p4d.24xlarge", "Hosting", "25.2510000000")
    empty_list.instance("ml.p4d.24xlarge", "Cluster", "20.9100000000")
    listing = pull(empty_list)
    assert hosting(listing) == {"ml.g4dn.xlarge": "0.821", "ml.p4d.24xlarge": "25.251"}
    assert catalogue(listing).price(REGION, "ml.g4dn.xlarge").component is Component.HOSTING
    shown = [(row.price.component, row.used) for row in catalogue(listing).rows(REGION)]
    assert shown == [
        (Component.HOSTING, True),
        (Component.STUDIO_NOTEBOOK, False),
        (Component.TRAINING, False),
        (Component.HOSTING, True),
    ]


def test_trap_2_a_training_plan_fee_is_no_price(empty_list, pull):
    fee = {"usagetype": "EU-TrainingPlanUpfrontFee:ml.p5.48xlarge", "_unit": "Quantity"}
    empty_list.instance("ml.p5.48xlarge", None, "36.1836000000", **fee)
    empty_list.instance("ml.p5.48xlarge", "Hosting", "63.2960000000")
    listing = pull(empty_list)
    assert hosting(listing) == {"ml.p5.48xlarge": "63.296"}
    assert len(listing.prices) == 1


def test_trap_2_a_quantity_is_no_hour_whatever_its_component(empty_list, pull):
    empty_list.instance("ml.p5.48xlarge", "Hosting", "36.1836000000", _unit="Quantity")
    empty_list.instance("ml.p5.4xlarge", "Hosting", "6.8800000000")
    listing = pull(empty_list)
    assert hosting(listing) == {"ml.p5.4xlarge": "6.88"}
    assert listing.left_out[LeftOut.OTHER_UNIT] == 1


@pytest.mark.parametrize("suffix", ["-Hosting", "-hosting", "-Notebook", ""])
def test_trap_3_the_suffix_of_instance_type_is_not_the_component(empty_list, pull, suffix):
    name = f"ml.m5.xlarge{suffix}"
    empty_list.instance("ml.m5.xlarge", "Hosting", "0.2570000000", instanceType=name)
    empty_list.instance("ml.m5.xlarge", "Training", "0.1110000000", instanceType=name)
    assert hosting(pull(empty_list)) == {"ml.m5.xlarge": "0.257"}


def test_trap_4_the_usage_type_decides_where_the_name_is_wrong(empty_list, pull):
    """ml.p4d.24xlarge was listed as ml.p4de.24xlarge in three regions until mid-2025."""
    usage = "EU-Host:ml.p4d.24xlarge"
    empty_list.instance("ml.p4de.24xlarge", "Hosting", "27.2730435000", usagetype=usage)
    assert hosting(pull(empty_list)) == {"ml.p4d.24xlarge": "27.2730435"}


def test_trap_4_one_type_alone_is_found_under_the_name_of_another(empty_list, pull):
    usage = "EU-Host:ml.p4d.24xlarge"
    empty_list.instance("ml.p4de.24xlarge", "Hosting", "27.2730435000", usagetype=usage)
    listing = pull(empty_list, "ml.p4d.24xlarge")
    assert hosting(listing) == {"ml.p4d.24xlarge": "27.2730435"}


def test_trap_5_wrong_specifications_are_not_read(empty_list, pull):
    """me-central-1 lists ml.c5.24xlarge with 8 GiB."""
    wrong = {"memory": "8 GiB", "vCpu": "many"}
    empty_list.instance("ml.c5.24xlarge", "Hosting", "6.0830000000", **wrong)
    listing = pull(empty_list)
    assert hosting(listing) == {"ml.c5.24xlarge": "6.083"}
    assert not {"vcpu", "memory_gib"} & set(listing.prices[0].__slots__)


def test_trap_6_descriptions_are_not_parsed(empty_list, pull):
    said = "$9.99 per Training ml.c5.large hour in US East (Ohio), or free, USD 1.0E-4"
    empty_list.instance("ml.m5.xlarge", "Hosting", "0.2570000000", _description=said)
    assert hosting(pull(empty_list)) == {"ml.m5.xlarge": "0.257"}


@pytest.mark.parametrize("location", ["EU (Ireland)", "Europe (Ireland)", "US East (Ohio)"])
def test_trap_7_the_region_code_decides_not_the_location(empty_list, pull, location):
    empty_list.instance("ml.m5.xlarge", "Hosting", "0.2570000000", location=location)
    other = {"location": "EU (Ireland)", "regionCode": "us-east-2"}
    empty_list.instance("ml.m5.large", "Hosting", "0.1150000000", **other)
    assert hosting(pull(empty_list)) == {"ml.m5.xlarge": "0.257"}


def test_trap_7_an_outpost_of_the_region_is_another_place(empty_list, pull):
    empty_list.instance("ml.m5.xlarge", "Hosting", "0.2570000000")
    empty_list.instance("ml.m5.xlarge", "Hosting", "0.1", locationType="AWS Outposts")
    assert hosting(pull(empty_list)) == {"ml.m5.xlarge": "0.257"}


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param({"_terms": None}, id="no on-demand term"),
        pytest.param({"usd": "0.0000000000"}, id="a price of zero"),
        pytest.param({"_currency": "CNY"}, id="a price in CNY"),
    ],
)
def test_trap_8_a_product_without_a_price_has_none(empty_list, pull, odd):
    empty_list.instance("ml.m5.xlarge", "Hosting", "0.2570000000")
    empty_list.instance("ml.m5.large", "Hosting", **({"usd": "0.1150000000"} | odd))
    listing = pull(empty_list)
    assert hosting(listing) == {"ml.m5.xlarge": "0.257"}
    with pytest.raises(PriceError):
        catalogue(listing).price(REGION, "ml.m5.large")


def test_trap_9_seven_decimals_are_kept(empty_list, pull):
    empty_list.instance("ml.p4de.24xlarge", "Hosting", "27.2730435000")
    empty_list.instance("ml.m5.large", "Hosting", "0.1234567891")
    [first, second] = pull(empty_list).hosting
    assert (first.usd_per_hour, second.usd_per_hour) == (
        Decimal("0.1234567891"),
        Decimal("27.2730435"),
    )


def test_trap_10_the_price_of_the_ec2_instance_is_another(empty_list, pull):
    ec2 = {"usagetype": "EU-BoxUsage:m5.xlarge"}
    empty_list.instance("m5.xlarge", "Hosting", "0.2140000000", **ec2)
    empty_list.instance("ml.m5.xlarge", "Hosting", "0.2570000000")
    listing = pull(empty_list)
    assert hosting(listing) == {"ml.m5.xlarge": "0.257"}
    assert listing.left_out[LeftOut.NO_TYPE] == 1


def test_trap_11_a_listed_price_comes_before_a_table_kept_by_hand(empty_list, pull):
    """ml.p4d.24xlarge fell from 37.69 to 25.25 in June 2025."""
    stale = Price(
        region=REGION,
        instance_type="ml.p4d.24xlarge",
        component=Component.UNSPECIFIED,
        usd_per_hour=Decimal("37.688"),
        source="a table (hand-kept)",
        as_of="2025-01",
    )
    empty_list.instance("ml.p4d.24xlarge", "Hosting", "25.2512860000")
    listing = pull(empty_list)
    found = catalogue(listing, bundled=[stale]).price(REGION, "ml.p4d.24xlarge")
    assert (found.usd_per_hour, found.as_of) == (Decimal("25.251286"), "2026-09-25")


def test_trap_12_a_type_that_cannot_host_keeps_its_price_and_is_refused(empty_list, pull):
    empty_list.instance("ml.t3.medium", "Hosting", "0.0500000000")
    listing = pull(empty_list)
    assert hosting(listing) == {"ml.t3.medium": "0.05"}
    with pytest.raises(PriceError, match="no valid endpoint type"):
        catalogue(listing, deployable=False).price(REGION, "ml.t3.medium")


def test_two_different_hosting_prices_are_both_kept_and_nobody_chooses(empty_list, pull):
    empty_list.instance("ml.m5.xlarge", "Hosting", "0.2570000000")
    empty_list.instance("ml.m5.xlarge", "Hosting", "0.2000000000")
    listing = pull(empty_list)
    assert [str(price.usd_per_hour) for price in listing.hosting] == ["0.2", "0.257"]
    with pytest.raises(PriceError, match=r"0\.2 .* and 0\.257 "):
        catalogue(listing).price(REGION, "ml.m5.xlarge")


def test_two_tiers_of_one_product_are_two_prices(empty_list, pull):
    attributes = {
        "component": "Hosting",
        "instanceName": "ml.m5.xlarge",
        "usagetype": "EU-Host:ml.m5.xlarge",
    }
    tiers = [("0", "0.2570000000"), ("720", "0.2000000000")]
    empty_list.product("ML Instance", tiers, attributes, unit="Hrs")
    assert len(pull(empty_list).hosting) == 2


def test_an_earlier_term_of_a_product_is_no_price_and_counted(empty_list, pull):
    empty_list.instance("ml.m5.xlarge", "Hosting", "0.2570000000")
    [record] = [r for r in empty_list.records if r["serviceCode"] == "AmazonSageMaker"]
    [(code, term)] = record["terms"]["OnDemand"].items()
    dimensions = {
        f"{key}.OLD": {**each, "rateCode": f"{key}.OLD", "pricePerUnit": {"USD": "0.3000000000"}}
        for key, each in term["priceDimensions"].items()
    }
    early = {**term, "effectiveDate": "2025-01-01T00:00:00Z", "priceDimensions": dimensions}
    record["terms"]["OnDemand"] = {f"{code}OLD": early, code: term}
    listing = pull(empty_list)
    assert hosting(listing) == {"ml.m5.xlarge": "0.257"}
    assert listing.left_out[LeftOut.EARLIER] == 1


def test_a_free_tier_before_the_price_is_no_price(empty_list, pull):
    attributes = {
        "component": "Hosting",
        "instanceName": "ml.m5.xlarge",
        "usagetype": "EU-Host:ml.m5.xlarge",
    }
    tiers = [("0", "0.0000000000"), ("125", "0.2570000000")]
    empty_list.product("ML Instance", tiers, attributes, unit="Hrs")
    assert hosting(pull(empty_list)) == {"ml.m5.xlarge": "0.257"}


@pytest.mark.parametrize(("also", "rates"), [(None, ["0"]), ("0.0160000000", ["0.016"])])
def test_data_that_is_free_has_a_rate_of_0_but_not_beside_a_paid_one(empty_list, pull, also, rates):
    empty_list.instance("ml.m5.xlarge", "Hosting", "0.2570000000")
    for usd in filter(None, ("0.0000000000", also)):
        data = {"group": "Hosting:IN", "usagetype": "EU-Hst:Data-Bytes-In"}
        empty_list.product("ML Instance", usd, data, unit="GB")
    found = [rate for rate in pull(empty_list).rates if rate.item is RateItem.DATA_IN_GB]
    assert [f"{rate.usd:f}" for rate in found] == rates
