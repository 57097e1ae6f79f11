"""A fleet's report where it is unusual: very long, without a sum, in a narrow terminal."""

import csv
import io
import json
from decimal import Decimal

from smcost.emit.fleet_csv import fleet_csv
from smcost.emit.fleet_json import fleet_json
from smcost.emit.fleet_sections import fleet_sections
from smcost.emit.table import table_text
from smcost.estimate.savings_plan import PlanKind
from smcost.fleet import Failure, Figures, Fleet, OtherKind, Outcome
from smcost.shared_plan import SharedPlan
from smcost.variant import Variant

D = Decimal


def outcome(name, usd="10.00", today=None, **values):
    variant = Variant(
        instance_type="ml.m5.xlarge",
        minimum=1,
        maximum=4,
        initial_count=1,
        target_per_minute=600.0,
    )

    def figures(cost):
        bounds = (D(1), D(99))
        return Figures(
            variant=variant, expected_usd=D(cost), bounds_usd=bounds, latency=None, meets_slo=None
        )

    return Outcome(
        name=name,
        answer=figures(usd),
        today=None if today is None else figures(today),
        **values,
    )


def failed(name):
    failure = Failure(exit_code=3, cause="There is no such file", remedy="Check the path")
    return Outcome(name=name, failure=failure)


def report(*outcomes, plans=(), recommends=True):
    fleet = Fleet(outcomes=outcomes, hours_per_month=D(720))
    return fleet_sections(fleet, plans, "fleet.toml", recommends=recommends)


def section(sections, title):
    [found] = [each for each in sections if each.title.startswith(title)]
    return found


def test_a_table_of_thousands_is_cut_and_says_so():
    many = [outcome(f"e{n}") for n in range(205)] + [failed(f"f{n}") for n in range(203)]
    sections = report(*many)
    endpoints = section(sections, "Endpoints")
    assert len(endpoints.rows) == 200
    assert endpoints.sentences == ("5 more are in -f csv and -f json.",)
    assert section(sections, "Without").sentences[-1] == "3 more are in -f csv and -f json."
    assert sections[0].title == "fleet.toml: 408 endpoints, 203 of them without an answer"


def test_a_plan_without_a_sum_says_why():
    plan = SharedPlan(kind=PlanKind(), names=("a", "b"), refused="No hour in common. Do so")
    found = section(report(outcome("a"), outcome("b"), plans=[plan]), "One Savings Plan")
    assert found.sentences == ("Not known: No hour in common. Do so.",)


def test_costs_that_grow_are_told_as_such():
    first = report(outcome("a", "10.00", "8.00"))[0].sentences[0]
    assert first == (
        "Today 8.00 USD per month of 720 hours, recommended 10.00: costs 2.00 more (25.0%)."
    )


def test_nothing_but_failures_is_a_report_too():
    sections = report(failed("a"))
    assert [each.title for each in sections] == [
        "fleet.toml: 1 endpoint, 1 of them without an answer",
        "Biggest savings",
        "Without an answer",
    ]
    assert sections[0].sentences == ()
    assert sections[2].sentences == ("a [3] There is no such file. Check the path.",)


def test_it_fits_into_eighty_columns():
    long = [outcome(f"a-rather-long-endpoint-name-{n}", "1234.56", f"{n}999.99") for n in range(4)]
    text = table_text(report(*long), width=80)
    assert max(map(len, text.splitlines())) <= 80
    assert "a-rather-long-endpoint-name-3" in text


def test_documents_are_put_in_as_they_were_written():
    own = '{\n  "cost": 1e-05,\n  "name": "x"\n}\n'
    fleet = Fleet(
        outcomes=(outcome("a", document=own), failed("b"), outcome("c", document=own)),
        hours_per_month=D(720),
    )
    text = fleet_json(fleet, (), "fleet.toml", recommends=True)
    found = [entry["document"] for entry in json.loads(text)["endpoints"]]
    assert found == [{"cost": 1e-05, "name": "x"}, None, {"cost": 1e-05, "name": "x"}]
    assert '\n        "cost": 1e-05,\n' in text


SERVERLESS = OtherKind(name="serverless, 2 GB", usd=D("3.29"), against_usd=D("-6.71"))


def test_the_cheapest_other_kind_of_those_that_asked():
    sections = report(
        outcome("a", other_kind=SERVERLESS), outcome("b", other_kind=OtherKind()), outcome("c")
    )
    found = section(sections, "Cheapest other kind")
    assert found.rows == (
        ("a", "serverless, 2 GB", "3.29", "-6.71"),
        ("b", "none does the job at a known price", "", ""),
    )
    assert not any("more are in" in sentence for sentence in found.sentences)


def test_no_kinds_where_none_asked():
    assert not any("other kind" in found.title for found in report(outcome("a"), outcome("b")))


def test_of_very_many_kinds_the_first_are_shown():
    outcomes = [outcome(f"e{n:03}", other_kind=SERVERLESS) for n in range(203)]
    found = section(report(*outcomes), "Cheapest other kind")
    assert len(found.rows) == 200
    assert found.sentences[-1] == "3 more are in -f csv and -f json."


def test_the_csv_has_the_kind_and_its_price():
    outcomes = (outcome("a", other_kind=SERVERLESS), outcome("b", other_kind=OtherKind()))
    text = fleet_csv(Fleet(outcomes=(*outcomes, outcome("c"), failed("d")), hours_per_month=D(720)))
    rows = [*csv.DictReader(io.StringIO(text))]
    names = ("other_kind", "other_kind_usd", "other_kind_against_usd")
    assert [rows[0][name] for name in names] == ["serverless, 2 GB", "3.29", "-6.71"]
    assert {row[name] for row in rows[1:] for name in names} == {""}
