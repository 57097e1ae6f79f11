"""An endpoint with inference components as a bill: floor, expected, ceiling, and what else to know.

Instances are billed, never copies. What a component costs is therefore an allocation: the bill
divided by copy-hours times the largest share of an instance that a copy reserves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from smcost.components.alternatives import Alternative, alternatives
from smcost.components.each import ComponentAnswer, component_answers
from smcost.components.endpoint import Endpoint
from smcost.components.packed import Packed, packed_instances
from smcost.components.packing import first_fit_decreasing, refuse_too_large
from smcost.components.replay import EndpointReplay, replay_endpoint
from smcost.components.zero import ZeroAnswer, zero_answer
from smcost.cost import Cost, monthly_cost
from smcost.errors import UsageError
from smcost.estimate.bill import Horizon, InstanceHours
from smcost.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EndpointAnswer:
    """The whole answer; ``zero`` is ``None`` where nothing may scale to zero."""

    endpoint: Endpoint
    replay: EndpointReplay
    cost: Cost
    hours: InstanceHours
    bounds: tuple[int, int]
    horizon: Horizon
    components: tuple[ComponentAnswer, ...]
    packed: Packed
    alternatives: tuple[Alternative, ...]
    zero: ZeroAnswer | None


def endpoint_answer(endpoint: Endpoint) -> EndpointAnswer:
    """Replay the endpoint and what it is compared with.

    Raises
    ------
    UsageError
        A component of which no copy fits on an instance; more copies at the minimums than the
        maximum of instances holds.
    """
    demands, room = endpoint.demands, endpoint.room
    refuse_too_large(room, [(one.component.name, one.component.needs) for one in demands])
    _refuse_crowded(endpoint)
    replay = replay_endpoint(room, demands, endpoint.instances, endpoint.copies)
    bounds = _bounds(endpoint, replay)
    cost, hours = _bill(endpoint, replay.instance_hours, bounds)
    assert cost.expected is not None
    others = alternatives(
        room,
        demands,
        endpoint.instances,
        endpoint.copies,
        asked=replay,
        usd=lambda instance_hours: _usd(endpoint, instance_hours),
        months=endpoint.months,
    )
    zero = None
    always = next((one for one in others if one.kind.keeps_one), None)
    if always is not None:
        zero = zero_answer(
            demands,
            replay,
            instances=endpoint.instances,
            copies=endpoint.copies,
            usd_per_hour=endpoint.tariff.usd_per_hour,
            months=endpoint.months,
            saving_usd=always.usd - cost.expected.usd,
        )
    return EndpointAnswer(
        endpoint=endpoint,
        replay=replay,
        cost=cost,
        hours=hours,
        bounds=bounds,
        horizon=_horizon(endpoint, replay),
        components=component_answers(endpoint, replay, cost.expected.usd),
        packed=packed_instances(endpoint, replay),
        alternatives=others,
        zero=zero,
    )


def _at(endpoint: Endpoint, counts: Sequence[int]) -> int:
    """Instances that hold these copies by first-fit decreasing."""
    needs = [one.component.needs for one in endpoint.demands]
    return len(first_fit_decreasing(endpoint.room, needs, counts))


def _minimums(endpoint: Endpoint) -> list[int]:
    return [one.component.minimum for one in endpoint.demands]


def _refuse_crowded(endpoint: Endpoint) -> None:
    """Refuse a maximum of instances that does not hold the minimums of copies."""
    most, needed = endpoint.instances.maximum, _at(endpoint, _minimums(endpoint))
    if most is not None and needed > most:
        raise UsageError(
            f"The minimums of copies take {needed} instances, and there may be {most}",
            remedy=f"Give {needed} or more, fewer min_copies, or a larger instance type",
            place="--max-instances",
        )


def _bounds(endpoint: Endpoint, replay: EndpointReplay) -> tuple[int, int]:
    """Instances with every component at its minimum, and at its maximum; as replayed if beyond."""
    floor = max(endpoint.instances.minimum, _at(endpoint, _minimums(endpoint)))
    high = _at(endpoint, [one.component.maximum for one in endpoint.demands])
    most = endpoint.instances.maximum
    ceiling = max(endpoint.instances.minimum, high) if most is None else most
    return (
        min(floor, int(replay.instances.min())),
        max(ceiling, int(replay.instances.max())),
    )


def _bill(
    endpoint: Endpoint, replayed_hours: float, bounds: tuple[int, int]
) -> tuple[Cost, InstanceHours]:
    month = endpoint.hours_per_month
    floor, ceiling = (Decimal(count) * month for count in bounds)
    expected = min(max(Decimal(repr(replayed_hours)) * endpoint.months, floor), ceiling)
    cases = [
        monthly_cost(
            endpoint.tariff, instance_hours=hours, invocations=Decimal(0), hours_per_month=month
        )
        for hours in (floor, expected, ceiling)
    ]
    cost = Cost(floor=cases[0], expected=cases[1], ceiling=cases[2], hours_per_month=month)
    return cost, InstanceHours(floor=floor, expected=expected, ceiling=ceiling)


def _usd(endpoint: Endpoint, replayed_hours: float) -> Decimal:
    return monthly_cost(
        endpoint.tariff,
        instance_hours=Decimal(repr(replayed_hours)) * endpoint.months,
        invocations=Decimal(0),
        hours_per_month=endpoint.hours_per_month,
    ).usd


def _horizon(endpoint: Endpoint, replay: EndpointReplay) -> Horizon:
    return Horizon(
        start_s=int(endpoint.start_s[0]),
        end_s=int(endpoint.start_s[-1]) + SECONDS_PER_MINUTE,
        hours=Decimal(endpoint.start_s.size * SECONDS_PER_MINUTE) / SECONDS_PER_HOUR,
        instance_hours=Decimal(repr(replay.instance_hours)),
    )
