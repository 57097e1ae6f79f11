"""Rows in any order become a trace, or an error that names the row."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.errors import InputError
from smcost.remarks import WarningCode
from smcost.traffic.assemble import assemble, count_requests
from smcost.traffic.origin import Origin

T0 = 1_704_067_200  # 2024-01-01T00:00Z


def built(stamps, counts, **options):
    absent = options.pop("absent", None)
    return assemble(
        T0 + np.asarray(stamps, dtype=float),
        np.asarray(counts, dtype=float),
        absent=None if absent is None else np.asarray(absent, dtype=bool),
        **options,
    )


def refusal(stamps, counts, **options) -> InputError:
    with pytest.raises(InputError) as caught:
        built(stamps, counts, **options)
    return caught.value


def codes(caveats):
    return [caveat.code for caveat in caveats]


def test_minutes_in_order_become_a_trace_without_remarks():
    trace, caveats = built([0, 60, 120], [5, 0, 7])
    assert (trace.start_s, trace.step_s, trace.invocations.tolist()) == (T0, 60, [5, 0, 7])
    assert trace.present.all()
    assert caveats == []


def test_a_missing_row_is_absent_and_not_a_zero():
    trace, _ = built([0, 60, 180, 240], [5, 0, 7, 1])
    assert trace.present.tolist() == [True, True, False, True, True]
    assert trace.invocations.tolist() == [5, 0, 0, 7, 1]


def test_a_row_without_a_count_is_absent_but_helps_to_find_the_step():
    trace, _ = built([0, 60, 120, 180, 240], [1, np.nan, 2, np.nan, 3], absent=[0, 1, 0, 1, 0])
    assert trace.step_s == 60
    assert trace.present.tolist() == [True, False, True, False, True]


def test_rows_without_any_count_are_refused():
    assert "Every count is empty" in refusal([0, 60], [0, 0], absent=[1, 1]).cause


def test_unsorted_rows_are_sorted_and_mentioned():
    trace, caveats = built([120, 0, 60, 180], [3, 1, 2, 4])
    assert trace.invocations.tolist() == [1, 2, 3, 4]
    assert codes(caveats) == [WarningCode.UNSORTED]


@given(st.permutations(range(12)))
def test_the_order_of_rows_never_changes_the_trace(order):
    stamps = np.array(order) * 60.0
    trace, _ = built(stamps, np.array(order) * 10.0)
    assert trace.invocations.tolist() == [10 * i for i in range(12)]


def test_equal_duplicates_are_dropped_and_mentioned():
    trace, caveats = built([0, 60, 60, 120], [1, 2, 2, 3])
    assert trace.invocations.tolist() == [1, 2, 3]
    assert codes(caveats) == [WarningCode.DUPLICATES]
    assert caveats[0].message.startswith("1 rows repeat")


def test_differing_duplicates_are_refused_with_both_row_numbers():
    error = refusal([0, 120, 60, 120], [1, 2, 3, 4])
    assert error.cause == "Rows 2 and 4 have the same time but different counts, 2 and 4"
    assert "--duplicates sum" in error.remedy


def test_duplicates_can_be_added_up_equal_ones_too():
    trace, caveats = built([0, 60, 60, 120, 120], [1, 2, 2, 3, 4], duplicates="sum")
    assert trace.invocations.tolist() == [1, 4, 7]
    assert codes(caveats) == [WarningCode.DUPLICATES]


def test_of_two_rows_of_one_time_the_one_with_a_count_wins():
    trace, _ = built([0, 60, 60, 120], [1, 2, np.nan, 3], absent=[0, 0, 1, 0])
    assert trace.invocations.tolist() == [1, 2, 3]
    assert trace.present.all()


def test_fractional_counts_are_rounded_with_the_total_kept():
    trace, caveats = built([0, 60, 120, 180], [0.4, 0.4, 0.4, 0.8])
    assert trace.invocations.tolist() == [0, 1, 0, 1]
    assert codes(caveats) == [WarningCode.COUNTS_ROUNDED]


@given(st.lists(st.floats(0, 1000), min_size=2, max_size=50))
def test_rounding_keeps_the_total_to_within_one_half(counts):
    trace, _ = built(np.arange(len(counts)) * 60, counts)
    assert abs(trace.total - sum(counts)) <= 0.5 + 1e-3


def test_rates_are_multiplied_by_the_step():
    trace, caveats = built([0, 60, 120], [0.05, 2, 0], per_second=True)
    assert trace.invocations.tolist() == [3, 120, 0]
    assert caveats == []


def test_the_noise_of_multiplying_is_no_fraction():
    # 0.7 x 300 is 210, and 0.07 x 300 is 21.000000000000004 in floating point.
    trace, caveats = built([0, 300, 600], [0.7, 0.07, 0], per_second=True)
    assert trace.invocations.tolist() == [210, 21, 0]
    assert codes(caveats) == [WarningCode.COARSE_STEP]


@pytest.mark.parametrize("count", [np.nan, np.inf, -1.0, 1e13])
def test_a_count_that_is_none_is_refused_with_its_row(count):
    error = refusal([0, 60, 120], [1, count, 3], origin=Origin(name="t.csv", rows=np.arange(2, 5)))
    assert error.place == "t.csv, row 3, column invocations"
    assert "no count" in error.cause


@pytest.mark.parametrize("stamp", [np.nan, np.inf, -np.inf])
def test_a_time_that_is_no_number_is_refused_with_its_row(stamp):
    assert refusal([0, 60, stamp], [1, 2, 3]).place == "traffic, row 3, column timestamp"


@pytest.mark.parametrize("year_s", [0.0, 315_532_799.0, 7_258_118_400.0, 9_223_372_036.0])
def test_years_before_1980_and_from_2200_on_are_refused(year_s):
    with pytest.raises(InputError, match="the unit or the year looks wrong"):
        assemble(np.array([year_s, year_s + 60]), np.array([1.0, 2.0]))


def test_no_rows_are_refused():
    assert refusal([], []).cause == "There are no rows"


def test_times_and_counts_must_be_as_many():
    assert refusal([0, 60, 120], [1, 2]).cause == "There are 3 times but 2 counts"


def test_one_row_does_not_tell_the_step():
    assert "needs at least two rows to know the step" in refusal([0], [5]).cause


def test_two_equal_rows_do_not_tell_the_step_either():
    assert "needs at least two rows" in refusal([0, 0], [5, 5]).cause


def test_a_change_from_60_to_300_s_is_refused_at_the_row_where_it_happens():
    stamps = [*range(0, 1800, 60), *range(1800, 9000, 300)]
    error = refusal(stamps, np.ones(len(stamps)))
    # Row 31 is the first of the coarse half; the first odd spacing is from it to row 32.
    assert error.place == "traffic, row 32, column timestamp"
    assert error.cause.startswith("The step changes to 300 s after 60 s")


def test_a_trace_that_begins_coarse_is_refused_where_it_gets_fine():
    stamps = [*range(0, 3600, 300), *range(3600, 9000, 60)]
    error = refusal(stamps, np.ones(len(stamps)))
    assert error.cause.startswith("The step changes to 60 s after 300 s")
    assert error.place == "traffic, row 14, column timestamp"


def test_a_mostly_coarse_trace_with_fine_rows_is_refused_too():
    stamps = [*range(0, 900, 60), *range(900, 30_000, 300)]
    error = refusal(stamps, np.ones(len(stamps)))
    assert error.cause.startswith("The step changes to 300 s after 60 s")
    assert error.place == "traffic, row 17, column timestamp"


def test_nine_equal_gaps_in_a_row_are_gaps_and_ten_another_step():
    def stamps(gaps):
        return np.cumsum([0] + [60] * 20 + [120] * gaps + [60] * 20)

    trace, _ = built(stamps(9), np.ones(50))
    assert (~trace.present).sum() == 9
    assert "step changes to 120 s" in refusal(stamps(10), np.ones(51)).cause


def test_times_off_the_grid_are_refused_and_requests_suggested():
    error = refusal([0, 60, 120, 185, 240], [1] * 5)
    assert error.place == "traffic, row 4, column timestamp"
    assert "--requests" in error.remedy


def test_a_step_of_57_s_works_and_is_called_odd():
    trace, caveats = built(57 * np.arange(5), np.ones(5))
    assert trace.step_s == 57
    assert codes(caveats) == [WarningCode.ODD_STEP]


@pytest.mark.parametrize("step_s", [1, 10, 60])
def test_steps_that_divide_a_minute_pass_without_remark(step_s):
    assert built(step_s * np.arange(5), np.ones(5))[1] == []


def test_a_coarse_step_says_which_spikes_can_no_longer_be_seen():
    _, caveats = built(300 * np.arange(5), np.ones(5))
    assert codes(caveats) == [WarningCode.COARSE_STEP]
    assert "a spike shorter than 300 s is averaged away" in caveats[0].message


def test_a_step_of_90_s_is_both_coarse_and_odd():
    _, caveats = built(90 * np.arange(5), np.ones(5))
    assert codes(caveats) == [WarningCode.COARSE_STEP, WarningCode.ODD_STEP]


def test_steps_below_a_second_are_added_up_to_seconds():
    trace, _ = built(0.25 * np.arange(10), np.ones(10))
    assert (trace.step_s, trace.invocations.tolist()) == (1, [4, 4, 2])


def test_rates_on_steps_below_a_second_keep_their_meaning():
    trace, _ = built(0.5 * np.arange(6), np.full(6, 10.0), per_second=True)
    assert trace.invocations.tolist() == [10, 10, 10]


def test_a_step_of_one_and_a_half_seconds_is_refused():
    assert "no whole number of seconds" in refusal(1.5 * np.arange(5), np.ones(5)).cause


def test_a_start_between_two_seconds_moves_to_the_second_before():
    trace, _ = built([0.5, 60.5, 120.5], [1, 2, 3])
    assert (trace.start_s, trace.step_s) == (T0, 60)


def test_one_wrong_date_does_not_allocate_a_century():
    assert "more than 50000000" in refusal([0, 1, 2, 3e9], [1] * 4).cause


def test_requests_are_counted_by_the_minute_whatever_their_order():
    trace, caveats = count_requests(T0 + np.array([190.0, 0.5, 59.9, 60.0]))
    assert (trace.start_s, trace.step_s) == (T0, 60)
    assert trace.invocations.tolist() == [2, 1, 0, 1]
    assert trace.present.all()
    assert caveats == []


def test_one_request_is_a_trace_of_one_minute():
    trace, _ = count_requests(np.array([T0 + 30.0]))
    assert (trace.total, trace.steps, trace.start_s) == (1, 1, T0)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=100))
def test_no_request_is_lost(arrivals_s):
    assert count_requests(T0 + np.array(arrivals_s))[0].total == len(arrivals_s)


def test_requests_a_century_apart_are_refused():
    with pytest.raises(InputError, match="Look for a wrong date"):
        count_requests(np.array([400_000_000.0, 7_000_000_000.0]))
