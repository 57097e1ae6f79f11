"""Every source gives the same numbers, and all that a bill needs."""

import gzip
import json
from dataclasses import replace

import pytest

from smcost.errors import PriceError
from smcost.prices import Component, LeftOut, PaymentOption, RateItem
from smcost.read.aws.access import Aws
from smcost.read.price_list_api import pull_from_api
from smcost.read.price_list_bulk import pull_from_bulk
from smcost.read.price_list_file import read_price_list

REGION = "eu-west-1"
RATES = {
    RateItem.STORAGE_GB_MONTH: "0.154",
    RateItem.DATA_IN_GB: "0.016",
    RateItem.DATA_OUT_GB: "0.016",
    RateItem.SERVERLESS_GB_SECOND: "0.00002",
    RateItem.SERVERLESS_RESERVED_GB_SECOND: "0.0000095",
    RateItem.SERVERLESS_RESERVED_EXECUTION_GB_SECOND: "0.0000115",
    RateItem.S3_STORAGE_GB_MONTH: "0.023",
    RateItem.S3_PUT_REQUEST: "0.000005",
    RateItem.CLOUDWATCH_METRIC_MONTH: "0.3",
    RateItem.CLOUDWATCH_GET_METRIC_DATA: "0.00001",
}


def numbers(listing):
    """All of a listing but where it was read and what was left out."""
    return (
        listing.region,
        listing.published,
        [replace(price, source="x") for price in listing.prices],
        [replace(rate, source="x") for rate in listing.rates],
        [replace(rate, source="x", as_of="x") for rate in listing.savings],
    )


def test_every_rate_of_the_bill_is_found(price_list, pull):
    listing = pull(price_list)
    assert {rate.item: f"{rate.usd:f}" for rate in listing.rates} == RATES
    assert len(listing.rates) == len(RateItem)
    assert {rate.as_of for rate in listing.rates} == {"2026-09-25"}


def test_asynchronous_prices_are_competing_rows(price_list, pull):
    components = {price.component for price in pull(price_list).prices}
    assert components == {
        Component.HOSTING,
        Component.ASYNC_INFERENCE,
        Component.BATCH_TRANSFORM,
        Component.STUDIO_NOTEBOOK,
        Component.TRAINING,
    }


def test_all_sources_give_the_same_numbers(price_list, serve_api, bulk_server, tmp_path):
    serve_api(price_list)
    api = pull_from_api(Aws(region="us-west-2"), REGION)
    bulk_server.files = price_list.files()
    bulk = pull_from_bulk(REGION)
    assert numbers(bulk) == numbers(api)
    assert numbers(pull_from_bulk(REGION, form="csv")) == numbers(api)
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(price_list.answer()), encoding="utf-8")
    [pasted] = read_price_list(path)
    assert numbers(pasted)[:4] == numbers(api)[:4]
    assert len({api.source, bulk.source, pasted.source}) == 3


def test_savings_plans_rates_are_those_of_hosting(price_list, serve_api, bulk_server):
    serve_api(price_list)
    bulk_server.files = price_list.files()
    for listing in (
        pull_from_api(Aws(region="us-west-2"), REGION),
        pull_from_bulk(REGION),
        pull_from_bulk(REGION, form="csv"),
    ):
        assert len(listing.savings) == 2 * 6
        assert {str(rate.usd_per_hour) for rate in listing.savings} == {"0.19275"}
        assert {rate.term_years for rate in listing.savings} == {1, 3}
        assert {rate.payment for rate in listing.savings} == set(PaymentOption)
        by_type = {price.instance_type: price.sku for price in listing.hosting}
        assert {rate.instance_type: rate.sku for rate in listing.savings} == by_type
        assert listing.left_out[LeftOut.OTHER_PLAN] == 2 * 6


@pytest.mark.parametrize("sku", ["", "SKU9999999999999"])
def test_a_plan_is_joined_by_usage_type_where_the_sku_is_unknown(empty_list, bulk_server, sku):
    empty_list.instance("ml.m5.xlarge", "Hosting", "0.2570000000")
    empty_list.plan(sku, "0.19", "EU-Host:ml.m5.xlarge", only=0)
    bulk_server.files = empty_list.files()
    [saving] = pull_from_bulk(REGION).savings
    assert (saving.instance_type, saving.payment) == ("ml.m5.xlarge", "no_upfront")


def test_a_plan_is_joined_by_sku_where_the_usage_type_is_unknown(empty_list, bulk_server):
    sku = empty_list.instance("ml.m5.xlarge", "Hosting", "0.2570000000")
    empty_list.plan(sku, "0.19", "EU-Hosting:renamed", only=5)
    bulk_server.files = empty_list.files()
    [saving] = pull_from_bulk(REGION).savings
    assert (saving.sku, saving.term_years, saving.payment) == (sku, 3, "all_upfront")


def test_one_type_alone_comes_with_the_rates_of_the_region(price_list, pull, request):
    if "cli output" in request.node.name:
        pytest.skip("a saved answer has the types that were asked for")
    listing = pull(price_list, "ml.m5.xlarge")
    assert {price.instance_type for price in listing.prices} == {"ml.m5.xlarge"}
    assert len(listing.rates) == len(RateItem)
    assert {rate.instance_type for rate in listing.savings} == {"ml.m5.xlarge"}


def test_a_type_without_a_hosting_price_is_no_empty_listing(price_list, pull, request):
    if "cli output" in request.node.name:
        pytest.skip("a saved answer has the types that were asked for")
    with pytest.raises(PriceError, match=r"no Hosting price of ml\.m5\.24xlarge in eu-w") as found:
        pull(price_list, "ml.m5.24xlarge")
    assert found.value.remedy == "Nearest are ml.m5.xlarge, ml.g4dn.xlarge"


def test_more_than_a_page_of_products_is_had_in_full(empty_list, pull):
    for number in range(230):
        empty_list.instance(f"ml.m{number}.xlarge", "Hosting", "0.2570000000")
    assert len(pull(empty_list).hosting) == 230


def test_the_file_may_hold_several_regions(price_list, tmp_path):
    price_list.instance("ml.m5.xlarge", "Hosting", "0.2300000000", regionCode="us-east-1")
    for name, text in (
        ("answer.json", json.dumps(price_list.answer())),
        ("bulk.json", json.dumps(price_list.bulk())),
        ("bulk.csv", price_list.bulk_csv()),
    ):
        path = tmp_path / f"{name}.gz"
        path.write_bytes(gzip.compress(text.encode()))
        ireland, virginia = read_price_list(path)
        assert (ireland.region, virginia.region) == ("eu-west-1", "us-east-1")
        assert [str(price.usd_per_hour) for price in virginia.prices] == ["0.23"]
        assert len(ireland.hosting) == 2


def test_no_credentials_go_to_the_public_files(price_list, bulk_server):
    bulk_server.files = price_list.files()
    pull_from_bulk(REGION)
    assert len(bulk_server.asked) == 8
    for _, headers in bulk_server.asked:
        assert not {"authorization", "x-amz-security-token", "cookie"} & {
            name.lower() for name in headers
        }
        assert headers["User-Agent"].startswith("smcost/")
