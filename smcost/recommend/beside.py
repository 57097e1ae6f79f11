"""What stands beside the answer: the curve, other plans, other windows, each with its cost."""

import math
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import numpy as np

from smcost.cost import monthly_cost
from smcost.estimate import bill, measured_s
from smcost.recommend.candidates import AWS_SAFETY_FACTOR, smallest_fixed
from smcost.recommend.confirm import Confirmer, Judged
from smcost.recommend.plan import Plan, Planner
from smcost.recommend.problem import Problem
from smcost.recommend.replays import MAXIMUM_MARGIN
from smcost.recommend.result import Alternative, AlternativeKind, CurvePoint, WindowAnswer
from smcost.recommend.search import cheapest, smallest_fixed_fleet
from smcost.replay.least_hours import least_instance_hours
from smcost.slo import Slo, SloWindow
from smcost.units import per_minute
from smcost.variant import Variant

#: Minimums shown on either side of the recommended one.
_CURVE_REACH = 4


def deployed_variant(planner: Planner, plan: Plan) -> Variant:
    """The plan with the maximum and the initial count it should be deployed with.

    Maximum: the smallest that never saturates on the trace times 1.2, at least
    ceil(peak per minute / target). Initial: p95 of the replayed in-service count, because a
    configuration change resets the fleet to it, perhaps at noon.
    """
    problem = planner.problem
    in_service = planner.counts(*plan.key).in_service
    searched = planner.searched_variant(*plan.key)
    variant = replace(searched, initial_count=int(np.percentile(in_service, 95, method="higher")))
    if problem.pins.maximum is not None or plan.target_per_minute is None:
        return variant
    if not problem.on_invocations:
        # Another maximum would be another trajectory: a backlog asks for as many as there may be.
        return variant
    maximum = max(
        plan.minimum,
        math.ceil(MAXIMUM_MARGIN * int(in_service.max())),
        math.ceil(problem.peak_per_minute / plan.target_per_minute),
    )
    return replace(variant, maximum=maximum)


def raised_to_trough(planner: Planner, plan: Plan) -> Plan:
    """The same replay with the largest minimum it has: the fewest instances ever in service.

    It costs nothing on this traffic and protects from what the replay cannot contain: a metric
    that fails to arrive, a night quieter than any before.
    """
    if planner.problem.pins.minimum is not None or plan.target_per_minute is None:
        return plan
    replay = planner.counts(plan.minimum, plan.target_per_minute)
    lowest = int(replay.counts.min())
    if lowest <= plan.minimum:
        return plan
    raised = planner.counts(lowest, plan.target_per_minute)
    same = raised.trajectory == replay.trajectory and raised.instance_hours <= replay.instance_hours
    return planner.plan(lowest, plan.target_per_minute) if same else plan


def expected_usd(planner: Planner, plan: Plan) -> Decimal:
    """What a plan costs per month, as replayed. [USD]"""
    variant = planner.searched_variant(*plan.key)
    if planner.problem.on is not None:
        # What is created is what is deployed.
        variant = deployed_variant(planner, plan)
    cost, _, _ = bill(
        variant,
        planner.problem.tariff,
        minutes=planner.problem.minutes,
        billed_hours=planner.replays.billed_hours(variant, plan.instance_hours),
        hours_per_month=planner.problem.hours_per_month,
        busiest_count=planner.busiest_count(plan),
        on=planner.problem.on,
    )
    assert cost.expected is not None
    return cost.expected.usd


def least_usd(problem: Problem) -> Decimal:
    """What the instance type costs per month at least, however it scales. [USD]"""
    hours = least_instance_hours(
        problem.minutes.invocations,
        start_s=problem.minutes.start_s,
        max_per_minute=per_minute(problem.profile.peak_rps),
        minimum=problem.lowest_minimum,
        timeout_s=problem.terms.timeout_s,
        slo=problem.slo,
    )
    months = problem.months
    case = monthly_cost(
        # A rolling update of fewer instances may take more batches, and cost more.
        replace(problem.tariff, releases=None),
        instance_hours=Decimal(repr(hours)) * months,
        invocations=Decimal(problem.minutes.total) * months,
        hours_per_month=problem.hours_per_month,
    )
    return case.usd


def alternative(kind: AlternativeKind, judged: Judged, planner: Planner) -> Alternative:
    """Another candidate with what it costs and breaks."""
    profile, load = planner.problem.profile, judged.loads
    verdict = judged.plan.verdicts[planner.problem.slo]
    return Alternative(
        kind=kind,
        variant=deployed_variant(planner, judged.plan),
        expected_usd=expected_usd(planner, judged.plan),
        p99_s=measured_s(profile, 0.99, load.percentile_s(0.99)),
        worst_window_p99_s=measured_s(profile, 0.99, load.worst_window(0.99)[1]),
        failed_fraction=load.failed_fraction(),
        breaks="" if verdict.met else verdict.breaks,
    )


def alternatives(confirmer: Confirmer, best: Plan) -> Iterator[Alternative]:
    """One instance fewer and what it breaks; AWS's own recipe; a fleet of fixed size."""
    planner = confirmer.planner
    pins, target = planner.problem.pins, best.target_per_minute
    if best.minimum > planner.problem.lowest_minimum:
        fewer = planner.plan(best.minimum - 1, target)
        same = planner.counts(fewer.minimum, target) is planner.counts(best.minimum, target)
        if not same:
            yield alternative(AlternativeKind.ONE_FEWER, confirmer.judged(fewer), planner)
    if pins.target_per_minute is not None:
        return
    if planner.problem.on_invocations:
        recipe = confirmer.judged(planner.plan(best.minimum, aws_target(planner.problem)))
        yield alternative(AlternativeKind.AWS_RECIPE, recipe, planner)
    if target is None or pins.minimum is not None:
        return
    fixed = _smallest_that_holds(confirmer)
    if fixed is not None and fixed <= (pins.maximum or fixed):
        fleet = confirmer.judged(planner.plan(fixed, None))
        yield alternative(AlternativeKind.FIXED_FLEET, fleet, planner)


def aws_target(problem: Problem) -> float:
    """The target of AWS's documentation: MAX_RPS x SAFETY_FACTOR (0.5) x 60. [min^-1]

    "Load testing your auto scaling configuration", SageMaker developer guide.
    """
    return float(f"{AWS_SAFETY_FACTOR * per_minute(problem.profile.max_rps):.3g}")


def _smallest_that_holds(confirmer: Confirmer) -> int | None:
    """The smallest fleet of fixed size, from what screening says on by what replay says."""
    planner = confirmer.planner
    slo, floor = planner.problem.slo, smallest_fixed(planner.problem)
    fixed = smallest_fixed_fleet(planner, slo)
    if fixed is None:
        return None

    fixed = confirmer.enough(fixed)

    def holds(count: int) -> bool:
        return confirmer.settle(planner.plan(count, None)).verdicts[slo].met

    while fixed > floor and holds(fixed - 1):
        fixed -= 1
    return fixed if holds(fixed) else fixed + 1


def curve(confirmer: Confirmer, best: Plan) -> Iterator[CurvePoint]:
    """Minimums at the best plan's target: around it one by one, further below it by halves."""
    planner = confirmer.planner
    problem = planner.problem
    highest = best.minimum + _CURVE_REACH
    shown = set(range(best.minimum - _CURVE_REACH, highest + 1))
    shown |= {best.minimum >> halvings for halvings in range(best.minimum.bit_length())}
    for minimum in sorted(shown):
        if problem.min_instances <= minimum <= (problem.pins.maximum or highest):
            plan = planner.plan(minimum, best.target_per_minute)
            yield _curve_point(confirmer.judged(plan), planner)


def _curve_point(judged: Judged, planner: Planner) -> CurvePoint:
    profile, load = planner.problem.profile, judged.loads
    return CurvePoint(
        minimum=judged.plan.minimum,
        p95_s=measured_s(profile, 0.95, load.percentile_s(0.95)),
        p99_s=measured_s(profile, 0.99, load.percentile_s(0.99)),
        worst_window_p99_s=measured_s(profile, 0.99, load.worst_window(0.99)[1]),
        failed_fraction=load.failed_fraction(),
        expected_usd=expected_usd(planner, judged.plan),
        meets_slo=judged.plan.verdicts[planner.problem.slo].met,
    )


def window_answers(confirmer: Confirmer, best: Plan) -> Iterator[WindowAnswer]:
    """The answer over days, hours and the horizon, and with the worst window spared."""
    planner = confirmer.planner
    slo = planner.problem.slo
    spared = [other for other in planner.variations if other.spared > slo.spared]
    for asked in (*(slo.over(window) for window in SloWindow), *spared):
        found = best if asked == slo else _raised(confirmer, asked)
        yield WindowAnswer(
            window=asked.window,
            spared=asked.spared,
            minimum=None if found is None else found.minimum,
            target_per_minute=None if found is None else found.target_per_minute,
            expected_usd=None if found is None else expected_usd(planner, found),
        )


def _raised(confirmer: Confirmer, slo: Slo) -> Plan | None:
    found = cheapest(confirmer.planner, slo, None, confirmer.settle, enough=confirmer.enough)
    return None if found is None else raised_to_trough(confirmer.planner, found)
