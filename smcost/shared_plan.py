"""The Savings Plan that several endpoints share: the best commitment on the sum of their curves.

A commitment is made for the account, hour by hour. What one endpoint leaves of it in an hour
another one can use, so that on curves that complement each other more of the sum is steady than of
any part, and the best commitment on the sum is larger than the best ones of the parts together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from smcost.commitment import IntArray, Usage, repeated, together
from smcost.errors import UsageError
from smcost.estimate.savings_plan import PlanAnswer, PlanKind, plan_answer
from smcost.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPlan:
    """The best commitment of one kind on the sum, beside the best ones of each endpoint alone.

    All of it over the hours that every one of the endpoints knows.

    Attributes
    ----------
    kind
        Term and payment.
    names
        The endpoints in the sum; others have no such plan, or no answer.
    hours
        Hours of the clock that all of them know.
    shared
        The answer for the sum; ``None``: there is none, and ``refused`` says why.
    separate_commitment_usd
        Sum of the best commitments of each alone. [USD/h]
    separate_saving_usd
        What those save together, each used by its own endpoint only, in a month. [USD]
    """

    kind: PlanKind
    names: tuple[str, ...]
    hours: int = 0
    shared: PlanAnswer | None = None
    separate_commitment_usd: Decimal = Decimal(0)
    separate_saving_usd: Decimal = Decimal(0)
    refused: str = ""

    @property
    def more_commitment_usd(self) -> Decimal:
        """Of the shared commitment above the separate ones; below them if negative. [USD/h]"""
        shared = Decimal(0) if self.shared is None else self.shared.commitment_usd
        return shared - self.separate_commitment_usd

    @property
    def more_saving_usd(self) -> Decimal:
        """What sharing saves beyond separate commitments, in a month. [USD]"""
        shared = Decimal(0) if self.shared is None else self.shared.saving_usd
        return shared - self.separate_saving_usd


def shared_plans(outcomes: Sequence[Outcome], hours_per_month: Decimal) -> tuple[SharedPlan, ...]:
    """One for each kind of plan that any endpoint has a rate of, in the order they come.

    Parameters
    ----------
    outcomes
        Their usages, over any hours.
    hours_per_month
        The mean hour times this is a month. [h]
    """
    kinds = dict.fromkeys(kind for outcome in outcomes for kind, _ in outcome.usages)
    return tuple(_shared_plan(kind, outcomes, hours_per_month) for kind in kinds)


def _shared_plan(
    kind: PlanKind, outcomes: Sequence[Outcome], hours_per_month: Decimal
) -> SharedPlan:
    sharing = [(o, usage) for o in outcomes for offered, usage in o.usages if offered == kind]
    names = tuple(outcome.name for outcome, _ in sharing)
    traced = [usage for outcome, usage in sharing if not outcome.repeats]
    try:
        hour_s = _hours(traced, [usage for _, usage in sharing])
    except UsageError as error:
        return SharedPlan(kind=kind, names=names, refused=f"{error.cause}. {error.remedy}")
    common = together(
        [repeated(usage, hour_s) if outcome.repeats else usage for outcome, usage in sharing]
    )
    alone = [plan_answer(kind, [usage], hours_per_month=hours_per_month) for usage in common]
    return SharedPlan(
        kind=kind,
        names=names,
        hours=int(common[0].hour_s.size),
        shared=plan_answer(kind, added(common), hours_per_month=hours_per_month),
        separate_commitment_usd=sum((plan.commitment_usd for plan in alone), Decimal(0)),
        separate_saving_usd=sum((plan.saving_usd for plan in alone), Decimal(0)),
    )


def _hours(traced: Sequence[Usage], every: Sequence[Usage]) -> IntArray:
    """The hours that all traces know; without any trace the longest of what repeats."""
    if traced:
        return together(traced)[0].hour_s
    return max((usage.hour_s for usage in every), key=lambda hour_s: hour_s.size)


def added(usages: Sequence[Usage]) -> tuple[Usage, ...]:
    """Usages of one type at one price as one: a commitment does not tell them apart.

    Parameters
    ----------
    usages
        Over the same hours, with the same weights.
    """
    found: dict[tuple[str, Decimal, Decimal], Usage] = {}
    for usage in usages:
        key = (usage.instance_type, usage.usd_per_hour, usage.plan_usd_per_hour)
        known = found.get(key)
        if known is not None:
            usage = replace(known, instances=known.instances + usage.instances)  # noqa: PLW2901
        found[key] = usage
    return tuple(found.values())
