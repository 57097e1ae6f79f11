"""The asynchronous endpoint's rules, one by one, and what they come to on whole traces."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.errors import UsageError
from smcost.kinds.asynchronous import BacklogPolicy, BacklogReplay, replay_backlog
from smcost.replay.counts import Delays

DELAYS = Delays(reaction_s=90.0, startup_s=300.0)


def replay(counts, target=5.0, maximum=4, per_instance=60.0, service_s=1.0, **more):
    return replay_backlog(
        np.array(counts),
        BacklogPolicy(target=target, maximum=maximum, **more),
        DELAYS,
        per_instance=per_instance,
        service_s=service_s,
    )


def minutes_up(found):
    """Runs of equal counts in service: ``[(count, minutes), ...]``."""
    edges = np.flatnonzero(np.diff(found.in_service)) + 1
    return [(int(part[0]), part.size) for part in np.split(found.in_service, edges)]


def test_from_none_after_two_minutes_with_a_backlog_and_down_after_fifteen():
    found = replay([0] * 20 + [3] + [0] * 60)
    # The request comes in minute 20; the alarm has two minutes at the end of 21, minute 22 begins;
    # 390 s later is 6.5 min: in service from minute 29 on.
    assert minutes_up(found)[:2] == [(0, 29), (1, 17)]
    assert found.wakes == 1
    assert found.longest_wait_s == 9 * 60
    assert found.p95_wait_s == 9 * 60


def test_it_is_billed_from_launch_to_removal():
    found = replay([0] * 20 + [3] + [0] * 60)
    # Launched 90 s after minute 22 begins, removed 90 s after the 15th quiet minute of service.
    launched_s, removed_s = 22 * 60 + 90, (29 + 15) * 60 + 90
    assert found.instance_hours == pytest.approx((removed_s - launched_s) / 3600)


def test_a_steady_load_keeps_its_instance_and_waits_for_nothing():
    found = replay([30] * 300)
    assert minutes_up(found) == [(1, 300)]
    assert found.mean_wait_s == found.longest_wait_s == 0
    assert found.instance_hours == 5.0
    assert found.wakes == 0


def test_out_after_three_minutes_above_the_target_in_one_jump():
    found = replay([30] * 30 + [90] * 60, maximum=9)
    # 30 a minute are left over: 31, 61, 91 in the backlog, hence ceil(91 / 5), at most 9.
    assert minutes_up(found)[:2] == [(1, 40), (9, minutes_up(found)[1][1])]


def test_exactly_at_the_target_nothing_happens():
    # 5 in flight all the time is not above 5, and not below 4.5.
    found = replay([300] * 120, per_instance=600.0, service_s=1.0)
    assert minutes_up(found) == [(1, 120)]


def test_in_only_if_one_fewer_would_hold():
    # 8 in flight on two instances: below 0.9 x 5 each, but one alone would be above 5.
    kept = replay([480] * 90, per_instance=900.0)
    assert minutes_up(kept) == [(2, 90)]
    fewer = replay([480] * 15 + [240] * 60, per_instance=900.0)
    assert minutes_up(fewer)[-1][0] == 1


def test_a_scale_in_waits_for_its_cooldown():
    counts = [900] * 15 + [480] * 30 + [60] * 60
    quick, slow = (replay(counts, per_instance=900.0, scale_in_cooldown_s=s) for s in (0.0, 7200.0))
    assert slow.instance_hours > quick.instance_hours
    assert slow.in_service[-1] == 2


def test_nothing_beyond_the_maximum():
    found = replay([600] * 60, maximum=3)
    assert int(found.in_service.max()) == 3


def test_what_is_never_reached_expires():
    found = replay([600] * 600, maximum=1)
    # A tenth is served; what waits for six hours is lost.
    assert found.expired_share > 0.3
    assert found.longest_wait_s == 6 * 3600


def test_what_is_queued_at_the_end_is_waited_for():
    found = replay([0] * 20 + [600], maximum=1)
    assert found.expired_share == 0
    # Nine minutes until the instance is there, ten more for 600 at 60 a minute.
    assert found.longest_wait_s == 18 * 60


def test_no_traffic_costs_nothing():
    found = replay([0] * 50)
    assert found == BacklogReplay(
        in_service=found.in_service,
        instance_hours=0.0,
        mean_wait_s=0.0,
        p95_wait_s=0.0,
        longest_wait_s=0.0,
        expired_share=0.0,
        wakes=0,
    )
    assert not found.in_service.any()


@settings(max_examples=20)
@given(
    st.lists(st.integers(0, 400), min_size=1, max_size=200),
    st.floats(0.5, 50.0),
    st.integers(1, 6),
)
def test_what_holds_for_every_trace(counts, target, maximum):
    found = replay(counts, target=target, maximum=maximum)
    assert found.in_service.size == len(counts)
    assert 0 <= found.in_service.min() <= found.in_service.max() <= maximum
    assert 0 <= found.instance_hours <= maximum * len(counts) / 60 + 1e-9
    assert found.instance_hours >= found.in_service.sum() / 60 - 1e-9 - maximum * 0.2
    assert 0 <= found.mean_wait_s <= found.longest_wait_s <= 6 * 3600
    assert found.p95_wait_s <= found.longest_wait_s
    assert 0 <= found.expired_share <= 1


@settings(max_examples=20)
@given(st.lists(st.integers(1, 60), min_size=15, max_size=200))
def test_one_instance_that_keeps_up_never_needs_a_second_nor_leaves(counts):
    assert set(replay(counts, target=5.0, per_instance=60.0).in_service.tolist()) == {1}


@pytest.mark.parametrize(
    ("target", "maximum"), [(0.0, 1), (-1.0, 1), (math.nan, 1), (math.inf, 1), (5.0, 0)]
)
def test_a_policy_that_cannot_be_followed(target, maximum):
    with pytest.raises(UsageError, match="cannot be followed"):
        BacklogPolicy(target=target, maximum=maximum)


def test_there_must_be_something_to_replay():
    with pytest.raises(UsageError, match="nothing to replay"):
        replay([])
    with pytest.raises(UsageError, match="nothing to replay"):
        replay([1], per_instance=0.0)
