"""The simulated load-dependent station against its birth-death process."""

import numpy as np
import pytest

from smcost.queueing.load_dependent import Sweep, occupancy
from smcost.queueing.simulation import SweepInstance

REPLICATIONS = 8
REQUESTS = 12_000
#: Throughput peaks at concurrency 3 and falls to 3.2 a second.
STATION = Sweep(
    throughput_rps=np.array([1.5, 2.8, 3.6, 3.2]),
    fractions=np.array([0.5, 0.99]),
    latencies_s=np.array([0.6, 0.7, 0.8, 1.2])[:, None] * np.array([1.0, 3.0]),
)


def found_by_arrivals(rate_rps: float, replication: int) -> np.ndarray:
    """Number in the system that each arrival finds, warm-up dropped."""
    rng = np.random.default_rng([17, replication])
    station = SweepInstance(STATION, rng)
    found = []
    for time_s in np.cumsum(rng.exponential(1 / rate_rps, REQUESTS)).tolist():
        found.append(station.outstanding(time_s))
        station.serve(time_s, 0.5)
    return np.array(found[REQUESTS // 10 :])


@pytest.mark.parametrize("rate_rps", [1.0, 2.4])
def test_arrivals_find_the_stationary_distribution(rate_rps):
    expected, all_busy = occupancy(rate_rps, STATION.throughput_rps)
    runs = [found_by_arrivals(rate_rps, replication) for replication in range(REPLICATIONS)]
    for present, probability in [*enumerate(expected), (expected.size, all_busy)]:
        shares = np.array(
            [np.mean(run == present if present < expected.size else run >= present) for run in runs]
        )
        standard_error = shares.std(ddof=1) / np.sqrt(REPLICATIONS)
        assert standard_error < 0.1 * probability, "too noisy to prove anything"
        assert abs(shares.mean() - probability) < 4 * standard_error


def test_the_rank_of_a_request_picks_its_latency_at_the_concurrency_it_makes():
    station = SweepInstance(STATION, np.random.default_rng(1))
    # Nobody leaves at the same moment: the first makes 1, the second 2 in the system.
    assert station.serve(0.0, 0.5) == pytest.approx(0.6)
    assert station.serve(0.0, 0.99) == pytest.approx(3 * 0.7)
    assert station.outstanding(0.0) == 2


def test_beyond_the_last_concurrency_a_request_waits_for_departures_at_the_last_rate():
    waits_s = []
    for seed in range(2000):
        station = SweepInstance(STATION, np.random.default_rng([19, seed]))
        for _ in range(5):
            station.serve(0.0, 0.5)
        # The sixth finds five, one more than four: two must leave first, 1 / 3.2 s each.
        waits_s.append(station.serve(0.0, 0.5) - 1.2)
    standard_error_s = np.std(waits_s) / np.sqrt(len(waits_s))
    assert abs(np.mean(waits_s) - 2 / 3.2) < 4 * standard_error_s
    assert min(waits_s) > 0
