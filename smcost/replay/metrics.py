"""What the metrics of policies are made of, and what they are under steady traffic."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from smcost.errors import UsageError
from smcost.replay.counts import START_MINUTES, IntArray
from smcost.replay.in_flight import TICK_S, Occupancy
from smcost.scaling.policy import Metric, Policy, TargetPolicy
from smcost.units import SECONDS_PER_MINUTE
from smcost.variant import Variant

#: Steps of the queues in a minute.
TICKS = SECONDS_PER_MINUTE // TICK_S


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Watched:
    """What the metrics of queues are made of.

    Attributes
    ----------
    tables
        What an instance holds at which load.
    ten_seconds
        Requests in every 10 s, shape ``(6 T,)``. [count]
    full_cpu
        CPUUtilization of an instance that is busy all the time; ``None``: not known. [% of a core]
    """

    tables: Occupancy
    ten_seconds: IntArray
    full_cpu: float | None = None

    def since(self, minute: int) -> "Watched":
        """The same from a minute of the trace on."""
        return replace(self, ten_seconds=self.ten_seconds[TICKS * minute :])

    def where(self, kept: NDArray[np.bool_]) -> "Watched":
        """The same of those minutes alone, shape ``(T,)``."""
        return replace(self, ten_seconds=self.ten_seconds.reshape(-1, TICKS)[kept].ravel())


def needs_queues(variant: Variant) -> bool:
    """Whether a policy looks at requests in flight or CPU."""
    return variant.tracks(Metric.CONCURRENCY) or variant.tracks(Metric.CPU)


def start_count(
    variant: Variant, invocations: IntArray, watched: Watched | None, bounds: tuple[int, int]
) -> int:
    """The count the replay begins with: what the mean of the first 15 minutes wants of each target.

    Step policies alone want the minimum.
    """
    mean = float(np.mean(invocations[:START_MINUTES]))
    low, high = bounds

    def enough(policy: Policy, count: int) -> bool:
        if not isinstance(policy, TargetPolicy):
            return True
        return steady_metric(policy.metric, mean / count, count, watched) <= policy.target

    for policy in variant.policies:
        while low < high and not enough(policy, low):
            low += 1
    return low


def steady_metric(metric: Metric, share: float, count: int, watched: Watched | None) -> float:
    """A metric under so many invocations per minute at each of so many instances."""
    if metric is Metric.INVOCATIONS or watched is None:
        return share
    per_tick = share / TICKS
    if metric is Metric.CONCURRENCY:
        return watched.tables.steady(per_tick, count)
    assert watched.full_cpu is not None
    return watched.full_cpu * min(1.0, per_tick / watched.tables.most)


def refuse_unknown(variant: Variant, watched: Watched | None) -> None:
    """Refuse a policy on what is not known: its figures are never guessed.

    Raises
    ------
    UsageError
    """
    if needs_queues(variant) and watched is None:
        raise UsageError(
            "A policy looks at requests in flight or CPU, and what one instance can do is not "
            "known",
            remedy="Give --service-time with --concurrency, or --capacity",
        )
    if variant.tracks(Metric.CPU) and watched is not None and watched.full_cpu is None:
        raise UsageError(
            "A policy looks at CPU, and how much of it an invocation takes is not known",
            remedy="Give --cpu-per-invocation 30ms, or --cpu-at-full-load 85%",
        )
