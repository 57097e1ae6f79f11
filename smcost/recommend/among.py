"""Chooses among instance types, and says what the other routing would save."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from smcost.capacity import Kind
from smcost.recommend.beside import alternative, least_usd
from smcost.recommend.candidates import Observer
from smcost.recommend.confirm import Budget
from smcost.recommend.problem import Problem
from smcost.recommend.recommend import Found, again, detailed, searched
from smcost.recommend.result import (
    Alternative,
    AlternativeKind,
    Infeasible,
    ReasonCode,
    Recommendation,
    Rejected,
    Sensitivity,
)
from smcost.recommend.sensitivity import OTHER_ROUTING, sensitivities

#: So many types are searched whatever they cost at least, so that they can be compared.
_COMPARED = 8


def recommend_among(
    problems: Sequence[Problem],
    *,
    rejected: Sequence[Rejected] = (),
    try_other_routing: bool = False,
    with_sensitivity: bool = False,
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
    with_sensitivity
        Whether to say how the answer moves with what is assumed.
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

    least = [least_usd(problem) for problem in problems]
    for place, number in enumerate(sorted(range(len(problems)), key=least.__getitem__)):
        if place >= _COMPARED and found and least[number] > found[0][0]:
            rejected = [*rejected, _costs_more(problems[number], least[number])]
            continue
        told = _named(problems[number], observe, several=len(problems) > 1)
        keep(number, searched(problems[number], budget, told))
    while found:
        _, number, best = found.pop(0)
        answer = detailed(best, observe)
        if answer is None:
            keep(number, again(best.confirmer, observe))
            continue
        more = [_told(AlternativeKind.OTHER_TYPE, other) for _, _, other in found]
        if try_other_routing:
            more += _other_routing(best, budget, observe)
        sensitivity: tuple[Sensitivity, ...] = ()
        if with_sensitivity:
            sensitivity = tuple(sensitivities(problems[number], best.plan, budget))
        return number, replace(
            answer,
            alternatives=(*answer.alternatives, *more),
            rejected=(*rejected, *_reasons(missed)),
            sensitivity=sensitivity,
        )
    number, nearest = min(missed, key=_miss)
    return number, replace(nearest, rejected=(*rejected, *_reasons(missed)))


def _costs_more(problem: Problem, least: Decimal) -> Rejected:
    return Rejected(
        instance_type=problem.tariff.instance_type,
        reason_code=ReasonCode.COSTS_MORE,
        reason=f"However it scales, it costs {least:,.2f} USD a month or more: above the answer",
    )


def _told(kind: AlternativeKind, found: Found) -> Alternative:
    return alternative(kind, found.confirmer.judged(found.plan), found.confirmer.planner)


def _reasons(missed: Sequence[tuple[int, Infeasible]]) -> list[Rejected]:
    return [reason for _, result in missed for reason in result.rejected]


def _miss(candidate: tuple[int, Infeasible]) -> tuple[float, int]:
    number, result = candidate
    return (float("inf") if result.nearest is None else result.nearest.p99_s), number


def _other_routing(best: Found, budget: Budget, observe: Observer | None) -> list[Alternative]:
    planner = best.confirmer.planner
    if planner.problem.profile.kind is Kind.RATES:
        return []  # What better routing would gain on measured rates is not known.
    problem = replace(planner.problem, routing=OTHER_ROUTING[planner.problem.routing])
    result = searched(problem, budget, observe, planner.replays)
    return [] if isinstance(result, Infeasible) else [_told(AlternativeKind.OTHER_ROUTING, result)]


def _named(problem: Problem, observe: Observer | None, *, several: bool) -> Observer | None:
    if observe is None or not several:
        return observe
    return lambda what: observe(f"{problem.tariff.instance_type}, {what}")
