"""A trace refuses nonsense, and scaling it loses no more than rounding must."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.errors import InputError, SmcostError, UsageError
from smcost.traffic.trace import MAX_INVOCATIONS_PER_STEP, Trace, round_cumulatively

counts_lists = st.lists(st.integers(0, 10_000), min_size=1, max_size=60)


def trace(counts, *, start_s=1_700_000_040, step_s=60, absent=()):
    present = np.ones(len(counts), dtype=bool)
    present[list(absent)] = False
    return Trace(
        start_s=start_s,
        step_s=step_s,
        invocations=np.array(counts, dtype=np.int64),
        present=present,
    )


def test_a_trace_knows_its_ends_and_its_total():
    found = trace([60, 0, 180])
    assert (found.steps, found.end_s - found.start_s, found.total) == (3, 180, 240)
    assert found.stamps_s.tolist() == [1_700_000_040, 1_700_000_100, 1_700_000_160]


def test_absent_steps_count_for_no_mean():
    found = trace([60, 0, 180], absent=[1])
    assert (found.observed_s, found.mean_rps, found.peak_rps) == (120, 2.0, 3.0)


@pytest.mark.parametrize("step_s", [0, -60, 86_401])
def test_a_step_must_lie_between_a_second_and_a_day(step_s):
    with pytest.raises(InputError, match="not between 1 s and a day"):
        trace([1, 2], step_s=step_s)


def test_a_trace_of_one_day_steps_is_accepted():
    assert trace([86_400], step_s=86_400).mean_rps == 1.0


def test_an_empty_trace_is_refused():
    with pytest.raises(InputError, match="is none"):
        trace([])


def test_a_trace_without_any_observed_step_is_refused():
    with pytest.raises(InputError, match="0 observed steps"):
        trace([0, 0], absent=[0, 1])


def test_counts_and_presence_must_have_the_same_shape():
    with pytest.raises(InputError, match="is none"):
        Trace(start_s=0, step_s=60, invocations=np.zeros(3, np.int64), present=np.ones(2, np.bool_))


def test_counts_must_be_whole_numbers_of_64_bits():
    with pytest.raises(InputError, match="float64"):
        Trace(start_s=0, step_s=60, invocations=np.zeros(2), present=np.ones(2, np.bool_))


@pytest.mark.parametrize("count", [-1, MAX_INVOCATIONS_PER_STEP + 1])
def test_a_negative_or_huge_count_is_refused(count):
    with pytest.raises(InputError, match="Counts run from"):
        trace([5, count])


def test_an_absent_step_cannot_have_invocations():
    with pytest.raises(InputError, match="absent step has invocations"):
        trace([5, 1], absent=[1])


def test_a_total_beyond_exact_arithmetic_is_refused():
    with pytest.raises(InputError, match="beyond 2\\^53"):
        trace([MAX_INVOCATIONS_PER_STEP] * 10_000)


def test_the_arrays_of_a_trace_cannot_be_written_to():
    found = trace([1, 2])
    with pytest.raises(ValueError, match="read-only"):
        found.invocations[0] = 7
    with pytest.raises(ValueError, match="read-only"):
        found.present[0] = False


def test_building_a_trace_leaves_the_callers_array_writable():
    counts = np.array([1, 2], dtype=np.int64)
    Trace(start_s=0, step_s=60, invocations=counts, present=np.ones(2, np.bool_))
    counts[0] = 7
    assert counts.tolist() == [7, 2]


def test_halves_are_rounded_up_in_the_running_total():
    assert round_cumulatively(np.full(4, 0.5)).tolist() == [1, 0, 1, 0]


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200))
def test_cumulative_rounding_keeps_every_running_total_to_within_one_half(expected):
    array = np.array(expected)
    drift = np.cumsum(round_cumulatively(array)) - np.cumsum(array)
    assert np.abs(drift).max() <= 0.5
    assert round_cumulatively(array).min() >= 0


@given(counts_lists, st.floats(0.01, 100))
def test_scaling_scales_the_total_to_within_one(counts, factor):
    assert abs(trace(counts).scaled(factor).total - factor * sum(counts)) <= 1


@given(counts_lists, st.floats(1, 50))
def test_growth_takes_no_invocation_from_any_step(counts, factor):
    grown = trace(counts).scaled(factor)
    assert (grown.invocations >= np.array(counts)).all()


@given(counts_lists)
def test_scaling_by_one_changes_nothing(counts):
    assert trace(counts).scaled(1.0).invocations.tolist() == counts


def test_scaling_leaves_absent_steps_absent():
    scaled = trace([3, 0, 3], absent=[1]).scaled(1.5)
    assert scaled.present.tolist() == [True, False, True]
    assert scaled.invocations.tolist() == [5, 0, 4]


@pytest.mark.parametrize("factor", [0.0, -1.0, float("nan"), float("inf")])
def test_a_scale_that_is_no_growth_factor_is_refused(factor):
    with pytest.raises(UsageError) as caught:
        trace([1]).scaled(factor)
    assert caught.value.place == "--traffic-scale"


def test_a_scale_that_overflows_the_counts_is_refused_and_not_wrapped():
    with pytest.raises(SmcostError, match="Counts run from"):
        trace([10**9]).scaled(1e6)
