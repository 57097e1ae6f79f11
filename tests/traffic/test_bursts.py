"""The index of dispersion: 1 for Poisson arrivals, 0 for a clock, what was put in for bursts."""

import numpy as np
import pytest

from smcost.traffic.bursts import index_of_dispersion
from smcost.traffic.trace import Trace


def trace(counts, offsets_s, step_s=60):
    counts = np.array(counts, dtype=np.int64)
    return Trace(
        start_s=1_704_067_200,
        step_s=step_s,
        invocations=counts,
        present=np.ones(counts.size, dtype=bool),
        offsets_s=None if offsets_s is None else np.array(offsets_s, dtype=np.float64),
    )


def test_poisson_arrivals_have_one():
    rng = np.random.default_rng(1)
    offsets = np.sort(60 * rng.random((200, 600)), axis=1).ravel()
    # 12,000 seconds: the standard error is sqrt(2 / 12,000) = 0.013.
    assert index_of_dispersion(trace([600] * 200, offsets)) == pytest.approx(1, abs=0.052)


def test_a_clock_has_none():
    assert index_of_dispersion(trace([60] * 5, np.tile(np.arange(60.0), 5))) == 0


def test_all_at_once_has_all_of_it():
    """60 requests in one second: 59^2 + 59 squared deviations over 59."""
    assert index_of_dispersion(trace([60], np.zeros(60))) == pytest.approx(60)


@pytest.mark.parametrize(
    "unknown", [trace([5], None), trace([0], []), trace([3], [1.0, 2.0, 3.0], step_s=300)]
)
def test_without_single_requests_there_is_none(unknown):
    assert index_of_dispersion(unknown) is None
