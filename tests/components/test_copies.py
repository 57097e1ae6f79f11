"""One component's copies over time: the rules of target tracking, of zero and of waking."""

import numpy as np
import pytest

from smcost.capacity import Routing, WorkersProfile
from smcost.components.component import Amounts, Component
from smcost.components.copies import CopyScaling
from smcost.components.demand import Demand
from smcost.components.instance_scaling import InstanceScaling
from smcost.components.replay import replay_endpoint
from smcost.errors import UsageError
from smcost.queueing.service import ServiceTime
from smcost.replay.counts import Delays, replay_counts
from smcost.replay.in_flight import occupancy
from smcost.scaling import TargetTracking
from smcost.scaling.policy import Metric

ROOM = Amounts(4_000, 1, 14_336)
NEEDS = Amounts(0, 1, 1_024)
#: Devices enough for every copy, so that none waits for an instance.
WIDE = Amounts(4_000, 100, 1_000_000)


def component(**changes):
    given = {"name": "llm", "needs": NEEDS, "minimum": 0, "maximum": 4, "target": 60.0}
    return Component(**{**given, **changes})


def minutes(*stretches):
    """``(60, 5)`` is five minutes of 60 invocations."""
    return np.concatenate([np.full(length, count, dtype=np.int64) for count, length in stretches])


def run(invocations, one=None, *, room=ROOM, instances=None, copies=None):
    demand = Demand(component=one or component(), invocations=invocations)
    return replay_endpoint(
        room,
        [demand],
        instances or InstanceScaling(minimum=0),
        copies or CopyScaling(),
    )


def first_minute(found, count):
    """The first minute in which so many copies serve."""
    where = np.flatnonzero(found.components[0].in_service == count)
    return int(where[0]) if where.size else None


# To zero.


@pytest.mark.parametrize(
    ("idle_s", "copies_gone", "instances_gone"),
    [
        # Last invocation in minute 29, which ends at 30; + idle + 1.5 min; + 10 min.
        pytest.param(900.0, 46, 57, id="15 min idle, 90 s reaction, 10 min release"),
        pytest.param(1_800.0, 61, 72, id="30 min idle"),
    ],
)
def test_the_last_copy_goes_after_the_idle_time(idle_s, copies_gone, instances_gone):
    found = run(minutes((30, 30), (0, 120)), copies=CopyScaling(idle_s=idle_s))
    assert first_minute(found, 0) == copies_gone
    assert int(np.flatnonzero(found.instances == 0)[0]) == instances_gone
    assert found.instance_hours == pytest.approx((30 + idle_s / 60 + 1.5 + 10) / 60)


def test_a_single_invocation_in_time_keeps_the_last_copy():
    found = run(minutes((30, 30), (0, 14), (1, 1), (0, 14), (1, 1), (0, 60)))
    assert found.components[0].wakes == ()
    assert first_minute(found, 0) == 60 + 16


def test_sparse_traffic_below_the_alarm_keeps_the_last_copy():
    """One invocation every ten minutes: the low alarm lasts, and the last copy stays."""
    sparse = np.zeros(600, dtype=np.int64)
    sparse[::10] = 1
    found = run(sparse)
    assert (found.components[0].failed.sum(), found.wakes) == (0, 0)


def test_a_minimum_of_one_copy_never_goes():
    found = run(minutes((30, 30), (0, 600)), component(minimum=1))
    assert found.components[0].in_service.min() == 1
    assert found.instance_hours == pytest.approx(630 / 60)


def test_copies_go_and_the_instance_stays_where_its_minimum_is_one():
    found = run(minutes((30, 30), (0, 600)), instances=InstanceScaling(minimum=1))
    assert found.components[0].in_service[-1] == 0
    assert found.instance_hours == pytest.approx(630 / 60)


def test_several_copies_go_to_zero_in_one_jump():
    found = run(minutes((230, 40), (0, 60)), component(minimum=0), room=WIDE)
    counts = found.components[0].in_service
    changes = [(int(counts[at - 1]), int(counts[at])) for at in np.flatnonzero(np.diff(counts)) + 1]
    assert changes[-1] == (4, 0)


# And back.


def asleep(*stretches):
    """Busy, long enough idle for no instance to be left (from minute 56.5 on), then this."""
    return minutes((30, 30), (0, 90), *stretches)


@pytest.mark.parametrize(
    ("threshold", "failing", "woken"),
    [
        pytest.param(1, 1, True, id=">= 1: one failure wakes"),
        pytest.param(2, 1, False, id="AWS's example, > 1: one failure does not"),
        pytest.param(2, 2, True, id="AWS's example, > 1: two do"),
    ],
)
def test_failures_of_a_minute_wake_a_component(threshold, failing, woken):
    found = run(asleep((failing, 1), (0, 20)), copies=CopyScaling(wake_failures=threshold))
    assert len(found.components[0].wakes) == int(woken)
    assert found.wakes == int(woken)


def test_failures_spread_over_minutes_do_not_add_up():
    found = run(asleep((1, 30)), copies=CopyScaling(wake_failures=2))
    assert found.components[0].wakes == ()
    assert found.components[0].failed.sum() == 30


def test_the_time_line_of_a_wake_up():
    """Fails from minute 120 on; its end + 90 s; 180 s to provision, 180 s to start the copy."""
    found = run(asleep((10, 30)))
    (wake,) = found.components[0].wakes
    start_s = 120 * 60
    assert wake == (start_s, start_s + 150, start_s + 150 + 180 + 180)
    # 8.5 min, hence nine whole minutes of ten requests.
    assert found.components[0].failed.sum() == 90
    assert first_minute(found, 1) == 0
    assert found.components[0].in_service[129] == 1
    assert found.components[0].in_service[128] == 0


def test_while_it_wakes_nothing_wakes_it_again():
    found = run(asleep((10, 60)))
    assert len(found.components[0].wakes) == 1


def test_a_copy_that_finds_its_instance_still_there_waits_for_itself_alone():
    """Minute 50: the copy has been gone since 46.5, the instance goes at 56.5."""
    found = run(minutes((30, 30), (0, 20), (10, 30)))
    (wake,) = found.components[0].wakes
    assert wake.serving_s - wake.placed_s == 180
    assert (found.wakes, found.empty_s) == (0, 0)


def test_target_tracking_alone_never_wakes():
    """Without a copy there is no metric: AWS's reason for the step policy."""
    found = run(asleep((500, 60)), copies=CopyScaling(wake_failures=10**9))
    assert found.components[0].failed.sum() == 30_000


def test_after_a_wake_up_target_tracking_goes_on():
    found = run(asleep((200, 60)), room=WIDE)
    assert found.components[0].in_service.max() == 4


def test_the_maximum_of_instances_can_forbid_a_wake_up():
    """Two components, one device: while one has it the other cannot be placed."""
    demands = [
        Demand(component=component(name="a", maximum=1), invocations=minutes((30, 120))),
        Demand(component=component(name="b", maximum=1), invocations=minutes((0, 20), (5, 100))),
    ]
    found = replay_endpoint(ROOM, demands, InstanceScaling(minimum=0, maximum=1), CopyScaling())
    assert found.components[1].in_service.max() == 0
    assert found.components[1].failed.sum() == 500
    assert found.components[1].unplaced == 100
    assert found.components[1].wakes == ()
    assert found.instances.max() == 1


# As variants are scaled.


def test_with_room_copies_are_scaled_as_instances_of_a_variant():
    """The same counts as the replay of a variant whose start-up is that of a copy."""
    rng = np.random.default_rng(7)
    level = 90 * (1.2 + np.sin(np.arange(2_000) / 90))
    invocations = rng.poisson(level).astype(np.int64)
    one = component(minimum=1, maximum=9, startup_s=300.0)
    found = run(invocations, one, room=WIDE)
    policy = TargetTracking(target_per_minute=60.0, minimum=1, maximum=9)
    variant = replay_counts(invocations, policy, Delays(reaction_s=90.0, startup_s=300.0))
    assert found.components[0].in_service.tolist() == variant.in_service.tolist()


def test_without_room_an_instance_comes_first():
    """From 1 to 2 copies on instances of one device: 90 + 180 + 180 s after the third minute."""
    found = run(minutes((50, 30), (100, 60)), component(minimum=1))
    assert first_minute(found, 2) == int((33 * 60 + 90 + 180 + 180) / 60) + 1
    found = run(minutes((50, 30), (100, 60)), component(minimum=1), room=WIDE)
    assert first_minute(found, 2) == int((33 * 60 + 90 + 180) / 60) + 1


def in_flight(**changes):
    """A copy with 4 slots of 3 s, so that 40 a minute are two in flight."""
    service = ServiceTime(mean_s=3.0, cv=0.5)
    profile = WorkersProfile(instance_type="ml.g5.xlarge", workers=4, service=service)
    return component(metric=Metric.CONCURRENCY, target=3.0, profile=profile, **changes)


def run_in_flight(invocations, one):
    demand = Demand(
        component=one,
        invocations=invocations,
        ten_seconds=np.repeat(invocations // 6, 6),
        tables=occupancy(one.profile, Routing.RANDOM, one.maximum),
    )
    return replay_endpoint(ROOM, [demand], InstanceScaling(minimum=0), CopyScaling())


def test_requests_in_flight_scale_out_within_the_minute():
    """Three points of 10 s above the target, not three minutes."""
    found = run_in_flight(minutes((36, 60), (120, 60)), in_flight(minimum=1))
    at = int(np.flatnonzero(np.diff(found.instances) > 0)[0]) + 1
    assert at == 60 + 2
    by_minutes = run(minutes((36, 60), (120, 60)), component(minimum=1, target=59.0))
    assert int(np.flatnonzero(np.diff(by_minutes.instances) > 0)[0]) + 1 == 60 + 5


def test_requests_in_flight_go_to_zero_and_wake_too():
    found = run_in_flight(minutes((36, 60), (0, 60), (36, 60)), in_flight())
    assert found.components[0].in_service[80:120].max() == 0
    (wake,) = found.components[0].wakes
    assert wake.placed_s == 120 * 60 + 60 + 90
    # Steps of 10 s see the half minute that whole minutes do not.
    assert found.components[0].failed.sum() == 8.5 * 36


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"name": "no_underscore"}, "no name"),
        ({"name": "-x"}, "no name"),
        ({"name": "x" * 64}, "no name"),
        ({"needs": Amounts(200, 0, 1024)}, "0.2 cores are fewer"),
        ({"needs": Amounts(-250, 0, 1024)}, "fewer than the API"),
        ({"needs": Amounts(0, -1, 1024)}, "negative"),
        ({"needs": Amounts(0, 0, 127)}, "127 MB"),
        ({"minimum": -1}, "no bounds"),
        ({"minimum": 5}, "no bounds"),
        ({"maximum": 0}, "no bounds"),
        ({"target": 0.0}, "target"),
        ({"startup_s": -1.0}, "start-up"),
        ({"metric": Metric.CONCURRENCY}, "how long they stay"),
    ],
)
def test_what_the_api_refuses_is_refused(changes, wrong):
    with pytest.raises(UsageError) as error:
        component(**changes)
    assert wrong in error.value.cause


def test_components_must_have_the_same_minutes():
    demands = [
        Demand(component=component(name=name), invocations=minutes((1, length)))
        for name, length in (("a", 3), ("b", 4))
    ]
    with pytest.raises(UsageError):
        replay_endpoint(ROOM, demands, InstanceScaling(), CopyScaling())
    with pytest.raises(UsageError):
        replay_endpoint(ROOM, [], InstanceScaling(), CopyScaling())
