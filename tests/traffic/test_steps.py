"""The step is the most common spacing, and the only one beside its multiples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.errors import InputError
from smcost.traffic.origin import Origin
from smcost.traffic.steps import MICROSECONDS, find_step_us, microseconds

T0 = 1_704_067_200


def step_s(spacings_s):
    stamps = T0 + np.concatenate(([0], np.cumsum(spacings_s)))
    return find_step_us(microseconds(stamps, Origin()), Origin()) / MICROSECONDS


@given(st.integers(1, 86_400), st.lists(st.integers(2, 400), max_size=9))
def test_gaps_do_not_hide_the_step(step, gaps):
    spacings = [step] * 10 + [step * gap for gap in gaps]
    assert step_s(spacings) == step


@given(st.integers(1, 1000), st.integers(0, 10**6))
def test_microseconds_are_exact_for_every_stamp_a_float_can_tell(step_ms, start_ms):
    stamps = T0 + (start_ms + step_ms * np.arange(20)) / 1000
    differences = np.diff(microseconds(stamps, Origin()))
    assert set(differences.tolist()) == {step_ms * 1000}


def test_two_rows_are_enough():
    assert step_s([300]) == 300


def test_a_tie_is_decided_for_the_finer_spacing():
    assert step_s([60, 120]) == 60


def test_an_odd_row_out_is_named_with_what_surrounds_it():
    with pytest.raises(InputError) as caught:
        step_s([60, 60, 61, 59, 60])
    assert caught.value.place == "traffic, row 4, column timestamp"
    assert caught.value.cause == (
        "The step changes to 61 s after 60 s, where most rows are 60 s apart"
    )


def test_one_odd_spacing_at_the_very_start_is_named_where_it_ends():
    with pytest.raises(InputError) as caught:
        step_s([5, 60, 60, 60])
    assert caught.value.place == "traffic, row 3, column timestamp"
    assert caught.value.cause.startswith("The step changes to 60 s after 5 s")


def test_long_gaps_in_a_row_are_another_resolution_wherever_they_stand():
    middle = [60] * 30 + [300] * 10 + [60] * 30
    with pytest.raises(InputError) as caught:
        step_s(middle)
    assert caught.value.place == "traffic, row 32, column timestamp"


def test_places_count_rows_from_one_where_the_source_has_no_lines():
    assert Origin(name="CloudWatch").time_at(0) == "CloudWatch, row 1, column timestamp"


def test_places_use_the_lines_and_columns_of_the_source():
    origin = Origin(name="t.csv", rows=np.array([2, 5]), time_column="at", value_column="rps")
    assert origin.time_at(1) == "t.csv, row 5, column at"
    assert origin.value_at(1) == "t.csv, row 5, column rps"
