"""``--survive`` on the command line: documents, tables, refusals."""

import jsonschema
import pytest

SLOW = "--service-time 500ms --concurrency 2 --p99 2s"
ESTIMATE = f"estimate --instance-type ml.m5.xlarge --rps 6 {SLOW} --count 4"
ASK = f"recommend --instance-type ml.m5.xlarge --rps 6.5 {SLOW} --budget 0s"


def test_nothing_is_there_that_was_not_asked_for(smcost):
    assert "availability" not in smcost(f"{ESTIMATE} -f json").document
    assert "Availability" not in smcost(ESTIMATE).stdout


@pytest.mark.parametrize("line", [ESTIMATE, ASK], ids=["estimate", "recommend"])
def test_the_document_fits_its_schema(smcost, line):
    document = smcost(f"{line} --survive zone -f json").document
    schema = smcost(f"schema {line.split()[0]}").document
    jsonschema.validate(document, schema, cls=jsonschema.Draft202012Validator)
    found = document["availability"]
    assert (found["survive"], found["zones"], found["survives"]) == ("zone", 3, True)
    assert found["replaced_after_s"] == 360
    assert found["moments"][0]["latency"]["breaks"] == []
    names = {item["name"] for item in document["assumptions"]}
    assert {"must survive", "replacement", "requests to what is lost", "zones"} <= names
    if found["prices"] is None:
        return
    prices = found["prices"]
    assert [row["survives"] for row in prices] == ["none", "instance", "zone"]
    assert [row["min_capacity"] for row in prices] == [3, 4, 5]
    assert [row["extra_usd"] for row in prices] == [0.0, 165.6, 331.2]
    assert prices[2]["expected_usd"] == document["cost"]["expected_usd"]
    assert prices[2]["min_capacity"] == document["recommendation"]["min_capacity"]


def test_estimate_has_no_prices_and_says_what_breaks(smcost):
    outcome = smcost(f"{ESTIMATE} --survive zone --zones 2 --zone-lost-for 1h -f json")
    found = outcome.document["availability"]
    assert (found["prices"], found["survives"]) == (None, False)
    assert found["breaks"][0] == "p99"
    assert found["replaced_after_s"] == 3600
    assert found["moments"][0]["lost"] == 2
    assert "loss_breaks_slo" in outcome.warning_codes
    # By the rule: 360 a minute at 2.31 a second take 3, and of 6 in two zones 3 are left.
    assert found["rule_count"] == 6


def test_the_report_has_both_sections(smcost):
    shown = smcost(f"{ASK} --survive zone -f markdown").stdout
    assert "Survives the loss of one zone of 3 at the worst moments" in shown
    assert "take 5 instances" in shown
    assert "| one zone | 5 | 84 | 828.00 | 331.20 |" in shown


def test_requests_sent_to_what_is_lost_are_counted(smcost):
    line = f"{ESTIMATE} --survive instance --failover-time 30s --loss-detection 2min -f json"
    found = smcost(line).document["availability"]
    assert found["replaced_after_s"] == 420
    # 360 a minute: a quarter of half a minute.
    assert found["moments"][0]["turned_away"] == 45
    assert "max_failed" in found["breaks"]


def test_a_bound_too_tight_is_infeasible_with_the_loss_named(smcost):
    outcome = smcost(f"{ASK} --survive zone --max 4 -f json")
    assert outcome.exit_code == 11
    assert outcome.document["binding"]["constraint"] == "zone_lost"
    assert outcome.document["nearest"]["breaks"] == "zone_lost"
    assert "survives the loss of one zone" in outcome.stderr


#: Flags, place, part of the cause, part of the remedy.
REFUSED = {
    "zones alone": (f"{ASK} --zones 2", "--zones:", "changes nothing", "--survive instance or"),
    "detection alone": (f"{ASK} --loss-detection 5s", "--loss-detection:", "nothing", "--survive"),
    "zones of an instance": (
        f"{ESTIMATE} --survive instance --zones 2",
        "--zones:",
        "changes nothing without --survive zone",
        "leave it out",
    ),
    "one zone": (f"{ASK} --survive zone --zones 1", "--zones:", "no number", "2 to 6"),
    "another disaster": (f"{ASK} --survive region", "--survive:", "not known", "instance, zone"),
    "a bare number": (f"{ASK} --survive zone --zone-lost-for 60", "--zone-lost-for:", "unit", "h"),
    "no traffic": (
        "estimate --count 2 --survive instance",
        "--survive:",
        "needs both traffic and a capacity",
        "--traffic",
    ),
    "no capacity": ("estimate --count 2 --rps 1 --survive zone", "--survive:", "capacity", "--rps"),
}


@pytest.mark.parametrize(("line", "place", "cause", "remedy"), REFUSED.values(), ids=REFUSED)
def test_what_makes_no_sense_is_refused(smcost, line, place, cause, remedy):
    outcome = smcost(line)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert place in outcome.stderr
    assert cause in outcome.stderr
    assert remedy in outcome.stderr


def test_the_survival_may_stand_in_the_environment(smcost, monkeypatch):
    monkeypatch.setenv("SMCOST_SURVIVE", "instance")
    assert smcost(f"{ESTIMATE} -f json").document["availability"]["survive"] == "instance"


def test_a_single_instance_is_warned_of_with_the_price_of_a_second(smcost):
    outcome = smcost(f"recommend --instance-type ml.m5.xlarge --rps 1 {SLOW} --budget 0s")
    assert "(--min-instances 2, 165.60 USD a month more)" in outcome.stderr
