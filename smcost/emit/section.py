"""A titled section, and how figures are written in it: what table and markdown have in common."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A title, sentences, and a table; columns named with a leading ``>`` hold numbers."""

    title: str
    sentences: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def usd(amount: Decimal) -> str:
    """``1,987.20``."""
    return f"{amount:,.2f}"


def unit_usd(amount: Decimal) -> str:
    """``0.257`` of ``0.2570000000``: AWS lists ten decimals, most of them nothing."""
    return f"{amount.normalize():f}"


def figure(value: float) -> str:
    """Four significant digits or all before the point: ``92.67``, ``88,890``."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def milliseconds(value_s: float) -> str:
    """``149 ms``, ``1.2 ms``, ``12,345 ms``; a word where there is no finite figure."""
    if math.isnan(value_s):
        return "not known"
    if math.isinf(value_s):
        return "over timeout"
    return f"{1000 * value_s:.1f} ms" if value_s < 0.01 else f"{1000 * value_s:,.0f} ms"


def moment(value_s: int) -> str:
    """``Tue 1998-05-12 00:00``, UTC."""
    return datetime.fromtimestamp(value_s, UTC).strftime("%a %Y-%m-%d %H:%M")
