"""Cost lines and curves as CSV. Returns text, never prints."""

import csv
import io
import math
from collections.abc import Iterable, Sequence

from smcost.cost import Cost, CostLine, UnpricedLine
from smcost.estimate import Estimate
from smcost.estimate.kinds import KindsAnswer
from smcost.estimate.savings_plan import PlanAnswer
from smcost.multi_model import Point
from smcost.prices.catalogue import CompetingPrice
from smcost.recommend.result import CurvePoint, Recommendation
from smcost.recommend.schedule_result import Schedule


def estimate_csv(
    cost: Cost, plans: Sequence[PlanAnswer] = (), kinds: KindsAnswer | None = None
) -> str:
    """One row per line and case: floor, expected (where known), ceiling, each plan and kind.

    A line without a known rate has neither unit price nor USD.
    """
    cases = (
        *(("floor", cost.floor), ("expected", cost.expected), ("ceiling", cost.ceiling)),
        *((f"Savings Plan, {plan.kind.name}", plan.case) for plan in plans),
        *((row.name, row.case) for row in (() if kinds is None else kinds.rows)),
    )
    rows = [
        (name, line.name, f"{line.quantity:f}", line.unit, *_priced(line))
        for name, case in cases
        if case is not None
        for line in case.all_lines
    ]
    return _csv(("case", "name", "quantity", "unit", "unit_price_usd", "usd"), rows)


def _priced(line: CostLine | UnpricedLine) -> tuple[object, object]:
    if isinstance(line, UnpricedLine):
        return "", ""
    return f"{line.unit_price_usd:f}", line.usd


def curve_csv(result: Recommendation) -> str:
    """One row per minimum; an empty percentile lies beyond the timeout.

    With minimums by the clock one row more, of the answer, and a column with its scheduled actions.
    """
    header: tuple[str, ...] = (
        "min_capacity",
        "p95_ms",
        "p99_ms",
        "worst_window_p99_ms",
        "expected_usd",
        "meets_slo",
        "failed_fraction",
    )
    rows = list(map(_curve_row, result.curve))
    if isinstance(result.schedule, Schedule):
        header = (*header, "schedule")
        actions = "; ".join(action.told for action in result.estimate.variant.schedule)
        scheduled = (*_curve_row(_point(result.estimate)), actions)
        rows = [*((*row, "") for row in rows), scheduled]
    return _csv(header, rows)


def _curve_row(point: CurvePoint) -> tuple[object, ...]:
    return (
        point.minimum,
        _ms(point.p95_s),
        _ms(point.p99_s),
        _ms(point.worst_window_p99_s),
        point.expected_usd,
        str(point.meets_slo).lower(),
        f"{point.failed_fraction:.6f}",
    )


def _point(answer: Estimate) -> CurvePoint:
    """The answer with minimums by the clock as one more point of the curve."""
    latency, expected = answer.latency, answer.cost.expected
    assert latency is not None
    assert expected is not None
    return CurvePoint(
        minimum=answer.variant.minimum,
        p95_s=latency.p95_s,
        p99_s=latency.p99_s,
        worst_window_p99_s=latency.worst_window_p99_s,
        failed_fraction=latency.failed_fraction,
        expected_usd=expected.usd,
        meets_slo=bool(answer.meets_slo),
    )


def multi_model_csv(curve: Sequence[Point]) -> str:
    """One row per number of instances; an empty percentile lies beyond the timeout."""
    header = (
        "instances", "models_to_memory", "hit_rate", "cold_share", "loads_pile_up",
        "worst_window_p95_ms", "worst_window_p99_ms", "failed_fraction", "usd", "meets_slo",
    )  # fmt: skip
    rows = [
        (
            point.instances,
            f"{point.overcommitment:.6f}",
            f"{point.hit_rate:.6f}",
            f"{point.cold_share:.6f}",
            str(point.loads_pile_up).lower(),
            _ms(point.worst_p95_s),
            _ms(point.worst_p99_s),
            f"{point.failed_fraction:.6f}",
            point.usd,
            str(point.meets).lower(),
        )
        for point in curve
    ]
    return _csv(header, rows)


def prices_csv(rows: Iterable[CompetingPrice]) -> str:
    """The columns that ``--prices`` reads, whether the row is used, and where it was found."""
    header = (
        "region", "instance_type", "component", "usd_per_hour", "source", "as_of", "sku", "used",
        "layer", "fetched_at",
    )  # fmt: skip
    return _csv(
        header,
        [
            (
                row.price.region,
                row.price.instance_type,
                row.price.component.value,
                f"{row.price.usd_per_hour:f}",
                row.price.source,
                row.price.as_of,
                row.price.sku or "",
                str(row.used).lower(),
                row.layer.value,
                row.price.fetched_at or "",
            )
            for row in rows
        ],
    )


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue()


def _ms(value_s: float) -> str:
    return f"{1000 * value_s:.3f}" if math.isfinite(value_s) else ""
