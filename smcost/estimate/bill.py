"""What a configuration costs a month: floor, expected and ceiling."""

from dataclasses import dataclass
from decimal import Decimal

from smcost.cost import Cost, Tariff, monthly_cost
from smcost.deployment import FleetAt
from smcost.replay.counts import IntArray
from smcost.traffic.minutes import MinuteCounts
from smcost.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE
from smcost.variant import Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """The stretch of traffic that was replayed; everything else is per month.

    Attributes
    ----------
    start_s, end_s
        First minute's start and last minute's end, UTC. [epoch s]
    hours
        Hours replayed, gaps left out. [h]
    instance_hours
        Billed over those hours. [h]
    """

    start_s: int
    end_s: int
    hours: Decimal
    instance_hours: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceHours:
    """Instance-hours per month; ``expected`` is ``None`` without traffic to replay. [h]"""

    floor: Decimal
    expected: Decimal | None
    ceiling: Decimal


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OnTime:
    """That an endpoint runs for a part of the month only, deleted and created in between.

    Attributes
    ----------
    hours
        In which it answers, a month; the traffic is that of such hours. [h]
    started_hours
        In which it starts up, with its initial count. [h]
    window
        Number of the creation that each minute of the traffic comes after, shape ``(T,)``.
    """

    hours: Decimal
    started_hours: Decimal
    window: IntArray


def bill(
    variant: Variant,
    tariff: Tariff,
    *,
    minutes: MinuteCounts | None,
    billed_hours: float | None,
    hours_per_month: Decimal,
    busiest_count: int | None = None,
    on: OnTime | None = None,
) -> tuple[Cost, InstanceHours, Horizon | None]:
    """Floor, expected and ceiling per month: horizon mean x hours per month.

    ``billed_hours`` are the instance-hours replayed over the minutes; without them the expected
    case is known only for a fleet of fixed size. [h] ``busiest_count`` is the largest count of the
    replay, which releases meet where they are to be priced so. ``on``: the rest of the month it
    is not there.
    """
    hours_on = hours_per_month if on is None else on.hours
    started = Decimal(0) if on is None else on.started_hours
    horizon = None if minutes is None or billed_hours is None else _horizon(minutes, billed_hours)
    floor = variant.lowest * (hours_on + started)
    ceiling = variant.highest * (hours_on + started)
    expected = floor if variant.lowest == variant.highest else None
    invocations = Decimal(0)
    if horizon is not None and minutes is not None:
        months = hours_on / horizon.hours
        billed = horizon.instance_hours * months + variant.initial_count * started
        expected = min(max(billed, floor), ceiling)
        invocations = Decimal(int(minutes.invocations.sum())) * months
    met = None if busiest_count is None else Decimal(busiest_count)
    floor_case, expected_case, ceiling_case = (
        None
        if hours is None
        else monthly_cost(
            tariff,
            instance_hours=hours,
            invocations=invocations,
            hours_per_month=hours_per_month,
            deployed_count=count if _at_busiest(tariff) else None,
        )
        for hours, count in ((floor, None), (expected, met), (ceiling, None))
    )
    assert floor_case is not None
    assert ceiling_case is not None
    cost = Cost(
        floor=floor_case,
        expected=expected_case,
        ceiling=ceiling_case,
        hours_per_month=hours_per_month,
    )
    return cost, InstanceHours(floor=floor, expected=expected, ceiling=ceiling), horizon


def _at_busiest(tariff: Tariff) -> bool:
    return tariff.releases is not None and tariff.releases.at is FleetAt.BUSIEST


def _horizon(minutes: MinuteCounts, billed_hours: float) -> Horizon:
    count = minutes.invocations.size
    return Horizon(
        start_s=int(minutes.start_s[0]),
        end_s=int(minutes.start_s[-1]) + SECONDS_PER_MINUTE,
        hours=Decimal(count * SECONDS_PER_MINUTE) / SECONDS_PER_HOUR,
        instance_hours=Decimal(repr(billed_hours)),
    )
