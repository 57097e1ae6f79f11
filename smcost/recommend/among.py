"""Chooses among instance types, and says what the other routing would save."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from smcost.capacity import Routing
from smcost.recommend.beside import alternative, expected_usd
from smcost.recommend.candidates import Observer
from smcost.recommend.plan import Plan, Planner
from smcost.recommend.problem import Problem
from smcost.recommend.recommend import detailed, searched
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
    found: list[tuple[Decimal, int, Planner, Plan]] = []
    missed: list[tuple[int, Infeasible]] = []
    for number, problem in enumerate(problems):
        result = searched(problem, _named(problem, observe, several=len(problems) > 1))
        if isinstance(result, Infeasible):
            missed.append((number, result))
        else:
            found.append((expected_usd(*result), number, *result))
    found.sort(key=lambda candidate: candidate[:2])
    for place, (_, number, planner, best) in enumerate(found):
        answer = detailed(planner, best, observe)
        if isinstance(answer, Infeasible):
            missed.append((number, answer))
            continue
        more = [alternative(other, plan) for _, _, other, plan in found[place + 1 :]]
        if try_other_routing:
            more += _other_routing(problems[number], observe)
        return number, replace(
            answer,
            alternatives=(*answer.alternatives, *more),
            rejected=(*rejected, *_reasons(missed)),
        )
    number, nearest = min(missed, key=_miss)
    return number, replace(nearest, rejected=(*rejected, *_reasons(missed)))


def _reasons(missed: Sequence[tuple[int, Infeasible]]) -> list[Rejected]:
    return [reason for _, result in missed for reason in result.rejected]


def _miss(candidate: tuple[int, Infeasible]) -> tuple[float, int]:
    number, result = candidate
    return (float("inf") if result.nearest is None else result.nearest.p99_s), number


def _other_routing(problem: Problem, observe: Observer | None) -> list[Alternative]:
    result = searched(replace(problem, routing=_OTHER[problem.routing]), observe)
    return [] if isinstance(result, Infeasible) else [alternative(*result)]


def _named(problem: Problem, observe: Observer | None, *, several: bool) -> Observer | None:
    if observe is None or not several:
        return observe
    return lambda what: observe(f"{problem.tariff.instance_type}, {what}")
