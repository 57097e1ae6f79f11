"""How fast the engine is, against SimPy, Ciw and a C kernel written independently.

    python benchmarks/speed.py
    python benchmarks/speed.py --only queue,search --quick

Prints one table. Engines are run in turn, round after round, and ratios are medians over the
rounds: what else runs on the machine slows all of them. ``--quick`` takes a tenth of the requests.
Needs a C compiler and the development dependencies. Exits with 1 where a goal is missed.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import speed_queue
import speed_replay
import speed_search
from speed_scene import DAYS, TOTAL, Row, machine

from smcost.queueing.exact.compiled import compiled


def _parts(*, quick: bool) -> dict[str, Callable[[], Iterator[Row]]]:
    size, peer_size, rounds = (1_000_000, 20_000, 3) if quick else (10_000_000, 100_000, 5)
    days, types = (2, range(3)) if quick else (4, range(6))
    total = TOTAL // 10 if quick else TOTAL

    def search() -> Iterator[Row]:
        yield from speed_search.search(TOTAL, 1 if quick else 3)
        yield from speed_search.optimum(days, types)

    return {
        "queue": lambda: speed_queue.central_queue(size, peer_size, rounds),
        "fleet": lambda: speed_queue.fleet(size, peer_size, rounds),
        "search": search,
        "replay": lambda: speed_replay.replays(3 if quick else DAYS, 1 if quick else 3),
        "memory": lambda: speed_replay.memory((5_000_000, total)),
    }


def _line(row: Row) -> str:
    met = {None: "", True: "yes", False: "**no**"}[row.met]
    return f"| {row.what} | {row.figure} | {row.ratio} | {row.goal} | {met} |"


def main() -> int:
    """Measure and print; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description="Measure the speed of the engine.")
    parser.add_argument("--only", help="parts, with commas between: queue,fleet,search,...")
    parser.add_argument("--quick", action="store_true", help="fewer requests and rounds")
    options = parser.parse_args()
    parts = _parts(quick=options.quick)
    chosen = options.only.split(",") if options.only else list(parts)
    if unknown := set(chosen) - set(parts):
        parser.error(f"unknown parts {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    if not compiled():
        parser.error("the kernels are not built, or SMCOST_NO_KERNELS is set")
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine()}. Medians; M/s: million requests a second.\n")
    print("| what | time per request or in all | ratio | goal | met |")
    print("|---|---|---|---|---|")
    missed = False
    for name in chosen:
        for row in parts[name]():
            print(_line(row), flush=True)
            missed |= row.met is False
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
