"""Non-production hours as sections: what is said of every way, and the schedules to paste."""

from dataclasses import replace
from decimal import Decimal

import pytest

from smcost.cost import Tariff
from smcost.emit.non_production_json import non_production_entry
from smcost.emit.non_production_sections import non_production_sections
from smcost.estimate.non_production import non_production
from smcost.estimate.turning_off import NonProduction
from smcost.read.office_hours_spec import parse_office_hours
from smcost.replay.counts import Delays
from smcost.traffic.minutes import to_minutes
from smcost.traffic.synthetic import constant
from smcost.variant import Variant

TARIFF = Tariff(instance_type="ml.m5.xlarge", usd_per_hour=Decimal("0.23"))


def answered(text, minimum=2, maximum=2, minutes=None):
    variant = Variant(
        instance_type="ml.m5.xlarge",
        minimum=minimum,
        maximum=maximum,
        initial_count=minimum,
        target_per_minute=None,
    )
    wanted = NonProduction(hours=parse_office_hours([text]))
    month = {"hours_per_month": Decimal(720), "delays": Delays(startup_s=300)}
    return non_production(variant, TARIFF, wanted, minutes=minutes, **month)[0]


@pytest.fixture(scope="module")
def office():
    return answered("mon-fri 08:00-20:00 UTC")


def test_the_ways_stand_below_what_is_always_on(office):
    ways, schedules = non_production_sections(office)
    assert ways.title == "Non-production hours"
    assert ways.sentences[0] == (
        "On mon-fri 08:00-20:00 UTC: 257.1 of 720 h (35.7%), 21.43 openings a month, each begun "
        "5 min before."
    )
    assert ways.sentences[1] == "In the bill: delete (expected)."
    assert [sentence.split(":")[0] for sentence in ways.sentences[2:]] == [
        "delete",
        "minimum",
        "scale-to-zero",
    ]
    assert ways.rows == (
        ("always on", "1,440", "331.20", "", "", ""),
        ("delete", "517.9", "119.11", "212.09", "64.0%", "over 5 min"),
        ("minimum", "978.9", "225.15", "106.05", "32.0%", "over 5 min"),
        ("scale-to-zero", "535.7", "123.21", "207.99", "62.8%", "over 30 min"),
    )
    assert len(schedules.rows) == 6
    assert schedules.sentences[0].startswith("Time zone UTC: scheduled actions")


def test_what_is_compared_with_names_a_minimum_of_its_own(office):
    answer = replace(office, always_minimum=6)
    ways, _ = non_production_sections(answer)
    assert ways.rows[0][0] == "always on, minimum 6"
    assert ways.sentences[2].startswith("Always on: with a minimum of 6, the smallest that holds")
    assert non_production_entry(answer).always_on_min_capacity == 6
    assert non_production_entry(office).always_on_min_capacity is None


@pytest.mark.parametrize(
    "text", ["daily 00:00-24:00 UTC", "daily 00:02-23:59 UTC", "daily 00:05-24:00 UTC"]
)
def test_without_a_break_that_is_longer_than_the_start_up_nothing_is_to_paste(text):
    [ways] = non_production_sections(answered(text))
    assert ways.sentences[0].endswith(": 720 of 720 h (100.0%), without a break.")
    assert not any("it is 1 already" in sentence for sentence in ways.sentences)
    assert {row[2] for row in ways.rows} == {"331.20"}


def test_a_minimum_of_one_is_said_to_be_one_already():
    ways, schedules = non_production_sections(answered("mon 08:00-20:00 UTC", 1, 4))
    assert "minimum: it is 1 already, so that there is nothing to turn down." in ways.sentences
    assert {row[0] for row in schedules.rows} == {"delete", "scale-to-zero"}
    assert ways.sentences[1] == "In the bill: delete (at the minimum)."


def test_with_traffic_it_says_what_is_unanswered():
    ways, _ = non_production_sections(
        answered("mon-fri 08:00-20:00 UTC", minutes=to_minutes(constant(2, 7)))
    )
    assert ways.columns[-2:] == (">unanswered", ">wake-ups")
    assert [row[-2:] for row in ways.rows] == [
        ("", ""),
        ("64.29%", ""),
        ("0.00%", ""),
        ("0.00%", "0"),
    ]
