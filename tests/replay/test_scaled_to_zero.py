"""A fleet that goes to zero outside its windows: tail, wake-up, what stays unanswered."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.replay.billed import billed_by_minute_s
from smcost.replay.counts import Delays, fixed_fleet, replay_counts
from smcost.replay.scaled_to_zero import ZeroDelays, scaled_to_zero
from smcost.scaling import TargetTracking
from smcost.traffic.minutes import MinuteCounts

DELAYS = ZeroDelays(idle_tail_s=1500, alarm_s=60, startup_s=300)


def story(counts, inside, fleet=1.0, opening=None, delays=DELAYS):
    """``inside``: minutes within the window; ``fleet``: billed while it stays up."""
    counts = np.array(counts, dtype=np.int64)
    mask = np.zeros(counts.size, dtype=np.bool_)
    mask[inside] = True
    ahead = np.zeros_like(mask)
    if opening is not None:
        ahead[opening] = True
    return scaled_to_zero(
        MinuteCounts(start_s=60 * np.arange(counts.size), invocations=counts),
        np.broadcast_to(60.0 * np.asarray(fleet), counts.shape).astype(np.float64),
        inside=mask,
        opening=ahead,
        delays=delays,
    )


def test_25_minutes_are_billed_after_the_window():
    found = story([0] * 100, slice(0, 10), fleet=3)
    assert found.billed_s.sum() == 3 * 60 * (10 + 25)
    assert not found.unanswered.any()
    assert not found.woken.any()


def test_as_many_as_at_the_closing_stay_for_the_tail():
    fleet = [4] * 10 + [1] * 90
    found = story([0] * 100, slice(0, 10), fleet=fleet)
    assert found.billed_s.sum() == 4 * 60 * (10 + 25)


def test_a_request_in_the_tail_is_answered_and_begins_it_anew():
    counts = [0] * 100
    counts[20] = 7
    found = story(counts, slice(0, 10))
    assert found.billed_s.sum() == 60 * (21 + 25)
    assert found.unanswered.sum() == 0


def test_a_request_at_zero_fails_and_wakes_one_instance():
    """Fails in minute 50, alarm until 52:00, in service at 57:00, idle until 82:00."""
    counts = [0] * 150
    counts[50] = 7
    found = story(counts, slice(0, 10), fleet=3)
    assert found.unanswered.tolist()[50] == found.unanswered.sum() == 7
    assert np.flatnonzero(found.woken).tolist() == [50]
    woken_s = found.billed_s[36:]
    assert np.flatnonzero(woken_s)[[0, -1]].tolist() == [52 - 36, 81 - 36]
    assert woken_s.sum() == 300 + 1500


def test_requests_fail_until_it_is_in_service_and_wake_it_once():
    counts = [0] * 50 + [1] * 20 + [0] * 80
    found = story(counts, slice(0, 10))
    assert np.flatnonzero(found.unanswered).tolist() == list(range(50, 57))
    assert found.woken.sum() == 1
    # Up from 52:00 until 25 min after the last request, in minute 69.
    assert found.billed_s[36:].sum() == 60 * (70 - 52 + 25)


def test_the_opening_is_billed_as_it_is_and_wakes_nothing():
    counts = [0] * 100
    counts[92] = 2
    found = story(counts, slice(95, 100), fleet=2, opening=slice(90, 95))
    assert found.billed_s[25:].sum() == 2 * 60 * 10
    assert found.unanswered.tolist()[92] == 2
    assert not found.woken.any()


@pytest.mark.parametrize(("first", "billed_s"), [(0, 0), (3, 60 + 1500)])
def test_it_begins_up_where_the_first_minute_has_a_request(first, billed_s):
    found = story([first] + [0] * 99, slice(99, 100))
    assert found.billed_s[:99].sum() == billed_s
    assert not found.unanswered.any()


@pytest.mark.parametrize("tail_s", [0, 90, 1500, 86_400])
def test_the_tail_is_a_parameter(tail_s):
    delays = ZeroDelays(idle_tail_s=tail_s)
    found = story([0] * 200, slice(0, 10), delays=delays)
    assert found.billed_s.sum() == 600 + min(tail_s, 190 * 60)


counts = st.lists(st.sampled_from([0, 0, 0, 0, 5]), min_size=5, max_size=120)


@given(counts, st.data())
@settings(max_examples=40)
def test_it_never_costs_more_than_to_stay_and_loses_no_request_within(invocations, data):
    begin = data.draw(st.integers(0, len(invocations) - 1))
    end = data.draw(st.integers(begin + 1, len(invocations)))
    found = story(invocations, slice(begin, end))
    assert (found.billed_s >= 0).all()
    assert (found.billed_s <= 60).all()
    assert (found.billed_s[begin:end] == 60).all()
    assert not found.unanswered[begin:end].any()
    assert (found.unanswered <= np.array(invocations)).all()
    assert found.woken.sum() <= np.count_nonzero(found.unanswered)


@given(counts, st.integers(0, 3000), st.integers(0, 3000))
@settings(max_examples=30)
def test_a_longer_tail_never_costs_less(invocations, one_s, other_s):
    short, long = (
        story(invocations, slice(0, 2), delays=ZeroDelays(idle_tail_s=tail_s))
        for tail_s in sorted((one_s, other_s))
    )
    assert short.billed_s[:1].sum() <= long.billed_s[:1].sum()
    # With requests a longer tail may spare a wake-up, so that only its losses are a law.
    assert long.unanswered.sum() <= short.unanswered.sum()


def test_billed_minutes_are_the_integral_of_the_replay():
    counts = np.array([1_000] * 20 + [5_000] * 60 + [1_000] * 60)
    policy = TargetTracking(target_per_minute=600.0, minimum=2, maximum=20)
    replay = replay_counts(counts, policy, Delays(startup_s=240))
    by_minute = billed_by_minute_s(replay)
    assert by_minute.sum() / 3600 == pytest.approx(replay.instance_hours)
    # Launched at minute 24.5: half a minute of seven more.
    assert by_minute[23:26].tolist() == [120, 120 + 7 * 30, 9 * 60]
    assert billed_by_minute_s(fixed_fleet(3, 4)).tolist() == [240, 240, 240]
