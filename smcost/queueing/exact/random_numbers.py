"""Counter-based random numbers: number i of a stream of a minute, in any order, on any thread.

Every candidate sees the same arrivals, the same work and the same luck, and a stretch replayed
alone sees what it saw within the whole.

References
----------
G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014
(splitmix64 and its finaliser).
"""

import numpy as np
from numpy.typing import NDArray

from smcost.queueing.service import FloatArray

#: Streams of a minute; departures of the station in slot j have stream DEPARTURES + j.
ARRIVALS, WORK, CHOICE, DEPARTURES = 0, 1, 2, 3
#: Weights of the seconds of a minute; never met by a slot.
SECONDS = 2**63
_GOLDEN = 0x9E3779B97F4A7C15
_MASK = 2**64 - 1


def _mixed(z: int) -> int:
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def stream_key(seed: int, minute: int, stream: int) -> int:
    """Key of a stream: mixes seed, number of the minute and number of the stream."""
    key = _mixed((seed + _GOLDEN) & _MASK)
    key = _mixed((key + minute * _GOLDEN) & _MASK)
    return _mixed((key + (stream + 1) * _GOLDEN) & _MASK)


def uniforms(key: int, size: int, first: int = 0) -> FloatArray:
    """Numbers ``first`` ... ``first + size - 1`` of a stream, on [0, 1), shape ``(size,)``.

    >>> bool(np.all(uniforms(7, 5)[2:] == uniforms(7, 3, first=2)))
    True
    """
    z: NDArray[np.uint64] = np.arange(first + 1, first + size + 1, dtype=np.uint64)
    z *= np.uint64(_GOLDEN)
    z += np.uint64(key)
    z ^= z >> np.uint64(30)
    z *= np.uint64(0xBF58476D1CE4E5B9)
    z ^= z >> np.uint64(27)
    z *= np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return np.asarray((z >> np.uint64(11)).astype(np.float64) * 2.0**-53)
