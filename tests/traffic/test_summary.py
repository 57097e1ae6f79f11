"""The summary tells the numbers a reader checks first."""

import numpy as np
import pytest

from smcost.traffic.summary import summarise
from smcost.traffic.synthetic import day_shape
from smcost.traffic.trace import Trace


def trace(counts, present):
    return Trace(
        start_s=1_704_067_200,
        step_s=300,
        invocations=np.array(counts, dtype=np.int64),
        present=np.array(present, dtype=bool),
    )


def test_the_mean_is_over_observed_steps_only():
    summary = summarise(trace([300, 0, 900], [True, False, True]))
    assert (summary.total_invocations, summary.mean_rps, summary.peak_rps) == (1200, 2.0, 3.0)
    assert summary.peak_to_mean == 1.5


def test_start_and_end_enclose_every_step():
    summary = summarise(trace([1, 2, 3], [True, True, True]))
    assert (summary.start_s, summary.end_s, summary.step_s) == (1_704_067_200, 1_704_068_100, 300)


def test_a_silent_trace_has_no_ratio():
    summary = summarise(trace([0, 0], [True, True]))
    assert (summary.peak_rps, summary.peak_to_mean) == (0.0, None)


def test_a_synthetic_day_is_summarised_as_it_was_asked_for():
    summary = summarise(day_shape(20, 90))
    assert summary.mean_rps == pytest.approx(20, rel=1e-4)
    assert summary.peak_rps == pytest.approx(90, rel=1e-3)
