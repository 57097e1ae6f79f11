"""The full search of 40 instance types against one exact replay of the same traffic."""

import time
from collections.abc import Iterator
from statistics import median

import numpy as np
from numpy.typing import NDArray
from speed_scene import DAYS, Row, problems, traffic

from smcost.recommend.among import recommend_among
from smcost.recommend.beside import expected_usd
from smcost.recommend.candidates import in_order_of_cost, minimum_grid, target_grid
from smcost.recommend.plan import Plan, Planner
from smcost.recommend.problem import Problem
from smcost.recommend.result import Recommendation
from smcost.recommend.search import smallest_fixed_fleet
from smcost.replay.exact_loads import Replay, station_of
from smcost.replay.verdict import limits_s

TYPES = range(40)
P99_S = 0.5
_HALF = 0.5


def _minimums(planner: Planner) -> list[int]:
    """All up to the smallest fleet of fixed size that holds."""
    problem = planner.problem
    enough = smallest_fixed_fleet(planner, problem.slo)
    return [] if enough is None else minimum_grid(problem.lowest_minimum, enough)


def configurations(asked: list[Problem]) -> int:
    """Minimums x targets of all types: what the answer is the cheapest of."""
    return sum(len(_minimums(Planner(problem))) * len(target_grid(problem)) for problem in asked)


def _replayed_s(problem: Problem, in_service: NDArray[np.int64]) -> float:
    """Seconds of one exact replay of all requests on one thread."""
    replay = Replay(
        invocations=problem.minutes.invocations,
        window=problem.slo.window.number(problem.minutes.start_s),
        station=station_of(problem.profile),
        routing=problem.routing,
        terms=problem.terms,
        limits_s=limits_s(problem.slo),
        seed=problem.seed,
    )
    started = time.perf_counter()
    replay.whole(in_service)
    return time.perf_counter() - started


def _winner(asked: list[Problem]) -> tuple[Problem, Recommendation]:
    number, answer = recommend_among(asked)
    if not isinstance(answer, Recommendation):
        raise SystemExit("The made-up question has no answer")
    return asked[number], answer


def search(total: int, rounds: int) -> Iterator[Row]:
    """The search and the replay of its winner in turn."""
    asked = problems(traffic(DAYS, total), TYPES, p99_s=P99_S)
    searched, replayed = [], []
    for _ in range(rounds):
        started = time.perf_counter()
        problem, answer = _winner(asked)
        searched.append(time.perf_counter() - started)
        variant = answer.estimate.variant
        planner = Planner(problem)
        in_service = planner.counts(variant.minimum, variant.target_per_minute).in_service
        replayed.append(_replayed_s(problem, in_service))
    share = median(a / b for a, b in zip(searched, replayed, strict=True))
    yield Row(
        f"search, {len(asked)} types, {DAYS} days, {configurations(asked):,} configurations",
        f"{median(searched):.1f} s",
        f"{share:.2f} x one exact replay ({median(replayed):.1f} s)",
        f"< {_HALF:g}",
        share < _HALF,
    )


def _brute_force(asked: list[Problem]) -> list[float]:
    """Cost of every plan of the whole grid that holds. [USD]"""
    found = []
    for problem in asked:
        planner = Planner(problem)
        for _, minimum, target in in_order_of_cost(planner, _minimums(planner)):
            plan = planner.plan(minimum, target)
            if plan.verdicts[problem.slo].met:
                found.append(float(expected_usd(planner, plan)))
    return found


def optimum(days: int, types: range) -> Iterator[Row]:
    """Whether the pruned search finds what brute force finds, at a few limits."""
    for p99_s in (0.3, P99_S, 1.0):
        asked = problems(traffic(days, 17_000_000 * days), types, p99_s=p99_s)
        problem, answer = _winner(asked)
        every = _brute_force(asked)
        least = min(every)
        variant = answer.estimate.variant
        usd = float(expected_usd(Planner(problem), _as_plan(problem, answer)))
        yield Row(
            f"the optimum of brute force over {len(every):,} feasible plans, "
            f"{len(asked)} types, {days} days, p99 <= {p99_s:g} s",
            f"{usd:,.2f} USD, {variant.instance_type}",
            f"{least:,.2f} USD by brute force",
            "the same",
            abs(usd - least) <= 1e-9 * least,
        )


def _as_plan(problem: Problem, answer: Recommendation) -> Plan:
    variant = answer.estimate.variant
    return Planner(problem).plan(variant.minimum, variant.target_per_minute)
