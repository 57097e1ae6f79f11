"""The ways to turn an endpoint off or down outside its windows, and what each is billed for.

There is no operation that stops an endpoint: it is deleted and created again, scaled down to the
one instance that a variant keeps, or, with inference components, to zero (SageMaker developer
guide, "Delete endpoints and resources", "Scale an endpoint to zero instances").
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from smcost.errors import UsageError
from smcost.estimate.bill import InstanceHours
from smcost.office_hours import OfficeHours, Presence, whole_minutes
from smcost.replay.counts import Delays
from smcost.replay.scaled_to_zero import ZeroDelays
from smcost.scaling import LOW_MINUTES
from smcost.scaling.schedule import ScheduledAction
from smcost.units import SECONDS_PER_DAY, SECONDS_PER_MINUTE
from smcost.variant import Variant


class Way(StrEnum):
    """How an endpoint is turned off or down."""

    DELETE = "delete"
    MINIMUM = "minimum"
    SCALE_TO_ZERO = "scale-to-zero"


Does = Literal["create", "delete", "scale"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NonProduction:
    """When an endpoint that is not in production runs, and which way stands in the bill.

    Attributes
    ----------
    hours
        Its windows.
    way
        Of turning it off outside of them.
    idle_tail_s
        What is billed after the last request until scale to zero has removed every instance. [s]

    Raises
    ------
    UsageError
        A tail that is longer than a day.
    """

    hours: OfficeHours
    way: Way = Way.DELETE
    idle_tail_s: float = 1_500.0

    def __post_init__(self) -> None:
        if not 0 <= self.idle_tail_s <= SECONDS_PER_DAY:
            raise UsageError(
                f"A tail of {self.idle_tail_s:g} s until no instance is left is none",
                remedy="Give one of at most a day, such as 25min",
                place="--non-prod-tail",
            )

    def zero_delays(self, delays: Delays) -> ZeroDelays:
        """Tail and wake-up of a fleet that goes to zero."""
        return ZeroDelays(idle_tail_s=self.idle_tail_s, startup_s=delays.startup_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """What a schedule does, and when.

    Attributes
    ----------
    does
        Creates or deletes the endpoint, or scales it.
    schedule, timezone
        As AWS's schedulers take them.
    minimum, maximum
        New bounds of what is scaled; ``None`` leaves one as it is. [instances or copies]
    """

    does: Does
    schedule: str
    timezone: str
    minimum: int | None = None
    maximum: int | None = None


def lead_s(delays: Delays) -> int:
    """How long before the opening it is begun, in whole minutes as schedules have them. [s]"""
    return SECONDS_PER_MINUTE * whole_minutes(delays.startup_s)


def one_size(variant: Variant) -> bool:
    """Whether its bounds leave one count."""
    return variant.minimum == variant.maximum


def turned_down(variant: Variant, hours: OfficeHours, delays: Delays) -> Variant:
    """The variant with scheduled actions down to a minimum of 1 outside the windows.

    A fleet without policies needs its maximum lowered, too; one whose minimum is 1 has nothing to
    be turned down.
    """
    if variant.minimum == 1 or hours.always:
        return variant
    opens, closes = hours.crons(before_min=whole_minutes(delays.startup_s))
    fixed = one_size(variant)
    up, down = (
        [
            ScheduledAction(
                schedule=schedule,
                timezone=hours.timezone,
                minimum=count,
                maximum=count if fixed else None,
            )
            for schedule in schedules
        ]
        for schedules, count in ((opens, variant.minimum), (closes, 1))
    )
    return replace(variant, schedule=(*down, *up))


def switches(way: Way, variant: Variant, hours: OfficeHours, delays: Delays) -> tuple[Switch, ...]:
    """The schedules to paste, openings first."""
    if way is Way.MINIMUM:
        actions = sorted(turned_down(variant, hours, delays).schedule, key=lambda a: a.minimum == 1)
        return tuple(
            Switch(
                does="scale",
                schedule=action.schedule,
                timezone=action.timezone,
                minimum=action.minimum,
                maximum=action.maximum,
            )
            for action in actions
        )
    opens, closes = hours.crons(before_min=whole_minutes(delays.startup_s))
    zero = way is Way.SCALE_TO_ZERO
    words: tuple[Does, Does] = ("scale", "scale") if zero else ("create", "delete")
    return tuple(
        Switch(
            does=does,
            schedule=schedule,
            timezone=hours.timezone,
            minimum=count if zero else None,
        )
        for does, schedules, count in (
            (words[0], opens, variant.minimum),
            (words[1], closes, 0),
        )
        for schedule in schedules
    )


def saves_from_s(way: Way, variant: Variant, wanted: NonProduction, delays: Delays) -> float:
    """The shortest break in which a way saves anything: start-up and tail take as long. [s]

    The tail of scheduled actions with a policy is its alarm, 15 minutes, and its reaction.
    """
    if way is Way.DELETE:
        return lead_s(delays)
    if way is Way.SCALE_TO_ZERO:
        return lead_s(delays) + wanted.idle_tail_s
    tail_s = 0.0 if one_size(variant) else LOW_MINUTES * SECONDS_PER_MINUTE + delays.reaction_s
    return lead_s(delays) + tail_s


def bounds_hours(
    way: Way,
    variant: Variant,
    wanted: NonProduction,
    delays: Delays,
    hours_per_month: Decimal,
) -> InstanceHours:
    """Instance-hours a month at the minimum and at the maximum, by the clock alone. [h]

    The expected case is known where nothing scales but the way itself, and no request comes
    outside the windows.
    """
    ahead_s = lead_s(delays)
    on = wanted.hours.presence(before_s=ahead_s)
    low, high, whole = variant.minimum, variant.maximum, hours_per_month
    if way is Way.DELETE:
        floor, ceiling = (low * of_month(on, whole), high * of_month(on, whole))
    elif way is Way.MINIMUM:
        down = min(low, 1)
        floor = down * whole + (low - down) * of_month(on, whole)
        ceiling = floor if one_size(variant) else high * whole
    else:
        on = wanted.hours.presence(before_s=ahead_s, after_s=wanted.idle_tail_s)
        floor, ceiling = low * of_month(on, whole), high * whole
    return InstanceHours(
        floor=floor, expected=floor if one_size(variant) else None, ceiling=max(floor, ceiling)
    )


def of_month(presence: Presence, hours_per_month: Decimal) -> Decimal:
    """Hours of a month that windows make up. [h]"""
    return _decimal(presence.share) * hours_per_month


def openings_per_month(presence: Presence, hours_per_month: Decimal) -> Decimal:
    """How often windows open in a month."""
    return _decimal(presence.openings_per_hour) * hours_per_month


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
