"""JSON documents of results built by hand."""

import json
from dataclasses import replace
from decimal import Decimal

from smcost.emit.documents import estimate_json, iso, traffic_json
from smcost.emit.prices_json import prices_json
from smcost.emit.recommend_document import recommend_json
from smcost.prices.catalogue import CompetingPrice
from smcost.prices.layer import Layer
from smcost.prices.price import Component, Price
from smcost.traffic.gaps import Interval
from smcost.traffic.summary import Summary

MONDAY_S = 1_704_067_200


def test_a_time_is_iso_8601_in_utc():
    assert iso(MONDAY_S) == "2024-01-01T00:00:00Z"


def test_a_latency_beyond_the_timeout_is_null_and_a_finite_one_is_rounded(estimate, remarks):
    latency = json.loads(estimate_json(estimate, remarks, None))["latency"]
    assert latency["p50_ms"] == 40.123
    assert latency["p99_ms"] is None
    assert latency["worst_window_start"] == "2024-01-01T00:00:00Z"
    assert latency["p99_ci_ms"] is None


def test_without_requests_percentiles_are_null(estimate, remarks):
    empty = replace(
        estimate.latency, p50_s=float("nan"), worst_window_start_s=None, minutes_over_slo=None
    )
    document = json.loads(estimate_json(replace(estimate, latency=empty), remarks, None))
    assert document["latency"]["p50_ms"] is None
    assert document["latency"]["worst_window_start"] is None


def test_an_unknown_expected_case_has_no_lines(estimate, remarks):
    unknown = replace(
        estimate,
        cost=replace(estimate.cost, expected=None),
        instance_hours=replace(estimate.instance_hours, expected=None),
        horizon=None,
        latency=None,
    )
    document = json.loads(estimate_json(unknown, remarks, None))
    assert document["cost"]["expected_usd"] is None
    assert document["cost"]["lines"] == []
    assert document["cost"]["floor_lines"][0]["usd"] == 331.2
    assert (document["horizon"], document["latency"]) == (None, None)


def test_money_is_a_number_of_cents_as_it_was_rounded(estimate, remarks):
    document = json.loads(estimate_json(estimate, remarks, Decimal("-12.30")))
    assert document["cost"]["expected_usd"] == 460.12
    assert document["saving_usd"] == -12.3


def test_a_recommendation_names_what_binds_and_when(recommendation, remarks):
    document = json.loads(recommend_json(recommendation, remarks, None))
    assert document["feasible"] is True
    assert document["binding"] == {
        "constraint": "p99",
        "at": "2024-01-01T01:00:00Z",
        "explanation": "At one it was full.",
    }
    assert [point["p99_ms"] for point in document["curve"]] == [None, 150.0]
    assert document["alternatives"][0]["breaks"] == "p99"
    assert document["windows"][0]["min_capacity"] is None


def test_an_infeasible_result_has_nothing_but_reasons(infeasible, remarks):
    document = json.loads(recommend_json(infeasible, remarks, None))
    assert document["feasible"] is False
    for empty in ("recommendation", "latency", "cost", "instance_hours", "horizon"):
        assert document[empty] is None
    for empty in ("curve", "alternatives", "windows"):
        assert document[empty] == []
    assert document["rejected"][0]["reason_code"] == "bounds_too_tight"
    assert document["nearest"]["p99_ms"] == 400.0


def test_assumptions_warnings_and_provenance_travel_along(estimate, remarks):
    document = json.loads(estimate_json(estimate, remarks, None))
    assert document["assumptions"] == [
        {"name": "start-up time", "value": "300 s", "source": "default"}
    ]
    assert document["warnings"] == [{"code": "single_instance", "message": "No spare"}]
    assert document["provenance"]["traffic"] == "week.csv, step 60 s"
    assert document["provenance"]["capacity"] is None


def test_a_price_keeps_its_figure_and_its_source(remarks):
    price = Price(
        region="us-east-1",
        instance_type="ml.m5.xlarge",
        component=Component.HOSTING,
        usd_per_hour=Decimal("0.230"),
        source="a bill",
        as_of="2026-01",
    )
    rows = [CompetingPrice(price=price, layer=Layer.BUNDLED, used=True)]
    [found] = json.loads(prices_json(rows, remarks.caveats))["prices"]
    assert found["usd_per_hour"] == 0.23
    assert (found["used"], found["sku"], found["component"]) == (True, None, "Hosting")


def test_a_trace_without_invocations_has_no_ratio():
    summary = Summary(
        total_invocations=0,
        mean_rps=0.0,
        peak_rps=0.0,
        peak_to_mean=None,
        step_s=60,
        dispersion=None,
        start_s=MONDAY_S,
        end_s=MONDAY_S + 120,
    )
    gap = Interval(start_s=MONDAY_S, end_s=MONDAY_S + 60, steps=1)
    document = json.loads(traffic_json("empty.csv", summary, [gap], [], []))
    assert document["peak_to_mean"] is None
    assert document["gaps"][0]["end"] == "2024-01-01T00:01:00Z"
    used = {key for key, origin in document["provenance"].items() if origin is not None}
    assert used == {"traffic"}
    assert document["provenance"]["traffic"] == "empty.csv"
