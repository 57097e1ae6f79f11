"""The load-dependent station against closed forms: M/M/c, processor sharing, Exp + Exp."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.errors import UsageError
from smcost.queueing.erlang import blocking_probability, waiting_probability
from smcost.queueing.load_dependent import (
    Sweep,
    interpolated_sweep,
    occupancy,
    sweep_response_table,
)
from smcost.queueing.mgc import response_table
from smcost.queueing.service import ServiceLaw, ServiceTime

FRACTIONS = np.array([0.5, 0.95, 0.99])
#: Percentiles of the exponential with mean 1 s: its log-tail is a line, so three of them are all.
EXPONENTIAL_S = -np.log1p(-FRACTIONS)


def workers_sweep(workers: int) -> Sweep:
    """What a closed loop measures of M/M/c with mean service 1 s: X(k) = k, F = exponential."""
    return Sweep(
        throughput_rps=np.arange(1.0, workers + 1),
        fractions=FRACTIONS,
        latencies_s=np.tile(EXPONENTIAL_S, (workers, 1)),
    )


def sharing_sweep(largest: int) -> Sweep:
    """Processor sharing at 1 request a second: X(k) = 1, each k times as slow."""
    return Sweep(
        throughput_rps=np.ones(largest),
        fractions=FRACTIONS,
        latencies_s=np.arange(1.0, largest + 1)[:, None] * EXPONENTIAL_S,
    )


@given(st.integers(1, 60), st.floats(0.01, 0.98))
def test_with_c_workers_an_arrival_finds_all_busy_as_erlang_c_says(workers, utilisation):
    rate_rps = utilisation * workers
    found, all_busy = occupancy(rate_rps, np.arange(1.0, workers + 1))
    assert all_busy == pytest.approx(waiting_probability(rate_rps, workers), rel=1e-9)
    assert found.sum() + all_busy == pytest.approx(1)


@given(st.integers(1, 60), st.floats(0.01, 0.98))
def test_without_the_queue_the_occupancy_is_erlangs_loss_system(workers, utilisation):
    # p(c) / (p(0) + ... + p(c)); p(c) is the first term, 1 - rate / X(c), of the geometric rest.
    rate_rps = utilisation * workers
    found, all_busy = occupancy(rate_rps, np.arange(1.0, workers + 1))
    full = all_busy * (1 - utilisation)
    expected = blocking_probability(rate_rps, workers)
    assert full / (found.sum() + full) == pytest.approx(expected, rel=1e-9)


@given(st.integers(1, 60), st.floats(0.01, 0.98))
def test_under_processor_sharing_the_number_found_is_geometric(largest, utilisation):
    found, more = occupancy(utilisation, np.ones(largest))
    assert found == pytest.approx((1 - utilisation) * utilisation ** np.arange(largest))
    assert more == pytest.approx(utilisation**largest)


def test_without_traffic_everyone_finds_it_empty():
    found, all_busy = occupancy(0.0, np.array([1.0, 1.5]))
    assert (found.tolist(), all_busy) == ([1.0, 0.0], 0.0)


@given(
    st.lists(st.floats(0.1, 50), min_size=2, max_size=30),
    st.floats(0.01, 0.98),
)
def test_flows_between_neighbours_balance(throughput, utilisation):
    throughput_rps = np.array(throughput)
    rate_rps = utilisation * throughput_rps[-1]
    found, _ = occupancy(rate_rps, throughput_rps)
    assert rate_rps * found[:-1] == pytest.approx(throughput_rps[:-1] * found[1:])


def test_it_is_stable_only_below_the_last_throughput_even_where_an_earlier_was_higher():
    throughput_rps = np.array([2.0, 5.0, 3.0])
    assert sum(map(np.sum, occupancy(2.99, throughput_rps))) == pytest.approx(1)
    for rate_rps in (3.0, 4.0, -0.1):
        with pytest.raises(UsageError, match=r"last tested throughput 3\.0"):
            occupancy(rate_rps, throughput_rps)
    falling = Sweep(
        throughput_rps=throughput_rps,
        fractions=FRACTIONS,
        latencies_s=np.tile(EXPONENTIAL_S, (3, 1)),
    )
    assert falling.max_rps == 3.0


@pytest.mark.parametrize("workers", [1, 4, 16])
def test_the_table_of_c_workers_is_that_of_mmc(workers):
    service = ServiceTime(mean_s=1.0, cv=1.0, law=ServiceLaw.GAMMA)
    sweep, exact = sweep_response_table(workers_sweep(workers)), response_table(service, workers)
    utilisation = np.array([0.0, 0.3, 0.6, 0.8, 0.95])
    for limit_s in (0.3, 1.0, 3.0, 6.0):
        found = sweep.late_fraction(utilisation, limit_s)
        # Closed form: an exponential wait with probability C, and an exponential service. Between
        # its rows a table errs by up to 1 % at 0.95, as that of M/G/c does.
        closed = [late_in_mmc(workers, u, limit_s) for u in utilisation]
        assert found == pytest.approx(closed, rel=0.012)
        assert found == pytest.approx(exact.late_fraction(utilisation, limit_s), rel=0.004)


def late_in_mmc(workers: int, utilisation: float, limit_s: float) -> float:
    waits = waiting_probability(utilisation * workers, workers) if utilisation else 0.0
    return (1 - waits) * math.exp(-limit_s) + waits * late_after(
        workers * (1 - utilisation), limit_s
    )


def late_after(rate: float, limit_s: float) -> float:
    """P(E + S > t) of independent exponentials with the given rate and with rate 1."""
    if rate == 1:
        return (1 + limit_s) * math.exp(-limit_s)
    return (rate * math.exp(-limit_s) - math.exp(-rate * limit_s)) / (rate - 1)


@pytest.mark.parametrize("rate", [0.2, 1.0, 5.0])
def test_a_wait_before_the_station_is_added_as_exponential_plus_exponential(rate):
    # One slot at utilisation u: found busy with probability u, the wait has rate 1 - u. Isolate
    # it: P(late) = (1 - u) e^-t + u P(E + S > t).
    if rate >= 1:
        workers = 8
        utilisation = 1 - rate / workers
    else:
        workers, utilisation = 1, 1 - rate
    table = sweep_response_table(workers_sweep(workers))
    row = int(np.argmin(np.abs(table.utilisation - utilisation)))
    at_row = float(table.utilisation[row])
    expected = [late_in_mmc(workers, at_row, t) for t in table.response_s[1::50]]
    # The tail is linear between grid points 0.4 % apart.
    assert table.tail[row, 1::50] == pytest.approx(np.array(expected), rel=1e-3, abs=1e-12)


def test_the_mean_under_processor_sharing_is_exact_by_littles_law():
    # M/M/1-PS: mean response 1 / (1 - u); the 200 levels hold all but 1e-9 at 0.9.
    table = sweep_response_table(sharing_sweep(200))
    for utilisation in (0.0, 0.5, 0.9):
        row = int(np.argmin(np.abs(table.utilisation - utilisation)))
        mean_s = np.trapezoid(table.tail[row], table.response_s)
        assert mean_s == pytest.approx(1 / (1 - table.utilisation[row]), rel=1e-3)


@pytest.mark.parametrize("sweep", [workers_sweep(4), sharing_sweep(30)])
def test_a_table_falls_with_time_and_rises_with_load(sweep):
    table = sweep_response_table(sweep)
    assert np.all(np.diff(table.tail, axis=1) <= 1e-12)
    assert np.all(np.diff(table.tail, axis=0) >= -1e-9)
    assert table.tail[:, 0] == pytest.approx(1)
    assert np.all(table.tail[:, -1] < 1e-5)


def test_untested_concurrencies_are_interpolated_and_below_the_first_nothing_is_faster():
    sweep = interpolated_sweep(
        np.array([2.0, 4.0]), np.array([10.0, 16.0]), FRACTIONS, np.array([[1, 2, 3], [3, 4, 5]])
    )
    assert sweep.throughput_rps == pytest.approx([5, 10, 13, 16])
    assert sweep.latencies_s[:, 0] == pytest.approx([1, 1, 2, 3])
    assert sweep.latencies_s[:, 2] == pytest.approx([3, 3, 4, 5])
    assert sweep.max_rps == 16


@pytest.mark.parametrize(
    ("concurrency", "throughput"),
    [([0.0, 2.0], [1, 2]), ([2.0, 2.0], [1, 2]), ([4.0, 2.0], [1, 2]), ([1.0, 2.0], [0, 2])],
)
def test_what_is_no_sweep_is_refused(concurrency, throughput):
    latencies_s = np.tile(EXPONENTIAL_S, (2, 1))
    with pytest.raises(UsageError, match="are no sweep"):
        interpolated_sweep(np.array(concurrency), np.array(throughput), FRACTIONS, latencies_s)
