"""Price lists in files: what people paste and save, and what is refused of it."""

import gzip
import json
import os
from pathlib import Path
from threading import Thread

import pytest

from smcost.errors import InputError, PriceError
from smcost.prices import Component, LeftOut
from smcost.read.price_list_file import read_price_list
from smcost.read.price_list_plans import plan_rates, read_plans

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "data" / "prices" / "samples"


@pytest.fixture
def save(tmp_path):
    def save_file(content, name="prices.json"):
        path = tmp_path / name
        if not isinstance(content, bytes | str):
            content = json.dumps(content)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return save_file


def refusal(path, kind=InputError):
    with pytest.raises(kind) as caught:
        read_price_list(path)
    error = caught.value
    assert str(path) in error.place
    for sentence in (error.cause, error.remedy):
        assert not sentence.endswith(".")
        assert "\n" not in sentence
    return error


def prices(path):
    [listing] = read_price_list(path)
    return {(p.instance_type, p.component): p.usd_per_hour for p in listing.prices}


def texts(price_list):
    return price_list.answer()["PriceList"]


@pytest.fixture
def whole(price_list, save):
    return prices(save(price_list.answer(), "whole.json"))


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(lambda p: json.dumps(p.answer()), id="whole answer in one line"),
        pytest.param(lambda p: json.dumps(p.answer(), indent=4), id="as the CLI prints it"),
        pytest.param(lambda p: json.dumps(texts(p), indent=4), id="--query PriceList"),
        pytest.param(lambda p: "\t".join(texts(p)), id="--output text, with tabs"),
        pytest.param(lambda p: "\n".join(texts(p)), id="--output text, by line"),
        pytest.param(lambda p: json.dumps({"PriceList": p.records}), id="texts decoded by a tool"),
        pytest.param(lambda p: json.dumps(p.records, indent=2), id="records in a list"),
        pytest.param(
            lambda p: "".join(json.dumps(r, indent=2) for r in p.records), id="records in a row"
        ),
        pytest.param(
            lambda p: json.dumps({"PriceList": texts(p)[:9], "NextToken": "x"}, indent=4)
            + "\n"
            + json.dumps({"PriceList": texts(p)[9:], "FormatVersion": "aws_v1"}),
            id="two pages in a row",
        ),
        pytest.param(
            lambda p: json.dumps(p.answer()) + json.dumps(p.answer()), id="the same page twice"
        ),
        pytest.param(lambda p: "\n\n  " + json.dumps(p.answer()) + "\r\n\n", id="blank lines"),
        pytest.param(lambda p: "\ufeff" + json.dumps(p.answer()), id="byte order mark"),
        pytest.param(lambda p: json.dumps(p.bulk(), indent=2), id="bulk JSON"),
        pytest.param(lambda p: "\ufeff" + json.dumps(p.bulk()), id="bulk JSON with mark"),
        pytest.param(lambda p: p.bulk_csv(), id="bulk CSV"),
        pytest.param(lambda p: p.bulk_csv().replace("\n", "\r\n"), id="bulk CSV of Windows"),
        pytest.param(lambda p: "\ufeff" + p.bulk_csv(), id="bulk CSV with mark"),
        pytest.param(lambda p: p.bulk_csv().replace('"Instance Name"', "instanceName"),
                     id="bulk CSV with an attribute's own name"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
def test_every_form_gives_the_same_prices(price_list, save, whole, form, packed):
    content = form(price_list).encode()
    path = save(gzip.compress(content) if packed else content, "any.gz" if packed else "any")
    assert prices(path) == whole
    assert len(whole) == 2 * 5


def test_a_pipe_is_read_too(price_list, whole, tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = Thread(target=path.write_text, args=(json.dumps(price_list.answer()),))
    writer.start()
    assert prices(path) == whole
    writer.join()


def test_what_was_left_out_is_counted_by_reason(price_list, save):
    price_list.instance("ml.p4d.24xlarge", "Cluster", "25.91")
    price_list.instance("ml.m5.xlarge", "Notebook", "0.2")
    price_list.instance("ml.m5.xlarge", "Hosting", "0.0")
    [listing] = read_price_list(save(price_list.answer()))
    assert dict(listing.left_out) == {
        LeftOut.OTHER_COMPONENT: 2,
        LeftOut.FREE: 1,
        LeftOut.NOT_BILLED: 2,  # training storage, overhead of Intelligent-Tiering
    }
    assert listing.source == "AWS Price List, file prices.json"


def test_rates_alone_are_a_listing(price_list, save):
    [listing] = read_price_list(save(price_list.bulk("AmazonS3")))
    assert listing.prices == ()
    assert [str(rate.usd) for rate in listing.rates] == ["0.000005", "0.023"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param("hello", "no line begins with SKU", id="text"),
        pytest.param("region,usd\neu-west-1,1\n", "no line begins with SKU", id="another CSV"),
        pytest.param("<html></html>", "no line begins with SKU", id="HTML"),
        pytest.param('"FormatVersion","v1.0"\n', "no line begins with SKU", id="no header"),
        pytest.param("{}", "neither an answer of aws pricing", id="empty object"),
        pytest.param('{"PriceList": "x"}', "neither an answer", id="no list"),
        pytest.param('{"Reservations": []}', "neither an answer", id="another service"),
        pytest.param("[1, 2]", "Expected `object`, got `int`", id="a list of numbers"),
        pytest.param('["{not json"]', "JSON is malformed", id="no JSON inside"),
        pytest.param('["null"]', "it is null", id="null inside"),
        pytest.param("[null]", "it is null", id="null"),
        pytest.param('{"PriceList": [', "Expecting value", id="cut off"),
        pytest.param(b'{"PriceList": ["\xff"]}', "codec can't decode", id="no UTF-8"),
        pytest.param('{"offerCode": "X", "products": []}', "Savings Plans file", id="plans"),
        pytest.param('{"offerCode": "X", "products": {', "truncated", id="bulk cut off"),
        pytest.param('{"offerCode": "X", "products": 5}', "$.products", id="bulk of another form"),
        pytest.param(b"PAR1", "Parquet", id="Parquet"),
        pytest.param(b"{\x00}", "NUL byte", id="binary"),
    ],
)
def test_what_is_no_price_list_is_refused(save, content, said):
    error = refusal(save(content))
    assert said in error.cause


@pytest.mark.parametrize("content", ["", b"\x1f\x8b" + b"damaged" * 9])
def test_a_file_without_readable_content_is_refused(save, content):
    refusal(save(content))


def test_a_missing_file_is_refused(tmp_path):
    assert "no such file" in refusal(tmp_path / "none.json").cause


@pytest.mark.parametrize("cut", [0.3, 0.9, 0.999])
@pytest.mark.parametrize("form", ["answer", "bulk", "bulk_csv"])
def test_a_file_that_was_cut_off_is_refused(price_list, save, form, cut):
    made = getattr(price_list, form)()
    content = made.rstrip("\n") if isinstance(made, str) else json.dumps(made)
    refusal(save(content[: int(len(content) * cut)]))


def test_a_bad_entry_is_named_by_its_number(price_list, save):
    answer = price_list.answer()
    answer["PriceList"][4] = answer["PriceList"][4].replace('"0.', '"o.')
    error = refusal(save(answer))
    assert error.place.endswith("prices.json, entry 5 of PriceList")
    assert "is no amount" in error.cause


def test_a_cut_paste_is_named_by_its_row(price_list, save):
    lines = json.dumps(price_list.answer(), indent=4).splitlines()
    error = refusal(save("\n".join([*lines[:7], "--More--", *lines[7:]])))
    assert error.place.endswith(", row 8")


def test_an_answer_that_goes_on_is_no_whole_one(price_list, save):
    error = refusal(save(price_list.answer() | {"NextToken": "abc"}))
    assert "NextToken" in error.cause
    assert "--max-items" in error.remedy


@pytest.mark.parametrize("content", ['{"PriceList": []}', "[]"])
def test_an_empty_answer_is_no_price(save, content):
    error = refusal(save(content), PriceError)
    assert error.cause == "The price list has no Hosting price of an instance"


def test_an_answer_without_a_usable_price_says_what_it_has(empty_list, save):
    empty_list.records.clear()
    empty_list.instance("ml.m5.xlarge", "Hosting", "0.2", _currency="CNY")
    error = refusal(save(empty_list.answer()), PriceError)
    assert error.cause.endswith("(left out: 1 without a price in USD)")
    assert "China" in error.remedy


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('"Unit",', '"Units",'), "lacks the columns unit"),
        (('"Publication Date",', '"Published",'), "lack publicationdate"),
        (('"OfferCode",', '"Offer",'), "lack offercode"),
        (('"Hrs",', '"Hrs","surplus",'), "cells, and the header has"),
        (('"0.2570000000"', '"0,257"'), "'0,257' is no amount"),
        (('"Hrs",', '"Hrs"x,'), "no valid CSV"),
        (("2026-09-25T", "25 September "), "the publication date is"),
    ],
)
def test_a_csv_that_was_changed_is_refused(price_list, save, change, said):
    error = refusal(save(price_list.bulk_csv().replace(*change)))
    assert said in error.cause


@pytest.mark.parametrize("form", ["answer", "bulk", "bulk_csv"])
def test_a_price_beyond_reason_is_refused(price_list, save, form):
    price_list.instance("ml.m5.large", "Hosting", "25700000")
    error = refusal(save(getattr(price_list, form)()))
    assert "(A price of 25700000 USD per hour for ml.m5.large in eu-west-1 is no price)" in (
        error.cause
    )


def test_reserved_rows_of_a_csv_are_not_read(price_list, save, whole):
    rows = price_list.bulk_csv().splitlines()
    reserved = rows[6].replace("OnDemand", "Reserved").replace("0.2570000000", "0.1")
    assert prices(save("\n".join([*rows, reserved]))) == whole


def test_a_serverless_size_that_no_rounding_explains_is_a_second_rate(empty_list, save):
    for gb, usd in (("6", "0.0001200000"), ("1", "0.0000200000"), ("2", "0.0000450000")):
        sized = {"group": "ServerlessInf", "usagetype": f"EU-ServerlessInf:Mem-{gb}GB"}
        empty_list.product("ML Serverless", usd, sized, unit="seconds")
    [listing] = read_price_list(save(empty_list.bulk()))
    assert [str(rate.usd) for rate in listing.rates] == ["0.00002", "0.0000225"]


@pytest.mark.parametrize(("memory", "usage"), [("4", "EU-ServerlessInf:Mem"), ("", "x-4GB")])
def test_the_memory_size_is_taken_from_either_place(empty_list, save, memory, usage):
    sized = {"group": "ServerlessInf", "usagetype": usage, "memorygb": memory}
    empty_list.product("ML Serverless", "0.0000800000", sized, unit="Second")
    [listing] = read_price_list(save(empty_list.bulk()))
    assert [f"{rate.usd:f}" for rate in listing.rates] == ["0.00002"]


def test_a_serverless_price_of_unknown_size_is_no_rate(empty_list, save):
    sized = {"group": "ServerlessInf", "usagetype": "EU-ServerlessInf", "memorygb": "NA"}
    empty_list.product("ML Serverless", "0.0000800000", sized, unit="Second")
    empty_list.instance("ml.m5.xlarge", "Hosting", "0.257")
    [listing] = read_price_list(save(empty_list.bulk()))
    assert listing.rates == ()


needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the reference data is not beside the checkout"
)


@needs_samples
def test_the_composite_sample_gives_the_price_that_the_cli_printed():
    """us-east-2 ml.g6.xlarge, as quoted of `aws pricing get-products` in public code."""
    [listing] = read_price_list(SAMPLES / "COMPOSITE_hosting_product.json")
    line = (SAMPLES / "real_cli_line__USE2_g6.txt").read_text(encoding="utf-8").splitlines()[1]
    instance_type, _usage, usd, unit, *_ = line.split()
    [price] = listing.prices
    assert (price.instance_type, f"{price.usd_per_hour}000000") == (instance_type, usd)
    assert (price.region, unit) == ("us-east-2", "Hrs")
    assert (price.component, price.as_of) == (Component.HOSTING, "2026-09-25")


@needs_samples
def test_a_real_csv_of_another_offer_is_read_and_has_no_price_of_ours():
    """A real head of a bulk CSV: quoted metadata, tiers in rows of their own."""
    error = refusal(SAMPLES / "real_bulk_csv_head__comprehend.csv")
    assert error.cause.startswith("This is the price list of 'comprehend', and one of Amazon")


@needs_samples
def test_real_savings_plans_records_are_read(tmp_path):
    """Two rates of the plan of 1 year, partial upfront; both are of other components."""
    sample = json.loads((SAMPLES / "real_ml_savings_plan_records.json").read_text("utf-8"))
    whole = {"regionCode": "af-south-1", "publicationDate": "2023-12-06T16:45:12Z"}
    content = json.dumps(whole | {"products": [sample["product"]], "terms": sample["terms"]})
    found = [
        (rate.usage_type, rate.term_years, rate.payment_option, rate.price, rate.unit)
        for rate in plan_rates(read_plans(content.encode()))
    ]
    assert found == [
        ("AFS1-Studio:KernelGateway-ml.r5.24xlarge", 1, "partial_upfront", "6.6768", "Hrs"),
        ("USE1-Train:ml.m4.16xlarge", 1, "partial_upfront", "2.60544", "Hrs"),
    ]


@needs_samples
def test_a_real_savings_plans_csv_is_told_from_an_offer():
    error = refusal(SAMPLES / "real_savings_plan_csv_head__AWSDatabaseSavingsPlans.csv")
    assert error.cause.startswith("This is a Savings Plans file")


def test_a_price_list_of_another_service_is_named(price_list, save):
    for content in (price_list.bulk("AmazonEC2"), price_list.bulk_csv("AmazonEC2")):
        assert "the price list of 'AmazonEC2'" in refusal(save(content)).cause


def test_savings_plans_alone_are_named(price_list, save):
    for content in (price_list.plans(), price_list.plans_csv()):
        error = refusal(save(content))
        assert error.cause == "This is a Savings Plans file, which has no on-demand prices"
