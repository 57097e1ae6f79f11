"""Start-up times are those of successful scale-outs, and of nothing else."""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smcost.capacity.startup import ScalingActivity, startup_times


def activity(at_s, took_s, wanted, status="Successful", cause="scheduled action s", **changes):
    values = {
        "start_s": float(at_s),
        "end_s": None if took_s is None else float(at_s + took_s),
        "status": status,
        "description": f"Setting desired instance count to {wanted}.",
        "cause": cause,
    }
    return ScalingActivity(**values | changes)


UP = "monitor alarm TargetTracking-endpoint/e/variant/v-AlarmHigh-1 in state ALARM"

DOWN = UP.replace("High", "Low")

#: Activities, and the times of the scale-outs among them.
SEEN = [
    ("nothing", [], []),
    ("a first one by the high alarm", [activity(0, 300, 3, cause=UP)], [300]),
    ("a first one by who knows whom", [activity(0, 300, 3)], []),
    ("out after in", [activity(0, 60, 2), activity(1000, 400, 5)], [400]),
    ("in takes no start-up", [activity(0, 300, 3, cause=UP), activity(1000, 90, 2)], [300]),
    ("the low alarm asks for more", [activity(0, 60, 4), activity(1000, 30, 8, cause=DOWN)], []),
    (
        "out after what the low alarm left",
        [activity(0, 60, 4), activity(1000, 30, 8, cause=DOWN), activity(2000, 400, 9)],
        [400],
    ),
    ("the high alarm asks for fewer", [activity(0, 60, 4), activity(9, 30, 2, cause=UP)], []),
    ("any order", [activity(1000, 400, 5), activity(0, 60, 2)], [400]),
    ("still running", [activity(0, 60, 2), activity(1000, None, 5, status="InProgress")], []),
    ("failed", [activity(0, 60, 2), activity(1000, 2000, 5, status="Failed")], []),
    (
        "after a failure the count is the old one",
        [
            activity(0, 60, 2),
            activity(1000, 2000, 5, status="Failed"),
            activity(4000, 350, 4),
        ],
        [350],
    ),
    ("no count is told", [activity(0, 60, 2, description="Setting it")], []),
]


@pytest.mark.parametrize(("name", "activities", "took_s"), SEEN)
def test_which_activities_count(name, activities, took_s):
    found = startup_times(activities)
    assert found.count == len(took_s)
    if took_s:
        assert found.median_s == took_s[0]
    else:
        assert math.isnan(found.median_s)
        assert math.isnan(found.p90_s)


def test_failed_scale_outs_are_counted():
    found = startup_times([activity(0, 60, 2), activity(1000, 2000, 5, status="Unfulfilled")])
    assert (found.count, found.unsuccessful) == (0, 1)


def test_why_nothing_was_scaled_is_counted():
    flapping = {"not_scaled": ("AutoScalingAnticipatedFlapping",)}
    most = {"not_scaled": ("AlreadyAtMaxCapacity",)}
    found = startup_times(
        [activity(0, 0, 9, **flapping), activity(9, 0, 9, **flapping), activity(99, 0, 9, **most)]
    )
    assert found.not_scaled == {"AutoScalingAnticipatedFlapping": 2, "AlreadyAtMaxCapacity": 1}
    assert found.count == 0


def test_median_and_p90_are_those_of_the_sample():
    activities = [activity(0, 60, 1)]
    for number, took_s in enumerate((300, 320, 340, 360, 900)):
        activities += [activity(10_000 * (number + 1), took_s, 2)]
        activities += [activity(10_000 * (number + 1) + 5000, 60, 1)]
    found = startup_times(activities)
    assert (found.count, found.median_s, found.p90_s) == (5, 340, 900)
    assert (found.since_s, found.until_s) == (10_000, 50_000)


steps = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 2000)), min_size=1, max_size=20)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps, st.randoms(use_true_random=False))
def test_the_order_of_the_answer_changes_nothing(steps, random):
    activities = [
        activity(5000 * at, took_s, wanted, cause=UP) for at, (wanted, took_s) in enumerate(steps)
    ]
    mixed = list(activities)
    random.shuffle(mixed)
    one, other = startup_times(activities), startup_times(mixed)
    assert repr(one) == repr(other)
    assert one.count <= len(steps)
    if one.count:
        took = [took_s for _, took_s in steps]
        assert min(took) <= one.median_s <= one.p90_s <= max(took)
