"""What each lever saves on three real traces, alone and together, at the same SLO.

    python benchmarks/levers.py FOLDER_WITH_TRACES
    python benchmarks/levers.py FOLDER_WITH_TRACES --only nasa_http_1995

Prints the table of docs/levers.md. The starting point is what AWS's documentation leads to: half of
what one instance can do as the target on InvocationsPerInstance, RANDOM routing, one instance type,
no schedule, and the smallest minimum that meets the SLO with them. A lever alone frees one of them,
all together all, *all but* all except one. The minimum is found anew every time.
The last column says whether the answer holds the SLO where instances take half as long again to
start: what does not was just in time on this trace, and is no saving to count on.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path

from smcost.capacity import Routing, WorkersProfile
from smcost.cost import Tariff
from smcost.estimate import Exact, estimate, watched_metrics
from smcost.queueing.service import ServiceTime
from smcost.read.bundled import bundled_catalogue
from smcost.read.traffic_file import read_traffic_file
from smcost.recommend.among import recommend_among
from smcost.recommend.beside import aws_target
from smcost.recommend.problem import Pins, Problem
from smcost.recommend.result import Recommendation
from smcost.replay.counts import Delays
from smcost.replay.latency import LatencyTerms
from smcost.scaling.policy import Metric
from smcost.slo import Objective, Slo
from smcost.traffic.minutes import MinuteCounts, to_minutes
from smcost.variant import Variant

_REGION, _HOURS = "us-east-1", Decimal(720)
_BUDGET_REQUESTS = 3e9
_STEADY_TARGET = 0.5
_SLOWER = 1.5


class Lever(StrEnum):
    """What may be chosen freely."""

    SCHEDULE = "schedule"
    ROUTING = "routing"
    TARGET = "target"
    METRIC = "metric"
    TYPE = "type"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A trace with a container on ``ml.m5.xlarge``: busy time, slots, limit, users' time zone."""

    trace: str
    service_s: float
    workers: int
    p99_s: float
    timezone: str
    #: Share of the days that must hold.
    attainment: float = 1.0
    #: Times the traffic.
    scale: float = 1.0

    @property
    def told(self) -> str:
        """The trace and what is changed about it."""
        scale = "" if self.scale == 1 else f" x {self.scale:g}"
        spared = "" if self.attainment == 1 else f", {self.attainment:.0%} of the days"
        return f"{self.trace}{scale}{spared}"


CASES = (
    Case(
        trace="nasa_http_1995",
        service_s=0.5,
        workers=2,
        p99_s=1.8,
        timezone="America/New_York",
    ),
    Case(
        trace="nasa_http_1995",
        service_s=0.5,
        workers=2,
        p99_s=1.8,
        timezone="America/New_York",
        scale=10.0,
    ),
    Case(trace="wc98_may", service_s=0.045, workers=4, p99_s=0.3, timezone="Europe/Paris"),
    Case(
        trace="wc98_may",
        service_s=0.045,
        workers=4,
        p99_s=0.3,
        timezone="Europe/Paris",
        attainment=0.96,
    ),
    Case(trace="servegen_m-large", service_s=0.1, workers=8, p99_s=0.5, timezone="Asia/Shanghai"),
)
#: Slots against those on ml.m5.xlarge: vCPU for vCPU, at the same speed of a core. The other sizes
#: of m5 cost more than c5 of the same vCPU, and could not win.
TYPES = {
    "ml.m5.xlarge": 1.0,
    "ml.c5.large": 0.5,
    "ml.c5.xlarge": 1.0,
    "ml.c5.2xlarge": 2.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The cheapest found, and how it reads."""

    usd: Decimal
    told: str
    #: Whether the SLO holds where instances start slower.
    robust: bool


def cheapest(case: Case, minutes: MinuteCounts, levers: frozenset[Lever]) -> Answer:
    """The cheapest answer with some levers free and the others as AWS's documentation has them."""
    routings = [Routing.RANDOM]
    if Lever.ROUTING in levers:
        routings.append(Routing.LEAST_OUTSTANDING_REQUESTS)
    metrics = [Metric.INVOCATIONS, *([Metric.CONCURRENCY] if Lever.METRIC in levers else [])]
    rest = levers - {Lever.ROUTING, Lever.METRIC}
    found = [
        _answer(case, minutes, rest, routing, metric) for routing in routings for metric in metrics
    ]
    return min((answer for answer in found if answer), key=lambda answer: answer.usd)


@cache
def _answer(
    case: Case,
    minutes: MinuteCounts,
    levers: frozenset[Lever],
    routing: Routing,
    metric: Metric,
) -> Answer | None:
    types = TYPES if Lever.TYPE in levers else ["ml.m5.xlarge"]
    problems = [_problem(case, minutes, name, routing, metric) for name in types]
    if Lever.TARGET not in levers:
        problems = [
            replace(problem, pins=Pins(target_per_minute=_recipe(problem))) for problem in problems
        ]
    # Schedules are looked for on invocations only.
    scheduled = Lever.SCHEDULE in levers and metric is Metric.INVOCATIONS
    number, result = recommend_among(problems, schedule_in=case.timezone if scheduled else None)
    if not isinstance(result, Recommendation):
        return None
    expected, variant = result.estimate.cost.expected, result.estimate.variant
    assert expected is not None
    told = (
        f"{variant.minimum} to {variant.maximum} {variant.instance_type}, "
        f"{variant.target_told}, {variant.routing.value}"
    )
    robust = _holds_if_slower(problems[number], variant)
    return Answer(usd=expected.usd, told=told, robust=robust)


def _holds_if_slower(problem: Problem, variant: Variant) -> bool:
    delays = replace(problem.delays, startup_s=_SLOWER * problem.delays.startup_s)
    found = estimate(
        variant,
        problem.tariff,
        hours_per_month=problem.hours_per_month,
        minutes=problem.minutes,
        delays=delays,
        profile=problem.profile,
        terms=problem.terms,
        slo=problem.slo,
        exact=Exact(seed=problem.seed, threads=problem.threads),
        watched=watched_metrics(variant, problem.minutes, problem.profile),
    )
    return bool(found.meets_slo)


def _recipe(problem: Problem) -> float:
    """Half of what one instance can do, in the problem's metric."""
    if problem.on_invocations:
        return aws_target(problem)
    profile = problem.profile
    assert isinstance(profile, WorkersProfile)
    return _STEADY_TARGET * profile.workers


def _problem(
    case: Case, minutes: MinuteCounts, name: str, routing: Routing, metric: Metric
) -> Problem:
    price = bundled_catalogue().price(_REGION, name)
    workers = max(1, round(case.workers * TYPES[name]))
    return Problem(
        minutes=minutes,
        profile=WorkersProfile(
            instance_type=name,
            workers=workers,
            service=ServiceTime(mean_s=case.service_s, cv=0.5),
        ),
        slo=Slo(
            objectives=(Objective(fraction=0.99, limit_s=case.p99_s),), attainment=case.attainment
        ),
        terms=LatencyTerms(),
        delays=Delays(),
        tariff=Tariff(instance_type=name, usd_per_hour=price.usd_per_hour),
        hours_per_month=_HOURS,
        pins=Pins(),
        routing=routing,
        metric=metric,
        simulated_requests=_BUDGET_REQUESTS,
        threads=2,
    )


def rows(levers: Iterable[Lever]) -> Iterator[tuple[str, frozenset[Lever]]]:
    """What the table has: nothing, each alone, all, all but each."""
    each = list(levers)
    yield "as AWS's documentation has it", frozenset()
    yield from ((f"{lever} alone", frozenset({lever})) for lever in each)
    yield "all together", frozenset(each)
    yield from ((f"all but {lever}", frozenset(each) - {lever}) for lever in each)


def main() -> int:
    """Find all of them and print the table."""
    parser = argparse.ArgumentParser(description="What each lever saves on real traces.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", help="a trace")
    options = parser.parse_args()
    for case in CASES:
        if options.only not in (None, case.trace):
            continue
        path = options.folder / f"{case.trace}.csv"
        trace = read_traffic_file(path).trace
        minutes = to_minutes(trace if case.scale == 1 else trace.scaled(case.scale))
        print(f"\n### {case.told}\n\n{minutes.total:,} invocations.\n")
        print("| free | USD a month | saving | | the answer | start-up x 1.5 |")
        print("|---|---|---|---|---|---|")
        start = None
        for name, levers in rows(Lever):
            answer = cheapest(case, minutes, levers)
            start = answer.usd if start is None else start
            saving = start - answer.usd
            print(
                f"| {name} | {answer.usd:,.2f} | {saving:,.2f} | {saving / start:.1%} "
                f"| {answer.told} | {'holds' if answer.robust else '**breaks**'} |",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
