"""The bill of an endpoint with components: closed forms, laws, real traces."""

from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.capacity import Routing, WorkersProfile
from smcost.components.alternatives import AlternativeKind
from smcost.components.answer import endpoint_answer
from smcost.components.component import Amounts, Component, Resource
from smcost.components.copies import CopyScaling
from smcost.components.demand import Demand
from smcost.components.endpoint import Endpoint
from smcost.components.instance_scaling import InstanceScaling, Placement
from smcost.components.replay import CopyReplay, replay_endpoint
from smcost.components.zero import never_wakes, wake_bill
from smcost.cost import Tariff
from smcost.errors import UsageError
from smcost.queueing.service import ServiceTime
from smcost.read.traffic_file import Reading, read_traffic_file
from smcost.traffic.minutes import to_minutes

TRACES = Path(__file__).resolve().parents[3] / "shared" / "data" / "traces"
ROOM = Amounts(48_000, 4, 194_560)
SINGLE = Amounts(4_000, 1, 14_336)
USD = Decimal("1.127")


def component(name="llm", *, devices=1, memory=1_024, **changes):
    given = {"minimum": 0, "maximum": 1, "target": 60.0}
    needs = Amounts(0, devices, memory)
    return Component(name=name, needs=needs, **{**given, **changes})


def endpoint(*demands, room=SINGLE, instances=None, **changes):
    minutes = demands[0].invocations.size
    return Endpoint(
        room=room,
        tariff=Tariff(instance_type="ml.g6.xlarge", usd_per_hour=USD),
        hours_per_month=Decimal(720),
        demands=demands,
        start_s=60 * np.arange(minutes, dtype=np.int64),
        instances=instances or InstanceScaling(minimum=0),
        copies=changes.pop("copies", CopyScaling()),
        **changes,
    )


def busy_and_idle(gaps, busy=30, count=30):
    """Busy stretches of half an hour, with an idle gap of so many minutes after each."""
    parts = []
    for gap in gaps:
        parts += [np.full(busy, count), np.zeros(gap)]
    return np.concatenate([*parts, np.full(busy, count)]).astype(np.int64)


def found(alternatives, kind):
    return next((one for one in alternatives if one.kind is kind), None)


# One wake-up.


def test_the_bill_of_a_wake_up_by_hand():
    """180 + 180 s until it serves; 900 + 90 + 600 s after the last invocation."""
    bill = wake_bill(180.0, InstanceScaling(minimum=0), CopyScaling(), USD)
    assert (bill.waking_s, bill.tail_s) == (360, 1_590)
    assert (bill.failing_s, bill.fails_from_s, bill.break_even_s) == (510, 900, 1_440)
    assert bill.usd == Decimal("0.1127")
    assert round(bill.usd_with_tail, 6) == Decimal("0.610458")


@pytest.mark.parametrize(
    ("waking_s", "tail_s", "usd", "with_tail"),
    [
        # AWS's blog: 1 min alarm, 1.75 min instance, 2.28 min model.
        pytest.param(242, 1_500, "0.08", "0.55", id="the blog's 5 min, 25 min tail"),
        # A measured Qwen3-0.6B: 1.7 min to launch, 9.4 min to the answer; 11 and 12 min idle.
        pytest.param(462, 1_380, "0.14", "0.58", id="measured, 11 + 12 min tail"),
        # The quoted 0.76 USD takes 40.5 min at this price, or 1.46 USD an hour.
        pytest.param(383, 2_045, "0.12", "0.76", id="what 0.12 and 0.76 USD would take"),
    ],
)
def test_published_wake_ups_of_ml_g6_xlarge(waking_s, tail_s, usd, with_tail):
    instances = InstanceScaling(minimum=0, provisioning_s=waking_s, release_s=600)
    copies = CopyScaling(reaction_s=0, idle_s=tail_s - 600)
    bill = wake_bill(0.0, instances, copies, USD)
    assert (str(round(bill.usd, 2)), str(round(bill.usd_with_tail, 2))) == (usd, with_tail)


def test_an_isolated_request_is_billed_for_waking_and_tail():
    """It fails; the copy it wakes serves nobody, and the low alarm wants 15 points of its own."""
    one = np.zeros(300, dtype=np.int64)
    one[100] = 1
    answer = endpoint_answer(endpoint(Demand(component=component(), invocations=one)))
    bill = wake_bill(180.0, InstanceScaling(minimum=0), CopyScaling(), USD)
    billed_s = 3600 * answer.replay.instance_hours
    # A minute is the grid's: the alarm sees the first whole minute of the copy.
    assert bill.waking_s + bill.tail_s <= billed_s <= bill.waking_s + bill.tail_s + 60
    assert answer.components[0].failed == 1 * answer.endpoint.months


@pytest.mark.parametrize("gap", [10, 15, 16, 17, 23, 24, 25, 27, 60, 600])
def test_an_idle_gap_saves_what_is_beyond_the_break_even(gap):
    demand = Demand(component=component(), invocations=busy_and_idle([gap]))
    instances, copies = InstanceScaling(minimum=0), CopyScaling()
    replay = replay_endpoint(SINGLE, [demand], instances, copies)
    bill = wake_bill(180.0, instances, copies, USD)
    always = demand.invocations.size / 60
    saved_s = 3600 * (always - replay.instance_hours)
    assert saved_s == pytest.approx(max(0.0, 60 * gap - bill.break_even_s), abs=1e-6)
    assert bool(replay.components[0].failed.sum()) is (60 * gap >= bill.fails_from_s)


@settings(max_examples=15)
@given(gaps=st.lists(st.integers(1, 200), min_size=1, max_size=6))
def test_gaps_add_up(gaps):
    demand = Demand(component=component(), invocations=busy_and_idle(gaps, busy=40))
    replay = replay_endpoint(SINGLE, [demand], InstanceScaling(minimum=0), CopyScaling())
    saved_s = 3600 * (demand.invocations.size / 60 - replay.instance_hours)
    wanted_s = sum(max(0, 60 * gap - 1_440) for gap in gaps)
    assert saved_s == pytest.approx(wanted_s, abs=1e-6)


@settings(max_examples=15)
@given(
    counts=st.lists(st.integers(0, 3), min_size=30, max_size=200),
    stretch=st.integers(1, 20),
)
def test_scaling_to_zero_never_costs_more_than_one_copy_all_the_time(counts, stretch):
    invocations = np.repeat(np.array(counts, dtype=np.int64), stretch)
    answer = endpoint_answer(endpoint(Demand(component=component(), invocations=invocations)))
    always = found(answer.alternatives, AlternativeKind.MINIMUM_ONE)
    assert answer.zero.saving_usd >= 0
    assert answer.zero.saving_usd == always.usd - answer.cost.expected.usd
    assert always.failed == 0
    cost = answer.cost
    assert cost.floor.usd <= cost.expected.usd <= cost.ceiling.usd


# Several components.


def three(seed=3, minutes=1_500):
    rng = np.random.default_rng(seed)
    shape = 1 + np.sin(np.arange(minutes) / 200)
    service = WorkersProfile(instance_type="x", workers=2, service=ServiceTime(mean_s=0.4, cv=0.5))
    return [
        Demand(
            component=component("chat", devices=1, minimum=1, maximum=6, profile=service),
            invocations=rng.poisson(90 * shape).astype(np.int64),
        ),
        Demand(
            component=component("vision", devices=2, minimum=1, maximum=3),
            invocations=rng.poisson(50 * shape[::-1]).astype(np.int64),
        ),
        Demand(
            component=component("text", devices=0, memory=65_536, minimum=1, maximum=4),
            invocations=rng.poisson(30 * shape).astype(np.int64),
        ),
    ]


@pytest.fixture(scope="module")
def shared():
    return endpoint_answer(endpoint(*three(), room=ROOM, instances=InstanceScaling(minimum=1)))


def test_floor_expected_and_ceiling_hold_each_other(shared):
    cost, hours = shared.cost, shared.hours
    assert cost.floor.usd <= cost.expected.usd <= cost.ceiling.usd
    # 1 x 1 + 1 x 2 devices on one instance; 6 x 1 + 3 x 2 on three; 65,536 MB go beside them.
    assert shared.bounds == (1, 3)
    assert hours.floor == 720


def test_parts_of_the_bill_add_up(shared):
    parts = sum(one.usd for one in shared.components)
    assert abs(parts - shared.cost.expected.usd) <= Decimal("0.02")
    assert all(one.usd > 0 for one in shared.components)


def test_no_packing_is_below_the_bound_at_any_minute(shared):
    packed = shared.packed
    assert packed.fewest <= packed.first_fit <= packed.billed + 1e-9
    assert packed.busiest[2] <= packed.busiest[1] <= packed.busiest[0]
    assert all(0 < share <= 1 for share in packed.used.values() if share)
    assert packed.used[Resource.CPU] is None
    assert packed.binding in (Resource.ACCELERATOR, Resource.MEMORY)


def test_sharing_saves_against_an_endpoint_each(shared):
    each = found(shared.alternatives, AlternativeKind.ENDPOINT_EACH)
    assert each.instance_hours >= 3 * 720
    assert each.usd > shared.cost.expected.usd
    assert shared.zero is None


def test_packing_tightly_is_compared_with_spreading(shared):
    """Which is cheaper is no law: what counts is where the last copies of each end up."""
    other = found(shared.alternatives, AlternativeKind.OTHER_PLACEMENT)
    tight = endpoint_answer(
        endpoint(
            *three(),
            room=ROOM,
            instances=InstanceScaling(minimum=1, placement=Placement.BINPACK),
        )
    )
    assert other.usd == tight.cost.expected.usd
    assert other.usd != shared.cost.expected.usd


def test_placement_is_no_question_where_an_instance_holds_one_copy():
    busy = Demand(
        component=component(minimum=1, maximum=4), invocations=busy_and_idle([30], count=150)
    )
    answer = endpoint_answer(endpoint(busy))
    assert answer.replay.instances.max() > 1
    assert answer.alternatives == ()


def test_load_and_latency_of_a_copy(shared):
    chat = shared.components[0]
    served = int(shared.endpoint.demands[0].invocations.sum())
    copy_minutes = int(shared.replay.components[0].in_service.sum())
    assert chat.share_of_target == pytest.approx(served / copy_minutes / 60)
    assert chat.utilisation == pytest.approx(served / copy_minutes / 60 * 0.4 / 2)
    assert 0.3 < chat.latency.p50_s < chat.latency.p95_s < chat.latency.p99_s < 60
    assert [one.latency for one in shared.components[1:]] == [None, None]
    assert shared.components[1].utilisation is None


def test_least_outstanding_routing_is_not_slower():
    chat = three(minutes=200)[0]

    def p99(routing):
        answer = endpoint_answer(endpoint(chat, room=ROOM, routing=routing))
        return answer.components[0].latency.p99_s

    assert p99(Routing.LEAST_OUTSTANDING_REQUESTS) <= p99(Routing.RANDOM)


def test_another_component_keeps_the_instance():
    """Copies of one go to zero, the bill does not: what an expert must be told."""
    quiet, busy = busy_and_idle([300]), np.full(360, 30, dtype=np.int64)
    answer = endpoint_answer(
        endpoint(
            Demand(component=component("a", devices=1), invocations=quiet),
            Demand(component=component("b", devices=1, minimum=1), invocations=busy),
            room=ROOM,
        )
    )
    assert (answer.zero.saving_usd, answer.zero.keeps_instance) == (0, True)
    assert answer.zero.failed > 0
    assert answer.zero.onto_running == answer.zero.wakes > 0
    assert answer.zero.endpoint_wakes == 0


def test_minimums_that_do_not_fit_the_maximum_of_instances_are_refused():
    demands = [
        Demand(component=component("a", minimum=3, maximum=3), invocations=busy_and_idle([])),
    ]
    with pytest.raises(UsageError) as error:
        endpoint_answer(endpoint(*demands, instances=InstanceScaling(maximum=2)))
    assert "take 3 instances, and there may be 2" in error.value.cause


def test_a_minimum_of_no_instance_alone_scales_nothing_to_zero():
    kept = Demand(component=component(minimum=1), invocations=busy_and_idle([90]))
    answer = endpoint_answer(endpoint(kept, instances=InstanceScaling(minimum=0)))
    assert (answer.zero, answer.hours.floor) == (None, 720)


def test_no_traffic_at_all_is_an_answer():
    nothing = np.zeros(60, dtype=np.int64)
    answer = endpoint_answer(endpoint(Demand(component=component(), invocations=nothing)))
    assert (answer.cost.expected.usd, answer.packed.binding) == (0, None)
    assert answer.components[0].share_of_target is None
    assert answer.zero.usd_per_failed is None


# Real traces.


@cache
def trace(name):
    path = TRACES / name
    if not path.is_file():
        pytest.skip(f"{name} of the reference data is not beside the checkout")
    how = Reading(duplicates="refuse", requests=False, period_s=None, metric_id=None)
    return read_traffic_file(path, how).trace


def first_days(name, scale, days):
    return to_minutes(trace(name).scaled(scale), gaps="exclude").invocations[: 1440 * days]


@pytest.mark.parametrize(("scale", "pays"), [(0.0005, True), (0.05, False)])
def test_zero_on_a_week_of_nasa_thinned(scale, pays):
    """Thinned to a request every few minutes it pays; at a twentieth hardly anything is idle."""
    invocations = first_days("nasa_http_1995.csv", scale, 7)
    answer = endpoint_answer(endpoint(Demand(component=component(), invocations=invocations)))
    zero = answer.zero
    assert (zero.saving_usd > 50) is pays
    # Nothing is saved by what is shorter than the break-even.
    most_s = sum(max(0, 60 * gap - 1_440) for gap in _idle_gaps(invocations))
    months = float(answer.endpoint.months)
    assert float(zero.saving_usd) <= most_s / 3600 * float(USD) * months + 0.01
    assert zero.wakes == zero.endpoint_wakes + zero.onto_running
    assert zero.failed >= zero.wakes


def _idle_gaps(invocations):
    idle = np.concatenate(([0], (invocations == 0).astype(int), [0]))
    edges = np.flatnonzero(np.diff(idle))
    return (edges[1::2] - edges[::2]).tolist()


def test_three_models_on_the_world_cup():
    first = first_days("wc98_may.csv", 0.02, 3)
    demands = [
        Demand(component=component("a", minimum=1, maximum=8, target=60.0), invocations=first),
        Demand(
            component=component("b", devices=2, minimum=1, maximum=4, target=120.0),
            invocations=first[::-1].copy(),
        ),
    ]
    answer = endpoint_answer(endpoint(*demands, room=ROOM, instances=InstanceScaling(minimum=1)))
    assert answer.packed.fewest <= answer.packed.first_fit <= answer.packed.billed + 1e-9
    each = found(answer.alternatives, AlternativeKind.ENDPOINT_EACH)
    assert each.usd > answer.cost.expected.usd


def each_alone(*minimums):
    """Three hours of two components that are busy at different times; hours of an endpoint each."""
    first = np.repeat([30, 0, 0, 0, 0, 0], 30).astype(np.int64)
    demands = [
        Demand(component=component(name=name, minimum=minimum), invocations=counts)
        for name, minimum, counts in zip("ab", minimums, (first, first[::-1]), strict=True)
    ]
    answer = endpoint_answer(endpoint(*demands, room=ROOM))
    return answer, found(answer.alternatives, AlternativeKind.ENDPOINT_EACH)


def test_an_endpoint_for_each_scales_to_zero_where_its_component_may():
    asleep, kept, both = (each_alone(*minimums)[1] for minimums in ((0, 0), (1, 0), (1, 1)))
    # One of the two is there all the time, the month of 720 h.
    assert both.instance_hours == pytest.approx(2 * 720)
    assert 720 < kept.instance_hours < both.instance_hours
    assert asleep.instance_hours < kept.instance_hours
    assert both.failed == 0 < kept.failed


def test_what_sharing_saves_is_no_matter_of_the_minimum():
    """Busy one after the other, two endpoints at zero cost no more than a shared one but a tail."""
    answer, each = each_alone(0, 0)
    assert each.failed == sum(one.failed for one in answer.components)
    assert each.usd >= answer.cost.expected.usd
    assert each.usd < Decimal("1.05") * answer.cost.expected.usd


@pytest.mark.parametrize(
    ("in_service", "failed", "asleep"),
    [
        pytest.param([1, 1, 0, 0, 0], [0, 0, 1, 0, 1], True, id="one a minute is too few"),
        pytest.param([1, 1, 0, 0, 0], [0, 0, 1, 2, 0], False, id="two wake it, if after the end"),
        pytest.param([1, 0, 0, 1, 1], [0, 1, 2, 0, 0], False, id="awake at the end"),
        pytest.param([1, 0, 0, 0, 0], [0, 0, 0, 0, 0], False, id="nobody came"),
        pytest.param([0, 0, 0, 0, 0], [1, 0, 1, 0, 1], True, id="never awake"),
        pytest.param([0, 0, 0, 0, 1], [1, 0, 1, 0, 0], False, id="awake in the last minute"),
    ],
)
def test_asleep_for_good(in_service, failed, asleep):
    replay = CopyReplay(
        in_service=np.array(in_service), failed=np.array(failed), wakes=(), unplaced=0
    )
    assert never_wakes(replay, 2) is asleep
    assert never_wakes(replay, 1) is False


def test_a_component_that_never_wakes_saves_nothing_for_each_request():
    seldom = np.zeros(240, dtype=np.int64)
    seldom[::40] = 1
    copies = CopyScaling(wake_failures=2)
    zero, awake = (
        endpoint_answer(
            endpoint(Demand(component=component(), invocations=seldom), copies=scaling)
        ).zero
        for scaling in (copies, CopyScaling())
    )
    assert zero.never_wakes == ("llm",)
    assert zero.usd_per_failed is None
    assert awake.never_wakes == ()
    assert awake.usd_per_failed is not None
