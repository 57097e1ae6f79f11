"""What to know before deploying a recommendation."""

import math
from decimal import Decimal

from smcost.cautions import capacity_caveats
from smcost.estimate import Estimate, Latency
from smcost.recommend.problem import Problem
from smcost.remarks import Caveat, WarningCode

#: A margin below the stated error of screening.
_THIN = 0.02


def recommendation_caveats(
    problem: Problem,
    answer: Estimate,
    *,
    busiest_count: int,
    weak: bool,
    by_luck: bool = False,
    doubtful: bool = False,
    second_usd: Decimal | None = None,
) -> tuple[Caveat, ...]:
    """No spare instance, weak screening, thin margin, a deploy that takes instances away.

    ``doubtful``: what one instance fewer breaks, only screening says that it does. ``second_usd``
    is what a minimum of 2 costs more at the same target; ``None``: not known.
    """
    variant = answer.variant
    pinned = problem.pins.target_per_minute if problem.on_invocations else None
    found = capacity_caveats(problem.profile, pinned)
    if variant.minimum == 1:
        message = (
            "A minimum of 1 has no spare: while that instance is replaced nothing answers; AWS "
            f"recommends 2 or more in several zones (--min-instances 2{_price(second_usd)})"
        )
        found.append(Caveat(code=WarningCode.SINGLE_INSTANCE, message=message))
    if weak:
        message = (
            "Much of what the SLO allows is used up in minutes that screening may not decide "
            "(high utilisation, thin traffic or backlog); load-test before relying on the minimum"
        )
        found.append(Caveat(code=WarningCode.SCREENING_WEAK, message=message))
    if doubtful:
        message = (
            "A smaller minimum is turned down by screening alone, which may not decide under its "
            "loss; more --budget lets simulation decide, and may find a cheaper answer"
        )
        found.append(Caveat(code=WarningCode.SCREENING_WEAK, message=message))
    if by_luck:
        message = (
            "In the replay of one sample the SLO was just missed: by less than four standard "
            "errors, and the formulas are sure that it holds; another --seed may meet it"
        )
        found.append(Caveat(code=WarningCode.THIN_MARGIN, message=message))
    found += _thin_margins(problem, answer)
    if busiest_count > variant.initial_count:
        message = (
            f"A configuration change resets the fleet to {variant.initial_count}; at its busiest "
            f"it needed {busiest_count}, so do not deploy then"
        )
        found.append(Caveat(code=WarningCode.DEPLOY_RESETS_COUNT, message=message))
    return tuple(found)


def _price(second_usd: Decimal | None) -> str:
    return "" if second_usd is None else f", {second_usd:,.2f} USD a month more"


def _thin_margins(problem: Problem, answer: Estimate) -> list[Caveat]:
    assert answer.latency is not None
    worst_s = {
        "p95": answer.latency.worst_window_p95_s,
        "p99": answer.latency.worst_window_p99_s,
    }
    found = []
    for objective in problem.slo.objectives:
        margin = 1 - worst_s[objective.name] / objective.limit_s
        if math.isfinite(margin) and 0 <= margin < _THIN:
            message = (
                f"The {objective.name} of the worst window is within {margin:.1%} of its limit, "
                "less than formulas or one sample are sure of; one instance more costs little "
                "beside a miss"
            )
            found.append(Caveat(code=WarningCode.THIN_MARGIN, message=message))
        elif objective.name == "p99" and _may_be_above(answer.latency, objective.limit_s):
            assert answer.latency.p99_interval_s is not None
            message = (
                "With 95 % confidence the p99 of the horizon is below "
                f"{1000 * answer.latency.p99_interval_s[1]:,.0f} ms, which is above its limit: too "
                "few requests to be sure; one instance more costs little beside a miss"
            )
            found.append(Caveat(code=WarningCode.THIN_MARGIN, message=message))
    return found


def _may_be_above(found: Latency, limit_s: float) -> bool:
    """Whether the interval of the p99 reaches beyond the limit."""
    return found.p99_interval_s is not None and found.p99_interval_s[1] > limit_s
