"""The compiled kernels, where they were built and are not switched off."""

import importlib
import os
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from smcost.queueing.service import FloatArray

#: Set to 1: what is compiled is not used. For tests, and to check a suspicion.
SWITCH = "SMCOST_NO_KERNELS"
IntArray = NDArray[np.int64]
CountArray = NDArray[np.uint64]


class Kernels(Protocol):
    """What the extension module offers; arrays are C-contiguous."""

    def replay_minutes(
        self,
        counts: IntArray,
        in_service: IntArray,
        window: IntArray,
        section: IntArray,
        weights: FloatArray,
        offsets_s: FloatArray,
        limits_s: FloatArray,
        seed: int,
        first_minute: int,
        most_waiting: int,
        kind: int,
        least_outstanding: bool,
        width: int,
        timeout_s: float,
        latency: FloatArray,
        latency_bits: int,
        exponential: FloatArray,
        exponential_bits: int,
        throughput_rps: FloatArray,
        state: bytes,
        late: IntArray,
        histogram: CountArray,
        sections: CountArray,
        /,
    ) -> tuple[bytes, int]:
        """See ``stretch.Stretch``."""

    def serve_given(
        self,
        arrivals_s: FloatArray,
        services_s: FloatArray,
        choices: FloatArray,
        begins: IntArray,
        in_service: IntArray,
        workers: int,
        timeout_s: float,
        responses_s: FloatArray,
        /,
    ) -> int:
        """See ``given.serve_given``; what is wrong with the requests, or 0."""

    def backlog_spread(
        self,
        invocations: IntArray,
        in_service: IntArray,
        max_per_minute: float,
        largest: float,
        /,
    ) -> bytes:
        """See ``smcost.replay.backlog.delayed_arrivals``: minute, requests and delay in turn."""

    def use_vectors(self, widest: int, /) -> int:
        """Let vector instructions be as wide as that at most, 0 to 2; what is used. For tests."""

    def count_replay(
        self,
        invocations: IntArray,
        target: float,
        minimum: int,
        maximum: int,
        scale_in_cooldown_s: float,
        reaction_s: float,
        startup_s: float,
        start: int,
        in_service: IntArray,
        activities: IntArray,
        /,
    ) -> tuple[int, float]:
        """See ``smcost.replay.counts.replay_counts``."""

    def scheduled_replay(
        self,
        invocations: IntArray,
        target: float,
        minimum: int,
        maximum: int,
        scale_in_cooldown_s: float,
        reaction_s: float,
        startup_s: float,
        start: int,
        due: IntArray,
        in_service: IntArray,
        activities: IntArray,
        failed_s: FloatArray,
        /,
    ) -> tuple[int, int, float]:
        """See ``smcost.replay.policies.replay_policies``, on invocations and with a schedule."""

    def in_flight_replay(
        self,
        ten_seconds: IntArray,
        before: FloatArray,
        after: FloatArray,
        rows: int,
        most: float,
        least_outstanding: bool,
        target: float,
        minimum: int,
        maximum: int,
        scale_in_cooldown_s: float,
        reaction_s: float,
        startup_s: float,
        start: int,
        in_service: IntArray,
        activities: IntArray,
        /,
    ) -> tuple[int, float]:
        """See ``smcost.replay.policies.replay_policies``, with one policy on concurrency."""


@lru_cache(maxsize=1)
def _built() -> Kernels | None:
    try:
        module: Kernels = importlib.import_module("smcost._kernels")
    except ImportError:
        return None
    # A checkout that has moved on since its kernels were built has some that this code asks for
    # and does not find: then Python does the work, with the same digits.
    wanted = [name for name in vars(Kernels) if not name.startswith("_")]
    return module if all(hasattr(module, name) for name in wanted) else None


def kernels() -> Kernels | None:
    """The extension module; ``None`` without it, or where SMCOST_NO_KERNELS is 1."""
    return None if os.environ.get(SWITCH) == "1" else _built()


def compiled() -> bool:
    """Whether the compiled kernels are used."""
    return kernels() is not None
