"""Units: durations, sizes and shares with their unit, and the only per-minute <-> per-second.

A bare number is refused: ``--startup-time 300`` may mean seconds or milliseconds, and a factor of
1000 in a start-up time is a production incident. Inside the program: seconds, bytes, fractions.
"""

import re
from decimal import Decimal

from smcost.errors import UsageError

SECONDS_PER_MINUTE = 60
SECONDS_PER_HOUR = 3_600
SECONDS_PER_DAY = 86_400
#: 24 x 30, the mission's month. AWS's own calculator uses 730.
DEFAULT_HOURS_PER_MONTH = 720
#: AWS bills data in and out per GB of 2**30 bytes; sizes here follow, 1 KB = 1024 B.
BYTES_PER_GB = 2**30

_DURATIONS_S = {"ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3_600.0, "d": 86_400.0}
_SIZES_B = {"B": 1, "KB": 2**10, "KIB": 2**10, "MB": 2**20, "MIB": 2**20, "GB": 2**30, "GIB": 2**30}
#: Beyond any meaning; keeps infinity (1e400) out of every quantity.
_LARGEST = 1e15
_QUANTITY = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z%]*)\s*\Z")


def _split(text: str, flag: str, example: str) -> tuple[float, str]:
    found = _QUANTITY.match(text)
    if not found:
        raise UsageError(
            f"{text!r} is not a number with a unit", remedy=f"Write it like {example}", place=flag
        )
    value = float(found[1])
    if abs(value) > _LARGEST:
        raise UsageError(f"{text!r} is too large", remedy=f"Write it like {example}", place=flag)
    return value, found[2]


def parse_duration_s(text: str, flag: str) -> float:
    """Read a duration such as ``45ms``, ``1.5s``, ``5min``, ``2h``, ``14d``. [s]

    Raises
    ------
    UsageError
        No unit, an unknown one, or a negative or endless value.

    >>> parse_duration_s("45ms", "--service-time")
    0.045
    """
    value, unit = _split(text, flag, "45ms, 5s, 5min or 2h")
    if not unit and value == 0:
        return 0.0
    scale = _DURATIONS_S.get(unit.lower())
    if scale is None:
        found = f"has no known unit ({unit})" if unit else "has no unit"
        raise UsageError(
            f"The duration {text!r} {found}", remedy="Add one: ms, s, min, h or d", place=flag
        )
    if value < 0:
        raise UsageError(
            f"The duration {text!r} is negative", remedy="Give one of 0 or more", place=flag
        )
    return value * scale


def parse_size_bytes(text: str, flag: str) -> int:
    """Read a size such as ``20KB`` or ``1.5MB``, in powers of 1024. [B]

    Raises
    ------
    UsageError
        No unit, an unknown one, or a negative or endless value.

    >>> parse_size_bytes("20KB", "--payload-in")
    20480
    """
    value, unit = _split(text, flag, "20KB or 1.5MB")
    scale = _SIZES_B.get(unit.upper())
    if scale is None:
        found = f"has no known unit ({unit})" if unit else "has no unit"
        raise UsageError(
            f"The size {text!r} {found}", remedy="Add one: B, KB, MB or GB", place=flag
        )
    if value < 0:
        raise UsageError(f"The size {text!r} is negative", remedy="Give 0 or more", place=flag)
    return round(value * scale)


def parse_share(text: str, flag: str) -> float:
    """Read a percentage such as ``10%`` as a fraction between 0 and 1.

    Raises
    ------
    UsageError
        No percent sign, or outside 0 to 100 %.

    >>> parse_share("0.1%", "--max-failed")
    0.001
    """
    value, unit = _split(text, flag, "10%")
    if unit != "%":
        raise UsageError(
            f"The share {text!r} has no percent sign", remedy="Write it like 10%", place=flag
        )
    if not 0 <= value <= 100:
        raise UsageError(
            f"The share {text!r} is outside 0% to 100%", remedy="Give one within", place=flag
        )
    return value / 100


def plain(value: float) -> str:
    """Six significant digits without an exponent, for targets and rates.

    >>> plain(2_670_000.0), plain(0.05), plain(62.5)
    ('2670000', '0.05', '62.5')
    """
    return f"{Decimal(f'{value:.6g}'):f}"


def per_second(per_minute: float) -> float:
    """Convert a rate per minute to a rate per second."""
    return per_minute / SECONDS_PER_MINUTE


def per_minute(per_second: float) -> float:
    """Convert a rate per second to a rate per minute."""
    return per_second * SECONDS_PER_MINUTE
