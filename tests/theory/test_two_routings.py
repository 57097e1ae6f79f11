"""The specification's example of two routings: 200 rps, 100 ms exponential, 4 slots.

Wait p99 within 100 ms: the pooled formula says 6 instances, least-outstanding routing needs 7,
RANDOM 12; at random 6 would wait 628 ms. Everything is held against the plain simulator, over
replications with their warm-up dropped, within four standard errors.
"""

import math
from functools import lru_cache

import numpy as np
import pytest

from smcost.capacity import Routing, WorkersProfile
from smcost.queueing.erlang import waiting_probability
from smcost.queueing.least_outstanding import excess
from smcost.queueing.service import FloatArray, ServiceLaw, ServiceTime
from smcost.queueing.simulation import WorkersInstance, simulate_fleet

RATE_RPS, MEAN_S, SLOTS, LIMIT_S = 200.0, 0.1, 4, 0.1
RANDOM, LOR = Routing.RANDOM, Routing.LEAST_OUTSTANDING_REQUESTS
PROFILE = WorkersProfile(
    instance_type="ml.c5.xlarge",
    workers=SLOTS,
    service=ServiceTime(mean_s=MEAN_S, cv=1.0, law=ServiceLaw.GAMMA),
)
REPLICATIONS = 8
#: A fleet that starts empty forgets it in seconds; these are fifteen of them.
WARM_UP = 3_000
#: More where the answer is near the limit, or the queue forgets slowly.
REQUESTS = {(RANDOM, 12): 90_000, (RANDOM, 6): 60_000, (LOR, 1): 60_000}


@lru_cache
def replications(routing: Routing, instances: int, slots: int = SLOTS) -> list[FloatArray]:
    """Waits and services of each replication, shape ``(2, n)``. [s]"""
    runs, requests = [], REQUESTS.get((routing, instances), 30_000)
    for replication in range(REPLICATIONS):
        rng = np.random.default_rng([31, replication])
        arrivals_s = np.cumsum(rng.exponential(1 / RATE_RPS, requests))
        services_s = PROFILE.service.sample(rng, requests)
        responses_s = simulate_fleet(
            arrivals_s=arrivals_s,
            work=services_s,
            choices=rng.random(requests) if routing is RANDOM else None,
            instances=np.array([instances]),
            step_s=60.0,
            new_instance=lambda: WorkersInstance(slots),
        )
        runs.append(np.array([responses_s - services_s, services_s])[:, WARM_UP:])
    return runs


def late(runs: list[FloatArray], limit_s: float, *, waits: bool) -> tuple[float, float]:
    """Share that waits (or answers) longer than the limit, and its standard error."""
    times_s = [run[0] if waits else run.sum(axis=0) for run in runs]
    shares = np.array([np.mean(times > limit_s) for times in times_s])
    return float(shares.mean()), float(shares.std(ddof=1) / math.sqrt(shares.size))


def percentile_s(routing: Routing, instances: int, fraction: float) -> float:
    """Of the response, by the screened table."""
    table = PROFILE.response_table(routing, instances)
    utilisation = np.array([RATE_RPS / (PROFILE.max_rps * instances)])
    tail = table.weights(utilisation, np.ones(1)) @ table.tail
    return float(np.interp(-(1 - fraction), -tail, table.response_s))


def wait_p99_s(slots: int, rate_rps: float) -> float:
    """Of M/M/c: ln(C / 0.01) / (c mu - rate)."""
    waits = waiting_probability(rate_rps * MEAN_S, slots)
    return math.log(waits / 0.01) / (slots / MEAN_S - rate_rps)


@pytest.mark.parametrize("fraction", [0.95, 0.99])
@pytest.mark.parametrize("instances", [12, 6])
def test_at_random_the_screened_response_is_the_simulated_one(instances, fraction):
    share, error = late(
        replications(RANDOM, instances), percentile_s(RANDOM, instances, fraction), waits=False
    )
    assert error < 0.2 * (1 - fraction), "too noisy to prove anything"
    assert abs(share - (1 - fraction)) < 4 * error


@pytest.mark.parametrize("fraction", [0.95, 0.99])
def test_by_least_outstanding_it_is_on_the_safe_side_and_within_its_stretch(fraction):
    runs, screened_s = replications(LOR, 7), percentile_s(LOR, 7, fraction)
    share, error = late(runs, screened_s, waits=False)
    assert error < 0.2 * (1 - fraction), "too noisy to prove anything"
    assert share < 1 - fraction + 4 * error
    # Without the stretch it would be too low, or just right.
    stretch = 1 + excess(PROFILE.service.cv, SLOTS, 7)
    share, error = late(runs, screened_s / stretch, waits=False)
    assert share > 1 - fraction - 4 * error


@pytest.mark.parametrize("instances", [12, 6])
def test_at_random_the_p99_wait_is_that_of_its_closed_form(instances):
    expected_s = wait_p99_s(SLOTS, RATE_RPS / instances)
    share, error = late(replications(RANDOM, instances), expected_s, waits=True)
    assert error < 0.002, "too noisy to prove anything"
    assert abs(share - 0.01) < 4 * error


def test_by_formula_six_at_random_wait_628_ms_twelve_and_six_pooled_less_than_100():
    assert wait_p99_s(SLOTS, RATE_RPS / 6) == pytest.approx(0.628, abs=5e-4)
    assert wait_p99_s(6 * SLOTS, RATE_RPS) < LIMIT_S
    # Twelve hold by a hair, 0.994 %: no simulation of this length could tell it from 1 %, but the
    # test above holds it to this closed form, and eleven are far off.
    assert wait_p99_s(SLOTS, RATE_RPS / 12) < LIMIT_S < wait_p99_s(SLOTS, RATE_RPS / 11)
    # Five would be busy all the time, so 6 is what the pooled formula says.
    assert math.isclose(5 * PROFILE.max_rps, RATE_RPS)


@pytest.mark.parametrize(
    ("routing", "instances", "slots", "holds"),
    [
        pytest.param(LOR, 1, 24, True, id="pooled, 6 x 4 slots in one queue"),
        pytest.param(LOR, 6, SLOTS, False, id="least-outstanding, 6"),
        pytest.param(LOR, 7, SLOTS, True, id="least-outstanding, 7"),
        pytest.param(RANDOM, 6, SLOTS, False, id="random, 6"),
        pytest.param(RANDOM, 11, SLOTS, False, id="random, 11"),
    ],
)
def test_the_p99_wait_is_within_100_ms_with_that_fleet(routing, instances, slots, holds):
    share, error = late(replications(routing, instances, slots), LIMIT_S, waits=True)
    assert (share + 4 * error < 0.01) if holds else (share - 4 * error > 0.01)
