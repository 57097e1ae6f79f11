"""The autoscaler over a trace: what happens, when, and what is billed for it."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.errors import UsageError
from smcost.replay.counts import Activity, Delays, fixed_fleet, replay_counts, start_count
from smcost.scaling import TargetTracking

DELAYS = Delays(reaction_s=90, startup_s=240)


def policy(**changes):
    return TargetTracking(**{"target_per_minute": 600.0, "minimum": 2, "maximum": 20} | changes)


def replay(counts, *, rule=None, delays=DELAYS, start=None):
    return replay_counts(np.array(counts, dtype=np.int64), rule or policy(), delays, start)


@pytest.fixture(scope="module")
def golden():
    """1,000 a minute for 20 minutes, 5,000 for an hour, 1,000 for an hour; SAGEMAKER 1.10."""
    return np.array([1_000] * 20 + [5_000] * 60 + [1_000] * 60)


def test_golden_case_help_is_decided_270_s_after_the_step_and_in_one_jump(golden):
    out, _ = replay(golden).activities
    assert (out.before, out.after) == (2, 9)
    assert out.launched_s - 20 * 60 == 270


def test_golden_case_the_new_instances_serve_nine_minutes_after_the_step(golden):
    found = replay(golden)
    assert found.activities[0].completed_s - 20 * 60 == 510
    assert int(np.argmax(found.in_service == 9)) - 20 == 9


def test_golden_case_nine_minutes_are_over_the_target(golden):
    found = replay(golden)
    assert int(np.sum(golden / found.in_service > 600)) == 9


def test_golden_case_scale_in_comes_16_and_a_half_minutes_after_the_fall(golden):
    back = replay(golden).activities[1]
    assert (back.before, back.after) == (9, 2)
    assert back.completed_s - 80 * 60 == 16.5 * 60


def test_golden_case_bills_13_1_instance_hours(golden):
    assert replay(golden).instance_hours == pytest.approx(13.1, abs=0.2)


def test_golden_case_a_minimum_of_nine_bills_21_hours_and_is_never_over(golden):
    found = replay(golden, rule=policy(minimum=9))
    assert found.instance_hours == pytest.approx(21.0)
    assert (golden / found.in_service <= 600).all()
    assert found.activities == ()


def test_instances_are_billed_from_launch_although_they_serve_later():
    found = replay([1_000] * 20 + [5_000] * 40)
    (out,) = found.activities
    assert found.instance_hours * 3600 == pytest.approx(2 * 3600 + 7 * (3600 - out.launched_s))
    assert found.in_service.sum() / 60 < found.instance_hours


def test_an_instance_that_arrives_within_a_minute_does_not_serve_it():
    found = replay([1_000] * 20 + [5_000] * 40)
    assert found.activities[0].completed_s == 28.5 * 60
    assert found.in_service[27:30].tolist() == [2, 2, 9]


def test_an_instance_that_leaves_within_a_minute_does_not_serve_it():
    found = replay([1_000] * 20, start=5)
    assert found.activities[0].completed_s == 16.5 * 60
    assert found.in_service[15:18].tolist() == [5, 2, 2]


def test_the_end_of_the_horizon_cuts_the_bill():
    launched_at_the_end = replay([1_000] * 20 + [5_000] * 4)
    (out,) = launched_at_the_end.activities
    assert out.launched_s > 24 * 60
    assert launched_at_the_end.instance_hours == pytest.approx(2 * 24 / 60)


def test_nothing_happens_while_the_endpoint_is_updating():
    # The load doubles again while the first scale-out is under way: it is answered only after.
    found = replay([1_000] * 20 + [2_000] * 4 + [9_000] * 40)
    first, second = found.activities
    assert (first.before, first.after, second.before, second.after) == (2, 4, 4, 15)
    assert second.launched_s >= first.completed_s + DELAYS.reaction_s


def test_after_an_activity_the_alarm_acts_again_within_the_minute():
    found = replay([1_000] * 20 + [2_000] * 4 + [9_000] * 40)
    first, second = found.activities
    # Completed in minute 28.5, so minute 28 is the first evaluation with the endpoint free.
    assert second.launched_s == 30 * 60 + DELAYS.reaction_s
    assert first.completed_s == 28.5 * 60


def test_a_second_scale_in_waits_for_the_cooldown():
    # Free to go at minute 16.5; the traffic falls again, but the cooldown lasts 20 minutes.
    traffic = [3_000] * 15 + [1_300] * 5 + [100] * 60
    slow = replay(traffic, rule=policy(minimum=1, scale_in_cooldown_s=1_200), start=9)
    first, second = slow.activities
    assert first.after == 5
    assert second.launched_s >= first.completed_s + 1_200
    quick = replay(traffic, rule=policy(minimum=1, scale_in_cooldown_s=0), start=9)
    assert quick.activities[1].launched_s < second.launched_s


def test_a_scale_out_cancels_the_cooldown_of_the_scale_in_before_it():
    traffic = [1_000] * 20 + [5_000] * 20 + [1_000] * 30
    found = replay(traffic, rule=policy(scale_in_cooldown_s=36_000), start=4)
    first, second, third = found.activities
    assert (first.after, second.after, third.after) == (2, 9, 2)
    assert third.launched_s < first.completed_s + 36_000
    assert third.launched_s == (40 + 15) * 60 + DELAYS.reaction_s


@pytest.mark.parametrize(
    ("counts", "begins"),
    [
        ([3_000] * 15 + [99_000] * 15, 5),
        ([0] * 15, 2),
        ([90_000] * 15, 20),
        ([1_201] * 4, 3),
        ([1_800], 3),
    ],
    ids=[
        "the mean of the first 15 minutes",
        "not below the minimum",
        "not above the maximum",
        "a trace shorter than 15 minutes",
        "an exact multiple is not rounded up",
    ],
)
def test_the_replay_starts_at(counts, begins):
    counts = np.array(counts)
    assert start_count(counts, policy()) == begins
    assert replay(counts).in_service[0] == begins


def test_a_given_start_is_brought_within_the_bounds():
    assert replay([1_000] * 3, start=50).in_service.tolist() == [20, 20, 20]


def test_two_replays_side_by_side_know_nothing_of_each_other(golden):
    alone = replay(golden)
    replay(np.full(40, 90_000))
    again = replay(golden)
    assert again.activities == alone.activities
    assert np.array_equal(again.in_service, alone.in_service)


def test_gapless_help_with_no_delay_arrives_with_the_next_minute():
    found = replay([600] * 20 + [3_000] * 9, delays=Delays(reaction_s=0, startup_s=0))
    assert found.in_service[20:24].tolist() == [2, 2, 2, 5]


def test_a_trace_without_minutes_is_refused():
    with pytest.raises(UsageError, match="no minute"):
        replay([])


def test_a_fixed_fleet_bills_every_minute():
    found = fixed_fleet(90, 4)
    assert found.instance_hours == 6.0
    assert found.in_service.tolist() == [4] * 90
    assert found.lowest_count == 4


def test_the_lowest_count_includes_one_only_asked_for():
    found = replay([1_000] * 15, start=5)
    assert found.in_service.min() == 5
    assert found.lowest_count == 2


def test_a_replay_cannot_be_changed_afterwards():
    with pytest.raises(dataclasses.FrozenInstanceError):
        fixed_fleet(1, 1).instance_hours = 0.0
    assert Activity.__dataclass_params__.frozen


traffic = st.lists(
    st.tuples(st.integers(0, 12_000), st.integers(1, 30)), min_size=1, max_size=8
).map(lambda runs: [count for count, length in runs for _ in range(length)])
rules = st.builds(
    lambda bounds, target, cooldown: policy(
        minimum=min(bounds), maximum=max(bounds), target_per_minute=target,
        scale_in_cooldown_s=cooldown,
    ),
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    st.floats(50, 5_000),
    st.sampled_from([0.0, 300.0, 900.0]),
)  # fmt: skip
delays = st.builds(Delays, reaction_s=st.floats(0, 200), startup_s=st.floats(0, 900))


@settings(max_examples=60, deadline=None)
@given(traffic, rules, delays)
def test_counts_stay_within_the_bounds(counts, rule, delays):
    found = replay(counts, rule=rule, delays=delays)
    assert rule.minimum <= found.lowest_count
    assert found.in_service.max() <= rule.maximum


@settings(max_examples=60, deadline=None)
@given(traffic, rules, delays)
def test_activities_come_one_after_the_other(counts, rule, delays):
    count, free_s = int(replay(counts, rule=rule, delays=delays).in_service[0]), 0.0
    for activity in replay(counts, rule=rule, delays=delays).activities:
        assert activity.before == count != activity.after
        assert free_s <= activity.launched_s <= activity.completed_s
        count, free_s = activity.after, activity.completed_s


@settings(max_examples=60, deadline=None)
@given(traffic, rules, delays)
def test_the_bill_lies_between_what_served_and_the_bounds(counts, rule, delays):
    found = replay(counts, rule=rule, delays=delays)
    hours = len(counts) / 60
    assert rule.minimum * hours * (1 - 1e-12) <= found.instance_hours
    assert found.instance_hours <= rule.maximum * hours * (1 + 1e-12)
    # Whole minutes served are never more than what is paid, whatever comes and goes within one.
    assert found.in_service.sum() / 60 <= found.instance_hours * (1 + 1e-12)


@settings(max_examples=60, deadline=None)
@given(traffic, rules, delays, st.integers(0, 12))
def test_a_replay_is_the_same_for_every_minimum_it_never_sinks_to(counts, rule, delays, more):
    found = replay(counts, rule=rule, delays=delays)
    higher = min(rule.minimum + more, found.lowest_count)
    again = replay(counts, rule=dataclasses.replace(rule, minimum=higher), delays=delays)
    assert again.activities == found.activities
    assert np.array_equal(again.in_service, found.in_service)
