"""Backlog per instance: stories worked out by hand, and conservation on every path."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.capacity import Routing
from smcost.replay.backlog import (
    DelayedArrivals,
    _in_python,
    delayed_arrivals,
    lost_in_overload,
)

#: Invocations per minute at which one instance is busy all the time: 100 of them take a minute.
CAPACITY = 100.0


def delayed(invocations, in_service) -> DelayedArrivals:
    return delayed_arrivals(np.array(invocations), np.array(in_service), CAPACITY)


def by_least_outstanding(invocations, in_service) -> DelayedArrivals:
    return delayed_arrivals(
        np.array(invocations), np.array(in_service), CAPACITY, Routing.LEAST_OUTSTANDING_REQUESTS
    )


def mean_delay_s(found: DelayedArrivals, minutes: int) -> list[float]:
    """Delay met by the average request of each minute, 0 where none is listed. [s]"""
    weighted = np.bincount(found.minute, found.requests * found.delay_s, minlength=minutes)
    requests = np.bincount(found.minute, found.requests, minlength=minutes)
    return np.divide(weighted, requests, out=np.zeros(minutes), where=requests > 0).tolist()


def share_delayed(found: DelayedArrivals, minutes: int) -> list[float]:
    """Share of each minute's listed requests that meet a backlog."""
    behind = np.bincount(found.minute, found.requests * (found.delay_s > 0), minlength=minutes)
    requests = np.bincount(found.minute, found.requests, minlength=minutes)
    return np.divide(behind, requests, out=np.zeros(minutes), where=requests > 0).tolist()


@pytest.mark.parametrize(
    ("invocations", "in_service"),
    [([0, 0], [1, 1]), ([100, 100, 100], [1, 1, 1]), ([400, 99], [4, 1])],
)
def test_without_overload_nobody_is_listed(invocations, in_service):
    found = delayed(invocations, in_service)
    assert found.minute.size == found.requests.size == found.delay_s.size == 0


def test_a_backlog_grows_by_the_surplus_stands_at_balance_and_drains_at_the_spare():
    # One instance: 0 -> 100 waiting; stands; 100 -> 50; 50 -> 0; then idle. 100 take 60 s.
    found = delayed([200, 100, 50, 50, 50], [1] * 5)
    assert mean_delay_s(found, 5) == pytest.approx([30, 60, 45, 15, 0])
    assert set(found.minute.tolist()) == {0, 1, 2, 3}


def test_the_delay_met_rises_within_the_minute():
    found = delayed([200], [1])
    assert np.all(np.diff(found.delay_s) > 0)
    # Evenly over 0 to 60 s, in parts of 4 s.
    assert found.delay_s == pytest.approx(np.arange(2, 60, 4))
    assert found.requests == pytest.approx(np.full(15, 200 / 15))


def test_a_backlog_is_read_at_least_in_quarters_and_at_most_in_sixteenths_of_a_minute():
    assert delayed([101], [1]).delay_s.size == 4
    assert delayed([10_000], [1]).delay_s.size == 16


def test_a_backlog_that_clears_within_a_minute_delays_only_the_first_of_it():
    found = delayed([110, 60, 60], [1, 1, 1])
    # 10 wait; 40 a minute spare: clear after a quarter.
    assert share_delayed(found, 3)[1] == pytest.approx(0.25, abs=0.1)
    assert set(found.minute.tolist()) == {0, 1}


def test_help_does_not_help_those_who_queue():
    # The golden step at 90 % after help: two instances at 90 a minute each meet the double for
    # three minutes and owe 240 each. Two more arrive, and everyone is at 90 again: the old two
    # drain 10 a minute and stay late for 24 minutes, behind up to 144 s; the new two never are.
    found = delayed([180] * 2 + [360] * 40, [2] * 5 + [4] * 37)
    late = share_delayed(found, 42)
    assert late[:2] == [0, 0]
    assert late[2:5] == [1, 1, 1]
    assert late[5:29] == pytest.approx([0.5] * 24)
    assert late[29:] == [0] * 13
    assert found.delay_s.max() == pytest.approx(144, rel=0.02)
    # A quarter of an hour after help every other request still waits half a minute and more.
    assert np.median(found.delay_s[(found.minute == 20) & (found.delay_s > 0)]) > 30


def test_the_same_step_with_a_single_pooled_queue_would_be_over_at_once():
    # What the per-instance backlog is there to avoid: a pool of 480 clears with 40 a minute
    # spare in 12 minutes, not 24.
    found = delayed([360] * 40, [2] * 3 + [4] * 37)
    assert found.minute.max() == 2 + 24


def test_a_new_instance_has_no_backlog_but_can_get_its_own():
    # Overload persists after help: the old owe 60 s each from minute 0, and all gain 12 s more.
    found = delayed([200, 240, 0], [1, 2, 2])
    in_second = found.minute == 1
    old, new = found.delay_s[in_second][:4], found.delay_s[in_second][4:]
    assert old == pytest.approx([61.5, 64.5, 67.5, 70.5])
    assert new == pytest.approx([1.5, 4.5, 7.5, 10.5])


def test_scale_in_removes_the_newest_which_owe_the_least():
    # A second instance comes for one minute only; whoever stays owes the 60 s of minute 0.
    found = delayed([200, 100, 50], [1, 2, 1])
    assert share_delayed(found, 3)[:2] == pytest.approx([1.0, 0.5])
    # 60 s at first, 30 s worked off in minute 1 at a share of 50, 30 s more in minute 2.
    assert mean_delay_s(found, 3) == pytest.approx([30, 45 / 2, 15])


def test_scale_in_into_the_old_ones_takes_their_backlog_along():
    # Three share an overload of 50 each; one is left and meets its own 30 s, not the sum.
    found = delayed([450, 100], [3, 1])
    assert mean_delay_s(found, 2) == pytest.approx([15, 30])


def test_an_instance_that_left_and_came_back_owes_nothing():
    # Two overloaded, one removed, one added: the newcomer is empty.
    found = delayed([400, 100, 200, 200], [2, 1, 2, 2])
    assert share_delayed(found, 4) == pytest.approx([1, 1, 0.5, 0.5])


def test_two_overloads_with_calm_between_are_two_stretches():
    found = delayed([150, 0, 80, 150, 0], [1] * 5)
    assert set(found.minute.tolist()) == {0, 1, 3, 4}
    assert mean_delay_s(found, 5)[3] == pytest.approx(15)


def test_an_overload_during_a_stretch_adds_to_what_is_owed():
    # Owed at the ends: 50, 30, 80, 60. A new stretch would begin from nothing.
    found = delayed([150, 80, 150, 80], [1] * 4)
    assert mean_delay_s(found, 4) == pytest.approx([15, 24, 33, 42])


def test_a_horizon_that_ends_in_overload_ends_the_stretch():
    assert set(delayed([150, 200], [1, 1]).minute.tolist()) == {0, 1}


#: Fleets of 1, 2 or 4, so that shares and sums are exact and a backlog ends where it should.
traces = st.integers(1, 25).flatmap(
    lambda size: st.tuples(
        st.lists(st.integers(0, 900), min_size=size, max_size=size),
        st.lists(st.sampled_from([1, 2, 4]), min_size=size, max_size=size),
    )
)


def owed_by_each(invocations, in_service):
    """Backlog of each instance at the end of each minute, instance by instance, newest last."""
    fleet: list[float] = []
    for arriving, size in zip(invocations, in_service, strict=True):
        before = (fleet + [0.0] * size)[:size]
        fleet = [max(0.0, owed + arriving / size - CAPACITY) for owed in before]
        yield before, fleet


@settings(deadline=None)
@given(traces)
def test_in_a_stretch_every_request_is_listed_once_and_outside_none(trace):
    invocations, in_service = trace
    found = delayed(invocations, in_service)
    listed = np.bincount(found.minute, found.requests, minlength=len(invocations))
    owing = [any(before + after) for before, after in owed_by_each(invocations, in_service)]
    expected = [count if owes else 0 for count, owes in zip(invocations, owing, strict=True)]
    assert listed == pytest.approx(expected)
    assert np.all(found.delay_s >= 0)


@settings(deadline=None)
@given(traces)
def test_delays_are_those_of_a_fleet_followed_instance_by_instance(trace):
    invocations, in_service = trace
    found = mean_delay_s(delayed(invocations, in_service), len(invocations))
    for minute, (before, after) in enumerate(owed_by_each(invocations, in_service)):
        if not invocations[minute]:
            continue
        change = abs(invocations[minute] / in_service[minute] - CAPACITY)
        # Linear unless it clears within the minute: then a triangle, at most a part too long.
        exact = [
            (b + a) / 2 if a or not b else b / 2 * min(1.0, b / change)
            for b, a in zip(before, after, strict=True)
        ]
        delay_s = np.mean(exact) / CAPACITY * 60
        too_long_s = change / CAPACITY * 60 / 4
        assert delay_s - 1e-6 <= found[minute] <= delay_s + too_long_s + 1e-6


def test_least_outstanding_shares_an_overload_as_random_does():
    trace = [400, 200, 100, 100], [2] * 4
    found, at_random = by_least_outstanding(*trace), delayed(*trace)
    assert mean_delay_s(found, 4) == pytest.approx(mean_delay_s(at_random, 4), abs=2)


def test_least_outstanding_gives_new_instances_all_new_requests_while_the_old_drain():
    # Two owe 240 each after three minutes at 180. Two more arrive and 360 a minute go to them: 180
    # each at first, then what levels the fleet; the old drain 100 a minute.
    found = by_least_outstanding([360] * 12, [2] * 3 + [4] * 9)
    late_s = mean_delay_s(found, 12)
    assert late_s[:3] == pytest.approx([24, 72, 120], abs=2)
    # Minute 3: the new begin at 0 and gain 80, so requests meet 0 to 48 s and none the old's 144 s.
    assert late_s[3] == pytest.approx(24, abs=2)
    assert found.delay_s[found.minute == 3].max() < 48
    # Minute 4: the old owe 140 falling, the new 80 rising: level at 110, and 40 a minute spare.
    assert found.delay_s[found.minute == 4].max() < 72
    # 480 owed at minute 3, 40 worked off a minute: 12 minutes, as with one pooled queue.
    longer = by_least_outstanding([360] * 40, [2] * 3 + [4] * 37)
    assert longer.minute.max() == 2 + 12


def test_random_is_late_long_after_help_has_come_and_least_outstanding_is_not():
    trace = [360] * 40, [2] * 3 + [4] * 37
    at_random, fewest = (share_delayed(f(*trace), 40) for f in (delayed, by_least_outstanding))
    assert max(np.flatnonzero(at_random)) == 26
    assert max(np.flatnonzero(fewest)) == 14
    # Half of the requests wait half a minute and more a quarter of an hour after help: at random.
    delays = {f: f(*trace) for f in (delayed, by_least_outstanding)}
    waits_s = {f: found.delay_s[found.minute == 17] for f, found in delays.items()}
    assert waits_s[delayed].max() > 30
    assert waits_s[by_least_outstanding].size == 0


def test_enough_new_instances_end_the_lateness_at_once_under_least_outstanding():
    # Two owe 100 each; eight idle ones take 400 a minute, 50 each, and nobody waits any more.
    trace = [400, 400, 400], [2, 10, 10]
    assert share_delayed(by_least_outstanding(*trace), 3) == pytest.approx([1, 0, 0], abs=1e-9)
    assert share_delayed(delayed(*trace), 3)[1] == pytest.approx(0.2)


@settings(deadline=None)
@given(traces)
def test_least_outstanding_lists_every_request_of_a_stretch_once_too(trace):
    invocations, in_service = trace
    found = by_least_outstanding(invocations, in_service)
    listed = np.bincount(found.minute, found.requests, minlength=len(invocations))
    for minute, count in enumerate(invocations):
        assert listed[minute] == pytest.approx(count) or listed[minute] == 0
    overloaded = np.flatnonzero(np.array(invocations) > CAPACITY * np.array(in_service))
    assert set(overloaded.tolist()) <= set(found.minute.tolist())
    assert np.all(found.delay_s >= 0)


@settings(deadline=None)
@given(st.integers(1, 8), st.lists(st.integers(0, 900), min_size=1, max_size=20))
def test_with_a_fixed_fleet_nothing_is_lost_or_made_by_least_outstanding(size, invocations):
    # Owed after = owed before + arrived - worked off: the level of a fleet filled from nothing is
    # that of one queue, and the delay met is half-way between its ends.
    found = mean_delay_s(by_least_outstanding(invocations, [size] * len(invocations)), 20)
    owed, in_stretch = 0.0, False
    for minute, count in enumerate(invocations):
        after = owed + count / size - CAPACITY
        in_stretch = after > 0 or owed > 0
        if count and in_stretch and after >= 0:
            assert found[minute] == pytest.approx((owed + after) / 2 * 60 / CAPACITY, abs=1e-6)
        owed = max(0.0, after)


def test_where_nothing_is_known_of_overload_its_requests_wait_for_ever():
    found = delayed([200, 50, 50, 50], [1] * 4)
    lost = lost_in_overload(found, np.array([True, False, False, False]))
    assert np.all(np.isinf(lost.delay_s[lost.minute == 0]))
    assert np.array_equal(lost.delay_s[lost.minute > 0], found.delay_s[found.minute > 0])
    assert lost.requests.sum() == found.requests.sum()


@pytest.mark.parametrize("routing", list(Routing))
def test_dropped_work_keeps_the_backlog_within_what_is_waited_for(routing):
    """500 a minute on one instance that does 100: kept, the last waits minutes; dropped, 60 s."""
    counts, fleet = np.array([500, 500, 500, 0, 0, 0, 0, 0]), np.full(8, 1)
    kept = delayed_arrivals(counts, fleet, CAPACITY, routing)
    dropped = delayed_arrivals(counts, fleet, CAPACITY, routing, gives_up_s=60.0)
    assert kept.delay_s.max() > 600
    assert dropped.delay_s.max() == 60
    # What is left at the end of the overload is worked off within a minute.
    assert dropped.minute.max() == 3
    assert kept.minute.max() == 7


@given(
    st.lists(st.tuples(st.integers(0, 900), st.integers(1, 6)), min_size=1, max_size=40),
    st.sampled_from([30.0, 90.0, float("inf")]),
)
def test_compiled_the_backlog_has_the_same_digits(minutes, gives_up_s):
    counts, fleet = np.array(minutes).T
    found = delayed_arrivals(counts, fleet, CAPACITY, Routing.RANDOM, gives_up_s)
    largest = gives_up_s / 60 * CAPACITY
    expected = _in_python(counts, fleet, CAPACITY, Routing.RANDOM, largest)
    assert found.minute.tolist() == expected.minute.tolist()
    assert found.requests.tolist() == expected.requests.tolist()
    assert found.delay_s.tolist() == expected.delay_s.tolist()
