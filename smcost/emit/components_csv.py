"""A row for each component as CSV. Returns text, never prints."""

import csv
import io
import math

from smcost.components.answer import EndpointAnswer
from smcost.components.each import ComponentAnswer

_HEADER = (
    "component", "copies_per_instance", "binding_resource", "copies_min", "copies_mean",
    "copies_max", "share_of_target", "utilisation", "invocations", "failed_at_zero", "wakes",
    "p50_ms", "p95_ms", "p99_ms", "usd",
)  # fmt: skip


def components_csv(answer: EndpointAnswer) -> str:
    """Per month; empty where it is not known. The bill of all is the sum of ``usd``."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(_HEADER)
    writer.writerows(map(_row, answer.components))
    return buffer.getvalue()


def _row(one: ComponentAnswer) -> tuple[object, ...]:
    fewest, mean, most = one.copies
    times = () if one.latency is None else (
        one.latency.p50_s, one.latency.p95_s, one.latency.p99_s
    )  # fmt: skip
    return (
        one.component.name,
        one.per_instance.copies,
        one.per_instance.binding.value,
        fewest,
        f"{mean:.4f}",
        most,
        _known(one.share_of_target),
        _known(one.utilisation),
        f"{one.invocations:.2f}",
        f"{one.failed:.2f}",
        f"{one.wakes:.2f}",
        *(f"{1000 * value_s:.3f}" if math.isfinite(value_s) else "" for value_s in times),
        *("" for _ in range(3 - len(times))),
        one.usd,
    )


def _known(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}"
