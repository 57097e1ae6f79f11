"""Today's configuration as an entry of the JSON documents."""

import math

from smcost.emit import schema
from smcost.emit.comparison import Side
from smcost.emit.variant_schema import VariantEntry


def current_entry(today: Side, configuration: VariantEntry) -> schema.CurrentEntry:
    """What runs today; nulls where that is not known."""
    latency, bounds = today.latency, today.bounds_usd
    return schema.CurrentEntry(
        **configuration.model_dump(),
        expected_usd=None if today.expected_usd is None else float(today.expected_usd),
        floor_usd=None if bounds is None else float(bounds[0]),
        ceiling_usd=None if bounds is None else float(bounds[1]),
        p99_ms=None if latency is None else _ms(latency.p99_s),
        worst_window_p99_ms=None if latency is None else _ms(latency.worst_window_p99_s),
        failed_fraction=None if latency is None else latency.failed_fraction,
        meets_slo=today.meets_slo,
    )


def _ms(value_s: float) -> float | None:
    return round(1000 * value_s, 3) if math.isfinite(value_s) else None
