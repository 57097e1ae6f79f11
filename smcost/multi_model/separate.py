"""One endpoint for each model: how many instances that takes at the same SLO."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from smcost.capacity import Profile, WorkersProfile
from smcost.multi_model.fleet import Problem, fleet_loads, part_of
from smcost.multi_model.hosted import Hosted
from smcost.multi_model.placement import IntArray
from smcost.queueing.mgc import response_table
from smcost.queueing.response_table import ResponseTable
from smcost.queueing.service_mixture import MixedService
from smcost.replay.verdict import judge

#: A model that needs more is none that shares an endpoint.
_MOST = 10_000
#: Service times that are told apart; more are rounded up by no more than this.
_TIMES, _STEP = 256, 0.02


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
    never
        Models whose own service time breaks the SLO on any number of instances, counted with the
        least. [count]
    """

    instance_type: str
    instances: int
    more_than_least: int
    sized: bool
    never: int = 0


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
    of the traffic of every minute, and its own service time where it has one.
    """
    hosted = problem.hosted
    if profile is None:
        return Separate(
            instance_type=instance_type,
            instances=hosted.count * least,
            more_than_least=0,
            sized=False,
        )
    needed = np.full(hosted.count, least, dtype=np.int64)
    never = 0
    for models, own, table in _of_one_capacity(hosted, profile):
        sized = _Sized(problem=problem, profile=own, table=table, least=least)
        for model in models.tolist():
            share = float(hosted.share[model])
            if share <= 0 or sized.keeps(share / least):
                # Those that follow are asked for less.
                break
            if sized.never():
                never += int(np.sum(hosted.share[models] > 0))
                break
            needed[model] = sized.fewest(share)
    return Separate(
        instance_type=instance_type,
        instances=int(needed.sum()),
        more_than_least=int(np.sum(needed > least)),
        sized=True,
        never=never,
    )


def _of_one_capacity(
    hosted: Hosted, profile: Profile
) -> Iterator[tuple[IntArray, Profile, ResponseTable]]:
    """Models of one service time, most popular first, and what an instance can do of theirs."""
    popular = np.argsort(-hosted.share, kind="stable")
    own = isinstance(profile, WorkersProfile) and isinstance(profile.service, MixedService)
    if not own or hosted.service_s is None:
        yield popular, profile, profile.response_table()
        return
    assert isinstance(profile, WorkersProfile)
    assert isinstance(profile.service, MixedService)
    each = profile.service.each
    of_one_s = response_table(each, profile.workers)
    service_s = hosted.service_s
    if np.unique(service_s).size > _TIMES:
        service_s = np.exp(np.ceil(np.log(service_s) / _STEP) * _STEP)
    for mean_s in np.unique(service_s).tolist():
        # The law is one of scale: all times are so many times those of a mean of 1 s.
        table = replace(of_one_s, response_s=of_one_s.response_s * mean_s)
        alone = replace(profile, service=replace(each, mean_s=mean_s))
        yield popular[service_s[popular] == mean_s], alone, table


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sized:
    """Endpoints of one model, judged by the SLO on instances of one capacity."""

    problem: Problem
    profile: Profile
    table: ResponseTable
    least: int

    def never(self) -> bool:
        """Whether not even an idle instance answers in time."""
        return not self.keeps(1.0, waits=False)

    def fewest(self, share: float) -> int:
        """The fewest above the least on which a model alone keeps the SLO."""
        low, high = self.least, 2 * self.least
        while high < _MOST and not self.keeps(share / high):
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.keeps(share / middle) else (middle, high)
        return high

    def keeps(self, per_instance: float, *, waits: bool = True) -> bool:
        """Whether an instance with this part of all requests keeps the SLO."""
        part = part_of(self.profile, self.problem.minutes, 1.0, per_instance, self.table)
        loads = fleet_loads(self.problem, self.profile, [part], waits=waits)
        return judge(loads, self.problem.slo).met


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
