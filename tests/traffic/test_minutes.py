"""Whatever the step, the minutes carry every invocation and nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.errors import InputError, UsageError
from smcost.traffic.minutes import MinuteCounts, to_minutes
from smcost.traffic.trace import Trace

T0 = 1_704_067_200  # 2024-01-01T00:00Z


def trace(counts, *, start_s=T0, step_s=60, absent=()):
    counts = np.array(counts, dtype=np.int64)
    present = np.ones(counts.size, dtype=bool)
    present[list(absent)] = False
    counts[~present] = 0
    return Trace(start_s=start_s, step_s=step_s, invocations=counts, present=present)


@st.composite
def traces(draw, fewest=0):
    counts = draw(st.lists(st.integers(fewest, 10**6), min_size=2, max_size=80))
    absent = draw(st.sets(st.integers(1, len(counts) - 1)))
    step_s = draw(st.sampled_from([1, 7, 10, 57, 60, 90, 300, 600, 3600]))
    return trace(counts, start_s=T0 + draw(st.integers(0, 120)), step_s=step_s, absent=absent)


@given(traces(), st.sampled_from(["exclude", "zero"]))
def test_no_invocation_is_lost_or_invented(found, gaps):
    assert to_minutes(found, gaps).total == found.total


def minutes_touched(found, steps):
    touched = set()
    for start_s in found.stamps_s[steps].tolist():
        touched.update(range(start_s // 60, -(-(start_s + found.step_s) // 60)))
    return touched


@given(traces(fewest=1))
def test_without_zeros_the_minutes_are_those_the_observed_steps_touch(found):
    minutes = set((to_minutes(found).start_s // 60).tolist())
    assert minutes == minutes_touched(found, found.present)


@given(traces())
def test_with_zeros_no_minute_with_an_invocation_in_it_leaves(found):
    minutes = set((to_minutes(found).start_s // 60).tolist())
    assert minutes_touched(found, found.invocations > 0) <= minutes
    assert minutes <= minutes_touched(found, found.present)


@given(traces())
def test_counting_gaps_as_zeros_leaves_no_hole(found):
    minutes = to_minutes(found, "zero")
    assert (np.diff(minutes.start_s) == 60).all()
    assert minutes.start_s[0] <= found.start_s < minutes.start_s[0] + 60
    assert minutes.start_s[-1] < found.end_s <= minutes.start_s[-1] + 60


@given(traces())
def test_running_totals_follow_the_trace_to_within_one_half(found):
    minutes = to_minutes(found, "zero")
    edges = np.append(found.stamps_s, found.end_s)
    totals = np.append(0, np.cumsum(found.invocations))
    expected = np.interp(minutes.start_s + 60, edges, totals)
    assert np.abs(np.cumsum(minutes.invocations) - expected).max() <= 0.5 + 1e-6


def test_minutes_pass_unchanged():
    minutes = to_minutes(trace([3, 0, 5]))
    assert minutes.start_s.tolist() == [T0, T0 + 60, T0 + 120]
    assert minutes.invocations.tolist() == [3, 0, 5]
    assert minutes.hours == 0.05


def test_seconds_are_added_up():
    assert to_minutes(trace(np.arange(120), step_s=1)).invocations.tolist() == [1770, 5370]


def test_five_minutes_are_spread_evenly():
    assert to_minutes(trace([12, 0], step_s=300)).invocations.tolist() == [
        *[2, 3, 2, 3, 2],
        *[0, 0, 0, 0, 0],
    ]


def test_a_step_across_two_minutes_is_shared_by_time():
    minutes = to_minutes(trace([60, 120], start_s=T0 + 45))
    assert minutes.start_s.tolist() == [T0, T0 + 60, T0 + 120]
    assert minutes.invocations.tolist() == [15, 75, 90]


def test_absent_minutes_leave_the_horizon_by_default():
    minutes = to_minutes(trace([1, 2, 3, 4], absent=[1, 2]))
    assert minutes.start_s.tolist() == [T0, T0 + 180]


def test_absent_minutes_count_as_zeros_on_request():
    minutes = to_minutes(trace([1, 2, 3, 4], absent=[1, 2]), "zero")
    assert minutes.invocations.tolist() == [1, 0, 0, 4]


def test_a_suspected_outage_leaves_the_horizon_by_default():
    counts = np.full(4320, 30)
    counts[2000:2060] = 0
    excluded, zero = to_minutes(trace(counts)), to_minutes(trace(counts), "zero")
    assert (excluded.hours, zero.hours) == (71.0, 72.0)
    assert T0 + 2030 * 60 not in excluded.start_s
    assert excluded.total == zero.total


def test_a_minute_partly_observed_stays():
    found = trace([1, 1, 1, 1], step_s=30, absent=[1, 2])
    assert to_minutes(found).start_s.tolist() == [T0, T0 + 60]


def test_no_invocation_strays_into_an_absent_stretch():
    minutes = to_minutes(trace([7, 0, 0, 0, 7], step_s=57, absent=[1, 2, 3]), "zero")
    assert minutes.invocations.tolist() == [7, 0, 0, 1, 6]


def test_the_largest_counts_do_not_overflow():
    minutes = to_minutes(trace([10**12, 10**12], step_s=86_400))
    assert minutes.total == 2 * 10**12
    assert np.ptp(minutes.invocations) <= 1


def test_another_treatment_of_gaps_is_refused():
    with pytest.raises(UsageError) as caught:
        to_minutes(trace([1, 2]), "ignore")
    assert caught.value.place == "--gaps"


@pytest.mark.parametrize(
    ("starts", "counts"),
    [
        ([], []),
        ([T0], [1, 2]),
        ([T0 + 1], [1]),
        ([T0 + 60, T0], [1, 1]),
        ([T0, T0], [1, 1]),
        ([T0], [-1]),
    ],
    ids=["none", "shapes differ", "off the minute", "backwards", "twice", "negative"],
)
def test_minutes_that_are_none_are_refused(starts, counts):
    with pytest.raises(InputError, match="are no minutes"):
        MinuteCounts(
            start_s=np.array(starts, dtype=np.int64), invocations=np.array(counts, dtype=np.int64)
        )


def test_minutes_cannot_be_written_to():
    minutes = to_minutes(trace([1, 2]))
    with pytest.raises(ValueError, match="read-only"):
        minutes.invocations[0] = 5


def test_some_of_the_minutes_keep_the_times_of_their_requests():
    minutes = MinuteCounts(
        start_s=T0 + 60 * np.arange(3),
        invocations=np.array([2, 1, 3]),
        offsets_s=np.array([1.0, 2.0, 9.0, 20.0, 21.0, 59.0]),
    )
    found = minutes.where(np.array([True, False, True]))
    assert found.start_s.tolist() == [T0, T0 + 120]
    assert found.invocations.tolist() == [2, 3]
    assert found.offsets_s.tolist() == [1.0, 2.0, 20.0, 21.0, 59.0]
    assert minutes.where(np.array([False, True, False])).offsets_s.tolist() == [9.0]
    with pytest.raises(InputError, match="are no minutes"):
        minutes.where(np.zeros(3, dtype=np.bool_))
