"""Why the answer is not cheaper, and why there is none: sentences with their figures as data."""

import math
from datetime import UTC, datetime

import numpy as np

from smcost.recommend.plan import Plan, Planner
from smcost.recommend.problem import Problem
from smcost.recommend.result import Binding, Constraint, ReasonCode, Rejected
from smcost.replay.latency import Loads, Verdict, percentile_s
from smcost.scaling import HIGH_MINUTES
from smcost.units import SECONDS_PER_MINUTE

#: A rise below this factor is no ramp: the level itself binds.
_RAMP = 1.3
#: Counts within this factor of the lowest are the level a rise began from.
_NEAR = 1.1


def binding(planner: Planner, best: Plan) -> Binding:
    """The requirement that one instance fewer would break, where it breaks, and by how much."""
    problem = planner.problem
    if problem.pins.minimum is not None:
        sentence = f"The minimum of {best.minimum} was given and meets the SLO."
        return Binding(constraint=Constraint.PINNED, at_s=None, explanation=sentence)
    if best.minimum <= problem.min_instances:
        return Binding(
            constraint=Constraint.MIN_INSTANCES, at_s=None, explanation=_floor_sentence(problem)
        )
    fewer = planner.plan(best.minimum - 1, best.target_per_minute)
    verdict = fewer.verdicts[problem.slo]
    if verdict.met and math.isclose(fewer.instance_hours, best.instance_hours, rel_tol=1e-9):
        return Binding(constraint=Constraint.TROUGH, at_s=None, explanation=_trough_sentence(best))
    if verdict.met:
        return Binding(
            constraint=Constraint.COST, at_s=None, explanation=_cost_sentence(best, fewer)
        )
    variant = planner.searched_variant(best.minimum - 1, best.target_per_minute)
    replay, load = planner.replayed(variant)
    minute = _worst_minute(problem, load, verdict)
    serving = int(replay.in_service[minute])
    return Binding(
        constraint=Constraint(verdict.breaks),
        at_s=int(problem.minutes.start_s[minute]),
        explanation=(
            f"{_when(problem, minute)}: {_what_happens(problem, load, minute, serving)}; "
            f"with minimum {best.minimum - 1} {_miss(problem, load, verdict)}."
        ),
    )


def service_too_slow(problem: Problem) -> Rejected | None:
    """The rejection where the service time's own percentile is above its limit, else ``None``."""
    for objective in problem.slo.objectives:
        own_s = problem.profile.service.quantile_s(objective.fraction) + problem.terms.overhead_s
        if own_s > objective.limit_s:
            return Rejected(
                instance_type=problem.tariff.instance_type,
                reason_code=ReasonCode.SERVICE_TIME_ABOVE_LIMIT,
                reason=(
                    f"The {objective.name} of the service time alone is {_ms(own_s)}, above the "
                    f"limit of {_ms(objective.limit_s)}: no number of instances answers faster"
                ),
            )
    return None


def infeasible_bounds(problem: Problem) -> Rejected:
    """The rejection where the search found nothing within the pins."""
    pins = problem.pins
    given = [
        f"{flag} {value:g}"
        for flag, value in (
            ("--min", pins.minimum),
            ("--max", pins.maximum),
            ("--target", pins.target_per_minute),
        )
        if value is not None
    ]
    if not given:
        return Rejected(
            instance_type=problem.tariff.instance_type,
            reason_code=ReasonCode.FLEET_TOO_LARGE,
            reason="Even 100,000 instances do not meet the SLO",
        )
    return Rejected(
        instance_type=problem.tariff.instance_type,
        reason_code=ReasonCode.BOUNDS_TOO_TIGHT,
        reason=f"Nothing within {', '.join(given)} meets the SLO",
    )


def infeasible_binding(rejected: Rejected, verdict: Verdict) -> Binding:
    """The constraint of an infeasible result: what the nearest plan breaks."""
    constraint = Constraint(verdict.breaks)
    return Binding(constraint=constraint, at_s=None, explanation=f"{rejected.reason}.")


def help_arrives_s(problem: Problem) -> float:
    """From a rise in traffic to the new instance in service: alarm, reaction, start-up. [s]"""
    alarm_s = HIGH_MINUTES * SECONDS_PER_MINUTE
    return alarm_s + problem.delays.reaction_s + problem.delays.startup_s


def _cost_sentence(best: Plan, fewer: Plan) -> str:
    """The paradox of a smaller minimum that orders help later, and more of it."""
    return (
        f"A minimum of {fewer.minimum} meets the SLO too, but the autoscaler then bills "
        f"{fewer.instance_hours:,.1f} instance-hours instead of {best.instance_hours:,.1f}."
    )


def _trough_sentence(best: Plan) -> str:
    return (
        f"Fewer would cost the same: on this traffic the fleet never sinks below {best.minimum}, "
        "so that minimum is free and guards against a metric that fails to arrive."
    )


def _floor_sentence(problem: Problem) -> str:
    floor = problem.min_instances
    noun = "instance" if floor == 1 else "instances"
    if problem.minutes.total == 0:
        return f"There is no traffic: the floor of {floor} {noun} is enough."
    return f"The floor of {floor} {noun} meets the SLO; there is no smaller minimum to choose."


def _worst_minute(problem: Problem, load: Loads, verdict: Verdict) -> int:
    """The minute of the deciding window in which most requests break the requirement."""
    late = load.late_per_minute(_limit_s(problem, verdict))
    return int(np.argmax(np.where(load.window == verdict.window, late, -1.0)))


def _limit_s(problem: Problem, verdict: Verdict) -> float:
    for objective in problem.slo.objectives:
        if objective.name == verdict.breaks:
            return objective.limit_s
    return math.inf


def _what_happens(problem: Problem, load: Loads, minute: int, serving: int) -> str:
    counts = problem.minutes.invocations
    reach = math.ceil(help_arrives_s(problem) / SECONDS_PER_MINUTE)
    first = max(0, minute - reach)
    before = counts[first : minute + 1]
    # The rise began at the last minute near the lowest: argmin alone would take the first.
    lowest = first + int(np.flatnonzero(before <= _NEAR * before.min())[-1])
    rise = counts[minute] / max(1, counts[lowest])
    noun = "instance" if serving == 1 else "instances"
    busy = f"{serving} {noun} at {load.utilisation[minute]:.0%} of capacity"
    rate = f"{counts[minute]:,} invocations/min"
    if rise < _RAMP:
        return f"{rate} on {busy}"
    took = minute - lowest
    arrives = help_arrives_s(problem) / SECONDS_PER_MINUTE
    return f"{rise:.1f}x in {took} min to {rate} on {busy}, help arrives after {arrives:.1f} min"


def _miss(problem: Problem, load: Loads, verdict: Verdict) -> str:
    over = f"the {problem.slo.window.value}'s" if problem.slo.window != "horizon" else "the"
    if verdict.breaks == "max_failed":
        allowed = problem.slo.max_failed
        return f"{over} failed share is {(1 - verdict.slack) * allowed:.2%} (limit {allowed:.2%})"
    objective = next(o for o in problem.slo.objectives if o.name == verdict.breaks)
    found_s = percentile_s(load, objective.fraction, verdict.window)
    found = f"is {_ms(found_s)}" if math.isfinite(found_s) else "is beyond the timeout"
    return f"{over} {objective.name} {found} (limit {_ms(objective.limit_s)})"


def _when(problem: Problem, minute: int) -> str:
    moment = datetime.fromtimestamp(int(problem.minutes.start_s[minute]), UTC)
    return f"{moment:%a} {moment.day} {moment:%b %Y %H:%M} UTC"


def _ms(value_s: float) -> str:
    return f"{1000 * value_s:,.0f} ms"
