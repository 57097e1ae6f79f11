"""Serverless endpoints: requests in flight, what provisioned concurrency takes over, the price.

A container works on one request at a time, as AWS recommends. Requests are Poisson within a
minute, so that the number in flight is Poisson too, whatever the service time's law (M/G/inf), and
containers asked in a fixed order are Erlang's loss system each with the ones before it.
"""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from smcost.errors import UsageError
from smcost.queueing.service import FloatArray
from smcost.units import SECONDS_PER_MINUTE

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerlessRates:
    """USD per second and GB of memory; ``None``: not known in the region.

    Attributes
    ----------
    execution
        For every second that a request is worked on. [USD/GB-s]
    reserved
        For every second that provisioned concurrency is held ready. [USD/GB-s]
    reserved_execution
        For execution on it. [USD/GB-s]
    """

    execution: Decimal | None = None
    reserved: Decimal | None = None
    reserved_execution: Decimal | None = None

    @property
    def knows_provisioned(self) -> bool:
        """Whether provisioned concurrency can be priced."""
        return None not in (self.execution, self.reserved, self.reserved_execution)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Seconds of work over a horizon, and what is left of it beyond so many containers.

    Attributes
    ----------
    horizon_s
        Its length. [s]
    beyond_s
        Work that finds the first j containers busy, shape ``(J + 1,)``; ``beyond_s[0]`` is all of
        it. Convex and falling in j. [s]
    """

    horizon_s: float
    beyond_s: FloatArray

    @property
    def busy_share(self) -> FloatArray:
        """Share of the time that container j + 1 works, asked in a fixed order, ``(J,)``."""
        return -np.diff(self.beyond_s) / self.horizon_s

    @property
    def throttled_share(self) -> float:
        """Share of the requests that find all J containers busy; 0 without requests."""
        return float(self.beyond_s[-1] / self.beyond_s[0]) if self.beyond_s[0] else 0.0


def offered_load(invocations: IntArray, service_s: float) -> FloatArray:
    """Mean requests in flight in each minute, by Little's law, shape ``(T,)``.

    Parameters
    ----------
    invocations
        Per minute, shape ``(T,)``. [count]
    service_s
        Mean service time. [s]
    """
    load: FloatArray = np.asarray(invocations, dtype=np.float64) * service_s / SECONDS_PER_MINUTE
    return load


def most_in_flight(invocations: IntArray, load: FloatArray) -> IntArray:
    """Requests that are in flight at once in each minute, at most, shape ``(T,)``. [count]

    The least m such that fewer than half a request of the minute is expected to find m or more in
    flight: one request needs one container, however short it is.

    Parameters
    ----------
    invocations, load
        Requests of each minute, and of them in flight on average, shape ``(T,)``. [count, erlang]
    """
    from scipy import special

    distinct, where = np.unique(invocations, return_inverse=True)
    load_of = np.zeros(distinct.size)
    load_of[where] = load
    busy = distinct > 0
    wanted = 1 - 0.5 / np.maximum(distinct, 1)
    found = np.zeros(distinct.size)
    several = busy & (special.pdtr(0, load_of) < wanted)
    found[several] = np.ceil(special.pdtrik(wanted[several], load_of[several]) - 1e-6)
    needed = np.where(busy, np.minimum(found + 1, distinct), 0)
    return np.asarray(needed[where], dtype=np.int64)


def work(load: FloatArray, most: int) -> Work:
    """What containers asked in a fixed order take over of the load, for 0 to ``most`` of them.

    Parameters
    ----------
    load
        Requests in flight in each minute, shape ``(T,)``. [erlang]
    most
        ``MaxConcurrency``: requests beyond it are throttled. [count]

    Notes
    -----
    Beyond j containers a B(j, a) of the load a is left, B being Erlang's loss formula by its
    recursion (:func:`smcost.queueing.erlang.blocking_probability`, which has the references).

    Raises
    ------
    UsageError
        ``most`` below 1.
    """
    if most < 1:
        raise UsageError(
            f"A concurrency of {most} serves nobody",
            remedy="Give 1 or more",
            place="--serverless-max-concurrency",
        )
    # Equal minutes are computed once: a trace has far fewer different counts than minutes.
    distinct, times = np.unique(load, return_counts=True)
    seconds = times * float(SECONDS_PER_MINUTE)
    blocked = np.ones_like(distinct)
    beyond_s = [float(seconds @ distinct)]
    for count in range(1, most + 1):
        blocked = distinct * blocked / (count + distinct * blocked)
        beyond_s.append(float(seconds @ (distinct * blocked)))
    return Work(horizon_s=load.size * float(SECONDS_PER_MINUTE), beyond_s=np.array(beyond_s))


def provisioned_usd_per_gb(done: Work, count: int, rates: ServerlessRates) -> float:
    """What the work of the horizon costs per GB of memory with so many provisioned. [USD/GB]

    Held ready all the time, execution on it at its own rate, the rest on demand.
    """
    execution, reserved, on_reserved = _known(rates)
    taken_s = float(done.beyond_s[0] - done.beyond_s[count])
    return (
        reserved * count * done.horizon_s
        + on_reserved * taken_s
        + execution * float(done.beyond_s[count])
    )


def cheapest_provisioned(done: Work, rates: ServerlessRates) -> int:
    """The provisioned concurrency at which :func:`provisioned_usd_per_gb` is least; 0: none pays.

    Notes
    -----
    The cost is convex in the count, as each container has less to do than the one before it: the
    next one pays as long as it is busy for more than reserved / (execution - reserved execution).

    Raises
    ------
    UsageError
        A rate is not known.
    """
    execution, reserved, on_reserved = _known(rates)
    if execution <= on_reserved:
        return 0
    pays = done.busy_share > reserved / (execution - on_reserved)
    return int(np.argmin(pays)) if not pays.all() else int(pays.size)


def _known(rates: ServerlessRates) -> tuple[float, float, float]:
    if rates.execution is None or rates.reserved is None or rates.reserved_execution is None:
        raise UsageError(
            "A serverless rate is not known, so provisioned concurrency has no price",
            remedy="Give it with --rates FILE",
        )
    return float(rates.execution), float(rates.reserved), float(rates.reserved_execution)
