"""An endpoint that is turned off outside its windows, as an entry of the JSON documents."""

from decimal import Decimal

from smcost.emit.non_production_schema import NonProductionEntry, SwitchEntry, WayEntry
from smcost.estimate.non_production import NonProductionAnswer, WayAnswer
from smcost.estimate.turning_off import Switch


def non_production_entry(answer: NonProductionAnswer) -> NonProductionEntry:
    """``non_production`` of the documents."""
    always, hours = answer.always_on, answer.wanted.hours
    return NonProductionEntry(
        windows=hours.told,
        timezone=hours.timezone,
        way=answer.wanted.way.value,
        hours_on_per_month=_rounded(answer.hours_on),
        openings_per_month=_rounded(answer.openings),
        begun_before_s=answer.startup_s,
        always_on_floor_usd=float(always.floor.usd),
        always_on_expected_usd=None if always.expected is None else float(always.expected.usd),
        always_on_instance_hours=_known(answer.always_on_hours.expected),
        always_on_min_capacity=answer.always_minimum,
        answered=_known(answer.answered),
        ways=[_way(answer, way) for way in answer.ways],
    )


def _way(answer: NonProductionAnswer, way: WayAnswer) -> WayEntry:
    expected, saving_usd, share = way.cost.expected, answer.saving_usd(way), way.unanswered_share
    saving_share = answer.saving_share(way)
    return WayEntry(
        way=way.way.value,
        floor_instance_hours=_rounded(way.instance_hours.floor),
        expected_instance_hours=_known(way.instance_hours.expected),
        ceiling_instance_hours=_rounded(way.instance_hours.ceiling),
        floor_usd=float(way.cost.floor.usd),
        expected_usd=None if expected is None else float(expected.usd),
        ceiling_usd=float(way.cost.ceiling.usd),
        saving_usd=None if saving_usd is None else float(saving_usd),
        saving_share=None if saving_share is None else round(saving_share, 6),
        unanswered=_known(way.unanswered),
        unanswered_share=None if share is None else round(share, 6),
        wake_ups=_known(way.wake_ups),
        wake_up_s=way.wake_up_s,
        saves_from_s=way.saves_from_s,
        switches=[_switch(switch) for switch in way.switches],
    )


def _switch(switch: Switch) -> SwitchEntry:
    return SwitchEntry(
        does=switch.does,
        schedule=switch.schedule,
        timezone=switch.timezone,
        min_capacity=switch.minimum,
        max_capacity=switch.maximum,
    )


def _rounded(value: Decimal) -> float:
    return round(float(value), 4)


def _known(value: Decimal | None) -> float | None:
    return None if value is None else _rounded(value)
