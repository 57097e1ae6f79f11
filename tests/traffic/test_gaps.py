"""Absent steps are gaps; zeros are an outage only if neither chance nor habit explains them."""

from datetime import UTC, datetime

import numpy as np
import pytest

from smcost.remarks import WarningCode
from smcost.traffic.gaps import Interval, gap_caveats, gaps, is_weekend, suspected_outages
from smcost.traffic.trace import Trace

MONDAY_S = 1_704_067_200  # 2024-01-01T00:00Z
DAY = 1440


def trace(counts, *, absent=(), start_s=MONDAY_S, step_s=60):
    counts = np.array(counts, dtype=np.int64)
    present = np.ones(counts.size, dtype=bool)
    present[list(absent)] = False
    counts[~present] = 0
    return Trace(start_s=start_s, step_s=step_s, invocations=counts, present=present)


def steady(days, level=30):
    return np.full(days * DAY, level)


def office_hours(days, level=30):
    """Busy from 08:00 to 18:00 every day, nothing at night."""
    minute = np.arange(days * DAY) % DAY
    return np.where((minute >= 480) & (minute < 1080), level, 0)


def minutes_of(found):
    return [((i.start_s - MONDAY_S) // 60, (i.end_s - MONDAY_S) // 60) for i in found]


def test_gaps_are_the_stretches_of_absent_steps():
    found = gaps(trace([1, 2, 3, 4, 5, 6], absent=[1, 2, 4]))
    assert found == (
        Interval(start_s=MONDAY_S + 60, end_s=MONDAY_S + 180, steps=2),
        Interval(start_s=MONDAY_S + 240, end_s=MONDAY_S + 300, steps=1),
    )


def test_a_complete_trace_has_no_gaps():
    assert gaps(trace([1, 2, 3])) == ()


def test_a_busy_trace_falling_silent_for_an_hour_is_an_outage():
    counts = steady(3)
    counts[2000:2060] = 0
    assert minutes_of(suspected_outages(trace(counts))) == [(2000, 2060)]


@pytest.mark.parametrize(("level", "outages"), [(19, 0), (20, 1)])
def test_one_silent_minute_is_an_outage_from_20_expected_invocations_on(level, outages):
    counts = steady(2, level)
    counts[700] = 0
    assert len(suspected_outages(trace(counts))) == outages


def test_the_quieter_side_decides_how_many_invocations_were_expected():
    counts = steady(2, 100)
    counts[700:705] = 0
    counts[705:720] = 3  # 5 x 3 = 15 invocations expected, seen from this side
    assert suspected_outages(trace(counts)) == ()


def test_zeros_that_chance_explains_are_no_outage():
    counts = np.random.default_rng(seed=7).poisson(0.5, 5 * DAY)
    assert (counts == 0).sum() > 3 * DAY / 2
    assert suspected_outages(trace(counts)) == ()


def test_a_nightly_silence_is_idleness():
    assert suspected_outages(trace(office_hours(5))) == ()


def test_nights_that_begin_a_little_earlier_or_later_are_idleness_too():
    rng = np.random.default_rng(seed=3)
    minute, counts = np.arange(DAY), []
    for _ in range(10):
        opens, closes = 480 + rng.integers(-30, 30), 1080 + rng.integers(-30, 30)
        counts.append(np.where((minute >= opens) & (minute < closes), 30, 0))
    assert suspected_outages(trace(np.concatenate(counts))) == ()


def test_an_hour_of_silence_at_noon_between_idle_nights_is_an_outage():
    counts = office_hours(4)
    noon = 2 * DAY + 720
    counts[noon : noon + 60] = 0
    assert minutes_of(suspected_outages(trace(counts))) == [(noon, noon + 60)]


def test_a_whole_silent_working_day_between_idle_nights_is_an_outage():
    counts = office_hours(5)
    counts[2 * DAY : 3 * DAY] = 0
    assert minutes_of(suspected_outages(trace(counts))) == [(DAY + 1080, 3 * DAY + 480)]


def test_a_silence_of_days_is_not_compared_with_itself():
    counts = steady(5)[: 4 * DAY + 720]
    counts[720 : 4 * DAY - 60] = 0  # Monday noon to Thursday 23:00, in a trace until Friday noon
    assert minutes_of(suspected_outages(trace(counts))) == [(720, 4 * DAY - 60)]


def test_a_silent_weekend_with_no_other_to_compare_is_idleness():
    counts = steady(9)
    counts[5 * DAY : 7 * DAY] = 0
    assert suspected_outages(trace(counts)) == ()


def test_a_silent_weekend_is_an_outage_where_other_weekends_are_busy():
    counts = steady(21)
    counts[12 * DAY : 14 * DAY] = 0
    assert minutes_of(suspected_outages(trace(counts))) == [(12 * DAY, 14 * DAY)]


def test_silent_weekends_that_recur_are_idleness():
    counts = steady(21)
    for week in range(3):
        counts[(7 * week + 5) * DAY : (7 * week + 7) * DAY] = 0
    assert suspected_outages(trace(counts)) == ()


@pytest.mark.parametrize(("hours", "outages"), [(4, 1), (5, 0)])
def test_without_another_day_only_up_to_four_hours_are_called_an_outage(hours, outages):
    counts = steady(1)
    counts[600 : 600 + 60 * hours] = 0
    assert len(suspected_outages(trace(counts))) == outages


def test_traffic_that_comes_in_random_bursts_has_no_outages():
    bursts = np.random.default_rng(seed=1).random(14 * DAY) < 0.1
    assert suspected_outages(trace(np.where(bursts, 300, 0))) == ()


def test_a_job_that_runs_every_hour_has_no_outages_even_within_one_day():
    minute = np.arange(DAY) % 60
    assert suspected_outages(trace(np.where(minute < 20, 300, 0))) == ()


def test_an_outage_stands_out_between_short_silences():
    counts = np.where(np.random.default_rng(seed=2).random(5 * DAY) < 0.1, 0, 100)
    counts[3 * DAY : 3 * DAY + 90] = 0
    (found,) = suspected_outages(trace(counts))
    assert 90 <= found.steps <= 95


@pytest.mark.parametrize(("silences", "outages"), [(3, 3), (4, 0)])
def test_three_silences_in_a_day_are_outages_and_four_are_bursts(silences, outages):
    counts = steady(1)
    for number in range(silences):
        counts[200 + 300 * number : 210 + 300 * number] = 0
    assert len(suspected_outages(trace(counts))) == outages


def test_silence_at_either_end_is_no_outage():
    counts = steady(2)
    counts[:100] = 0
    counts[-100:] = 0
    assert suspected_outages(trace(counts)) == ()


def test_zeros_on_both_sides_of_a_gap_are_two_outages():
    counts = steady(3)
    counts[2000:2100] = 0
    found = suspected_outages(trace(counts, absent=range(2040, 2060)))
    assert minutes_of(found) == [(2000, 2040), (2060, 2100)]


def test_absent_steps_are_never_an_outage():
    assert suspected_outages(trace(steady(3), absent=range(2000, 2100))) == ()


def test_a_trace_without_any_invocation_has_no_outage():
    assert suspected_outages(trace(np.zeros(DAY))) == ()


def test_steps_that_do_not_divide_a_day_are_compared_as_well():
    day = 86_400 // 57
    counts = np.full(4 * day, 30)
    counts[2 * day : 2 * day + 40] = 0
    assert [found.steps for found in suspected_outages(trace(counts, step_s=57))] == [40]


def test_caveats_say_how_much_is_absent_and_how_much_silent():
    counts = steady(3)
    counts[2000:2060] = 0
    found = gap_caveats(trace(counts, absent=[5, 6, 9]))
    assert [caveat.code for caveat in found] == [
        WarningCode.TRAFFIC_GAPS,
        WarningCode.SUSPECTED_OUTAGE,
    ]
    assert found[0].message.startswith("3 steps of 60 s are absent from the trace, in 2 stretches")
    assert found[1].message.startswith(
        "60 steps of 60 s are zero between busy neighbours, in one stretch"
    )


def test_a_sound_trace_needs_no_caveat():
    assert gap_caveats(trace(steady(1))) == []


@pytest.mark.parametrize("day", range(7))
def test_weekends_are_those_of_the_calendar(day):
    weekday = datetime.fromtimestamp(MONDAY_S + day * 86_400, UTC).weekday()
    days = np.array([MONDAY_S // 86_400 + day])
    assert is_weekend(days).tolist() == [weekday >= 5]
