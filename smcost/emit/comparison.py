"""Today's configuration beside the recommended one."""

import math
from dataclasses import dataclass
from decimal import Decimal

from smcost.emit.beside_sections import ROUTINGS
from smcost.emit.section import Section, milliseconds, usd
from smcost.estimate import Latency
from smcost.variant import Variant

_UNKNOWN = "not known"
#: Failed shares below it would read 0.0000%.
_NOBODY = 5e-7


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two; what is not known is ``None``. Costs are per month. [USD]

    ``bounds_usd``: the minimum and the maximum all the time, of what runs today.
    """

    variant: Variant
    latency: Latency | None
    expected_usd: Decimal | None
    meets_slo: bool | None
    bounds_usd: tuple[Decimal, Decimal] | None = None


def comparison_section(today: Side, recommended: Side | None) -> Section:
    """The figures that a decision between the two rests on; today's alone where nothing is."""
    sides = {">today": today, **({} if recommended is None else {">recommended": recommended})}
    columns = [_column(side) for side in sides.values()]
    rows = tuple((name, *(column[name] for column in columns)) for name in columns[0])
    title = "Today" if recommended is None else "Today against recommended"
    return Section(title=title, columns=("", *sides), rows=rows)


def _column(side: Side) -> dict[str, str]:
    variant, latency = side.variant, side.latency
    return {
        "instance type": variant.instance_type,
        "minimum": str(variant.minimum),
        "maximum": str(variant.maximum),
        "target": _target(variant),
        "routing": ROUTINGS[variant.routing],
        "p99": _UNKNOWN if latency is None else _time(latency.p99_s),
        "worst-window p99": _UNKNOWN if latency is None else _time(latency.worst_window_p99_s),
        "failed share": _UNKNOWN if latency is None else _failed(latency.failed_fraction),
        "USD/month": _cost(side),
        "meets the SLO": {True: "yes", False: "no", None: _UNKNOWN}[side.meets_slo],
    }


def _target(variant: Variant) -> str:
    unknown = not variant.policies and not variant.schedule and variant.minimum < variant.maximum
    return "not followed" if unknown else variant.target_told


def _cost(side: Side) -> str:
    if side.expected_usd is not None:
        return usd(side.expected_usd)
    if side.bounds_usd is None:
        return _UNKNOWN
    low, high = side.bounds_usd
    return f"{usd(low)} to {usd(high)}"


def _time(value_s: float) -> str:
    return _UNKNOWN if math.isnan(value_s) else milliseconds(value_s)


def _failed(fraction: float) -> str:
    return "none" if fraction < _NOBODY else f"{fraction:.4%}"
