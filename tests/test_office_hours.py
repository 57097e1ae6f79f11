"""Weekly windows: how they are written, when they open by UTC, what a month has of them."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.errors import UsageError
from smcost.office_hours import OfficeHours, WeeklyWindow, whole_minutes
from smcost.read.office_hours_spec import parse_office_hours
from smcost.scaling.cron import parse_cron
from smcost.scaling.zone import reached_at_s, shown_at_s, zone_of

HOUR_S, WEEK_H = 3600, 168
OFFICE = "mon-fri 08:00-20:00 Europe/Berlin"


def hours(text):
    return parse_office_hours([text])


def stamp(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def utc(seconds):
    return datetime.fromtimestamp(seconds, UTC).strftime("%m-%d %H:%M")


def week(text, monday):
    """Openings and closings that a week of UTC touches, and their hours within it."""
    first_s = stamp(monday)
    last_s = first_s + WEEK_H * HOUR_S
    found = hours(text).intervals_s(first_s, last_s)
    inside_s = sum(min(end_s, last_s) - max(begin_s, first_s) for begin_s, end_s in found)
    return [(utc(begin_s), utc(end_s)) for begin_s, end_s in found], inside_s / HOUR_S


MINUTES = {
    "mon-fri 08:00-20:00 UTC": [(1440 * day + 480, 1440 * day + 1200) for day in range(5)],
    "mon,wed 08:00-09:00 UTC": [(480, 540), (3360, 3420)],
    "Monday,SUNDAY 00:00-01:00 UTC": [(0, 60), (8640, 8700)],
    "mon - tue , thu 8:00 - 9:30 UTC": [(480, 570), (1920, 2010), (4800, 4890)],
    "daily 00:00-24:00 UTC": [(0, 10080)],
    "mon-sun 12:00-24:00; daily 00:00-12:00 UTC": [(0, 10080)],
    "fri-mon 00:00-24:00 UTC": [(5760, 11520)],
    "fri 22:00-06:00 UTC": [(7080, 7560)],
    "sun 22:00-06:00 UTC": [(10020, 10440)],
    "mon 08:00-12:00; mon 10:00-14:00 UTC": [(480, 840)],
    "mon 08:00-12:00 UTC; mon 12:00-14:00 UTC": [(480, 840)],
    "sun 23:59-24:00; mon 00:00-00:01 UTC": [(10079, 10081)],
}


@pytest.mark.parametrize("text", MINUTES)
def test_a_text_is_these_minutes_of_the_week(text):
    found = sorted(hours(text).stretches_min)
    wanted = sorted(MINUTES[text])
    if text.startswith("sun 22"):
        wanted = [(10080 - 120, 10080 + 360)]
    assert found == wanted


REFUSED = {
    "no zone": ("mon-fri 08:00-20:00", "names no time zone", "Europe/Berlin, or UTC"),
    "unknown zone": ("mon 08:00-20:00 Europe/Berln", "no time zone", "Europe/Berlin"),
    "two zones": ("mon 08:00-20:00 UTC; tue 08:00-20:00 Asia/Tokyo", "UTC and Asia/Tokyo", "one"),
    "unknown day": ("mon-fry 08:00-20:00 UTC", "'fry' in 'mon-fry", "mon, tue"),
    "a range of three": ("mon-tue-wed 08:00-20:00 UTC", "'mon-tue-wed' in", "mon, tue"),
    "no length": ("mon 08:00-08:00 UTC", "closes when it opens: 'mon", "00:00-24:00"),
    "beyond the day": ("mon 08:00-24:30 UTC", "24:30 in 'mon", "24:00 as its end"),
    "opens at the end": ("mon 24:00-08:00 UTC", "opens or closes at no time", "23:59"),
    "minute 60": ("mon 08:60-09:00 UTC", "08:60 in 'mon", "23:59"),
    "hours alone": ("mon 8-20 UTC", "is no window", "08:00-20:00"),
    "nothing": ("", "'' is no window", "Write it like"),
    "nothing behind a semicolon": ("mon 08:00-20:00 UTC;", "'' is no window", "separated by ;"),
    "no days": ("08:00-20:00 UTC", "'08:00-20:00 UTC' is no window", "Write it like"),
    "no end": ("mon 08:00 UTC", "is no window", "Write it like"),
    "hour 25": ("mon 25:00-26:00 UTC", "25:00 in 'mon", "23:59"),
    "a range without an end": ("mon- 08:00-20:00 UTC", "is no window", "Write it like"),
    "a range of daily": ("daily-fri 08:00-20:00 UTC", "'daily' in 'daily-fri", "or daily"),
    "an empty part of a list": ("mon,,fri 08:00-20:00 UTC", "is no window", "Write it like"),
    "a long dash": ("mon 08:00\u201320:00 UTC", "is no window", "Write it like"),
    "seconds": ("mon 08:00:00-20:00:00 UTC", "is no window", "Write it like"),
    "an unknown zone in the first of two": (
        "mon 08:00-09:00 Mars; tue 08:00-09:00",
        "'Mars'",
        "Europe/Berlin",
    ),
    "more behind the zone": ("mon 08:00-20:00 UTC or so", "is no window", "Write it like"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_with_a_remedy(name):
    text, cause, remedy = REFUSED[name]
    with pytest.raises(UsageError) as refused:
        hours(text)
    assert cause in refused.value.cause
    assert remedy in refused.value.remedy
    assert refused.value.place == "--non-prod"


def test_windows_of_nothing_are_refused():
    with pytest.raises(UsageError, match="no window"):
        OfficeHours(windows=(), timezone="UTC")
    with pytest.raises(UsageError, match="no day"):
        WeeklyWindow(days=frozenset(), opens_min=0, closes_min=60)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (OFFICE, OFFICE),
        ("fri-mon 0:00-24:00 UTC", "mon,fri-sun 00:00-24:00 UTC"),
        ("sat,sun 22:00-6:00; daily 12:00-13:00 UTC", "sat-sun 22:00-06:00; daily 12:00-13:00 UTC"),
    ],
)
def test_windows_are_told_as_they_could_be_written(text, told):
    assert hours(text).told == told
    assert hours(told) == hours(text)


def test_a_window_follows_the_clock_of_its_zone():
    winter, inside_h = week(OFFICE, "2026-01-05")
    assert winter[0] == ("01-05 07:00", "01-05 19:00")
    assert (len(winter), inside_h) == (5, 60)
    summer, inside_h = week(OFFICE, "2026-07-06")
    assert summer[4] == ("07-10 06:00", "07-10 18:00")
    assert inside_h == 60


SHIFTS = {
    "spring, before and after": (
        "sun 00:00-06:00 Europe/Berlin", "2026-03-23", [("03-28 23:00", "03-29 04:00")], 5
    ),
    "autumn, before and after": (
        "sun 00:00-06:00 Europe/Berlin", "2026-10-19", [("10-24 22:00", "10-25 05:00")], 7
    ),
    "spring, opens when there is no such time": (
        "sun 02:30-06:00 Europe/Berlin", "2026-03-23", [("03-29 01:00", "03-29 04:00")], 3
    ),
    "spring, closes when there is no such time": (
        "sun 00:00-02:30 Europe/Berlin", "2026-03-23", [("03-28 23:00", "03-29 01:00")], 2
    ),
    "spring, is left out whole": ("sun 02:00-03:00 Europe/Berlin", "2026-03-23", [], 0),
    "autumn, opens at the first of both": (
        "sun 02:30-06:00 Europe/Berlin", "2026-10-19", [("10-25 00:30", "10-25 05:00")], 4.5
    ),
    "autumn, closes at the first of both": (
        "sun 00:00-02:30 Europe/Berlin", "2026-10-19", [("10-24 22:00", "10-25 00:30")], 2.5
    ),
    "the office week of the spring": (
        OFFICE,
        "2026-03-23",
        [(f"03-{day} 07:00", f"03-{day} 19:00") for day in range(23, 28)],
        60,
    ),
    "spring of the south": (
        "sun 00:00-06:00 Australia/Sydney", "2026-09-28", [("10-03 14:00", "10-03 19:00")], 5
    ),
    "autumn of the south": (
        "sun 00:00-06:00 Australia/Sydney", "2026-03-30", [("04-04 13:00", "04-04 20:00")], 7
    ),
    "half an hour, spring of the south": (
        "sun 00:00-06:00 Australia/Lord_Howe", "2026-09-28", [("10-03 13:30", "10-03 19:00")], 5.5
    ),
    "half an hour, autumn of the south": (
        "sun 00:00-06:00 Australia/Lord_Howe", "2026-03-30", [("04-04 13:00", "04-04 19:30")], 6.5
    ),
    "spring of America": (
        "sun 00:00-06:00 America/New_York", "2026-03-02", [("03-08 05:00", "03-08 10:00")], 5
    ),
    "autumn of America": (
        "sun 00:00-06:00 America/New_York", "2026-10-26", [("11-01 04:00", "11-01 11:00")], 7
    ),
    "a shift at midnight": (
        "fri 00:00-06:00 Africa/Cairo", "2026-04-20", [("04-23 22:00", "04-24 03:00")], 5
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHIFTS)
def test_a_shift_of_the_clock(name):
    text, monday, wanted, inside_h = SHIFTS[name]
    assert week(text, monday) == (wanted, inside_h)


def test_the_weeks_of_the_shifts_are_an_hour_shorter_and_longer():
    always = hours("mon-sun 00:00-24:00 Europe/Berlin")
    zone = ZoneInfo("Europe/Berlin")
    for monday, wanted_h in (("2026-03-23", 167), ("2026-10-19", 169), ("2026-07-06", 168)):
        first = datetime.fromisoformat(monday).replace(tzinfo=zone)
        ends = [int(at.timestamp()) for at in (first, first + timedelta(days=7))]
        assert (ends[1] - ends[0]) / HOUR_S == wanted_h
        [(begin_s, end_s)] = always.intervals_s(*ends)
        assert begin_s <= ends[0] < ends[1] <= end_s


def test_breaks_up_to_a_length_are_none():
    text = "mon 08:00-12:00; mon 12:05-13:00; mon 13:10-14:00 UTC"
    first_s = stamp("2026-01-05")
    for gap_s, count in ((0, 3), (299, 3), (300, 2), (599, 2), (600, 1)):
        found = hours(text).intervals_s(first_s, first_s + 24 * HOUR_S, gap_s)
        assert len(found) == count, gap_s


def test_five_days_of_twelve_hours_are_60_of_168_to_the_last_digit():
    found = hours(OFFICE).presence()
    assert found.share == Fraction(60, 168)
    assert found.openings_per_hour == Fraction(5, 168)


@pytest.mark.parametrize(
    ("before_s", "after_s", "hours_a_week"),
    [(300, 0, 60 + 5 / 12), (0, 1500, 60 + 25 / 12), (300, 1500, 62.5), (6 * HOUR_S, 0, 90)],
)
def test_start_up_and_tail_widen_every_window(before_s, after_s, hours_a_week):
    share = hours(OFFICE).presence(before_s=before_s, after_s=after_s).share
    assert float(share * WEEK_H) == pytest.approx(hours_a_week, rel=1e-12)


def test_within_a_short_break_start_up_and_tail_count_once():
    lunch = hours("mon 08:00-12:00; mon 12:10-14:00 UTC")
    assert lunch.presence(before_s=600, after_s=600).share * WEEK_H == 6 + Fraction(20, 60)
    # And a break as long as the start-up is none.
    assert lunch.presence(before_s=600, shortest_gap_s=600).openings_per_hour * WEEK_H == 1


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata"])
def test_without_a_break_it_is_the_whole_month_wherever(zone):
    always = hours(f"mon-fri 00:00-24:00; sat,sun 00:00-24:00 {zone}")
    assert always.always
    assert always.presence(before_s=300, after_s=1500).share == 1
    assert always.presence().openings_per_hour == 0
    assert always.crons(before_min=5) == ((), ())
    assert always.shortest_break_min is None
    assert always.left_out(before_min=5) is None


CRONS = {
    OFFICE: (["cron(55 7 ? * MON-FRI *)"], ["cron(0 20 ? * MON-FRI *)"]),
    "daily 08:00-20:00 UTC": (["cron(55 7 * * ? *)"], ["cron(0 20 * * ? *)"]),
    "mon-fri 00:00-12:00 UTC": (["cron(55 23 ? * MON-THU,SUN *)"], ["cron(0 12 ? * MON-FRI *)"]),
    "sat,sun 10:00-11:00 UTC": (["cron(55 9 ? * SAT,SUN *)"], ["cron(0 11 ? * SAT,SUN *)"]),
    "fri 22:00-06:00 UTC": (["cron(55 21 ? * FRI *)"], ["cron(0 6 ? * SAT *)"]),
    "sun 12:00-24:00 UTC": (["cron(55 11 ? * SUN *)"], ["cron(0 0 ? * MON *)"]),
    "mon 08:00-12:00; tue 09:00-12:00 UTC": (
        ["cron(55 7 ? * MON *)", "cron(55 8 ? * TUE *)"],
        ["cron(0 12 ? * MON-TUE *)"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", CRONS)
def test_the_schedules_are_aws_cron_and_run_at_every_opening_and_closing(text):
    found = hours(text)
    opens, closes = found.crons(before_min=5)
    assert (list(opens), list(closes)) == CRONS[text]
    zone, first_s = zone_of(found.timezone), stamp("2026-06-01")
    wanted = found.intervals_s(first_s, first_s + WEEK_H * HOUR_S)
    runs = [
        shown_at_s(datetime(day.year, day.month, day.day, hour, minute), zone)  # noqa: DTZ001
        for schedule in opens
        for day, hour, minute in parse_cron(schedule[5:-1]).times(
            datetime(2026, 5, 30, tzinfo=UTC).date(), datetime(2026, 6, 9, tzinfo=UTC).date()
        )
    ]
    assert {begin_s - 300 for begin_s, _ in wanted} <= set(runs)


def test_a_time_that_the_clock_leaves_out_is_named():
    assert hours("daily 03:00-22:00 Europe/Berlin").left_out(before_min=5) == "2026-03-29 02:55"
    assert hours("daily 03:00-22:00 Europe/Berlin").left_out(before_min=0) is None
    assert hours("sun 00:00-02:15 Europe/Berlin").left_out(before_min=5) == "2026-03-29 02:15"
    assert hours(OFFICE).left_out(before_min=5) is None
    assert hours("daily 03:00-22:00 UTC").left_out(before_min=5) is None


def test_the_shortest_break_is_found_over_the_end_of_the_week():
    assert hours(OFFICE).shortest_break_min == 12 * 60
    assert hours("sun 12:00-23:50; mon 00:00-12:00 UTC").shortest_break_min == 10


def test_whole_minutes_are_rounded_up():
    assert [whole_minutes(seconds) for seconds in (0, 0.5, 60, 61, 300)] == [0, 1, 1, 2, 5]


times = st.integers(0, 95).map(lambda quarter: 15 * quarter)
window = st.builds(
    lambda days, opens, length: WeeklyWindow(
        days=days, opens_min=opens, closes_min=(opens + length) % 1440 or 1440
    ),
    st.frozensets(st.integers(0, 6), min_size=1),
    times,
    st.integers(1, 95).map(lambda quarter: 15 * quarter),
).filter(lambda found: found.opens_min != found.closes_min)
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo"])


@given(st.lists(window, min_size=1, max_size=3), window, zones)
@settings(max_examples=15)
def test_another_window_never_makes_less(windows, another, zone):
    few = OfficeHours(windows=tuple(windows), timezone=zone)
    more = OfficeHours(windows=(*windows, another), timezone=zone)
    assert few.presence().share <= more.presence().share <= 1
    assert few.presence(before_s=300).share <= more.presence(before_s=300).share <= 1


@given(st.lists(window, min_size=1, max_size=3), zones)
@settings(max_examples=15)
def test_intervals_are_in_order_apart_and_of_the_windows(windows, zone):
    found = OfficeHours(windows=tuple(windows), timezone=zone)
    first_s = stamp("2026-03-23")
    intervals = found.intervals_s(first_s, first_s + WEEK_H * HOUR_S)
    for (_, end_s), (begin_s, _) in pairwise(intervals):
        assert end_s < begin_s
    stretches = found.stretches_min
    for begin_s, end_s in intervals:
        assert begin_s < end_s
        local = datetime.fromtimestamp(begin_s, zone_of(zone))
        minute = 1440 * local.weekday() + 60 * local.hour + local.minute
        assert any((minute - opens) % 10080 < closes - opens for opens, closes in stretches)


@given(st.lists(window, min_size=1, max_size=3))
@settings(max_examples=25)
def test_hours_of_the_week_within_and_outside_are_168(windows):
    """What lies between the stretches, the end of the week included, is what is outside."""
    found = OfficeHours(windows=tuple(windows), timezone="UTC")
    stretches = found.stretches_min
    opens = [*(begin for begin, _ in stretches[1:]), stretches[0][0] + 7 * 1440]
    outside_min = sum(begin - end for begin, (_, end) in zip(opens, stretches, strict=True))
    inside_h = found.presence().share * WEEK_H
    assert inside_h + Fraction(outside_min, 60) == WEEK_H
    minutes = {
        (1440 * day + each.opens_min + minute) % 10080
        for each in windows
        for day in each.days
        for minute in range(each.length_min)
    }
    assert 60 * inside_h == len(minutes)


@given(st.lists(window, min_size=1, max_size=3), st.sampled_from([0, 5, 15, 60, 600]))
@settings(max_examples=25)
def test_schedules_are_of_the_windows_with_a_longer_break(windows, lead_min):
    found = OfficeHours(windows=tuple(windows), timezone="UTC")
    first_s = stamp("2026-06-01")
    week_s = (first_s, first_s + WEEK_H * HOUR_S)
    gap_s = 60 * lead_min
    begun = {begin_s - gap_s for begin_s, _ in found.intervals_s(*week_s, gap_s)}
    ended = {end_s for _, end_s in found.intervals_s(*week_s, gap_s)}
    days = [datetime(2026, 6, day, tzinfo=UTC).date() for day in (1, 7)]
    for schedules, wanted in zip(found.crons(before_min=lead_min), (begun, ended), strict=True):
        runs = {
            int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC).timestamp())
            for schedule in schedules
            for day, hour, minute in parse_cron(schedule[5:-1]).times(*days)
        }
        within = {at for at in wanted if week_s[0] <= at < week_s[1]}
        # Merged without end the week has an opening far before it, and no schedule.
        assert within <= runs or not schedules
        openings = found.presence(shortest_gap_s=gap_s).openings_per_hour * WEEK_H
        assert len(runs) == openings


def test_a_day_that_was_left_out_whole_is_the_moment_of_the_shift():
    """Samoa went from Thursday to Saturday at the end of 2011."""
    apia = zone_of("Pacific/Apia")
    noon = datetime(2011, 12, 30, 12, tzinfo=UTC)
    assert shown_at_s(noon, apia) is None
    assert reached_at_s(noon, apia) == stamp("2011-12-30T10:00")
