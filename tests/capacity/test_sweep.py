"""A closed-loop test: stable below its last throughput, weak near it, errors bind."""

import math

import numpy as np
import pytest

from smcost.capacity import Kind, Routing, SweepProfile
from smcost.errors import UsageError

SHAPE = np.array([1.0, 1.6, 2.0])


def sweep(concurrency, throughput, medians_s, errors=None, means_s=None) -> SweepProfile:
    size = len(concurrency)
    return SweepProfile(
        instance_type="ml.g5.xlarge",
        concurrency=np.array(concurrency, dtype=float),
        throughput_rps=np.array(throughput, dtype=float),
        fractions=np.array([0.5, 0.95, 0.99]),
        latencies_s=np.array(medians_s, dtype=float)[:, None] * SHAPE,
        error_rate=np.zeros(size) if errors is None else np.array(errors, dtype=float),
        requests=np.zeros(size),
        means_s=np.full(size, math.nan) if means_s is None else np.array(means_s, dtype=float),
    )


BATCHING = sweep([1, 4, 8], [0.5, 1.6, 2.2], [2.0, 2.4, 3.5])


def test_it_is_stable_only_below_the_last_throughput_even_if_an_earlier_one_was_higher():
    peaked = sweep([1, 4, 8], [0.5, 2.4, 2.0], [2.0, 2.4, 3.5])
    assert peaked.max_rps == 2.0
    assert peaked.sweep.throughput_rps.max() == 2.4
    # A table ends below a utilisation of 1: nothing is looked up at 2.0 rps or more.
    assert peaked.response_table().utilisation[-1] == peaked.steady_below < 1


def test_alone_it_answers_as_at_concurrency_1():
    table = BATCHING.response_table()
    for fraction, factor in zip((0.5, 0.95, 0.99), SHAPE, strict=True):
        late = table.late_fraction(np.array([0.0]), 2.0 * factor)[0]
        assert late == pytest.approx(1 - fraction, rel=1e-3)
        assert BATCHING.fastest_s(fraction) == pytest.approx(2.0 * factor)


def test_levels_below_the_first_tested_are_no_faster_than_it():
    late_start = sweep([4, 8], [1.6, 2.2], [2.4, 3.5])
    late = late_start.response_table().late_fraction(np.array([0.0]), 2 * 2.4)[0]
    assert late == pytest.approx(0.01, rel=1e-3)


def test_a_table_is_computed_once_for_each_fleet_size():
    routing = Routing.LEAST_OUTSTANDING_REQUESTS
    assert BATCHING.response_table(routing, 3) is BATCHING.response_table(routing, 3)
    assert BATCHING.response_table(Routing.RANDOM, 3) is BATCHING.response_table()
    alone, spread = BATCHING.response_table(), BATCHING.response_table(routing, 3)
    assert np.all(spread.tail <= alone.tail)


def test_near_its_last_throughput_it_is_weak():
    utilisation = np.array([0.5, 0.8, 0.81, 1.2])
    assert BATCHING.weak(utilisation, np.full(4, 1e6)).tolist() == [False, False, True, True]


@pytest.mark.parametrize(("allowed", "last"), [(0.0, 1), (0.001, 4), (0.01, 8)])
def test_concurrencies_pass_up_to_the_first_whose_errors_exceed_the_share(allowed, last):
    failing = sweep([1, 4, 8], [0.5, 1.6, 2.2], [2.0, 2.4, 3.5], [0, 0.001, 0.01])
    passing = failing.passing(allowed)
    assert passing.concurrency[-1] == last
    assert passing.max_rps == {1: 0.5, 4: 1.6, 8: 2.2}[last]


def test_errors_at_every_concurrency_leave_nothing():
    with pytest.raises(UsageError, match=r"lowest tested concurrency, 1, 3\.00% of the requests"):
        sweep([1, 2], [1, 2], [1, 1], [0.03, 0.03]).passing(0.02)


def test_only_measured_percentiles_are_known():
    assert [BATCHING.knows(fraction) for fraction in (0.5, 0.9, 0.99)] == [True, False, True]
    assert (BATCHING.kind, BATCHING.promises_in_overload) == (Kind.SWEEP, True)


@pytest.mark.parametrize(
    ("throughput", "means_s", "cause"),
    [
        ([0.5, 0], None, "throughput that is not above 0"),
        ([0.5, math.inf], None, "throughput that is not above 0"),
        ([0.5, 0.9], [2.0, 0], "mean latency that is not above 0"),
    ],
)
def test_what_no_sweep_can_have_measured_is_refused(throughput, means_s, cause):
    with pytest.raises(UsageError, match=cause):
        sweep([1, 2], throughput, [2.0, 2.1], means_s=means_s)
