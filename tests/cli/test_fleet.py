"""Many endpoints in one file: the report in every format, and what each endpoint's answer is."""

import csv
import errno
import io
import json
import os
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest

D = Decimal
DEFAULTS = """\
[defaults]
instance-type = "ml.m5.xlarge"
service-time = "45ms"
concurrency = 4
p99 = "300ms"
budget = "0s"
"""
#: One that saves, one that would cost more, one of another type, and three without an answer.
FLEET = f"""{DEFAULTS}
[endpoints.shop]
rps = 30
peak-rps = 90
today = {{ count = 9 }}

[endpoints.thin]
rps = 60
peak-rps = 120
today = {{ count = 1 }}

[endpoints.moved]
rps = 5
instance-type = "ml.c5.xlarge"
today = {{ min = 2, max = 4, target = 600, instance-type = "ml.m5.xlarge" }}

[endpoints.new]
rps = 3

[endpoints.lost]
traffic = "lost.csv"

[endpoints.strange]
rps = 3
instance-type = "ml.zz9.large"

[endpoints.tight]
rps = 3
p99 = "10ms"
"""
FAILED = {"lost": 3, "strange": 4, "tight": 11}
SMALL = f"{DEFAULTS}[endpoints.new]\nrps = 3\n[endpoints.tight]\nrps = 3\np99 = '10ms'\n"


#: What changes how answers are printed, and not what they are.
FORMAT = re.compile(r" (-f \S+|-o \S+|--quiet)")


@pytest.fixture(scope="module")
def said():
    """What was answered already: the same question has the same answer."""
    return {}


@pytest.fixture
def asked(smcost, write, said, monkeypatch):
    """``asked(text, "recommend -f json")``; asked ``afresh`` where more than the text counts.

    Whatever the format, the endpoints are answered once.
    """
    from smcost.cli import fleet_answer

    right = fleet_answer.outcomes

    def ask(text, line="recommend -f json", *, afresh=False):
        write("fleet.toml", text)
        command, *flags = line.split(" ", 1)
        key = text, FORMAT.sub("", line)

        def answered_once(jobs, *how):
            if key not in said:
                said[key] = [*right([replace(job, with_document=True) for job in jobs], *how)]
            return iter(said[key])

        if not afresh:
            monkeypatch.setattr(fleet_answer, "outcomes", answered_once)
        return smcost(command, "--file fleet.toml", *flags)

    return ask


def entries(outcome):
    return {entry["name"]: entry for entry in outcome.document["endpoints"]}


def test_a_failing_endpoint_is_reported_and_the_rest_is_done(asked):
    outcome = asked(FLEET)
    assert outcome.exit_code == 3
    found = entries(outcome)
    assert [*found] == ["shop", "thin", "moved", "new", "lost", "strange", "tight"]
    assert {name: e["exit_code"] for name, e in found.items() if e["exit_code"]} == FAILED
    for name, entry in found.items():
        assert (entry["answer"] is None) == (name in FAILED)
        assert (entry["error"] is not None) == (name in FAILED)
    assert found["lost"]["error"]["place"] == "lost.csv"
    assert found["strange"]["error"]["place"] == "fleet.toml, endpoints.strange.instance-type"
    assert "Nothing meets the SLO" in found["tight"]["error"]["cause"]
    # An infeasible search has a document too, as asked for alone.
    assert found["tight"]["document"]["feasible"] is False
    assert found["lost"]["document"] is None
    lines = [line for line in outcome.stderr.splitlines() if line.startswith("failed [")]
    assert [line.split(":")[0] for line in lines] == [
        "failed [3] lost", "failed [4] strange", "failed [11] tight",
    ]  # fmt: skip


def test_totals_are_sums_of_what_the_endpoints_say(asked):
    outcome = asked(FLEET)
    totals, found = outcome.document["totals"], entries(outcome)
    known = [D(str(e["answer"]["expected_usd"])) for e in found.values() if e["answer"]]
    saved = [D(str(e["saving_usd"])) for e in found.values() if e["saving_usd"] is not None]
    assert D(str(totals["expected_usd"])) == sum(known)
    assert D(str(totals["saving_usd"])) == sum(saved)
    assert (totals["endpoints"], totals["answered"], totals["compared_endpoints"]) == (7, 4, 3)
    assert found["thin"]["saving_usd"] < 0
    assert outcome.document["biggest_savings"][0] == "shop"
    assert "thin" not in outcome.document["biggest_savings"]


def fits(smcost, name):
    # The schemas are checked where they are made; to check them again takes a second each.
    return jsonschema.Draft202012Validator(smcost(f"schema {name}").document).validate


def test_the_document_fits_its_schema(asked, smcost):
    fits_fleet = fits(smcost, "fleet")
    for line in ("recommend -f json --savings-plan-discount 31%", "estimate -f json"):
        document = asked(FLEET, line).document
        fits_fleet(document)
        fits_alone, found = fits(smcost, line.split()[0]), entries(asked(FLEET, line))
        for name in ("shop", "tight"):
            fits_alone(found[name]["document"] or found["thin"]["document"])


def test_an_endpoint_is_answered_as_if_it_were_asked_for_alone(asked, smcost):
    document = entries(asked(FLEET))["shop"]["document"]
    alone = smcost(
        "recommend --instance-type ml.m5.xlarge --service-time 45ms --concurrency 4 --p99 300ms "
        "--budget 0s --rps 30 --peak-rps 90 -f json"
    ).document
    for key in ("recommendation", "cost", "latency", "curve", "binding", "alternatives"):
        assert document[key] == alone[key]


def test_today_is_what_estimate_says_of_it(asked, smcost):
    today = entries(asked(FLEET))["shop"]["today"]
    alone = smcost("estimate --count 9 --rps 30 --peak-rps 90 -f json").document
    assert today["expected_usd"] == alone["cost"]["expected_usd"]
    assert today["meets_slo"] is True
    assert (today["min_capacity"], today["max_capacity"]) == (9, 9)


def test_estimate_prices_what_runs_where_nothing_else_is_given(asked):
    found = entries(asked(FLEET, "estimate -f json"))
    assert found["shop"]["answer"]["expected_usd"] == 9 * 720 * 0.23
    assert found["moved"]["answer"]["instance_type"] == "ml.m5.xlarge"
    assert found["moved"]["saving_usd"] is None
    sources = {a["name"]: a["source"] for a in found["shop"]["document"]["assumptions"]}
    assert sources["hours per month"] == "24 x 30"


def test_estimate_compares_what_is_given_with_what_runs(asked):
    text = "[endpoints.a]\ncount = 2\nrps = 1\ntoday.count = 5\n"
    entry = entries(asked(text, "estimate -f json"))["a"]
    assert entry["saving_usd"] == pytest.approx(3 * 720 * 0.23)
    table = asked(text, "estimate").stdout
    assert "Today 828.00 USD per month of 720 hours, estimated 331.20: saves 496.80 (60.0%)." in (
        table
    )


def test_an_estimate_on_file_is_today_too(asked, smcost):
    smcost("estimate --count 9 --rps 30 --peak-rps 90 -f json -o today.json")
    text = FLEET.replace("today = { count = 9 }", 'current = "today.json"')
    assert entries(asked(text))["shop"]["today"]["expected_usd"] == 1490.4
    both = f"{DEFAULTS}[endpoints.a]\nrps = 1\ncurrent = 'today.json'\ntoday.count = 2\n"
    entry = entries(asked(both))["a"]
    assert entry["exit_code"] == 2
    assert "told twice" in entry["error"]["cause"]
    assert entry["error"]["place"] == "fleet.toml, endpoints.a.current"


def test_the_table_begins_with_totals_and_the_biggest_savings(asked):
    lines = asked(FLEET, "recommend").stdout.splitlines()
    assert lines[0] == "fleet.toml: 7 endpoints, 3 of them without an answer"
    assert lines[1].startswith("  Today ")
    assert "over the 3 of 7 of which both are known" in lines[1]
    titles = [line for line in lines[3:] if line and not line.startswith(" ")]
    assert titles == [
        "Biggest savings, USD per month", "Endpoints, USD per month", "Without an answer",
        "Assumptions, the same for every endpoint",
    ]  # fmt: skip
    first = lines[lines.index("Biggest savings, USD per month") + 2]
    assert first.split()[0] == "shop"
    assert "minimum 9 -> " in first
    [thin] = [line for line in lines if line.startswith("  thin")]
    assert "holds, today broken" in thin


def test_estimate_begins_with_the_biggest_bills(asked):
    lines = asked(FLEET, "estimate --count 2").stdout.splitlines()
    place = lines.index("Biggest bills, USD per month")
    assert [line.split()[0] for line in lines[place + 2 : place + 5]] == ["new", "shop", "thin"]


def test_markdown_has_the_same_sections(asked):
    text = asked(SMALL, "recommend -f markdown").stdout
    assert text.startswith("## fleet.toml: 2 endpoints, 1 of them without an answer\n")
    assert "| endpoint | recommended | instance type | min | max | target |" in text


def test_csv_has_a_row_for_each_in_the_order_of_the_file(asked):
    rows = [*csv.DictReader(io.StringIO(asked(FLEET, "recommend -f csv").stdout))]
    assert [row["endpoint"] for row in rows] == [
        "shop", "thin", "moved", "new", "lost", "strange", "tight",
    ]  # fmt: skip
    assert [row["exit_code"] for row in rows] == ["0", "0", "0", "0", "3", "4", "11"]
    assert rows[0]["today_usd"] == "1490.40"
    assert D(rows[0]["saving_usd"]) == D(rows[0]["today_usd"]) - D(rows[0]["expected_usd"])
    assert rows[4]["cause"] == "There is no such file"
    assert rows[4]["expected_usd"] == rows[4]["instance_type"] == ""
    assert rows[1]["today_meets_slo"] == "false"


def test_a_report_goes_into_a_file_and_its_ending_names_the_format(asked, alone):
    outcome = asked(SMALL, "recommend -o fleet.csv --quiet")
    assert (outcome.exit_code, outcome.stdout) == (11, "")
    assert (alone / "fleet.csv").read_text().startswith("endpoint,exit_code,today_usd,")
    outcome = asked(SMALL, "recommend -o fleet.tfvars")
    assert outcome.exit_code == 2
    assert "has no format 'tfvars'" in outcome.refusal[0]


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_answered(
    asked, alone, monkeypatch
):
    from smcost.cli import fleet_answer

    monkeypatch.setattr(fleet_answer, "outcomes", None)
    (alone / "report.json").mkdir()
    (alone / "lost.json").symlink_to("none/lost.json")
    (alone / "locked").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "locked")
    for output, why in (
        ("none/fleet.json", "No such file or directory"),
        ("lost.json", "No such file or directory"),
        ("report.json", "Is a directory"),
        ("locked/fleet.json", "Permission denied"),
    ):
        outcome = asked(SMALL, f"recommend -o {output}", afresh=True)
        assert outcome.exit_code == 6
        assert outcome.refusal[0] == f"{output}: The file cannot be written ({why})."


def test_a_disk_that_is_full_at_the_end_leaves_six(asked, monkeypatch):
    from smcost.cli import fleet_answer

    monkeypatch.setattr(fleet_answer, "outcomes", lambda *_: iter(()))
    monkeypatch.setattr("os.fdopen", full)
    outcome = asked(SMALL, "recommend -o fleet.csv", afresh=True)
    assert outcome.exit_code == 6
    assert "No space left on device" in outcome.refusal[0]


def full(handle, *_):
    os.close(handle)
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_the_order_of_the_file_changes_no_answer(asked):
    head, *tables = FLEET.split("\n[endpoints.")
    turned = "\n[endpoints.".join([head, *reversed(tables)])
    one, other = asked(FLEET), asked(turned)
    assert entries(one) == entries(other)
    for key in ("totals", "biggest_savings", "biggest_bills", "exit_code"):
        assert one.document[key] == other.document[key]


def test_infeasible_alone_leaves_eleven_and_nothing_wrong_leaves_none(asked):
    assert asked(SMALL, "recommend -f markdown").exit_code == 11
    assert asked(f"{DEFAULTS}[endpoints.new]\nrps = 3\n").exit_code == 0


def test_a_warning_stands_once_for_all_that_have_it(asked):
    names = "".join(f"[endpoints.e{n}]\nmin = 1\nmax = 2\n" for n in range(7))
    outcome = asked(names, "estimate -f json")
    [line] = [line for line in outcome.stderr.splitlines() if "expected_unknown" in line]
    assert line.startswith("warning [expected_unknown]: e0, e1, e2, e3, e4 and 2 more: Without")
    [entry] = [w for w in outcome.document["warnings"] if w["code"] == "expected_unknown"]
    assert entry["endpoints"] == [f"e{n}" for n in range(7)]
    assert asked(names, "estimate --quiet -f csv").stderr == ""
    table = asked(names, "estimate").stdout
    assert "over the 0 of 7 of which the expected cost is known" in table
    assert "165.60 to 331.20" in table


def test_figures_of_one_endpoint_are_not_told_of_others(asked):
    sizes = [("small", "m5.large"), ("big", "m5.4xlarge"), ("same", "m5.large")]
    text = "".join(
        f"[endpoints.{name}]\ncount = 1\nrps = 1\nservice-time = '9ms'\nconcurrency = 1\n"
        f"instance-type = 'ml.{size}'\n"
        for name, size in sizes
    )
    outcome = asked(text, "estimate -f json")
    found = [w for w in outcome.document["warnings"] if w["code"] == "price_not_hosting"]
    assert [w["endpoints"] for w in found] == [["small", "same"], ["big"]]
    assert [w["message"].split()[4] for w in found] == ["ml.m5.large", "ml.m5.4xlarge"]
    [line] = [line for line in outcome.stderr.splitlines() if "price_not_hosting" in line]
    assert line.startswith("warning [price_not_hosting]: small, same: No Hosting price of ml.m5.l")
    assert line.endswith("; and 1 more with other figures, in -f json")


def test_an_endpoint_in_windows_says_what_its_own_document_says(asked):
    text = (
        "[endpoints.dev]\ncount = 1\nrps = 1\ntoday.count = 2\n"
        "non-prod = 'mon-fri 08:00-20:00 UTC'\n"
    )
    entry = entries(asked(text, "estimate -f json"))["dev"]
    own = entry["document"]["non_production"]
    [way] = [way for way in own["ways"] if way["way"] == "delete"]
    assert entry["answer"]["runs"] == "mon-fri 08:00-20:00 UTC (delete)"
    assert entry["answer"]["turning_off_usd"] == way["saving_usd"] > 0
    assert entry["answer"]["unanswered_share"] == way["unanswered_share"] > 0
    assert entry["today"]["turning_off_usd"] is None


def test_nothing_is_said_of_savings_where_today_is_not_known(asked):
    table = asked(f"{DEFAULTS}[endpoints.new]\nrps = 3\n", "recommend").stdout
    assert "What runs today is not known of any: add a table [endpoints.NAME.today]" in table
    assert "fleet.toml: 1 endpoint\n" in table
    kept = f"{DEFAULTS}[endpoints.new]\nrps = 3\ntoday = {{ count = 1 }}\n"
    assert "Nothing here saves anything." in asked(kept, "recommend").stdout


def test_a_bug_in_one_endpoint_is_one_endpoint_s(asked, monkeypatch):
    from smcost.cli import recommend_answer

    right = recommend_answer.recommend_among

    def wrong(problems, **how):
        if problems[0].tariff.instance_type == "ml.c5.xlarge":
            raise RuntimeError("the moon is full")
        return right(problems, **how)

    monkeypatch.setattr(recommend_answer, "recommend_among", wrong)
    text = f"{SMALL}[endpoints.moved]\nrps = 5\ninstance-type = 'ml.c5.xlarge'\n"
    outcome = asked(text, afresh=True)
    entry = entries(outcome)["moved"]
    assert (outcome.exit_code, entry["exit_code"]) == (1, 1)
    assert "a bug in smcost (RuntimeError: the moon is full)" in entry["error"]["cause"]
    assert entries(outcome)["new"]["answer"] is not None


def test_the_plan_of_the_whole_fleet_is_in_the_document(asked):
    outcome = asked(FLEET, "recommend -f json --savings-plan-discount 31%")
    [plan] = outcome.document["savings_plans"]
    assert plan["endpoints"] == ["shop", "thin", "moved", "new"]
    assert plan["more_saving_usd"] == pytest.approx(
        plan["saving_usd"] - plan["separate_saving_usd"], abs=0.001
    )
    assert plan["more_saving_usd"] >= -0.05
    assert "commitment_account_wide" not in {w["code"] for w in outcome.document["warnings"]}


def test_plans_of_other_days_are_refused_with_a_reason(asked, write_trace, write):
    text = (write("a.csv", (write_trace("a.csv", [60] * 120)).read_bytes())).read_text()
    write("b.csv", text.replace("2024-01-01", "2024-03-01"))
    fleet = f"{DEFAULTS}[endpoints.a]\ntraffic = 'a.csv'\n[endpoints.b]\ntraffic = 'b.csv'\n"
    outcome = asked(fleet, "estimate --count 2 --savings-plan-discount 31% -f json", afresh=True)
    [plan] = outcome.document["savings_plans"]
    assert plan["commitment_usd_per_hour"] is None
    assert "no hour in common" in plan["refused"]
    assert outcome.exit_code == 0
    assert json.loads(outcome.stdout)["totals"]["answered"] == 2


def test_a_running_endpoint_is_read_from_aws_and_compared(asked, endpoint_story, answered):
    answered(endpoint_story(desired=6, initial=6).answers)
    text = f"{DEFAULTS}[endpoints.live]\nendpoint = 'churn-endpoint'\nrps = 30\npeak-rps = 90\n"
    entry = entries(asked(text, afresh=True))["live"]
    assert entry["today"]["expected_usd"] == pytest.approx(6 * 720 * 0.23)
    assert entry["document"]["provenance"]["endpoint"]["name"] == "churn-endpoint"
    assert entry["saving_usd"] > 0
    answered(endpoint_story(desired=6, initial=6).answers)
    assert entries(asked(text, "estimate -f json"))["live"]["answer"]["min_capacity"] == 6
    twice = entries(asked(f"{text}today.count = 3\n", "estimate -f json"))["live"]
    assert twice["error"]["place"] == "fleet.toml, endpoints.live.endpoint"


def test_a_flag_that_changes_nothing_is_one_endpoint_s_mistake_but_may_be_shared(asked):
    lonely = "[endpoints.a]\ncount = 1\ndeployment = 'linear'\n[endpoints.b]\ncount = 1\n"
    found = entries(asked(lonely, "estimate -f json"))
    assert found["a"]["error"]["place"] == "fleet.toml, endpoints.a.deployment"
    assert found["b"]["error"] is None
    shared = "[defaults]\ndeployment = 'linear'\n[endpoints.a]\ncount = 1\n"
    assert entries(asked(shared, "estimate -f json"))["a"]["error"] is None


def test_sensitivity_is_asked_for_only_where_it_is_seen(asked, monkeypatch):
    from smcost.cli import recommend_answer

    right, seen = recommend_answer.recommend_among, []

    def watched(problems, **how):
        seen.append(how["with_sensitivity"])
        return right(problems, **how | {"with_sensitivity": False})

    monkeypatch.setattr(recommend_answer, "recommend_among", watched)
    text = f"{DEFAULTS}[endpoints.new]\nrps = 3\n"
    for line in ("recommend -f json", "recommend -f json --explain", "recommend --explain"):
        asked(text, line, afresh=True)
    assert seen == [False, True, False]
