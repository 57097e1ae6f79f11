"""Models that share an endpoint as a JSON document. Returns text, never prints."""

from smcost.emit.documents import assumptions_entry, provenance_entry, warnings_entry
from smcost.emit.json_values import json_text, milliseconds
from smcost.emit.multi_model_schema import (
    FleetEntry,
    ModelsEntry,
    MultiModelDocument,
    OtherwiseEntry,
    SeparateEntry,
    SimulatedEntry,
)
from smcost.emit.multi_model_sections import MultiModelResult
from smcost.multi_model import Point, Saving
from smcost.remarks import Remarks
from smcost.units import BYTES_PER_GB


def multi_model_json(result: MultiModelResult, remarks: Remarks) -> str:
    """``smcost multi-model -f json``."""
    found, problem = result.found, result.problem
    document = MultiModelDocument(
        assumptions=assumptions_entry(remarks),
        warnings=warnings_entry(remarks.caveats),
        provenance=provenance_entry(remarks),
        feasible=found.best is not None,
        instance_type=result.instance_type,
        models=ModelsEntry(
            count=problem.hosted.count,
            total_gb=round(problem.hosted.total_bytes / BYTES_PER_GB, 4),
            memory_gb_per_instance=round(problem.memory_bytes / BYTES_PER_GB, 4),
            placement=problem.placement.value,
            loads_at_once=problem.loads_at_once,
        ),
        recommendation=None if found.best is None else _fleet(found.best),
        binds=found.binds,
        obstacle=found.obstacle,
        explanation=result.why,
        instances_for_memory=found.for_memory,
        instances_for_throughput=found.for_throughput,
        instances_surviving_a_loss=found.surviving,
        instances_under_other_placement=found.other_placement,
        nearest=None if found.nearest is None else _fleet(found.nearest),
        simulated=_simulated(result),
        curve=[_fleet(point) for point in found.curve],
        separate_endpoints=None if result.saving is None else _separate(result.saving),
        sensitivity=[
            OtherwiseEntry(factor=row.factor, value=row.value, instances=row.instances)
            for row in result.sensitivity
        ],
        hours_per_month=float(result.hours_per_month),
    )
    return json_text(document)


def _fleet(point: Point) -> FleetEntry:
    return FleetEntry(
        instances=point.instances,
        hit_rate=round(point.hit_rate, 6),
        cold_share=round(point.cold_share, 6),
        loads_pile_up=point.loads_pile_up,
        loads_per_hour=round(point.loads_per_hour, 4),
        loaded_models_per_instance=round(point.loaded_per_instance, 4),
        loaded_gb=round(point.held_bytes / BYTES_PER_GB, 4),
        models_to_memory=round(point.overcommitment, 6),
        p95_ms=milliseconds(point.p95_s),
        p99_ms=milliseconds(point.p99_s),
        worst_window_p95_ms=milliseconds(point.worst_p95_s),
        worst_window_p99_ms=milliseconds(point.worst_p99_s),
        cold_share_beyond_p95=round(point.cold_beyond_p95, 6),
        cold_share_beyond_p99=round(point.cold_beyond_p99, 6),
        failed_fraction=round(point.failed_fraction, 8),
        usd=float(point.usd),
        meets_slo=point.meets,
        breaks=point.breaks,
    )


def _simulated(result: MultiModelResult) -> SimulatedEntry:
    found, shown = result.found, result.found.best or result.found.nearest
    assert shown is not None
    return SimulatedEntry(
        instances=shown.instances,
        requests=found.checked.requests,
        hit_rate=round(found.checked.hit_rate, 6),
        standard_error=round(found.checked.standard_error, 6),
        hit_rate_by_che=round(shown.hit_rate, 6),
    )


def _separate(saving: Saving) -> SeparateEntry:
    return SeparateEntry(
        instance_type=saving.separate.instance_type,
        instances=saving.separate.instances,
        sized_by_traffic=saving.separate.sized,
        models_that_never_meet_slo=saving.separate.never,
        usd=float(saving.separate_usd),
        saving_usd=float(saving.saving_usd),
        break_even_models=saving.break_even_models,
    )
