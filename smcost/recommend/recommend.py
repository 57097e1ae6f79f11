"""From a problem to a recommendation with its reasons, or to an infeasible result with its."""

import math
from dataclasses import replace

from smcost.estimate import Estimate, Latency, bill, latency
from smcost.recommend.beside import (
    alternative,
    alternatives,
    curve,
    deployed_variant,
    raised_to_trough,
    window_answers,
)
from smcost.recommend.candidates import Observer, target_grid
from smcost.recommend.caveats import recommendation_caveats
from smcost.recommend.confirm import Confirmed, confirmed
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
from smcost.recommend.result import CurvePoint, Infeasible, Recommendation, Rejected
from smcost.recommend.search import cheapest
from smcost.units import per_minute


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
    result = searched(problem, observe)
    return result if isinstance(result, Infeasible) else detailed(*result, observe)


def searched(
    problem: Problem, observe: Observer | None = None
) -> tuple[Planner, Plan] | Infeasible:
    """The best plan with the planner that found it, without its reasons."""
    rejected = percentile_not_measured(problem) or service_too_slow(problem)
    planner = Planner(problem)
    if rejected is not None:
        return _infeasible(rejected, planner, _fallback(planner), show_nearest=False)
    best = cheapest(planner, problem.slo, observe)
    if best is None:
        return _infeasible(infeasible_bounds(planner), planner, _fallback(planner))
    return planner, raised_to_trough(planner, best)


def detailed(
    planner: Planner, best: Plan, observe: Observer | None = None
) -> Recommendation | Infeasible:
    """A plan with its cost, latency and reasons; infeasible where simulation finds it so."""
    problem = planner.problem
    if observe is not None and problem.simulated_requests:
        observe("simulation")
    held = confirmed(planner, best, problem.simulated_requests)
    if not held.holds:
        return _infeasible(simulation_disagrees(problem, held.plan), planner, held.plan)
    answer = _estimated(planner, held)
    busiest = int(planner.counts(held.plan.minimum, held.plan.target_per_minute).in_service.max())
    if observe is not None:
        observe("curve and other windows")
    return Recommendation(
        estimate=answer,
        binding=binding(planner, held.plan),
        curve=tuple(_as_answered(point, answer) for point in curve(planner, held.plan)),
        alternatives=tuple(alternatives(planner, held.plan)),
        windows=tuple(window_answers(planner, held.plan)),
        busiest_count=busiest,
        weakly_screened=held.weak,
        caveats=recommendation_caveats(problem, answer, busiest_count=busiest, weak=held.weak),
    )


def _estimated(planner: Planner, held: Confirmed) -> Estimate:
    problem, variant = planner.problem, deployed_variant(planner, held.plan)
    cost, instance_hours, horizon = bill(
        variant,
        problem.tariff,
        minutes=problem.minutes,
        billed_hours=held.plan.instance_hours,
        hours_per_month=problem.hours_per_month,
    )
    return Estimate(
        variant=variant,
        cost=cost,
        instance_hours=instance_hours,
        horizon=horizon,
        latency=_latency(planner, held),
        meets_slo=True,
    )


def _latency(planner: Planner, held: Confirmed) -> Latency:
    """Screened figures, or simulated ones with an interval where every request was simulated."""
    problem, simulated = planner.problem, held.loads
    load = planner.load(held.plan) if simulated is None else simulated
    found = latency(load, problem.minutes, problem.profile, problem.slo.objectives)
    interval_s = None
    if simulated is not None and problem.profile.knows(0.99):
        interval_s = simulated.interval_s(0.99)
    return replace(found, method=held.method, p99_interval_s=interval_s)


def _as_answered(point: CurvePoint, answer: Estimate) -> CurvePoint:
    """The answer's own row says what the answer says, simulated or not."""
    if point.minimum != answer.variant.minimum or answer.latency is None:
        return point
    return replace(
        point,
        p95_s=answer.latency.p95_s,
        p99_s=answer.latency.p99_s,
        worst_window_p99_s=answer.latency.worst_window_p99_s,
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


def _infeasible(
    rejected: Rejected, planner: Planner, nearest: Plan, *, show_nearest: bool = True
) -> Infeasible:
    """The result with its nearest miss; none is near where the service time itself is too long."""
    return Infeasible(
        rejected=(rejected,),
        binding=infeasible_binding(rejected, nearest.verdicts[planner.problem.slo]),
        nearest=alternative(planner, nearest) if show_nearest else None,
    )
