"""What became of each component: copies, load, failures, latency, and its part of the bill."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from smcost.components.component import Component
from smcost.components.demand import Demand
from smcost.components.endpoint import Endpoint
from smcost.components.packing import PerInstance, largest_share, per_instance
from smcost.components.replay import CopyReplay, EndpointReplay
from smcost.estimate.latency import Latency, latency, load_minutes
from smcost.scaling.policy import Metric
from smcost.traffic.minutes import MinuteCounts
from smcost.units import SECONDS_PER_MINUTE

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentAnswer:
    """One component.

    Attributes
    ----------
    component, per_instance
        What it is, and how many copies an instance holds of it alone.
    copies
        Fewest, mean and most in service. [copies]
    share_of_target
        Mean of the tracked metric over target, while there is a copy; ``None`` without one, or
        where requests in flight are tracked. [fraction]
    utilisation
        Busy part of a copy's slots, while there is a copy; ``None`` where its capacity is not
        known. [fraction]
    invocations, failed
        A month; the failed ones met no copy. [count]
    wakes, unplaced
        Scale-outs from zero; decisions left without room. [count/month]
    usd
        Its part of the bill. [USD]
    latency
        Of the requests that met a copy; ``None`` without a profile.
    """

    component: Component
    per_instance: PerInstance
    copies: tuple[int, float, int]
    share_of_target: float | None
    utilisation: float | None
    invocations: Decimal
    failed: Decimal
    wakes: Decimal
    unplaced: int
    usd: Decimal
    latency: Latency | None


def component_answers(
    endpoint: Endpoint, replay: EndpointReplay, usd: Decimal
) -> tuple[ComponentAnswer, ...]:
    """One for each component; the bill is divided by copy-hours times the largest share."""
    weights = [
        Decimal(int(one.in_service.sum()))
        * Decimal(repr(largest_share(endpoint.room, demand.component.needs)))
        for demand, one in zip(endpoint.demands, replay.components, strict=True)
    ]
    every = sum(weights)
    return tuple(
        _component(endpoint, demand, one, usd * weight / every if every else Decimal(0))
        for demand, one, weight in zip(endpoint.demands, replay.components, weights, strict=True)
    )


def _component(
    endpoint: Endpoint, demand: Demand, replay: CopyReplay, usd: Decimal
) -> ComponentAnswer:
    component, in_service = demand.component, replay.in_service
    served = int(demand.invocations.sum() - replay.failed.sum())
    copy_minutes = int(in_service.sum())
    per_copy = served / copy_minutes if copy_minutes else None
    share = None
    if per_copy is not None and component.metric is Metric.INVOCATIONS:
        share = per_copy / component.target
    busy = None
    if per_copy is not None and component.profile is not None:
        busy = per_copy / (SECONDS_PER_MINUTE * component.profile.max_rps)
    return ComponentAnswer(
        component=component,
        per_instance=per_instance(endpoint.room, component.needs),
        copies=(int(in_service.min()), float(in_service.mean()), int(in_service.max())),
        share_of_target=share,
        utilisation=busy,
        invocations=Decimal(int(demand.invocations.sum())) * endpoint.months,
        failed=Decimal(int(replay.failed.sum())) * endpoint.months,
        wakes=len(replay.wakes) * endpoint.months,
        unplaced=replay.unplaced,
        usd=usd.quantize(_CENT, ROUND_HALF_UP),
        latency=_latency(endpoint, demand, replay),
    )


def _latency(endpoint: Endpoint, demand: Demand, replay: CopyReplay) -> Latency | None:
    """Of the requests that met a copy: the others failed and are counted apart."""
    profile = demand.component.profile
    if profile is None:
        return None
    met = MinuteCounts(start_s=endpoint.start_s, invocations=demand.invocations - replay.failed)
    load = load_minutes(
        met,
        np.maximum(replay.in_service, 1),
        profile,
        endpoint.routing,
        endpoint.terms,
        endpoint.window,
    )
    return latency(load, met, profile)
