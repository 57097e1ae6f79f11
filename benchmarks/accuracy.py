"""How close screened and partly replayed percentiles come to the replay of every request.

    python benchmarks/accuracy.py [--only screening,hybrid,intervals] [--quick] [--rows]

Prints Markdown tables. *Screening* and *hybrid*: traces scaled to autoscaled fleets, service times
of 20 ms to 20 s, four laws, 1 to 16 workers; the truth is the p99 of all requests, replayed with as
many seeds as make it certain. *Intervals*: how often the 95 % interval of a replay contains the p99
of very many replays, for several ways to cut a trace into ten sections. Exits with 1 where a goal
is missed.
"""

import argparse
import math
import os
import platform
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from accuracy_cases import SEED, Case, cases
from interval_coverage import coverages, print_coverage

from smcost.queueing.exact.compiled import compiled
from smcost.recommend.confirm import _around_minutes, _widened
from smcost.replay.exact_loads import ExactLoads

TRACES = Path(__file__).resolve().parents[1] / "../shared/data/traces"
P99 = 0.99
#: Screening may decide where so few of the late requests are in weak minutes.
FEW_LATE = 0.05


@dataclass(frozen=True, kw_only=True)
class Row:
    """What came of a case. Errors are signed shares of the exact p99."""

    case: Case
    weak: float
    doubtful: float
    screened_s: float
    exact_s: float
    noise: float
    replayed: float
    hybrid: float

    @property
    def error(self) -> float:
        """Of screening; 0 where both are beyond the timeout."""
        if math.isinf(self.exact_s) and math.isinf(self.screened_s):
            return 0.0
        return self.screened_s / self.exact_s - 1

    @property
    def decided(self) -> bool:
        """Whether screening may decide."""
        return self.doubtful < FEW_LATE and self.weak < 1


def measured(case: Case, quick: bool) -> Row:
    """Screen, replay all with enough seeds, replay weak minutes with some of them."""
    screened = case.screened
    weak_late = screened.late_per_minute(screened.percentile_s(P99))
    seeds = range(max(1, min(2000, round((5e5 if quick else 4e6) / case.counts.sum()))))
    wholes = [case.replay(SEED + seed).whole(case.in_service) for seed in seeds]
    exact = sum_of(wholes)
    exact_s = exact.percentile_s(P99)
    some = wholes[:20]
    around = _around_minutes(case.profile)
    chosen = _widened(screened.weak, around)
    hybrids = [
        case.replay(SEED + seed).minutes(case.in_service, chosen, screened, around)
        for seed in range(len(some))
    ]
    same_s = sum_of(some).percentile_s(P99)
    hybrid_s = sum_of(hybrids).percentile_s(P99)
    return Row(
        case=case,
        weak=float(case.counts[screened.weak].sum() / case.counts.sum()),
        doubtful=float(weak_late[screened.weak].sum() / max(weak_late.sum(), 1e-9)),
        screened_s=screened.percentile_s(P99),
        exact_s=exact_s,
        noise=noise(wholes, exact),
        replayed=float(case.counts[chosen].sum() / case.counts.sum()),
        hybrid=0.0 if hybrid_s == same_s else hybrid_s / same_s - 1,
    )


def sum_of(runs: list[ExactLoads]) -> ExactLoads:
    """Several replays of the same minutes as one."""
    screened = runs[0].screened
    if screened is not None:
        screened = replace(
            screened,
            requests=screened.requests * len(runs),
            steady=screened.steady * len(runs),
            delayed=replace(screened.delayed, requests=screened.delayed.requests * len(runs)),
        )
    return replace(
        runs[0],
        requests=runs[0].requests * len(runs),
        late=np.sum([run.late for run in runs], axis=0),
        histogram=np.sum([run.histogram for run in runs], axis=0),
        sections=np.sum([run.sections for run in runs], axis=0),
        screened=screened,
    )


def noise(wholes: list[ExactLoads], exact: ExactLoads) -> float:
    """Relative standard error of the exact p99, by ten groups of seeds or by sections."""
    if len(wholes) >= 10:
        groups = [sum_of(wholes[group::10]).percentile_s(P99) for group in range(10)]
        return float(np.std(groups, ddof=1) / math.sqrt(10) / np.mean(groups))
    interval_s = exact.interval_s(P99)
    middle_s = exact.percentile_s(P99)
    return (interval_s[1] - interval_s[0]) / 4.5 / middle_s if interval_s else math.nan


def print_errors(title: str, errors: list[tuple[str, list[float]]]) -> None:
    """Error figures of groups of cases."""
    print(f"\n| {title} | configurations | median | mean | within 5 % | lowest | highest |")
    print("|---|---|---|---|---|---|---|")
    for name, group in errors:
        if not group:
            print(f"| {name} | 0 | | | | | |")
            continue
        found = np.array(group)
        size = np.abs(found)
        mean = size[np.isfinite(size)].mean()
        print(
            f"| {name} | {found.size} | {np.median(size):.1%} | {mean:.1%} "
            f"| {np.mean(size <= 0.05):.0%} | {found.min():+.1%} | {found.max():+.1%} |"
        )


def print_rows(rows: list[Row]) -> None:
    """Every configuration."""
    print(
        "\n| trace | law | service s | workers | target | instances | utilisation "
        "| per instance and minute | requests weak | late weak | p99 s | s.e. | screened | hybrid |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    for row in rows:
        case, service = row.case, row.case.profile.service
        share = float(case.counts.sum() / case.in_service.sum())
        print(
            f"| {case.name} | {service.law} {service.cv:g} | {service.mean_s:g} "
            f"| {case.profile.workers} | {case.target:g} | {case.in_service.mean():.1f} "
            f"| {share / case.profile.max_per_minute:.2f} | {share:.0f} | {row.weak:.1%} "
            f"| {row.doubtful:.1%} | {row.exact_s:.4g} | {row.noise:.1%} | {row.error:+.1%} "
            f"| {row.hybrid:+.1%} |"
        )


def screening_and_hybrid(folder: Path, only: set[str], quick: bool, every_row: bool) -> bool:
    """Both tables; whether the goals are met."""
    rows = [measured(case, quick) for case in cases(folder, quick)]
    if not rows:
        return True
    if every_row:
        print_rows(rows)
    decided = [row.error for row in rows if row.decided]
    good = True
    if "screening" in only:
        print_errors(
            "screened p99",
            [
                ("may decide", decided),
                ("may not", [row.error for row in rows if not row.decided]),
                ("all", [row.error for row in rows]),
            ],
        )
        size = np.abs(decided)
        good &= bool(np.median(size) <= 0.02 and np.mean(size <= 0.05) >= 0.85)
        good &= min(decided) >= -0.02
    if "hybrid" in only:
        # Without a weak minute nothing is replayed; where they are most, all is.
        errors = [row.hybrid for row in rows if 0 < row.replayed <= 0.5]
        print_errors(
            "hybrid p99",
            [
                ("at most half replayed", errors),
                ("more", [row.hybrid for row in rows if row.replayed > 0.5]),
                ("none, all screened", [row.hybrid for row in rows if row.replayed == 0]),
            ],
        )
        good &= bool(np.mean(np.abs(errors)) <= 0.01 and np.max(np.abs(errors)) <= 0.05)
    return good


def main() -> int:
    """Measure and print; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description="Accuracy of screened and replayed percentiles.")
    parser.add_argument("--only", default="screening,hybrid,intervals")
    parser.add_argument("--traces", type=Path, default=TRACES)
    parser.add_argument("--quick", action="store_true", help="fewer configurations and requests")
    parser.add_argument("--rows", action="store_true", help="print every configuration")
    given = parser.parse_args()
    only = set(given.only.split(","))
    started = time.perf_counter()
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.platform()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {'compiled' if compiled() else 'plain'}, seed {SEED}"
    )
    good = True
    if only & {"screening", "hybrid"}:
        good &= screening_and_hybrid(given.traces, only, given.quick, given.rows)
    if "intervals" in only:
        good &= print_coverage(list(coverages(SEED, given.quick)))
    print(f"\n{time.perf_counter() - started:.0f} s")
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
