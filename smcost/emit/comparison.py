"""Today's configuration beside the recommended one."""

import math
from dataclasses import dataclass
from decimal import Decimal

from smcost.emit.section import Section, milliseconds, usd
from smcost.estimate import Latency
from smcost.variant import Variant

_UNKNOWN = "not known"
#: Failed shares below it would read 0.0000%.
_NOBODY = 5e-7


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two; ``latency`` and ``meets_slo`` are ``None`` where they are not known.

    ``expected_usd`` is per month. [USD]
    """

    variant: Variant
    latency: Latency | None
    expected_usd: Decimal
    meets_slo: bool | None


def comparison_section(today: Side, recommended: Side) -> Section:
    """The figures that a decision between the two rests on."""
    columns = [_column(side) for side in (today, recommended)]
    rows = tuple((name, columns[0][name], columns[1][name]) for name in columns[0])
    return Section(
        title="Today against recommended",
        columns=("", ">today", ">recommended"),
        rows=rows,
    )


def _column(side: Side) -> dict[str, str]:
    variant, latency = side.variant, side.latency
    return {
        "instance type": variant.instance_type,
        "minimum": str(variant.minimum),
        "maximum": str(variant.maximum),
        "target": variant.target_told,
        "p99": _UNKNOWN if latency is None else _time(latency.p99_s),
        "worst-window p99": _UNKNOWN if latency is None else _time(latency.worst_window_p99_s),
        "failed share": _UNKNOWN if latency is None else _failed(latency.failed_fraction),
        "USD/month": usd(side.expected_usd),
        "meets the SLO": {True: "yes", False: "no", None: _UNKNOWN}[side.meets_slo],
    }


def _time(value_s: float) -> str:
    return _UNKNOWN if math.isnan(value_s) else milliseconds(value_s)


def _failed(fraction: float) -> str:
    return "none" if fraction < _NOBODY else f"{fraction:.4%}"
