"""How long reading 10 million rows takes, and how much memory.

    python benchmarks/read_10_million_rows.py

Writes 116 days of counts per second (ISO 8601 times, some 250 MB) into a temporary folder, reads
them as ``smcost estimate --traffic`` would, resamples them to minutes, and prints time and memory.
"""

import os
import platform
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from smcost.read.traffic_csv import read_traffic
from smcost.traffic.minutes import to_minutes

ROWS = 10_000_000
_START = np.datetime64("2024-01-01T00:00:00", "s")
_WRITTEN_AT_ONCE = 500_000
_BYTES_PER_MAXRSS = 1 if sys.platform == "darwin" else 1024


def write_trace(path: Path, rows: int) -> int:
    """Write Poisson counts around 5 per second, and return their sum."""
    rng = np.random.default_rng(seed=1)
    total = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("timestamp,invocations\n")
        for first in range(0, rows, _WRITTEN_AT_ONCE):
            size = min(_WRITTEN_AT_ONCE, rows - first)
            times = np.datetime_as_string(_START + np.arange(first, first + size))
            counts = rng.poisson(5.0, size)
            total += int(counts.sum())
            lines = (f"{at}Z,{n}\n" for at, n in zip(times.tolist(), counts.tolist(), strict=True))
            file.writelines(lines)
    return total


def peak_mib() -> float:
    """Highest resident memory of this process so far. [MiB]"""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _BYTES_PER_MAXRSS / 2**20


def main() -> None:
    """Write, read, compare the totals, print."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "per_second.csv"
        total = write_trace(path, ROWS)
        before_mib = peak_mib()
        started = time.perf_counter()
        trace, _ = read_traffic(path)
        read_s = time.perf_counter() - started
        started = time.perf_counter()
        minutes = to_minutes(trace)
        resampled_s = time.perf_counter() - started
    if not trace.total == minutes.total == total:
        raise SystemExit(f"lost invocations: wrote {total}, read {trace.total}")
    print(f"{ROWS:,} rows read in {read_s:.1f} s, resampled to minutes in {resampled_s:.2f} s")
    print(f"peak memory {peak_mib():.0f} MiB ({before_mib:.0f} MiB before reading)")
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores")
    print(f"{datetime.now(tz=UTC):%Y-%m-%d}")


if __name__ == "__main__":
    main()
