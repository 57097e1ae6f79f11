"""How far Che's approximation is from exact LRU caches, in points of the hit rate.

Run with ``python benchmarks/multi_model.py``; takes some minutes. Equal sizes first: Zipf exponents
by numbers of models by shares of them that fit into memory. Then sizes that differ, on one instance
and spread over several, where the approximation has more to get wrong.
"""

import sys
import time
from itertools import product

import numpy as np
from numpy.typing import NDArray

from smcost.multi_model.che import cache_state
from smcost.multi_model.hosted import Hosted, zipf_shares
from smcost.multi_model.lru import simulate
from smcost.multi_model.placement import Placement, place

FloatArray = NDArray[np.float64]

SEED = 20261125
REQUESTS, WARM_UP = 1_000_000, 500_000
EXPONENTS = (0.6, 0.8, 1.0, 1.2)
COUNTS = (50, 200, 1000, 5000)
SHARES = (0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9)
#: Name -> sizes of so many models.
SIZES = {
    "lognormal, cv 0.5": lambda rng, count: rng.lognormal(0.0, 0.4724, count),
    "lognormal, cv 1.5": lambda rng, count: rng.lognormal(0.0, 1.0857, count),
    "1 or 2": lambda rng, count: rng.choice([1.0, 2.0], count),
    "1 or 10, a fifth": lambda rng, count: rng.choice([1.0, 10.0], count, p=[0.8, 0.2]),
}


def difference(
    size: FloatArray, exponent: float, part: float, instances: int = 1
) -> tuple[float, float, float]:
    """Hit rate by the approximation and exactly [%], and models of mean size in one memory."""
    models = Hosted(
        names=tuple(map(str, range(size.size))),
        share=zipf_shares(size.size, exponent),
        size_bytes=size,
        load_s=np.ones(size.size),
    )
    memory = max(float(size.max()), part * float(size.sum()) / instances)
    copies = place(models, instances, Placement.STICKY, memory)
    exact = simulate(models, copies, memory, requests=REQUESTS, warm_up=WARM_UP, seed=SEED)
    found = cache_state(models, copies, memory)
    return 100 * found.hit_rate, 100 * exact.hit_rate, memory / float(size.mean())


def equal_sizes() -> float:
    """Print the grid; the largest difference. [points]"""
    print("Equal sizes: exact hit rate, % (approximation minus exact, points)")
    heads = "  ".join(f"{f'{part:.0%}':>13}" for part in SHARES)
    print(f"{'zipf':>5} {'models':>7}  {heads}   of the models fit")
    worst = 0.0
    for exponent, count in product(EXPONENTS, COUNTS):
        cells = []
        for part in SHARES:
            formula, exact, _ = difference(np.ones(count), exponent, part)
            worst = max(worst, abs(formula - exact))
            cells.append(f"{exact:6.2f}({formula - exact:+.2f})")
        print(f"{exponent:>5} {count:>7}  {'  '.join(cells)}", flush=True)
    print(f"largest difference: {worst:.2f} points\n")
    return worst


def mixed_sizes() -> None:
    """Print what sizes that differ change, by how many models a memory holds."""
    print("Sizes that differ: approximation minus exact, points; all exponents and shares")
    print(f"{'sizes':>20} {'instances':>9}  models in one memory: lowest to highest difference")
    for name, instances in product(SIZES, (1, 4)):
        by_room: dict[str, list[float]] = {}
        for exponent, count, part in product(EXPONENTS, (50, 200, 1000), (0.1, 0.3, 0.6, 0.9)):
            size = SIZES[name](np.random.default_rng(SEED), count)
            formula, exact, room = difference(size, exponent, part, instances)
            band = "below 5" if room < 5 else "5 to 20" if room < 20 else "20 and more"
            by_room.setdefault(band, []).append(formula - exact)
        said = "; ".join(
            f"{band}: {min(by_room[band]):+.2f} to {max(by_room[band]):+.2f}"
            for band in ("below 5", "5 to 20", "20 and more")
            if band in by_room
        )
        print(f"{name:>20} {instances:>9}  {said}", flush=True)


if __name__ == "__main__":
    began_s = time.perf_counter()
    print(f"Python {sys.version.split()[0]}, numpy {np.__version__}, seed {SEED}, ", end="")
    print(f"{REQUESTS:,} requests after {WARM_UP:,}\n")
    equal_sizes()
    mixed_sizes()
    print(f"\n{time.perf_counter() - began_s:.0f} s")
