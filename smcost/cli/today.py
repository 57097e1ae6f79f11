"""Today's configuration of an endpoint beside what is recommended, on the same traffic."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from smcost.cli.cost_input import cost_input
from smcost.cli.deployed_input import Running
from smcost.cli.deployed_remarks import (
    deployed_assumptions,
    deployed_caveats,
    not_replayed,
    schedule_stays,
)
from smcost.cli.flags import Flags
from smcost.cli.policy_input import delays_input
from smcost.cli.question import Question
from smcost.cli.quota_input import quota_remarks
from smcost.cli.sources import Sources
from smcost.emit.comparison import Side
from smcost.estimate import Estimate, bill, estimate
from smcost.recommend.problem import Problem
from smcost.recommend.result import Infeasible, Recommendation
from smcost.recommend.today import replayed_today
from smcost.remarks import Assumption, Caveat
from smcost.traffic.minutes import MinuteCounts
from smcost.variant import Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """Today's figures, and what to know of them."""

    side: Side
    assumptions: tuple[Assumption, ...]
    caveats: tuple[Caveat, ...]


def today_beside(
    running: Running,
    sources: Sources,
    flags: Flags,
    problems: Sequence[tuple[Question, Problem]],
    result: Recommendation | Infeasible,
) -> Today:
    """Replay what runs on the traffic of the search, with the capacity and engine of the search.

    Raises
    ------
    PriceError
        Today's instance type has no price.
    """
    deployed, variant = running.deployed, running.deployed.variant()
    unfollowed = (*deployed.policy_obstacles(), *deployed.schedule_obstacles())
    known = [pair for pair in problems if pair[1].tariff.instance_type == variant.instance_type]
    assumptions = list(deployed_assumptions(deployed, flags))
    if unfollowed:
        side = _unreplayed(variant, sources, flags, problems[0][1].minutes)
    elif known:
        side = _side(replayed_today(known[0][1], variant))
    else:
        side = _side(_without_capacity(variant, sources, flags, problems[0][1].minutes))
        value = f"not known: no capacity of {variant.instance_type} is given"
        assumptions.append(Assumption(name="today's latency", value=value, source="capacity"))
    fleets = {"Today's": variant}
    proposed = result.estimate.variant if isinstance(result, Recommendation) else None
    if proposed is not None:
        fleets["The recommended"] = proposed
    quotas, warnings = quota_remarks(running.aws, fleets)
    return Today(
        side=side,
        assumptions=(*assumptions, *quotas),
        caveats=(
            *deployed_caveats(deployed),
            *not_replayed(deployed, unfollowed),
            *(() if proposed is None else schedule_stays(deployed)),
            *warnings,
        ),
    )


def _side(today: Estimate) -> Side:
    cost = today.cost
    return Side(
        variant=today.variant,
        latency=today.latency,
        expected_usd=None if cost.expected is None else cost.expected.usd,
        meets_slo=today.meets_slo,
        bounds_usd=(cost.floor.usd, cost.ceiling.usd),
    )


def _without_capacity(
    variant: Variant, sources: Sources, flags: Flags, minutes: MinuteCounts
) -> Estimate:
    """Counts need no capacity, so that today's cost is known where its latency is not."""
    paid = cost_input(sources, flags, instance_type=variant.instance_type, has_traffic=True)
    return estimate(
        variant,
        paid.tariff,
        hours_per_month=paid.hours_per_month,
        minutes=minutes,
        delays=delays_input(sources, flags, variant.instance_type)[0],
    )


def _unreplayed(variant: Variant, sources: Sources, flags: Flags, minutes: MinuteCounts) -> Side:
    """Floor and ceiling; the expected cost lies between them, and nobody knows where."""
    paid = cost_input(sources, flags, instance_type=variant.instance_type, has_traffic=True)
    cost, _, _ = bill(
        variant,
        paid.tariff,
        minutes=minutes,
        billed_hours=float(variant.minimum * Decimal(minutes.hours)),
        hours_per_month=paid.hours_per_month,
    )
    return Side(
        variant=variant,
        latency=None,
        expected_usd=None,
        meets_slo=None,
        bounds_usd=(cost.floor.usd, cost.ceiling.usd),
    )
