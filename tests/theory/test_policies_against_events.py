"""The fluid of requests in flight against every request, with the autoscaler in the loop.

An event simulation written from the rules alone: arrivals, workers, samples of the requests in
flight every 10 s, alarms, reaction, start-up. Its samples are of a moment and vary more than the
fluid, so what is decided near the target differs from seed to seed; what an overload decides, and
when, does not.
"""

import heapq
import math
from functools import lru_cache

import numpy as np
import pytest

from smcost.capacity import Routing, WorkersProfile
from smcost.queueing.service import ServiceTime
from smcost.replay.counts import Delays
from smcost.replay.in_flight import occupancy
from smcost.replay.metrics import Watched
from smcost.replay.policies import replay_policies
from smcost.scaling.policy import Metric, TargetPolicy
from smcost.variant import Variant

WORKERS, MEAN_S, HIGHEST = 2, 0.1, 20
SEEDS = (1, 2)
DELAYS = Delays(reaction_s=90.0, startup_s=300.0)
PROFILE = WorkersProfile(
    instance_type="ml.m5.xlarge", workers=WORKERS, service=ServiceTime(mean_s=MEAN_S, cv=1.0)
)
#: Two instances at 0.38 and 2.6 of their rate: 20 and 40 minutes.
COUNTS = np.random.default_rng(3).poisson(np.repeat([150.0, 1_050.0], [120, 240]))


class Instance:
    """Workers, first come first served, and when each request leaves."""

    def __init__(self, now_s):
        self.free_s, self.ends_s = [now_s] * WORKERS, []

    def serve(self, arrival_s, service_s):
        end_s = max(arrival_s, self.free_s[0]) + service_s
        heapq.heapreplace(self.free_s, end_s)
        self.ends_s.append(end_s)

    def in_flight(self, now_s):
        self.ends_s = [end_s for end_s in self.ends_s if end_s > now_s]
        return len(self.ends_s)


@lru_cache
def activities(target, seed):
    """Launch, and count before and after, of everything the autoscaler does."""
    rng, pending, found = np.random.default_rng(seed), None, []
    fleet = [Instance(0.0), Instance(0.0)]
    above = below = 0
    blocked_s = -math.inf
    for tick, count in enumerate(COUNTS):
        start_s, end_s = 10.0 * tick, 10.0 * (tick + 1)
        if pending and pending[1] <= start_s:
            _, done_s, wanted = pending
            blocked_s = -math.inf if wanted > len(fleet) else done_s + 300.0
            fleet = [*fleet[:wanted], *(Instance(start_s) for _ in range(wanted - len(fleet)))]
            pending = None
        for arrival_s in np.sort(rng.uniform(start_s, end_s, count)):
            fleet[rng.integers(len(fleet))].serve(arrival_s, rng.exponential(MEAN_S))
        total, size = sum(instance.in_flight(end_s) for instance in fleet), len(fleet)
        above = above + 1 if total / size > target else 0
        below = below + 1 if total / size < 0.9 * target else 0
        wanted = size if pending is None else pending[2]
        asked = max(2, min(HIGHEST, math.ceil(total / target)))
        if above >= 3 and above % 6 == 3:
            wanted = max(wanted, asked)
        if below >= 90 and below % 6 == 0 and end_s >= blocked_s and total <= target * (size - 1):
            wanted = min(wanted, asked)
        if pending is None and wanted != size:
            launched_s = end_s + DELAYS.reaction_s
            pending = launched_s, launched_s + (DELAYS.startup_s if wanted > size else 0.0), wanted
            found.append((launched_s, size, wanted))
    return found


def fluid(target):
    variant = Variant(
        instance_type="ml.m5.xlarge",
        minimum=2,
        maximum=HIGHEST,
        initial_count=2,
        target_per_minute=None,
        further_policies=(TargetPolicy(metric=Metric.CONCURRENCY, target=target),),
    )
    minutes = COUNTS.reshape(-1, 6).sum(axis=1)
    watched = Watched(
        tables=occupancy(PROFILE, Routing.RANDOM, HIGHEST), ten_seconds=COUNTS.astype(np.int64)
    )
    found = replay_policies(variant, minutes, 60 * np.arange(minutes.size), DELAYS, watched)
    return [(a.launched_s, a.before, a.after) for a in found.activities]


@pytest.mark.parametrize("target", [3.0, 5.0])
def test_help_is_ordered_at_the_same_moment_and_as_much_of_it(target):
    assert fluid(target)[0] == (20 * 60 + 30 + 90, 2, HIGHEST)
    assert {activities(target, seed)[0] for seed in SEEDS} == {fluid(target)[0]}


@pytest.mark.parametrize("target", [3.0, 5.0])
def test_what_is_too_much_is_sent_home_within_a_minute_of_the_same_moment(target):
    """Fifteen minutes after the backlogs are gone."""
    expected_s = fluid(target)[1][0]
    for seed in SEEDS:
        launched_s, before, after = activities(target, seed)[1]
        assert launched_s == pytest.approx(expected_s, abs=60.0)
        assert after < before == HIGHEST
