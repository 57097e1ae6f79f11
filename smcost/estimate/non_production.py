"""What turning an endpoint off outside its windows costs, saves and leaves unanswered."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from smcost.cost import Cost, Tariff, monthly_cost
from smcost.errors import UsageError
from smcost.estimate.bill import InstanceHours
from smcost.estimate.office_month import BilledCurve, OfficeMonth, Replayed, Seen
from smcost.estimate.turning_off import (
    NonProduction,
    Switch,
    Way,
    bounds_hours,
    lead_s,
    of_month,
    one_size,
    openings_per_month,
    saves_from_s,
    switches,
)
from smcost.remarks import Caveat, WarningCode
from smcost.replay.counts import Delays
from smcost.replay.metrics import Watched
from smcost.traffic.minutes import MinuteCounts
from smcost.units import SECONDS_PER_MINUTE
from smcost.variant import Variant

_UNKNOWN = Replayed(None, None, None, None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class WayAnswer:
    """One way of turning it off, in an ordinary month.

    Attributes
    ----------
    way
        Which.
    cost, instance_hours
        Of a month.
    unanswered, unanswered_share
        Requests that find no instance, in a month and of all; ``None``: what comes outside the
        windows is not known. [count, fraction]
    wake_ups
        Times a month that requests wake it from zero; ``None``: not known.
    wake_up_s
        From the end of the minute of a failed request until one instance is in service; ``None``:
        requests wake nothing. [s]
    saves_from_s
        The shortest break in which it saves anything. [s]
    switches
        Schedules to paste.
    """

    way: Way
    cost: Cost
    instance_hours: InstanceHours
    unanswered: Decimal | None
    unanswered_share: float | None
    wake_ups: Decimal | None
    wake_up_s: float | None
    saves_from_s: float
    switches: tuple[Switch, ...]

    @property
    def usd(self) -> Decimal:
        """Of the expected case, or of the floor where that is not known. [USD]"""
        return (self.cost.expected or self.cost.floor).usd


@dataclass(frozen=True, slots=True, kw_only=True)
class NonProductionAnswer:
    """All ways beside the endpoint that is always on.

    Attributes
    ----------
    wanted
        Windows and the way that stands in the bill.
    startup_s
        How long before an opening it is begun. [s]
    hours_on, openings
        Hours within the windows, and how often they open, in a month; breaks that are no longer
        than the start-up are none. [h, count]
    always_on, always_on_hours
        Cost and instance-hours of the endpoint that is never turned off, in an ordinary month.
    always_minimum
        Its minimum; ``None``: that of the windows. [instances]
    ways
        In the order of :class:`Way`.
    answered
        Requests a month that the way in the bill answers; ``None`` without traffic. [count]
    caveats
        What to know of the way in the bill.
    curve
        What it is billed for minute by minute; ``None`` without traffic.
    """

    wanted: NonProduction
    startup_s: float
    hours_on: Decimal
    openings: Decimal
    always_on: Cost
    always_on_hours: InstanceHours
    ways: tuple[WayAnswer, ...]
    answered: Decimal | None
    caveats: tuple[Caveat, ...] = ()
    curve: BilledCurve | None = field(default=None, compare=False, repr=False)
    always_minimum: int | None = None

    @property
    def chosen(self) -> WayAnswer:
        """The way that stands in the bill."""
        [found] = [answer for answer in self.ways if answer.way is self.wanted.way]
        return found

    def saving_usd(self, answer: WayAnswer) -> Decimal | None:
        """Against the endpoint that is always on, both expected (or both at the minimum). [USD]"""
        if (answer.cost.expected is None) != (self.always_on.expected is None):
            return None
        return (self.always_on.expected or self.always_on.floor).usd - answer.usd

    def saving_share(self, answer: WayAnswer) -> float | None:
        """The same as a part of what is always on. [fraction]"""
        saving_usd = self.saving_usd(answer)
        whole_usd = (self.always_on.expected or self.always_on.floor).usd
        return None if saving_usd is None or not whole_usd else float(saving_usd / whole_usd)


def non_production(
    variant: Variant,
    tariff: Tariff,
    wanted: NonProduction,
    *,
    hours_per_month: Decimal,
    delays: Delays,
    minutes: MinuteCounts | None = None,
    watched: Watched | None = None,
    always: Variant | None = None,
) -> tuple[NonProductionAnswer, Seen | None]:
    """Price every way, and say what the one in the bill answers.

    Parameters
    ----------
    variant, tariff
        What is deployed within the windows, and what there is to pay for.
    wanted
        Windows and way.
    hours_per_month
        720 or 730. [h]
    delays
        Reaction and start-up.
    minutes, watched
        The traffic, and what policies on requests in flight or CPU look at; ``None``: not known.
    always
        What is never turned off and compared with; ``None``: the variant.

    Notes
    -----
    A month has the hours within and outside the windows of an ordinary week, whatever part of one
    the traffic covers: instances and requests are means over the minutes inside and over those
    outside, each times its hours.

    Raises
    ------
    UsageError
        The traffic has no minute within the windows, or none outside where the way in the bill
        needs it.
    """
    presence = wanted.hours.presence(shortest_gap_s=lead_s(delays))
    hours_on = of_month(presence, hours_per_month)
    month = None
    if minutes is not None:
        month = OfficeMonth(variant, wanted, minutes, delays, watched, hours_per_month, always)
    found = {way: _UNKNOWN if month is None else month.by(way) for way in Way}
    on = _UNKNOWN if month is None else month.always_on()
    compared = always or variant
    floor, ceiling = (count * hours_per_month for count in (compared.lowest, compared.highest))
    known = floor if month is None and one_size(compared) else on.hours
    always_hours = _within(InstanceHours(floor=floor, expected=known, ceiling=ceiling))
    answers = tuple(
        _answer(way, found[way], variant, tariff, wanted, delays, hours_per_month) for way in Way
    )
    seen = found[wanted.way].seen
    answer = NonProductionAnswer(
        wanted=wanted,
        startup_s=lead_s(delays),
        hours_on=hours_on,
        openings=openings_per_month(presence, hours_per_month),
        always_on=_cost(tariff, always_hours, on.answered, hours_per_month),
        always_on_hours=always_hours,
        ways=answers,
        answered=found[wanted.way].answered,
        curve=None if seen is None else seen.curve,
        always_minimum=None if always is None else always.minimum,
    )
    if minutes is not None and answer.chosen.cost.expected is None:
        raise UsageError(
            f"The traffic has no minute outside {wanted.hours.told}, so that what {wanted.way} "
            "costs there is not known",
            remedy="Give traffic of whole weeks, or --non-prod-way delete",
            place="--non-prod-way",
        )
    return replace(answer, caveats=tuple(_caveats(answer))), seen


def _answer(
    way: Way,
    found: Replayed,
    variant: Variant,
    tariff: Tariff,
    wanted: NonProduction,
    delays: Delays,
    hours_per_month: Decimal,
) -> WayAnswer:
    hours = bounds_hours(way, variant, wanted, delays, hours_per_month)
    # What a fleet of one size costs turned down is known by the clock, whatever comes.
    if found.seen is not None and not (way is Way.MINIMUM and one_size(variant)):
        hours = _within(replace(hours, expected=found.hours))
    zero = wanted.zero_delays(delays)
    arrived = None if found.answered is None or found.lost is None else found.answered + found.lost
    share = None
    if arrived is not None and found.lost is not None:
        share = float(found.lost / arrived) if arrived else 0.0
    return WayAnswer(
        way=way,
        cost=_cost(tariff, hours, found.answered, hours_per_month),
        instance_hours=hours,
        unanswered=found.lost,
        unanswered_share=share,
        wake_ups=found.woken,
        wake_up_s=zero.alarm_s + zero.startup_s if way is Way.SCALE_TO_ZERO else None,
        saves_from_s=saves_from_s(way, variant, wanted, delays),
        switches=switches(way, variant, wanted.hours, delays),
    )


def _within(hours: InstanceHours) -> InstanceHours:
    """Gaps of the traffic and the rounding of floats must not leave the bounds."""
    if hours.expected is None:
        return hours
    return replace(hours, expected=min(max(hours.expected, hours.floor), hours.ceiling))


def _cost(
    tariff: Tariff, hours: InstanceHours, answered: Decimal | None, hours_per_month: Decimal
) -> Cost:
    floor, expected, ceiling = (
        None
        if each is None
        else monthly_cost(
            tariff,
            instance_hours=each,
            invocations=answered or Decimal(0),
            hours_per_month=hours_per_month,
        )
        for each in (hours.floor, hours.expected, hours.ceiling)
    )
    assert floor is not None
    assert ceiling is not None
    return Cost(floor=floor, expected=expected, ceiling=ceiling, hours_per_month=hours_per_month)


def _caveats(answer: NonProductionAnswer) -> list[Caveat]:
    """What to know of the way in the bill."""
    found, chosen, hours = [], answer.chosen, answer.wanted.hours
    if chosen.unanswered:
        message = (
            f"{chosen.unanswered_share:.2%} of the requests arrive while no instance is there "
            f"({chosen.way.value}) and get an error: {chosen.unanswered:,.0f} a month outside "
            f"{hours.told}"
        )
        found.append(Caveat(code=WarningCode.REQUESTS_UNANSWERED, message=message))
    shortest = hours.shortest_break_min
    if shortest is not None and SECONDS_PER_MINUTE * shortest <= chosen.saves_from_s:
        message = (
            f"A break of {shortest} min saves nothing: start-up and tail take "
            f"{chosen.saves_from_s / SECONDS_PER_MINUTE:,.0f} min ({chosen.way.value}); join the "
            "windows around it"
        )
        found.append(Caveat(code=WarningCode.BREAK_TOO_SHORT, message=message))
    skipped = hours.left_out(before_min=int(answer.startup_s) // SECONDS_PER_MINUTE)
    if skipped is not None:
        message = (
            f"Clocks in {hours.timezone} never show {skipped}, so that a schedule for then does "
            "not run on that day; move it out of the hour that the shift leaves out"
        )
        found.append(Caveat(code=WarningCode.SCHEDULE_LEFT_OUT, message=message))
    return found
