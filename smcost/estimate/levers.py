"""What data capture, deployments and Savings Plans come to beside a bill."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from smcost.availability import Loss
from smcost.commitment import Usage
from smcost.cost import CostCase, Tariff, capture_cases
from smcost.data_capture import CapturedMonth, DataCapture, captured_month, share_at_part_of_bill
from smcost.deployment import FleetAt, Releases
from smcost.errors import UsageError
from smcost.estimate.availability_answer import (
    AvailabilityAnswer,
    availability_answer,
    loss_caveats,
)
from smcost.estimate.configuration import Estimate, replay_variant
from smcost.estimate.kinds import KindsAnswer
from smcost.estimate.non_production import NonProductionAnswer
from smcost.estimate.office_month import quiet_curve
from smcost.estimate.release import BusiestRelease, busiest_release, release_caveats
from smcost.estimate.savings_plan import PlanAnswer, PlanOffer, billed_by_hour, plan_answer
from smcost.estimate.stretch import Service
from smcost.remarks import Assumption, Caveat, WarningCode
from smcost.replay.billed import billed_by_minute_s
from smcost.replay.counts import Delays
from smcost.replay.metrics import Watched
from smcost.traffic.minutes import MinuteCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureAnswer:
    """What capturing comes to in the expected case.

    Attributes
    ----------
    capture, month
        What is captured, and what a month of that writes and stores.
    steady, first_month
        Its lines once as much expires as is written, as in the bill, and of the first month.
    share_of_bill
        Of the expected cost. [fraction]
    part, share_at_part
        A part of the bill, and the sampled share at which capture makes it up; ``None``: not even
        with every request, or a rate is missing. [fraction]
    """

    capture: DataCapture
    month: CapturedMonth
    steady: CostCase
    first_month: CostCase
    share_of_bill: Decimal
    part: Decimal
    share_at_part: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasesAnswer:
    """What the releases of a month come to.

    Attributes
    ----------
    releases
        How many, and how.
    met_count
        Instances that each meets, as priced. [instances]
    extra_instance_hours, extra_usd
        Of all of them in a month. [h, USD]
    busiest_count
        The largest count of the replay, or the maximum where nothing was replayed. [instances]
    peak_instances
        What the quota must allow during a release then. [instances]
    reset_count
        ``initial_instance_count``, which an update resets the variant to. [instances]
    busiest
        A release in the busiest hour; ``None`` without traffic.
    """

    releases: Releases
    met_count: Decimal
    extra_instance_hours: Decimal
    extra_usd: Decimal
    busiest_count: int
    peak_instances: int
    reset_count: int
    busiest: BusiestRelease | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Levers:
    """All that was asked for beside the bill, and what to know of it."""

    capture: CaptureAnswer | None = None
    releases: ReleasesAnswer | None = None
    plans: tuple[PlanAnswer, ...] = ()
    non_production: NonProductionAnswer | None = None
    kinds: KindsAnswer | None = None
    assumptions: tuple[Assumption, ...] = ()
    availability: AvailabilityAnswer | None = None
    caveats: tuple[Caveat, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """What was priced: the result, the tariff behind it and the traffic, where there is one.

    ``watched`` is what policies on requests in flight or CPU look at, where there are any,
    ``non_production`` where it is turned off outside of windows.
    """

    result: Estimate
    tariff: Tariff
    minutes: MinuteCounts | None
    delays: Delays
    watched: Watched | None = None
    non_production: NonProductionAnswer | None = None


def levers(
    priced: Priced,
    *,
    service: Service | None = None,
    capture_part: Decimal = Decimal("0.05"),
    offers: Sequence[PlanOffer] = (),
    loss: Loss | None = None,
) -> Levers:
    """What data capture, deployments and Savings Plans come to.

    Parameters
    ----------
    priced
        The bill that they belong to.
    service
        For the latency during a release; ``None``: not known.
    capture_part
        The part of the bill to find the sampled share for. [fraction]
    offers
        Savings Plans to find the best commitment for.
    loss
        To say whether it is survived, where traffic and service are known.

    Raises
    ------
    UsageError
        A Savings Plan without traffic for a fleet that has room to scale.
    """
    capture = capture_answer(priced, capture_part)
    releases = _releases_answer(priced, service)
    plans = tuple(_plan(priced, offer) for offer in offers)
    survived = availability_answer(
        priced.result.variant, priced.minutes, priced.delays, priced.watched, service, loss
    )
    busiest = release_caveats(None if releases is None else releases.busiest)
    caveats = (*busiest, *_plan_caveats(priced, plans), *loss_caveats(survived))
    return Levers(
        capture=capture,
        releases=releases,
        plans=plans,
        non_production=priced.non_production,
        availability=survived,
        caveats=caveats,
    )


def capture_answer(priced: Priced, part: Decimal) -> CaptureAnswer | None:
    """What capturing comes to in the expected case; ``None`` where nothing is captured."""
    capture, cost = priced.tariff.capture, priced.result.cost
    hours, horizon = priced.result.instance_hours.expected, priced.result.horizon
    if capture is None or cost.expected is None or hours is None:
        return None
    invocations = Decimal(0)
    if priced.non_production is not None:
        invocations = priced.non_production.answered or invocations
    elif priced.minutes is not None and horizon is not None:
        invocations = priced.minutes.total * cost.hours_per_month / horizon.hours
    amounts = {
        "instance_hours": hours,
        "invocations": invocations,
        "hours_per_month": cost.hours_per_month,
    }
    steady, first_month = capture_cases(capture, **amounts)
    rest_usd = cost.expected.usd - steady.usd
    return CaptureAnswer(
        capture=capture,
        month=captured_month(capture, **amounts),
        steady=steady,
        first_month=first_month,
        share_of_bill=steady.usd / cost.expected.usd if cost.expected.usd else Decimal(0),
        part=part,
        share_at_part=share_at_part_of_bill(capture, part, rest_usd=rest_usd, **amounts),
    )


def _releases_answer(priced: Priced, service: Service | None) -> ReleasesAnswer | None:
    releases, result = priced.tariff.releases, priced.result
    if releases is None:
        return None
    variant, month = result.variant, result.cost.hours_per_month
    busiest_count, busiest = variant.maximum, None
    if priced.minutes is not None:
        replay = replay_variant(variant, priced.minutes, priced.delays, priced.watched)
        busiest_count = int(replay.in_service.max())
        busiest = busiest_release(
            variant, releases.deployment, priced.minutes, priced.delays, service, priced.watched
        )
    hours = result.instance_hours.expected or result.instance_hours.floor
    met = hours / month
    if releases.at is FleetAt.BUSIEST and priced.minutes is not None:
        met = Decimal(busiest_count)
    shown = result.cost.expected or result.cost.floor
    extra_usd = sum(
        (line.usd for line in shown.lines if line.name.startswith("Deployments")), Decimal("0.00")
    )
    return ReleasesAnswer(
        releases=releases,
        met_count=met,
        extra_instance_hours=releases.extra_instance_hours(met),
        extra_usd=extra_usd,
        busiest_count=busiest_count,
        peak_instances=releases.deployment.peak_instances(busiest_count),
        reset_count=variant.initial_count,
        busiest=busiest,
    )


def _plan(priced: Priced, offer: PlanOffer) -> PlanAnswer:
    variant, shadows = priced.result.variant, priced.tariff.shadow_count
    bounds = (variant.minimum + shadows, variant.maximum + shadows)
    return plan_answer(
        offer.kind,
        [usage_of(priced, offer.usd_per_hour)],
        hours_per_month=priced.result.cost.hours_per_month,
        # Outside windows not even the minimum runs, so that they have no constant case.
        bounds=bounds if priced.non_production is None else None,
    )


def usage_of(priced: Priced, plan_usd_per_hour: Decimal) -> Usage:
    """What the endpoint is billed for hour by hour: its fleet as replayed, and its shadow.

    Releases are left out: when they are is not known.

    Raises
    ------
    UsageError
        Without traffic for a fleet that has room to scale.
    """
    variant, off = priced.result.variant, priced.non_production
    curve = None if off is None else off.curve or quiet_curve(variant, off.wanted, priced.delays)
    if curve is not None:
        hour_s, instances, weight = billed_by_hour(curve.billed_s, curve.minutes)
    elif priced.minutes is not None:
        replay = replay_variant(variant, priced.minutes, priced.delays, priced.watched)
        hour_s, instances, weight = billed_by_hour(billed_by_minute_s(replay), priced.minutes)
    elif variant.minimum == variant.maximum:
        hour_s, weight = np.zeros(1, dtype=np.int64), np.ones(1)
        instances = np.array([float(variant.minimum)])
    else:
        raise UsageError(
            "A Savings Plan is to be sized, but without traffic it is not known how many "
            "instances run in which hour",
            remedy="Add --traffic or --rps, or give --count for a fleet of fixed size",
        )
    return Usage(
        instance_type=variant.instance_type,
        hour_s=hour_s,
        instances=instances + priced.tariff.shadow_count,
        weight=weight,
        usd_per_hour=priced.tariff.usd_per_hour,
        plan_usd_per_hour=plan_usd_per_hour,
    )


def _plan_caveats(priced: Priced, plans: Sequence[PlanAnswer]) -> tuple[Caveat, ...]:
    if not plans:
        return ()
    message = (
        "A Savings Plan's commitment holds for the whole account and all of its SageMaker usage: "
        "size it on the sum of all endpoints, not on this one alone, and count what is committed "
        "already"
    )
    found = [Caveat(code=WarningCode.COMMITMENT_ACCOUNT_WIDE, message=message)]
    hours = _hours_known(priced)
    if hours is not None and hours < priced.result.cost.hours_per_month:
        message = (
            f"The Savings Plan binds for a year or more and is sized on {hours:,.0f} h of "
            "traffic, less than a month, repeated"
        )
        found.append(Caveat(code=WarningCode.COMMITMENT_EXTRAPOLATED, message=message))
    return tuple(found)


def _hours_known(priced: Priced) -> Decimal | None:
    """Of which it is known what is billed: those outside of windows, too. [h]"""
    off = priced.non_production
    known = priced.result.horizon if off is None or off.curve is None else off.curve.minutes
    return None if known is None else Decimal(known.hours)
