"""A schedule of minimums that was found, or why there is none."""

from dataclasses import dataclass
from decimal import Decimal

from smcost.recommend.plan import Plan
from smcost.recommend.schedule_moves import Week
from smcost.scaling.timetable import TimedMinimum, Timetable


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """A schedule that holds: the week as the trace asks for it, and the widened plan, judged."""

    week: Week
    plan: Plan
    objective_hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOut:
    """A schedule found on all weeks but the last, judged on the last.

    Attributes
    ----------
    since_s
        From when the last week is. [epoch s]
    timetable, minimum
        What was found on the weeks before, with a schedule (``None``: nothing) and without.
    windows, broken, broken_without
        Windows of the SLO in the last week, and those that break it with and without. [count]
    allowed
        So many of them may. [count]
    """

    since_s: int
    timetable: Timetable | None
    minimum: int
    windows: int
    broken: int
    broken_without: int
    allowed: int = 0

    @property
    def held(self) -> bool:
        """Whether there is one that keeps the SLO in the week it was not found on."""
        return self.timetable is not None and self.broken <= self.allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a window is there: on how many of its dates it is asked for, and the moment that decides.

    ``dates`` and ``demanding`` as in :class:`smcost.recommend.schedule_guard.Recurrence`.
    """

    window: TimedMinimum
    dates: int
    demanding: int
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Minimums by the clock that meet the same SLO for less.

    Attributes
    ----------
    timetable
        Windows and minimums, the trace's demand widened by ``margin_minutes`` at either end.
    reasons
        One for each window.
    minimum, target, usd
        The answer without a schedule, and what it costs per month. [instances, min^-1, USD]
    saving_usd
        Per month against that. [USD]
    hold_out
        ``None``: the trace has less than two weeks.
    """

    timetable: Timetable
    margin_minutes: int
    reasons: tuple[Reason, ...]
    minimum: int
    target: float | None
    usd: Decimal
    saving_usd: Decimal
    hold_out: HoldOut | None

    @property
    def saving_share(self) -> float:
        """Of what the answer without a schedule costs. [fraction]"""
        return float(self.saving_usd / self.usd)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSchedule:
    """That none is given, why, and the check on the last week where that is the reason."""

    timezone: str
    reason: str
    hold_out: HoldOut | None = None
