"""One endpoint for each model: how many instances that takes at the same SLO."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from smcost.capacity import Profile
from smcost.multi_model.fleet import Problem, fleet_loads, part_of
from smcost.replay.verdict import judge

#: A model that needs more is none that shares an endpoint.
_MOST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Separate:
    """What an endpoint per model takes.

    Attributes
    ----------
    instance_type
        What they run on.
    instances
        Of all endpoints together. [count]
    more_than_least
        Models whose traffic needs more than the least an endpoint has. [count]
    sized
        Whether the traffic decided; else every model has the least, a lower bound.
    """

    instance_type: str
    instances: int
    more_than_least: int
    sized: bool


def separate(
    problem: Problem, profile: Profile | None, instance_type: str, least: int = 1
) -> Separate:
    """Instances of one endpoint per model, each at least ``least``, all sized by the same SLO.

    Parameters
    ----------
    problem
        The models, their traffic and the SLO.
    profile
        Capacity of the type that they run on; ``None``: not known, every model has the least.
    instance_type
        That type.
    least
        Instances that an endpoint has whatever its traffic, >= 1. [count]

    Notes
    -----
    An endpoint keeps its model in memory, so nothing waits for a load. A model is given its share
    of the traffic of every minute.
    """
    count = problem.hosted.count
    if profile is None:
        return Separate(
            instance_type=instance_type, instances=count * least, more_than_least=0, sized=False
        )
    needed = np.full(count, least, dtype=np.int64)
    order = np.argsort(-problem.hosted.share, kind="stable")
    for model in order.tolist():
        found = _least_instances(problem, profile, float(problem.hosted.share[model]), least)
        if found == least:
            # Those that follow are asked for less.
            break
        needed[model] = found
    return Separate(
        instance_type=instance_type,
        instances=int(needed.sum()),
        more_than_least=int(np.sum(needed > least)),
        sized=True,
    )


def _least_instances(problem: Problem, profile: Profile, share: float, least: int) -> int:
    """The fewest instances on which a model alone keeps the SLO, by doubling and halving."""
    if share <= 0 or _keeps(problem, profile, share / least):
        return least
    low, high = least, 2 * least
    while high < _MOST and not _keeps(problem, profile, share / high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _keeps(problem, profile, share / middle) else (middle, high)
    return high


def _keeps(problem: Problem, profile: Profile, per_instance: float) -> bool:
    part = part_of(profile, problem.minutes, 1.0, per_instance)
    return judge(fleet_loads(problem, profile, [part]), problem.slo).met


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """Against one endpoint per model.

    Attributes
    ----------
    separate
        What those take.
    separate_usd, saving_usd
        Their month, and what the shared endpoint saves of it; negative where it costs more. [USD]
    break_even_models
        From so many models on the shared fleet is cheaper, each with the least number of
        instances. [count]
    """

    separate: Separate
    separate_usd: Decimal
    saving_usd: Decimal
    break_even_models: int


def saving(
    shared_usd: Decimal, separate: Separate, each_usd: Callable[[int], Decimal], least: int
) -> Saving:
    """Hold a fleet against one endpoint per model.

    Parameters
    ----------
    shared_usd
        A month of the shared fleet. [USD]
    separate
        Instances of the endpoints.
    each_usd
        A month of so many instances of their type. [USD]
    least
        Instances that each endpoint has at least. [count]
    """
    separate_usd = each_usd(separate.instances)
    return Saving(
        separate=separate,
        separate_usd=separate_usd,
        saving_usd=separate_usd - shared_usd,
        break_even_models=math.floor(shared_usd / each_usd(least)) + 1,
    )
