"""Results as titled sections: what the table and the markdown report have in common."""

from decimal import Decimal

from smcost.cost import Cost
from smcost.emit.availability_sections import availability_sections
from smcost.emit.beside_sections import (
    alternatives_section,
    curve_section,
    metric_sentences,
    rejected_section,
    sensitivity_section,
    windows_section,
)
from smcost.emit.lever_sections import lever_sections, unpriced_rows
from smcost.emit.schedule_sections import schedule_sections
from smcost.emit.section import Section, milliseconds, moment, unit_usd, usd
from smcost.estimate import Estimate, Latency
from smcost.estimate.levers import Levers
from smcost.recommend.result import Infeasible, Recommendation
from smcost.recommend.schedule_result import Schedule
from smcost.remarks import Assumption, EndpointProvenance, Remarks
from smcost.variant import Variant

_ALTERNATIVES, _REJECTED = "Alternatives", "Rejected"
#: Failed shares below it would read 0.0000%.
_NOBODY = 5e-7


def estimate_sections(
    result: Estimate,
    remarks: Remarks,
    saving_usd: Decimal | None,
    levers: Levers | None = None,
    *,
    explain: bool,
) -> list[Section]:
    """What ``smcost estimate`` prints."""
    sections = [
        Section(title=_headline(result.variant, remarks), sentences=_saving(saving_usd)),
        cost_section(result.cost, levers),
        *lever_sections(levers),
        *availability_sections(levers),
    ]
    if result.horizon is not None:
        sections.append(_horizon_section(result))
    if result.latency is not None:
        sections.append(_latency_section(result.latency, result.meets_slo))
    return [*sections, assumptions_section(remarks, explain=explain)]


def recommend_sections(
    result: Recommendation | Infeasible,
    remarks: Remarks,
    saving_usd: Decimal | None,
    levers: Levers | None = None,
    *,
    explain: bool,
) -> list[Section]:
    """What ``smcost recommend`` prints, before the tfvars block."""
    if isinstance(result, Infeasible):
        return [*_infeasible_sections(result), assumptions_section(remarks, explain=explain)]
    answer = result.estimate
    assert answer.latency is not None
    sections = [
        Section(title=_headline(answer.variant, remarks), sentences=_saving(saving_usd)),
        Section(title=_why_title(result), sentences=(result.binding.explanation,)),
        _latency_section(answer.latency),
        cost_section(answer.cost, levers),
        *lever_sections(levers),
        *availability_sections(
            levers, result.survival, scheduled=isinstance(result.schedule, Schedule)
        ),
        _horizon_section(answer),
        *schedule_sections(result.schedule),
        curve_section(result),
        alternatives_section(_ALTERNATIVES, result.alternatives, metric_sentences(result)),
        windows_section(result),
        *((sensitivity_section(result),) if explain else ()),
        rejected_section(_REJECTED, result.rejected),
        assumptions_section(remarks, explain=explain),
    ]
    return [
        section
        for section in sections
        if section.title not in (_ALTERNATIVES, _REJECTED) or section.rows
    ]


def _why_title(result: Recommendation) -> str:
    if isinstance(result.schedule, Schedule):
        return "Why not cheaper without a schedule"
    return "Why not cheaper"


def assumptions_section(remarks: Remarks, *, explain: bool) -> Section:
    """Every assumption; its source only where it is asked for."""
    prices = remarks.prices
    sources = (
        f"Price: {prices.component}, {prices.region}, as of {prices.as_of}; {prices.source}"
        f"{_fetched(prices.fetched_at)}.",
        *(
            f"Rate {rate.item}: as of {rate.as_of}; {rate.source}{_fetched(rate.fetched_at)}."
            for rate in prices.rates
        ),
        *((f"Traffic: {remarks.traffic}.",) if remarks.traffic else ()),
        *((f"Capacity: {remarks.capacity}.",) if remarks.capacity else ()),
        *((_endpoint(remarks.endpoint),) if remarks.endpoint else ()),
    )
    columns = ("assumption", "value", "source") if explain else ("assumption", "value")
    rows = tuple(_assumption_row(item, explain=explain) for item in remarks.assumptions)
    return Section(title="Assumptions", sentences=sources, columns=columns, rows=rows)


def _fetched(moment_utc: str | None) -> str:
    return "" if moment_utc is None else f", fetched {moment_utc[:10]}"


def _endpoint(endpoint: EndpointProvenance) -> str:
    when = moment(int(endpoint.read_at_s))
    return (
        f"Endpoint: {endpoint.name}, variant {endpoint.variant}, {endpoint.region}; read {when} "
        "UTC."
    )


def _headline(variant: Variant, remarks: Remarks) -> str:
    where = f"{variant.instance_type} in {remarks.prices.region}"
    if variant.minimum == variant.maximum and not variant.policies and not variant.schedule:
        return f"{variant.minimum} x {where}, fixed"
    scaled = "".join(f", {policy.told}" for policy in variant.policies)
    if variant.schedule:
        number = len(variant.schedule)
        scaled += f", {number} scheduled action{'' if number == 1 else 's'}"
    return (
        f"{where}: minimum {variant.minimum}, maximum {variant.maximum}{scaled}, "
        f"initial count {variant.initial_count}, {variant.routing.value} routing"
    )


def _saving(saving_usd: Decimal | None) -> tuple[str, ...]:
    if saving_usd is None:
        return ()
    if saving_usd >= 0:
        return (f"Saves {usd(saving_usd)} USD per month against the current configuration.",)
    return (f"Costs {usd(-saving_usd)} USD per month more than the current configuration.",)


def cost_section(cost: Cost, levers: Levers | None = None) -> Section:
    """The expected case line by line (the floor's where it is unknown), and the three totals."""
    shown = cost.expected or cost.floor
    rows = [
        (
            line.name,
            f"{line.quantity.normalize():,f}",
            line.unit,
            unit_usd(line.unit_price_usd),
            usd(line.usd),
        )
        for line in shown.lines
    ]
    rows += unpriced_rows(shown)
    case = "expected" if cost.expected is not None else "at the minimum"
    if len(rows) > 1:
        rows.append((f"Total, {case}", "", "", "", usd(shown.usd)))
    expected = "not known without traffic" if cost.expected is None else usd(cost.expected.usd)
    always = levers is None or levers.non_production is None
    when = "all the time" if always else "while it is on"
    totals = (
        f"Floor {usd(cost.floor.usd)} (minimum {when}), expected {expected}, "
        f"ceiling {usd(cost.ceiling.usd)} (maximum {when})."
    )
    return Section(
        title=f"Cost per month of {cost.hours_per_month.normalize():f} hours, USD ({case})",
        sentences=(totals,),
        columns=("line", ">quantity", "unit", ">unit price", ">USD"),
        rows=tuple(rows),
    )


def _horizon_section(result: Estimate) -> Section:
    horizon = result.horizon
    assert horizon is not None
    sentence = (
        f"{moment(horizon.start_s)} to {moment(horizon.end_s)} UTC, {horizon.hours:,.1f} h, "
        f"{horizon.instance_hours:,.1f} instance-hours "
        f"(mean {horizon.instance_hours / horizon.hours:.2f} instances)."
    )
    return Section(title="Replayed", sentences=(sentence,))


def _latency_section(latency: Latency, meets_slo: bool | None = None) -> Section:
    rows = [
        ("whole horizon", *map(milliseconds, (latency.p50_s, latency.p95_s, latency.p99_s))),
    ]
    if latency.worst_window_start_s is not None:
        worst = (latency.worst_window_p95_s, latency.worst_window_p99_s)
        name = f"worst window, from {moment(latency.worst_window_start_s)} UTC"
        rows.append((name, "", *map(milliseconds, worst)))
    failed = latency.failed_fraction
    held = {None: (), True: ("the SLO holds",), False: ("the SLO does not hold",)}
    parts = (
        *held[meets_slo],
        *_minutes_over(latency.minutes_over_slo),
        "no request fails" if failed < _NOBODY else f"{failed:.4%} of the requests fail",
        f"method: {latency.method}{_interval(latency)}",
    )
    sentence = "; ".join(parts) + "."
    return Section(
        title="Client latency",
        sentences=(sentence[0].upper() + sentence[1:],),
        columns=("", ">p50", ">p95", ">p99"),
        rows=tuple(rows),
    )


def _interval(latency: Latency) -> str:
    if latency.p99_interval_s is None:
        return ""
    low, high = map(milliseconds, latency.p99_interval_s)
    return f", p99 of the horizon {low} to {high} with 95 % confidence"


def _minutes_over(minutes: int | None) -> tuple[str, ...]:
    if minutes is None:
        return ()
    noun = "minute" if minutes == 1 else "minutes"
    return (f"{minutes:,} {noun} over a limit if taken alone",)


def _infeasible_sections(result: Infeasible) -> list[Section]:
    sections = [
        Section(
            title="Infeasible",
            sentences=tuple(
                f"{rejected.instance_type}: {rejected.reason}." for rejected in result.rejected
            ),
        )
    ]
    if result.nearest is not None:
        sections.append(alternatives_section("Nearest miss", (result.nearest,)))
    return sections


def _assumption_row(item: Assumption, *, explain: bool) -> tuple[str, ...]:
    return (item.name, item.value, item.source) if explain else (item.name, item.value)
