"""Finds minimums by the clock that hold and cost less.

A week is 336 half hours of local time. For each target the smallest minimum that holds all week is
taken, and the longest stretches are sought in which a lower one holds too: of every day, of Monday
to Friday, of the weekend, and once more within what is left. Where a stretch holds, any part of it
is taken to hold as well, so that its two ends are found in one sweep; then windows are made
shorter, lower and rarer as long as that saves. The tests hold the result against every window.

What is found is widened by half an hour at either end before it counts: the traffic may come half
an hour earlier or later than it did.
"""

import itertools
from dataclasses import replace

from smcost.recommend.candidates import Observer, minimum_grid, target_grid
from smcost.recommend.confirm import Confirmer
from smcost.recommend.plan import Key, Plan
from smcost.recommend.schedule_guard import Guard, Recurrence, whole_weeks
from smcost.recommend.schedule_moves import (
    CHANGES,
    EVERY_DAY,
    GROUPS,
    WEEKDAYS,
    WEEKEND,
    Week,
    capped,
    carved,
    lower_of,
    lows,
    usual,
    widened,
)
from smcost.recommend.schedule_result import Scheduled
from smcost.recommend.search import smallest_fixed_fleet
from smcost.scaling.clock_changes import changed_slots
from smcost.scaling.timetable import SLOTS_PER_DAY, SLOTS_PER_WEEK, Timetable, timetable_of
from smcost.units import plain

#: A schedule that saves less is not worth its upkeep; nor is a further window.
LEAST_SAVING, WINDOW_SAVING = 0.02, 0.01
#: Pairs of minimums with a target that are searched in full, by a first sweep in steps of two
#: hours; the full one goes by hours, and what it finds is then moved by half hours.
_PROMISING, _COARSE_SLOTS, _SWEEP_SLOTS = 4, 4, 2
_TRIFLE_HOURS = 1e-6
#: A day of its own needs so many of it in the trace.
_DATES_OF_A_DAY = 4


class ScheduleSearch:
    """The search at one instance type, routing and capacity.

    ``refused`` is the cheapest schedule that holds and is no pattern, with the window to blame.
    """

    def __init__(
        self,
        confirmer: Confirmer,
        base: Plan,
        timezone: str,
        observe: Observer | None = None,
    ) -> None:
        self._confirmer, self._planner, self._base = confirmer, confirmer.planner, base
        self._problem = confirmer.planner.problem
        self._timezone, self._observe = timezone, observe
        self.guard = Guard(self._planner, base)
        self._changed = changed_slots(timezone, int(self._problem.minutes.start_s[0]))
        self._by_day = whole_weeks(self._planner) >= _DATES_OF_A_DAY
        self._screened = self._planner.screened(*base.key).verdicts[self._problem.slo].met
        self.best: Scheduled | None = None
        self.refused: tuple[Plan, Recurrence] | None = None

    def run(self) -> Scheduled | None:
        """The cheapest schedule found; ``None``: none saves what is worth it."""
        enough = smallest_fixed_fleet(self._planner, self._problem.slo)
        if enough is None:
            return None
        for full, low, target in self._promising(enough):
            self._carve(full, low, target)
        while self.best is not None and self._improved():
            pass
        return self.best

    def _promising(self, enough: int) -> list[tuple[Week, int, float]]:
        """The pairs of minimums, at every other target, that save most by a low stretch a day."""
        found = []
        for target in self._targets()[::2]:
            if self._observe is not None:
                self._observe(f"schedules, target {plain(target)} per minute")
            high = self._smallest_all_week(target, enough)
            for low in () if high is None else lows(self._problem.min_instances, high):
                if self._hours((low, target, None)) >= self._limit:
                    break
                assert high is not None
                full = (high,) * SLOTS_PER_WEEK
                week = self._swept(full, EVERY_DAY, low, target, _COARSE_SLOTS) or full
                found.append((self._week_hours(week, target), full, low, target, week))
        recurring = (row[1:4] for row in sorted(found) if self._recurs(*row[1:]))
        return list(itertools.islice(recurring, _PROMISING))

    def _recurs(self, full: Week, low: int, target: float, week: Week) -> bool:
        """Whether a week's windows are patterns, or those of weekdays and weekend swept apart."""
        timetable = timetable_of(widened(week), self._timezone)
        if timetable is None or self._pattern(timetable, target):
            return True
        apart = full
        for days in (WEEKDAYS, WEEKEND):
            apart = self._swept(apart, days, low, target, _COARSE_SLOTS) or apart
        timetable = timetable_of(widened(apart), self._timezone)
        return timetable is not None and self.guard.not_recurring(timetable, target) is None

    def _pattern(self, timetable: Timetable, target: float) -> bool:
        """Whether every window recurs; the cheapest that does not is remembered."""
        event = self.guard.not_recurring(timetable, target)
        if event is None:
            return True
        plan = self._planner.plan(timetable.highest, target, timetable)
        if not self._holds(plan.key):
            return False
        if self.refused is None or plan.instance_hours < self.refused[0].instance_hours:
            self.refused = plan, event
        return False

    @property
    def _limit(self) -> float:
        """Instance-hours that a schedule must stay below."""
        if self.best is not None:
            return self.best.objective_hours
        return self._base.instance_hours * (1 - LEAST_SAVING)

    def _targets(self) -> list[float]:
        """Those at which even the lowest minimum all week leaves room to save, the base's first."""
        floor, own = self._problem.min_instances, self._base.target_per_minute
        grid = target_grid(self._problem)
        hours = {target: self._hours((floor, target, None)) for target in grid}
        able = [target for target in grid if hours[target] < self._limit]
        return sorted(able, key=lambda target: (target != own, hours[target]))

    def _smallest_all_week(self, target: float, enough: int) -> int | None:
        """The smallest minimum that holds without a schedule at this target."""
        most = max(enough, self._base.minimum)
        if self._problem.pins.maximum is not None:
            most = min(most, self._problem.pins.maximum)
        minimums = minimum_grid(self._problem.min_instances, most)
        return next((low for low in minimums if self._holds((low, target, None))), None)

    def _carve(self, full: Week, low: int, target: float) -> None:
        """The longest low stretches of each group of days, alone and together, and once more."""
        longest = {days: self._swept(full, days, low, target) for days in GROUPS}
        both = lower_of(longest[WEEKDAYS], longest[WEEKEND])
        together = None if both is None or not self._week_holds(both, target) else both
        weeks = [week for week in (*longest.values(), together) if week is not None]
        if together is not None:
            weeks += [
                lowered
                for days in (WEEKDAYS, WEEKEND)
                if (lowered := self._lowered(together, days, low, target)) is not None
            ]
        for week in weeks:
            self._offer(week, target)
        if weeks:
            least = min(weeks, key=lambda week: self._week_hours(week, target))
            for days in (EVERY_DAY, WEEKDAYS):
                again = self._swept(least, days, low, target)
                if again is not None:
                    self._offer(again, target)

    def _swept(
        self,
        week: Week,
        days: tuple[int, ...],
        low: int,
        target: float,
        step: int = _SWEEP_SLOTS,
    ) -> Week | None:
        """The week with a low stretch on some days, the cheapest of the longest that hold.

        The end of the longest stretch from an hour on never comes before that from the hour
        before, so that two pointers see them all.
        """
        best, best_hours = None, self._week_hours(week, target)
        end = 0
        for begin in range(0, SLOTS_PER_DAY, step):
            found = None
            end = max(end, begin)
            while end < begin + SLOTS_PER_DAY:
                longer = carved(week, days, begin, end + step, low)
                if not self._week_holds(longer, target):
                    break
                end, found = end + step, longer
            if found is not None and (hours := self._week_hours(found, target)) < best_hours:
                best, best_hours = found, hours
            if end >= begin + SLOTS_PER_DAY:
                break
        return best

    def _lowered(self, week: Week, days: tuple[int, ...], low: int, target: float) -> Week | None:
        """The week with the smallest level that holds in what is high on some days."""
        high = max(week)
        for level in range(low + 1, high):
            lower = capped(week, days, level)
            if lower != week and self._week_holds(lower, target):
                return lower
        return None

    def _improved(self) -> bool:
        """Whether a neighbour of the best is cheaper and holds; moves it as far as that goes."""
        before = self.best
        assert before is not None
        for target in self._targets():
            self._offer(before.week, target)
        for change in CHANGES:
            number = 0
            while (timetable := self._tight()) is not None and number < len(timetable.windows):
                target = self._target()
                moved = change(timetable, number)
                if moved is None or not self._offer(moved.half_hours, target):
                    number += 1
        self._rarer()
        return self.best is not before

    def _rarer(self) -> None:
        """Without one of the days of a window, where there are enough weeks to tell."""
        timetable = self._tight()
        if timetable is None or not self._by_day:
            return
        for number, window in enumerate(timetable.windows):
            for day in window.days if len(window.days) > 1 else ():
                others = tuple(other for other in window.days if other != day)
                rarer = timetable.with_window(number, replace(window, days=others))
                if self._offer(rarer.half_hours, self._target()):
                    return

    def _tight(self) -> Timetable | None:
        """The best week as the trace asks for it."""
        assert self.best is not None
        return timetable_of(self.best.week, self._timezone)

    def _target(self) -> float:
        assert self.best is not None
        return self.best.plan.target_per_minute or 0.0

    def _offer(self, week: Week, target: float) -> bool:
        """Take a week for the best so far if, widened, it is cheaper, holds, and is a pattern."""
        timetable = timetable_of(widened(week), self._timezone)
        if timetable is None or not self._usual(timetable):
            return False
        key = timetable.highest, target, timetable
        further = WINDOW_SAVING * self._base.instance_hours * (len(timetable.windows) - 1)
        objective = self._week_hours(week, target) + further
        if objective >= self._limit or not self._holds(key):
            return False
        if not self._pattern(timetable, target):
            return False
        plan = self._confirmer.settle(self._planner.plan(*key))
        if not plan.verdicts[self._problem.slo].met:
            return False
        self.best = Scheduled(week=week, plan=plan, objective_hours=objective)
        return True

    def _usual(self, timetable: Timetable) -> bool:
        """Whether it is one that a person would choose, within the pins."""
        return timetable.otherwise >= self._problem.min_instances and usual(
            timetable, self._changed, by_day=self._by_day
        )

    def _week_holds(self, week: Week, target: float) -> bool:
        return self._holds(self._key(week, target))

    def _week_hours(self, week: Week, target: float) -> float:
        """Instance-hours, and a trifle for each half hour raised: of two that cost the same the
        shorter window says better what is asked for.
        """
        raised = len(week) - week.count(min(week))
        return self._hours(self._key(widened(week), target)) + _TRIFLE_HOURS * raised

    def _key(self, week: Week, target: float) -> Key:
        """Of a week that may have any shape on the way."""
        return max(week), target, timetable_of(week, self._timezone)

    def _hours(self, key: Key) -> float:
        return self._planner.counts(*key).instance_hours

    def _holds(self, key: Key) -> bool:
        """Whether it meets the SLO, also under a loss, and harms no hour.

        By screening, which leaves open what it may not decide if it may not decide the answer
        without a schedule either; whatever is offered is settled by replay.
        """
        slo, (minimum, target, timetable) = self._problem.slo, key
        if self._planner.hopeless(minimum, target, slo, timetable):
            return False
        verdict = self._planner.verdict_on(key, slo)
        open_still = not self._screened and not verdict.decided
        if not (verdict.met or open_still) or self.guard.harmed(key).any():
            return False
        confirmer = self._confirmer
        return not confirmer.losses or confirmer.fatal_loss(self._planner.plan(*key)) is None
