"""A fleet's report where it is unusual: very long, without a sum, in a narrow terminal."""

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from smcost.commitment import Usage
from smcost.emit.fleet_csv import fleet_csv
from smcost.emit.fleet_json import fleet_json
from smcost.emit.fleet_sections import fleet_sections
from smcost.emit.table import table_text
from smcost.estimate.savings_plan import PlanKind
from smcost.fleet import Fleet
from smcost.outcome import Failure, Figures, OtherKind, Outcome
from smcost.scaling.schedule import ScheduledAction
from smcost.shared_plan import SharedPlan, shared_plans
from smcost.variant import Variant

D = Decimal


VARIANT = Variant(
    instance_type="ml.m5.xlarge", minimum=1, maximum=4, initial_count=1, target_per_minute=600.0
)


def outcome(name, usd="10.00", today=None, variant=VARIANT, **values):

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


def off(name, *, holds=True, today_holds=None, lost=0.2314, **values):
    found = outcome(name, "10.00", "30.00", **values)
    return replace(
        found,
        today=replace(found.today, meets_slo=today_holds),
        answer=replace(
            found.answer,
            meets_slo=holds,
            runs="mon-fri (delete)",
            turning_off_usd=D("8.00"),
            unanswered_share=lost,
        ),
    )


def rows_of(sections):
    found = section(sections, "Endpoints")
    names = [column.removeprefix(">") for column in found.columns]
    return [dict(zip(names, row, strict=True)) for row in found.rows]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, "holds while on, 23.1% unanswered"),
        ({"today_holds": False}, "holds while on, 23.1% unanswered, today broken"),
        ({"holds": False}, "broken while on, 23.1% unanswered"),
        ({"holds": None}, "23.1% unanswered"),
        ({"lost": 0.0}, "holds"),
        ({"lost": None, "today_holds": True}, "holds"),
    ],
)
def test_an_slo_that_holds_while_on_says_whom_it_does_not_answer(values, told):
    [row, other] = rows_of(report(off("dev", **values), outcome("always")))
    assert (row["runs"], row["SLO"]) == ("mon-fri (delete)", told)
    assert (other["endpoint"], other["runs"]) == ("always", "always")


def test_what_turning_off_saves_and_loses_is_told_where_it_is_praised():
    sections = report(off("dev"), outcome("always"))
    assert sections[0].sentences[1] == (
        "Turning off outside their windows saves 8.00 of that: always on it would be 18.00."
    )
    [(*_, change)] = section(sections, "Biggest").rows
    assert change == "runs always -> mon-fri (delete), 23.1% unanswered"


def test_nothing_is_said_of_windows_where_there_are_none():
    sections = report(outcome("always", today="20.00"))
    assert "runs" not in rows_of(sections)[0]
    assert "outside" not in " ".join(sections[0].sentences)


def test_windows_stand_in_the_formats_for_programs():
    fleet = Fleet(outcomes=(off("dev"), outcome("b"), failed("c")), hours_per_month=D(720))
    document = json.loads(fleet_json(fleet, (), "fleet.toml", recommends=True))
    answer, today = (document["endpoints"][0][side] for side in ("answer", "today"))
    assert document["totals"]["turning_off_usd"] == answer["turning_off_usd"] == 8.0
    assert (answer["runs"], answer["unanswered_share"]) == ("mon-fri (delete)", 0.2314)
    assert (today["runs"], today["unanswered_share"]) == ("always", None)
    rows = [*csv.DictReader(io.StringIO(fleet_csv(fleet)))]
    assert [(row["runs"], row["unanswered_share"]) for row in rows] == [
        ("mon-fri (delete)", "0.231400"), ("always", ""), ("", ""),
    ]  # fmt: skip


def test_a_plan_without_a_sum_says_why():
    plan = SharedPlan(kind=PlanKind(), names=("a", "b"), refused="No hour in common. Do so")
    found = section(report(outcome("a"), outcome("b"), plans=[plan]), "One Savings Plan")
    assert found.sentences == ("Not known: No hour in common. Do so.",)


@pytest.mark.parametrize(
    ("others", "over"), [(1, ""), (3, " (2 have no such plan)")], ids=["all", "some"]
)
def test_a_commitment_of_nothing_is_no_advice(others, over):
    # Busy in two hours of 24: fewer than the discount would have to pay for.
    usage = Usage(
        instance_type="ml.m5.xlarge",
        hour_s=3600 * np.arange(24),
        instances=np.repeat([1.0, 0.0], [2, 22]),
        weight=np.ones(24),
        usd_per_hour=D("0.23"),
        plan_usd_per_hour=D("0.1587"),
    )
    [plan] = shared_plans([Outcome(name="a", usages=((PlanKind(), usage),))], D(720))
    assert plan.shared.commitment_usd == 0
    found = section(report(*(outcome(f"e{n}") for n in range(others)), plans=[plan]), "One")
    assert found.sentences == (
        f"No commitment saves anything, over the 24 hours that all of them know{over}.",
    )
    assert found.rows == ()


def test_costs_that_grow_are_told_as_such():
    first = report(outcome("a", "10.00", "8.00"))[0].sentences[0]
    assert first == (
        "Today 8.00 USD per month of 720 hours, recommended 10.00: costs 2.00 more (25.0%)."
    )


def test_nothing_but_failures_is_a_report_too():
    sections = report(failed("a"))
    assert [each.title for each in sections] == [
        "fleet.toml: 1 endpoint, 1 of them without an answer",
        "Without an answer",
    ]
    assert sections[0].sentences == ()
    assert sections[1].sentences == ("a [3] There is no such file. Check the path.",)


def test_a_scheduled_minimum_stands_as_it_is_deployed():
    night = ScheduledAction(schedule="cron(30 8 * * ? *)", minimum=1)
    scheduled = replace(VARIANT, minimum=3, initial_count=3, schedule=(night,))
    endpoints = section(report(outcome("a", variant=scheduled), outcome("b")), "Endpoints")
    minimums = [row[endpoints.columns.index(">min")] for row in endpoints.rows]
    assert minimums == ["3, by schedule from 1", "1"]


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
