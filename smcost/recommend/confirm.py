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
from copy import copy
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from smcost.availability import Loss
from smcost.capacity import Profile, WorkersProfile
from smcost.estimate import Method
from smcost.queueing.exact.replay import MOST_PER_MINUTE
from smcost.recommend.budget import Budget, replay_cost
from smcost.recommend.plan import Plan, Planner
from smcost.recommend.problem import Problem
from smcost.recommend.survive import Survival
from smcost.replay.counts import IntArray
from smcost.replay.exact_loads import ExactLoads, Replay, can_replay, station_of
from smcost.replay.late_requests import LateRequests
from smcost.replay.verdict import Verdict, judge, limits_s
from smcost.slo import Slo
from smcost.units import SECONDS_PER_MINUTE

#: Shares of what is left of the budget that one candidate may take, and one window; and of the
#: requests from which on all are replayed instead of those of weak minutes.
_CANDIDATE, _WINDOW, _MOST = 0.25, 0.5, 0.5
#: For the histograms of settled plans; what is let go of is replayed again if it is shown. [B]
_MEMORY = 200_000_000
#: Minutes, and mean service times, replayed before and after each stretch of weak minutes.
_AROUND_MINUTES, _AROUND_SERVICES = 4, 20
#: Fleets of fixed size tried for one that survives a loss: up to some thirty times the first.
_TRIES = 30
#: Standard errors by which a plan that screening has decided must miss to be turned down.
_SURE = 4.0


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
        #: Losses that a plan must survive, and who judges that.
        self.losses = planner.problem.losses
        self.survival = Survival(planner.problem, budget)
        self._budget = budget
        self._replay = _replay(planner.problem) if budget.left > 0 else None
        #: Loads of what was settled; ``None`` where they were let go of and only verdicts are kept.
        self._settled: dict[bytes, ExactLoads | None] = {}
        self._by_luck: set[bytes] = set()
        self._whole: set[bytes] = set()

    def surviving(self, losses: tuple[Loss, ...]) -> "Confirmer":
        """The same, with all that it knows, where other losses must be survived."""
        other = copy(self)
        other.losses, other.refused = losses, None
        return other

    def settle(self, plan: Plan) -> Plan:
        """The plan with replayed verdicts, where the budget allows; else as it was.

        What does not survive a loss is not replayed: it is out.
        """
        if self.fatal_loss(plan) is None:
            self._replayed(plan)
        return self._survived(plan)

    def fatal_loss(self, plan: Plan) -> Loss | None:
        """The first loss that the plan does not survive, whatever it does without one."""
        if not self.losses:
            return None
        return self.survival.first_fatal(self.losses, self._key(plan), self._in_service(plan))

    def enough(self, fixed: int) -> int:
        """A fleet of fixed size that survives the losses, from what is enough without them up.

        As large as the tries go where the last of them does not either.
        """
        count = max((loss.needed(fixed) for loss in self.losses), default=fixed)
        for _ in range(_TRIES if self.losses else 0):
            if self.fatal_loss(self.planner.plan(count, None)) is None:
                break
            count += max(1, count // 8)
        return count

    def _replayed(self, plan: Plan) -> None:
        """Replay the plan once, where the budget allows."""
        if self._replay is not None and self._key(plan) not in self._settled:
            loads = self._affordable(self._replay, plan)
            if loads is not None:
                self._accept(plan, loads)

    def _survived(self, plan: Plan) -> Plan:
        """The plan by all that was settled; where a loss is fatal, it meets nothing."""
        plan = self.planner.plan(*plan.key)
        loss = self.fatal_loss(plan)
        if loss is None:
            return plan
        return replace(
            plan, verdicts={slo: _fatal(found, loss) for slo, found in plan.verdicts.items()}
        )

    def finished(self, plan: Plan) -> Plan:
        """The plan replayed whole, if the budget allows; its verdict may turn."""
        found = self._settled.get(self._key(plan))
        if self._replay is not None and not (found is not None and found.whole):
            in_service = self._in_service(plan)
            if self._pay(self._replay.invocations, in_service):
                self._accept(plan, self._replay.whole(in_service))
        return self._survived(plan)

    def judged(self, plan: Plan) -> Judged:
        """The plan as it was settled, or as it is settled now."""
        self._replayed(plan)
        plan = self._survived(plan)
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
        cost = replay_cost(self.planner.problem, counts, in_service)
        if cost > share * self._budget.left:
            return False
        self._budget.pay(cost)
        return True

    def _in_service(self, plan: Plan) -> IntArray:
        return self.planner.counts(*plan.key).in_service

    def _key(self, plan: Plan) -> bytes:
        """Plans with the same instances in every minute share what was found of them."""
        return self.planner.counts(*plan.key).trajectory


def _fatal(found: Verdict, loss: Loss) -> Verdict:
    """What met the SLO breaks under a loss; what breaks it anyway stays as it was."""
    if not found.met:
        return found
    return replace(
        found, met=False, slack=-1.0, breaks=loss.what.breaks, weak=False, could_hold=False
    )


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
