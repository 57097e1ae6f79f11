"""Chooses among instance types, and says what the other routing would save."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from smcost.availability import Loss
from smcost.capacity import Kind
from smcost.queueing.exact.compiled import compiled
from smcost.recommend.aws_answer import GivenPolicy, given_alternative
from smcost.recommend.beside import alternative, least_usd
from smcost.recommend.budget import Budget, at_best
from smcost.recommend.candidates import Observer
from smcost.recommend.confirm import Confirmer
from smcost.recommend.plan import Plan, Planner
from smcost.recommend.problem import Problem
from smcost.recommend.recommend import (
    Found,
    again,
    detailed,
    impossible,
    searched,
    searched_below,
)
from smcost.recommend.result import (
    Alternative,
    AlternativeKind,
    Infeasible,
    ReasonCode,
    Recommendation,
    Rejected,
    Sensitivity,
)
from smcost.recommend.schedule_answer import refuse_short, with_schedule
from smcost.recommend.sensitivity import OTHER_ROUTING, sensitivities
from smcost.recommend.survival_price import survival_answers
from smcost.scaling.policy import Metric

#: A plan that holds only if nothing starts this much slower was lucky.
_SLOWER = 1.5
#: In Python a trace of more minutes is not replayed from 10 s to 10 s for hundreds of plans.
_LONG_MINUTES = 1_500
#: So many types are searched whatever they cost at least, so that they can be compared.
_COMPARED = 8


def recommend_among(
    problems: Sequence[Problem],
    *,
    rejected: Sequence[Rejected] = (),
    try_other_routing: bool = False,
    try_other_metric: bool = False,
    with_sensitivity: bool = False,
    given: tuple[str, GivenPolicy] | None = None,
    schedule_in: str | None = None,
    survivals: Sequence[tuple[Loss, ...]] = (),
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
    try_other_metric
        Whether to search it with the other metric too: requests in flight, known every 10 s,
        against invocations per minute.
    with_sensitivity
        Whether to say how the answer moves with what is assumed.
    given
        An instance type among the problems and somebody else's policy for it, to stand beside the
        answer.
    schedule_in
        The time zone in which to look for minimums by the clock for the winner, if at all.
    survivals
        Losses to say the price of surviving for, what is asked for first in each; empty: none.
    observe
        Told what is being tried, for progress.

    Returns
    -------
    tuple
        Which of the problems was answered, and the answer. Where none is feasible, the answer of
        the type whose nearest miss has the lowest p99; every type's reason is among ``rejected``.
    """
    if schedule_in is not None:
        refuse_short(problems[0].minutes)
    race = _Race(problems, Budget(max(problem.simulated_requests for problem in problems)), observe)
    race.run()
    while race.found:
        _, number, best = race.found.pop(0)
        answer = detailed(best, observe)
        if answer is None:
            race.turned_down(number, best)
            continue
        more = [_told(AlternativeKind.OTHER_TYPE, other) for _, _, other in race.found]
        if given is not None:
            named = next(p for p in problems if p.tariff.instance_type == given[0])
            more.append(given_alternative(given[1], named, race.budget))
        if try_other_routing:
            more += _other_routing(best, race.budget, observe)
        if try_other_metric:
            more += _other_metric(best, race.budget, observe)
        sensitivity: tuple[Sensitivity, ...] = ()
        if with_sensitivity:
            sensitivity = tuple(
                sensitivities(
                    problems[number], best.plan, race.budget, best.confirmer.planner.replays
                )
            )
        if schedule_in is not None:
            answer = with_schedule(best, answer, schedule_in, race.budget, observe)
        return number, replace(
            answer,
            alternatives=(*answer.alternatives, *more),
            rejected=(*rejected, *race.rejected()),
            sensitivity=sensitivity,
            survival=tuple(survival_answers(best, survivals, observe)),
        )
    number, nearest = min(race.missed, key=_miss)
    return number, replace(nearest, rejected=(*rejected, *race.rejected()))


class _Race:
    """Types searched in the order of what they cost at least, and what came of each."""

    def __init__(
        self, problems: Sequence[Problem], budget: Budget, observe: Observer | None
    ) -> None:
        self.budget = budget
        #: Best plans by cost and number of the type, cheapest first.
        self.found: list[tuple[Decimal, int, Found]] = []
        self.missed: list[tuple[int, Infeasible]] = []
        #: Types that cost more than the best so far, with what they cost at least.
        self._left_out: dict[int, Decimal] = {}
        self._problems, self._observe = problems, observe

    def run(self) -> None:
        """Search the first few in full, the others only below the best so far."""
        least = [least_usd(problem) for problem in self._problems]
        for place, number in enumerate(sorted(range(len(least)), key=least.__getitem__)):
            if place < _COMPARED or not self.found:
                self._search(number)
            elif (best := self._below(number, least[number], self.found[0][0])) is not None:
                self._keep(number, best)
            elif impossible(self._problems[number]) is not None:
                self._keep(number, searched(self._problems[number], self.budget))
            else:
                self._left_out[number] = least[number]

    def turned_down(self, number: int, best: Found) -> None:
        """The best so far does not hold: search on, and what was left out for its sake too."""
        self._keep(number, again(best.confirmer, self._observe))
        for other in sorted(self._left_out):
            self._search(other)
        self._left_out.clear()

    def rejected(self) -> list[Rejected]:
        """Types that cannot do it, and those left out for their cost."""
        reasons = [reason for _, result in self.missed for reason in result.rejected]
        return [
            *reasons,
            *(_costs_more(self._problems[n], usd) for n, usd in sorted(self._left_out.items())),
        ]

    def _search(self, number: int) -> None:
        self._keep(number, searched(self._problems[number], self.budget, self._told(number)))

    def _below(self, number: int, least: Decimal, most: Decimal) -> Found | None:
        if least > most:
            return None
        return searched_below(self._problems[number], self.budget, most, self._told(number))

    def _keep(self, number: int, result: Found | Infeasible) -> None:
        if isinstance(result, Infeasible):
            self.missed.append((number, result))
        else:
            self.found.append((result.expected_usd, number, result))
            self.found.sort(key=lambda candidate: candidate[:2])

    def _told(self, number: int) -> Observer | None:
        return _named(self._problems[number], self._observe, several=len(self._problems) > 1)


def _costs_more(problem: Problem, least: Decimal) -> Rejected:
    return Rejected(
        instance_type=problem.tariff.instance_type,
        reason_code=ReasonCode.COSTS_MORE,
        reason=(
            f"Nothing of it that meets the SLO costs less than the answer; however it scales, it "
            f"costs {least:,.2f} USD a month or more"
        ),
    )


def _told(kind: AlternativeKind, found: Found) -> Alternative:
    return alternative(kind, found.confirmer.judged(found.plan), found.confirmer.planner)


def _miss(candidate: tuple[int, Infeasible]) -> tuple[float, int]:
    number, result = candidate
    return (float("inf") if result.nearest is None else result.nearest.p99_s), number


def _other_routing(best: Found, budget: Budget, observe: Observer | None) -> list[Alternative]:
    planner = best.confirmer.planner
    if planner.problem.profile.kind is Kind.RATES:
        return []  # What better routing would gain on measured rates is not known.
    problem = replace(planner.problem, routing=OTHER_ROUTING[planner.problem.routing])
    same = planner.replays if problem.on_invocations else None
    result = searched(problem, budget, observe, same)
    return [] if isinstance(result, Infeasible) else [_told(AlternativeKind.OTHER_ROUTING, result)]


def _other_metric(best: Found, budget: Budget, observe: Observer | None) -> list[Alternative]:
    """The best plan that tracks requests in flight, or invocations where those are tracked.

    Without compiled kernels a long trace takes too long to be replayed from 10 s to 10 s.
    """
    problem = best.confirmer.planner.problem
    long = problem.minutes.invocations.size > _LONG_MINUTES and not compiled()
    if (
        problem.pins.sized
        or problem.profile.kind is Kind.RATES
        or (problem.on_invocations and long)
    ):
        return []
    other = Metric.CONCURRENCY if problem.on_invocations else Metric.INVOCATIONS
    changed = replace(problem, metric=other, pins=replace(problem.pins, target_per_minute=None))
    result = searched(changed, budget, observe)
    if isinstance(result, Infeasible):
        return []
    told = _told(AlternativeKind.OTHER_METRIC, result)
    return [replace(told, breaks_if_slower=_breaks_if_slower(changed, result.plan, budget))]


def _breaks_if_slower(problem: Problem, plan: Plan, budget: Budget) -> str:
    """What the plan breaks where help takes longer: whether it was just in time on this trace."""
    startup_s = _SLOWER * problem.delays.startup_s
    slower = replace(problem, delays=replace(problem.delays, startup_s=startup_s))
    confirmer = Confirmer(Planner(slower, at_best=at_best(slower)), budget)
    again = confirmer.planner.plan(plan.minimum, plan.target_per_minute)
    verdict = confirmer.judged(again).plan.verdicts[problem.slo]
    return "" if verdict.met else verdict.breaks


def _named(problem: Problem, observe: Observer | None, *, several: bool) -> Observer | None:
    if observe is None or not several:
        return observe
    return lambda what: observe(f"{problem.tariff.instance_type}, {what}")
