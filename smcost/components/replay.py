"""Every component's policy over its traffic, minute by minute, and the instances beneath.

Components are scaled one beside the other: an activity of one does not hold up another (inferred:
each is updated by a call of its own). What decides is the order of time, and within a moment the
order of the components.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from smcost.components.component import Amounts
from smcost.components.copies import Copies, CopyScaling, Wake
from smcost.components.demand import TICKS, Demand
from smcost.components.fleet import Fleet
from smcost.components.instance_scaling import InstanceScaling
from smcost.errors import UsageError
from smcost.replay.counts import IntArray
from smcost.units import SECONDS_PER_MINUTE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CopyReplay:
    """What became of one component.

    Attributes
    ----------
    in_service
        Copies that serve throughout each minute, shape ``(T,)``. [copies]
    failed
        Requests that met no copy, per minute, shape ``(T,)``. [count]
    wakes
        Scale-outs from zero copies.
    unplaced
        Decisions that the maximum of instances left without room for some copy. [count]
    """

    in_service: IntArray
    failed: IntArray
    wakes: tuple[Wake, ...]
    unplaced: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EndpointReplay:
    """What became of an endpoint.

    Attributes
    ----------
    components
        In the order of the demands.
    instances
        Billed at the beginning of each minute, shape ``(T,)``. [instances]
    instance_hours
        Billed from launch to release, over the horizon. [h]
    wakes
        Launches from no instance at all. [count]
    empty_s
        How long no instance was billed. [s]
    """

    components: tuple[CopyReplay, ...]
    instances: IntArray
    instance_hours: float
    wakes: int
    empty_s: float


def replay_endpoint(
    room: Amounts,
    demands: Sequence[Demand],
    instances: InstanceScaling,
    copies: CopyScaling,
) -> EndpointReplay:
    """Run an endpoint over the minutes of its traffic.

    Parameters
    ----------
    room
        What an instance has for copies.
    demands
        Components with their traffic, over the same minutes.
    instances, copies
        How instances and copies are scaled.

    Raises
    ------
    UsageError
        No component, no minute, or minutes that differ in number.
    """
    sizes = {demand.invocations.size for demand in demands}
    if len(sizes) != 1 or 0 in sizes:
        raise UsageError(
            "Components are replayed over the same minutes, and there are none",
            remedy="Give every component traffic of the same stretch of time",
        )
    (minutes,) = sizes
    fleet = Fleet(
        room,
        [demand.component.needs for demand in demands],
        [demand.component.startup_s for demand in demands],
        instances,
    )
    starts = [demand.start_count() for demand in demands]
    first = fleet.start(starts)
    scaled = [
        Copies(number, demand, copies, fleet, starts[number])
        for number, demand in enumerate(demands)
    ]
    _run(scaled, demands, minutes)
    end_s = float(minutes * SECONDS_PER_MINUTE)
    fleet.advance(end_s)
    wakes, empty_s = _at_zero(first, fleet.changes, end_s)
    return EndpointReplay(
        components=tuple(
            CopyReplay(
                in_service=np.array(one.in_service, dtype=np.int64),
                failed=np.array(one.failed, dtype=np.int64),
                wakes=tuple(one.wakes),
                unplaced=one.unplaced,
            )
            for one in scaled
        ),
        instances=_by_minute(first, fleet.changes, minutes),
        instance_hours=fleet.billed_hours(first, end_s),
        wakes=wakes,
        empty_s=empty_s,
    )


def _run(scaled: Sequence[Copies], demands: Sequence[Demand], minutes: int) -> None:
    counts = [demand.invocations.tolist() for demand in demands]
    parts = [
        None if demand.ten_seconds is None else demand.ten_seconds.reshape(-1, TICKS).tolist()
        for demand in demands
    ]
    # Those that decide within a minute go first: the moments of the fleet run one way.
    order = sorted(range(len(scaled)), key=lambda number: parts[number] is None)
    for minute in range(minutes):
        start_s = float(minute * SECONDS_PER_MINUTE)
        for number in order:
            by_steps = parts[number]
            if by_steps is None:
                scaled[number].minute(counts[number][minute], start_s)
            else:
                scaled[number].ten_seconds(by_steps[minute], start_s)


def _by_minute(first: int, changes: Sequence[tuple[float, int]], minutes: int) -> IntArray:
    at_s = np.array([at for at, _ in changes])
    by = np.array([change for _, change in changes], dtype=np.int64)
    index = np.minimum(np.ceil(at_s / SECONDS_PER_MINUTE).astype(np.int64), minutes)
    change = np.zeros(minutes + 1, dtype=np.int64)
    np.add.at(change, index, by)
    counts: IntArray = first + np.cumsum(change)[:minutes]
    return counts


def _at_zero(first: int, changes: Sequence[tuple[float, int]], end_s: float) -> tuple[int, float]:
    """Launches from no instance, and how long there was none. [count, s]"""
    count, since_s, wakes, empty_s = first, 0.0, 0, 0.0
    for at_s, change in sorted(changes, key=lambda one: one[0]):
        if at_s >= end_s:
            break
        if not count:
            empty_s += at_s - since_s
            wakes += 1
        count += change
        since_s = at_s
    return wakes, empty_s + (0.0 if count else end_s - since_s)
