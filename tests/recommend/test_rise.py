"""From when to when the traffic rose."""

import numpy as np

from smcost.recommend.rise import minutes_of, rise_before

T0 = 1_704_067_200


def rise(counts, minute, reach_s=600, starts=None):
    counts = np.array(counts)
    start_s = T0 + 60 * np.arange(counts.size) if starts is None else np.array(starts)
    return rise_before(start_s, counts, minute, reach_s)


def test_a_jump_takes_a_minute_however_long_the_plateau_behind_it():
    found = rise([100] * 10 + [800] * 9, minute=18)
    assert (found.begins, found.ends, minutes_of(found)) == (9, 10, 1)
    assert found.factor == 8.0


def test_a_ramp_takes_as_long_as_it_takes():
    found = rise([100, 100, 200, 300, 400, 500], minute=5)
    assert (found.begins, found.ends, minutes_of(found)) == (1, 5, 4)


def test_a_flood_is_timed_from_its_last_low_minute():
    """The flood of 12 May 1998: 1,252 a minute at 06:37, 57,509 at 06:40."""
    found = rise([1_240, 1_190, 1_252, 9_000, 31_000, 57_509, 57_000], minute=6)
    assert minutes_of(found) == 3
    assert round(found.factor) == 46


def test_minutes_left_out_of_the_horizon_count_as_time():
    starts = [T0, T0 + 60, T0 + 5 * 3600, T0 + 5 * 3600 + 60]
    found = rise([100, 100, 900, 900], minute=3, reach_s=600, starts=starts)
    assert found.begins >= 2
    assert found.factor == 1.0


def test_a_level_is_no_rise():
    found = rise([500] * 10, minute=9)
    assert (found.factor, minutes_of(found)) == (1.0, 0)


def test_a_rise_out_of_silence_counts_from_one():
    assert rise([0, 0, 50], minute=2).factor == 50.0


def test_what_falls_below_its_beginning_after_the_peak_is_a_rise_all_the_same():
    found = rise([50, 60, 100, 10], minute=3)
    assert (found.begins, found.ends, found.factor) == (0, 2, 2.0)
