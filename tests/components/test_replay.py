"""The replay of an endpoint as a whole: nothing is lost, and the bill is the count over time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.components.component import Amounts, Component
from smcost.components.copies import CopyScaling
from smcost.components.demand import Demand
from smcost.components.instance_scaling import InstanceScaling, Placement, ScaleIn
from smcost.components.packing import fewest_possible
from smcost.components.replay import replay_endpoint

ROOM = Amounts(8_000, 4, 16_384)


def component(name, devices, **changes):
    given = {"minimum": 0, "maximum": 3, "target": 10.0, "startup_s": 120.0}
    return Component(name=name, needs=Amounts(0, devices, 2_048), **{**given, **changes})


def demand(one, counts):
    return Demand(component=one, invocations=np.array(counts, dtype=np.int64))


@pytest.mark.parametrize(
    ("counts", "changes", "start"),
    [
        pytest.param([10] * 15, {}, 1, id="as many as the target says"),
        pytest.param([11] * 15, {}, 2, id="one above it"),
        pytest.param([500] * 15, {}, 3, id="the maximum"),
        pytest.param([0] * 15 + [500], {}, 0, id="nothing in the first 15 minutes, and it may"),
        pytest.param([0] * 15, {"minimum": 2}, 2, id="the minimum"),
        pytest.param([0] * 14 + [1], {}, 1, id="one invocation in 15 minutes is a copy"),
        pytest.param([30, 0, 0], {}, 1, id="a short trace: the mean of what there is"),
    ],
)
def test_what_a_replay_begins_with(counts, changes, start):
    assert demand(component("a", 1, **changes), counts).start_count() == start


def test_every_minute_has_copies_and_failures_and_instances():
    found = replay_endpoint(
        ROOM,
        [demand(component("a", 1), [10] * 40 + [0] * 80 + [10] * 40)],
        InstanceScaling(minimum=0),
        CopyScaling(),
    )
    (one,) = found.components
    assert one.in_service.size == one.failed.size == found.instances.size == 160
    assert one.failed[one.in_service > 0].sum() == 0
    assert one.failed.sum() == 10 * (one.in_service[120:] == 0).sum()


def test_the_order_of_components_decides_no_bill_where_they_do_not_meet():
    """Enough room for all: then it is the same in either order."""
    a = demand(component("a", 1), [10] * 60 + [30] * 60)
    b = demand(component("b", 2, maximum=1), [5] * 120)
    replays = [
        replay_endpoint(Amounts(8_000, 40, 160_000), order, InstanceScaling(), CopyScaling())
        for order in ([a, b], [b, a])
    ]
    assert replays[0].instance_hours == replays[1].instance_hours
    for first, second in zip(replays[0].components, reversed(replays[1].components), strict=True):
        assert first.in_service.tolist() == second.in_service.tolist()


stretches = st.lists(
    st.tuples(st.sampled_from([0, 0, 1, 8, 25, 60]), st.integers(5, 40)), min_size=1, max_size=6
)


@settings(max_examples=25)
@given(
    first=stretches,
    second=stretches,
    placement=st.sampled_from(Placement),
    scale_in=st.sampled_from(ScaleIn),
    bounds=st.sampled_from([(0, None), (1, None), (0, 1), (1, 2), (2, 3)]),
)
def test_laws_of_any_endpoint(first, second, placement, scale_in, bounds):
    a, b = (
        np.concatenate([np.full(length, load) for load, length in one]).astype(np.int64)
        for one in (first, second)
    )
    minutes = min(a.size, b.size)
    demands = [
        demand(component("a", 1), a[:minutes]),
        demand(component("b", 3, maximum=2), b[:minutes]),
    ]
    low, high = bounds
    scaling = InstanceScaling(minimum=low, maximum=high, placement=placement, scale_in=scale_in)
    found = replay_endpoint(ROOM, demands, scaling, CopyScaling())
    hours = minutes / 60
    assert low * hours - 1e-9 <= found.instance_hours
    assert high is None or found.instance_hours <= high * hours + 1e-9
    assert 0 <= found.empty_s <= 3600 * hours + 1e-9
    needs = [one.component.needs for one in demands]
    copies = np.column_stack([one.in_service for one in found.components])
    for minute in range(minutes):
        # What serves throughout a minute is on instances that are billed at its beginning.
        assert fewest_possible(ROOM, needs, copies[minute].tolist()) <= found.instances[minute]
    for one, asked in zip(found.components, demands, strict=True):
        assert one.in_service.max() <= asked.component.maximum
        assert (one.failed <= asked.invocations).all()
        assert one.failed[one.in_service > 0].sum() == 0
        assert all(w.failing_s < w.placed_s <= w.serving_s for w in one.wakes)
