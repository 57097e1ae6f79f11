"""The traffic of an ordinary month, told apart by windows, and what each way makes of it."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from smcost.errors import UsageError
from smcost.estimate.bill import OnTime
from smcost.estimate.configuration import replay_anew, replay_variant
from smcost.estimate.turning_off import NonProduction, Way, lead_s, of_month, one_size, turned_down
from smcost.office_hours import Interval, Presence
from smcost.queueing.service import FloatArray
from smcost.replay.billed import billed_by_minute_s
from smcost.replay.counts import CountReplay, Delays
from smcost.replay.metrics import Watched
from smcost.replay.scaled_to_zero import BoolArray, scaled_to_zero
from smcost.scaling.weekly_cron import MINUTES_PER_DAY
from smcost.traffic.minutes import MinuteCounts
from smcost.traffic.synthetic import START_S
from smcost.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE
from smcost.variant import Variant

_MINUTES_PER_HOUR = 60


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BilledCurve:
    """Instance-seconds billed in every minute of the traffic, on or off, shape ``(T,)``. [s]"""

    minutes: MinuteCounts
    billed_s: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """The minutes in which the way in the bill answers, its replay over them, and its curve.

    ``inside``: which of all minutes they are, shape ``(T,)``.
    """

    minutes: MinuteCounts
    inside: BoolArray
    replay: CountReplay
    curve: BilledCurve


class Replayed(NamedTuple):
    """What a way's replay leaves of a month; ``None``: not known.

    Instance-hours [h], requests answered and lost, times it is woken from zero [count], and what
    it answers.
    """

    hours: Decimal | None
    answered: Decimal | None
    lost: Decimal | None
    woken: Decimal | None
    seen: Seen | None


def within(
    wanted: NonProduction, minutes: MinuteCounts, delays: Delays, hours_per_month: Decimal
) -> tuple[MinuteCounts, OnTime]:
    """The minutes in which an endpoint answers that is deleted outside its windows, and its hours.

    Breaks that are no longer than the start-up are none: it stays.

    Raises
    ------
    UsageError
        The traffic has no minute within the windows.
    """
    ahead_s = lead_s(delays)
    intervals = _intervals(wanted, minutes, ahead_s)
    inside = _inside(minutes, intervals)
    _refuse_outside(wanted, inside)
    kept = minutes.where(inside)
    on = wanted.hours.presence(shortest_gap_s=ahead_s)
    widened = wanted.hours.presence(shortest_gap_s=ahead_s, before_s=ahead_s)
    hours_on = of_month(on, hours_per_month)
    started = of_month(widened, hours_per_month) - hours_on
    opened = np.array([begin_s for begin_s, _ in intervals])
    window = np.searchsorted(opened, kept.start_s, side="right")
    return kept, OnTime(hours=hours_on, started_hours=started, window=window)


class OfficeMonth:
    """The traffic of a month, told apart by the windows, and replays of it.

    Means over the minutes inside and over those outside, each times the hours that an ordinary
    has of them. ``always``: what is compared with is another variant, never turned off.

    Raises
    ------
    UsageError
        The traffic has no minute within the windows.
    """

    def __init__(
        self,
        variant: Variant,
        wanted: NonProduction,
        minutes: MinuteCounts,
        delays: Delays,
        watched: Watched | None,
        hours_per_month: Decimal,
        always: Variant | None = None,
    ) -> None:
        self._variant, self._wanted, self._delays = variant, wanted, delays
        self._minutes, self._watched, self._hours = minutes, watched, hours_per_month
        # A break that is no longer than the start-up is none: nothing turns it off.
        self._intervals = _intervals(wanted, minutes, lead_s(delays))
        self._presence = wanted.hours.presence(shortest_gap_s=lead_s(delays))
        self._inside = _inside(minutes, self._intervals)
        _refuse_outside(wanted, self._inside)
        down = turned_down(variant, wanted.hours, delays)
        self._always = replay_variant(always or variant, minutes, delays, watched)
        self._down = replay_variant(down, minutes, delays, watched)

    def by(self, way: Way) -> Replayed:
        """What a way makes of it."""
        if way is Way.DELETE:
            return self.deleted()
        return self.turned_down() if way is Way.MINIMUM else self.scaled_to_zero()

    def _monthly(
        self, per_hour: NDArray[np.floating[Any]], inside: BoolArray, presence: Presence
    ) -> Decimal | None:
        """Means inside and outside, each times its hours; ``None``: one of them is not known."""
        hours_in = of_month(presence, self._hours)
        total = Decimal(0)
        for kept, hours in ((inside, hours_in), (~inside, self._hours - hours_in)):
            if hours and not kept.any():
                return None
            if hours:
                total += Decimal(repr(float(per_hour[kept].mean()))) * hours
        return total

    def _of_minutes(self, counts: NDArray[Any]) -> Decimal | None:
        """What is counted by minute, in a month."""
        per_hour = counts * float(_MINUTES_PER_HOUR)
        return self._monthly(per_hour, self._inside, self._presence)

    def _instance_hours(self, billed_s: NDArray[np.floating[Any]]) -> Decimal | None:
        return self._of_minutes(billed_s / SECONDS_PER_HOUR)

    def always_on(self) -> Replayed:
        """Never turned off; where nothing is known of outside, as inside."""
        hours = self._instance_hours(billed_by_minute_s(self._always))
        arrived = self._of_minutes(self._minutes.invocations)
        if hours is None:
            months = self._hours / Decimal(self._minutes.hours)
            hours = Decimal(repr(self._always.instance_hours)) * months
            arrived = self._minutes.total * months
        return Replayed(hours, arrived, Decimal(0), Decimal(0), None)

    def deleted(self) -> Replayed:
        """Created before every opening with its initial count, and deleted at every closing."""
        intervals, inside = self._intervals, self._inside
        kept, on = within(self._wanted, self._minutes, self._delays, self._hours)
        watched = None if self._watched is None else self._watched.where(inside)
        replays = replay_anew(self._variant, kept, on.window, self._delays, watched)
        replay = _one(replays)
        opening = _inside(self._minutes, _begun_before(intervals, lead_s(self._delays))) & ~inside
        billed_s = np.where(opening, float(SECONDS_PER_MINUTE * self._variant.initial_count), 0.0)
        billed_s[inside] = np.concatenate([billed_by_minute_s(each) for each in replays])
        per_hour = on.hours / Decimal(kept.hours)
        started = on.started_hours * self._variant.initial_count
        outside = self._hours - on.hours
        lost: Decimal | None = Decimal(0)
        if outside:
            dropped = self._minutes.invocations[~inside]
            mean = float(dropped.mean()) if dropped.size else None
            lost = None if mean is None else Decimal(repr(_MINUTES_PER_HOUR * mean)) * outside
        return Replayed(
            Decimal(repr(replay.instance_hours)) * per_hour + started,
            kept.total * per_hour,
            lost,
            Decimal(0),
            self._seen(inside, replay, billed_s),
        )

    def _seen(self, inside: BoolArray, replay: CountReplay, billed_s: FloatArray) -> Seen:
        curve = BilledCurve(minutes=self._minutes, billed_s=billed_s)
        minutes = self._minutes.where(inside)
        return Seen(minutes=minutes, inside=inside, replay=replay, curve=curve)

    def turned_down(self) -> Replayed:
        """Down to a minimum of 1 by scheduled actions; every request is taken."""
        billed_s = billed_by_minute_s(self._down)
        return Replayed(
            self._instance_hours(billed_s),
            self._of_minutes(self._minutes.invocations),
            Decimal(0),
            Decimal(0),
            self._seen(np.ones_like(self._inside), self._down, billed_s),
        )

    def scaled_to_zero(self) -> Replayed:
        """As turned down, but without an instance while idle outside the windows."""
        widened = _begun_before(self._intervals, lead_s(self._delays))
        found = scaled_to_zero(
            self._minutes,
            billed_by_minute_s(self._down),
            inside=self._inside,
            opening=_inside(self._minutes, widened) & ~self._inside,
            delays=self._wanted.zero_delays(self._delays),
        )
        billed_h = found.billed_s[self._inside].sum() / SECONDS_PER_HOUR
        whole = replace(self._down, times_s=np.empty((0, 2)), steps=np.empty((0, 2), np.int64))
        kept = replace(
            whole,
            in_service=self._down.in_service[self._inside],
            instance_hours=float(billed_h),
        )
        return Replayed(
            self._instance_hours(found.billed_s),
            self._of_minutes(self._minutes.invocations - found.unanswered),
            self._of_minutes(found.unanswered),
            self._of_minutes(found.woken.astype(np.int64)),
            self._seen(self._inside, kept, found.billed_s),
        )


def quiet_curve(variant: Variant, wanted: NonProduction, delays: Delays) -> BilledCurve | None:
    """What a fleet of one size is billed for in a week in which no request comes.

    ``None``: its bounds leave more than one size, and which it has is not known.
    """
    if not one_size(variant):
        return None
    start_s = START_S + SECONDS_PER_MINUTE * np.arange(7 * MINUTES_PER_DAY, dtype=np.int64)
    week = MinuteCounts(start_s=start_s, invocations=np.zeros_like(start_s))
    fixed = replace(variant, target_per_minute=None, further_policies=())
    month = OfficeMonth(fixed, wanted, week, delays, None, Decimal(week.hours))
    found = month.by(wanted.way).seen
    return None if found is None else found.curve


def _begun_before(intervals: list[Interval], ahead_s: int) -> list[Interval]:
    return [(begin_s - ahead_s, end_s) for begin_s, end_s in intervals]


def _one(replays: list[CountReplay]) -> CountReplay:
    return CountReplay(
        in_service=np.concatenate([replay.in_service for replay in replays]),
        times_s=np.empty((0, 2)),
        steps=np.empty((0, 2), dtype=np.int64),
        instance_hours=sum(replay.instance_hours for replay in replays),
    )


def _intervals(
    wanted: NonProduction, minutes: MinuteCounts, shortest_gap_s: float
) -> list[Interval]:
    """The windows that the traffic touches."""
    first_s, last_s = int(minutes.start_s[0]), int(minutes.start_s[-1]) + SECONDS_PER_MINUTE
    return wanted.hours.intervals_s(first_s, last_s, shortest_gap_s)


def _refuse_outside(wanted: NonProduction, inside: BoolArray) -> None:
    if not inside.any():
        raise UsageError(
            f"No minute of the traffic lies within {wanted.hours.told}",
            remedy="Give traffic of a week, or check the days, the times and the time zone",
            place="--non-prod",
        )


def _inside(minutes: MinuteCounts, intervals: list[Interval]) -> BoolArray:
    """Whether each minute begins within an interval, shape ``(T,)``."""
    edges = np.array(intervals, dtype=np.int64).reshape(-1, 2)
    begun = np.searchsorted(edges[:, 0], minutes.start_s, side="right")
    ended = np.searchsorted(edges[:, 1], minutes.start_s, side="right")
    inside: BoolArray = begun > ended
    return inside
