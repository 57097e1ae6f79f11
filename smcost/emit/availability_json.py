"""A loss, and the price of surviving it, as an entry of the JSON documents."""

import math
from collections.abc import Sequence
from decimal import Decimal

from smcost.availability import Lost
from smcost.emit.availability_schema import AvailabilityEntry, LostMomentEntry, SurvivalEntry
from smcost.emit.json_values import iso
from smcost.emit.lever_json import stretch_entry
from smcost.estimate.levers import Levers
from smcost.estimate.loss import MomentOfLoss
from smcost.recommend.result import SurvivalAnswer


def availability_entry(
    levers: Levers | None, prices: Sequence[SurvivalAnswer] | None = None
) -> AvailabilityEntry | None:
    """``availability``; ``None`` where it was not asked for. ``prices`` are those of a search."""
    answer = None if levers is None else levers.availability
    if answer is None:
        return None
    loss, breaks = answer.loss, answer.breaks
    return AvailabilityEntry(
        survive=loss.what.value,
        zones=loss.zones if loss.what is Lost.ZONE else None,
        replaced_after_s=answer.replaced_after_s,
        failover_s=loss.failover_s,
        survives=None if breaks is None else not breaks,
        breaks=None if breaks is None else list(breaks),
        peak_per_minute=answer.peak_per_minute,
        max_rps_at_slo=answer.max_rps_at_slo,
        rule_count=answer.rule_count,
        moments=[_moment(moment) for moment in answer.moments],
        prices=None if prices is None else [_price(row, prices) for row in prices],
    )


def extra_usd(row: SurvivalAnswer, rows: Sequence[SurvivalAnswer]) -> Decimal | None:
    """What a row costs more than that which survives nothing; ``None``: one is infeasible."""
    least = next((other.expected_usd for other in rows if other.survives is None), None)
    if least is None or row.expected_usd is None:
        return None
    return row.expected_usd - least


def _moment(moment: MomentOfLoss) -> LostMomentEntry:
    busy = moment.utilisation
    return LostMomentEntry(
        at=iso(moment.start_s),
        minutes=moment.minutes,
        count_before=moment.count_before,
        lost=moment.lost,
        utilisation=round(busy, 4) if math.isfinite(busy) else None,
        turned_away=moment.turned_away,
        cut_off=round(moment.cut_off, 2),
        minutes_over=moment.minutes_over,
        minutes_over_without=moment.minutes_over_without,
        latency=stretch_entry(moment.latency),
        latency_without=stretch_entry(moment.latency_without),
        method=moment.method,
    )


def _price(row: SurvivalAnswer, rows: Sequence[SurvivalAnswer]) -> SurvivalEntry:
    extra = extra_usd(row, rows)
    return SurvivalEntry(
        survives="none" if row.survives is None else row.survives.value,
        min_capacity=row.minimum,
        target_value=row.target_per_minute,
        expected_usd=None if row.expected_usd is None else float(row.expected_usd),
        extra_usd=None if extra is None else float(extra),
    )
