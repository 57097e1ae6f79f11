"""From a problem to a recommendation with its reasons, or to an infeasible result with its."""

import math
from dataclasses import replace
from decimal import Decimal

import numpy as np

from smcost.estimate import Estimate, Latency, bill, latency
from smcost.recommend.caveats import recommendation_caveats
from smcost.recommend.confirm import Confirmed, confirmed
from smcost.recommend.explain import (
    binding,
    infeasible_binding,
    infeasible_bounds,
    percentile_not_measured,
    service_too_slow,
)
from smcost.recommend.plan import MAXIMUM_MARGIN, Plan, Planner
from smcost.recommend.problem import Problem
from smcost.recommend.result import (
    Alternative,
    CurvePoint,
    Infeasible,
    Recommendation,
    Rejected,
    WindowAnswer,
)
from smcost.recommend.search import Observer, cheapest, smallest_fixed_fleet, target_grid
from smcost.recommend.simulated import simulated_latency
from smcost.replay.latency import Loads
from smcost.replay.verdict import Verdict
from smcost.slo import Slo, SloWindow
from smcost.units import per_minute
from smcost.variant import Variant

#: Minimums shown on either side of the recommended one.
_CURVE_REACH = 4


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
        return _infeasible(planner, rejected, show_nearest=False)
    best = cheapest(planner, problem.slo, observe)
    if best is None:
        return _infeasible(planner, infeasible_bounds(planner), show_nearest=True)
    return planner, raised_to_trough(planner, best)


def raised_to_trough(planner: Planner, best: Plan) -> Plan:
    """The same replay with the largest minimum it has: the fewest instances ever in service.

    It costs nothing on this traffic and protects from what the replay cannot contain: a metric
    that fails to arrive, a night quieter than any before.
    """
    if planner.problem.pins.minimum is not None or best.target_per_minute is None:
        return best
    lowest = planner.counts(best.minimum, best.target_per_minute).lowest_count
    return planner.plan(max(best.minimum, lowest), best.target_per_minute)


def detailed(planner: Planner, best: Plan, observe: Observer | None = None) -> Recommendation:
    """A plan with its cost, latency and reasons."""
    problem = planner.problem
    if observe is not None and problem.simulated_requests:
        observe("simulation")
    held = confirmed(planner, best, problem.simulated_requests)
    best = held.plan
    variant = final_variant(planner, best)
    answer = _estimated(planner, variant, held)
    busiest = int(planner.replayed(variant)[0].in_service.max())
    weak = held.weak
    if observe is not None:
        observe("curve and other windows")
    return Recommendation(
        estimate=answer,
        binding=binding(planner, best),
        curve=tuple(_curve_point(planner, n, best) for n in _curve_minimums(planner, best)),
        alternatives=tuple(_alternatives(planner, best)),
        windows=tuple(_window_answer(planner, best, slo) for slo in _other_windows(planner)),
        busiest_count=busiest,
        weakly_screened=weak,
        evaluated=planner.evaluated,
        caveats=recommendation_caveats(problem, answer, busiest_count=busiest, weak=weak),
    )


def final_variant(planner: Planner, best: Plan) -> Variant:
    """The plan with the maximum and the initial count it should be deployed with.

    Maximum: the smallest that never saturates on the trace times 1.2, at least
    ceil(peak per minute / target). Initial: p95 of the replayed in-service count, because a
    configuration change resets the fleet to it, perhaps at noon.
    """
    problem = planner.problem
    searched = planner.searched_variant(best.minimum, best.target_per_minute)
    replay, _ = planner.replayed(searched)
    busiest = int(replay.in_service.max())
    initial = int(np.percentile(replay.in_service, 95, method="higher"))
    if problem.pins.maximum is not None or best.target_per_minute is None:
        return replace(searched, initial_count=initial)
    maximum = max(
        best.minimum,
        math.ceil(MAXIMUM_MARGIN * busiest),
        math.ceil(problem.peak_per_minute / best.target_per_minute),
    )
    return replace(searched, maximum=maximum, initial_count=initial)


def _estimated(planner: Planner, variant: Variant, held: Confirmed) -> Estimate:
    problem = planner.problem
    replay, load = planner.replayed(variant)
    cost, instance_hours, horizon = bill(
        variant,
        problem.tariff,
        minutes=problem.minutes,
        replay=replay,
        hours_per_month=problem.hours_per_month,
    )
    return Estimate(
        variant=variant,
        cost=cost,
        instance_hours=instance_hours,
        horizon=horizon,
        latency=_latency(planner, load, held),
    )


def _latency(planner: Planner, load: Loads, held: Confirmed) -> Latency:
    """Screened figures, or simulated ones where every request was simulated."""
    problem = planner.problem
    screened = latency(load, problem.minutes, problem.profile, problem.slo.objectives)
    if held.loads is None:
        return replace(screened, method=held.method)
    return simulated_latency(held.loads, problem.minutes, problem.profile, problem.slo.objectives)


def expected_usd(planner: Planner, variant: Variant) -> Decimal:
    """What a variant costs per month, as replayed. [USD]"""
    replay, _ = planner.replayed(variant)
    cost = bill(
        variant,
        planner.problem.tariff,
        minutes=planner.problem.minutes,
        replay=replay,
        hours_per_month=planner.problem.hours_per_month,
    )[0]
    assert cost.expected is not None
    return cost.expected.usd


def _curve_minimums(planner: Planner, best: Plan) -> list[int]:
    """Around the answer one by one, further below it by halves."""
    lowest = planner.problem.min_instances
    highest = best.minimum + _CURVE_REACH
    if planner.problem.pins.maximum is not None:
        highest = min(highest, planner.problem.pins.maximum)
    near = set(range(max(lowest, best.minimum - _CURVE_REACH), highest + 1))
    halved = best.minimum // 2
    while halved >= lowest and halved >= 1:
        near.add(halved)
        halved //= 2
    return sorted(near)


def _curve_point(planner: Planner, minimum: int, best: Plan) -> CurvePoint:
    variant = planner.searched_variant(minimum, best.target_per_minute)
    _, load = planner.replayed(variant)
    return CurvePoint(
        minimum=minimum,
        p95_s=known_s(planner.problem, 0.95, load.percentile_s(0.95)),
        p99_s=known_s(planner.problem, 0.99, load.percentile_s(0.99)),
        worst_window_p99_s=known_s(planner.problem, 0.99, load.worst_window(0.99)[1]),
        expected_usd=expected_usd(planner, variant),
        meets_slo=planner.plan(minimum, best.target_per_minute).verdicts[planner.problem.slo].met,
    )


def _alternatives(planner: Planner, best: Plan) -> list[Alternative]:
    """The next cheaper plan and what it breaks; a fleet of fixed size, and what it costs."""
    problem = planner.problem
    found = []
    if best.minimum > problem.lowest_minimum:
        found.append(alternative(planner, planner.plan(best.minimum - 1, best.target_per_minute)))
    fixed = smallest_fixed_fleet(planner, problem.slo)
    pinned = problem.pins
    bound_to_scale = pinned.minimum is not None or pinned.target_per_minute is not None
    scaled = best.target_per_minute is not None and not bound_to_scale
    if fixed is not None and scaled and fixed <= (pinned.maximum or fixed):
        found.append(alternative(planner, planner.plan(fixed, None)))
    return found


def alternative(planner: Planner, plan: Plan) -> Alternative:
    """Another candidate with what it costs and breaks."""
    variant = final_variant(planner, plan)
    _, load = planner.replayed(variant)
    return Alternative(
        variant=variant,
        expected_usd=expected_usd(planner, variant),
        p99_s=known_s(planner.problem, 0.99, load.percentile_s(0.99)),
        worst_window_p99_s=known_s(planner.problem, 0.99, load.worst_window(0.99)[1]),
        failed_fraction=load.failed_fraction(),
        breaks=_breaks(plan.verdicts[planner.problem.slo]),
    )


def known_s(problem: Problem, fraction: float, value_s: float) -> float:
    """A percentile, or ``nan`` where it was not measured. [s]"""
    return value_s if problem.profile.knows(fraction) else math.nan


def _breaks(verdict: Verdict) -> str:
    return "" if verdict.met else verdict.breaks


def _other_windows(planner: Planner) -> list[Slo]:
    """Day, hour and horizon as asked, and the SLO with its worst window spared."""
    slo = planner.problem.slo
    spared = [other for other in planner.variations if other.spared > slo.spared]
    return [*(slo.over(window) for window in SloWindow), *spared]


def _window_answer(planner: Planner, best: Plan, slo: Slo) -> WindowAnswer:
    found = best if slo == planner.problem.slo else cheapest(planner, slo)
    found = None if found is None else raised_to_trough(planner, found)
    if found is None:
        return WindowAnswer(
            window=slo.window,
            spared=slo.spared,
            minimum=None,
            target_per_minute=None,
            expected_usd=None,
        )
    variant = planner.searched_variant(found.minimum, found.target_per_minute)
    return WindowAnswer(
        window=slo.window,
        spared=slo.spared,
        minimum=found.minimum,
        target_per_minute=found.target_per_minute,
        expected_usd=expected_usd(planner, variant),
    )


def _infeasible(planner: Planner, rejected: Rejected, *, show_nearest: bool) -> Infeasible:
    """The result with its nearest miss: the largest fleet the pins allow, or one half busy.

    No fleet is near where the service time itself is too long.
    """
    problem = planner.problem
    pins = problem.pins
    if pins.minimum is not None:
        minimum, target = pins.minimum, target_grid(problem)[0]
    elif pins.maximum is not None:
        minimum, target = pins.maximum, None
    else:
        half_busy = math.ceil(2 * problem.peak_per_minute / per_minute(problem.profile.max_rps))
        minimum, target = max(problem.min_instances, half_busy), None
    plan = planner.plan(minimum, target)
    return Infeasible(
        rejected=(rejected,),
        binding=infeasible_binding(rejected, plan.verdicts[problem.slo]),
        nearest=alternative(planner, plan) if show_nearest else None,
    )
