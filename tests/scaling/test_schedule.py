"""Scheduled actions: cron as AWS documents it, time zones, starts and ends."""

from datetime import UTC, date, datetime

import pytest

from smcost.errors import UsageError
from smcost.scaling.cron import parse_cron
from smcost.scaling.schedule import ScheduledAction, bounds_before


def epoch(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def told(moments_s):
    return [datetime.fromtimestamp(at_s, UTC).strftime("%m-%d %H:%M") for at_s in moments_s]


def runs(schedule, first, last, **given):
    action = ScheduledAction(schedule=schedule, minimum=4, **given)
    return told(action.occurrences_s(epoch(first), epoch(last)))


#: The examples of the Application Auto Scaling guide and of the cron reference, and what follows
#: from their words. 2026-03-01 is a Sunday.
CRON = {
    "10:00 every day": ("0 10 * * ? *", "2026-03-01", "2026-03-03", ["03-01 10:00", "03-02 10:00"]),
    "18:00 from Monday to Friday": (
        "0 18 ? * MON-FRI *", "2026-03-06", "2026-03-10", ["03-06 18:00", "03-09 18:00"],
    ),
    "8:00 on the first of a month": (
        "0 8 1 * ? *", "2026-03-02", "2026-05-01T08:00", ["04-01 08:00", "05-01 08:00"],
    ),
    "every 15 minutes, from 0": (
        "0/15 * * * ? *", "2026-03-01T05:50", "2026-03-01T06:20", ["03-01 06:00", "03-01 06:15"],
    ),
    "1/10 starts with the first minute": (
        "1/20 3 * * ? *", "2026-03-01", "2026-03-02", ["03-01 03:01", "03-01 03:21", "03-01 03:41"],
    ),
    "a list": ("0 6,20 ? * SUN *", "2026-03-01", "2026-03-02", ["03-01 06:00", "03-01 20:00"]),
    "1 is Sunday": ("0 6 ? * 1 *", "2026-03-01", "2026-03-08", ["03-01 06:00"]),
    "3#2 is the second Tuesday": ("0 6 ? * 3#2 *", "2026-03-01", "2026-04-01", ["03-10 06:00"]),
    "L is the last day of the month": ("0 6 L 2 ? *", "2024-01-01", "2024-12-31", ["02-29 06:00"]),
    "L is the last day of the week": ("0 6 ? * L *", "2026-03-01", "2026-03-09", ["03-07 06:00"]),
    "W is the weekday nearest": ("0 6 1W 3 ? *", "2026-03-01", "2026-04-01", ["03-02 06:00"]),
    "W before a Saturday": ("0 6 7W 3 ? *", "2026-03-01", "2026-04-01", ["03-06 06:00"]),
    "W does not leave the month": ("0 6 31W 5 ? *", "2026-05-01", "2026-06-05", ["05-29 06:00"]),
    "1W on a Saturday is the third": ("0 6 1W 8 ? *", "2026-08-01", "2026-09-01", ["08-03 06:00"]),
    "31W of a short month is none": ("0 6 31W 6 ? *", "2026-06-01", "2026-07-02", []),
    "months by name": ("0 6 1 JAN,MAR ? *", "2026-01-01", "2026-12-31",
                       ["01-01 06:00", "03-01 06:00"]),
    "a year": ("0 6 1 1 ? 2027", "2026-01-01", "2029-01-01", ["01-01 06:00"]),
    "a range with an increment": ("0 8-12/2 1 3 ? *", "2026-03-01", "2026-03-02",
                                  ["03-01 08:00", "03-01 10:00", "03-01 12:00"]),
    "seconds in front are not kept to": ("30 0 10 1 3 ? *", "2026-03-01", "2026-03-02",
                                         ["03-01 10:00"]),
    "small letters": ("0 18 ? mar mon-fri *", "2026-03-06", "2026-03-07", ["03-06 18:00"]),
}  # fmt: skip


@pytest.mark.parametrize("rule", CRON)
def test_cron_runs_when_aws_says(rule):
    fields, first, last, expected = CRON[rule]
    assert runs(f"cron({fields})", first, last) == expected


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ("0 8 * * *", "5 fields"),
        ("0 8 * * * *", "must be [?]"),
        ("0 8 ? * ? *", "must be [?]"),
        ("0 24 * * ? *", "not within 0 to 23"),
        ("60 8 * * ? *", "not within 0 to 59"),
        ("0 8 * 13 ? *", "not within 1 to 12"),
        ("0 8 ? * 0 *", "not within 1 to 7"),
        ("0 8 ? * FRI-MON *", "backwards"),
        ("0 8 ? * 3#6 *", "no day of a month"),
        ("0 8 ? * 3#1,6#3 *", "no day of a month"),
        ("0 8 ? * 6L *", "not within 1 to 7"),
        ("0 8 LW * ? *", "not within 1 to 31"),
        ("0 8 40W * ? *", "no day of a month"),
        ("0/0 8 * * ? *", "no increment"),
        ("0 8 1 * ? 1969", "not within 1970 to 2199"),
        ("0 8 ? * MON- *", "not within 1 to 7"),
        ("x 0 10 1 3 ? *", "seconds"),
    ],
)
def test_cron_that_aws_does_not_document_is_refused(fields, wrong):
    with pytest.raises(UsageError, match=wrong) as refused:
        parse_cron(fields)
    assert "cron(0 8 ? * MON-FRI *)" in refused.value.remedy


def test_days_are_found_without_asking_for_times():
    assert parse_cron("0 8 ? * MON-FRI *").matches(date(2026, 3, 2))
    assert not parse_cron("0 8 ? * MON-FRI *").matches(date(2026, 3, 1))


def test_the_wall_clock_of_a_zone_decides_in_summer_and_in_winter():
    """Berlin is UTC+1 until 2026-03-29 01:00 UTC, then UTC+2."""
    found = runs("cron(0 8 * * ? *)", "2026-03-28", "2026-03-30T23:00", timezone="Europe/Berlin")
    assert found == ["03-28 07:00", "03-29 06:00", "03-30 06:00"]


def test_a_day_of_the_week_is_one_of_the_zone():
    """Monday 08:00 in Auckland is Sunday 19:00 UTC in the southern summer."""
    found = runs("cron(0 8 ? * MON *)", "2026-03-01", "2026-03-02", timezone="Pacific/Auckland")
    assert found == ["03-01 19:00"]


def test_a_time_that_the_clock_leaves_out_is_skipped():
    found = runs("cron(30 2 * * ? *)", "2026-03-28", "2026-03-31", timezone="Europe/Berlin")
    assert found == ["03-28 01:30", "03-30 00:30"]


def test_a_time_that_the_clock_repeats_runs_once():
    """2026-10-25 02:30 is there at 00:30 and at 01:30 UTC."""
    found = runs("cron(30 2 * * ? *)", "2026-10-25", "2026-10-25T12:00", timezone="Europe/Berlin")
    assert found == ["10-25 00:30"]


def test_at_runs_once_in_its_zone():
    given = {"timezone": "Asia/Kolkata"}
    assert runs("at(2026-03-01T08:00:00)", "2026-02-01", "2026-04-01", **given) == ["03-01 02:30"]
    assert runs("at(2026-03-01T08:00:00)", "2026-03-02", "2026-04-01", **given) == []


def test_a_rate_counts_from_its_start():
    start_s = epoch("2026-03-01T05:00")
    found = runs("rate(12 hours)", "2026-03-01T06:00", "2026-03-02T18:00", start_s=start_s)
    assert found == ["03-01 17:00", "03-02 05:00", "03-02 17:00"]
    assert runs("rate(1 day)", "2026-02-01", "2026-03-01T05:00", start_s=start_s) == ["03-01 05:00"]


def test_a_rate_whose_start_nobody_knows_is_refused():
    with pytest.raises(UsageError, match="counts from its creation"):
        ScheduledAction(schedule="rate(1 day)", minimum=1)


def test_with_a_start_an_action_runs_then_and_by_its_cron_from_then_on():
    found = runs("cron(0 8 * * ? *)", "2026-03-01", "2026-03-04", start_s=epoch("2026-03-02T09:30"))
    assert found == ["03-02 09:30", "03-03 08:00"]


def test_after_its_end_an_action_does_not_run():
    found = runs("cron(0 8 * * ? *)", "2026-03-01", "2026-03-04", end_s=epoch("2026-03-02T08:00"))
    assert found == ["03-01 08:00", "03-02 08:00"]


def test_the_end_does_not_bring_the_bounds_back():
    weekend = ScheduledAction(
        schedule="cron(0 8 * * ? *)", minimum=4, maximum=9, end_s=epoch("2026-03-02")
    )
    assert bounds_before((weekend,), epoch("2026-03-20"), 1, 20) == (4, 9)


def test_before_the_horizon_the_last_action_has_the_last_word():
    day = ScheduledAction(schedule="cron(0 8 * * ? *)", minimum=4)
    night = ScheduledAction(schedule="cron(0 20 * * ? *)", minimum=2, maximum=6)
    assert bounds_before((day, night), epoch("2026-03-02T09:00"), 1, 20) == (4, 6)
    assert bounds_before((day, night), epoch("2026-03-02T21:00"), 1, 20) == (2, 6)
    assert bounds_before((), epoch("2026-03-02"), 1, 20) == (1, 20)


def test_of_two_actions_at_the_same_time_the_later_one_given_wins():
    one = ScheduledAction(schedule="cron(0 8 * * ? *)", minimum=4)
    two = ScheduledAction(schedule="cron(0 8 * * ? *)", minimum=3)
    assert bounds_before((one, two), epoch("2026-03-02T09:00"), 1, 20) == (3, 20)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"schedule": "0 8 * * ? *"}, "no schedule"),
        ({"schedule": "at(tomorrow)"}, "no time"),
        ({"schedule": "rate(0 minutes)", "start_s": 0}, "no rate"),
        ({"schedule": "rate(1 fortnight)", "start_s": 0}, "no rate"),
        ({"timezone": "Europe/Berlln"}, "no time zone"),
        ({"timezone": "../etc/passwd"}, "no time zone"),
        ({"minimum": None}, "neither a minimum nor a maximum"),
        ({"minimum": 0}, "bounds of 0"),
        ({"minimum": 5, "maximum": 4}, "bounds of 5 to 4"),
    ],
)
def test_an_action_that_aws_would_not_take_is_refused(given, wrong):
    with pytest.raises(UsageError, match=wrong):
        ScheduledAction(**({"schedule": "cron(0 8 * * ? *)", "minimum": 1} | given))


def test_a_misspelt_zone_names_the_nearest():
    with pytest.raises(UsageError) as refused:
        ScheduledAction(schedule="cron(0 8 * * ? *)", minimum=1, timezone="Europe/Berlln")
    assert "Europe/Berlin" in refused.value.remedy


def test_an_action_says_what_it_is():
    action = ScheduledAction(
        schedule="cron(0 8 * * ? *)", minimum=4, timezone="Europe/Berlin", end_s=epoch("2026-03-02")
    )
    assert action.told == "cron(0 8 * * ? *) Europe/Berlin min=4 end=2026-03-02T00:00Z"
