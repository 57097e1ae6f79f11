"""Data capture, deployments, shadows and Savings Plans on the command line, in every format."""

import csv
import io
from decimal import Decimal

import jsonschema
import pytest

from smcost.cli.price_cache import store
from smcost.prices import PaymentOption, SavingsRate
from smcost.prices.cached import CachedRegion

ABLE = "--service-time 45ms --concurrency 4 --p99 300ms"
DAY = "--rps 30 --peak-rps 90"
SIZES = "--payload-in 20KB --payload-out 2KB"
SCALED = f"estimate --instance-type ml.m5.xlarge --min 2 --max 10 --target 600 {DAY} {ABLE}"
ASK = f"recommend --instance-type ml.m5.xlarge {DAY} {ABLE} --budget 0s"
FIXED = "estimate --instance-type ml.m5.xlarge --count 10"
CAPTURE = f"{SIZES} --data-capture 10%"
DEPLOY = "--deployments-per-month 4 --deployment linear"
PLAN = "--savings-plan-discount 0.31"
EVERYTHING = f"{CAPTURE} {DEPLOY} {PLAN} --shadow-count 1"
KEYS = ("data_capture", "deployments", "savings_plans")
NO_RATES = "region,item,unit,usd,source,as_of\n"


@pytest.fixture
def plans():
    """Savings Plans rates of two types in the cache, one of them no saving."""

    def rate(name, years, payment, usd):
        return SavingsRate(
            region="us-east-1",
            instance_type=name,
            term_years=years,
            payment=payment,
            usd_per_hour=Decimal(usd),
            source="an offer file",
            as_of="2026-11-20",
            fetched_at="2026-11-24T09:30:00Z",
        )

    rows = (
        rate("ml.m5.xlarge", 3, PaymentOption.ALL_UPFRONT, "0.0874"),
        rate("ml.m5.xlarge", 1, PaymentOption.PARTIAL_UPFRONT, "0.1610"),
        rate("ml.m5.xlarge", 1, PaymentOption.NO_UPFRONT, "0.1679"),
        rate("ml.c5.xlarge", 1, PaymentOption.NO_UPFRONT, "9"),
    )
    store(
        "us-east-1",
        lambda: CachedRegion(region="us-east-1", prices=(), rates=(), savings=rows),
    )


@pytest.mark.parametrize("line", [SCALED, ASK], ids=["estimate", "recommend"])
def test_nothing_is_there_that_was_not_asked_for(smcost, line):
    document = smcost(f"{line} -f json").document
    assert [key for key in KEYS if key in document] == []
    assert "unpriced_lines" not in document["cost"]
    table = smcost(line).stdout
    assert [t for t in ("Data capture", "Deployments", "Savings Plan") if t in table] == []


@pytest.mark.parametrize("line", [SCALED, ASK], ids=["estimate", "recommend"])
def test_everything_stands_in_the_document_and_fits_its_schema(smcost, line):
    document = smcost(f"{line} {EVERYTHING} -f json").document
    assert [key for key in KEYS if key in document] == [*KEYS]
    schema = smcost(f"schema {line.split()[0]}").document
    jsonschema.validate(document, schema, cls=jsonschema.Draft202012Validator)
    names = [entry["name"] for entry in document["assumptions"]]
    wanted = ("data capture", "captured files", "deployments", "shadow variant")
    assert [name for name in wanted if name not in names] == []


@pytest.mark.parametrize("line", [SCALED, ASK], ids=["estimate", "recommend"])
@pytest.mark.parametrize("form", ["table", "markdown"])
def test_everything_has_a_section(smcost, line, form):
    text = smcost(f"{line} {EVERYTHING} -f {form}").stdout
    for title in ("Data capture", "Deployments", "Savings Plan"):
        assert f"\n## {title}\n" in text if form == "markdown" else f"\n{title}\n" in text


def test_lines_enter_floor_expected_and_ceiling_alike(smcost):
    cost = smcost(f"{SCALED} {EVERYTHING} -f json").document["cost"]
    names = [[line["name"] for line in cost[key]] for key in ("lines", "floor_lines")]
    assert names[0] == names[1] == [line["name"] for line in cost["ceiling_lines"]]
    assert names[0] == [
        "Instances ml.m5.xlarge",
        "Shadow variant ml.m5.xlarge",
        "Deployments, linear",
        "Data in",
        "Data out",
        "Data capture, S3 storage",
        "Data capture, S3 PUT",
    ]
    assert cost["floor_usd"] < cost["expected_usd"] < cost["ceiling_usd"]
    for key in ("lines", "floor_lines", "ceiling_lines"):
        assert all(line["usd"] > 0 for line in cost[key])


def test_the_csv_has_the_lines_of_every_case_and_plan(smcost):
    rows = list(csv.DictReader(io.StringIO(smcost(f"{SCALED} {EVERYTHING} -f csv").stdout)))
    assert [row["case"] for row in rows].count("expected") == 7
    plan = [row for row in rows if row["case"] == "Savings Plan, given discount"]
    assert [row["name"] for row in plan] == ["Commitment", "On demand ml.m5.xlarge"]
    for row in rows:
        product = Decimal(row["quantity"]) * Decimal(row["unit_price_usd"])
        assert abs(product - Decimal(row["usd"])) <= Decimal("0.005")


def test_linear_with_ten_instances_is_5_83_instance_hours(smcost):
    line = f"{FIXED} --deployments-per-month 1 --deployment linear --deployment-step 20%"
    found = smcost(f"{line} --deployment-termination-wait 300s -f json").document
    assert found["deployments"]["extra_instance_hours"] == 5.8333
    assert found["deployments"]["quota_instances"] == 20
    assert found["deployments"]["busiest_hour"] is None


def test_all_at_once_is_the_default_and_costs_nothing_more(smcost):
    found = smcost(f"{FIXED} --deployments-per-month 30 -f json").document
    assert found["deployments"]["kind"] == "all-at-once"
    assert found["deployments"]["usd"] == 0
    assert found["cost"]["expected_usd"] == 1656


def test_the_mean_is_met_unless_the_busiest_count_is_asked_for(smcost):
    mean = smcost(f"{SCALED} {DEPLOY} -f json").document["deployments"]
    busiest = smcost(f"{SCALED} {DEPLOY} --deployment-at busiest -f json").document["deployments"]
    assert mean["met_count"] < busiest["met_count"] == busiest["busiest_count"]
    assert mean["usd"] < busiest["usd"]


def test_provisioning_is_the_start_up_time(smcost):
    found = smcost(f"{FIXED} {DEPLOY} --startup-time 12min -f json").document
    assert found["deployments"]["provisioning_s"] == 720


def test_a_rate_that_is_not_known_leaves_a_line_without_a_price(smcost, write):
    write("rates.csv", NO_RATES + "eu-west-1,s3_storage_gb_month,GB-Mo,0.024,a bill,2026\n")
    line = f"estimate --region eu-west-1 --count 2 --rps 10 {CAPTURE} --rates rates.csv"
    outcome = smcost(f"{line} -f json")
    document = outcome.document
    assert "rate_unknown" in outcome.warning_codes
    (unpriced,) = document["cost"]["unpriced_lines"]
    assert unpriced == {"name": "Data capture, S3 PUT", "quantity": 86_400.0, "unit": "request"}
    assert document["data_capture"]["usd"] is None
    assert document["data_capture"]["capture_share_at_part_of_bill"] is None
    table = smcost(line).stdout
    assert "not known   not known" in table
    assert "A rate is not known" in table
    rows = [row for row in smcost(f"{line} -f csv").stdout.splitlines() if "PUT" in row]
    assert len(rows) == 3
    assert all(row.endswith("request,,") for row in rows)


def test_a_rate_given_by_hand_completes_the_bill(smcost, write):
    write(
        "rates.csv",
        NO_RATES + "us-east-1,kms_request,Requests,0.000003,the price page,2026\n",
    )
    line = f"estimate --instance-type ml.m5.xlarge --count 2 --rps 10 {CAPTURE} --capture-kms"
    with_rate = smcost(f"{line} --rates rates.csv -f json").document
    assert with_rate["cost"]["lines"][-1]["name"] == "Data capture, KMS"
    assert with_rate["cost"]["lines"][-1]["usd"] == 0.26


def test_the_share_at_a_part_of_the_bill_is_where_it_is_that_part(smcost):
    line = f"estimate --instance-type ml.m5.xlarge --count 2 --rps 10 {SIZES}"
    asked = smcost(f"{line} --data-capture 1% --capture-part 2% -f json").document
    share = round(100 * asked["data_capture"]["capture_share_at_part_of_bill"])
    there = smcost(f"{line} --data-capture {share}% -f json").document
    assert there["data_capture"]["share_of_bill"] == pytest.approx(0.02, abs=0.001)


def test_base64_and_retention_make_it_dearer(smcost):
    line = f"estimate --instance-type ml.m5.xlarge --count 2 --rps 10 {CAPTURE}"
    plain = smcost(f"{line} -f json").document["data_capture"]
    encoded = smcost(f"{line} --capture-encoding base64 -f json").document["data_capture"]
    longer = smcost(f"{line} --capture-retention 180d -f json").document["data_capture"]
    assert encoded["record_bytes"] == 27_308 + 2_732 + 500
    assert plain["gb_months"] * 2 == pytest.approx(longer["gb_months"])
    assert plain["first_month_usd"] == longer["first_month_usd"] < plain["usd"] < longer["usd"]


def test_every_plan_of_the_cache_that_saves_is_sized(smcost, plans):
    found = smcost(f"{FIXED} --savings-plans {PLAN} -f json").document["savings_plans"]
    assert [plan["plan"] for plan in found] == [
        "1 year, no upfront", "1 year, partial upfront", "3 years, all upfront", "given discount",
    ]  # fmt: skip
    assert [plan["commitment_usd_per_hour"] for plan in found] == [1.679, 1.61, 0.874, 1.587]
    assert [plan["upfront_usd"] for plan in found] == [0, 7051.8, 22_968.72, None]
    for plan in found:
        assert plan["saving_usd"] == pytest.approx(plan["on_demand_usd"] - plan["paid_usd"])
    table = smcost(f"{FIXED} --savings-plans").stdout
    assert "Best: 3 years, all upfront, 0.874 USD an hour" in table


def test_recommend_sizes_plans_on_what_it_recommends(smcost, plans):
    found = smcost(f"{ASK} --savings-plans -f json").document
    instances = found["cost"]["lines"][0]["usd"]
    for plan in found["savings_plans"]:
        assert plan["on_demand_usd"] == pytest.approx(instances, abs=0.02)
        assert 0 < plan["saving_usd"] < instances


def test_a_type_without_a_plan_is_named_and_a_region_without_any_refused(smcost, plans):
    outcome = smcost("estimate --instance-type ml.c5.xlarge --count 1 --savings-plans -f json")
    assert "rate_unknown" in outcome.warning_codes
    assert "savings_plans" not in outcome.document
    outcome = smcost("estimate --count 1 --region eu-west-1 --savings-plans")
    assert outcome.exit_code == 4
    cause, remedy = outcome.refusal
    assert "No Savings Plans rates are known in eu-west-1" in cause
    assert "smcost prices pull --region eu-west-1" in remedy


def test_an_old_plan_is_too_old(smcost, plans, at):
    at("2026-12-24T09:30:00+00:00")
    outcome = smcost(f"{FIXED} --savings-plans --max-price-age 30d -f json")
    assert "price_stale" in outcome.warning_codes
    stale = [w["message"] for w in outcome.document["warnings"] if w["code"] == "price_stale"]
    assert "Savings Plans rate of ml.m5.xlarge" in stale[0]


def test_an_infeasible_answer_has_no_levers(smcost):
    outcome = smcost(f"{ASK} --max 1 {EVERYTHING} -f json")
    assert outcome.exit_code == 11
    assert [key for key in KEYS if key in outcome.document] == []


def test_settings_and_environment_give_them_too(smcost, write, monkeypatch):
    write("smcost.toml", "savings-plan-discount = '31%'\n[estimate]\nshadow-count = 2\n")
    monkeypatch.setenv("SMCOST_DEPLOYMENTS_PER_MONTH", "2")
    document = smcost(f"{FIXED} -f json").document
    assert document["cost"]["lines"][1]["quantity"] == 1440
    assert document["deployments"]["per_month"] == 2
    assert document["savings_plans"][0]["commitment_usd_per_hour"] == 1.904
    # A setting that says how waits for the flag that says that.
    write("smcost.toml", "capture-retention = '30d'\n")
    assert smcost(FIXED).exit_code == 0


def test_what_is_beside_a_bill_does_not_move_the_recommendation(smcost):
    alone, beside = (smcost(f"{ASK} {more} -f json").document for more in ("", EVERYTHING))
    assert alone["recommendation"] == beside["recommendation"]
    assert alone["latency"] == beside["latency"]
    assert alone["cost"]["expected_usd"] < beside["cost"]["expected_usd"]
