"""Minimums of a week: how they are told, which scheduled actions they are, and when those run."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.errors import UsageError
from smcost.read.scaling_specs import parse_action
from smcost.scaling.clock_changes import changed_slots
from smcost.scaling.timetable import (
    SLOTS_PER_DAY,
    SLOTS_PER_WEEK,
    TimedMinimum,
    Timetable,
    timetable_of,
)

WEEKDAYS, WEEKEND, EVERY = tuple(range(5)), (5, 6), tuple(range(7))


def window(days, start, hours, minimum=6):
    return TimedMinimum(
        days=days,
        start_minute=int(60 * start),
        length_minutes=int(60 * hours),
        minimum=minimum,
    )


def timetable(*windows, otherwise=2, zone="Europe/Berlin"):
    return Timetable(timezone=zone, windows=windows, otherwise=otherwise)


TOLD = [
    ("weekdays", window(WEEKDAYS, 7, 13), "mon-fri 07:00-20:00"),
    ("over midnight", window(EVERY, 22.5, 7), "every day 22:30-05:30"),
    ("the weekend", window(WEEKEND, 8, 4), "sat-sun 08:00-12:00"),
    ("single days", window((0, 2, 3, 4), 9, 1.5), "mon, wed-fri 09:00-10:30"),
    ("days at a stretch", window((0,), 0, 120), "mon 00:00 to sat 00:00"),
    ("over the end of the week", window((6,), 23.5, 121), "sun 23:30 to sat 00:30"),
    ("a whole day", window((2,), 0, 24), "wed 00:00 to thu 00:00"),
]  # fmt: skip


@pytest.mark.parametrize(("found", "told"), [row[1:] for row in TOLD], ids=[r[0] for r in TOLD])
def test_a_window_is_told_as_a_person_would(found, told):
    assert found.told == told
    assert timetable(found).told == f"{told} minimum 6, else 2"


ACTIONS = [
    (
        "weekdays",
        window(WEEKDAYS, 7, 13),
        ("cron(0 7 ? * MON-FRI *)", "cron(0 20 ? * MON-FRI *)"),
        ("raise-mon-fri-0700", "lower-mon-fri-2000"),
    ),
    (
        "weekdays over midnight",
        window(WEEKDAYS, 22.5, 7),
        ("cron(30 22 ? * MON-FRI *)", "cron(30 5 ? * TUE-SAT *)"),
        ("raise-mon-fri-2230", "lower-tue-sat-0530"),
    ),
    (
        "every day",
        window(EVERY, 0, 6),
        ("cron(0 0 * * ? *)", "cron(0 6 * * ? *)"),
        ("raise-every-day-0000", "lower-every-day-0600"),
    ),
    (
        "the weekend over midnight",
        window(WEEKEND, 23, 7),
        ("cron(0 23 ? * SUN,SAT *)", "cron(0 6 ? * SUN,MON *)"),
        ("raise-sat-sun-2300", "lower-mon-and-sun-0600"),
    ),
    (
        "five days at a stretch",
        window((6,), 23.5, 121),
        ("cron(30 23 ? * SUN *)", "cron(30 0 ? * SAT *)"),
        ("raise-sun-2330", "lower-sat-0030"),
    ),
]


@pytest.mark.parametrize(
    ("found", "crons", "names"), [row[1:] for row in ACTIONS], ids=[r[0] for r in ACTIONS]
)
def test_a_window_is_a_pair_of_actions_that_the_command_line_takes(found, crons, names):
    actions = timetable(found).actions
    assert tuple(action.schedule for action in actions) == crons
    assert tuple(action.name for action in actions) == names
    assert [action.minimum for action in actions] == [6, 2]
    assert {action.maximum for action in actions} == {None}
    for action in actions:
        read = parse_action(action.told)
        assert (read.schedule, read.timezone) == (action.schedule, "Europe/Berlin")
        assert (read.minimum, read.maximum) == (action.minimum, None)


def utc(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


CHANGES = [
    ("Friday before spring", "2024-03-29", ("2024-03-29T07:00", "2024-03-29T19:00")),
    ("Sunday of the change, spring", "2024-03-31", ("2024-03-31T06:00", "2024-03-31T18:00")),
    ("Monday after spring", "2024-04-01", ("2024-04-01T06:00", "2024-04-01T18:00")),
    ("Saturday before autumn", "2024-10-26", ("2024-10-26T06:00", "2024-10-26T18:00")),
    ("Sunday of the change, autumn", "2024-10-27", ("2024-10-27T07:00", "2024-10-27T19:00")),
]


@pytest.mark.parametrize(
    ("day", "expected"), [row[1:] for row in CHANGES], ids=[r[0] for r in CHANGES]
)
def test_eight_to_eight_in_berlin_follows_the_change_of_clocks(day, expected):
    raised, lowered = timetable(window(EVERY, 8, 12)).actions
    first, last = utc(day), utc(day) + 86_399
    assert raised.occurrences_s(first, last) == [utc(expected[0])]
    assert lowered.occurrences_s(first, last) == [utc(expected[1])]


def test_a_night_over_the_change_is_an_hour_shorter_or_longer():
    raised, lowered = timetable(window((5,), 22, 8)).actions
    lengths = []
    for saturday in ("2024-03-23", "2024-03-30", "2024-10-26"):
        (begin,) = raised.occurrences_s(utc(saturday), utc(saturday) + 2 * 86_400)
        (end,) = lowered.occurrences_s(utc(saturday), utc(saturday) + 2 * 86_400)
        lengths.append((end - begin) / 3_600)
    assert lengths == [8, 7, 9]


SLOTS = [
    ("Europe/Berlin", {4, 5}),
    ("Europe/London", {2, 3}),
    ("America/New_York", {2, 3, 4, 5}),
    ("Australia/Lord_Howe", {3, 4}),
    ("Asia/Kolkata", set()),
    ("UTC", set()),
]


@pytest.mark.parametrize(("zone", "slots"), SLOTS, ids=[row[0] for row in SLOTS])
def test_half_hours_that_clocks_skip_or_repeat_are_known(zone, slots):
    assert changed_slots(zone, utc("2024-01-01")) == slots


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Sydney"])
def test_an_action_at_any_other_half_hour_runs_once_a_day_for_two_years(zone):
    first = utc("2024-01-01")
    for slot in range(0, SLOTS_PER_DAY, 8):
        (action, _) = timetable(window(EVERY, slot / 2, 1), zone=zone).actions
        found = action.occurrences_s(first, first + 700 * 86_400)
        local = [datetime.fromtimestamp(at_s, ZoneInfo(zone)) for at_s in found]
        assert {(at.hour, at.minute) for at in local} == {divmod(30 * slot, 60)}
        if slot not in changed_slots(zone, first):
            assert len(found) in (700, 701)


BAD = [
    ("no window", (), 2),
    ("windows that overlap", (window(EVERY, 7, 5), window((2,), 9, 5)), 2),
    ("windows that touch", (window(EVERY, 7, 5), window(EVERY, 12, 1, 5)), 2),
    ("one that overlaps itself a day later", (window(EVERY, 7, 25),), 2),
    ("one that goes round the week", (window((3,), 0, 168),), 2),
    ("one that raises nothing", (window(EVERY, 7, 5, 2),), 2),
    ("over the end of the week into the next", (window((6,), 20, 8), window((0,), 3, 2)), 2),
    ("none outside", (window(EVERY, 7, 5),), 0),
]


@pytest.mark.parametrize(("windows", "otherwise"), [r[1:] for r in BAD], ids=[r[0] for r in BAD])
def test_what_is_no_timetable_is_refused(windows, otherwise):
    with pytest.raises(UsageError, match="no timetable"):
        timetable(*windows, otherwise=otherwise)


def test_another_minimum_in_one_window_may_take_it_away():
    both = timetable(window(WEEKDAYS, 7, 5), window(WEEKEND, 9, 2, 4))
    assert both.with_minimum(0, 3).told == (
        "mon-fri 07:00-12:00 minimum 3, sat-sun 09:00-11:00 minimum 4, else 2"
    )
    assert both.with_minimum(0, 2).told == "sat-sun 09:00-11:00 minimum 4, else 2"
    assert both.with_minimum(1, 2).with_minimum(0, 2) is None
    assert both.with_minimum(0, 1) is None
    assert (both.highest, both.lowest_raised) == (6, 4)


@st.composite
def weeks(draw):
    """Weeks of two levels above the lowest, in stretches of any length."""
    levels = draw(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 60)), min_size=2))
    week = [level for level, length in levels for _ in range(length)]
    return tuple((week * SLOTS_PER_WEEK)[:SLOTS_PER_WEEK])


@settings(deadline=None, max_examples=60)
@given(weeks())
def test_a_week_and_its_timetable_are_the_same(week):
    found = timetable_of(week, "UTC")
    if found is not None:
        assert found.half_hours == week
        assert sum(len(window.days) for window in found.windows) == len(_rises(week))
    else:
        levels = zip(week, week[1:] + week[:1], strict=True)
        touching = any(a != b and min(a, b) > min(week) for a, b in levels)
        assert touching or max(week) == min(week)


def _rises(week):
    low = min(week)
    return [n for n, level in enumerate(week) if level > low and week[n - 1] == low]


@settings(deadline=None, max_examples=15)
@given(weeks(), st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata"]))
def test_the_actions_of_a_week_set_every_half_hour_as_the_week_says(week, zone):
    """Over two weeks without a change of clocks, from the bounds that the actions leave."""
    found = timetable_of(week, zone)
    if found is None:
        return
    begin = datetime(2024, 6, 3, tzinfo=ZoneInfo(zone))  # a Monday
    runs = sorted(
        (at_s, action.minimum)
        for action in found.actions
        for at_s in action.occurrences_s(
            int(begin.timestamp()) - 8 * 86_400, int(begin.timestamp()) + 7 * 86_400
        )
    )
    for slot in range(0, SLOTS_PER_WEEK, 7):
        at_s = int(begin.timestamp()) + 1_800 * slot
        assert [minimum for ran_s, minimum in runs if ran_s <= at_s][-1] == week[slot]
