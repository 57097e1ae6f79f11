"""The golden step on the exact engine: whose backlog it is decides how long requests are late.

1,000 invocations a minute for 20 minutes, 5,000 for 60, 1,000 for 60; target 600, minimum 2,
start-up 240 s; one instance serves 900 a minute, one worker of 1/15 s.

* Minutes 0 to 19: two instances, 500 a minute each, utilisation 0.56.
* Minute 20: 5,000 come, 2,500 to each instance: each serves 900 and keeps 1,600. Minutes 20, 21
  and 22 are above the target, at the end of minute 22 the alarm fires. The reaction takes 90 s:
  the decision falls at 24.5 min, 270 s after the step, ceil(2 x 2,500 / 600) = 9 instances. The
  start-up takes 240 s: InService at 28.5 min, in service from minute 29 on.
* Minutes 20 to 28, nine of them: each of the two keeps 9 x 1,600 = 14,400, which is 16 minutes of
  its capacity.
* From minute 29 on nine instances get 556 a minute each. The seven new ones are fine. RANDOM still
  sends 2/9 of all requests to the two old ones, which work off 900 - 556 = 344 a minute:
  14,400 / 344 = 42 minutes, until minute 71. Until then 22 % of the requests wait.
* Least-outstanding routing sends nothing to them before the others have as many waiting: they work
  off 900 a minute and are empty after 16 minutes, and everybody else is in time from minute 29 on.
* Timeouts do not matter here: the container finishes what it has.
"""

import math

import numpy as np
import pytest

from smcost.capacity import Routing, WorkersProfile
from smcost.queueing.service import ServiceTime
from smcost.replay.counts import Delays, replay_counts
from smcost.replay.exact_loads import Replay, station_of
from smcost.replay.latency import LatencyTerms, loads
from smcost.scaling import TargetTracking

COUNTS = np.array([1_000] * 20 + [5_000] * 60 + [1_000] * 60)
LIMIT_S = 2.0
PROFILE = WorkersProfile(
    instance_type="ml.m5.xlarge", workers=1, service=ServiceTime(mean_s=1 / 15, cv=0.5)
)
TERMS = LatencyTerms(timeout_s=3600.0)
POLICY = TargetTracking(target_per_minute=600, minimum=2, maximum=100)
IN_SERVICE = replay_counts(COUNTS, POLICY, Delays(startup_s=240.0)).in_service
WINDOW = np.zeros_like(COUNTS)


def late_share(routing: Routing) -> np.ndarray:
    """Share of the requests of each minute that are late."""
    replay = Replay(
        invocations=COUNTS,
        window=WINDOW,
        station=station_of(PROFILE),
        routing=routing,
        terms=TERMS,
        limits_s=(LIMIT_S, math.inf),
        seed=1,
    )
    return replay.whole(IN_SERVICE).late_per_minute(LIMIT_S) / COUNTS


@pytest.fixture(scope="module")
def random():
    return late_share(Routing.RANDOM)


@pytest.fixture(scope="module")
def least_outstanding():
    return late_share(Routing.LEAST_OUTSTANDING_REQUESTS)


def test_help_arrives_nine_minutes_after_the_step():
    assert IN_SERVICE[:29].tolist() == [2] * 29
    assert IN_SERVICE[29:80].tolist() == [9] * 51


@pytest.mark.parametrize("routing", list(Routing))
def test_until_then_all_are_late(routing):
    late = late_share(routing)
    assert late[:19].max() < 0.001
    assert late[21:29].min() > 0.99


def test_at_random_those_sent_to_the_old_instances_are_late_long_after_help_came(random):
    # Two of nine instances, of 5,000 requests: a standard deviation of 0.6 %.
    assert random[31:69] == pytest.approx(2 / 9, abs=0.03)
    assert random[74:80].max() < 0.05
    # The hour after help arrived has a late share far above 1 %.
    assert random[29:89].mean() > 0.12


def test_the_others_get_their_answers_in_time_once_help_is_there(least_outstanding):
    assert least_outstanding[29] < 0.05
    assert least_outstanding[30:].max() < 0.01


def test_screening_knows_of_both(random, least_outstanding):
    for routing, replayed in (
        (Routing.RANDOM, random),
        (Routing.LEAST_OUTSTANDING_REQUESTS, least_outstanding),
    ):
        screened = loads(
            invocations=COUNTS,
            in_service=IN_SERVICE,
            window=WINDOW,
            profile=PROFILE,
            terms=TERMS,
            routing=routing,
        )
        share = screened.late_per_minute(LIMIT_S) / COUNTS
        assert share[21:29] == pytest.approx(replayed[21:29], abs=0.02)
        assert share[31:69] == pytest.approx(replayed[31:69], abs=0.03)
        assert share[75:] == pytest.approx(replayed[75:], abs=0.05)
