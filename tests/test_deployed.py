"""What of a registered scaling can be followed, and between which counts the rest moves."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.capacity import Routing
from smcost.deployed import BesideIt, Deployed
from smcost.errors import UsageError
from smcost.registered import (
    FOLLOWED_CPU,
    FOLLOWED_METRIC,
    PolicyKind,
    RegisteredPolicy,
    ScalableTarget,
    ScheduledAction,
)
from smcost.scaling.policy import Metric


def policy(name="inv", kind=PolicyKind.TARGET_TRACKING, **changed):
    tracked = kind is PolicyKind.TARGET_TRACKING
    usual = {"metric": FOLLOWED_METRIC, "target_value": 700.0} if tracked else {}
    return RegisteredPolicy(name=name, kind=kind, **(usual | changed))


CPU = policy("cpu", metric="CPUUtilization (Average)", target_value=280.0)
OWN_CPU = policy("cpu", metric=FOLLOWED_CPU, target_value=280.0)
CONCURRENT = {"metric": Metric.CONCURRENCY.value, "target_value": 5.0}
FLYING = policy("fast", **CONCURRENT)
HOURLY = ScheduledAction(
    name="often", schedule="rate(1 hour)", timezone="UTC", minimum=3, maximum=9
)
STEP = policy("backlog", PolicyKind.STEP)
NIGHT = ScheduledAction(
    name="night", schedule="cron(0 20 * * ? *)", timezone="UTC", minimum=1, maximum=1
)
MORNING = ScheduledAction(
    name="morning", schedule="cron(0 6 * * ? *)", timezone="UTC", minimum=3, maximum=9
)


def deployed(target=None, *policies, schedule=(), **changed):
    suspended = changed.pop("suspended", {})
    usual = {
        "endpoint": "churn",
        "name": "AllTraffic",
        "region": "us-east-1",
        "status": "InService",
        "read_at_s": 0.0,
        "instance_type": "ml.m5.xlarge",
        "desired_count": 2,
        "initial_count": 2,
        "routing": Routing.RANDOM,
        "target": target and ScalableTarget(minimum=target[0], maximum=target[1], **suspended),
        "policies": policies,
        "schedule": schedule,
    }
    return Deployed(**(usual | changed))


#: What is registered -> bounds, target, and what replay cannot follow of it.
KINDS = {
    "nothing registered": (deployed(), (2, 2), None, []),
    "bounds without a policy": (deployed((1, 4)), (2, 2), None, []),
    "invocations per instance": (deployed((1, 4), policy()), (1, 4), 700.0, []),
    "one size": (deployed((3, 3), CPU), (3, 3), None, []),
    "CPU": (deployed((1, 4), CPU), (1, 4), None, ["cpu: target tracking on CPUUtilization"]),
    "steps": (deployed((1, 4), STEP), (1, 4), None, ["backlog: step scaling"]),
    "never in": (
        deployed((1, 4), policy(scale_in_disabled=True)),
        (1, 4),
        None,
        ["which never scales in"],
    ),
    "two policies": (
        deployed((1, 4), policy(), CPU),
        (1, 4),
        None,
        ["cpu: target tracking"],
    ),
    "requests in flight": (deployed((1, 4), FLYING), (1, 4), None, []),
    "two that are followed": (deployed((1, 4), policy(), FLYING), (1, 4), 700.0, []),
    "two of one metric": (
        deployed((1, 4), policy(), policy("also")),
        (1, 4),
        700.0,
        ["inv: target tracking", "also: target tracking"],
    ),
    "two with other cooldowns": (
        deployed((1, 4), policy(), policy("fast", **CONCURRENT, scale_in_cooldown_s=60.0)),
        (1, 4),
        700.0,
        [
            "inv: target tracking on InvocationsPerInstance at 700, with cooldowns of its own",
            "fast",
        ],
    ),
    "CPU that nobody measured": (deployed((1, 4), OWN_CPU), (1, 4), None, ["cpu: target tracking"]),
    "all suspended": (
        deployed(
            (1, 4), policy(), suspended={"scale_in_suspended": True, "scale_out_suspended": True}
        ),
        (2, 2),
        None,
        [],
    ),
    "scaling in suspended": (
        deployed((1, 4), policy(), suspended={"scale_in_suspended": True}),
        (1, 4),
        700.0,
        ["scaling in is suspended"],
    ),
    "scaling out suspended": (
        deployed((1, 4), policy(), suspended={"scale_out_suspended": True}),
        (1, 4),
        700.0,
        ["scaling out is suspended"],
    ),
    "a schedule beside a policy": (
        deployed((2, 6), policy(), schedule=(NIGHT, MORNING)),
        (1, 9),
        700.0,
        [],
    ),
    "a rate that counts from nobody knows when": (
        deployed((2, 6), policy(), schedule=(NIGHT, HOURLY)),
        (1, 9),
        700.0,
        ["often: rate(1 hour) UTC sets minimum 3, maximum 9"],
    ),
    "a schedule alone": (
        deployed((1, 1), schedule=(MORNING,)),
        (1, 9),
        None,
        [],
    ),
    "a suspended schedule": (
        deployed((2, 6), policy(), schedule=(NIGHT,), suspended={"schedule_suspended": True}),
        (2, 6),
        700.0,
        [],
    ),
    "a minimum of 0": (deployed((0, 4), policy()), (1, 4), 700.0, []),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_registered_is_followed_or_named(kind):
    found, bounds, target, obstacles = KINDS[kind]
    assert found.bounds == bounds
    assert found.target_per_minute == target
    named = (*found.policy_obstacles(), *found.schedule_obstacles())
    assert len(named) == len(obstacles)
    for obstacle, part in zip(named, obstacles, strict=True):
        assert part in obstacle


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_is_followed_has_a_target_to_replay(kind):
    found, (minimum, maximum), target, _ = KINDS[kind]
    variant = found.variant()
    assert (variant.lowest, variant.highest) == (minimum, maximum)
    assert variant.target_per_minute == (None if found.policy_obstacles() else target)


def test_what_replay_follows_is_in_its_own_terms():
    found = deployed((2, 6), policy(), FLYING, OWN_CPU, schedule=(NIGHT, MORNING))
    assert found.policy_obstacles()
    assert found.variant().policies == ()
    variant = found.variant(cpu_known=True)
    assert found.policy_obstacles(cpu_known=True) == ()
    told = [(each.metric, each.target, each.cooldowns_s) for each in variant.policies]
    assert told == [
        (Metric.INVOCATIONS, 700.0, (300.0, 300.0)),
        (Metric.CONCURRENCY, 5.0, (300.0, 300.0)),
        (Metric.CPU, 280.0, (300.0, 300.0)),
    ]
    assert [action.told for action in variant.schedule] == [
        "cron(0 20 * * ? *) UTC min=1 max=1",
        "cron(0 6 * * ? *) UTC min=3 max=9",
    ]
    # The bounds registered now, which the next action rewrites.
    assert (variant.minimum, variant.maximum) == (2, 6)


@pytest.mark.parametrize(
    ("initial", "kept"), [(1, 2), (2, 2), (5, 5), (9, 6)], ids=["below", "lowest", "in", "above"]
)
def test_the_initial_count_is_kept_within_the_bounds(initial, kept):
    assert deployed((2, 6), policy(), initial_count=initial).variant().initial_count == kept


def test_cooldowns_are_those_of_the_policy():
    slow = policy(scale_in_cooldown_s=600.0, scale_out_cooldown_s=30.0)
    assert deployed((1, 4), slow).cooldowns_s == (600.0, 30.0)
    assert deployed().cooldowns_s == (300.0, 300.0)
    variant = deployed((1, 4), slow).variant()
    assert (variant.scale_in_cooldown_s, variant.scale_out_cooldown_s) == (600.0, 30.0)


def test_another_routing_may_stand_in():
    other = Routing.LEAST_OUTSTANDING_REQUESTS
    assert deployed().variant().routing is Routing.RANDOM
    assert deployed().variant(other).routing is other


@pytest.mark.parametrize(
    "nothing", [{"desired_count": 0}, {"target": (0, 0), "policies": (policy(),)}]
)
def test_what_may_have_no_instance_is_refused(nothing):
    with pytest.raises(UsageError, match=re.escape("may have 0 instances at most")):
        deployed(**nothing)


def test_variants_beside_it_are_named_with_what_they_have():
    shadow = BesideIt(name="next", instance_type="ml.g5.xlarge", count=2, shadow=True)
    other = BesideIt(name="B", instance_type=None, count=0, shadow=False)
    assert str(shadow) == "shadow variant next (2 x ml.g5.xlarge)"
    assert str(other) == "variant B (0 x no instance type)"


counts = st.integers(min_value=1, max_value=50)
actions = st.lists(
    st.tuples(st.none() | st.integers(0, 50), st.none() | st.integers(1, 50)), max_size=4
)


@given(counts, counts, actions, st.booleans())
def test_bounds_hold_every_size_it_can_be_set_to(one, other, sets, with_policy):
    minimum, maximum = sorted((one, other))
    schedule = tuple(
        ScheduledAction(
            name="a", schedule="rate(1 hour)", timezone="UTC", minimum=low, maximum=high
        )
        for low, high in sets
    )
    policies = (policy(),) if with_policy else ()
    found = deployed((minimum, maximum), *policies, schedule=schedule)
    low, high = found.bounds
    assert 1 <= low <= high
    if with_policy or sets:
        every_low = [minimum, *(a.minimum for a in schedule if a.minimum is not None)]
        every_high = [maximum, *(a.maximum for a in schedule if a.maximum is not None)]
        assert all(low <= max(1, count) for count in every_low)
        assert all(high >= count for count in every_high)
    assert found.variant().minimum == low
