"""Decides by exact replay where screening may not, as far as the budget goes.

Every candidate that screening leaves undecided, and every one that it would accept, is settled
before it counts: the minutes that screening may not decide are replayed request by request,
or all of them where that is little more; tables judge the rest. What wins is then replayed whole,
with an interval for its p99. All candidates see the same arrivals and the same work.

The budget is counted in replayed requests, not in seconds, so that the same input has the same
answer on any machine with the same engine. A trace too large for it is replayed in the window
that decides; what is left undecided then carries the warning ``screening_weak``.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from smcost.capacity import Profile, Routing, SweepProfile, WorkersProfile
from smcost.estimate import Method
from smcost.queueing.exact.compiled import compiled
from smcost.queueing.exact.replay import MOST_PER_MINUTE
from smcost.queueing.service import FloatArray
from smcost.recommend.plan import Plan, Planner
from smcost.recommend.problem import Problem
from smcost.replay.counts import IntArray
from smcost.replay.exact_loads import ExactLoads, Replay, can_replay, station_of
from smcost.replay.late_requests import LateRequests
from smcost.replay.verdict import AT_BEST, Verdict, judge, limits_s
from smcost.slo import Slo
from smcost.units import SECONDS_PER_MINUTE, per_minute

#: Requests replayed per second and thread of a machine of 2026, under RANDOM. [s^-1]
COMPILED_RPS, PLAIN_RPS = 20_000_000, 200_000
#: Shares of what is left of the budget that one candidate may take, and one window; and of the
#: requests from which on all are replayed instead of those of weak minutes.
_CANDIDATE, _WINDOW, _MOST = 0.25, 0.5, 0.5
#: A request to a sweep costs so many to workers; so many workers, and so many instances asked by
#: least-outstanding routing, double its cost; a minute of bursts costs so many requests.
_SWEEP, _WORKERS, _ASKED, _BURSTS = 4, 32, 8, 2_000
#: With so many whole replays in the budget screening is not asked about weak minutes.
_MANY = 100
#: The default budget. [s]
_USUAL_S = 60.0
#: For the histograms of settled plans; what is let go of is replayed again if it is shown. [B]
_MEMORY = 200_000_000
#: Minutes, and mean service times, replayed before and after each stretch of weak minutes.
_AROUND_MINUTES, _AROUND_SERVICES = 4, 20
#: Standard errors by which a plan that screening has decided must miss to be turned down.
_SURE = 4.0


def requests_in(budget_s: float) -> int:
    """What a budget of seconds is worth in replayed requests, with the engine at hand."""
    return round(budget_s * (COMPILED_RPS if compiled() else PLAIN_RPS))


def at_best(problem: Problem) -> float:
    """How little screening is believed in weak minutes: not at all where replays are cheap.

    By the whole budget, not by what is left of it: other types must not change a type's answer.
    """
    counts = problem.minutes.invocations
    fleet = np.full(counts.size, 1 + counts.max() / per_minute(problem.profile.max_rps))
    budget = min(problem.simulated_requests, requests_in(_USUAL_S))
    return 0.0 if _MANY * _cost(problem, counts, fleet) <= budget else AT_BEST


class Budget:
    """Requests that may still be replayed, for all instance types and routings together."""

    __slots__ = ("left", "spent")

    def __init__(self, requests: float) -> None:
        self.left, self.spent = float(requests), 0.0

    def pay(self, requests: float) -> None:
        """Take what was replayed; the budget of ``--exact`` has no end."""
        self.left -= requests
        self.spent += requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A plan with the verdicts that count, and the loads that its figures are read from.

    ``weak``: minutes that nothing decided could tip it. ``by_luck``: it missed in this replay, but
    within chance, and screening may decide it.
    """

    plan: Plan
    loads: LateRequests
    method: Method
    weak: bool
    by_luck: bool = False

    @classmethod
    def screened(cls, planner: Planner, plan: Plan) -> "Judged":
        """A plan as screening has it."""
        weak = plan.verdicts[planner.problem.slo].weak or not planner.problem.poisson
        return cls(plan=plan, loads=planner.load(plan), method="screened", weak=weak)

    def interval_s(self, fraction: float) -> tuple[float, float] | None:
        """95 % confidence interval of a percentile of the horizon, if all was replayed. [s]"""
        if isinstance(self.loads, ExactLoads) and self.loads.whole:
            return self.loads.interval_s(fraction)
        return None


class Confirmer:
    """Settles candidates of one planner until the budget is used up."""

    def __init__(self, planner: Planner, budget: Budget) -> None:
        self.planner = planner
        #: The last plan that screening would have accepted and replay turned down.
        self.refused: Plan | None = None
        self._budget = budget
        self._replay = _replay(planner.problem) if budget.left > 0 else None
        #: Loads of what was settled; ``None`` where they were let go of and only verdicts are kept.
        self._settled: dict[bytes, ExactLoads | None] = {}
        self._by_luck: set[bytes] = set()
        self._whole: set[bytes] = set()

    def settle(self, plan: Plan) -> Plan:
        """The plan with replayed verdicts, where the budget allows; else as it was."""
        if self._replay is not None and self._key(plan) not in self._settled:
            loads = self._affordable(self._replay, plan)
            if loads is not None:
                self._accept(plan, loads)
        return self.planner.plan(*plan.key)

    def finished(self, plan: Plan) -> Plan:
        """The plan replayed whole, if the budget allows; its verdict may turn."""
        found = self._settled.get(self._key(plan))
        if self._replay is not None and not (found is not None and found.whole):
            in_service = self._in_service(plan)
            if self._pay(self._replay.invocations, in_service):
                self._accept(plan, self._replay.whole(in_service))
        return self.planner.plan(*plan.key)

    def judged(self, plan: Plan) -> Judged:
        """The plan as it was settled, or as it is settled now."""
        plan = self.settle(plan)
        found = self._settled.get(self._key(plan)) or self._again(plan)
        if found is None:
            return Judged.screened(self.planner, plan)
        method: Method = "simulated" if found.whole else "hybrid"
        problem = self.planner.problem
        weak = plan.verdicts[problem.slo].weak or (not problem.poisson and not found.whole)
        by_luck = self._key(plan) in self._by_luck
        return Judged(plan=plan, loads=found, method=method, weak=weak, by_luck=by_luck)

    def _accept(self, plan: Plan, loads: ExactLoads) -> None:
        """Let the replay judge, but for a miss by luck of what screening may decide.

        A miss that is within the chance of one sample turns no plan down that screening accepts
        without doubt; the figures are those of the replay all the same, and a caveat says so.
        """
        planner, problem = self.planner, self.planner.problem
        screened = planner.screened(*plan.key).verdicts
        key, verdicts = self._key(plan), {}
        self._by_luck.discard(key)
        for slo in planner.variations:
            seen = replace(loads, window=slo.window.number(problem.minutes.start_s))
            verdicts[slo] = judge(seen, slo)
            sure = screened[slo].met and screened[slo].decided and problem.poisson
            if sure and not verdicts[slo].met and not _misses_for_sure(seen, verdicts[slo], slo):
                verdicts[slo] = screened[slo]
                if slo == problem.slo:
                    self._by_luck.add(key)
        self._settled[key] = loads
        if loads.whole:
            self._whole.add(key)
        self._let_go()
        settled = planner.settle(plan, verdicts)
        if screened[problem.slo].met and not settled.verdicts[problem.slo].met:
            self.refused = settled

    def _again(self, plan: Plan) -> ExactLoads | None:
        """The loads of a plan whose own were let go of, replayed again: the same digits."""
        key, in_service = self._key(plan), self._in_service(plan)
        if self._replay is None or key not in self._settled:
            return None
        if key in self._whole and self._pay(self._replay.invocations, in_service):
            return self._replay.whole(in_service)
        return self._affordable(self._replay, plan)

    def _let_go(self) -> None:
        """Keep no more loads than fit into memory: hourly histograms of months are large."""
        kept = [key for key, loads in self._settled.items() if loads is not None]
        size = sum(loads.histogram.nbytes for loads in self._settled.values() if loads is not None)
        for key in kept[:-1]:
            if size <= _MEMORY:
                break
            loads = self._settled[key]
            size -= 0 if loads is None else loads.histogram.nbytes
            self._settled[key] = None

    def _affordable(self, replay: Replay, plan: Plan) -> ExactLoads | None:
        """Weak minutes, or all; of what is too much those of the window that decides."""
        in_service, screened = self._in_service(plan), self.planner.load(plan)
        problem, counts = self.planner.problem, replay.invocations
        if not problem.poisson:
            # Tables know nothing of bursts within a minute.
            screened = replace(screened, weak=np.ones_like(screened.weak))
        around = _around_minutes(problem.profile)
        chosen = _widened(screened.weak, around)
        if not chosen.any():
            return None
        # Each stretch is warmed up, which costs as much as it counts.
        touched = chosen | _widened(chosen[::-1], around)[::-1]
        if counts[touched].sum() > _MOST * counts.sum():
            if self._pay(counts, in_service, share=_CANDIDATE):
                return replay.whole(in_service)
        elif self._pay(counts[touched], in_service[touched], share=_CANDIDATE):
            return replay.minutes(in_service, chosen, screened, around)
        here = replay.window == plan.verdicts[problem.slo].window
        chosen, touched = chosen & here, touched & here
        if chosen.any() and self._pay(counts[touched], in_service[touched], share=_WINDOW):
            return replay.minutes(in_service, chosen, screened, around)
        return None

    def _pay(self, counts: IntArray, in_service: IntArray, share: float = 1.0) -> bool:
        cost = _cost(self.planner.problem, counts, in_service)
        if cost > share * self._budget.left:
            return False
        self._budget.pay(cost)
        return True

    def _in_service(self, plan: Plan) -> IntArray:
        return self.planner.counts(*plan.key).in_service

    def _key(self, plan: Plan) -> bytes:
        """Plans with the same instances in every minute share what was found of them."""
        return self.planner.counts(*plan.key).trajectory


def _replay(problem: Problem) -> Replay | None:
    counts = problem.minutes.invocations
    if not can_replay(problem.profile) or not 0 < counts.max() <= MOST_PER_MINUTE:
        return None
    return Replay(
        invocations=counts,
        window=problem.slo.window.number(problem.minutes.start_s),
        station=station_of(problem.profile),
        routing=problem.routing,
        terms=problem.terms,
        limits_s=limits_s(problem.slo),
        seed=problem.seed,
        burstiness=problem.burstiness,
        offsets_s=problem.minutes.offsets_s,
        threads=problem.threads,
    )


def _cost(problem: Problem, counts: IntArray, in_service: IntArray | FloatArray) -> float:
    """Requests, each as much as it takes against one to a few FIFO workers under RANDOM.

    The factors are rounded up from what was measured (``benchmarks/speed.py``).
    """
    cost = counts.astype(np.float64)
    if isinstance(problem.profile, SweepProfile):
        cost *= _SWEEP
    if isinstance(problem.profile, WorkersProfile):
        cost *= 1 + problem.profile.workers / _WORKERS
    if problem.routing is not Routing.RANDOM:
        cost *= 1 + in_service / _ASKED
    bursts = _BURSTS * counts.size if problem.burstiness != 1 else 0.0
    return float(cost.sum()) + bursts


def _around_minutes(profile: Profile) -> int:
    """Minutes in which a queue forgets how it began, at the loads left to screening."""
    service_s = 0.0
    if isinstance(profile, WorkersProfile):
        service_s = profile.service.mean_s
    elif can_replay(profile):
        service_s = profile.fastest_s(0.5)
    return max(_AROUND_MINUTES, math.ceil(_AROUND_SERVICES * service_s / SECONDS_PER_MINUTE))


def _widened(weak: NDArray[np.bool_], after: int) -> NDArray[np.bool_]:
    """The weak minutes with so many after each, where their queues still are."""
    return np.convolve(weak, np.ones(after + 1, dtype=np.int64))[: weak.size] > 0


def _misses_for_sure(loads: ExactLoads, verdict: Verdict, slo: Slo) -> bool:
    """Whether the miss is more than the luck of one sample of this many requests."""
    limit_s, share = math.inf, slo.max_failed
    for objective in slo.objectives:
        if objective.name == verdict.breaks:
            limit_s, share = objective.limit_s, objective.allowed_late
    late = loads.per_window(loads.late_per_minute(limit_s))[verdict.window]
    requests = loads.requests_per_window()[verdict.window]
    return bool(late - share * requests > _SURE * math.sqrt(max(late, 1.0)))
