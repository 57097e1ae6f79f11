"""How the answer moves where an assumption is another: one at a time, the rest as it was."""

import math
from collections.abc import Iterator
from dataclasses import replace

from smcost.capacity import Kind, Profile, Routing, WorkersProfile
from smcost.estimate import measured_s
from smcost.queueing.service import ServiceTime
from smcost.recommend.budget import Budget
from smcost.recommend.confirm import Confirmer, Judged
from smcost.recommend.plan import Plan, Planner
from smcost.recommend.problem import Problem
from smcost.recommend.recommend import Found, impossible, searched
from smcost.recommend.replays import Replays
from smcost.recommend.result import Factor, Infeasible, Sensitivity

_STARTUP_FACTORS = (0.5, 2.0)
_BURSTINESS = (1.0, 2.0, 4.0)
_CV_FACTORS = (0.5, 2.0)
#: Share of the budget at the start that one row may use.
_SHARE = 1 / 16

OTHER_ROUTING = {
    Routing.RANDOM: Routing.LEAST_OUTSTANDING_REQUESTS,
    Routing.LEAST_OUTSTANDING_REQUESTS: Routing.RANDOM,
}


def sensitivities(
    problem: Problem, plan: Plan, budget: Budget, replays: Replays
) -> Iterator[Sensitivity]:
    """Start-up time, bursts, routing and service variability, each other than assumed.

    The answer under bursts is the smallest minimum at the same target, from this one up.

    Parameters
    ----------
    problem, plan
        The question and the plan recommended for it.
    budget
        What is left of it; a row that it does not reach says so by its gaps.
    replays
        Those made for the question.
    """
    for factor, value, changed in _changes(problem):
        share = Budget(min(budget.left, _SHARE * problem.simulated_requests))
        # Neither routing nor variability changes what the autoscaler does.
        same = factor in (Factor.ROUTING, Factor.SERVICE_VARIABILITY) and problem.on_invocations
        yield _row(factor, value, changed, plan, share, replays if same else None)
        budget.pay(share.spent)


def _changes(problem: Problem) -> Iterator[tuple[Factor, str, Problem]]:
    for factor in _STARTUP_FACTORS:
        startup_s = factor * problem.delays.startup_s
        changed = replace(problem, delays=replace(problem.delays, startup_s=startup_s))
        yield Factor.STARTUP_TIME, f"{startup_s:g} s", changed
    for burstiness in _BURSTINESS:
        if burstiness != problem.burstiness or problem.minutes.offsets_s is not None:
            counts = replace(problem.minutes, offsets_s=None)
            changed = replace(problem, burstiness=burstiness, minutes=counts)
            yield Factor.BURSTINESS, f"dispersion {burstiness:g}", changed
    if problem.profile.kind is not Kind.RATES:
        routing = OTHER_ROUTING[problem.routing]
        yield Factor.ROUTING, routing.value, replace(problem, routing=routing)
    for factor in _CV_FACTORS:
        profile = _with_cv(problem.profile, factor)
        if profile is not None:
            value = f"cv {profile.service.cv:.3g}"
            yield Factor.SERVICE_VARIABILITY, value, replace(problem, profile=profile)


def _with_cv(profile: Profile, factor: float) -> WorkersProfile | None:
    """The profile with another variability, where it has one that can be changed."""
    if not isinstance(profile, WorkersProfile) or not isinstance(profile.service, ServiceTime):
        return None
    if profile.service.constant:
        return None
    return replace(profile, service=replace(profile.service, cv=factor * profile.service.cv))


def _row(
    factor: Factor,
    value: str,
    changed: Problem,
    plan: Plan,
    budget: Budget,
    replays: Replays | None,
) -> Sensitivity:
    confirmer = Confirmer(Planner(changed, replays), budget)
    here = confirmer.planner.plan(plan.minimum, plan.target_per_minute)
    found: Found | Infeasible | None
    if impossible(changed) is not None or changed.poisson:
        kept, found = confirmer.judged(here), searched(changed, budget, None, replays)
    else:
        # Screening knows nothing of bursts, so nothing can be searched by it.
        kept = confirmer.judged(confirmer.finished(here))
        found = _raised_until_it_holds(confirmer, kept)
    known = changed.poisson or kept.method == "simulated"
    verdict = kept.plan.verdicts[changed.slo]
    worst_s = kept.loads.worst_window(0.99)[1] if known else math.nan
    answer = found if isinstance(found, Found) else None
    return Sensitivity(
        factor=factor,
        value=value,
        worst_window_p99_s=measured_s(changed.profile, 0.99, worst_s),
        breaks=None if not known else "" if verdict.met else verdict.breaks,
        feasible=None if found is None else answer is not None,
        minimum=None if answer is None else answer.plan.minimum,
        target_per_minute=None if answer is None else answer.plan.target_per_minute,
        expected_usd=None if answer is None else answer.expected_usd,
    )


def _raised_until_it_holds(confirmer: Confirmer, kept: Judged) -> Found | None:
    """The smallest minimum at the same target that holds in a whole replay, from this one up."""
    planner = confirmer.planner
    pins, judged = planner.problem.pins, kept
    while judged.method == "simulated":
        plan = judged.plan
        if plan.verdicts[planner.problem.slo].met:
            return Found(confirmer=confirmer, plan=plan)
        if pins.minimum is not None or plan.minimum == pins.maximum:
            return None
        higher = planner.plan(plan.minimum + 1, plan.target_per_minute)
        judged = confirmer.judged(confirmer.finished(higher))
    return None
