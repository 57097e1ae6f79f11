"""Why a plan does not survive a loss: a sentence with its figures as data."""

import math
from datetime import UTC, datetime

from smcost.availability import Loss
from smcost.estimate.loss import MomentOfLoss
from smcost.recommend.confirm import Confirmer
from smcost.recommend.plan import Plan
from smcost.recommend.problem import Problem
from smcost.recommend.result import Binding, Constraint
from smcost.units import SECONDS_PER_MINUTE

#: Goes on a sentence of what screening alone finds.
_DOUBT = (
    " as screened, which may not decide here: simulated, the stretch would hold, and more --budget "
    "may let that count"
)


def fatal(confirmer: Confirmer, plan: Plan, loss: Loss, what_if: str) -> Binding:
    """When a loss breaks a plan that holds without one, and what is left then."""
    planner = confirmer.planner
    problem = planner.problem
    in_service = planner.counts(*plan.key).in_service
    moment, doubtful = confirmer.survival.fatal_moment(loss, in_service)
    minutes = loss.replaced_after_s(problem.delays.startup_s) / SECONDS_PER_MINUTE
    left = f"leaves {moment.count_left} at {moment.utilisation:.0%} of capacity"
    if not moment.count_left:
        left = "leaves none"
    return Binding(
        constraint=Constraint(loss.what.breaks),
        at_s=moment.start_s,
        explanation=(
            f"{told(moment.start_s)}: {what_if} the loss of {moment.lost} of "
            f"{moment.count_before} {'instance' if moment.count_before == 1 else 'instances'} "
            f"{left} for {minutes:.1f} min; {missed(problem, moment)}{_DOUBT if doubtful else ''}."
        ),
        doubtful=doubtful,
    )


def not_survived(confirmer: Confirmer, nearest: Plan) -> str:
    """What the nearest plan lacks to survive, to go on a sentence; empty without a loss."""
    if not confirmer.losses:
        return ""
    told_of = f" and survives the loss of {confirmer.losses[0].what.told}"
    loss = confirmer.fatal_loss(nearest)
    if loss is None:
        return told_of
    planner = confirmer.planner
    in_service = planner.counts(nearest.minimum, nearest.target_per_minute).in_service
    moment, doubtful = confirmer.survival.fatal_moment(loss, in_service)
    miss = f"{missed(planner.problem, moment)}{_DOUBT if doubtful else ''}"
    return f"{told_of}: with a minimum of {nearest.minimum} {miss}"


def missed(problem: Problem, moment: MomentOfLoss) -> str:
    """What the stretch of a loss breaks, with its figure: failures before lateness."""
    answered, allowed = moment.latency, problem.slo.max_failed
    breaks = (answered.breaks or ("max_failed",))[0]
    if "max_failed" in (answered.breaks or (breaks,)):
        share = answered.failed_fraction
        return f"{share:.2%} of the stretch's requests fail (limit {allowed:.2%})"
    found_s = answered.p95_s if breaks == "p95" else answered.p99_s
    limit_s = next(o.limit_s for o in problem.slo.objectives if o.name == breaks)
    found = f"is {ms(found_s)}" if math.isfinite(found_s) else "is beyond the timeout"
    return f"the stretch's {breaks} {found} (limit {ms(limit_s)})"


def told(at_s: int) -> str:
    """``Tue 4 Jul 1995 14:03 UTC``."""
    moment = datetime.fromtimestamp(at_s, UTC)
    return f"{moment:%a} {moment.day} {moment:%b %Y %H:%M} UTC"


def ms(value_s: float) -> str:
    """``1,234 ms``."""
    return f"{1000 * value_s:,.0f} ms"
