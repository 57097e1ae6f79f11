"""The JSON documents: they validate against what ``smcost schema`` prints and keep the contract."""

import json

import jsonschema
import pytest

from smcost.recommend.result import Constraint, ReasonCode
from smcost.remarks import WarningCode

COMMON = ["schema_version", "command", "assumptions", "warnings", "provenance"]
COST = ["floor_usd", "expected_usd", "ceiling_usd", "hours_per_month", "lines"]
LINE = ["name", "quantity", "unit", "unit_price_usd", "usd"]
HOURS = ["floor", "expected", "ceiling"]
HORIZON = ["start", "end", "hours", "instance_hours"]
PRICES = ["source", "component", "as_of", "region", "fetched_at", "rates"]
LATENCY = [
    "p50_ms", "p95_ms", "p99_ms", "worst_window_p95_ms", "worst_window_p99_ms", "p99_ci_ms",
    "minutes_over_slo", "failed_fraction", "method",
]  # fmt: skip
VARIANT = [
    "instance_type", "min_capacity", "max_capacity", "initial_instance_count",
    "target_invocations_per_instance", "routing_strategy", "scale_in_cooldown_s",
    "scale_out_cooldown_s", "schedule",
]  # fmt: skip
RECOMMEND = [
    "feasible", "recommendation", "latency", "cost", "binding", "curve", "alternatives", "windows",
    "saving_usd", "rejected", "nearest",
]  # fmt: skip
CURVE = ["min_capacity", "p95_ms", "p99_ms", "expected_usd", "meets_slo"]
TRAFFIC = [
    "total_invocations", "mean_rps", "peak_rps", "peak_to_mean", "step_s", "start", "end", "gaps",
    "suspected_outages",
]  # fmt: skip
PRICE = [
    "region", "instance_type", "component", "usd_per_hour", "sku", "source", "as_of", "used",
    "layer", "fetched_at",
]  # fmt: skip

ABLE = "--service-time 45ms --concurrency 4 --p99 300ms"
DAY = "--rps 30 --peak-rps 90"
LINES = {
    "estimate, fixed": "estimate --count 2",
    "estimate, bounds alone": "estimate --min 1 --max 4",
    "estimate, traffic": f"estimate --min 2 --max 8 --target 600 {DAY} --payload-in 20KB",
    "estimate, capacity": f"estimate --min 2 --max 8 --target 600 {DAY} {ABLE} --volume-gb 30",
    "estimate, overloaded": f"estimate --count 1 {DAY} --service-time 9s --concurrency 1",
    "recommend": f"recommend {DAY} {ABLE} --min-instances 2",
    "recommend, pinned": f"recommend {DAY} {ABLE} --min 3 --max 9 --target 2000",
    "recommend, infeasible": f"recommend {DAY} {ABLE} --p95 20ms --slo-window hour",
    "recommend, too tight": f"recommend {DAY} {ABLE} --max 1",
    "prices show": "prices show --instance-type ml.m5.xlarge",
    "prices show, region": "prices show --region eu-central-1",
    "traffic show": "traffic show trace.csv",
}


@pytest.fixture
def documents(smcost, write_trace):
    write_trace("trace.csv", [60] * 90 + [None] * 5 + [60] * 40 + [0] * 20 + [60] * 45)

    def document(name):
        outcome = smcost(f"{LINES[name]} -f json")
        assert outcome.exit_code in (0, 11), outcome.stderr
        return outcome.document

    return document


@pytest.fixture
def schemas(smcost):
    return lambda name: json.loads(smcost(f"schema {name}").stdout)


def numbers(document, path=""):
    """Every value with its dotted name."""
    for name, value in document.items() if isinstance(document, dict) else enumerate(document):
        here = f"{path}.{name}".lstrip(".")
        if isinstance(value, dict | list):
            yield from numbers(value, here)
        else:
            yield here, value


@pytest.mark.parametrize("name", LINES)
def test_a_document_validates_against_its_schema(documents, schemas, name):
    schema = schemas(name.split(",")[0].replace(" ", "-"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(documents(name), schema, cls=jsonschema.Draft202012Validator)


@pytest.mark.parametrize("name", LINES)
def test_every_document_begins_with_what_all_have_in_common(documents, name):
    document = documents(name)
    assert list(document)[: len(COMMON)] == COMMON
    assert document["schema_version"] == "1"
    assert document["command"] == name.split(",")[0]
    assert set(document["provenance"]) == {"prices", "traffic", "capacity", "endpoint"}
    for entry in document["assumptions"]:
        assert set(entry) == {"name", "value", "source"}


@pytest.mark.parametrize("name", LINES)
def test_what_names_a_unit_is_a_number_or_null(documents, name):
    units = ("_usd", "_ms", "_s", "_rps", "_per_hour", "_fraction", "_per_month", "usd", "hours")
    found = [(path, value) for path, value in numbers(documents(name)) if path.endswith(units)]
    assert found
    for path, value in found:
        assert value is None or type(value) in (int, float), path


@pytest.mark.parametrize("name", [name for name in LINES if name.startswith("estimate")])
def test_an_estimate_has_every_key_of_the_contract(documents, name):
    document = documents(name)
    assert set(COST) <= set(document["cost"])
    assert set(HOURS) <= set(document["instance_hours"])
    for line in document["cost"]["lines"] + document["cost"]["ceiling_lines"]:
        assert list(line) == LINE
    assert set(document["provenance"]["prices"]) == set(PRICES)
    if "--rps" in LINES[name]:
        assert set(HORIZON) <= set(document["horizon"])
    if "--concurrency" in LINES[name]:
        assert set(LATENCY) <= set(document["latency"])
        assert document["latency"]["method"] in ("screened", "hybrid", "simulated")
    else:
        assert document["latency"] is None


@pytest.mark.parametrize("name", ["recommend", "recommend, pinned"])
def test_a_recommendation_has_every_key_of_the_contract(documents, name):
    document = documents(name)
    assert set(RECOMMEND) <= set(document)
    assert document["feasible"] is True
    assert set(VARIANT) <= set(document["recommendation"])
    assert set(LATENCY) <= set(document["latency"])
    assert set(COST) <= set(document["cost"])
    assert set(document["binding"]) == {"constraint", "at", "explanation"}
    assert all(set(CURVE) <= set(point) for point in document["curve"])
    for alternative in document["alternatives"]:
        assert {*VARIANT, "expected_usd", "p99_ms", "breaks"} <= set(alternative)
    assert {entry["window"] for entry in document["windows"]} == {"day", "hour", "horizon"}
    assert (document["rejected"], document["nearest"]) == ([], None)


@pytest.mark.parametrize(
    ("name", "reason", "constraint"),
    [
        ("recommend, infeasible", "service_time_above_limit", "p95"),
        ("recommend, too tight", "bounds_too_tight", "p99"),
    ],
)
def test_an_infeasible_result_has_its_reason_and_the_nearest_miss(
    documents, name, reason, constraint
):
    document = documents(name)
    assert set(RECOMMEND) <= set(document)
    assert (document["feasible"], document["recommendation"], document["cost"]) == (
        False, None, None,
    )  # fmt: skip
    [rejected] = document["rejected"]
    assert rejected["instance_type"] == "ml.m5.xlarge"
    assert rejected["reason_code"] == reason
    assert document["binding"]["constraint"] == constraint
    if reason == "service_time_above_limit":
        assert document["nearest"] is None  # no fleet is near where the service itself is too slow
    else:
        assert {*VARIANT, "expected_usd", "p99_ms", "breaks"} <= set(document["nearest"])


def test_without_traffic_the_expected_cost_is_null_and_a_warning_says_so(documents):
    document = documents("estimate, bounds alone")
    assert document["cost"]["expected_usd"] is None
    assert document["cost"]["lines"] == []
    assert document["instance_hours"]["expected"] is None
    assert [entry["code"] for entry in document["warnings"]] == ["expected_unknown"]


def test_the_parts_of_a_cost_add_up(documents):
    document = documents("estimate, capacity")
    cost = document["cost"]
    for total, lines in (
        ("floor_usd", "floor_lines"),
        ("expected_usd", "lines"),
        ("ceiling_usd", "ceiling_lines"),
    ):
        assert cost[total] == pytest.approx(sum(line["usd"] for line in cost[lines]), abs=1e-9)
        for line in cost[lines]:
            assert line["usd"] == pytest.approx(
                line["quantity"] * line["unit_price_usd"], abs=0.00501
            )
    assert cost["floor_usd"] <= cost["expected_usd"] <= cost["ceiling_usd"]
    assert cost["lines"][0]["quantity"] == document["instance_hours"]["expected"]


def test_a_latency_beyond_the_timeout_is_null_and_never_infinity(documents):
    document = documents("estimate, overloaded")
    assert document["latency"]["p99_ms"] is None
    assert "beyond_timeout" in {entry["code"] for entry in document["warnings"]}


def test_traffic_show_has_every_key_of_the_contract(documents):
    document = documents("traffic show")
    assert set(TRAFFIC) <= set(document)
    assert document["total_invocations"] == 60 * 175
    assert document["step_s"] == 60
    assert document["gaps"] == [
        {"start": "2024-01-01T01:30:00Z", "end": "2024-01-01T01:35:00Z", "steps": 5}
    ]
    assert document["suspected_outages"] == [
        {"start": "2024-01-01T02:15:00Z", "end": "2024-01-01T02:35:00Z", "steps": 20}
    ]
    assert document["provenance"]["traffic"] == "trace.csv"


@pytest.mark.parametrize("name", ["prices show", "prices show, region"])
def test_prices_show_has_every_key_of_the_contract(documents, name):
    prices = documents(name)["prices"]
    assert all(set(PRICE) <= set(price) for price in prices)
    assert all(price["usd_per_hour"] > 0 for price in prices)
    assert any(price["used"] is True for price in prices)


def test_the_schemas_hold_the_closed_lists(schemas):
    text = json.dumps(schemas("recommend")["$defs"])
    for closed in (WarningCode, ReasonCode, Constraint):
        assert json.dumps([entry.value for entry in closed]) in text


def test_an_estimate_is_what_current_reads(smcost, documents, alone):
    document = documents("estimate, capacity")
    (alone / "today.json").write_text(json.dumps(document), encoding="utf-8")
    outcome = smcost("estimate --count 1 --current today.json -f json")
    today_usd = document["cost"]["expected_usd"]
    assert outcome.document["saving_usd"] == pytest.approx(today_usd - 165.6, abs=1e-6)
