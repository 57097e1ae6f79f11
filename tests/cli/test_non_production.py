"""``--non-prod`` on the command line, in every format of both commands."""

import csv
import io
from datetime import UTC, datetime, timedelta

import jsonschema
import pytest

from smcost.emit.schema import DOCUMENTS
from smcost.read.office_hours_spec import parse_office_hours

OFFICE = '--non-prod "mon-fri 08:00-20:00 Europe/Berlin"'
FIXED = f"estimate --instance-type ml.m5.xlarge --count 2 {OFFICE}"
ABLE = "--service-time 45ms --concurrency 4"
DAY = "--rps 40 --peak-rps 200"
SCALED = (
    f"estimate --instance-type ml.m5.xlarge --min 2 --max 30 --target 600 {DAY} {ABLE} {OFFICE}"
)
ASK = f"recommend --instance-type ml.m5.xlarge {DAY} {ABLE} --p99 300ms --budget 0s {OFFICE}"
WAYS = ("delete", "minimum", "scale-to-zero")


@pytest.fixture(scope="module")
def known():
    """Documents by their line: one search answers several questions."""
    return {}


@pytest.fixture
def asked(smcost, known):
    def document(line):
        if line not in known:
            known[line] = smcost(f"{line} -f json").document
        return known[line]

    return document


def ways(document):
    return {way["way"]: way for way in document["non_production"]["ways"]}


@pytest.mark.parametrize("line", [FIXED, SCALED, ASK], ids=["fixed", "scaled", "recommend"])
def test_the_document_fits_its_schema_and_the_bill_is_that_of_the_way(asked, line):
    document = asked(line)
    # That the schema is one is held elsewhere, and takes longer.
    schema = DOCUMENTS[line.split()[0]].model_json_schema(mode="serialization")
    jsonschema.Draft202012Validator(schema).validate(document)
    found = ways(document)
    assert list(found) == [*WAYS]
    for key in ("floor_usd", "expected_usd", "ceiling_usd"):
        assert document["cost"][key] == found["delete"][key]
    assert document["instance_hours"]["expected"] == found["delete"]["expected_instance_hours"]
    entry = document["non_production"]
    assert entry["timezone"] == "Europe/Berlin"
    assert entry["hours_on_per_month"] == 257.1429
    for way in found.values():
        saved = entry["always_on_expected_usd"] - way["expected_usd"]
        assert way["saving_usd"] == pytest.approx(saved)
        assert way["floor_usd"] <= way["expected_usd"] <= way["ceiling_usd"]


@pytest.mark.parametrize("way", WAYS)
def test_every_way_can_stand_in_the_bill(asked, way):
    document = asked(SCALED if way == "delete" else f"{SCALED} --non-prod-way {way}")
    entry = document["non_production"]
    assert entry["way"] == way
    assert document["cost"]["expected_usd"] == ways(document)[way]["expected_usd"]
    # Scheduled down it answers all week; else in the windows.
    assert document["horizon"]["hours"] == (168 if way == "minimum" else 60)
    assert len(document["configuration"]["schedule"]) == (2 if way == "minimum" else 0)


def test_nothing_is_there_that_was_not_asked_for(smcost):
    line = "estimate --instance-type ml.m5.xlarge --count 2"
    assert "non_production" not in smcost(f"{line} -f json").document
    assert "Non-production" not in smcost(line).stdout


@pytest.mark.parametrize(
    ("line", "form"),
    [(SCALED, "table"), (FIXED, "markdown")],
    ids=["table", "markdown"],
)
def test_the_sections(smcost, line, form):
    text = smcost(f"{line} -f {form}").stdout
    for title in ("Non-production hours", "Schedules"):
        assert f"\n## {title}\n" in text if form == "markdown" else f"\n{title}\n" in text
    assert "cron(55 7 ?" in text
    assert "(minimum while it is on)" in text


def test_a_minimum_of_one_is_said_to_be_one_already(smcost):
    text = smcost(FIXED.replace("--count 2", "--min 1 --max 4")).stdout
    assert "minimum: it is 1 already" in text
    assert "copies min=1" in text


def test_the_csv_has_the_lines_of_the_way(smcost):
    rows = list(csv.DictReader(io.StringIO(smcost(f"{FIXED} -f csv").stdout)))
    assert [(row["case"], row["quantity"], row["usd"]) for row in rows] == [
        (case, "517.8571", "119.11") for case in ("floor", "expected", "ceiling")
    ]


def test_without_a_break_it_is_the_plain_bill(smcost):
    plain = smcost(f"{SCALED} -f json".replace(OFFICE, "")).document["cost"]
    always = SCALED.replace("mon-fri 08:00-20:00", "daily 00:00-24:00")
    document = smcost(f"{always} --non-prod-way minimum -f json").document
    assert document["cost"]["expected_usd"] == plain["expected_usd"]
    assert all(way["switches"] == [] for way in ways(document).values())
    text = smcost(always).stdout
    assert "without a break." in text
    assert "Schedules" not in text


def test_the_tail_is_settable_and_an_assumption(smcost):
    short, long = (
        smcost(f"{FIXED} --non-prod-way scale-to-zero --non-prod-tail {tail} -f json").document
        for tail in ("0min", "40min")
    )
    assert short["cost"]["expected_usd"] == ways(short)["delete"]["expected_usd"]
    assert long["cost"]["expected_usd"] > short["cost"]["expected_usd"]
    told = {entry["name"]: entry for entry in long["assumptions"]}
    assert told["scale to zero"]["value"] == "40 min after the last request"
    assert told["scale to zero"]["source"] == "flag --non-prod-tail"
    assert "52 whole weeks from Monday 2026-01-05" in told["an ordinary month"]["value"]


def test_without_traffic_nobody_comes_outside_and_that_is_said(asked):
    names = {entry["name"] for entry in asked(FIXED)["assumptions"]}
    assert "requests outside the windows" in names
    assert "requests outside the windows" not in {e["name"] for e in asked(SCALED)["assumptions"]}


def test_start_up_is_begun_in_whole_minutes(smcost):
    document = smcost(f"{FIXED} --startup-time 250s -f json").document
    assert document["non_production"]["begun_before_s"] == 300
    assert document["cost"]["expected_usd"] == 119.11


def test_a_plan_is_sized_on_the_hours_that_are_billed(asked):
    """Off for 64 % of the hours a discount of 31 % has nothing to commit to; one of 70 % has."""
    little, much = (asked(f"{FIXED} --savings-plan-discount {share}%") for share in (31, 70))
    [none], [some] = little["savings_plans"], much["savings_plans"]
    assert none["commitment_usd_per_hour"] == 0
    assert none["on_demand_usd"] == little["cost"]["expected_usd"] == 119.11
    assert some["commitment_usd_per_hour"] == 0.138
    assert 0 < some["saving_usd"] < 119.11


def test_captured_requests_are_those_that_are_answered(smcost):
    line = f"{FIXED} --rps 2 --payload-in 1KB --payload-out 1KB --data-capture 10%"
    document = smcost(f"{line} -f json").document
    answered = 2 * 3600 * 60 / 168 * 720
    assert document["non_production"]["answered"] == pytest.approx(answered, abs=1e-3)
    assert document["data_capture"]["records"] == pytest.approx(answered / 10, abs=1e-3)
    assert document["data_capture"]["usd"] == pytest.approx(
        sum(line["usd"] for line in document["cost"]["lines"] if "capture" in line["name"])
    )


def test_settings_can_hold_it(smcost, write):
    write("smcost.toml", '[estimate]\nnon-prod = "mon-fri 08:00-20:00 UTC; sat 10:00-12:00 UTC"\n')
    document = smcost("estimate --count 2 -f json").document
    hours = parse_office_hours([document["non_production"]["windows"]])
    assert float(hours.presence().share * 168) == 62
    told = {entry["name"]: entry["source"] for entry in document["assumptions"]}
    assert told["non-production hours"] == "smcost.toml, non-prod"


def test_recommend_judges_the_minutes_within(asked):
    """At 14:00 UTC the day is busiest: a window of the night needs less, and costs less."""
    night = ASK.replace("mon-fri 08:00-20:00 Europe/Berlin", "daily 22:00-06:00 UTC")
    busy, quiet = asked(ASK), asked(night)
    assert quiet["horizon"]["hours"] == 7 * 8
    assert quiet["recommendation"]["max_capacity"] < busy["recommendation"]["max_capacity"]
    for document in (busy, quiet):
        # The curve, the alternatives and the bill are of the same hours.
        chosen = document["recommendation"]["min_capacity"]
        [row] = [row for row in document["curve"] if row["min_capacity"] == chosen]
        assert row["expected_usd"] == document["cost"]["expected_usd"]
        fixed = [a for a in document["alternatives"] if a["kind"] == "fixed_fleet"]
        hours = document["non_production"]["hours_on_per_month"]
        hours += document["non_production"]["openings_per_month"] / 12
        for other in fixed:
            usd = round(0.23 * other["min_capacity"] * hours, 2)
            assert other["expected_usd"] == pytest.approx(usd, abs=0.011)


def test_pinned_to_its_answer_recommend_answers_the_same(asked):
    first = asked(ASK)
    found = first["recommendation"]
    pins = (
        f"--min {found['min_capacity']} --max {found['max_capacity']} "
        f"--target {found['target_invocations_per_instance']}"
    )
    again = asked(f"{ASK} {pins}")
    assert again["recommendation"] == found
    # Pinned it is the same minimum at any time.
    assert again["non_production"]["always_on_min_capacity"] is None
    assert again["cost"] == first["cost"]


def test_estimate_prices_what_is_recommended_as_recommend_does(asked):
    """It scales, and every window of the bill begins with its initial count: one cost."""
    ask = f"{ASK} --target 1200 --savings-plan-discount 31%"
    document = asked(ask)
    found, usd = document["recommendation"], document["cost"]["expected_usd"]
    assert found["min_capacity"] < found["initial_instance_count"]
    line = (
        f"{FIXED.replace('--count 2', '')} {DAY} --savings-plan-discount 31% --target 1200 "
        f"--min {found['min_capacity']} --max {found['max_capacity']}"
    )
    assert asked(line)["cost"] == document["cost"]
    assert ways(asked(line))["minimum"]["expected_usd"] == ways(document)["minimum"]["expected_usd"]
    assert document["savings_plans"][0]["on_demand_usd"] == usd
    assert ways(document)["delete"]["expected_usd"] == usd
    [row] = [row for row in document["curve"] if row["min_capacity"] == found["min_capacity"]]
    assert row["expected_usd"] == usd
    assert document["windows"][0]["expected_usd"] == usd


def test_always_on_is_what_would_be_recommended_without_windows(smcost, write):
    """Within the windows a minimum of 10 is free; around the clock 6 hold, and cost less."""
    begin = datetime(2024, 1, 1, tzinfo=UTC)
    rows = [
        f"{begin + timedelta(minutes=minute):%Y-%m-%dT%H:%M:%SZ},"
        f"{12_000 if 480 <= minute % 1440 < 1200 else 600}"
        for minute in range(1440)
    ]
    write("square.csv", "\n".join(["timestamp,invocations", *rows]) + "\n")
    line = (
        "recommend --traffic square.csv --instance-type ml.m5.xlarge --service-time 100ms "
        "--concurrency 4 --p99 500ms --target 1200 --budget 0s"
    )
    plain = smcost(f"{line} -f json").document
    within = smcost(f'{line} --non-prod "daily 08:00-20:00 UTC" -f json').document
    entry = within["non_production"]
    assert within["recommendation"]["min_capacity"] == 10
    assert entry["always_on_min_capacity"] == plain["recommendation"]["min_capacity"] == 6
    assert entry["always_on_expected_usd"] == plain["cost"]["expected_usd"]
    for way in entry["ways"]:
        assert way["saving_usd"] == pytest.approx(
            plain["cost"]["expected_usd"] - way["expected_usd"]
        )


def test_recommend_prices_as_estimate_does_where_nothing_scales(asked):
    """A fleet of one size has no state to go on with: both commands cost it alike."""
    fixed = asked(f"{ASK} --min 9 --max 9")
    same = asked(f"{FIXED} {DAY}".replace("--count 2", "--count 9"))
    assert fixed["cost"]["expected_usd"] == same["cost"]["expected_usd"]


FLEET = """
[endpoints.dev]
instance-type = "ml.m5.xlarge"
non-prod = "mon-fri 08:00-20:00 Europe/Berlin"
rps = 10
"""


def fleet(smcost, write, line, *more):
    write("fleet.toml", FLEET + "\n".join(more))
    [endpoint] = smcost(f"{line} --file fleet.toml -f json").document["endpoints"]
    return endpoint, smcost(f"{line} --file fleet.toml").stdout


def test_in_a_fleet_what_runs_today_is_always_on(smcost, write):
    endpoint, text = fleet(
        smcost, write, "estimate", "count = 2", "[endpoints.dev.today]\ncount = 3"
    )
    assert endpoint["today"]["expected_usd"] == 496.8
    assert endpoint["answer"]["expected_usd"] == 119.11
    assert "runs always -> mon-fri 08:00-20:00 Europe/Berlin (delete)" in text


def test_in_a_fleet_the_windows_of_today_s_size_save_against_it(smcost, write):
    endpoint, _ = fleet(smcost, write, "estimate", "[endpoints.dev.today]\ncount = 2")
    assert endpoint["today"]["expected_usd"] == 331.2
    assert endpoint["answer"]["expected_usd"] == 119.11


def test_in_a_fleet_a_recommendation_is_compared_with_what_is_always_on(smcost, write):
    line = f"recommend {ABLE} --p99 300ms --budget 0s"
    endpoint, _ = fleet(smcost, write, line, "[endpoints.dev.today]\ncount = 3")
    assert endpoint["today"]["expected_usd"] == 496.8
    assert endpoint["answer"]["expected_usd"] == 59.55
