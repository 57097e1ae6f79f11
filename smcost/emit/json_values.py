"""Values as the JSON documents have them, and a document without what nobody asked for."""

import math
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel

from smcost.cost import CostCase
from smcost.emit.lever_schema import ON_REQUEST, Line, UnpricedLine


def iso(moment_s: float) -> str:
    """``2024-01-01T00:00:00Z``."""
    return datetime.fromtimestamp(moment_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def milliseconds(value_s: float) -> float | None:
    """Rounded to microseconds; ``None`` where there is no finite figure. [ms]"""
    return round(1000 * value_s, 3) if math.isfinite(value_s) else None


def line_entries(case: CostCase | None) -> list[Line]:
    """The lines of a case, each with what it is the product of; none where it is not known."""
    return [
        Line(
            name=line.name,
            quantity=float(line.quantity),
            unit=line.unit,
            unit_price_usd=float(line.unit_price_usd),
            usd=float(line.usd),
        )
        for line in (() if case is None else case.lines)
    ]


def unpriced_entries(case: CostCase) -> list[UnpricedLine] | None:
    """Lines without a known rate; ``None`` where there is none."""
    found = [
        UnpricedLine(name=line.name, quantity=float(line.quantity), unit=line.unit)
        for line in case.unpriced
    ]
    return found or None


def json_text(document: BaseModel) -> str:
    """The document, indented, without the keys that nobody asked for."""
    left_out: dict[str, Any] = dict.fromkeys(_not_asked(document), True)
    cost = getattr(document, "cost", None)
    if isinstance(cost, BaseModel):
        left_out["cost"] = _not_asked(cost)
    return document.model_dump_json(indent=2, exclude=left_out) + "\n"


def _not_asked(model: BaseModel) -> set[str]:
    return {key for key in ON_REQUEST if getattr(model, key, None) is None}
