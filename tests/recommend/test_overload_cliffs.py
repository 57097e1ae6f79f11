"""Overload cliffs: screening alone picks wrongly, exact replay within the budget picks rightly.

*Rightly*: the cheapest of all minimums whose replay holds, found by replaying every one of them.
Levels are multiples of what one instance serves when busy all the time.
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from smcost.capacity import Profile, Routing, SweepProfile, WorkersProfile
from smcost.queueing.service import ServiceLaw, ServiceTime
from smcost.recommend.plan import Planner
from smcost.recommend.recommend import recommend
from smcost.replay.exact_loads import Replay, station_of
from smcost.replay.latency import LatencyTerms
from smcost.replay.verdict import judge, limits_s
from smcost.units import per_minute

PLENTY = 50_000_000
#: Of the rate at which one instance is busy all the time.
TARGET = 0.7
RANDOM, LOR = Routing.RANDOM, Routing.LEAST_OUTSTANDING_REQUESTS


def workers(count, mean_s, cv=0.5, law=ServiceLaw.LOGNORMAL):
    service = ServiceTime(mean_s=mean_s, cv=cv, law=law)
    return WorkersProfile(instance_type="ml.m5.xlarge", workers=count, service=service)


API = workers(2, 0.5)
#: An LLM with four slots, 16 answers a minute.
SLOW = workers(4, 15.0)
#: 7.5 answers a minute.
THIN = workers(1, 8.0)
VARIABLE = workers(4, 1.0, 2.0)
CONSTANT = workers(1, 2.0, 0.0, ServiceLaw.DETERMINISTIC)
SWEEP = SweepProfile(
    instance_type="ml.m5.xlarge",
    concurrency=np.array([1.0, 4.0, 8.0]),
    throughput_rps=np.array([2.0, 5.0, 6.0]),
    fractions=np.array([0.5, 0.95, 0.99]),
    latencies_s=np.array([[0.4, 0.8, 1.0], [0.7, 1.2, 1.6], [1.2, 2.0, 2.6]]),
    means_s=np.full(3, np.nan),
    error_rate=np.zeros(3),
    requests=np.zeros(3),
)

STEP = [(1.0, 40), (3.0, 15), (1.0, 60)]
FLOOD = [(0.8, 60), (6.0, 3), (0.8, 60)]


@dataclass(frozen=True, kw_only=True)
class Cliff:
    """A story, how many screening asks for and how many it takes."""

    name: str
    profile: Profile
    routing: Routing
    shape: list[tuple[float, int]]
    p99_s: float
    screened: int
    right: int


#: Screening judges a minute by its own load: too dear where services outlast an overload, and where
#: a short queue is shared out before it matters. Of other seeds half or more have the same answer.
CLIFFS = [
    Cliff(
        name="a step on a fast service",
        profile=API,
        routing=RANDOM,
        shape=STEP,
        p99_s=2.2,
        screened=5,
        right=4,
    ),
    Cliff(
        name="a flood of three minutes, shared by queue length",
        profile=API,
        routing=LOR,
        shape=FLOOD,
        p99_s=5.0,
        screened=7,
        right=6,
    ),
    Cliff(
        name="a flood on a slow service",
        profile=SLOW,
        routing=LOR,
        shape=FLOOD,
        p99_s=50.0,
        screened=7,
        right=6,
    ),
    Cliff(
        name="thin traffic, single workers by queue length",
        profile=THIN,
        routing=LOR,
        shape=STEP,
        p99_s=30.0,
        screened=5,
        right=4,
    ),
    Cliff(
        name="a constant service, single workers by queue length",
        profile=CONSTANT,
        routing=LOR,
        shape=FLOOD,
        p99_s=6.0,
        screened=8,
        right=7,
    ),
    Cliff(
        name="a variable service in a flood, shared by queue length",
        profile=VARIABLE,
        routing=LOR,
        shape=FLOOD,
        p99_s=15.0,
        screened=7,
        right=6,
    ),
    Cliff(
        name="a load test by concurrency in a flood",
        profile=SWEEP,
        routing=LOR,
        shape=FLOOD,
        p99_s=5.0,
        screened=7,
        right=6,
    ),
]


def counts(cliff):
    busy = per_minute(cliff.profile.max_rps)
    return np.concatenate([np.full(minutes, round(level * busy)) for level, minutes in cliff.shape])


def asked_for(cliff, problem, budget):
    target = float(f"{TARGET * per_minute(cliff.profile.max_rps):.3g}")
    found = problem(
        counts(cliff),
        p99_s=cliff.p99_s,
        profile=cliff.profile,
        routing=cliff.routing,
        pins={"target_per_minute": target},
        terms=LatencyTerms(timeout_s=300.0),
        simulated_requests=budget,
        seed=2,
    )
    return replace(found, slo=replace(found.slo, max_failed=0.01))


def holds(planner, minimum):
    """Whether the replay of every request meets the SLO, and what the plan costs."""
    asked = planner.problem
    replayed = planner.counts(minimum, asked.pins.target_per_minute)
    replay = Replay(
        invocations=asked.minutes.invocations,
        window=asked.slo.window.number(asked.minutes.start_s),
        station=station_of(asked.profile),
        routing=asked.routing,
        terms=asked.terms,
        limits_s=limits_s(asked.slo),
        seed=asked.seed,
    )
    return judge(replay.whole(replayed.in_service), asked.slo).met, replayed.instance_hours


@pytest.mark.parametrize("cliff", CLIFFS, ids=[cliff.name for cliff in CLIFFS])
def test_screening_alone_falls_off_the_cliff_and_replay_does_not(problem, cliff):
    screened = recommend(asked_for(cliff, problem, 0)).estimate
    confirmed = recommend(asked_for(cliff, problem, PLENTY)).estimate
    planner = Planner(asked_for(cliff, problem, 0))
    replayed = {n: holds(planner, n) for n in range(1, max(cliff.screened, cliff.right) + 2)}
    cheapest = min(hours for met, hours in replayed.values() if met)
    assert float(confirmed.horizon.instance_hours) == pytest.approx(cheapest)
    assert confirmed.variant.minimum == cliff.right
    assert confirmed.latency.method == "simulated"
    assert confirmed.latency.worst_window_p99_s <= cliff.p99_s
    assert screened.variant.minimum == cliff.screened
    assert float(screened.horizon.instance_hours) > cheapest * (1 + 1e-6)
