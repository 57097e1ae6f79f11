"""An endpoint that is turned off outside its windows, as sections beside a bill."""

from decimal import Decimal

from smcost.cost import Cost
from smcost.emit.section import Section, figure, usd
from smcost.estimate.non_production import NonProductionAnswer, WayAnswer
from smcost.estimate.turning_off import Switch, Way
from smcost.units import SECONDS_PER_MINUTE

_ASKS = {
    Way.DELETE: "delete: outside the windows there is no endpoint and every request fails. Name, "
    "configuration and model stay; the scalable target and its policies go with the endpoint and "
    "are registered again after each creation, and Terraform destroys and creates it, or finds it "
    "missing.",
    Way.MINIMUM: "minimum: one instance stays and answers every request; nothing is to be done "
    "again. Terraform has to ignore the bounds that the actions rewrite.",
    Way.SCALE_TO_ZERO: "scale-to-zero: only with inference components, which the hashicorp/aws "
    "provider has no resource for; an asynchronous endpoint does it by itself. A request at zero "
    "fails and wakes one instance, by a step policy on NoCapacityInvocationFailures; until it is "
    "in service more fail.",
}
_AROUND_THE_CLOCK = (
    "Always on: with a minimum of {}, the smallest that holds the SLO around the clock at the same "
    "target (by the formulas)."
)
_NOTHING_DOWN = "minimum: it is 1 already, so that there is nothing to turn down."
_WORDS = {"create": "create the endpoint", "delete": "delete the endpoint"}


def non_production_sections(answer: NonProductionAnswer) -> list[Section]:
    """Every way beside the endpoint that is always on, and the schedules to paste."""
    return [_ways_section(answer), *_schedules_section(answer)]


def _ways_section(answer: NonProductionAnswer) -> Section:
    hours, month = answer.wanted.hours, answer.always_on.hours_per_month
    on = (
        f"On {hours.told}: {figure(float(answer.hours_on))} of {month.normalize():f} h "
        f"({float(answer.hours_on / month):.1%}), "
    )
    on += (
        "without a break."
        if not answer.openings
        else (
            f"{figure(float(answer.openings))} openings a month, each begun "
            f"{answer.startup_s / SECONDS_PER_MINUTE:g} min before."
        )
    )
    case = "expected" if answer.chosen.cost.expected is not None else "at the minimum"
    known = any(way.unanswered is not None for way in answer.ways)
    columns: tuple[str, ...] = (
        *("way", ">instance-hours", ">USD/month", ">USD saved", ">saved", ">break that pays"),
    )
    lowest = answer.always_minimum
    always = (
        "always on" if lowest is None else f"always on, minimum {lowest}",
        figure(float(_hours(answer))),
        usd(_shown(answer.always_on)),
        "",
        "",
        "",
    )
    rows: list[tuple[str, ...]] = [always, *(_way_row(answer, way) for way in answer.ways)]
    if known:
        columns = (*columns, ">unanswered", ">wake-ups")
        lost = [("", ""), *(_lost(way) for way in answer.ways)]
        rows = [(*row, *more) for row, more in zip(rows, lost, strict=True)]
    return Section(
        title="Non-production hours",
        sentences=(
            on,
            f"In the bill: {answer.wanted.way.value} ({case}).",
            *([] if lowest is None else [_AROUND_THE_CLOCK.format(lowest)]),
            *_asks(answer),
        ),
        columns=columns,
        rows=tuple(rows),
    )


def _asks(answer: NonProductionAnswer) -> list[str]:
    """What each way takes, and what breaks."""
    return [
        _NOTHING_DOWN
        if way.way is Way.MINIMUM and not way.switches and answer.openings
        else _ASKS[way.way]
        for way in answer.ways
    ]


def _hours(answer: NonProductionAnswer) -> Decimal:
    hours = answer.always_on_hours
    return hours.floor if hours.expected is None else hours.expected


def _shown(cost: Cost) -> Decimal:
    return (cost.expected or cost.floor).usd


def _way_row(answer: NonProductionAnswer, way: WayAnswer) -> tuple[str, ...]:
    hours, saving_usd = way.instance_hours, answer.saving_usd(way)
    share, unknown = answer.saving_share(way), saving_usd is None
    shown = hours.floor if hours.expected is None else hours.expected
    return (
        way.way.value,
        "not known" if unknown else figure(float(shown)),
        "not known" if unknown else usd(way.usd),
        "not known" if saving_usd is None else usd(saving_usd),
        "" if share is None else f"{share:.1%}",
        f"over {way.saves_from_s / SECONDS_PER_MINUTE:.4g} min",
    )


def _lost(way: WayAnswer) -> tuple[str, str]:
    if way.unanswered_share is None or way.wake_ups is None:
        return "not known", "not known"
    woken = figure(float(way.wake_ups)) if way.way is Way.SCALE_TO_ZERO else ""
    return f"{way.unanswered_share:.2%}", woken


def _schedules_section(answer: NonProductionAnswer) -> list[Section]:
    rows = [
        (way.way.value, _done(way.way, switch), switch.schedule)
        for way in answer.ways
        for switch in way.switches
    ]
    if not rows:
        return []
    sentence = (
        f"Time zone {answer.wanted.hours.timezone}: scheduled actions of Application Auto Scaling "
        "for what is scaled; EventBridge Scheduler, or the CI, for what is created and deleted."
    )
    return [
        Section(
            title="Schedules",
            sentences=(sentence,),
            columns=("way", "does", "when"),
            rows=tuple(rows),
        )
    ]


def _done(way: Way, switch: Switch) -> str:
    if switch.does in _WORDS:
        return _WORDS[switch.does]
    bounds = f"min={switch.minimum}" + ("" if switch.maximum is None else f" max={switch.maximum}")
    return f"copies {bounds}" if way is Way.SCALE_TO_ZERO else bounds
