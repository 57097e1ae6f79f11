"""Fleets of load-dependent stations in plain Python: what ``kernels/fleet.h`` does.

With k present one leaves at rate X(min(k, K)). A request that finds K or more waits for its turn
among the departures at rate X(K); those are a Poisson process whatever arrives later, so that the
time of its turn is drawn when it arrives. A departure drawn is drawn anew when an arrival changes
the rate, and at the beginning of a minute: what is left of an exponential time is exponential.
"""

import math
import struct
from collections import deque
from collections.abc import Iterator

import numpy as np

from smcost.queueing.exact.quantile_table import exponential_table
from smcost.queueing.exact.random_numbers import DEPARTURES, stream_key, uniforms
from smcost.queueing.exact.stations import SweepStation
from smcost.units import SECONDS_PER_MINUTE

_BLOCK = 32


class _Slot:
    """One station."""

    __slots__ = ("_draws", "_rates_rps", "busy", "leaves_s", "taken", "turns_s")

    def __init__(self, rates_rps: list[float]) -> None:
        self._rates_rps = rates_rps
        self._draws: Iterator[float] = iter(())
        self.busy = 0
        self.leaves_s = math.inf
        #: Whether a waiting request takes the place that the departure at ``leaves_s`` frees.
        self.taken = False
        self.turns_s: deque[float] = deque()

    @property
    def outstanding(self) -> int:
        return self.busy + len(self.turns_s)

    def begin_minute(self, key: int, start_s: float) -> None:
        """A departure to come is drawn anew: the state then is the number present alone."""
        self._draws = _exponentials(key)
        if not self.turns_s:
            self._draw_departure(start_s)

    def _draw_departure(self, now_s: float) -> None:
        self.taken = False
        self.leaves_s = math.inf
        if self.busy:
            self.leaves_s = now_s + next(self._draws) / self._rates_rps[self.busy - 1]

    def advance(self, now_s: float) -> None:
        while (self.turns_s[0] if self.turns_s else self.leaves_s) <= now_s:
            if self.turns_s:
                self.turns_s.popleft()
                if self.turns_s:
                    continue
                self.busy = len(self._rates_rps) - (not self.taken)
            else:
                self.busy -= 1
            self._draw_departure(self.leaves_s)

    def admit(self, now_s: float, timeout_s: float) -> float:
        """Take a request in; how long it waits. [s]"""
        if self.busy < len(self._rates_rps):
            self.busy += 1
            self._draw_departure(now_s)
            return 0.0
        if self.taken:
            self.leaves_s += next(self._draws) / self._rates_rps[-1]
        waits_s = self.leaves_s - now_s
        self.taken = waits_s < timeout_s
        self.turns_s.append(self.leaves_s)
        return waits_s


def _exponentials(key: int) -> Iterator[float]:
    first = 0
    while True:
        yield from exponential_table().at(uniforms(key, _BLOCK, first)).tolist()
        first += _BLOCK


class SweepFleet:
    """Instances of a load-dependent station.

    Parameters
    ----------
    station
        The station.
    timeout_s
        Time since arrival after which a waiting request is passed over; ``inf`` for never. [s]
    """

    __slots__ = ("_rates_rps", "_slots", "_station", "_timeout_s")

    def __init__(self, *, station: SweepStation, timeout_s: float) -> None:
        self._station = station
        self._timeout_s = timeout_s
        self._rates_rps: list[float] = station.throughput_rps.tolist()
        self._slots: list[_Slot] = []

    def resize(self, instances: int) -> None:
        """The newest leave, and come back empty."""
        del self._slots[instances:]
        while len(self._slots) < instances:
            self._slots.append(_Slot(self._rates_rps))

    def begin_minute(self, seed: int, minute: int) -> None:
        """Departures drawn from now on have the numbers of this minute."""
        for number, slot in enumerate(self._slots):
            key = stream_key(seed, minute, DEPARTURES + number)
            slot.begin_minute(key, float(minute * SECONDS_PER_MINUTE))

    def serve(
        self, arrivals_s: list[float], ranks: list[float], choices: list[float] | None
    ) -> list[float]:
        """Response times of requests in the order of their arrival. [s]"""
        waits_s, busy = [], []
        for i, now_s in enumerate(arrivals_s):
            slot = self._chosen(now_s, None if choices is None else choices[i])
            waits_s.append(slot.admit(now_s, self._timeout_s))
            busy.append(slot.busy)
        at, rank = np.array(busy), np.array(ranks)
        responses_s = np.array(waits_s)
        for k in set(busy):
            chosen = at == k
            responses_s[chosen] += self._station.latencies[k - 1].at(rank[chosen])
        return list(map(float, responses_s))

    def _chosen(self, now_s: float, choice: float | None) -> _Slot:
        if choice is not None:
            slot = self._slots[int(choice * len(self._slots))]
            slot.advance(now_s)
            return slot
        for slot in self._slots:
            slot.advance(now_s)
        return min(self._slots, key=lambda slot: slot.outstanding)

    def settle(self, end_s: float) -> int:
        """Bring the fleet to the end of a minute; the number of requests that still wait."""
        for slot in self._slots:
            slot.advance(end_s)
        return sum(len(slot.turns_s) for slot in self._slots)

    def state(self, _end_s: float) -> bytes:
        """The state at the end of a minute."""
        parts = [struct.pack("=q", len(self._slots))]
        for slot in self._slots:
            turns_s = slot.turns_s
            leaves_s = slot.leaves_s if turns_s else math.inf
            words = (slot.busy, slot.taken, leaves_s, len(turns_s), *turns_s)
            parts.append(struct.pack(f"=qqdq{len(turns_s)}d", *words))
        return b"".join(parts)

    def restore(self, state: bytes, _begin_s: float) -> None:
        """Continue from a state."""
        (instances,) = struct.unpack_from("=q", state)
        self.resize(instances)
        at = 8
        for slot in self._slots:
            slot.busy, taken, slot.leaves_s, size = struct.unpack_from("=qqdq", state, at)
            slot.taken = bool(taken)
            slot.turns_s = deque(struct.unpack_from(f"={size}d", state, at + 32))
            at += 32 + 8 * size
