"""A stretch of minutes to replay, and what is counted over it."""

from dataclasses import dataclass

from smcost.queueing.exact.compiled import CountArray, IntArray
from smcost.queueing.exact.stations import Station
from smcost.queueing.service import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stretch:
    """Consecutive minutes and what serves them.

    Attributes
    ----------
    counts, in_service
        Requests and instances of each minute, shape ``(T,)``. [count]
    window, section
        Histogram and section of each minute, shape ``(T,)``; window -1: not recorded.
    first_minute
        Number of the first minute: times and random numbers follow from it.
    offsets_s
        Times within their minutes of all requests in order, or ``None``, shape ``(n,)``. [s]
    limits_s
        Beyond which a response is late, shape ``(L,)``. [s]
    station, least_outstanding
        What serves, and how requests find an instance.
    seed, burstiness
        Key of the random numbers; index of dispersion of the requests per second.
    timeout_s
        When work on a request ends; ``inf`` where it goes on. [s]
    most_waiting
        With more than that many waiting at the end of a minute the replay stops. [count]
    """

    counts: IntArray
    in_service: IntArray
    window: IntArray
    section: IntArray
    first_minute: int
    offsets_s: FloatArray | None
    limits_s: FloatArray
    station: Station
    least_outstanding: bool
    seed: int
    burstiness: float
    timeout_s: float
    most_waiting: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tally:
    """What is counted.

    Attributes
    ----------
    late
        Requests of each minute beyond each limit, shape ``(T, L)``. [count]
    histogram, sections
        Requests per bin, shape ``(W, BINS)`` and ``(S, BINS)``. [count]
    """

    late: IntArray
    histogram: CountArray
    sections: CountArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counted:
    """A stretch replayed.

    Attributes
    ----------
    tally
        What was counted.
    state
        Of the fleet at the end.
    reached
        Minutes replayed: fewer than T where too many waited.
    """

    tally: Tally
    state: bytes
    reached: int
