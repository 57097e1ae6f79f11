"""What stands beside a recommendation: curve, other plans, windows, sensitivity, rejected types."""

from collections.abc import Sequence

from smcost.capacity import Routing
from smcost.emit.section import Section, milliseconds, usd
from smcost.recommend.result import (
    Alternative,
    AlternativeKind,
    Factor,
    Recommendation,
    Rejected,
    Sensitivity,
    WindowAnswer,
)
from smcost.recommend.schedule_result import Schedule
from smcost.scaling.policy import Metric
from smcost.units import plain

#: As the flag spells them.
ROUTINGS = {
    Routing.RANDOM: "random",
    Routing.LEAST_OUTSTANDING_REQUESTS: "least-outstanding",
}
_BEYOND = "beyond --budget"
_KINDS = {
    AlternativeKind.ONE_FEWER: "one instance fewer",
    AlternativeKind.AWS_RECIPE: "AWS's own target",
    AlternativeKind.AWS_RECOMMENDATION: "AWS's recommendation",
    AlternativeKind.FIXED_FLEET: "a fixed fleet",
    AlternativeKind.OTHER_TYPE: "another type",
    AlternativeKind.OTHER_ROUTING: "the other routing",
    AlternativeKind.OTHER_METRIC: "the other metric",
    AlternativeKind.NEAREST: "the nearest miss",
    AlternativeKind.WITHOUT_SCHEDULE: "without a schedule",
}
_JUST_IN_TIME = (
    " But help comes just in time on this traffic: with a start-up half as long again that plan "
    "breaks {}."
)
_FACTORS = {
    Factor.STARTUP_TIME: "start-up time",
    Factor.BURSTINESS: "bursts within a minute",
    Factor.ROUTING: "routing",
    Factor.SERVICE_VARIABILITY: "service time variability",
}


def curve_section(result: Recommendation) -> Section:
    """Minimums at the recommended target, with what each buys."""
    schedule = result.schedule if isinstance(result.schedule, Schedule) else None
    chosen = result.estimate.variant.minimum if schedule is None else schedule.minimum
    mark = ", recommended" if schedule is None else ", best without a schedule"
    rows = tuple(
        (
            str(point.minimum),
            milliseconds(point.p95_s),
            milliseconds(point.p99_s),
            milliseconds(point.worst_window_p99_s),
            f"{point.failed_fraction:.2%}",
            usd(point.expected_usd),
            ("yes" if point.meets_slo else "no") + (mark if point.minimum == chosen else ""),
        )
        for point in result.curve
    )
    return Section(
        title=f"What a minimum buys ({_same_target(schedule)})",
        columns=(
            *(">minimum", ">p95", ">p99", ">worst p99", ">failed", ">USD/month", "meets SLO"),
        ),
        rows=rows,
    )


def _same_target(schedule: Schedule | None) -> str:
    if schedule is None:
        return "same target"
    target = "" if schedule.target is None else f", target {plain(schedule.target)}"
    return f"without a schedule{target}"


def alternatives_section(
    title: str, alternatives: Sequence[Alternative], sentences: tuple[str, ...] = ()
) -> Section:
    """Other plans, what they cost and what they break."""
    rows = tuple(
        (
            _KINDS[alternative.kind],
            alternative.variant.instance_type,
            ROUTINGS[alternative.variant.routing],
            str(alternative.variant.minimum),
            str(alternative.variant.maximum),
            alternative.variant.target_told,
            milliseconds(alternative.p99_s),
            milliseconds(alternative.worst_window_p99_s),
            f"{alternative.failed_fraction:.2%}",
            usd(alternative.expected_usd),
            alternative.breaks or "nothing",
        )
        for alternative in alternatives
    )
    columns = (
        *("plan", "instance type", "routing", ">minimum", ">maximum"),
        *(">target", ">p99", ">worst p99", ">failed", ">USD/month", "breaks"),
    )
    return Section(title=title, sentences=sentences, columns=columns, rows=rows)


def metric_sentences(result: Recommendation) -> tuple[str, ...]:
    """What requests in flight, known every 10 s, would save or have saved."""
    kinds = {other.kind: other for other in result.alternatives}
    other, cost = kinds.get(AlternativeKind.OTHER_METRIC), result.estimate.cost.expected
    if other is None or cost is None:
        return ()
    best = result.estimate.variant
    if result.metric is not Metric.INVOCATIONS:
        worth, fast, slow = other.expected_usd - cost.usd, best, other.variant
    else:
        worth, fast, slow = cost.usd - other.expected_usd, other.variant, best
    figures = f"minimum {fast.minimum} instead of {slow.minimum}"
    if fast.minimum == slow.minimum:
        figures = f"the same minimum of {fast.minimum}"
    if worth > 0:
        late = "" if not other.breaks_if_slower else _JUST_IN_TIME.format(other.breaks_if_slower)
        return (
            f"Scaling on requests in flight, seen every 10 s, instead of invocations per minute is "
            f"worth {usd(worth)} USD per month: {figures}.{late}",
        )
    return (
        "Scaling on requests in flight, seen every 10 s, would save nothing against invocations "
        f"per minute: {usd(-worth)} USD per month more, {figures}.",
    )


def rejected_section(title: str, rejected: Sequence[Rejected]) -> Section:
    """Instance types that cannot do it, and why."""
    rows = tuple((entry.instance_type, entry.reason) for entry in rejected)
    return Section(title=title, columns=("instance type", "reason"), rows=rows)


def windows_section(result: Recommendation) -> Section:
    """The answer under each SLO window."""
    rows = tuple(
        (
            f"{answer.window.value}{' but the worst' if answer.spared else ''}",
            "infeasible" if answer.minimum is None else str(answer.minimum),
            _target(answer),
            "" if answer.expected_usd is None else usd(answer.expected_usd),
        )
        for answer in result.windows
    )
    return Section(
        title="If the SLO had to hold in every ...",
        sentences=("All without a schedule.",) if isinstance(result.schedule, Schedule) else (),
        columns=("window", ">minimum", ">target", ">USD/month"),
        rows=rows,
    )


def _target(answer: WindowAnswer) -> str:
    if answer.minimum is None:
        return ""
    return "fixed" if answer.target_per_minute is None else plain(answer.target_per_minute)


def sensitivity_section(result: Recommendation) -> Section:
    """How the answer moves where one assumption is another."""
    return Section(
        title="If an assumption were another",
        sentences=("All without a schedule.",) if isinstance(result.schedule, Schedule) else (),
        columns=(
            *("assumption", "instead", ">worst p99 of this plan", "which breaks"),
            *(">minimum then", ">target then", ">USD/month then"),
        ),
        rows=tuple(map(_sensitivity_row, result.sensitivity)),
    )


def _sensitivity_row(row: Sensitivity) -> tuple[str, ...]:
    breaks = _BEYOND if row.breaks is None else row.breaks or "nothing"
    # Screening knows nothing of bursts, so that only minimums are tried under them.
    same = ", same target" if row.factor is Factor.BURSTINESS else ""
    worst = milliseconds(row.worst_window_p99_s)
    figures = (_FACTORS[row.factor], row.value + same, worst, breaks)
    if row.expected_usd is None:
        return (*figures, _BEYOND if row.feasible is None else "infeasible", "", "")
    target = "fixed" if row.target_per_minute is None else plain(row.target_per_minute)
    return (*figures, str(row.minimum), target, usd(row.expected_usd))
