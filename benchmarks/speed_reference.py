"""The independently written C kernel, compiled on the spot."""

import ctypes
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SOURCE = Path(__file__).with_name("speed_reference.c")
FloatArray = NDArray[np.float64]


#: Without these compilers make branches of minima, which are mispredicted.
_MINIMA = ["-ffinite-math-only", "-fno-signed-zeros"]
#: Vectors help where workers are many and harm where they are few: each call names its build.
_BUILDS = {"wide": [], "narrow": ["-fno-tree-vectorize", "-fno-tree-slp-vectorize"]}


@lru_cache(maxsize=2)
def _library(build: str) -> ctypes.CDLL:
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder) / "reference.so"
        flags = ["-O3", "-march=native", *_MINIMA, *_BUILDS[build], "-shared", "-fPIC"]
        subprocess.run(["cc", *flags, "-o", str(built), str(SOURCE)], check=True)
        return ctypes.CDLL(str(built))


def _at(values: FloatArray) -> ctypes.c_void_p:
    return ctypes.c_void_p(values.ctypes.data)


def central(arrivals_s: FloatArray, services_s: FloatArray, workers: int, out: FloatArray) -> None:
    """One queue before 1, 4, 16 or 64 workers."""
    size = ctypes.c_long(arrivals_s.size)
    library = _library("wide" if workers > 16 else "narrow")
    library.central(size, _at(arrivals_s), _at(services_s), workers, _at(out))


def fleet(
    arrivals_s: FloatArray,
    services_s: FloatArray,
    choices: FloatArray | None,
    instances: int,
    out: FloatArray,
) -> None:
    """Instances of 4 workers; without choices to the one with the fewest present."""
    size, given = ctypes.c_long(arrivals_s.size), (_at(arrivals_s), _at(services_s))
    if choices is None:
        _library("narrow").fleet_least(size, *given, instances, _at(out))
    else:
        _library("narrow").fleet_random(size, *given, _at(choices), instances, _at(out))
