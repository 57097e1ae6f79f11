"""Results as titled sections: what the table and the markdown report have in common."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from smcost.capacity import Routing
from smcost.cost import Cost
from smcost.estimate import Estimate, Latency
from smcost.recommend.result import Alternative, Infeasible, Recommendation, Rejected
from smcost.remarks import Assumption, Remarks
from smcost.variant import Variant

_ROUTINGS = {
    Routing.RANDOM: "random",
    Routing.LEAST_OUTSTANDING_REQUESTS: "least-outstanding",
}
_ALTERNATIVES, _REJECTED = "Alternatives", "Rejected"
#: Failed shares below it would read 0.0000%.
_NOBODY = 5e-7


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A title, sentences, and a table; columns named with a leading ``>`` hold numbers."""

    title: str
    sentences: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def estimate_sections(
    result: Estimate, remarks: Remarks, saving_usd: Decimal | None, *, explain: bool
) -> list[Section]:
    """What ``smcost estimate`` prints."""
    sections = [
        Section(title=_headline(result.variant, remarks), sentences=_saving(saving_usd)),
        _cost_section(result.cost),
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
        Section(title="Why not fewer", sentences=(result.binding.explanation,)),
        _latency_section(answer.latency),
        _cost_section(answer.cost),
        _horizon_section(answer),
        _curve_section(result),
        _alternatives_section(_ALTERNATIVES, result.alternatives),
        _windows_section(result),
        _rejected_section(_REJECTED, result.rejected),
        assumptions_section(remarks, explain=explain),
    ]
    return [
        section
        for section in sections
        if section.title not in (_ALTERNATIVES, _REJECTED) or section.rows
    ]


def assumptions_section(remarks: Remarks, *, explain: bool) -> Section:
    """Every assumption; its source only where it is asked for."""
    prices = remarks.prices
    sources = (
        f"Price: {prices.component}, {prices.region}, as of {prices.as_of}; {prices.source}.",
        *((f"Traffic: {remarks.traffic}.",) if remarks.traffic else ()),
        *((f"Capacity: {remarks.capacity}.",) if remarks.capacity else ()),
    )
    columns = ("assumption", "value", "source") if explain else ("assumption", "value")
    rows = tuple(_assumption_row(item, explain=explain) for item in remarks.assumptions)
    return Section(title="Assumptions", sentences=sources, columns=columns, rows=rows)


def usd(amount: Decimal) -> str:
    """``1,987.20``."""
    return f"{amount:,.2f}"


def milliseconds(value_s: float) -> str:
    """``149 ms``, ``1.2 ms``, ``12,345 ms``; a word where there is no finite figure."""
    if math.isnan(value_s):
        return "not known"
    if math.isinf(value_s):
        return "over timeout"
    return f"{1000 * value_s:.1f} ms" if value_s < 0.01 else f"{1000 * value_s:,.0f} ms"


def moment(value_s: int) -> str:
    """``Tue 1998-05-12 00:00``, UTC."""
    return datetime.fromtimestamp(value_s, UTC).strftime("%a %Y-%m-%d %H:%M")


def _headline(variant: Variant, remarks: Remarks) -> str:
    where = f"{variant.instance_type} in {remarks.prices.region}"
    if variant.minimum == variant.maximum and variant.target_per_minute is None:
        return f"{variant.minimum} x {where}, fixed"
    target = (
        "" if variant.target_per_minute is None else f", target {variant.target_per_minute:g}/min"
    )
    return (
        f"{where}: minimum {variant.minimum}, maximum {variant.maximum}{target}, "
        f"initial count {variant.initial_count}, {variant.routing.value} routing"
    )


def _saving(saving_usd: Decimal | None) -> tuple[str, ...]:
    if saving_usd is None:
        return ()
    if saving_usd >= 0:
        return (f"Saves {usd(saving_usd)} USD per month against the current configuration.",)
    return (f"Costs {usd(-saving_usd)} USD per month more than the current configuration.",)


def _cost_section(cost: Cost) -> Section:
    """The expected case line by line (the floor's where it is unknown), and the three totals."""
    shown = cost.expected or cost.floor
    rows = [
        (
            line.name,
            f"{line.quantity.normalize():,f}",
            line.unit,
            f"{line.unit_price_usd:f}",
            usd(line.usd),
        )
        for line in shown.lines
    ]
    case = "expected" if cost.expected is not None else "at the minimum"
    if len(rows) > 1:
        rows.append((f"Total, {case}", "", "", "", usd(shown.usd)))
    expected = "not known without traffic" if cost.expected is None else usd(cost.expected.usd)
    totals = (
        f"Floor {usd(cost.floor.usd)} (minimum all the time), expected {expected}, "
        f"ceiling {usd(cost.ceiling.usd)} (maximum all the time)."
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
    return (f"{minutes:,} {noun} over a limit by {'itself' if minutes == 1 else 'themselves'}",)


def _curve_section(result: Recommendation) -> Section:
    chosen = result.estimate.variant.minimum
    rows = tuple(
        (
            str(point.minimum),
            milliseconds(point.p95_s),
            milliseconds(point.p99_s),
            milliseconds(point.worst_window_p99_s),
            usd(point.expected_usd),
            ("yes" if point.meets_slo else "no")
            + (", recommended" if point.minimum == chosen else ""),
        )
        for point in result.curve
    )
    return Section(
        title="What a minimum buys (same target)",
        columns=(">minimum", ">p95", ">p99", ">worst p99", ">USD/month", "meets SLO"),
        rows=rows,
    )


def _alternatives_section(title: str, alternatives: Sequence[Alternative]) -> Section:
    rows = tuple(
        (
            alternative.variant.instance_type,
            _ROUTINGS[alternative.variant.routing],
            str(alternative.variant.minimum),
            str(alternative.variant.maximum),
            "fixed"
            if alternative.variant.target_per_minute is None
            else f"{alternative.variant.target_per_minute:g}",
            milliseconds(alternative.p99_s),
            milliseconds(alternative.worst_window_p99_s),
            f"{alternative.failed_fraction:.2%}",
            usd(alternative.expected_usd),
            alternative.breaks or "nothing",
        )
        for alternative in alternatives
    )
    columns = (
        *("instance type", "routing", ">minimum", ">maximum"),
        *(">target", ">p99", ">worst p99", ">failed", ">USD/month", "breaks"),
    )
    return Section(title=title, columns=columns, rows=rows)


def _rejected_section(title: str, rejected: Sequence[Rejected]) -> Section:
    rows = tuple((entry.instance_type, entry.reason) for entry in rejected)
    return Section(title=title, columns=("instance type", "reason"), rows=rows)


def _windows_section(result: Recommendation) -> Section:
    rows = tuple(
        (
            f"{answer.window.value}{' but the worst' if answer.spared else ''}",
            "infeasible" if answer.minimum is None else str(answer.minimum),
            "" if answer.target_per_minute is None else f"{answer.target_per_minute:g}",
            "" if answer.expected_usd is None else usd(answer.expected_usd),
        )
        for answer in result.windows
    )
    return Section(
        title="If the SLO had to hold in every ...",
        columns=("window", ">minimum", ">target", ">USD/month"),
        rows=rows,
    )


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
        sections.append(_alternatives_section("Nearest miss", (result.nearest,)))
    return sections


def _assumption_row(item: Assumption, *, explain: bool) -> tuple[str, ...]:
    return (item.name, item.value, item.source) if explain else (item.name, item.value)
