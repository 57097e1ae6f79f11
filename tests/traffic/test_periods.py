"""Periods without data become visible, and the period is found or asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.errors import InputError
from smcost.traffic.periods import every_period

T0 = 1_704_067_200


def test_missing_periods_are_added_as_absent():
    found = every_period([T0 + 240, T0, T0 + 60], [4.0, 1.0, 2.0], None, "x")
    assert ((found.stamps_s - T0) / 60).tolist() == [0, 1, 2, 3, 4]
    assert found.counts.tolist() == [1, 2, 0, 0, 4]
    assert found.absent.tolist() == [False, False, True, True, False]
    assert found.rows.tolist() == [2, 3, 0, 0, 1]


def test_repeated_times_stay_for_whoever_judges_them():
    found = every_period([T0, T0 + 60, T0], [1.0, 2.0, 9.0], None, "x")
    assert found.counts.tolist() == [1, 9, 2]


@pytest.mark.parametrize(
    ("offsets", "period_s", "cause"),
    [
        ([0], None, "only one time"),
        ([0, 0], None, "only one time"),
        ([0, 60, 150], None, "90 s apart, which is no multiple of 60 s"),
        ([0, 60], 300, "60 s apart, which is no multiple of 300 s"),
        ([0, 1, 6_000_001], None, "there are 6,000,002 periods"),
    ],
)
def test_what_cannot_be_is_refused(offsets, period_s, cause):
    with pytest.raises(InputError, match=cause):
        every_period([T0 + at for at in offsets], [1.0] * len(offsets), period_s, "x")


@given(
    places=st.lists(st.integers(0, 500), min_size=2, max_size=50).filter(lambda p: len({*p}) > 1),
    step=st.sampled_from([1, 10, 60, 300, 3600]),
)
def test_no_count_is_lost_and_none_is_made(places, step):
    counts = [float(n) for n in range(len(places))]
    found = every_period([T0 + step * at for at in places], counts, step, "x")
    assert found.counts.sum() == sum(counts)
    assert sorted(found.rows[~found.absent].tolist()) == list(range(1, len(places) + 1))
    assert {*((np.diff(found.stamps_s)) / step)} <= {0.0, 1.0}
