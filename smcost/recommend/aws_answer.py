"""AWS's own answer on the same traffic and capacity, as an alternative beside ours."""

from dataclasses import dataclass, replace

from smcost.errors import UsageError
from smcost.recommend.beside import alternative
from smcost.recommend.budget import Budget, at_best
from smcost.recommend.confirm import Confirmer
from smcost.recommend.plan import Planner
from smcost.recommend.problem import Pins, Problem
from smcost.recommend.result import Alternative, AlternativeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenPolicy:
    """A policy somebody else chose.

    Attributes
    ----------
    minimum, maximum
        Bounds. [instances]
    target_per_minute
        Invocations per instance per minute. [min^-1]
    scale_in_cooldown_s, scale_out_cooldown_s
        As AWS uses them. [s]
    """

    minimum: int
    maximum: int
    target_per_minute: float
    scale_in_cooldown_s: float
    scale_out_cooldown_s: float

    def __post_init__(self) -> None:
        if not 1 <= self.minimum <= self.maximum:
            raise UsageError(
                f"A minimum of {self.minimum} with a maximum of {self.maximum} is no policy",
                remedy="Give a minimum of 1 or more, and no smaller maximum",
            )


def given_alternative(policy: GivenPolicy, problem: Problem, budget: Budget) -> Alternative:
    """The policy replayed, priced and judged as the answer is.

    It keeps its own bounds and cooldowns; routing, traffic, capacity and prices are the problem's.
    """
    fixed = policy.minimum == policy.maximum
    target = None if fixed else policy.target_per_minute
    asked = replace(
        problem,
        pins=Pins(minimum=policy.minimum, maximum=policy.maximum, target_per_minute=target),
        min_instances=1,
        scale_in_cooldown_s=policy.scale_in_cooldown_s,
        scale_out_cooldown_s=policy.scale_out_cooldown_s,
    )
    planner = Planner(asked, at_best=at_best(asked))
    plan = planner.plan(policy.minimum, target)
    judged = Confirmer(planner, budget).judged(plan)
    return alternative(AlternativeKind.AWS_RECOMMENDATION, judged, planner)
