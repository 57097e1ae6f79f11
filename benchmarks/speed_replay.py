"""Exact replay of a month of 484 million requests, and the memory that it takes."""

import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray
from speed_scene import DAYS, TOTAL, Row, traffic

from smcost.queueing.exact.replay import exact_replay
from smcost.queueing.exact.stations import workers_station
from smcost.queueing.service import ServiceTime
from smcost.replay.counts import Delays, replay_counts
from smcost.scaling import TargetTracking

WORKERS, SERVICE = 4, ServiceTime(mean_s=0.04, cv=0.5)
_TARGET = 0.7 * 60 * WORKERS / SERVICE.mean_s
_BYTES_PER_MAXRSS = 1 if sys.platform == "darwin" else 1024
_MOST_MB = 300


def scaled_fleet(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Instances of every minute under a target of 70 %."""
    policy = TargetTracking(
        target_per_minute=_TARGET, minimum=2, maximum=1_000, scale_in_cooldown_s=300.0
    )
    return replay_counts(counts, policy, Delays()).in_service


def replay_s(counts: NDArray[np.int64], *, least_outstanding: bool, threads: int) -> float:
    """Seconds to replay all of them."""
    minutes, in_service = counts.size, scaled_fleet(counts)
    started = time.perf_counter()
    exact_replay(
        counts=counts,
        in_service=in_service,
        station=workers_station(SERVICE, WORKERS),
        least_outstanding=least_outstanding,
        seed=1,
        limits_s=np.array([0.2, 60.0]),
        timeout_s=60.0,
        drop_timed_out=False,
        window=np.arange(minutes) // 1440,
        section=np.arange(minutes) * 10 // minutes,
        threads=threads,
    )
    return time.perf_counter() - started


def replays(days: int, rounds: int) -> Iterator[Row]:
    """On 1 and 2 threads under both routings, in turn."""
    total = TOTAL * days // DAYS
    counts = traffic(days, total)
    fleet = scaled_fleet(counts)
    instances = f"{fleet.min()} to {fleet.max()} instances"
    for name, least in (("RANDOM", False), ("LOR", True)):
        seconds: dict[int, list[float]] = {1: [], 2: []}
        for _ in range(rounds):
            for threads, found in seconds.items():
                found.append(replay_s(counts, least_outstanding=least, threads=threads))
        for threads, found in seconds.items():
            gain = median(a / b for a, b in zip(seconds[1], found, strict=True))
            yield Row(
                f"exact replay, {total / 1e6:,.0f} M requests, {instances}, {name}, "
                f"{threads} thread{'s' * (threads > 1)}",
                f"{median(found):.1f} s ({total / median(found) / 1e6:.0f} M/s)",
                f"{gain:.2f} x one thread" if threads > 1 else "",
            )


def memory(totals: tuple[int, ...]) -> Iterator[Row]:
    """Peak of a process that does nothing else, for few and for many requests."""
    for total in totals:
        found = subprocess.run(
            [sys.executable, str(Path(__file__)), str(total)],
            check=True,
            capture_output=True,
            text=True,
        )
        peak_mb = float(found.stdout)
        yield Row(
            f"peak memory of the replay of {total / 1e6:,.0f} M requests, 2 threads",
            f"{peak_mb:.0f} MB",
            goal=f"< {_MOST_MB} MB",
            met=peak_mb < _MOST_MB,
        )


def _peak_mb() -> float:
    """Highest resident memory of this process so far. [MB]

    Linux passes the maximum of ``getrusage`` on from the process that started this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _BYTES_PER_MAXRSS / 1e6


if __name__ == "__main__":
    replay_s(traffic(DAYS, int(sys.argv[1])), least_outstanding=False, threads=2)
    print(_peak_mb())
