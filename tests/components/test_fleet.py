"""Where copies are placed, and when instances come and go: each rule a short story."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.components.component import Amounts
from smcost.components.fleet import Fleet
from smcost.components.instance_scaling import InstanceScaling, Placement, ScaleIn
from smcost.components.packing import fewest_possible
from smcost.errors import UsageError

#: Four devices; component 0 takes one, component 1 takes two.
ROOM = Amounts(8_000, 4, 16_384)
NEEDS = [Amounts(0, 1, 1_024), Amounts(0, 2, 1_024)]
STARTUPS_S = [120.0, 60.0]


def fleet(**changes):
    return Fleet(ROOM, NEEDS, STARTUPS_S, InstanceScaling(**{"minimum": 0, **changes}))


def test_a_copy_with_room_serves_after_its_own_start_up():
    one = fleet()
    one.start([1, 0])
    assert one.add(0, 1, 1_000.0) == [1_120.0]
    assert one.changes == []


def test_a_copy_without_room_waits_for_an_instance_too():
    one = fleet(provisioning_s=180.0)
    one.start([4, 0])
    assert one.add(0, 1, 1_000.0) == [1_000.0 + 180 + 120]
    assert one.changes == [(1_000.0, 1)]


def test_what_fits_starts_at_once_and_the_rest_later():
    one = fleet(provisioning_s=180.0)
    one.start([3, 0])
    assert one.add(0, 3, 0.0) == [120.0, 300.0, 300.0]
    assert one.placed == [[4, 0], [2, 0]]


def test_a_copy_joins_an_instance_that_is_still_being_provisioned():
    one = fleet(provisioning_s=180.0)
    one.start([4, 0])
    one.add(0, 1, 0.0)
    assert one.add(1, 1, 60.0) == [180.0 + 60.0]
    assert one.count == 2


def test_the_maximum_of_instances_leaves_copies_out():
    one = fleet(maximum=1)
    one.start([2, 0])
    assert one.add(0, 5, 0.0) == [120.0, 120.0]
    assert one.add(0, 1, 10.0) == []
    assert one.held(0) == 4


@pytest.mark.parametrize(
    ("placement", "after"),
    [
        pytest.param(Placement.SPREAD, [[2, 0], [2, 0]], id="SPREAD evens out"),
        pytest.param(Placement.BINPACK, [[4, 0], [0, 0]], id="BINPACK empties the emptier"),
    ],
)
def test_which_copies_leave(placement, after):
    one = fleet(placement=placement)
    one.start([6, 0])
    assert one.placed == [[4, 0], [2, 0]]
    one.remove(0, 2, 0.0)
    assert one.placed == after


@pytest.mark.parametrize(
    ("placement", "after"),
    [
        pytest.param(Placement.SPREAD, [[1, 1], [1, 0]], id="SPREAD: the one with fewer of it"),
        pytest.param(Placement.BINPACK, [[2, 1], [0, 0]], id="BINPACK: the fullest with room"),
    ],
)
def test_which_instance_gets_a_copy(placement, after):
    """Three of the four devices of instance 0 are taken, instance 1 is empty."""
    one = fleet(minimum=2, placement=placement)
    one.start([1, 1])
    assert one.placed == [[1, 1], [0, 0]]
    one.add(0, 1, 0.0)
    assert one.placed == after


def test_an_instance_without_copies_is_released_after_the_release_time():
    one = fleet(release_s=600.0)
    one.start([1, 0])
    one.remove(0, 1, 100.0)
    one.advance(699.0)
    assert one.count == 1
    one.advance(700.0)
    assert (one.count, one.changes) == (0, [(700.0, -1)])


def test_an_empty_instance_that_is_used_again_stays():
    one = fleet(release_s=600.0)
    one.start([1, 0])
    one.remove(0, 1, 100.0)
    assert one.add(0, 1, 650.0) == [770.0]
    one.advance(5_000.0)
    assert (one.count, one.changes) == (1, [])


def test_the_minimum_keeps_empty_instances():
    one = fleet(minimum=2, release_s=600.0)
    assert one.start([1, 0]) == 2
    one.remove(0, 1, 0.0)
    one.advance(86_400.0)
    assert (one.count, one.changes) == (2, [])


def test_idle_release_waits_for_the_last_copy():
    """Two instances with a copy each stay for ever, though one could hold both."""
    one = fleet(placement=Placement.SPREAD)
    one.start([8, 0])
    one.remove(0, 6, 0.0)
    assert one.placed == [[1, 0], [1, 0]]
    one.advance(1e6)
    assert one.count == 2


@pytest.mark.parametrize(
    ("cooldown_s", "released_s"),
    [pytest.param(1_200.0, 1_320.0, id="20 min"), pytest.param(300.0, 420.0, id="5 min")],
)
def test_consolidation_moves_copies_after_its_cooldown(cooldown_s, released_s):
    """After the last operation; the instance goes when the moved copy serves elsewhere."""
    one = fleet(scale_in=ScaleIn.CONSOLIDATION, cooldown_s=cooldown_s)
    one.start([8, 0])
    one.remove(0, 6, 0.0)
    one.advance(1e6)
    assert one.placed == [[2, 0]]
    assert one.changes == [(released_s, -1)]


def test_consolidation_goes_by_steps_with_a_cooldown_between():
    one = fleet(scale_in=ScaleIn.CONSOLIDATION, cooldown_s=1_200.0, step=1)
    one.start([12, 0])
    one.remove(0, 9, 0.0)
    one.advance(1e6)
    assert one.placed == [[3, 0]]
    assert [at_s for at_s, _ in one.changes] == [1_320.0, 2_520.0]
    both = fleet(scale_in=ScaleIn.CONSOLIDATION, cooldown_s=1_200.0, step=2)
    both.start([12, 0])
    both.remove(0, 9, 0.0)
    both.advance(1e6)
    assert [at_s for at_s, _ in both.changes] == [1_320.0, 1_320.0]


def test_consolidation_does_nothing_where_copies_fit_nowhere_else():
    one = fleet(scale_in=ScaleIn.CONSOLIDATION)
    one.start([0, 4])
    one.remove(1, 1, 0.0)
    one.advance(1e6)
    assert one.count == 2


@pytest.mark.parametrize(
    ("changes", "flag"),
    [
        ({"minimum": -1}, "--min-instances"),
        ({"minimum": 3, "maximum": 2}, "--max-instances"),
        ({"minimum": 0, "maximum": 0}, "--max-instances"),
        ({"step": 0}, "--consolidation-step"),
        ({"step": 101}, "--consolidation-step"),
        ({"cooldown_s": 299}, "--consolidation-cooldown"),
        ({"cooldown_s": 86_401}, "--consolidation-cooldown"),
    ],
)
def test_bounds_that_the_api_refuses(changes, flag):
    with pytest.raises(UsageError) as error:
        InstanceScaling(**changes)
    assert error.value.place == flag


def test_the_bill_is_the_integral_of_the_count():
    one = fleet(release_s=600.0)
    first = one.start([4, 0])
    one.add(0, 1, 3_600.0)
    one.remove(0, 1, 7_200.0)
    one.advance(14_400.0)
    # SPREAD takes it from the full instance, so that both stay.
    assert one.billed_hours(first, 14_400.0) == pytest.approx(4 + 3)


operations = st.lists(
    st.tuples(st.sampled_from([0, 1]), st.integers(-3, 3), st.integers(0, 2_000)), max_size=25
)


@settings(max_examples=50)
@given(
    operations=operations,
    placement=st.sampled_from(Placement),
    scale_in=st.sampled_from(ScaleIn),
    maximum=st.one_of(st.none(), st.integers(1, 5)),
)
def test_no_copy_is_lost_and_no_instance_overfull(operations, placement, scale_in, maximum):
    one = fleet(placement=placement, scale_in=scale_in, maximum=maximum)
    first = one.start([1, 0])
    held, now_s = [1, 0], 0.0
    for number, by, later_s in operations:
        now_s += later_s
        if by > 0:
            held[number] += len(one.add(number, by, now_s))
        elif by < 0:
            gone = min(-by, held[number])
            one.remove(number, gone, now_s)
            held[number] -= gone
        assert [one.held(0), one.held(1)] == held
        for copies in one.placed:
            taken = [
                sum(n * need[at] for n, need in zip(copies, NEEDS, strict=True)) for at in range(3)
            ]
            assert all(take <= have for take, have in zip(taken, ROOM, strict=True))
        assert one.count >= fewest_possible(ROOM, NEEDS, held)
        assert maximum is None or one.count <= maximum
    assert one.count - first == sum(change for _, change in one.changes)
    assert one.billed_hours(first, now_s) >= 0
