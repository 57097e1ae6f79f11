"""The Pricing and Savings Plans APIs, asked with real boto3, failing in every way they can."""

import json
from functools import partial

import pytest

from smcost.errors import AwsError, PriceError
from smcost.read.aws.access import Aws
from smcost.read.price_list_api import pull_from_api

REGION = "eu-west-1"


def pull(**changes):
    return pull_from_api(Aws(region="us-west-2"), REGION, **changes)


def refusal(**changes):
    with pytest.raises(AwsError) as caught:
        pull(**changes)
    error = caught.value
    for sentence in (error.cause, error.remedy):
        assert sentence
        assert not sentence.endswith(".")
        assert "\n" not in sentence
    return error


def first_page(aws, change):
    """Let ``change`` alter the answer to the first question for Hosting prices."""
    whole = aws.next_answer("GetProducts", {"ServiceCode": "AmazonSageMaker", "Filters": []})
    changed = []

    def answer(question):
        found = serve(question)
        if not changed:
            changed.append(question)
            return change(found)
        return found

    serve = aws._answers["GetProducts"][0]
    assert whole["PriceList"]
    aws.answers("GetProducts", answer)


def test_it_asks_in_us_east_1_what_botocore_knows(price_list, serve_api):
    aws = serve_api(price_list)
    pull()
    asked = aws.questions("GetProducts")
    assert all("us-east-1" in headers["Authorization"] for headers in aws.headers)
    assert {each["ServiceCode"] for each in asked} == {
        "AmazonSageMaker",
        "AmazonS3",
        "AmazonCloudWatch",
    }
    filters = {f["Field"]: f["Value"] for f in asked[0]["Filters"]}
    assert filters == {
        "regionCode": REGION,
        "productFamily": "ML Instance",
        "component": "Hosting",
    }
    assert all({"Field": "regionCode", "Value": REGION, "Type": "TERM_MATCH"} in each["Filters"]
               for each in asked)  # fmt: skip
    [plans] = {json.dumps({**q, "nextToken": ""}) for q in
               aws.questions("DescribeSavingsPlansOfferingRates")}  # fmt: skip
    assert json.loads(plans)["serviceCodes"] == ["AmazonSageMaker"]
    assert "usageTypes" not in json.loads(plans)


def test_one_type_is_asked_for_by_name_and_by_usage_type(price_list, serve_api):
    aws = serve_api(price_list)
    pull(instance_type="ml.m5.xlarge")
    names = [
        f["Value"]
        for question in aws.questions("GetProducts")
        for f in question["Filters"]
        if f["Field"] == "instanceName"
    ]
    assert names == ["ml.m5.xlarge"] * 5
    [plans, *_] = aws.questions("DescribeSavingsPlansOfferingRates")
    assert plans["usageTypes"] == ["EU-Host:ml.m5.xlarge"]


def test_savings_plans_can_be_left_unasked(price_list, serve_api):
    aws = serve_api(price_list)
    assert pull(savings_plans=False).savings == ()
    assert aws.questions("DescribeSavingsPlansOfferingRates") == []


@pytest.mark.parametrize("name", ["throttled", "broken", "cut", "slow"])
def test_a_passing_fault_is_waited_out(price_list, serve_api, name):
    aws = serve_api(price_list)
    whole = pull()
    serve = aws._answers["GetProducts"][0]
    aws.answers("GetProducts", aws.faults[name], serve)
    assert pull() == whole


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("throttled", "AWS throttles the calls, after several tries"),
        ("expired", "The credentials have expired"),
        ("broken", "AWS failed by itself (InternalFailure), after several tries"),
        ("page", "The answer is empty, cut off or not one of AWS's, twice"),
        ("nothing", "The answer is empty, cut off or not one of AWS's, twice"),
        ("denied", "The credentials may not call pricing:GetProducts"),
    ],
)
def test_a_fault_that_stays_is_one_cause_and_one_remedy(price_list, serve_api, name, cause):
    aws = serve_api(price_list)
    aws.answers("GetProducts", aws.faults[name])
    error = refusal()
    assert (error.cause, error.place) == (cause, "pricing GetProducts")


def test_without_the_savings_plans_there_is_no_half_a_listing(price_list, serve_api):
    aws = serve_api(price_list)
    aws.answers("DescribeSavingsPlansOfferingRates", aws.faults["page"])
    error = refusal()
    assert "The answer is empty" in error.cause
    assert error.place == "savingsplans DescribeSavingsPlansOfferingRates"


def test_where_savings_plans_may_not_be_asked_for_the_rest_comes_and_it_is_said(
    price_list, serve_api
):
    aws = serve_api(price_list)
    whole = pull()
    aws.answers("DescribeSavingsPlansOfferingRates", aws.faults["denied"])
    found = pull()
    assert (found.prices, found.rates, found.savings) == (whole.prices, whole.rates, ())
    assert whole.savings_unread is None
    assert "may not call savingsplans:Describe" in found.savings_unread.message


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        pytest.param("{not json", "JSON is malformed", id="no JSON"),
        pytest.param('{"product": {"sku": "A", ', "truncated", id="half an entry"),
        pytest.param("null", "it is null", id="null"),
        pytest.param("[]", "Expected `object`, got `array`", id="a list"),
        pytest.param('{"product": {}}', "missing required field", id="no SKU"),
        pytest.param('{"product": 5, "publicationDate": "x"}', "$.product", id="a number"),
    ],
)
def test_a_bad_entry_is_named(price_list, serve_api, entry, said):
    aws = serve_api(price_list)

    def spoil(answer):
        return answer | {"PriceList": [answer["PriceList"][0], entry]}

    first_page(aws, spoil)
    error = refusal()
    assert error.cause.startswith("Entry 2 of PriceList for regionCode eu-west-1, productFamily")
    assert said in error.cause
    assert error.place == "pricing GetProducts"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("0.2570000000", "0,257"), "'0,257' is no amount"),
        (("0.2570000000", "NaN"), "'NaN' is no amount"),
        (("2026-09-25T00:03:13Z", "yesterday"), "the publication date is 'yesterday'"),
        (("0.2570000000", "25700000"), "A price of 25700000 USD per hour"),
    ],
)
def test_an_entry_that_makes_no_sense_is_named(price_list, serve_api, change, said):
    aws = serve_api(price_list)
    first_page(aws, lambda a: a | {"PriceList": [text.replace(*change) for text in a["PriceList"]]})
    error = refusal()
    assert error.cause.startswith("Entry 1 of PriceList for ")
    assert said in error.cause


def test_an_empty_page_in_the_middle_does_not_end_it(price_list, serve_api):
    aws = serve_api(price_list)
    whole = pull()

    def pages(question):
        token = question.get("NextToken", "")
        if token == "":
            return {"PriceList": [], "NextToken": "again"}
        return serve({k: v for k, v in question.items() if k != "NextToken"})

    serve = aws._answers["GetProducts"][0]
    aws.answers("GetProducts", pages)
    assert pull() == whole


def test_a_page_that_names_itself_as_the_next_is_an_error(price_list, serve_api):
    aws = serve_api(price_list)
    serve = aws._answers["GetProducts"][0]
    aws.answers(
        "GetProducts",
        lambda q: serve({k: v for k, v in q.items() if k != "NextToken"}) | {"NextToken": "x"},
    )
    assert "same page" in refusal().cause


def test_an_answer_without_a_list_is_an_error_and_an_empty_list_is_none(price_list, serve_api):
    aws = serve_api(price_list)
    aws.answers("GetProducts", {"FormatVersion": "aws_v1"})
    assert refusal().cause == "The answer has no PriceList"
    aws.answers("GetProducts", {"PriceList": []})
    with pytest.raises(PriceError, match="no Hosting price of an instance in eu-west-1"):
        pull()


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        ({"rate": "cheap"}, "'cheap' is no amount"),
        ({"usageType": None}, "usageType"),
        ({"savingsPlanOffering": {"paymentOption": "No Upfront"}}, "durationSeconds"),
    ],
)
def test_a_bad_savings_plans_rate_is_named(price_list, serve_api, spoilt, said):
    aws = serve_api(price_list)
    good = price_list.offering_rates()[0]
    bad = {name: value for name, value in (good | spoilt).items() if value is not None}
    aws.answers("DescribeSavingsPlansOfferingRates", {"searchResults": [good, bad]})
    error = refusal()
    assert error.cause.startswith("Entry 2 of searchResults is no Savings Plans rate")
    assert said in error.cause


@pytest.mark.parametrize(
    "other",
    [
        {"unit": "Jobs"},
        {"serviceCode": "AmazonEC2"},
        {"usageType": "EU-Train:ml.m5.xlarge"},
        {"savingsPlanOffering": {"durationSeconds": 60}},
        {"savingsPlanOffering": {"currency": "CNY"}},
        {"savingsPlanOffering": {"paymentOption": "Heavy Upfront"}},
    ],
)
def test_a_savings_plans_rate_of_something_else_is_left_out(price_list, serve_api, other):
    aws = serve_api(price_list)
    good = price_list.offering_rates()[0]
    offering = good["savingsPlanOffering"] | other.get("savingsPlanOffering", {})
    bad = good | other | {"savingsPlanOffering": offering}
    aws.answers("DescribeSavingsPlansOfferingRates", {"searchResults": [good, bad]})
    assert len(pull().savings) == 1


def test_the_loopback_filters_as_the_api_does(price_list, serve_api):
    """ANY_OF, NONE_OF and CONTAINS are not asked by smcost, but the server is no yes-man."""
    aws = serve_api(price_list)
    ask = partial(aws.next_answer, "GetProducts")

    def found(kind, field, value):
        wanted = {"Type": kind, "Field": field, "Value": value}
        return len(ask({"ServiceCode": "AmazonSageMaker", "Filters": [wanted]})["PriceList"])

    assert found("TERM_MATCH", "component", "Hosting") == 2
    assert found("EQUALS", "component", "hosting") == 0
    assert found("ANY_OF", "component", "Hosting,AsyncInf") == 4
    assert found("CONTAINS", "usagetype", "Host:ml.m5") == 1
    assert found("NONE_OF", "productFamily", "ML Instance,ML Serverless") == 4
