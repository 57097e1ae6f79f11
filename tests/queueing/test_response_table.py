"""Looking up a small table by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from smcost.queueing.response_table import ResponseTable

TABLE = ResponseTable(
    utilisation=np.array([0.0, 0.5, 0.9]),
    response_s=np.array([0.0, 1.0, 3.0]),
    tail=np.array([[1.0, 0.2, 0.0], [1.0, 0.4, 0.1], [1.0, 0.8, 0.4]]),
)


@pytest.mark.parametrize(
    ("limit_s", "tail"),
    [
        (-0.1, [1, 1, 1]),
        (0.0, [1, 1, 1]),
        (0.5, [0.6, 0.7, 0.9]),
        (1.0, [0.2, 0.4, 0.8]),
        (2.0, [0.1, 0.25, 0.6]),
        (3.0, [0.0, 0.1, 0.4]),
        (99.0, [0.0, 0.1, 0.4]),
    ],
)
def test_the_tail_is_linear_between_points_and_constant_beyond(limit_s, tail):
    assert TABLE.tail_at(limit_s) == pytest.approx(tail)


def test_the_tail_is_linear_between_utilisations_and_clamped_at_the_last():
    late = TABLE.late_fraction(np.array([0.0, 0.25, 0.7, 0.9, 5.0]), 1.0)
    assert late == pytest.approx([0.2, 0.3, 0.6, 0.8, 0.8])


def test_a_delay_is_taken_off_the_limit():
    utilisation, delay_s = np.full(4, 0.5), np.array([0.0, 2.0, 3.0, 3.1])
    late = TABLE.late_fraction_after(utilisation, delay_s, 3.0)
    assert late == pytest.approx([0.1, 0.4, 1.0, 1.0])


@given(st.floats(0, 1.2), st.floats(0, 5), st.floats(0, 5))
def test_behind_a_delay_between_points_the_answer_is_the_later_one(utilisation, delay_s, limit_s):
    load, delay = np.array([utilisation]), np.array([delay_s])
    behind = TABLE.late_fraction_after(load, delay, limit_s)[0]
    assert behind >= TABLE.late_fraction(load, limit_s - delay_s)[0] - 1e-12
    assert behind <= 1


requests_and_loads = st.integers(1, 8).flatmap(
    lambda size: st.tuples(
        hnp.arrays(np.float64, size, elements=st.floats(0, 1000)),
        hnp.arrays(np.float64, size, elements=st.floats(0, 0.9)),
    )
)


@given(requests_and_loads, st.floats(0, 4))
def test_weights_give_the_tail_of_the_mixture(requests_and_load, limit_s):
    requests, utilisation = requests_and_load
    weights = TABLE.weights(utilisation, requests)
    assert weights.sum() == pytest.approx(requests.sum())
    one_by_one = float(requests @ TABLE.late_fraction(utilisation, limit_s))
    assert weights @ TABLE.tail_at(limit_s) == pytest.approx(one_by_one, abs=1e-9)
