"""Decides by event simulation where screening may not, as far as the budget goes.

The budget is counted in simulated requests, not in seconds, so that the same input has the same
answer on any machine.

- A trace that can be simulated whole is: from the screened minimum down while the simulation
  still meets the SLO, or up until it does (method *simulated*).
- Of a larger one the window that decides is, where screening may not decide it, after an hour of
  warm-up; screening judges the rest, and the minimum can only rise (method *hybrid*).
- What the budget does not reach stays *screened*, with the warning ``screening_weak``.
"""

from dataclasses import dataclass, replace

import numpy as np

from smcost.capacity import Routing, SweepProfile
from smcost.estimate import Method
from smcost.recommend.plan import Plan, Planner
from smcost.replay.counts import IntArray
from smcost.replay.simulated import SimulatedLoads, can_simulate, simulate_loads
from smcost.replay.verdict import Verdict, judge

#: More at once would need gigabytes of memory.
_MOST_AT_ONCE = 5_000_000
_WARM_UP_MINUTES = 60
#: Least-outstanding routing asks every instance at every arrival.
_INSTANCES_PER_UNIT = 8
#: A request to a load-dependent station takes so many times as long as one to FIFO workers.
_SWEEP_UNITS = 4
#: What the plain simulator does on a machine of 2026, in requests under RANDOM. [s^-1]
REQUESTS_PER_SECOND = 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """A plan, how its figures were found, and its simulated requests where all of them were.

    ``weak``: minutes that nothing decided could tip it. ``holds``: it meets the SLO by that method;
    a plan that does not is the last one that pins and budget allowed.
    """

    plan: Plan
    method: Method
    weak: bool
    holds: bool = True
    loads: SimulatedLoads | None = None


def confirmed(planner: Planner, best: Plan, budget_requests: int) -> Confirmed:
    """The plan that holds in simulation, as far as the budget goes.

    Parameters
    ----------
    planner, best
        The screened answer and the planner that found it.
    budget_requests
        Requests that may be simulated in all; 0 leaves the screened answer alone.
    """
    problem = planner.problem
    screened = Confirmed(plan=best, method="screened", weak=best.verdicts[problem.slo].weak)
    if not can_simulate(problem.profile) or problem.minutes.total == 0:
        return screened
    simulator = _Simulator(planner, budget_requests)
    if problem.minutes.total <= _MOST_AT_ONCE:
        return _whole(simulator, best) or screened
    return (_window(simulator, best) if screened.weak else None) or screened


class _Simulator:
    """Simulates plans until its budget is used up."""

    def __init__(self, planner: Planner, budget_requests: int) -> None:
        self.planner = planner
        self._left = float(budget_requests)

    def loads(self, plan: Plan, first: int = 0, last: int | None = None) -> SimulatedLoads | None:
        """The plan's minutes from ``first`` to before ``last``; ``None``: over budget."""
        problem = self.planner.problem
        counts = problem.minutes.invocations[first:last]
        in_service = self.planner.counts(plan.minimum, plan.target_per_minute).in_service
        cost = float(counts.sum())
        if isinstance(problem.profile, SweepProfile):
            cost *= _SWEEP_UNITS
        if problem.routing is not Routing.RANDOM:
            cost *= 1 + float(in_service[first:last].mean()) / _INSTANCES_PER_UNIT
        if counts.sum() > _MOST_AT_ONCE or cost > self._left:
            return None
        self._left -= cost
        return simulate_loads(
            invocations=counts,
            in_service=in_service[first:last],
            window=self.windows()[first:last],
            profile=problem.profile,
            terms=problem.terms,
            routing=problem.routing,
            seed=problem.seed,
        )

    def windows(self) -> IntArray:
        """Window of each minute."""
        problem = self.planner.problem
        return problem.slo.window.number(problem.minutes.start_s)


def _whole(simulator: _Simulator, best: Plan) -> Confirmed | None:
    """Down from the screened minimum while it holds, else up until it does."""
    planner, slo = simulator.planner, simulator.planner.problem.slo
    held: Confirmed | None = None
    plan: Plan | None = best
    step = 0
    while plan is not None and (loads := simulator.loads(plan)) is not None:
        verdict = judge(loads, slo)
        if held is None and not verdict.met and not best.verdicts[slo].weak:
            # Screening decided it; the miss is the luck of one sample.
            return None
        plan = planner.settle(plan, verdict)
        if held is not None and held.holds and not verdict.met:
            return held
        held = Confirmed(plan=plan, method="simulated", weak=False, holds=verdict.met, loads=loads)
        if step > 0 and verdict.met:
            return held
        step = step or (-1 if verdict.met else 1)
        plan = _next(planner, plan, step)
    return held


def _next(planner: Planner, plan: Plan, step: int) -> Plan | None:
    """The plan with one instance more or fewer at the minimum, within the pins."""
    problem, minimum = planner.problem, plan.minimum + step
    most = problem.pins.maximum or minimum
    if problem.pins.minimum is not None or not problem.min_instances <= minimum <= most:
        return None
    return planner.plan(minimum, plan.target_per_minute)


def _window(simulator: _Simulator, best: Plan) -> Confirmed | None:
    """Up from the screened minimum until its deciding window holds."""
    planner, slo = simulator.planner, simulator.planner.problem.slo
    held: Confirmed | None = None
    plan: Plan | None = best
    while plan is not None:
        verdict = _window_verdict(simulator, plan, plan.verdicts[slo].window)
        if verdict is None:
            return held
        plan = planner.settle(plan, verdict)
        held = Confirmed(plan=plan, method="hybrid", weak=False, holds=verdict.met)
        if verdict.met:
            return held
        plan = _next(planner, plan, 1)
    return held


def _window_verdict(simulator: _Simulator, plan: Plan, window: int) -> Verdict | None:
    """Whether a window of the plan holds in simulation; ``None``: over budget."""
    windows = simulator.windows()
    first, last = np.searchsorted(windows, [window, window + 1]).tolist()
    warm = max(0, first - _WARM_UP_MINUTES)
    loads = simulator.loads(plan, warm, last)
    if loads is None:
        return None
    kept = loads.minute >= first - warm
    inside = SimulatedLoads(
        terms=loads.terms,
        window=np.zeros(last - first, dtype=np.int64),
        requests=loads.requests[first - warm :],
        weak=loads.weak[first - warm :],
        minute=loads.minute[kept] - (first - warm),
        latency_s=loads.latency_s[kept],
    )
    alone = replace(simulator.planner.problem.slo, spared=0, attainment=1.0)
    return replace(judge(inside, alone), window=window)
