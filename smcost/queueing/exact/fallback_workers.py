"""Fleets of parallel workers in plain Python: what ``kernels/fleet.h`` does, by other means.

Compiled, the number outstanding is counted from free times and waiting requests; here departures
are kept in a heap. Both are exact, and each is the check of the other.
"""

import struct
from collections import deque
from heapq import heapify, heappop, heappush, heapreplace
from itertools import chain


class WorkersFleet:
    """Instances of c workers, first come first served; a departure comes before an arrival.

    Parameters
    ----------
    workers
        Workers of an instance. [count]
    timeout_s
        Time since arrival after which work on a request ends; ``inf`` where it goes on. [s]
    least_outstanding
        Whether requests go to the instance with the fewest not yet answered.
    """

    __slots__ = (
        "_free_s",
        "_least_outstanding",
        "_leaving",
        "_outstanding",
        "_timeout_s",
        "_waiting",
        "_workers",
    )

    def __init__(self, *, workers: int, timeout_s: float, least_outstanding: bool) -> None:
        self._workers = workers
        self._timeout_s = timeout_s
        self._least_outstanding = least_outstanding
        self._free_s: list[list[float]] = []
        #: Start times of those who wait, per instance: only least-outstanding needs them.
        self._waiting: list[deque[float]] = []
        self._outstanding: list[int] = []
        self._leaving: list[tuple[float, int]] = []

    def resize(self, instances: int) -> None:
        """The newest leave, and come back empty."""
        if instances < len(self._free_s):
            self._leaving = [entry for entry in self._leaving if entry[1] < instances]
            heapify(self._leaving)
        for kept in (self._free_s, self._waiting, self._outstanding):
            del kept[instances:]
        while len(self._free_s) < instances:
            self._free_s.append([0.0] * self._workers)
            self._waiting.append(deque())
            self._outstanding.append(0)

    def begin_minute(self, seed: int, minute: int) -> None:
        """Nothing is drawn here."""

    def serve(
        self, arrivals_s: list[float], services_s: list[float], choices: list[float] | None
    ) -> list[float]:
        """Response times of requests in the order of their arrival. [s]"""
        if choices is None:
            return self._serve_least(arrivals_s, services_s)
        responses_s, timeout_s, instances = [], self._timeout_s, len(self._free_s)
        for now_s, service_s, choice in zip(arrivals_s, services_s, choices, strict=True):
            free_s = self._free_s[int(choice * instances)]
            start_s = free_s[0] if free_s[0] > now_s else now_s
            done_s = start_s + service_s
            if done_s > now_s + timeout_s:
                done_s = max(start_s, now_s + timeout_s)
            heapreplace(free_s, done_s)
            responses_s.append((start_s - now_s) + service_s)
        return responses_s

    def _serve_least(self, arrivals_s: list[float], services_s: list[float]) -> list[float]:
        responses_s, timeout_s = [], self._timeout_s
        leaving, outstanding = self._leaving, self._outstanding
        for now_s, service_s in zip(arrivals_s, services_s, strict=True):
            while leaving and leaving[0][0] <= now_s:
                outstanding[heappop(leaving)[1]] -= 1
            slot = outstanding.index(min(outstanding))
            free_s = self._free_s[slot]
            start_s = now_s
            if free_s[0] > now_s:
                start_s = free_s[0]
                self._waiting[slot].append(start_s)
            done_s = start_s + service_s
            if done_s > now_s + timeout_s:
                done_s = max(start_s, now_s + timeout_s)
            heapreplace(free_s, done_s)
            heappush(leaving, (done_s, slot))
            outstanding[slot] += 1
            responses_s.append((start_s - now_s) + service_s)
        return responses_s

    def settle(self, end_s: float) -> int:
        """Bring the fleet to the end of a minute; the number of requests that still wait."""
        for waiting in self._waiting:
            while waiting and waiting[0] <= end_s:
                waiting.popleft()
        return sum(map(len, self._waiting))

    def state(self, end_s: float) -> bytes:
        """The state at the end of a minute: equal futures have equal bytes."""
        parts = [struct.pack("=q", len(self._free_s))]
        for free_s, waiting in zip(self._free_s, self._waiting, strict=True):
            clipped_s = sorted(max(time_s, end_s) for time_s in free_s)
            parts.append(struct.pack(f"={len(clipped_s)}d", *clipped_s))
            if self._least_outstanding:
                parts.append(struct.pack(f"=q{len(waiting)}d", len(waiting), *waiting))
        return b"".join(parts)

    def restore(self, state: bytes, begin_s: float) -> None:
        """Continue from a state at the time ``begin_s``."""
        (instances,) = struct.unpack_from("=q", state)
        self.resize(instances)
        at = 8
        for slot in range(instances):
            self._free_s[slot] = list(struct.unpack_from(f"={self._workers}d", state, at))
            at += 8 * self._workers
            if self._least_outstanding:
                (size,) = struct.unpack_from("=q", state, at)
                self._waiting[slot] = deque(struct.unpack_from(f"={size}d", state, at + 8))
                at += 8 + 8 * size
        for slot in range(instances):
            leaving = [t for t in chain(self._free_s[slot], self._waiting[slot]) if t > begin_s]
            self._outstanding[slot] = len(leaving)
            self._leaving.extend((time_s, slot) for time_s in leaving)
        heapify(self._leaving)
