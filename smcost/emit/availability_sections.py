"""A loss, and the price of surviving it, as sections."""

import math
from collections.abc import Sequence

from smcost.availability import Lost
from smcost.emit.availability_json import extra_usd
from smcost.emit.section import Section, figure, milliseconds, moment, usd
from smcost.estimate.availability_answer import AvailabilityAnswer
from smcost.estimate.levers import Levers
from smcost.estimate.loss import MomentOfLoss
from smcost.recommend.result import SurvivalAnswer
from smcost.units import plain


def availability_sections(
    levers: Levers | None, prices: Sequence[SurvivalAnswer] = (), *, scheduled: bool = False
) -> list[Section]:
    """Whether the configuration survives, and what that costs; none where nobody asked.

    ``scheduled``: the answer has minimums by the clock, which the prices are without.
    """
    answer = None if levers is None else levers.availability
    if answer is None:
        return []
    found = [
        Section(
            title="Availability",
            sentences=(_verdict(answer), *_rule(answer)),
            columns=(
                *("loss at (UTC)", ">lost", ">left busy", ">p99", ">p99 without"),
                *(">failed", ">minutes over", "breaks"),
            ),
            rows=tuple(map(_row, answer.moments)),
        )
    ]
    if prices:
        found.append(_price_section(prices, scheduled=scheduled))
    return found


def _verdict(answer: AvailabilityAnswer) -> str:
    zones = f" of {answer.loss.zones}" if answer.loss.what is Lost.ZONE else ""
    lost = f"the loss of {answer.loss.what.told}{zones}"
    served = f"replacements serve after {answer.replaced_after_s:,.0f} s"
    judged = "judged alone over the stretch around it"
    if answer.breaks is None:
        return f"What {lost} does at the worst moments of the trace; {served}."
    if not answer.breaks:
        return f"Survives {lost} at the worst moments of the trace, {judged}; {served}."
    return f"Does not survive {lost}: it breaks {' and '.join(answer.breaks)}, {judged}; {served}."


def _rule(answer: AvailabilityAnswer) -> tuple[str, ...]:
    if answer.max_rps_at_slo is None:
        return ()
    return (
        f"By (N - lost) x MAX_RPS x 60 >= peak: one instance answers "
        f"{figure(answer.max_rps_at_slo)} a second within the limits, so that "
        f"{answer.peak_per_minute:,} invocations/min with {answer.loss.what.told} lost take "
        f"{answer.rule_count} instances.",
    )


def _row(found: MomentOfLoss) -> tuple[str, ...]:
    breaks = found.latency.breaks
    busy = "none left" if math.isinf(found.utilisation) else f"{found.utilisation:.0%}"
    over = "" if found.minutes_over is None else f"{found.minutes_over} of {found.minutes}"
    return (
        moment(found.start_s),
        f"{found.lost} of {found.count_before}",
        busy,
        milliseconds(found.latency.p99_s),
        milliseconds(found.latency_without.p99_s),
        f"{found.latency.failed_fraction:.2%}",
        over,
        "" if breaks is None else " and ".join(breaks) or "nothing",
    )


def _price_section(prices: Sequence[SurvivalAnswer], *, scheduled: bool) -> Section:
    return Section(
        title=f"What surviving costs{' (without a schedule)' if scheduled else ''}",
        columns=("survives the loss of", ">minimum", ">target", ">USD/month", ">USD more"),
        rows=tuple(_price_row(row, prices) for row in prices),
    )


def _price_row(row: SurvivalAnswer, rows: Sequence[SurvivalAnswer]) -> tuple[str, ...]:
    name = "nothing" if row.survives is None else row.survives.told
    if row.expected_usd is None:
        return (name, "infeasible", "", "", "")
    target = "fixed" if row.target_per_minute is None else plain(row.target_per_minute)
    extra = extra_usd(row, rows)
    more = "" if extra is None else usd(extra)
    return (name, str(row.minimum), target, usd(row.expected_usd), more)
