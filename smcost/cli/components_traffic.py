"""The traffic of every component -> the minutes that all of them have, and their demands."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from smcost.capacity import Routing
from smcost.cli.components_flags import ComponentsFlags
from smcost.cli.traffic_input import gap_treatment, short_horizon
from smcost.components.component import Component
from smcost.components.demand import Demand
from smcost.errors import InputError, UsageError
from smcost.read.components_csv import ListedComponent
from smcost.read.traffic_file import Reading, read_traffic_file
from smcost.remarks import Caveat
from smcost.replay.counts import IntArray
from smcost.replay.in_flight import occupancy
from smcost.replay.ten_seconds import ten_second_counts
from smcost.scaling.policy import Metric
from smcost.traffic.gaps import gap_caveats
from smcost.traffic.minutes import MinuteCounts, to_minutes
from smcost.traffic.synthetic import START_S
from smcost.traffic.trace import MAX_INVOCATIONS_PER_STEP, Trace, round_cumulatively
from smcost.units import SECONDS_PER_MINUTE, per_minute

_MINUTES_PER_DAY = 1440
#: Invocations that any sum of them stays exact with.
_LARGEST_RPS = MAX_INVOCATIONS_PER_STEP / SECONDS_PER_MINUTE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComponentTraffic:
    """Demands over the same minutes, shape ``(T,)``, where they are from, and what to know."""

    demands: tuple[Demand, ...]
    start_s: IntArray
    origin: str
    caveats: tuple[Caveat, ...]


def component_traffic(
    listed: Sequence[ListedComponent], flags: ComponentsFlags, routing: Routing
) -> ComponentTraffic:
    """Read every traffic file once, and keep the minutes that all of them have.

    Raises
    ------
    UsageError, InputError
        A file that cannot be read, traffic that never overlaps, a demand beyond any meaning.
    """
    treatment = gap_treatment(flags)
    if not flags.traffic_scale > 0:
        raise UsageError(
            f"A traffic scale of {flags.traffic_scale:g} is no growth factor",
            remedy="Give a number above 0, such as 1.5 for half as much again",
            place="--traffic-scale",
        )
    traces: dict[Path, Trace] = {}
    caveats: list[Caveat] = []
    for one in listed:
        if one.traffic is not None and one.traffic not in traces:
            found = read_traffic_file(one.traffic, _reading())
            traces[one.traffic] = found.trace
            caveats += [*found.caveats, *gap_caveats(found.trace)]
    counted = [
        None
        if one.traffic is None
        else to_minutes(_scaled(traces[one.traffic], _scale(one, flags)), gaps=treatment)
        for one in listed
    ]
    start_s = _common(listed, counted)
    counts = [
        _constant(one, flags, start_s.size)
        if minutes is None
        else minutes.invocations[np.searchsorted(minutes.start_s, start_s)]
        for one, minutes in zip(listed, counted, strict=True)
    ]
    if traces:
        caveats += short_horizon(MinuteCounts(start_s=start_s, invocations=counts[0]))
    total = sum(int(one.sum()) for one in counts)
    return ComponentTraffic(
        demands=tuple(
            _demand(one.component, invocations, start_s, number, routing)
            for number, (one, invocations) in enumerate(zip(listed, counts, strict=True))
        ),
        start_s=start_s,
        origin=f"{_origins(listed, flags)}; {total:,} invocations in {start_s.size / 60:,.1f} h",
        caveats=tuple(dict.fromkeys(caveats)),
    )


def _reading() -> Reading:
    return Reading(duplicates="refuse", requests=False, period_s=None, metric_id=None)


def _scale(one: ListedComponent, flags: ComponentsFlags) -> float:
    return one.traffic_scale * flags.traffic_scale


def _scaled(trace: Trace, scale: float) -> Trace:
    return trace if scale == 1 else trace.scaled(scale)


def _common(listed: Sequence[ListedComponent], counted: Sequence[MinuteCounts | None]) -> IntArray:
    """The minutes that every file has; a day where there is none, since demand is constant."""
    found: IntArray | None = None
    for one, minutes in zip(listed, counted, strict=True):
        if minutes is None:
            continue
        both = minutes.start_s if found is None else np.intersect1d(found, minutes.start_s)
        if not both.size:
            raise InputError(
                f"The traffic of {one.component.name} has no minute in common with that of the "
                "components above it",
                remedy="Give traffic of the same days, or rps",
                place=one.place,
            )
        found = both
    if found is None:
        return START_S + SECONDS_PER_MINUTE * np.arange(_MINUTES_PER_DAY, dtype=np.int64)
    return found


def _constant(one: ListedComponent, flags: ComponentsFlags, minutes: int) -> IntArray:
    rps = (one.rps or 0.0) * _scale(one, flags)
    if rps > _LARGEST_RPS:
        raise InputError(
            f"{rps:g} requests per second are no demand of a component",
            remedy=f"Give a smaller rps or scale, at most {_LARGEST_RPS:,.0f} together",
            place=one.place,
        )
    return round_cumulatively(np.full(minutes, per_minute(rps)))


def _demand(
    component: Component, invocations: IntArray, start_s: IntArray, number: int, routing: Routing
) -> Demand:
    """Tables and counts of 10 s only where requests in flight are tracked."""
    if component.metric is not Metric.CONCURRENCY or component.profile is None:
        return Demand(component=component, invocations=invocations)
    minutes = MinuteCounts(start_s=start_s, invocations=invocations)
    return Demand(
        component=component,
        invocations=invocations,
        ten_seconds=ten_second_counts(minutes, seed=number),
        tables=occupancy(component.profile, routing, component.maximum),
    )


def _origins(listed: Sequence[ListedComponent], flags: ComponentsFlags) -> str:
    told = []
    for one in listed:
        scale = _scale(one, flags)
        where = f"{one.rps:g} rps" if one.traffic is None else one.traffic.name
        times = "" if scale == 1 else f" times {scale:g}"
        told.append(f"{one.component.name}: {where}{times}")
    return ", ".join(told)
