"""Why the answer is not cheaper, and why there is none: sentences with their figures as data."""

import math

import numpy as np

from smcost.capacity import Kind
from smcost.recommend.candidates import TARGET_SHARES, highest_share, target_grid
from smcost.recommend.confirm import Confirmer
from smcost.recommend.explain_loss import fatal, ms, not_survived, told
from smcost.recommend.plan import Plan
from smcost.recommend.problem import Problem
from smcost.recommend.result import Binding, Constraint, ReasonCode, Rejected
from smcost.recommend.rise import Rise, minutes_of, rise_before
from smcost.recommend.search import smallest_fixed_fleet
from smcost.replay.late_requests import LateRequests
from smcost.replay.verdict import Verdict
from smcost.scaling import HIGH_MINUTES
from smcost.scaling.policy import Metric
from smcost.units import SECONDS_PER_MINUTE, per_minute, plain

#: A rise below this factor is no ramp: the level itself binds.
_RAMP = 1.3
_HALF = ", and no target above half of a saturation rate is tried"
_TARGET_FLAGS = {
    Metric.INVOCATIONS: "--target",
    Metric.CONCURRENCY: "--concurrency-target",
    Metric.CPU: "--cpu-target",
}


def binding(confirmer: Confirmer, best: Plan) -> Binding:
    """The requirement that one instance fewer would break, where it breaks, and by how much."""
    planner = confirmer.planner
    problem = planner.problem
    if problem.pins.minimum is not None:
        sentence = f"The minimum of {best.minimum} was given and meets the SLO."
        return Binding(constraint=Constraint.PINNED, at_s=None, explanation=sentence)
    if best.minimum <= problem.min_instances:
        return _at_the_floor(confirmer, best)
    fewer = confirmer.settle(planner.plan(best.minimum - 1, best.target_per_minute))
    verdict = fewer.verdicts[problem.slo]
    if verdict.met and math.isclose(fewer.instance_hours, best.instance_hours, rel_tol=1e-9):
        return Binding(
            constraint=Constraint.TROUGH,
            at_s=None,
            explanation=_trough_sentence(best, problem.minutes.hours),
        )
    if verdict.met:
        return Binding(
            constraint=Constraint.COST, at_s=None, explanation=_cost_sentence(best, fewer)
        )
    return what_breaks(confirmer, fewer, f"with minimum {fewer.minimum}")


def what_breaks(confirmer: Confirmer, plan: Plan, what_if: str) -> Binding:
    """What a plan that does not hold breaks, when, and by how much.

    ``what_if`` names the plan: ``with minimum 2``.
    """
    planner = confirmer.planner
    problem = planner.problem
    verdict = plan.verdicts[problem.slo]
    loss = confirmer.fatal_loss(plan)
    if loss is not None and verdict.breaks == loss.what.breaks:
        return fatal(confirmer, plan, loss, what_if)
    replay = planner.counts(*plan.key)
    load = confirmer.judged(plan).loads
    minute = _worst_minute(problem, load, verdict)
    reach_s = help_arrives_s(problem) + SECONDS_PER_MINUTE
    rise = rise_before(problem.minutes.start_s, problem.minutes.invocations, minute, reach_s)
    at = minute if rise.factor < _RAMP else rise.ends
    happens = _what_happens(problem, rise, at, int(replay.in_service[at]))
    return Binding(
        constraint=Constraint(verdict.breaks),
        at_s=int(problem.minutes.start_s[at]),
        explanation=(f"{when(problem, at)}: {happens}; {what_if} {_miss(problem, load, verdict)}."),
    )


def _at_the_floor(confirmer: Confirmer, best: Plan) -> Binding:
    """No smaller minimum to choose: then the next higher target decides, where it saves."""
    planner = confirmer.planner
    problem = planner.problem
    higher = [t for t in target_grid(problem) if t > (best.target_per_minute or math.inf)]
    idle = math.isclose(best.instance_hours, best.minimum * problem.minutes.hours, rel_tol=1e-9)
    if higher and not idle:
        plan = confirmer.settle(planner.plan(best.minimum, higher[0]))
        if not plan.verdicts[problem.slo].met:
            return what_breaks(confirmer, plan, f"with target {plain(higher[0])}")
    return Binding(
        constraint=Constraint.MIN_INSTANCES, at_s=None, explanation=_floor_sentence(problem)
    )


def percentile_not_measured(problem: Problem) -> Rejected | None:
    """The rejection where an objective is on a percentile that nobody measured, else ``None``."""
    for objective in problem.slo.objectives:
        if not problem.profile.knows(objective.fraction):
            return Rejected(
                instance_type=problem.tariff.instance_type,
                reason_code=ReasonCode.PERCENTILE_NOT_MEASURED,
                reason=(
                    f"The {objective.name} was not measured{_where(problem)}, and a percentile "
                    "that was not is not invented"
                ),
            )
    return None


def _where(problem: Problem) -> str:
    return "" if problem.profile.kind is Kind.WORKERS else " at every level"


def service_too_slow(problem: Problem) -> Rejected | None:
    """The rejection where the service time alone breaks a limit or the timeout, else ``None``.

    Without traffic nothing is late: the availability floor is enough, whatever the service time.
    """
    if problem.minutes.total == 0:
        return None
    timeout_s = problem.terms.timeout_s
    too_long = float(problem.profile.response_table().tail_at(timeout_s)[0])
    if too_long > problem.slo.max_failed:
        return Rejected(
            instance_type=problem.tariff.instance_type,
            reason_code=ReasonCode.SERVICE_TIME_ABOVE_LIMIT,
            reason=(
                f"{too_long:.1%} of the requests take longer than the timeout of {ms(timeout_s)} "
                f"even on an idle instance, and {problem.slo.max_failed:.1%} may fail: no number "
                "of instances answers faster"
            ),
        )
    for objective in problem.slo.objectives:
        own_s = problem.profile.fastest_s(objective.fraction) + problem.terms.overhead_s
        if own_s > objective.limit_s:
            return Rejected(
                instance_type=problem.tariff.instance_type,
                reason_code=ReasonCode.SERVICE_TIME_ABOVE_LIMIT,
                reason=(
                    f"The {objective.name} of the service time alone is {ms(own_s)}, above the "
                    f"limit of {ms(objective.limit_s)}: no number of instances answers faster"
                ),
            )
    return None


def infeasible_bounds(confirmer: Confirmer, nearest: Plan) -> Rejected:
    """The rejection where the search found nothing within the pins, and what would suffice."""
    problem, pins = confirmer.planner.problem, confirmer.planner.problem.pins
    survives = not_survived(confirmer, nearest)
    given = [
        f"{flag} {plain(value)}"
        for flag, value in (
            ("--min", pins.minimum),
            ("--max", pins.maximum),
            (_TARGET_FLAGS[problem.metric], pins.target_per_minute),
        )
        if value is not None
    ]
    if not given:
        return Rejected(
            instance_type=problem.tariff.instance_type,
            reason_code=ReasonCode.FLEET_TOO_LARGE,
            reason=f"No fleet of any size meets the SLO{survives}"
            if survives
            else "Even 100,000 instances do not meet the SLO",
        )
    return Rejected(
        instance_type=problem.tariff.instance_type,
        reason_code=ReasonCode.BOUNDS_TOO_TIGHT,
        reason=f"Nothing within {', '.join(given)} meets the SLO{survives}{_what_would(confirmer)}",
    )


def simulation_disagrees(problem: Problem, plan: Plan) -> Rejected:
    """The rejection where screening found a plan, and simulation none within pins and budget."""
    return Rejected(
        instance_type=problem.tariff.instance_type,
        reason_code=ReasonCode.SIMULATION_DISAGREES,
        reason=(
            f"Simulation finds the SLO broken ({plan.verdicts[problem.slo].breaks}) up to a "
            f"minimum of {plan.minimum}, as far as the bounds and --budget go"
        ),
    )


def _what_would(confirmer: Confirmer) -> str:
    planner = confirmer.planner
    fixed = smallest_fixed_fleet(planner, planner.problem.slo)
    if fixed is None:
        return ""
    fixed = confirmer.enough(fixed)
    if confirmer.fatal_loss(planner.plan(fixed, None)) is not None:
        return ""
    return f"; {fixed} instances all the time would"


def infeasible_binding(rejected: Rejected, verdict: Verdict) -> Binding:
    """The constraint of an infeasible result: what the nearest plan breaks."""
    constraint = Constraint(verdict.breaks)
    return Binding(constraint=constraint, at_s=None, explanation=f"{rejected.reason}.")


def help_arrives_s(problem: Problem) -> float:
    """From a rise in traffic to the new instance in service: alarm, reaction, start-up. [s]"""
    alarm_s = HIGH_MINUTES * problem.metric.period_s
    return alarm_s + problem.delays.reaction_s + problem.delays.startup_s


def _cost_sentence(best: Plan, fewer: Plan) -> str:
    """The paradox of a smaller minimum that orders help later, and more of it."""
    return (
        f"A minimum of {fewer.minimum} meets the SLO too, but the autoscaler then bills "
        f"{fewer.instance_hours:,.1f} instance-hours instead of {best.instance_hours:,.1f}."
    )


def _trough_sentence(best: Plan, hours: float) -> str:
    return (
        f"Fewer would cost the same: in the {hours:,.1f} h replayed the fleet never sinks "
        f"below {best.minimum}, so that minimum is free there and guards against a metric that "
        "fails to arrive."
    )


def _floor_sentence(problem: Problem) -> str:
    floor = problem.min_instances
    noun = "instance" if floor == 1 else "instances"
    if problem.minutes.total == 0:
        return f"There is no traffic: the floor of {floor} {noun} is enough."
    capped = "" if highest_share(problem) == TARGET_SHARES[-1] else _HALF
    return (
        f"The floor of {floor} {noun} meets the SLO; there is no smaller minimum to choose{capped}."
    )


def _worst_minute(problem: Problem, load: LateRequests, verdict: Verdict) -> int:
    """The minute of the deciding window in which most requests break the requirement."""
    late = load.late_per_minute(_limit_s(problem, verdict))
    return int(np.argmax(np.where(load.window == verdict.window, late, -1.0)))


def _limit_s(problem: Problem, verdict: Verdict) -> float:
    for objective in problem.slo.objectives:
        if objective.name == verdict.breaks:
            return objective.limit_s
    return math.inf


def _what_happens(problem: Problem, rise: Rise, at: int, serving: int) -> str:
    noun = "instance" if serving == 1 else "instances"
    capacity = serving * per_minute(problem.profile.max_rps)
    busy = f"{serving} {noun} at {problem.minutes.invocations[at] / capacity:.0%} of capacity"
    rate = f"{problem.minutes.invocations[at]:,} invocations/min"
    if rise.factor < _RAMP:
        return f"{rate} on {busy}"
    arrives = help_arrives_s(problem) / SECONDS_PER_MINUTE
    return (
        f"{rise.factor:.1f}x in {minutes_of(rise)} min to {rate} on {busy}, help arrives after "
        f"{arrives:.1f} min"
    )


def _miss(problem: Problem, load: LateRequests, verdict: Verdict) -> str:
    over = f"the {problem.slo.window.value}'s" if problem.slo.window != "horizon" else "the"
    if verdict.breaks == "max_failed":
        allowed = problem.slo.max_failed
        return f"{over} failed share is {(1 - verdict.slack) * allowed:.2%} (limit {allowed:.2%})"
    objective = next(o for o in problem.slo.objectives if o.name == verdict.breaks)
    found_s = load.percentile_s(objective.fraction, verdict.window)
    found = f"is {ms(found_s)}" if math.isfinite(found_s) else "is beyond the timeout"
    if found_s <= objective.limit_s:
        found = "is above its limit when simulated"
    return f"{over} {objective.name} {found} (limit {ms(objective.limit_s)})"


def when(problem: Problem, minute: int) -> str:
    """``Tue 12 May 1998 11:29 UTC``."""
    return told(int(problem.minutes.start_s[minute]))
