"""The replay of a stretch in Python and numpy: the specification of ``kernels/minutes.h``."""

from typing import Protocol

import numpy as np

from smcost.queueing.exact.burstiness import bent
from smcost.queueing.exact.fallback_sweep import SweepFleet
from smcost.queueing.exact.fallback_workers import WorkersFleet
from smcost.queueing.exact.histogram import bins_of
from smcost.queueing.exact.random_numbers import (
    ARRIVALS,
    WORK,
    ranks_and_choices,
    sorted_uniforms,
    stream_key,
)
from smcost.queueing.exact.stations import WorkersStation
from smcost.queueing.exact.stretch import Stretch, Tally
from smcost.queueing.service import FloatArray
from smcost.units import SECONDS_PER_MINUTE


class Fleet(Protocol):
    """Instances of a kind; see the fallbacks."""

    def resize(self, instances: int) -> None:
        """Change the number of instances."""

    def begin_minute(self, seed: int, minute: int) -> None:
        """Renew the random numbers."""

    def serve(
        self, arrivals_s: list[float], work: list[float], choices: list[float] | None
    ) -> list[float]:
        """Response times. [s]"""

    def settle(self, end_s: float) -> int:
        """End a minute."""

    def state(self, end_s: float) -> bytes:
        """Write the state."""

    def restore(self, state: bytes, begin_s: float) -> None:
        """Read it."""


def _new_fleet(stretch: Stretch) -> Fleet:
    if isinstance(stretch.station, WorkersStation):
        return WorkersFleet(
            workers=stretch.station.workers,
            timeout_s=stretch.timeout_s,
            least_outstanding=stretch.least_outstanding,
        )
    return SweepFleet(station=stretch.station, timeout_s=stretch.timeout_s)


def replay_in_python(
    stretch: Stretch, weights: FloatArray, state: bytes, tally: Tally
) -> tuple[bytes, int]:
    """State at the end and minutes reached; what is counted is added to ``tally``.

    Parameters
    ----------
    stretch
        The minutes.
    weights
        Cumulative weights of the seconds, shape ``(T, 61)``, or of size 0.
    state
        Of the fleet at the beginning; empty bytes are an empty fleet.
    tally
        Zero at the beginning.
    """
    fleet, past = _new_fleet(stretch), 0
    if state:
        fleet.restore(state, float(stretch.first_minute * SECONDS_PER_MINUTE))
    end_s = 0.0
    for t, size in enumerate(stretch.counts.tolist()):
        minute = stretch.first_minute + t
        fleet.resize(int(stretch.in_service[t]))
        fleet.begin_minute(stretch.seed, minute)
        given_s = None if stretch.offsets_s is None else stretch.offsets_s[past : past + size]
        bend = weights[t] if weights.size else None
        arrivals_s = _arrivals_s(stretch, minute, size, bend, given_s)
        responses_s = np.array(fleet.serve(arrivals_s.tolist(), *_luck(stretch, minute, size)))
        if stretch.window[t] >= 0:
            _record(stretch, t, responses_s, tally)
        past += size
        end_s = float((minute + 1) * SECONDS_PER_MINUTE)
        if fleet.settle(end_s) > stretch.most_waiting:
            return fleet.state(end_s), t + 1
    return fleet.state(end_s), stretch.counts.size


def _record(stretch: Stretch, t: int, responses_s: FloatArray, tally: Tally) -> None:
    tally.late[t] = (responses_s[:, None] > stretch.limits_s).sum(axis=0)
    bins = bins_of(responses_s)
    np.add.at(tally.histogram[stretch.window[t]], bins, np.uint64(1))
    np.add.at(tally.sections[stretch.section[t]], bins, np.uint64(1))


def _arrivals_s(
    stretch: Stretch,
    minute: int,
    size: int,
    weights: FloatArray | None,
    given_s: FloatArray | None,
) -> FloatArray:
    """Arrival times of a minute in order, shape ``(size,)``. [s]"""
    start_s = float(minute * SECONDS_PER_MINUTE)
    if given_s is not None:
        return start_s + given_s
    ranks = sorted_uniforms(stream_key(stretch.seed, minute, ARRIVALS), size)
    return start_s + (ranks * SECONDS_PER_MINUTE if weights is None else bent(ranks, weights))


def _luck(stretch: Stretch, minute: int, size: int) -> tuple[list[float], list[float] | None]:
    """What each request of a minute asks for, and the instance it picks."""
    work, choices = ranks_and_choices(stream_key(stretch.seed, minute, WORK), size)
    if isinstance(stretch.station, WorkersStation):
        work = stretch.station.service.at(work)
    return work.tolist(), None if stretch.least_outstanding else choices.tolist()
