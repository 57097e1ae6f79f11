"""Chooses among instance types, and says what the other routing would save."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from smcost.capacity import Routing
from smcost.recommend.beside import alternative
from smcost.recommend.candidates import Observer
from smcost.recommend.confirm import Budget
from smcost.recommend.problem import Problem
from smcost.recommend.recommend import Found, again, detailed, searched
from smcost.recommend.result import Alternative, Infeasible, Recommendation, Rejected

_OTHER = {
    Routing.RANDOM: Routing.LEAST_OUTSTANDING_REQUESTS,
    Routing.LEAST_OUTSTANDING_REQUESTS: Routing.RANDOM,
}


def recommend_among(
    problems: Sequence[Problem],
    *,
    rejected: Sequence[Rejected] = (),
    try_other_routing: bool = False,
    observe: Observer | None = None,
) -> tuple[int, Recommendation | Infeasible]:
    """The cheapest of several instance types that meets the SLO.

    Parameters
    ----------
    problems
        The same question for each instance type, at least one.
    rejected
        Types that were out before the search, with their reasons.
    try_other_routing
        Whether to search the winner's type with the other routing too, as an alternative.
    observe
        Told what is being tried, for progress.

    Returns
    -------
    tuple
        Which of the problems was answered, and the answer. Where none is feasible, the answer of
        the type whose nearest miss has the lowest p99; every type's reason is among ``rejected``.
    """
    budget = Budget(max(problem.simulated_requests for problem in problems))
    found: list[tuple[Decimal, int, Found]] = []
    missed: list[tuple[int, Infeasible]] = []

    def keep(number: int, result: Found | Infeasible) -> None:
        if isinstance(result, Infeasible):
            missed.append((number, result))
        else:
            found.append((result.expected_usd, number, result))
            found.sort(key=lambda candidate: candidate[:2])

    for number, problem in enumerate(problems):
        keep(number, searched(problem, budget, _named(problem, observe, several=len(problems) > 1)))
    while found:
        _, number, best = found.pop(0)
        answer = detailed(best, observe)
        if answer is None:
            keep(number, again(best.confirmer, observe))
            continue
        more = [_told(other) for _, _, other in found]
        if try_other_routing:
            more += _other_routing(best, budget, observe)
        return number, replace(
            answer,
            alternatives=(*answer.alternatives, *more),
            rejected=(*rejected, *_reasons(missed)),
        )
    number, nearest = min(missed, key=_miss)
    return number, replace(nearest, rejected=(*rejected, *_reasons(missed)))


def _told(found: Found) -> Alternative:
    return alternative(found.confirmer.judged(found.plan), found.confirmer.planner)


def _reasons(missed: Sequence[tuple[int, Infeasible]]) -> list[Rejected]:
    return [reason for _, result in missed for reason in result.rejected]


def _miss(candidate: tuple[int, Infeasible]) -> tuple[float, int]:
    number, result = candidate
    return (float("inf") if result.nearest is None else result.nearest.p99_s), number


def _other_routing(best: Found, budget: Budget, observe: Observer | None) -> list[Alternative]:
    planner = best.confirmer.planner
    problem = replace(planner.problem, routing=_OTHER[planner.problem.routing])
    result = searched(problem, budget, observe, planner.replays)
    return [] if isinstance(result, Infeasible) else [_told(result)]


def _named(problem: Problem, observe: Observer | None, *, several: bool) -> Observer | None:
    if observe is None or not several:
        return observe
    return lambda what: observe(f"{problem.tariff.instance_type}, {what}")
