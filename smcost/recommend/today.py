"""Today's configuration on the traffic, the capacity and the engine of the proposal."""

from dataclasses import replace

from smcost.estimate import Estimate, Exact, estimate, watched_metrics
from smcost.recommend.budget import Budget, at_best
from smcost.recommend.confirm import Confirmer
from smcost.recommend.plan import Planner
from smcost.recommend.problem import Pins, Problem
from smcost.recommend.recommend import estimated
from smcost.variant import Variant


def replayed_today(problem: Problem, variant: Variant) -> Estimate:
    """What a configuration that runs already costs, how it answers, and whether it meets the SLO.

    Parameters
    ----------
    problem
        What is asked of the search, for the variant's instance type: the same arrivals, seed and
        simulated requests as every candidate sees. Its pins and floor bind the proposal, not
        today's configuration.
    variant
        What runs: of fixed size, or scaled by policies and a schedule. Of those the search knows
        only a target value on invocations; others are replayed whole where the simulated requests
        are as many as there are, else judged by the formulas.
    """
    if not variant.fixed and not variant.only_invocations:
        return _replayed_otherwise(problem, variant)
    asked = replace(
        problem,
        pins=Pins(
            minimum=variant.minimum,
            maximum=variant.maximum,
            target_per_minute=None if variant.fixed else variant.target_per_minute,
        ),
        routing=variant.routing,
        min_instances=1,
        losses=(),
        scale_in_cooldown_s=variant.scale_in_cooldown_s,
        scale_out_cooldown_s=variant.scale_out_cooldown_s,
    )
    planner = Planner(asked, at_best=at_best(asked))
    confirmer = Confirmer(planner, Budget(asked.simulated_requests))
    plan = confirmer.finished(planner.plan(variant.minimum, asked.pins.target_per_minute))
    return estimated(planner, confirmer.judged(plan), variant)


def _replayed_otherwise(problem: Problem, variant: Variant) -> Estimate:
    whole = problem.minutes.total <= problem.simulated_requests or not problem.poisson
    exact = Exact(seed=problem.seed, burstiness=problem.burstiness, threads=problem.threads)
    return estimate(
        variant,
        problem.tariff,
        hours_per_month=problem.hours_per_month,
        minutes=problem.minutes,
        delays=problem.delays,
        profile=problem.profile,
        terms=problem.terms,
        slo=problem.slo,
        window=problem.slo.window,
        exact=exact if whole else None,
        watched=watched_metrics(
            variant,
            problem.minutes,
            problem.profile,
            seed=problem.seed,
            burstiness=problem.burstiness,
        ),
    )
