"""Today's configuration of an endpoint beside what is recommended, on the same traffic."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from smcost.cli.cost_input import CostInput, cost_input
from smcost.cli.current_input import meets_slo
from smcost.cli.deployed_input import Running
from smcost.cli.deployed_remarks import (
    deployed_assumptions,
    deployed_caveats,
    not_replayed,
    schedule_stays,
)
from smcost.cli.flags import Flags
from smcost.cli.policy_input import delays_input
from smcost.cli.price_input import known_prices
from smcost.cli.question import Question
from smcost.cli.quota_input import quota_remarks
from smcost.cli.sources import Sources
from smcost.emit.comparison import Side
from smcost.errors import PriceError
from smcost.estimate import Estimate, bill, estimate
from smcost.prices.age import StalePriceError
from smcost.recommend.problem import Problem
from smcost.recommend.result import Infeasible, Recommendation
from smcost.recommend.today import replayed_today
from smcost.remarks import Assumption, Caveat, WarningCode
from smcost.replay.counts import Delays
from smcost.replay.metrics import needs_queues
from smcost.traffic.minutes import MinuteCounts
from smcost.variant import Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """Today's figures, and what to know of them."""

    side: Side
    assumptions: tuple[Assumption, ...]
    caveats: tuple[Caveat, ...]


def current_side(question: Question) -> Side | None:
    """Today's figures as the estimate given with ``--current`` has them."""
    current = question.current
    if current is None:
        return None
    return Side(
        variant=current.variant,
        latency=current.latency,
        expected_usd=current.expected_usd,
        meets_slo=None if question.slo is None else meets_slo(current, question.slo),
    )


def today_beside(
    running: Running,
    sources: Sources,
    flags: Flags,
    problems: Sequence[tuple[Question, Problem]],
    answered: Question,
    result: Recommendation | Infeasible,
) -> Today:
    """Replay what runs on the traffic of the search, with the capacity and engine of the search.

    ``answered`` is the one of the questions that the result answers; its price is told already.

    Raises
    ------
    PriceError
        The price of today's instance type is too old; without any its cost is not known, and said.
    """
    deployed, variant = running.deployed, running.deployed.variant()
    unfollowed = (*deployed.policy_obstacles(), *deployed.schedule_obstacles())
    found = replayed_beside(
        variant, sources, flags, problems, answered, result, followed=not unfollowed
    )
    quotas, warnings = _quotas(running, variant, result)
    return Today(
        side=found.side,
        assumptions=(*deployed_assumptions(running, flags), *found.assumptions, *quotas),
        caveats=(
            *found.caveats,
            *deployed_caveats(deployed),
            *not_replayed(deployed, unfollowed),
            *(() if isinstance(result, Infeasible) else schedule_stays(deployed)),
            *warnings,
        ),
    )


def replayed_beside(
    variant: Variant,
    sources: Sources,
    flags: Flags,
    problems: Sequence[tuple[Question, Problem]],
    answered: Question,
    result: Recommendation | Infeasible,
    *,
    followed: bool = True,
) -> Today:
    """A configuration on the traffic of the search; ``followed``: replay knows what scales it.

    It is always on, even where what is proposed runs within windows only.

    Raises
    ------
    PriceError
        As :func:`today_beside`.
    """
    problems = [(question, _always_on(question, problem)) for question, problem in problems]
    delays = delays_input(sources, flags, variant.instance_type)[0]
    known = [pair for pair in problems if pair[1].tariff.instance_type == variant.instance_type]
    if known:
        paid: CostInput | PriceError = known[0][0].paid
    else:
        paid = _paid(sources, flags, variant.instance_type, delays)
    told: Sequence[Caveat] = ()
    assumptions = []
    if isinstance(paid, PriceError):
        told = (_unpriced(variant, paid),)
    elif variant.instance_type != answered.able.instance_type:
        told = paid.caveats
        assumptions.append(_price(paid))
    minutes = problems[0][1].minutes
    if isinstance(paid, PriceError):
        side = Side(variant=variant, latency=None, expected_usd=None, meets_slo=None)
    elif not followed or (needs_queues(variant) and not known):
        side = _unreplayed(variant, paid, minutes)
    elif known:
        side = _side(replayed_today(known[0][1], variant))
    else:
        side = _side(_without_capacity(variant, paid, minutes, delays))
        assumptions.append(_latency_unknown(variant))
    return Today(
        side=side,
        assumptions=tuple(assumptions),
        caveats=(*told, *_type_changes(variant, result, known=bool(known))),
    )


def _always_on(question: Question, problem: Problem) -> Problem:
    """The problem on the whole of the traffic."""
    minutes = question.given.minutes
    if problem.on is None or minutes is None:
        return problem
    return replace(problem, minutes=minutes, on=None)


def _paid(
    sources: Sources, flags: Flags, instance_type: str, delays: Delays
) -> CostInput | PriceError:
    """What today's type costs, or why that is not known: the proposal stands without it."""
    prices = known_prices(flags.region, prices=flags.prices, rates=flags.rates)
    try:
        return cost_input(
            sources,
            flags,
            prices,
            instance_type=instance_type,
            has_traffic=True,
            provisioning_s=delays.startup_s,
        )
    except StalePriceError:
        # Whoever wants fresh prices wants all of them so.
        raise
    except PriceError as error:
        return error


def _unpriced(variant: Variant, error: PriceError) -> Caveat:
    message = (
        f"Today's cost and latency are not known, for want of a price of {variant.instance_type}: "
        f"{error.cause}"
    )
    return Caveat(code=WarningCode.RATE_UNKNOWN, message=message)


def _quotas(
    running: Running, today: Variant, result: Recommendation | Infeasible
) -> tuple[tuple[Assumption, ...], tuple[Caveat, ...]]:
    fleets = {"Today's": today}
    if isinstance(result, Recommendation):
        fleets["The recommended"] = result.estimate.variant
    return quota_remarks(running.aws, fleets)


def _type_changes(
    today: Variant, result: Recommendation | Infeasible, *, known: bool
) -> tuple[Caveat, ...]:
    """Say that another type is proposed, and that scaling is off while it is brought in."""
    if isinstance(result, Infeasible):
        return ()
    proposed = result.estimate.variant.instance_type
    if proposed == today.instance_type:
        return ()
    unknown = f"; today's latency is not known, for want of a capacity of {today.instance_type}"
    message = (
        f"The endpoint runs on {today.instance_type}, and {proposed} is recommended: scaling is "
        f"off while that update runs{'' if known else unknown}"
    )
    return (Caveat(code=WarningCode.TYPE_CHANGES, message=message),)


def _latency_unknown(variant: Variant) -> Assumption:
    value = f"not known: no capacity of {variant.instance_type} is given"
    return Assumption(name="today's latency", value=value, source="capacity")


def _side(today: Estimate) -> Side:
    cost = today.cost
    return Side(
        variant=today.variant,
        latency=today.latency,
        expected_usd=None if cost.expected is None else cost.expected.usd,
        meets_slo=today.meets_slo,
        bounds_usd=(cost.floor.usd, cost.ceiling.usd),
    )


def _price(paid: CostInput) -> Assumption:
    """Of today's type, where that is not the one proposed."""
    price = paid.provenance
    value = f"{paid.tariff.usd_per_hour:f} USD per hour of {paid.tariff.instance_type}"
    source = f"{price.component}, as of {price.as_of}; {price.source}"
    return Assumption(name="today's price", value=value, source=source)


def _without_capacity(
    variant: Variant, paid: CostInput, minutes: MinuteCounts, delays: Delays
) -> Estimate:
    """Counts need no capacity, so that today's cost is known where its latency is not."""
    return estimate(
        variant,
        paid.tariff,
        hours_per_month=paid.hours_per_month,
        minutes=minutes,
        delays=delays,
    )


def _unreplayed(variant: Variant, paid: CostInput, minutes: MinuteCounts) -> Side:
    """Floor and ceiling; the expected cost lies between them, and nobody knows where."""
    cost, _, _ = bill(
        variant,
        paid.tariff,
        minutes=minutes,
        billed_hours=float(variant.lowest * Decimal(minutes.hours)),
        hours_per_month=paid.hours_per_month,
    )
    return Side(
        variant=variant,
        latency=None,
        expected_usd=None,
        meets_slo=None,
        bounds_usd=(cost.floor.usd, cost.ceiling.usd),
    )
