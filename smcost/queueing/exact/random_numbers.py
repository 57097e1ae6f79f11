"""Counter-based random numbers: number i of a stream of a minute, in any order, on any thread.

Every candidate sees the same arrivals, the same work and the same luck, and a stretch replayed
alone sees what it saw within the whole.

References
----------
G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014
(splitmix64 and its finaliser).
L. Devroye, "Non-Uniform Random Variate Generation", Springer 1986, section V.3.1 (order statistics
of uniforms as partial sums of exponentials).
Sun Microsystems, fdlibm 5.3, e_log.c, 1993 (the polynomial of the logarithm).
"""

import math

import numpy as np
from numpy.typing import NDArray

from smcost.queueing.service import FloatArray

#: Streams of a minute; departures of the station in slot j have stream DEPARTURES + j.
ARRIVALS, WORK, DEPARTURES = 0, 1, 2
#: Weights of the seconds of a minute; never met by a slot.
SECONDS = 2**63
_GOLDEN = 0x9E3779B97F4A7C15
_MASK = 2**64 - 1
_SQRT_HALF, _ONE = 0x3FE6A09E667F3BCD, 0x3FF0000000000000
_LN_2 = float.fromhex("0x1.62e42fefa39efp-1")
#: Of log((1 + s) / (1 - s)) in s^2, highest power first.
_LOG = (
    1.479819860511658591e-1,
    1.531383769920937332e-1,
    1.818357216161805012e-1,
    2.222219843214978396e-1,
    2.857142874366239149e-1,
    3.999999999940941908e-1,
    6.666666666666735130e-1,
)
_BELOW_1 = math.nextafter(1.0, 0.0)


def _mixed(z: int) -> int:
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def stream_key(seed: int, minute: int, stream: int) -> int:
    """Key of a stream: mixes seed, number of the minute and number of the stream."""
    key = _mixed((seed + _GOLDEN) & _MASK)
    key = _mixed((key + minute * _GOLDEN) & _MASK)
    return _mixed((key + (stream + 1) * _GOLDEN) & _MASK)


def _bits(key: int, size: int, first: int = 0) -> NDArray[np.uint64]:
    z: NDArray[np.uint64] = np.arange(first + 1, first + size + 1, dtype=np.uint64)
    z *= np.uint64(_GOLDEN)
    z += np.uint64(key)
    z ^= z >> np.uint64(30)
    z *= np.uint64(0xBF58476D1CE4E5B9)
    z ^= z >> np.uint64(27)
    z *= np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return z


def uniforms(key: int, size: int, first: int = 0) -> FloatArray:
    """Numbers ``first`` ... ``first + size - 1`` of a stream, on [0, 1), shape ``(size,)``.

    >>> bool(np.all(uniforms(7, 5)[2:] == uniforms(7, 3, first=2)))
    True
    """
    return np.asarray((_bits(key, size, first) >> np.uint64(11)).astype(np.float64) * 2.0**-53)


def ranks_and_choices(key: int, size: int) -> tuple[FloatArray, FloatArray]:
    """Ranks on (0, 1) of the upper 40 bits, and uniforms on [0, 1) of the other 24, ``(size,)``."""
    bits = _bits(key, size)
    ranks = ((bits >> np.uint64(24)).astype(np.float64) + 0.5) * 2.0**-40
    return ranks, (bits & np.uint64(0xFFFFFF)).astype(np.float64) * 2.0**-24


def sorted_uniforms(key: int, size: int) -> FloatArray:
    """Independent uniforms on [0, 1), in order, shape ``(size,)``.

    Partial sums of ``size + 1`` exponentials divided by the sum of all have that law, and need no
    sorting.
    """
    sums = np.cumsum(exponentials(key, size + 1))
    return np.asarray(np.minimum(sums[:-1] * (1.0 / sums[-1]), _BELOW_1))


def exponentials(key: int, size: int) -> FloatArray:
    """Independent exponentials of mean 1, > 0, shape ``(size,)``.

    Minus the logarithm of (k + 1/2) / 2^52: exponent, and fdlibm's polynomial of the mantissa,
    since the C library's logarithm has other digits on another machine.
    """
    place = (_bits(key, size) >> np.uint64(12)).astype(np.float64) + 0.5
    bits = place.view(np.int64) + (_ONE - _SQRT_HALF)
    octaves = 1023.0 + 52.0 - (bits >> 52)
    f = ((bits & (2**52 - 1)) + _SQRT_HALF).view(np.float64) - 1.0
    s, half = f / (2.0 + f), 0.5 * f * f
    z = s * s
    polynomial: FloatArray = np.full(size, _LOG[0])
    for coefficient in _LOG[1:]:
        polynomial *= z
        polynomial += coefficient
    return np.asarray(octaves * _LN_2 - (f - (half - s * (half + polynomial * z))))
