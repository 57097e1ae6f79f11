"""Moments of every week as cron: every group of days, read back by the reader of cron."""

from datetime import UTC, datetime, timedelta

import pytest

from smcost.scaling.cron import parse_cron
from smcost.scaling.weekly_cron import (
    DAYS,
    MINUTES_PER_DAY,
    MINUTES_PER_WEEK,
    day_names,
    weekly_crons,
)

MONDAY = datetime(2026, 6, 1, tzinfo=UTC).date()
SUNDAY = MONDAY + timedelta(days=6)

GROUPS = {
    (0,): ("MON", "MON"),
    (6,): ("SUN", "SUN"),
    (0, 1): ("MON-TUE", "MON-TUE"),
    (0, 2, 4): ("MON,WED,FRI", "MON,WED,FRI"),
    (0, 1, 2, 3, 4): ("MON-FRI", "MON-FRI"),
    (5, 6): ("SAT-SUN", "SAT,SUN"),
    (4, 5, 6, 0): ("MON,FRI-SUN", "MON,FRI-SAT,SUN"),
    (0, 6): ("MON,SUN", "MON,SUN"),
    (0, 1, 3, 4, 6): ("MON-TUE,THU-FRI,SUN", "MON-TUE,THU-FRI,SUN"),
    (0, 1, 2, 3, 4, 5): ("MON-SAT", "MON-SAT"),
}


@pytest.mark.parametrize("days", GROUPS)
def test_a_group_of_days_has_these_names(days):
    told, written = GROUPS[days]
    assert day_names(frozenset(days)) == told
    assert weekly_crons([1440 * day + 485 for day in days]) == (f"cron(5 8 ? * {written} *)",)


@pytest.mark.parametrize("number", range(1, 128))
def test_every_group_of_days_runs_on_them_and_on_no_other(number):
    days = [day for day in range(7) if number >> day & 1]
    [schedule] = weekly_crons([1440 * day + 1439 for day in days])
    runs = list(parse_cron(schedule[5:-1]).times(MONDAY, SUNDAY))
    assert runs == [(MONDAY + timedelta(days=day), 23, 59) for day in days]


def test_times_of_the_day_are_told_apart_and_in_order():
    assert weekly_crons([1440 + 600, 480, 2 * 1440 + 480]) == (
        "cron(0 8 ? * MON,WED *)",
        "cron(0 10 ? * TUE *)",
    )
    assert weekly_crons([]) == ()


def test_what_lies_beyond_the_week_comes_round():
    """Five minutes before Monday are on Sunday, and the end of Sunday is Monday."""
    assert weekly_crons([-5]) == ("cron(55 23 ? * SUN *)",)
    assert weekly_crons([MINUTES_PER_WEEK]) == ("cron(0 0 ? * MON *)",)
    every = [MINUTES_PER_DAY * day for day in range(len(DAYS))]
    assert weekly_crons([*every, MINUTES_PER_WEEK]) == ("cron(0 0 * * ? *)",)
