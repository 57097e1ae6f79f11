"""Data capture, deployments and Savings Plans as sections beside a bill."""

from decimal import Decimal

from smcost.cost import CostCase
from smcost.emit.kind_sections import kind_sections
from smcost.emit.non_production_sections import non_production_sections
from smcost.emit.section import Section, figure, milliseconds, moment, usd
from smcost.estimate.levers import CaptureAnswer, Levers, ReleasesAnswer
from smcost.estimate.release import BusiestRelease
from smcost.estimate.savings_plan import PlanAnswer
from smcost.estimate.stretch import StretchLatency


def lever_sections(levers: Levers | None) -> list[Section]:
    """One section for each that was asked for."""
    sections: list[Section] = []
    if levers is None:
        return sections
    if levers.capture is not None:
        sections.append(_capture_section(levers.capture))
    if levers.releases is not None:
        sections.append(_releases_section(levers.releases))
    if levers.plans:
        sections.append(_plans_section(levers.plans))
    if levers.non_production is not None:
        sections += non_production_sections(levers.non_production)
    if levers.kinds is not None:
        sections += kind_sections(levers.kinds)
    return sections


def unpriced_rows(case: CostCase) -> list[tuple[str, str, str, str, str]]:
    """Rows of the cost table for what has no known rate."""
    return [
        (line.name, f"{line.quantity.normalize():,f}", line.unit, "not known", "not known")
        for line in case.unpriced
    ]


def _capture_section(answer: CaptureAnswer) -> Section:
    capture, month = answer.capture, answer.month
    written = (
        f"{_percent(capture.share)} of the requests: {figure(float(month.records))} records "
        f"of {capture.record_bytes:,} B ({capture.encoding.value}), {figure(float(month.gb))} GB a "
        f"month in {figure(float(month.files))} files"
    )
    stored = (
        f"kept for {figure(float(capture.retention_h / 24))} days: "
        f"{figure(float(month.gb_months))} GB-months a month in the steady state, "
        f"{figure(float(month.first_gb_months))} in the first month"
    )
    rows = (
        ("first month", _known(answer.first_month)),
        ("each month in the steady state, as in the bill", _known(answer.steady)),
    )
    return Section(
        title="Data capture",
        sentences=(f"{written}; {stored}.", _share_sentence(answer)),
        columns=("", ">USD/month"),
        rows=rows,
    )


def _share_sentence(answer: CaptureAnswer) -> str:
    part = _percent(answer.part)
    now = f"It is {answer.share_of_bill:.2%} of the bill"
    if answer.steady.unpriced:
        return "A rate is not known, and so is not what part of the bill it is."
    if answer.share_at_part is None:
        return f"{now}, and even with every request captured it stays below {part}."
    return f"{now}; it makes up {part} where {answer.share_at_part:.2%} is captured."


def _releases_section(answer: ReleasesAnswer) -> Section:
    releases = answer.releases
    met = "" if answer.busiest is None else f" (the {releases.at.value} count)"
    priced = (
        f"{releases.per_month.normalize():f} a month, {releases.deployment.kind}, each meeting "
        f"{figure(float(answer.met_count))} instance{_plural(answer.met_count)}{met}: "
        f"{figure(float(answer.extra_instance_hours))} instance-hours more, "
        f"{usd(answer.extra_usd)} USD."
    )
    most = f"{answer.busiest_count} instance{_plural(answer.busiest_count)}, the most there are,"
    quota = (
        f"With {most} the quota must allow {answer.peak_instances} during an update, which resets "
        f"the count to {answer.reset_count} (initial_instance_count)."
    )
    if answer.busiest is None:
        return Section(title="Deployments", sentences=(priced, quota))
    return Section(
        title="Deployments",
        sentences=(priced, quota, _busiest_sentence(answer.busiest)),
        columns=("busiest hour", ">p95", ">p99", ">failed", "breaks"),
        rows=_busiest_rows(answer.busiest),
    )


def _plural(count: Decimal | int) -> str:
    return "" if count == 1 else "s"


def _busiest_sentence(busiest: BusiestRelease) -> str:
    answered = "" if busiest.latency is None else f", {busiest.method}"
    return (
        f"Beginning in the busiest hour, {moment(busiest.start_s)} UTC, an update finds "
        f"{busiest.count_before} instance{_plural(busiest.count_before)}, cannot be scaled for "
        f"{busiest.update_s:,.0f} s and "
        f"leaves {busiest.count_after} (judged over {busiest.minutes} min{answered})."
    )


def _busiest_rows(busiest: BusiestRelease) -> tuple[tuple[str, ...], ...]:
    cases = (("without", busiest.latency_without), ("with a deployment", busiest.latency))
    return tuple((name, *_figures(found)) for name, found in cases if found is not None)


def _figures(found: StretchLatency) -> tuple[str, ...]:
    breaks = "" if found.breaks is None else " and ".join(found.breaks) or "nothing"
    return (
        milliseconds(found.p95_s),
        milliseconds(found.p99_s),
        f"{found.failed_fraction:.2%}",
        breaks,
    )


def _plans_section(plans: tuple[PlanAnswer, ...]) -> Section:
    best = max(plans, key=lambda plan: plan.saving_usd)
    if best.commitment_usd:
        chosen = (
            f"Best: {best.kind.name}, {best.commitment_usd:f} USD an hour committed saves "
            f"{usd(best.saving_usd)} USD a month of {usd(best.on_demand_usd)} on demand."
        )
    else:
        chosen = "No commitment pays: too few hours have instances running in them."
    account = "A commitment holds for the whole account: size it on the sum of all endpoints."
    return Section(
        title="Savings Plan",
        sentences=(chosen, account),
        columns=(
            *("plan", ">commitment USD/h", ">paid USD/month", ">saving USD/month", ">utilisation"),
            *(">break-even", ">upfront USD", ">at the minimum", ">at the maximum"),
        ),
        rows=tuple(map(_plan_row, plans)),
    )


def _plan_row(plan: PlanAnswer) -> tuple[str, ...]:
    return (
        plan.kind.name,
        f"{plan.commitment_usd:f}",
        usd(plan.paid_usd),
        usd(plan.saving_usd),
        "" if plan.utilisation is None else f"{plan.utilisation:.1%}",
        f"{plan.break_even_utilisation:.1%}",
        _amount(plan.upfront_usd),
        _amount(None if plan.floor_case is None else plan.floor_case.usd),
        _amount(None if plan.ceiling_case is None else plan.ceiling_case.usd),
    )


def _known(case: CostCase) -> str:
    return "not known" if case.unpriced else usd(case.usd)


def _percent(share: Decimal) -> str:
    return f"{float(100 * share):.4g}%"


def _amount(value: Decimal | None) -> str:
    return "" if value is None else usd(value)
