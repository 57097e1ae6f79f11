"""The bound on instance-hours by hand; tests of the search hold it below every plan that holds."""

import numpy as np
import pytest

from smcost.replay.least_hours import least_instance_hours
from smcost.slo import Objective, Slo

P99 = (Objective(fraction=0.99, limit_s=2.0),)
NO_FAILURES = Slo(objectives=P99, max_failed=0.0)


def bound(counts, *, minimum=1, slo=NO_FAILURES, timeout_s=60.0, start_s=0):
    counts = np.array(counts)
    return least_instance_hours(
        counts,
        start_s=start_s + 60 * np.arange(counts.size),
        max_per_minute=100.0,
        minimum=minimum,
        timeout_s=timeout_s,
        slo=slo,
    )


@pytest.mark.parametrize(
    ("counts", "changes", "instance_minutes"),
    [
        ([0] * 90, {}, 90),
        ([0] * 90, {"minimum": 4}, 360),
        ([1_000] * 30, {}, 10 * 29),
        ([1_000] * 30, {"timeout_s": 61.0}, 10 * 28),
        ([1_000] * 60, {"minimum": 3}, 2 * 10 * 29),
        ([1_000] * 30 + [0] * 30, {"minimum": 3}, 10 * 29 + 3 * 30),
        ([1_000] * 30, {"slo": Slo(objectives=P99, max_failed=0.1)}, 10 * 29 - 30),
        ([1_000] * 30, {"slo": Slo(objectives=P99, max_failed=0.0, spared=1)}, 30),
        ([1_000] * 31, {}, 10 * 29 + 1),
    ],
    ids=[
        "idle",
        "minimum",
        "the last minute may be answered later",
        "a longer timeout",
        "above the minimum",
        "block by block",
        "failures",
        "a spared day",
        "a short last block",
    ],
)
def test_by_hand(counts, changes, instance_minutes):
    assert bound(counts, **changes) == pytest.approx(instance_minutes / 60)


def test_the_largest_windows_are_taken_as_spared():
    """Three days, the second ten times as busy: without it one instance may be enough."""
    counts = [100] * 1440 + [1_000] * 1440 + [100] * 1440
    strict = bound(counts)
    assert strict == pytest.approx((2 * 1440 + 48 * 10 * 29) / 60)
    assert bound(counts, slo=Slo(objectives=P99, max_failed=0.0, attainment=0.66)) == 72
