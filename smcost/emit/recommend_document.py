"""A recommendation as the JSON document of the contract. Returns text, never prints."""

from decimal import Decimal

from smcost.emit import schema
from smcost.emit.availability_json import availability_entry
from smcost.emit.comparison import Side
from smcost.emit.comparison_json import current_entry
from smcost.emit.documents import (
    assumptions_entry,
    cost_entry,
    horizon_entry,
    instance_hours_entry,
    latency_entry,
    provenance_entry,
    warnings_entry,
)
from smcost.emit.json_values import iso, json_text, milliseconds
from smcost.emit.lever_json import lever_entries
from smcost.emit.schedule_json import action_entries, schedule_entry
from smcost.emit.variant_json import variant_entry
from smcost.emit.variant_schema import RecommendedEntry
from smcost.estimate.levers import Levers
from smcost.recommend.result import Alternative, Infeasible, Recommendation
from smcost.remarks import Remarks
from smcost.scaling.policy import Metric


def recommend_json(
    result: Recommendation | Infeasible,
    remarks: Remarks,
    saving_usd: Decimal | None,
    today: Side | None = None,
    levers: Levers | None = None,
) -> str:
    """``smcost recommend -f json``, feasible or not."""
    answer = result.estimate if isinstance(result, Recommendation) else None
    found = result if isinstance(result, Recommendation) else None
    missed = result if isinstance(result, Infeasible) else None
    document = schema.RecommendDocument(
        assumptions=assumptions_entry(remarks),
        warnings=warnings_entry(remarks.caveats),
        provenance=provenance_entry(remarks),
        feasible=found is not None,
        recommendation=None if found is None else _recommended(found),
        latency=None if answer is None or answer.latency is None else latency_entry(answer.latency),
        cost=None if answer is None else cost_entry(answer.cost),
        instance_hours=None if answer is None else instance_hours_entry(answer.instance_hours),
        horizon=None if answer is None or answer.horizon is None else horizon_entry(answer.horizon),
        binding=_binding(result),
        curve=[] if found is None else _curve(found),
        alternatives=[] if found is None else [_alternative(a) for a in found.alternatives],
        windows=[] if found is None else _windows(found),
        sensitivity=[] if found is None else _sensitivity(found),
        saving_usd=None if saving_usd is None else float(saving_usd),
        current=None if today is None else current_entry(today, variant_entry(today.variant)),
        rejected=_rejected(result),
        nearest=None if missed is None or missed.nearest is None else _alternative(missed.nearest),
        schedule=None if found is None else schedule_entry(found.schedule),
        availability=availability_entry(levers, None if found is None else found.survival),
        **lever_entries(levers),
    )
    return json_text(document)


def _recommended(result: Recommendation) -> RecommendedEntry:
    entry = variant_entry(result.estimate.variant).model_dump()
    return RecommendedEntry(**entry | {"schedule": action_entries(result.schedule)})


def _alternative(alternative: Alternative) -> schema.AlternativeEntry:
    return schema.AlternativeEntry(
        **variant_entry(alternative.variant).model_dump(),
        kind=alternative.kind,
        expected_usd=float(alternative.expected_usd),
        p99_ms=milliseconds(alternative.p99_s),
        worst_window_p99_ms=milliseconds(alternative.worst_window_p99_s),
        failed_fraction=alternative.failed_fraction,
        breaks=alternative.breaks,
        breaks_if_slower=alternative.breaks_if_slower,
    )


def _binding(result: Recommendation | Infeasible) -> schema.BindingEntry:
    binding = result.binding
    return schema.BindingEntry(
        constraint=binding.constraint,
        at=None if binding.at_s is None else iso(binding.at_s),
        explanation=binding.explanation,
    )


def _curve(result: Recommendation) -> list[schema.CurveEntry]:
    return [
        schema.CurveEntry(
            min_capacity=point.minimum,
            p95_ms=milliseconds(point.p95_s),
            p99_ms=milliseconds(point.p99_s),
            worst_window_p99_ms=milliseconds(point.worst_window_p99_s),
            failed_fraction=point.failed_fraction,
            expected_usd=float(point.expected_usd),
            meets_slo=point.meets_slo,
        )
        for point in result.curve
    ]


def _windows(result: Recommendation) -> list[schema.WindowEntry]:
    return [
        schema.WindowEntry(
            window=answer.window.value,
            spared=answer.spared,
            min_capacity=answer.minimum,
            target_invocations_per_instance=_per_minute(result, answer.target_per_minute),
            target_value=answer.target_per_minute,
            expected_usd=None if answer.expected_usd is None else float(answer.expected_usd),
        )
        for answer in result.windows
    ]


def _sensitivity(result: Recommendation) -> list[schema.SensitivityEntry]:
    return [
        schema.SensitivityEntry(
            factor=row.factor,
            value=row.value,
            worst_window_p99_ms=milliseconds(row.worst_window_p99_s),
            breaks=row.breaks,
            feasible=row.feasible,
            min_capacity=row.minimum,
            target_invocations_per_instance=_per_minute(result, row.target_per_minute),
            target_value=row.target_per_minute,
            expected_usd=None if row.expected_usd is None else float(row.expected_usd),
        )
        for row in result.sensitivity
    ]


def _per_minute(result: Recommendation, target: float | None) -> float | None:
    """A target where it is one of invocations."""
    return target if result.metric is Metric.INVOCATIONS else None


def _rejected(result: Recommendation | Infeasible) -> list[schema.RejectedEntry]:
    return [
        schema.RejectedEntry(
            instance_type=rejected.instance_type,
            reason_code=rejected.reason_code,
            reason=rejected.reason,
        )
        for rejected in result.rejected
    ]
