"""Data capture, deployments and Savings Plans as entries of the JSON documents."""

from typing import Any

from smcost.cost import CostCase
from smcost.emit import lever_schema
from smcost.emit.json_values import iso, line_entries, milliseconds
from smcost.emit.kind_json import kind_entries
from smcost.emit.non_production_json import non_production_entry
from smcost.emit.stretch_schema import StretchEntry
from smcost.estimate.levers import CaptureAnswer, Levers, ReleasesAnswer
from smcost.estimate.release import BusiestRelease
from smcost.estimate.savings_plan import PlanAnswer
from smcost.estimate.stretch import StretchLatency


def lever_entries(levers: Levers | None) -> dict[str, Any]:
    """The keys of a document that were asked for; ``None`` for the others."""
    if levers is None:
        return {}
    capture, releases, plans = levers.capture, levers.releases, levers.plans
    off = levers.non_production
    return {
        "data_capture": None if capture is None else _capture(capture),
        "deployments": None if releases is None else _deployments(releases),
        "savings_plans": [_plan(plan) for plan in plans] or None,
        "non_production": None if off is None else non_production_entry(off),
        "endpoint_kinds": None if levers.kinds is None else kind_entries(levers.kinds),
    }


def _capture(answer: CaptureAnswer) -> lever_schema.DataCaptureEntry:
    capture, month, at_part = answer.capture, answer.month, answer.share_at_part
    return lever_schema.DataCaptureEntry(
        share=float(capture.share),
        encoding=capture.encoding.value,
        record_bytes=capture.record_bytes,
        retention_hours=float(capture.retention_h),
        records=round(float(month.records), 4),
        files=round(float(month.files), 4),
        gb_written=round(float(month.gb), 4),
        gb_months=round(float(month.gb_months), 4),
        first_month_gb_months=round(float(month.first_gb_months), 4),
        usd=_total(answer.steady),
        first_month_usd=_total(answer.first_month),
        share_of_bill=None if answer.steady.unpriced else round(float(answer.share_of_bill), 6),
        part_of_bill=float(answer.part),
        capture_share_at_part_of_bill=None if at_part is None else round(float(at_part), 6),
    )


def _deployments(answer: ReleasesAnswer) -> lever_schema.DeploymentsEntry:
    deployment = answer.releases.deployment
    return lever_schema.DeploymentsEntry(
        per_month=float(answer.releases.per_month),
        kind=deployment.kind.value,
        step=None if deployment.step is None else float(deployment.step),
        wait_s=deployment.wait_s,
        termination_wait_s=deployment.termination_wait_s,
        provisioning_s=deployment.provisioning_s,
        at=answer.releases.at.value,
        met_count=round(float(answer.met_count), 4),
        extra_instance_hours=round(float(answer.extra_instance_hours), 4),
        usd=float(answer.extra_usd),
        busiest_count=answer.busiest_count,
        quota_instances=answer.peak_instances,
        initial_instance_count=answer.reset_count,
        busiest_hour=None if answer.busiest is None else _busiest(answer.busiest),
    )


def _busiest(busiest: BusiestRelease) -> lever_schema.BusiestEntry:
    return lever_schema.BusiestEntry(
        start=iso(busiest.start_s),
        minutes=busiest.minutes,
        update_s=busiest.update_s,
        count_before=busiest.count_before,
        count_after=busiest.count_after,
        latency=None if busiest.latency is None else stretch_entry(busiest.latency),
        latency_without=None
        if busiest.latency_without is None
        else stretch_entry(busiest.latency_without),
        method=busiest.method,
    )


def stretch_entry(found: StretchLatency) -> StretchEntry:
    """Latency of a stretch that was judged alone."""
    return StretchEntry(
        p95_ms=milliseconds(found.p95_s),
        p99_ms=milliseconds(found.p99_s),
        failed_fraction=found.failed_fraction,
        breaks=None if found.breaks is None else list(found.breaks),
    )


def _plan(plan: PlanAnswer) -> lever_schema.SavingsPlanEntry:
    payment, used = plan.kind.payment, plan.utilisation
    return lever_schema.SavingsPlanEntry(
        plan=plan.kind.name,
        term_years=plan.kind.term_years,
        payment=None if payment is None else payment.value,
        commitment_usd_per_hour=float(plan.commitment_usd),
        on_demand_usd=float(plan.on_demand_usd),
        paid_usd=float(plan.paid_usd),
        saving_usd=float(plan.saving_usd),
        utilisation=None if used is None else round(used, 6),
        break_even_utilisation=round(plan.break_even_utilisation, 6),
        upfront_usd=None if plan.upfront_usd is None else float(plan.upfront_usd),
        lines=line_entries(plan.case),
        floor_paid_usd=_total(plan.floor_case),
        ceiling_paid_usd=_total(plan.ceiling_case),
    )


def _total(case: CostCase | None) -> float | None:
    return None if case is None or case.unpriced else float(case.usd)
