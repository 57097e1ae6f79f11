"""Any policies over a trace: what happens, when, and what is billed for it."""

from datetime import UTC, datetime
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.capacity import Routing, WorkersProfile
from smcost.errors import UsageError
from smcost.queueing.exact.compiled import compiled
from smcost.queueing.service import ServiceTime
from smcost.replay import policies as replays
from smcost.replay.counts import Delays, replay_counts
from smcost.replay.in_flight import occupancy
from smcost.replay.metrics import Watched
from smcost.replay.policies import replay_policies
from smcost.scaling import TargetTracking
from smcost.scaling.policy import (
    Comparison,
    Metric,
    StepAdjustment,
    StepPolicy,
    TargetPolicy,
)
from smcost.scaling.schedule import ScheduledAction
from smcost.variant import Variant

DELAYS = Delays(reaction_s=90, startup_s=240)
#: 400 slots of 3 s: 8,000 a minute, no queueing; 600 a minute are 30 in flight.
ROOMY = WorkersProfile(
    instance_type="ml.m5.xlarge", workers=400, service=ServiceTime(mean_s=3.0, cv=0.0)
)
#: Four slots of 100 ms: 2,400 a minute.
TIGHT = WorkersProfile(
    instance_type="ml.m5.xlarge", workers=4, service=ServiceTime(mean_s=0.1, cv=1.0)
)
IN_FLIGHT = TargetPolicy(metric=Metric.CONCURRENCY, target=30.0)
HALF_BUSY = TargetPolicy(metric=Metric.CPU, target=200.0)
MONDAY = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp())


@cache
def tables(workers, routing):
    """Of one of the two profiles, when first asked for: those of 400 slots take a second."""
    [profile] = [profile for profile in (ROOMY, TIGHT) if profile.workers == workers]
    return occupancy(profile, routing, 64)


def variant(*policies, **changes):
    given = {"minimum": 2, "maximum": 20, "target_per_minute": None} | changes
    return Variant(
        instance_type="ml.m5.xlarge",
        initial_count=given["minimum"],
        further_policies=policies,
        **given,
    )


def watched(counts, profile=ROOMY, routing=Routing.RANDOM, **given):
    """Every minute spread evenly over its six parts, so that it can be followed by hand."""
    return Watched(
        tables=tables(profile.workers, routing),
        ten_seconds=np.repeat(np.array(counts) // 6, 6),
        **given,
    )


def replay(scaled, counts, seen=None, *, delays=DELAYS, start_s=None):
    counts = np.array(counts, dtype=np.int64)
    times_s = MONDAY + 60 * np.arange(counts.size) if start_s is None else start_s
    return replay_policies(scaled, counts, times_s, delays, seen)


#: 1,000 a minute for 20 minutes, 5,000 for an hour, 1,000 for an hour.
GOLDEN = [1_000] * 20 + [5_000] * 60 + [1_000] * 60


@pytest.fixture(scope="module")
def golden():
    """The golden step on requests in flight.

    Two instances hold 25 each. After the step 416.7 come to each in 10 s, and with
    x1 = (x0 + a) 3 / 13 they hold 102, 120 and 124: three points above 30. The decision falls 30 s
    after the step, the reaction takes 90 s and the start-up 240 s.
    """
    return replay(variant(IN_FLIGHT), GOLDEN, watched(GOLDEN))


def test_golden_case_help_is_decided_120_s_after_the_step_and_in_one_jump(golden):
    out, _ = golden.activities
    assert (out.before, out.after) == (2, 9)
    assert out.launched_s - 20 * 60 == 30 + 90


def test_golden_case_the_new_instances_serve_six_minutes_after_the_step(golden):
    assert int(np.argmax(golden.in_service == 9)) - 20 == 6


def test_golden_case_scale_in_comes_no_sooner_than_on_the_standard_metric(golden):
    """Nine hold 27.8 and then (27.8 + 18.5) 3 / 13 = 10.7: below 27 from the first point on."""
    back = golden.activities[1]
    assert (back.before, back.after) == (9, 2)
    assert back.completed_s - 80 * 60 == 16.5 * 60


def test_golden_case_bills_what_is_launched_earlier(golden):
    standard = replay(variant(target_per_minute=600.0), GOLDEN)
    sooner_h = 150 / 3600
    assert golden.instance_hours - standard.instance_hours == pytest.approx(7 * sooner_h)


def test_a_full_cpu_says_only_that_it_is_full():
    """400 % of 200 %: twice as many, and again twice as many, where invocations ask for all."""
    counts = [1_200] * 20 + [19_200] * 40
    seen = watched(counts, TIGHT, full_cpu=400.0)
    # Help arrives at a full minute, so that none is a mean over two sizes of the fleet.
    on_cpu = replay(variant(HALF_BUSY), counts, seen, delays=Delays(reaction_s=60, startup_s=240))
    # 2,400 a minute are 400 %, so that 1,200 are 200 %.
    on_invocations = replay(variant(target_per_minute=1_200.0), counts)
    assert [a.after for a in on_cpu.activities][:3] == [4, 8, 16]
    assert on_invocations.activities[0].after == 16


def test_cpu_is_that_of_what_is_answered():
    """1,000 a minute on two instances of 2,400: 83 % of 400 % busy each 0.208, 83 %."""
    counts = [1_000] * 40
    seen = watched(counts, TIGHT, full_cpu=400.0)
    busy = 400 * 500 / 2_400
    at = TargetPolicy(metric=Metric.CPU, target=busy * 1.01)
    above = TargetPolicy(metric=Metric.CPU, target=busy * 0.97)
    assert replay(variant(at), counts, seen).activities == ()
    # It would have begun with three.
    assert replay(variant(above), counts, seen).in_service[0] == 3


def test_the_start_is_what_each_target_wants_of_the_first_minutes():
    counts = [5_940] * 15
    seen = watched(counts, full_cpu=400.0)
    # 5,940 a minute are 297 in flight, and 74 % of an instance that answers 8,000.
    assert replay(variant(IN_FLIGHT), counts, seen).in_service[0] == 10
    assert replay(variant(HALF_BUSY), counts, seen).in_service[0] == 2
    assert replay(variant(HALF_BUSY, IN_FLIGHT), counts, seen).in_service[0] == 10
    assert replay(variant(IN_FLIGHT, maximum=5), counts, seen).in_service[0] == 5


def steps_up(metric, threshold, **changes):
    return StepPolicy(
        metric=metric,
        threshold=threshold,
        comparison=Comparison.ABOVE,
        adjustments=(StepAdjustment(lower=0, upper=None, adjustment=2),),
        **changes,
    )


def test_steps_climb_until_the_alarm_is_over_each_after_its_cooldown():
    counts = [1_000] * 5 + [5_000] * 60
    found = replay(variant(steps_up(Metric.INVOCATIONS, 600.0, cooldown_s=600.0)), counts)
    outs = found.activities
    assert [a.after for a in outs] == [4, 6, 8, 10]
    for before, after in pairwise(outs):
        assert after.launched_s >= before.completed_s + 600.0


def test_two_policies_at_once_scale_by_the_larger_and_in_by_agreement():
    counts = GOLDEN
    both = variant(IN_FLIGHT, target_per_minute=300.0)
    found = replay(both, counts, watched(counts))
    # In flight is sooner and asks for 9; invocations then ask for ceil(5,000 / 300) = 17.
    assert [a.after for a in found.activities] == [9, 17, 4]


def at(hour, minute=0):
    return 60 * hour + minute


DAY = ScheduledAction(schedule="cron(0 8 ? * MON-FRI *)", minimum=4, maximum=9)
NIGHT = ScheduledAction(schedule="cron(0 20 * * ? *)", minimum=2, maximum=2)


def once(hour, **bounds):
    """On the Monday alone, so that none has run before."""
    return ScheduledAction(schedule=f"at(2026-03-02T{hour:02}:00:00)", **bounds)


def test_scheduled_actions_alone_scale_at_once():
    found = replay(variant(schedule=(DAY, NIGHT)), [100] * at(24))
    out, back = found.activities
    assert (out.launched_s, out.completed_s, out.after) == (8 * 3600, 8 * 3600 + 240, 4)
    assert (back.launched_s, back.completed_s, back.after) == (20 * 3600, 20 * 3600, 2)
    assert found.in_service[[at(7, 59), at(8, 3), at(8, 4), at(19, 59), at(20)]].tolist() == [
        2, 2, 4, 4, 2,
    ]  # fmt: skip
    hours = 2 * 24 + 2 * 12
    assert found.instance_hours == pytest.approx(hours)


def test_a_lower_minimum_alone_moves_nothing_until_a_policy_scales_in():
    lower = ScheduledAction(schedule="cron(0 20 * * ? *)", minimum=2, maximum=9)
    assert len(replay(variant(schedule=(DAY, lower)), [100] * at(24)).activities) == 1
    found = replay(variant(schedule=(DAY, lower), target_per_minute=600.0), [100] * at(24))
    # Fifteen quiet minutes have long passed: the alarm calls every minute.
    assert found.activities[1].launched_s == 20 * 3600 + 60 + 90


def test_a_minimum_alone_fails_against_the_maximum_that_another_action_has_left():
    alone = ScheduledAction(schedule="cron(0 8 ? * MON-FRI *)", minimum=4)
    found = replay(variant(schedule=(alone, NIGHT)), [100] * at(24))
    assert found.failed_s == (8 * 3600,)
    assert found.activities == ()


def test_before_the_horizon_the_last_action_has_set_the_bounds():
    """Monday 00:00: the last was NIGHT, on Sunday evening; DAY runs on working days only."""
    found = replay(variant(schedule=(DAY, NIGHT), minimum=1), [100] * 60)
    assert found.in_service.tolist() == [2] * 60


def test_actions_follow_the_wall_clock_of_their_zone():
    berlin = ScheduledAction(schedule="cron(0 8 * * ? *)", minimum=4, timezone="Europe/Berlin")
    # 2026-03-28 and 29: the clocks go forward in the second night.
    start_s = int(datetime(2026, 3, 28, tzinfo=UTC).timestamp())
    times_s = start_s + 60 * np.arange(2 * 1_440)
    back = ScheduledAction(schedule="cron(0 20 * * ? *)", minimum=1, maximum=20)
    falls = ScheduledAction(schedule="cron(1 20 * * ? *)", maximum=1, minimum=1)
    again = ScheduledAction(schedule="cron(2 20 * * ? *)", maximum=20)
    found = replay(
        variant(schedule=(berlin, back, falls, again), minimum=1),
        [100] * (2 * 1_440),
        start_s=times_s,
    )
    outs = [a.launched_s / 3600 for a in found.activities if a.after > a.before]
    assert outs == [7.0, 24 + 6.0]


def test_an_action_that_falls_into_a_gap_runs_when_the_minutes_go_on():
    times_s = MONDAY + 60 * np.r_[0 : at(7), at(9) : at(10)]
    found = replay(variant(schedule=(once(8, minimum=4),)), [100] * times_s.size, start_s=times_s)
    assert found.activities[0].launched_s == 7 * 3600


def test_an_action_fails_while_the_endpoint_is_updating_and_the_bounds_stay():
    """The load doubles at 07:53: launched at 07:57:30, it is Updating until 08:01:30."""
    counts = [1_000] * at(7, 53) + [2_000] * at(17)
    busy = once(8, minimum=9)
    found = replay(variant(schedule=(busy,), target_per_minute=600.0), counts)
    assert found.activities[0].launched_s == at(7, 57) * 60 + 30
    assert found.failed_s == (8 * 3600,)
    assert found.in_service.max() == 4


def test_a_decision_that_is_not_carried_out_yet_keeps_to_the_new_bounds():
    """At 08:00 the decision of 07:59 has not reached the endpoint, which is not Updating."""
    counts = [1_000] * at(7, 56) + [9_000] * at(4)
    lower = once(8, maximum=6)
    found = replay(variant(schedule=(lower,), target_per_minute=600.0), counts)
    assert found.failed_s == ()
    assert (found.activities[0].launched_s, found.activities[0].after) == (at(8) * 60 + 30, 6)


def test_an_action_that_must_act_takes_the_place_of_such_a_decision():
    counts = [1_000] * at(7, 56) + [2_000] * at(4)
    higher = once(8, minimum=8)
    found = replay(variant(schedule=(higher,), target_per_minute=600.0), counts)
    (only,) = found.activities
    assert (only.launched_s, only.after) == (8 * 3600, 8)


def test_what_is_not_known_is_refused():
    with pytest.raises(UsageError, match="what one instance can do is not"):
        replay(variant(IN_FLIGHT), [100] * 5)
    with pytest.raises(UsageError, match="how much of it an invocation takes"):
        replay(variant(HALF_BUSY), [100] * 5, watched([100] * 5))
    with pytest.raises(UsageError, match="no minute"):
        replay_policies(variant(), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), DELAYS)


traffic = st.lists(
    st.tuples(st.integers(0, 12_000), st.integers(1, 30)), min_size=1, max_size=8
).map(lambda runs: [count for count, length in runs for _ in range(length)])
times = st.builds(Delays, reaction_s=st.floats(0, 200), startup_s=st.floats(0, 900))


@settings(max_examples=60, deadline=None)
@given(traffic, times, st.floats(50, 5_000), st.sampled_from([0.0, 300.0, 900.0]))
def test_one_policy_on_invocations_gives_what_the_compiled_replay_gives(
    counts, delays, target, cooldown_s
):
    scaled = variant(target_per_minute=target, scale_in_cooldown_s=cooldown_s)
    found = replay(scaled, counts, delays=delays)
    known = replay_counts(
        np.array(counts),
        TargetTracking(
            target_per_minute=target, minimum=2, maximum=20, scale_in_cooldown_s=cooldown_s
        ),
        delays,
    )
    assert found.activities == known.activities
    assert np.array_equal(found.in_service, known.in_service)
    assert found.instance_hours == known.instance_hours


@pytest.mark.skipif(not compiled(), reason="the kernels are not built or are off")
@settings(max_examples=60, deadline=None)
@given(
    traffic,
    times,
    st.floats(0.2, 60),
    st.sampled_from([0.0, 300.0]),
    st.sampled_from(list(Routing)),
    st.sampled_from([ROOMY, TIGHT]),
)
def test_the_compiled_replay_of_concurrency_gives_the_same_digits(
    counts, delays, target, cooldown_s, routing, profile
):
    policy = TargetPolicy(metric=Metric.CONCURRENCY, target=target, scale_in_cooldown_s=cooldown_s)
    scaled, seen = variant(policy, minimum=1), watched(counts, profile, routing)
    found = replay(scaled, counts, seen, delays=delays)
    invocations = np.array(counts)
    times_s = 60 * np.arange(invocations.size)
    expected = replays._replayed(scaled, invocations, times_s, delays, seen)
    assert found.activities == expected.activities
    assert np.array_equal(found.in_service, expected.in_service)
    assert found.instance_hours == expected.instance_hours


everything = st.lists(
    st.sampled_from(
        [
            IN_FLIGHT,
            HALF_BUSY,
            steps_up(Metric.CONCURRENCY, 40.0),
            steps_up(Metric.CPU, 300.0),
            TargetPolicy(metric=Metric.INVOCATIONS, target=700.0, disable_scale_in=True),
        ]
    ),
    unique_by=id,
    max_size=4,
)


@settings(max_examples=40, deadline=None)
@given(traffic, times, everything, st.booleans())
def test_activities_come_one_after_the_other_and_counts_stay_within_the_bounds(
    counts, delays, policies, by_schedule
):
    schedule = (DAY, ScheduledAction(schedule="cron(0/7 * * * ? *)", minimum=3, maximum=15))
    scaled = variant(*policies, schedule=schedule if by_schedule else ())
    found = replay(scaled, counts, watched(counts, TIGHT, full_cpu=400.0), delays=delays)
    count, free_s = int(found.in_service[0]), 0.0
    for activity in found.activities:
        assert activity.before == count != activity.after
        assert free_s <= activity.launched_s <= activity.completed_s
        count, free_s = activity.after, activity.completed_s
    assert found.lowest_count >= 2
    assert found.in_service.max() <= 20
    assert found.in_service.sum() / 60 <= found.instance_hours * (1 + 1e-12)


def test_what_is_watched_of_some_minutes_are_their_six_parts():
    watched = Watched(tables=None, ten_seconds=np.arange(18))
    kept = watched.where(np.array([True, False, True]))
    assert kept.ten_seconds.tolist() == [*range(6), *range(12, 18)]
