"""Copies per instance by each resource, packing of several components, and its bounds."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.components.component import Amounts, Resource
from smcost.components.packing import (
    fewest_possible,
    first_fit_decreasing,
    fits,
    per_instance,
    refuse_too_large,
)
from smcost.errors import UsageError


def amounts(cpu=0.0, accelerators=0, memory=0):
    return Amounts.of(cpu_cores=cpu, accelerators=accelerators, memory_mb=memory)


#: ml.g5.12xlarge, 2 GB reserved.
ROOM = amounts(48, 4, 194_560)


@pytest.mark.parametrize(
    ("needs", "copies", "binding"),
    [
        pytest.param(amounts(20, 1, 16_384), 2, "cpu", id="cpu: floor(48 / 20)"),
        pytest.param(amounts(4, 1, 16_384), 4, "accelerator", id="accelerators: floor(4 / 1)"),
        pytest.param(amounts(1, 0, 65_536), 2, "memory", id="memory: floor(194560 / 65536)"),
        pytest.param(amounts(0.25, 0, 128), 192, "cpu", id="a quarter of a core"),
        pytest.param(amounts(12, 1, 48_640), 4, "cpu", id="all at once: the first is named"),
        pytest.param(amounts(0, 0, 1024), 190, "memory", id="memory alone"),
        pytest.param(amounts(0.3, 0, 128), 160, "cpu", id="48 / 0.3 is 160, not 159"),
        pytest.param(amounts(1, 3, 1024), 1, "accelerator", id="one device is left over"),
        pytest.param(amounts(1, 5, 1024), 0, "accelerator", id="more than there are"),
    ],
)
def test_copies_per_instance_is_the_least_floor(needs, copies, binding):
    found = per_instance(ROOM, needs)
    assert (found.copies, found.binding.value) == (copies, binding)
    known = [count for count in found.of_each.values() if count is not None]
    assert min(known) == copies


def test_what_a_component_does_not_take_bounds_nothing():
    found = per_instance(amounts(4, 0, 14_336), amounts(0, 0, 1024))
    assert found.of_each == {Resource.CPU: None, Resource.ACCELERATOR: None, Resource.MEMORY: 14}


def test_a_component_that_fits_nowhere_is_refused_with_both_figures():
    with pytest.raises(UsageError) as error:
        refuse_too_large(amounts(4, 1, 14_336), [("small", amounts(1)), ("b", amounts(0, 2, 128))])
    assert "No copy of b fits" in error.value.cause
    assert "needs 2 accelerators, and there are 1 accelerator for" in error.value.cause


def test_packing_mixes_what_leaves_room_for_each_other():
    """Two cpu-heavy and two memory-heavy copies: one of each on an instance, by hand."""
    room = amounts(8, 0, 16_384)
    needs = [amounts(6, 0, 4_096), amounts(2, 0, 12_288)]
    assert first_fit_decreasing(room, needs, [2, 2]) == [[1, 1], [1, 1]]
    assert fewest_possible(room, needs, [2, 2]) == 2
    assert [per_instance(room, one).copies for one in needs] == [1, 1]


def test_first_fit_decreasing_may_need_more_than_the_sum_says():
    """Three copies of 0.6 of an instance: their sum is 1.8, and no two fit together."""
    room, needs = amounts(10, 0, 100_000), [amounts(6, 0, 128)]
    assert len(first_fit_decreasing(room, needs, [3])) == 3
    assert fewest_possible(room, needs, [3]) == 3
    mixed = [amounts(6, 0, 128), amounts(6, 0, 256)]
    assert len(first_fit_decreasing(room, mixed, [2, 1])) == 3
    assert fewest_possible(room, mixed, [2, 1]) == 2


def test_no_copy_needs_no_instance():
    assert first_fit_decreasing(ROOM, [amounts(1, 0, 128)], [0]) == []
    assert fewest_possible(ROOM, [amounts(1, 0, 128)], [0]) == 0


small = st.builds(
    Amounts,
    cpu=st.integers(0, 4_000),
    accelerator=st.integers(0, 2),
    memory=st.integers(128, 9_000),
)
rooms = st.builds(
    Amounts,
    cpu=st.integers(4_000, 16_000),
    accelerator=st.integers(2, 8),
    memory=st.integers(9_000, 40_000),
)


@st.composite
def loads(draw):
    needs = draw(st.lists(small, min_size=1, max_size=4))
    counts = draw(st.lists(st.integers(0, 7), min_size=len(needs), max_size=len(needs)))
    return draw(rooms), needs, counts


@settings(max_examples=50)
@given(loads())
def test_packing_places_every_copy_within_the_room_and_not_below_the_bound(load):
    room, needs, counts = load
    placed = first_fit_decreasing(room, needs, counts)
    assert [sum(column) for column in zip(*placed, strict=True)] == counts or not any(counts)
    for copies in placed:
        assert any(copies)
        for at, have in enumerate(room):
            taken = sum(n * need[at] for n, need in zip(copies, needs, strict=True))
            assert taken <= have
    assert fewest_possible(room, needs, counts) <= len(placed) <= sum(counts)


@settings(max_examples=50)
@given(loads())
def test_shared_instances_are_never_more_than_one_endpoint_each(load):
    """An endpoint for each component holds its copies alone; first fit shares what is left."""
    room, needs, counts = load
    each = sum(
        -(-count // per_instance(room, need).copies)
        for count, need in zip(counts, needs, strict=True)
    )
    assert fewest_possible(room, needs, counts) <= each
    alone = [len(first_fit_decreasing(room, [n], [c])) for n, c in zip(needs, counts, strict=True)]
    assert sum(alone) == each


@settings(max_examples=50)
@given(room=rooms, needs=small, more=st.integers(0, 10_000), at=st.sampled_from([0, 1, 2]))
def test_more_of_a_resource_never_lowers_the_copies(room, needs, more, at):
    larger = Amounts(*(have + more * (at == number) for number, have in enumerate(room)))
    assert per_instance(larger, needs).copies >= per_instance(room, needs).copies


@settings(max_examples=50)
@given(room=rooms, needs=small, more=st.integers(0, 3_000), at=st.sampled_from([0, 1, 2]))
def test_a_larger_need_never_raises_the_copies(room, needs, more, at):
    larger = Amounts(*(take + more * (at == number) for number, take in enumerate(needs)))
    assert per_instance(room, larger).copies <= per_instance(room, needs).copies


@settings(max_examples=50)
@given(loads())
def test_the_bound_is_a_bound_of_brute_force(load):
    """Against every assignment of up to four copies to instances."""
    room, needs, counts = load
    copies = [number for number, count in enumerate(counts) for _ in range(count)][:4]
    held = [copies.count(number) for number in range(len(needs))]
    least = min(
        len(set(where))
        for where in product(range(len(copies)), repeat=len(copies))
        if all(_holds(room, needs, copies, where, one) for one in set(where))
    ) if copies else 0  # fmt: skip
    assert fewest_possible(room, needs, held) <= least
    assert least <= len(first_fit_decreasing(room, needs, held))


def _holds(room, needs, copies, where, instance):
    used = [0, 0, 0]
    for number, at in zip(copies, where, strict=True):
        if at == instance:
            if not fits(room, used, needs[number]):
                return False
            used = [taken + take for taken, take in zip(used, needs[number], strict=True)]
    return True
