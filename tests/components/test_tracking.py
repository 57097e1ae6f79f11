"""Both ways to track a target are one policy; what is different at zero is the same in both."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.components.component import Amounts, Component
from smcost.components.tracking import ConcurrencyTracking, InvocationsTracking


def both(minimum=0, maximum=6, target=10.0, cooldown_s=300.0):
    """By minutes, and by the engine of every metric, which takes points of a minute as well."""
    component = Component(
        name="a",
        needs=Amounts(0, 0, 1_024),
        minimum=minimum,
        maximum=maximum,
        target=target,
    )
    return InvocationsTracking(component, cooldown_s), ConcurrencyTracking(
        component, cooldown_s, 300.0
    )


def wanted(tracking, loads, serving, *, idle=False, start=0):
    """What is wanted after each of so many minutes, nothing being carried out."""
    return [
        tracking.wanted(60.0 * (start + n + 1), load, serving, serving, idle=idle)
        for n, load in enumerate(loads)
    ]


@pytest.mark.parametrize("at", [0, 1], ids=["minutes", "engine"])
@pytest.mark.parametrize(
    ("loads", "serving", "last"),
    [
        pytest.param([30] * 2, 2, 2, id="two points above are not three"),
        pytest.param([30] * 3, 2, 3, id="three are: ceil(30 / 10)"),
        pytest.param([20] * 30, 2, 2, id="exactly at the target: strictly above is wanted"),
        pytest.param([10] * 14, 2, 2, id="14 points below 0.9 x target"),
        pytest.param([10] * 15, 2, 1, id="15 points, and one copy holds it"),
        pytest.param([11] * 15, 2, 2, id="one copy would not hold it"),
        pytest.param([18] * 40, 2, 2, id="exactly 0.9 x target is not below"),
        pytest.param([99] * 3, 2, 6, id="the maximum"),
        pytest.param([0] * 40, 2, 1, id="without traffic, but not idle long enough: one stays"),
    ],
)
def test_alarms_of_copies_are_those_of_instances(at, loads, serving, last):
    assert wanted(both()[at], loads, serving)[-1] == last


@pytest.mark.parametrize("at", [0, 1], ids=["minutes", "engine"])
def test_the_last_copy_goes_only_when_idle_and_when_the_low_alarm_lasts(at):
    one = both()[at]
    assert wanted(one, [0] * 14, 1, idle=True)[-1] == 1
    assert wanted(one, [0], 1, idle=True, start=14) == [0]
    kept = both(minimum=1)[at]
    assert wanted(kept, [0] * 40, 1, idle=True)[-1] == 1


@pytest.mark.parametrize("at", [0, 1], ids=["minutes", "engine"])
def test_without_a_copy_nothing_is_wanted_and_the_alarms_begin_anew(at):
    one = both()[at]
    assert wanted(one, [30] * 2, 2)[-1] == 2
    assert wanted(one, [500] * 20, 0, start=2) == [0] * 20
    assert wanted(one, [30] * 2, 2, start=22) == [2, 2]
    assert wanted(one, [30], 2, start=24) == [3]


@pytest.mark.parametrize("at", [0, 1], ids=["minutes", "engine"])
def test_a_cooldown_keeps_the_last_copy_and_a_scale_out_ends_it(at):
    one = both(cooldown_s=1_200.0)[at]
    one.scaled_in(0.0)
    assert wanted(one, [0] * 19, 1, idle=True)[-1] == 1
    assert wanted(one, [0], 1, idle=True, start=19) == [0]
    one = both(cooldown_s=100_000.0)[at]
    one.scaled_in(0.0)
    one.scaled_out(60.0, 1)
    assert wanted(one, [0] * 15, 1, idle=True, start=1)[-1] == 0


minutes = st.lists(st.tuples(st.integers(0, 80), st.integers(1, 25)), min_size=1, max_size=12)


@settings(max_examples=60)
@given(stretches=minutes, minimum=st.integers(0, 2), cooldown_s=st.sampled_from([0.0, 300.0, 1e4]))
def test_both_want_the_same_of_every_trace(stretches, minimum, cooldown_s):
    """A fleet that obeys at once: counts, idle time and cooldowns go along."""
    first, second = both(minimum=minimum, cooldown_s=cooldown_s)
    count, idle_s, now_s = max(1, minimum), 0.0, 0.0
    for load in [load for load, length in stretches for _ in range(length)]:
        now_s += 60.0
        idle_s = 0.0 if load else idle_s + 60.0
        asked = [
            one.wanted(now_s, load, count, count, idle=idle_s >= 900) for one in (first, second)
        ]
        assert asked[0] == asked[1]
        for one in (first, second):
            if asked[0] > count:
                one.scaled_out(now_s, count)
            elif asked[0] < count:
                one.scaled_in(now_s)
        count = asked[0] or (1 if load else 0)
        assert minimum <= max(count, minimum) <= 6
