"""The plain simulator against theory: within four standard errors over replications."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from smcost.queueing.erlang import waiting_probability
from smcost.queueing.service import FloatArray, ServiceLaw, ServiceTime
from smcost.queueing.simulation import arrivals_given_counts, simulate_random_fleet

EXPONENTIAL = ServiceTime(mean_s=1.0, cv=1.0, law=ServiceLaw.GAMMA)
CONSTANT = ServiceTime(mean_s=1.0, cv=0.0)
ERLANG_2 = ServiceTime(mean_s=1.0, cv=math.sqrt(0.5), law=ServiceLaw.GAMMA)
REPLICATIONS = 10
#: Thrown away at the start of each: the queue begins empty.
WARM_UP_S = 1_000.0

Waits = tuple[FloatArray, FloatArray]


def simulated(
    service: ServiceTime, workers: int, utilisation: float, *, instances: int = 1, requests: int
) -> list[Waits]:
    """Waits and responses of each replication, warm-up dropped; the arrivals are Poisson."""
    rate_per_s = utilisation * workers * instances / service.mean_s
    runs = []
    for replication in range(REPLICATIONS):
        rng = np.random.default_rng([42, replication])
        counts = rng.poisson(rate_per_s * 60.0, size=round(requests / rate_per_s / 60.0))
        arrivals_s = arrivals_given_counts(counts, 60.0, rng)
        services_s = service.sample(rng, arrivals_s.size)
        responses_s = simulate_random_fleet(
            arrivals_s=arrivals_s,
            services_s=services_s,
            choices=rng.random(arrivals_s.size),
            instances=np.array([instances]),
            step_s=60.0,
            workers=workers,
        )
        warm = arrivals_s > WARM_UP_S
        runs.append((responses_s[warm] - services_s[warm], responses_s[warm]))
    return runs


def check(runs: list[Waits], statistic: Callable[[Waits], float], truth: float) -> None:
    estimates = np.array([statistic(run) for run in runs])
    standard_error = estimates.std(ddof=1) / math.sqrt(estimates.size)
    assert standard_error < 0.1 * truth, "too noisy to prove anything"
    assert abs(estimates.mean() - truth) < 4 * standard_error


def mean_wait(run: Waits) -> float:
    return float(run[0].mean())


def share_waiting(run: Waits) -> float:
    # A wait is end - service - arrival: rounding leaves some 1e-12 s where nobody waited.
    return float(np.mean(run[0] > 1e-6))


@pytest.mark.parametrize(("workers", "utilisation"), [(1, 0.5), (1, 0.8), (4, 0.8)])
def test_exponential_service_has_the_waits_of_erlang_c(workers, utilisation):
    runs = simulated(EXPONENTIAL, workers, utilisation, requests=30_000)
    waits = waiting_probability(utilisation * workers, workers)
    drain_rate = workers * (1 - utilisation)
    check(runs, share_waiting, waits)
    check(runs, mean_wait, waits / drain_rate)
    p95_s = math.log(waits / 0.05) / drain_rate
    check(runs, lambda run: float(np.mean(run[0] > p95_s)), 0.05)


def test_four_exponential_workers_have_their_response_p99():
    # Closed form, reference case MM37.
    runs = simulated(EXPONENTIAL, 4, 0.8, requests=60_000)
    check(runs, lambda run: float(np.mean(run[1] > 6.893203748883)), 0.01)


def test_a_fleet_under_random_routing_is_independent_queues():
    # Poisson thinning: eight instances at 0.8 answer like one (reference case RND123).
    runs = simulated(EXPONENTIAL, 4, 0.8, instances=8, requests=80_000)
    check(runs, lambda run: float(np.mean(run[1] > 6.893203748883)), 0.01)


@pytest.mark.parametrize(
    ("utilisation", "fraction", "wait_s"),
    # Erlang 1909, reference cases MD65 and MD67.
    [(0.5, 0.99, 3.3362559570022), (0.8, 0.95, 6.62032499684072)],
)
def test_constant_service_has_the_waits_of_pollaczek_and_erlang(utilisation, fraction, wait_s):
    runs = simulated(CONSTANT, 1, utilisation, requests=30_000)
    check(runs, mean_wait, utilisation / (2 * (1 - utilisation)))
    check(runs, lambda run: float(np.mean(run[0] > wait_s)), 1 - fraction)


def test_four_constant_workers_wait_as_crommelin_found():
    # Reference cases MDC103 and MDC105.
    runs = simulated(CONSTANT, 4, 0.8, requests=30_000)
    check(runs, share_waiting, 0.57828201545675)
    check(runs, lambda run: float(np.mean(run[0] > 1.52049539139509)), 0.05)


def test_erlang_2_service_has_its_exact_wait_p95():
    # Partial fractions of the Pollaczek-Khinchine transform, reference case MG85.
    runs = simulated(ERLANG_2, 1, 0.8, requests=30_000)
    check(runs, mean_wait, 0.8 * 1.5 / (2 * 0.2))
    check(runs, lambda run: float(np.mean(run[0] > 10.2427565279782)), 0.05)
