"""Each kind of endpoint on the traffic of an estimate: its bill, its break-even, its obstacles."""

import math
from dataclasses import replace
from decimal import Decimal

from smcost.estimate.configuration import Estimate, replay_variant
from smcost.estimate.kind_fleet import Fleet
from smcost.estimate.kinds import (
    P99,
    KindAnswer,
    KindsAnswer,
    KindsAsked,
    SharedFigures,
    with_price,
)
from smcost.estimate.serverless_answers import serverless_answers
from smcost.kinds.asynchronous import BacklogPolicy, replay_backlog
from smcost.kinds.batch import batch_month
from smcost.kinds.limits import (
    EndpointKind,
    Obstacle,
    ObstacleCode,
    asynchronous_obstacles,
    batch_obstacles,
    multi_model_obstacles,
    real_time_obstacles,
)
from smcost.kinds.shared import SAFETY, Sharing, shared_count
from smcost.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE, per_minute

#: Beyond so many models the smallest number that pays is not looked for.
_MOST_TRIED = 64
#: Less than a thousandth less is no saving, but the rounding of counts.
_CHEAPER = Decimal("0.999")


def kinds_answer(result: Estimate, fleet: Fleet, asked: KindsAsked) -> KindsAnswer:
    """Price every kind on the traffic of an estimate.

    Parameters
    ----------
    result
        The estimate, for its latency.
    fleet
        What the kinds are held against.
    asked
        What the kinds need to know besides.

    Raises
    ------
    UsageError
        A parameter of a kind that makes no sense.
    """
    serverless, notes = serverless_answers(fleet, asked)
    shared, shared_notes = _shared(result, fleet, asked)
    rows = (
        _real_time(result, fleet, asked),
        *serverless,
        _asynchronous(fleet, asked),
        _batch(fleet, asked),
        shared,
    )
    return KindsAnswer(
        asked=asked,
        rows=tuple(with_price(row, fleet) for row in rows),
        # Storage and data are paid alike.
        asynchronous_break_even_h=fleet.instance_hours
        * fleet.tariff.usd_per_hour
        / asked.asynchronous.usd_per_hour,
        notes=(*notes, *shared_notes),
    )


def _real_time(result: Estimate, fleet: Fleet, asked: KindsAsked) -> KindAnswer:
    latency = result.latency
    return KindAnswer(
        kind=EndpointKind.REAL_TIME,
        name="real time, this fleet",
        case=fleet.case,
        instance_hours=fleet.instance_hours,
        p99=P99.MODELLED,
        p99_s=None if latency is None else latency.worst_window_p99_s,
        obstacles=(
            *real_time_obstacles(asked.job, fleet.terms.timeout_s),
            *_broken(result, fleet, "with this fleet"),
        ),
    )


def _asynchronous(fleet: Fleet, asked: KindsAsked) -> KindAnswer:
    replay = replay_backlog(
        fleet.minutes.invocations,
        BacklogPolicy(
            target=asked.backlog_target,
            maximum=fleet.variant.highest,
            scale_in_cooldown_s=fleet.variant.scale_in_cooldown_s,
        ),
        fleet.delays,
        per_instance=per_minute(fleet.rps_per_instance),
        service_s=asked.job.service_s or 1 / fleet.rps_per_instance,
    )
    hours = fleet.month_of(replay.instance_hours)
    obstacles = [*asynchronous_obstacles(asked.job)]
    if replay.expired_share > fleet.may_fail:
        message = f"{replay.expired_share:.2%} of the requests wait for more than 6 h and expire"
        obstacles.append(Obstacle(code=ObstacleCode.BACKLOG, message=message))
    longest_min = replay.longest_wait_s / SECONDS_PER_MINUTE
    waited = f"up to {longest_min:,.0f} min" if longest_min else "less than a minute"
    obstacles += _unpromised(fleet, f"requests are queued, here for {waited}")
    return KindAnswer(
        kind=EndpointKind.ASYNCHRONOUS,
        name="asynchronous, 0 instances when idle",
        case=fleet.of_hours(hours, asked.asynchronous.usd_per_hour),
        instance_hours=hours,
        p99=P99.NOT_PROMISED,
        obstacles=tuple(obstacles),
        figures=replay,
    )


def _batch(fleet: Fleet, asked: KindsAsked) -> KindAnswer:
    month = batch_month(
        invocations=fleet.invocations,
        rps_per_instance=fleet.rps_per_instance,
        jobs=asked.batch_jobs,
        startup_s=fleet.delays.startup_s,
        hours_per_month=fleet.hours_per_month,
    )
    # Nothing is processed by an endpoint: no data in or out of one.
    tariff = replace(fleet.tariff, bytes_in=None, bytes_out=None)
    case = replace(fleet, tariff=tariff).of_hours(month.instance_hours, asked.batch.usd_per_hour)
    usd_per_second = asked.batch.usd_per_hour / SECONDS_PER_HOUR
    startup_s = Decimal(repr(fleet.delays.startup_s))
    even = fleet.break_even(
        usd_per_second / Decimal(repr(fleet.rps_per_instance)) - fleet.data_usd_per_invocation,
        fixed_usd=month.jobs * month.instances * startup_s * usd_per_second,
    )
    return KindAnswer(
        kind=EndpointKind.BATCH_TRANSFORM,
        name=f"batch transform, {month.jobs.normalize():f} jobs",
        case=case,
        instance_hours=month.instance_hours,
        p99=P99.NONE,
        obstacles=(*batch_obstacles(asked.job), *_unpromised(fleet, "nothing is answered online")),
        figures=month,
        break_even=even[0],
        break_even_single=even[1],
    )


def _shared(
    result: Estimate, fleet: Fleet, asked: KindsAsked
) -> tuple[KindAnswer, tuple[str, ...]]:
    sharing = asked.sharing
    name = f"multi-model, one of {sharing.models} alike"
    never = (
        *real_time_obstacles(asked.job, fleet.terms.timeout_s),
        *multi_model_obstacles(asked.job, sharing.in_memory),
    )
    answer = KindAnswer(
        kind=EndpointKind.MULTI_MODEL, name=name, case=None, p99=P99.NOT_PROMISED, obstacles=never
    )
    if never:
        return replace(answer, p99=P99.NONE), ()
    hours = _shared_hours(fleet, sharing.models, sharing.in_memory)
    if hours is None:
        note = (
            "The multi-model endpoint is not priced: this fleet scales by more than invocations "
            "per instance."
        )
        return answer, (note,)
    obstacles = _broken(result, fleet, "with this fleet, which it is scaled as")
    whole = replace(fleet, invocations=fleet.invocations * sharing.models).of_hours(hours)
    figures = SharedFigures(
        sharing=sharing,
        instance_hours=hours,
        whole_usd=whole.usd,
        separate_usd=sharing.models * fleet.case.usd,
        break_even_models=_break_even_models(fleet, sharing),
    )
    return (
        replace(
            answer,
            case=fleet.of_hours(hours / sharing.models),
            instance_hours=hours / sharing.models,
            obstacles=obstacles,
            figures=figures,
        ),
        (),
    )


def _shared_hours(fleet: Fleet, models: int, in_memory: int | None) -> Decimal | None:
    """Instance-hours a month of a fleet for so many models; ``None`` where it is not replayed."""
    variant, invocations = fleet.variant, fleet.minutes.invocations
    if not variant.fixed and not variant.only_invocations:
        return None
    # What the minimum is there for, rises faster than help arrives, is larger for more models.
    per_instance = per_minute(fleet.rps_per_instance)
    minimum = shared_count(
        invocations,
        models,
        count=variant.minimum,
        per_instance=per_instance,
        in_memory=in_memory,
    )
    if variant.fixed or variant.target_per_minute is None:
        return minimum * fleet.hours_per_month
    minutes = replace(fleet.minutes, invocations=invocations * models, offsets_s=None)
    maximum = max(variant.maximum * models, minimum)
    larger = replace(
        variant,
        minimum=minimum,
        maximum=maximum,
        initial_count=minimum,
        # A fleet that never scales may have any target.
        target_per_minute=max(variant.target_per_minute, SAFETY * per_instance),
    )
    return fleet.month_of(replay_variant(larger, minutes, fleet.delays).instance_hours)


def _break_even_models(fleet: Fleet, sharing: Sharing) -> int | None:
    """The smallest number of models that are cheaper together than apart."""
    for models in range(2, min(sharing.models, _MOST_TRIED) + 1):
        hours = _shared_hours(fleet, models, sharing.in_memory)
        if hours is not None and hours < _CHEAPER * models * fleet.instance_hours:
            return models
    return None


def _unpromised(fleet: Fleet, why: str) -> tuple[Obstacle, ...]:
    """A latency limit that a kind without a promise is asked to keep."""
    if fleet.slo is None:
        return ()
    told = " and ".join(f"{each.name} <= {each.limit_s:g} s" for each in fleet.slo.objectives)
    return (_not_in_time(f"{told} is not promised: {why}"),)


def _broken(result: Estimate, fleet: Fleet, where: str) -> tuple[Obstacle, ...]:
    """An SLO that the fleet does not keep; without one, requests that it does not answer."""
    if result.meets_slo is False:
        return (_not_in_time(f"the SLO does not hold {where}"),)
    latency = result.latency
    if latency is None or fleet.slo is not None:
        return ()
    if latency.failed_fraction > fleet.may_fail:
        message = f"{latency.failed_fraction:.2%} of the requests fail {where}"
        return (_not_in_time(message),)
    if math.isinf(latency.worst_window_p99_s):
        return (_not_in_time(f"p99 of the worst window is beyond the timeout {where}"),)
    return ()


def _not_in_time(message: str) -> Obstacle:
    return Obstacle(code=ObstacleCode.LATENCY, message=message)
