"""Asynchronous endpoints: a queue before instances that scale with it, down to none.

Minute by minute, first come first served, as much as the instances in service can do. The policy
is the developer guide's (async-inference-autoscale): target tracking on
``ApproximateBacklogSizePerInstance``, and a step from 0 to 1 on ``HasBacklogWithoutCapacity``.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from smcost.errors import UsageError
from smcost.kinds.limits import ASYNCHRONOUS_QUEUE_S
from smcost.kinds.serverless import IntArray
from smcost.replay.counts import Delays
from smcost.scaling.invocations import HIGH_MINUTES, LOW_MINUTES, LOW_SHARE
from smcost.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

#: The guide's alarm on ``HasBacklogWithoutCapacity``: 2 of 2 minutes.
WAKE_MINUTES = 2
_ROUNDING = 1e-9
_MOST_MINUTES_WAITED = int(ASYNCHRONOUS_QUEUE_S // SECONDS_PER_MINUTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class BacklogPolicy:
    """How an asynchronous endpoint scales.

    Attributes
    ----------
    target
        Requests queued or worked on, for each instance; the guide's example has 5. [count]
    maximum
        Instances; the minimum is 0. [instances]
    scale_in_cooldown_s
        After a scale-in, no further one for so long. [s]
    """

    target: float
    maximum: int
    scale_in_cooldown_s: float = 300.0

    def __post_init__(self) -> None:
        if not 0 < self.target < math.inf or self.maximum < 1:
            raise UsageError(
                f"A backlog target of {self.target:g} with at most {self.maximum} instances "
                "cannot be followed",
                remedy="Give a number above 0, and a maximum of 1 or more",
                place="--async-backlog-target",
            )

    def wanted(self, backlog: float) -> int:
        """Instances that bring the backlog of each to the target."""
        return min(self.maximum, math.ceil(backlog / self.target - _ROUNDING))


@dataclass(frozen=True, slots=True, kw_only=True)
class BacklogReplay:
    """What an asynchronous endpoint did with the traffic.

    Attributes
    ----------
    in_service
        Instances serving throughout each minute, shape ``(T,)``. [instances]
    instance_hours
        Billed from launch to removal, over the horizon. [h]
    mean_wait_s, p95_wait_s, longest_wait_s
        In the queue, to the minute; 0: within the minute. The last of the horizon are waited for,
        those that are never reached within 6 h count with that. [s]
    expired_share
        Requests not begun within 6 h, after which they expire. [fraction]
    wakes
        Times that it started from no instance. [count]
    """

    in_service: IntArray
    instance_hours: float
    mean_wait_s: float
    p95_wait_s: float
    longest_wait_s: float
    expired_share: float
    wakes: int


class _Queue(NamedTuple):
    """The endpoint at the beginning of a minute.

    ``pending`` is when a change is complete, and the count then; ``above``, ``below`` and
    ``without`` count the minutes that the alarms have seen in a row.
    """

    instances: int
    waiting: float = 0.0
    above: int = 0
    below: int = 0
    without: int = 0
    blocked_until_s: float = -math.inf
    pending: tuple[float, int] | None = None


def replay_backlog(
    invocations: IntArray,
    policy: BacklogPolicy,
    delays: Delays,
    *,
    per_instance: float,
    service_s: float,
) -> BacklogReplay:
    """Run the policy over the minutes of a trace.

    Parameters
    ----------
    invocations
        Requests of each minute, shape ``(T,)``. [count]
    policy, delays
        Target and maximum; reaction and start-up time.
    per_instance
        Requests that one instance can do in a minute, > 0. [min^-1]
    service_s
        Mean service time: what is worked on counts as backlog too. [s]

    Notes
    -----
    Scale-out after 3 minutes above the target, in one jump; from 0 to 1 after 2 minutes with a
    backlog. Scale-in after 15 minutes below 0.9 x target, to ceil(backlog / target), if one
    instance fewer would not bring the metric back above it: to 0 only with nothing left.
    """
    if invocations.size == 0 or not per_instance > 0:
        raise UsageError("There is nothing to replay", remedy="Give a trace and a capacity above 0")
    arrived = invocations.tolist()
    first = policy.wanted(float(np.mean(invocations[:15])) * service_s / SECONDS_PER_MINUTE)
    queue = _Queue(instances=first)
    in_service, served, changes = [], [], []
    # Beyond the trace nothing arrives, and what is queued is waited for.
    for minute in range(len(arrived) + _MOST_MINUTES_WAITED):
        if minute >= len(arrived) and queue.waiting <= _ROUNDING:
            break
        start_s = minute * SECONDS_PER_MINUTE
        queue = _completed(queue, start_s)
        here = queue.waiting + (arrived[minute] if minute < len(arrived) else 0)
        done = min(here, queue.instances * per_instance)
        in_service.append(queue.instances)
        served.append(done)
        queue = queue._replace(waiting=here - done)
        worked_on = done * service_s / SECONDS_PER_MINUTE
        queue, change = _decided(
            queue, policy, delays, start_s + SECONDS_PER_MINUTE, queue.waiting + worked_on
        )
        changes.append(change)
    return BacklogReplay(
        in_service=np.array(in_service[: len(arrived)], dtype=np.int64),
        instance_hours=_billed_hours(first, changes, len(arrived), delays),
        wakes=sum(
            change > 0 and count == 0 for change, count in zip(changes, in_service, strict=True)
        ),
        **_waits(arrived, served),
    )


def _completed(queue: _Queue, start_s: float) -> _Queue:
    """Instances ordered come into service at the first whole minute; those removed are gone."""
    if queue.pending is None or queue.pending[0] > start_s:
        return queue
    return queue._replace(instances=queue.pending[1], pending=None)


def _decided(
    queue: _Queue, policy: BacklogPolicy, delays: Delays, now_s: float, backlog: float
) -> tuple[_Queue, int]:
    """One minute of the alarms, and the instances ordered (or given back) at its end."""
    over = queue.instances > 0 and backlog > policy.target * queue.instances
    under = queue.instances > 0 and backlog < LOW_SHARE * policy.target * queue.instances
    queue = queue._replace(
        above=queue.above + 1 if over else 0,
        below=queue.below + 1 if under else 0,
        without=queue.without + 1 if queue.instances == 0 and queue.waiting > _ROUNDING else 0,
    )
    change = 0 if queue.pending is not None else _wanted(queue, policy, now_s, backlog)
    decided_s = now_s + delays.reaction_s
    if change > 0:
        pending = (decided_s + delays.startup_s, queue.instances + change)
        return queue._replace(pending=pending, blocked_until_s=-math.inf), change
    if change < 0:
        blocked_s = decided_s + policy.scale_in_cooldown_s
        pending = (decided_s, queue.instances + change)
        return queue._replace(pending=pending, blocked_until_s=blocked_s), change
    return queue, 0


def _wanted(queue: _Queue, policy: BacklogPolicy, now_s: float, backlog: float) -> int:
    """How many instances more (or, below 0, fewer) the alarms ask for."""
    if queue.without >= WAKE_MINUTES:
        return 1
    proportional = policy.wanted(backlog) - queue.instances
    if queue.above >= HIGH_MINUTES:
        return max(0, proportional)
    fewer_hold = backlog <= policy.target * (queue.instances - 1) + _ROUNDING
    if queue.below >= LOW_MINUTES and now_s >= queue.blocked_until_s and fewer_hold:
        return min(0, proportional)
    return 0


def _billed_hours(first: int, changes: list[int], minutes: int, delays: Delays) -> float:
    """Integral of the billed count: a change counts from when it is carried out. [h]"""
    horizon_s = minutes * SECONDS_PER_MINUTE
    billed_s = float(first * horizon_s)
    for minute, change in enumerate(changes):
        launched_s = (minute + 1) * SECONDS_PER_MINUTE + delays.reaction_s
        billed_s += change * max(0.0, horizon_s - launched_s)
    return billed_s / SECONDS_PER_HOUR


def _waits(arrived: list[int], served: list[float]) -> dict[str, float]:
    """Waits of the requests of each minute, until as many have been served as had come."""
    count = np.array(arrived, dtype=np.float64)
    total = float(count.sum())
    if not total:
        nothing = ("mean_wait_s", "p95_wait_s", "longest_wait_s", "expired_share")
        return dict.fromkeys(nothing, 0.0)
    came, gone = np.cumsum(count), np.cumsum(served)
    reached = np.searchsorted(gone, came - 1e-6 * np.maximum(1.0, came))
    waited = np.minimum(reached - np.arange(count.size), _MOST_MINUTES_WAITED)
    waited = np.where(count > 0, np.maximum(waited, 0), 0)
    order = np.argsort(waited)
    share = np.cumsum(count[order]) / total
    p95 = waited[order][int(np.searchsorted(share, 0.95))]
    return {
        "mean_wait_s": float(count @ waited) / total * SECONDS_PER_MINUTE,
        "p95_wait_s": float(p95) * SECONDS_PER_MINUTE,
        "longest_wait_s": float(waited.max()) * SECONDS_PER_MINUTE,
        "expired_share": float(count[waited >= _MOST_MINUTES_WAITED].sum()) / total,
    }
