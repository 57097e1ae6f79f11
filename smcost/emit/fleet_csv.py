"""A fleet as CSV, a row for each endpoint in the order of the file. Returns text, never prints."""

import csv
import io
import math
from decimal import Decimal

from smcost.fleet import Fleet
from smcost.outcome import OtherKind, Outcome

_HEADER = (
    "endpoint", "exit_code", "today_usd", "expected_usd", "saving_usd", "floor_usd", "ceiling_usd",
    "instance_type", "min_capacity", "max_capacity", "initial_instance_count", "target",
    "routing_strategy", "p99_ms", "worst_window_p99_ms", "meets_slo", "today_meets_slo", "place",
    "cause", "remedy", "runs", "unanswered_share", "other_kind", "other_kind_usd",
    "other_kind_against_usd",
)  # fmt: skip


def fleet_csv(fleet: Fleet) -> str:
    """What is not known is empty."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(_HEADER)
    writer.writerows(map(_row, fleet.outcomes))
    return buffer.getvalue()


def _row(outcome: Outcome) -> tuple[object, ...]:
    found, failure = outcome.answer, outcome.failure
    variant = None if found is None else found.variant
    latency = None if found is None else found.latency
    lost = None if found is None else found.unanswered_share
    low, high = (None, None) if found is None or found.bounds_usd is None else found.bounds_usd
    return (
        outcome.name,
        outcome.exit_code,
        *map(_amount, (outcome.today_usd, outcome.expected_usd, outcome.saving_usd, low, high)),
        *(
            ("",) * 6
            if variant is None
            else (
                variant.instance_type,
                variant.minimum,
                variant.maximum,
                variant.initial_count,
                variant.target_told,
                variant.routing.value,
            )
        ),
        "" if latency is None else _ms(latency.p99_s),
        "" if latency is None else _ms(latency.worst_window_p99_s),
        _truth(None if found is None else found.meets_slo),
        _truth(None if outcome.today is None else outcome.today.meets_slo),
        *(("",) * 3 if failure is None else (failure.place or "", failure.cause, failure.remedy)),
        "" if found is None else found.runs,
        "" if lost is None else f"{lost:.6f}",
        *_other_kind(outcome.other_kind),
    )


def _other_kind(other: OtherKind | None) -> tuple[str, str, str]:
    if other is None or other.name is None:
        return "", "", ""
    return other.name, _amount(other.usd), _amount(other.against_usd)


def _amount(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"


def _truth(value: bool | None) -> str:
    return "" if value is None else str(value).lower()


def _ms(value_s: float) -> str:
    return f"{1000 * value_s:.3f}" if math.isfinite(value_s) else ""
