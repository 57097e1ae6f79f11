"""From a problem to a recommendation with its reasons, or to an infeasible result with its."""

import math
from dataclasses import dataclass, replace
from decimal import Decimal

from smcost.estimate import Estimate, bill, latency
from smcost.recommend.beside import (
    alternative,
    alternatives,
    curve,
    deployed_variant,
    expected_usd,
    raised_to_trough,
    window_answers,
)
from smcost.recommend.budget import Budget, at_best
from smcost.recommend.candidates import Observer, target_grid
from smcost.recommend.caveats import recommendation_caveats
from smcost.recommend.confirm import Confirmer, Judged
from smcost.recommend.explain import (
    binding,
    infeasible_binding,
    infeasible_bounds,
    percentile_not_measured,
    service_too_slow,
    simulation_disagrees,
)
from smcost.recommend.plan import Plan, Planner
from smcost.recommend.problem import Problem
from smcost.recommend.replays import Replays
from smcost.recommend.result import (
    AlternativeKind,
    CurvePoint,
    Infeasible,
    Recommendation,
    Rejected,
)
from smcost.recommend.search import cheapest
from smcost.units import per_minute
from smcost.variant import Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The cheapest plan of one instance type and routing, and who judged it."""

    confirmer: Confirmer
    plan: Plan

    @property
    def expected_usd(self) -> Decimal:
        """What it costs per month, as replayed. [USD]"""
        return expected_usd(self.confirmer.planner, self.plan)


def recommend(problem: Problem, observe: Observer | None = None) -> Recommendation | Infeasible:
    """The cheapest minimum, maximum and target that meet every objective.

    Parameters
    ----------
    problem
        Traffic, capacity, objectives, prices and bounds.
    observe
        Told what is being tried, for progress.

    Returns
    -------
    Recommendation or Infeasible
        Infeasible at once, without a search, where the service time's own percentile is above
        its limit: no number of instances answers faster.
    """
    found = searched(problem, Budget(problem.simulated_requests), observe)
    while isinstance(found, Found):
        answer = detailed(found, observe)
        if answer is not None:
            return answer
        found = again(found.confirmer, observe)
    return found


def searched(
    problem: Problem,
    budget: Budget,
    observe: Observer | None = None,
    replays: Replays | None = None,
) -> Found | Infeasible:
    """The best plan with who judged it, without its reasons.

    ``budget`` is shared by all that is searched for one answer; ``replays`` are those made before
    for the same traffic and type under another routing.
    """
    rejected = impossible(problem)
    planner = Planner(problem, replays, at_best(problem))
    if rejected is not None:
        verdict = _fallback(planner).verdicts[problem.slo]
        why = infeasible_binding(rejected, verdict)
        # No plan is near where the service time itself is too long.
        return Infeasible(rejected=(rejected,), binding=why, nearest=None)
    return again(Confirmer(planner, budget), observe)


def impossible(problem: Problem) -> Rejected | None:
    """Why no number of instances can do it, before any search; ``None``: some may."""
    return percentile_not_measured(problem) or service_too_slow(problem)


def searched_below(
    problem: Problem, budget: Budget, most_usd: Decimal, observe: Observer | None = None
) -> Found | None:
    """The best plan that costs no more than that; ``None``: there is none. [USD]

    The instances alone of more hours would cost more, whatever else there is to pay for.
    """
    if impossible(problem) is not None:
        return None
    most_hours = float(most_usd / problem.tariff.usd_per_hour / problem.months)
    planner = Planner(problem, at_best=at_best(problem))
    confirmer = Confirmer(planner, budget)
    best = cheapest(planner, problem.slo, observe, confirmer.settle, most_hours)
    return (
        None if best is None else Found(confirmer=confirmer, plan=raised_to_trough(planner, best))
    )


def again(confirmer: Confirmer, observe: Observer | None = None) -> Found | Infeasible:
    """The best plan by all that was settled so far."""
    planner = confirmer.planner
    slo = planner.problem.slo
    best = cheapest(planner, slo, observe, confirmer.settle, enough=confirmer.enough)
    if best is not None:
        return Found(confirmer=confirmer, plan=raised_to_trough(planner, best))
    refused = confirmer.refused
    if refused is not None and not confirmer.losses:
        reason = simulation_disagrees(planner.problem, refused)
        return _infeasible(reason, confirmer.judged(refused), confirmer)
    nearest = confirmer.judged(_fallback(planner))
    return _infeasible(infeasible_bounds(confirmer, nearest.plan), nearest, confirmer)


def detailed(found: Found, observe: Observer | None = None) -> Recommendation | None:
    """The plan replayed whole, with cost, latency and reasons; ``None`` where it does not hold."""
    confirmer, planner = found.confirmer, found.confirmer.planner
    problem = planner.problem
    if observe is not None and problem.simulated_requests:
        observe("simulation")
    plan = confirmer.finished(found.plan)
    if not plan.verdicts[problem.slo].met:
        return None
    held = confirmer.judged(plan)
    answer = estimated(planner, held, deployed_variant(planner, held.plan))
    busiest = planner.busiest_count(plan)
    if observe is not None:
        observe("curve and other windows")
    points = tuple(_as_answered(point, answer) for point in curve(confirmer, plan))
    return Recommendation(
        estimate=answer,
        binding=binding(confirmer, plan),
        curve=points,
        alternatives=tuple(alternatives(confirmer, plan)),
        windows=tuple(window_answers(confirmer, plan)),
        busiest_count=busiest,
        weakly_screened=held.weak,
        metric=problem.metric,
        caveats=recommendation_caveats(
            problem,
            answer,
            busiest_count=busiest,
            weak=held.weak,
            by_luck=held.by_luck,
            second_usd=_second_usd(points, answer),
        ),
    )


def estimated(planner: Planner, held: Judged, variant: Variant) -> Estimate:
    """Bill and latency of a plan that was judged, deployed as the variant says."""
    problem = planner.problem
    cost, instance_hours, horizon = bill(
        variant,
        problem.tariff,
        minutes=problem.minutes,
        billed_hours=planner.replays.billed_hours(variant, held.plan.instance_hours),
        hours_per_month=problem.hours_per_month,
        busiest_count=planner.busiest_count(held.plan),
        on=problem.on,
    )
    found = latency(held.loads, problem.minutes, problem.profile, problem.slo.objectives)
    interval_s = held.interval_s(0.99) if problem.profile.knows(0.99) else None
    return Estimate(
        variant=variant,
        cost=cost,
        instance_hours=instance_hours,
        horizon=horizon,
        latency=replace(found, method=held.method, p99_interval_s=interval_s),
        meets_slo=held.plan.verdicts[problem.slo].met,
    )


def _second_usd(points: tuple[CurvePoint, ...], answer: Estimate) -> Decimal | None:
    """What a minimum of 2 costs more at the same target. [USD]"""
    assert answer.cost.expected is not None
    least = answer.cost.expected.usd
    return next((point.expected_usd - least for point in points if point.minimum == 2), None)


def _as_answered(point: CurvePoint, answer: Estimate) -> CurvePoint:
    """The answer's own row says what the answer says, simulated or not."""
    if point.minimum != answer.variant.minimum or answer.latency is None:
        return point
    return replace(
        point,
        p95_s=answer.latency.p95_s,
        p99_s=answer.latency.p99_s,
        worst_window_p99_s=answer.latency.worst_window_p99_s,
        failed_fraction=answer.latency.failed_fraction,
    )


def _fallback(planner: Planner) -> Plan:
    """What to show as the nearest miss: the largest fleet the pins allow, or one half busy."""
    problem = planner.problem
    pins = problem.pins
    if pins.minimum is not None:
        return planner.plan(pins.minimum, target_grid(problem)[0])
    if pins.maximum is not None:
        return planner.plan(pins.maximum, None)
    half_busy = math.ceil(2 * problem.peak_per_minute / per_minute(problem.profile.max_rps))
    return planner.plan(max(problem.min_instances, half_busy), None)


def _infeasible(rejected: Rejected, nearest: Judged, confirmer: Confirmer) -> Infeasible:
    """The result with its nearest miss."""
    planner = confirmer.planner
    return Infeasible(
        rejected=(rejected,),
        binding=infeasible_binding(rejected, nearest.plan.verdicts[planner.problem.slo]),
        nearest=alternative(AlternativeKind.NEAREST, nearest, planner),
    )
