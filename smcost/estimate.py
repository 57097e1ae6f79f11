"""What a given configuration costs, and how it answers, on given traffic."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

import numpy as np

from smcost.capacity import Profile, Routing
from smcost.cautions import capacity_caveats, maximum_caveats
from smcost.cost import Cost, Tariff, monthly_cost
from smcost.remarks import Caveat, WarningCode
from smcost.replay.counts import CountReplay, Delays, IntArray, fixed_fleet, replay_counts
from smcost.replay.late_requests import LateRequests
from smcost.replay.latency import LatencyTerms, Loads, loads
from smcost.replay.verdict import judge, minutes_over
from smcost.scaling import TargetTracking
from smcost.slo import Objective, Slo, SloWindow
from smcost.traffic.minutes import MinuteCounts
from smcost.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE
from smcost.variant import Variant

#: How latency was found: from tables, from tables and the deciding window, from every request.
Method = Literal["screened", "hybrid", "simulated"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Client latency over the horizon. Times are ``inf`` beyond the timeout and
    ``nan`` without requests or where the percentile was not measured. [s]

    ``minutes_over_slo`` is ``None`` where no objective was given; ``method`` is how the figures
    were found, ``p99_interval_s`` the 95 % confidence interval of the horizon's p99 if simulated.
    """

    p50_s: float
    p95_s: float
    p99_s: float
    worst_window_p95_s: float
    worst_window_p99_s: float
    worst_window_start_s: int | None
    minutes_over_slo: int | None
    failed_fraction: float
    method: Method = "screened"
    p99_interval_s: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A variant's bill, its latency where a capacity is known, what to know about both.

    ``meets_slo`` is ``None`` without an SLO.
    """

    variant: Variant
    cost: Cost
    instance_hours: InstanceHours
    horizon: Horizon | None
    latency: Latency | None
    meets_slo: bool | None = None
    caveats: tuple[Caveat, ...] = ()


def replay_variant(variant: Variant, minutes: MinuteCounts, delays: Delays) -> CountReplay:
    """Instances in service and billed when the variant meets the traffic."""
    if variant.fixed or variant.target_per_minute is None:
        return fixed_fleet(minutes.invocations.size, variant.minimum)
    policy = TargetTracking(
        target_per_minute=variant.target_per_minute,
        minimum=variant.minimum,
        maximum=variant.maximum,
        scale_in_cooldown_s=variant.scale_in_cooldown_s,
    )
    return replay_counts(minutes.invocations, policy, delays)


def bill(
    variant: Variant,
    tariff: Tariff,
    *,
    minutes: MinuteCounts | None,
    billed_hours: float | None,
    hours_per_month: Decimal,
) -> tuple[Cost, InstanceHours, Horizon | None]:
    """Floor, expected and ceiling per month: horizon mean x hours per month.

    ``billed_hours`` are the instance-hours replayed over the minutes; without them the expected
    case is known only for a fleet of fixed size. [h]
    """
    horizon = None if minutes is None or billed_hours is None else _horizon(minutes, billed_hours)
    floor = variant.minimum * hours_per_month
    ceiling = variant.maximum * hours_per_month
    expected = floor if variant.minimum == variant.maximum else None
    invocations = Decimal(0)
    if horizon is not None and minutes is not None:
        months = hours_per_month / horizon.hours
        expected = min(max(horizon.instance_hours * months, floor), ceiling)
        invocations = Decimal(int(minutes.invocations.sum())) * months
    floor_case, expected_case, ceiling_case = (
        None
        if hours is None
        else monthly_cost(
            tariff, instance_hours=hours, invocations=invocations, hours_per_month=hours_per_month
        )
        for hours in (floor, expected, ceiling)
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


def _horizon(minutes: MinuteCounts, billed_hours: float) -> Horizon:
    count = minutes.invocations.size
    return Horizon(
        start_s=int(minutes.start_s[0]),
        end_s=int(minutes.start_s[-1]) + SECONDS_PER_MINUTE,
        hours=Decimal(count * SECONDS_PER_MINUTE) / SECONDS_PER_HOUR,
        instance_hours=Decimal(repr(billed_hours)),
    )


def load_minutes(
    minutes: MinuteCounts,
    in_service: IntArray,
    profile: Profile,
    routing: Routing,
    terms: LatencyTerms,
    window: SloWindow,
) -> Loads:
    """The load of every minute of a replay, grouped into the SLO's windows."""
    return loads(
        invocations=minutes.invocations,
        in_service=in_service,
        window=window.number(minutes.start_s),
        profile=profile,
        routing=routing,
        terms=terms,
    )


def measured_s(profile: Profile, fraction: float, value_s: float) -> float:
    """A percentile, or ``nan`` where it was not measured. [s]"""
    return value_s if profile.knows(fraction) else math.nan


def latency(
    load: LateRequests,
    minutes: MinuteCounts,
    profile: Profile,
    objectives: tuple[Objective, ...] = (),
) -> Latency:
    """Percentiles over the horizon and of the worst window; only those that were measured."""
    worst_95, worst_99 = load.worst_window(0.95), load.worst_window(0.99)
    first = int(np.searchsorted(load.window, worst_99[0]))

    def known(fraction: float, value_s: float) -> float:
        return measured_s(profile, fraction, value_s)

    return Latency(
        p50_s=known(0.5, load.percentile_s(0.5)),
        p95_s=known(0.95, load.percentile_s(0.95)),
        p99_s=known(0.99, load.percentile_s(0.99)),
        worst_window_p95_s=known(0.95, worst_95[1]),
        worst_window_p99_s=known(0.99, worst_99[1]),
        worst_window_start_s=int(minutes.start_s[first]) if minutes.total else None,
        minutes_over_slo=minutes_over(load, objectives) if objectives else None,
        failed_fraction=load.failed_fraction(),
    )


def timeout_caveats(answer: Latency) -> list[Caveat]:
    """Say that requests time out, where so many do that a window's p99 lies beyond the timeout."""
    if not math.isinf(answer.worst_window_p99_s) or answer.worst_window_start_s is None:
        return []
    start = datetime.fromtimestamp(answer.worst_window_start_s, UTC)
    message = (
        f"In the worst window, from {start:%Y-%m-%d %H:%M} UTC, more than 1 % of the requests time "
        f"out ({answer.failed_fraction:.2%} of all): the fleet cannot carry that traffic"
    )
    return [Caveat(code=WarningCode.BEYOND_TIMEOUT, message=message)]


def estimate(
    variant: Variant,
    tariff: Tariff,
    *,
    hours_per_month: Decimal,
    minutes: MinuteCounts | None = None,
    delays: Delays | None = None,
    profile: Profile | None = None,
    terms: LatencyTerms | None = None,
    slo: Slo | None = None,
    window: SloWindow = SloWindow.DAY,
) -> Estimate:
    """Price a configuration; with traffic replay it, with a capacity also say how it answers.

    Parameters
    ----------
    variant, tariff
        What is deployed, and what there is to pay for.
    hours_per_month
        720 or 730. [h]
    minutes
        The traffic; ``None``: only floor and ceiling, and no latency.
    delays, profile, terms
        Reaction and start-up; what one instance can do; overhead and timeout.
    slo, window
        For saying whether it holds, and for the worst window; the window counts without an SLO.
    """
    replay = None if minutes is None else replay_variant(variant, minutes, delays or Delays())
    cost, instance_hours, horizon = bill(
        variant,
        tariff,
        minutes=minutes,
        billed_hours=None if replay is None else replay.instance_hours,
        hours_per_month=hours_per_month,
    )
    answer, meets_slo = None, None
    caveats = [] if profile is None else capacity_caveats(profile, variant.target_per_minute)
    if minutes is not None and replay is not None:
        caveats += maximum_caveats(variant, minutes)
    if minutes is not None and replay is not None and profile is not None:
        window = window if slo is None else slo.window
        load = load_minutes(
            minutes, replay.in_service, profile, variant.routing, terms or LatencyTerms(), window
        )
        answer = latency(load, minutes, profile, () if slo is None else slo.objectives)
        caveats += timeout_caveats(answer)
        meets_slo = None if slo is None else judge(load, slo).met
    return Estimate(
        variant=variant,
        cost=cost,
        instance_hours=instance_hours,
        horizon=horizon,
        latency=answer,
        meets_slo=meets_slo,
        caveats=tuple(caveats),
    )
