"""What a given configuration costs, and how it answers, on given traffic."""

import math
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from smcost.capacity import Profile, Routing
from smcost.cautions import capacity_caveats, cpu_caveats, maximum_caveats
from smcost.cost import Cost, Tariff
from smcost.estimate.bill import Horizon, InstanceHours, bill
from smcost.estimate.latency import Latency, latency, load_minutes, timeout_caveats
from smcost.remarks import Caveat, WarningCode
from smcost.replay.counts import CountReplay, Delays, IntArray, fixed_fleet, replay_counts
from smcost.replay.late_requests import LateRequests
from smcost.replay.latency import LatencyTerms, Loads
from smcost.replay.metrics import Watched
from smcost.replay.policies import replay_policies
from smcost.replay.verdict import judge, limits_s
from smcost.scaling import TargetTracking
from smcost.slo import Slo, SloWindow
from smcost.traffic.minutes import MinuteCounts
from smcost.units import SECONDS_PER_HOUR
from smcost.variant import Variant


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """That every request is to be replayed: seed, index of dispersion per second, threads."""

    seed: int = 0
    burstiness: float = 1.0
    threads: int = 1


def replay_variant(
    variant: Variant,
    minutes: MinuteCounts,
    delays: Delays,
    watched: Watched | None = None,
    *,
    start: int | None = None,
) -> CountReplay:
    """Instances in service and billed when the variant meets the traffic.

    ``watched`` is what policies on requests in flight or CPU look at, where there are any;
    ``start`` what it begins with, ``None``: what the first minutes want. [instances]
    """
    if variant.fixed:
        return fixed_fleet(minutes.invocations.size, variant.minimum)
    if not variant.only_invocations or variant.target_per_minute is None:
        return replay_policies(
            variant, minutes.invocations, minutes.start_s, delays, watched, start
        )
    policy = TargetTracking(
        target_per_minute=variant.target_per_minute,
        minimum=variant.minimum,
        maximum=variant.maximum,
        scale_in_cooldown_s=variant.scale_in_cooldown_s,
    )
    return replay_counts(minutes.invocations, policy, delays, start)


def replay_anew(
    variant: Variant,
    minutes: MinuteCounts,
    window: IntArray,
    delays: Delays,
    watched: Watched | None = None,
) -> list[CountReplay]:
    """One replay after another, each beginning with the initial count, as what is created does.

    ``window``: the number of the creation that each minute comes after, shape ``(T,)``.
    """
    return [
        replay_variant(
            variant,
            minutes.where(window == number),
            delays,
            None if watched is None else watched.where(window == number),
            start=variant.initial_count,
        )
        for number in np.unique(window)
    ]


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
    exact: Exact | None = None,
    watched: Watched | None = None,
    replay: CountReplay | None = None,
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
    exact
        That every request is to be replayed, where the capacity says what it asks of an instance.
    watched
        What policies on requests in flight or CPU look at.
    replay
        Of the variant over the minutes, where it was replayed already.
    """
    if minutes is not None and replay is None:
        replay = replay_variant(variant, minutes, delays or Delays(), watched)
    cost, instance_hours, horizon = bill(
        variant,
        tariff,
        minutes=minutes,
        billed_hours=None if replay is None else replay.instance_hours,
        hours_per_month=hours_per_month,
        busiest_count=None if replay is None else int(replay.in_service.max()),
    )
    answer, meets_slo = None, None
    caveats = [] if profile is None else capacity_caveats(profile, variant.target_per_minute)
    if minutes is not None and replay is not None:
        caveats += [
            *maximum_caveats(variant, minutes),
            *_schedule_caveats(replay),
            *cpu_caveats(variant, None if watched is None else watched.full_cpu),
        ]
    if minutes is not None and replay is not None and profile is not None:
        window = window if slo is None else slo.window
        screened = load_minutes(
            minutes, replay.in_service, profile, variant.routing, terms or LatencyTerms(), window
        )
        load = _counted(screened, replay.in_service, minutes, profile, variant.routing, slo, exact)
        answer = _answered(load, minutes, profile, slo)
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


def _counted(
    screened: Loads,
    in_service: IntArray,
    minutes: MinuteCounts,
    profile: Profile,
    routing: Routing,
    slo: Slo | None,
    exact: Exact | None,
) -> LateRequests:
    """The same loads request by request, where that was asked for and there is what to replay."""
    if exact is None or minutes.total == 0:
        return screened
    # Only now: a plain estimate must not wait for the engine.
    from smcost.replay.exact_loads import Replay, can_replay, station_of

    if not can_replay(profile):
        return screened
    replay = Replay(
        invocations=minutes.invocations,
        window=screened.window,
        station=station_of(profile),
        routing=routing,
        terms=screened.terms,
        limits_s=(math.inf,) if slo is None else limits_s(slo),
        seed=exact.seed,
        burstiness=exact.burstiness,
        offsets_s=minutes.offsets_s,
        threads=exact.threads,
    )
    return replay.whole(in_service)


def _answered(
    load: LateRequests, minutes: MinuteCounts, profile: Profile, slo: Slo | None
) -> Latency:
    found = latency(load, minutes, profile, () if slo is None else slo.objectives)
    if isinstance(load, Loads):
        return found
    interval_s = load.interval_s(0.99) if profile.knows(0.99) else None
    return replace(found, method="simulated", p99_interval_s=interval_s)


def _schedule_caveats(replay: CountReplay) -> list[Caveat]:
    """Scheduled actions that failed: the bounds stayed as they were until the next one."""
    if not replay.failed_s:
        return []
    count = len(replay.failed_s)
    message = (
        f"{count:,} {'run' if count == 1 else 'runs'} of scheduled actions, the first "
        f"{replay.failed_s[0] / SECONDS_PER_HOUR:,.2f} h into the horizon, failed and changed "
        "nothing: the endpoint was Updating then, or the one bound that they set went beyond the "
        "other"
    )
    return [Caveat(code=WarningCode.SCHEDULED_ACTION_FAILED, message=message)]
