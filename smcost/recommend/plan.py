"""One candidate: a minimum and a target, replayed, priced in instance-hours and judged."""

from dataclasses import dataclass, replace
from functools import lru_cache

from smcost.estimate import load_minutes
from smcost.recommend.problem import Problem
from smcost.recommend.replays import Replayed, Replays
from smcost.replay.latency import Loads
from smcost.replay.running_totals import RunningTotals
from smcost.replay.verdict import AT_BEST, Verdict, WindowSums, hopeless, limits_s, verdict
from smcost.scaling.timetable import Timetable
from smcost.slo import Slo, SloWindow
from smcost.variant import Variant

#: Loads kept in memory: they have some ten numbers for every minute.
_LOADS_KEPT = 12
#: Sums of hours kept in memory.
_SUMS_KEPT = 4

#: Minimum, target and timetable: what a planner is asked about.
Key = tuple[int, float | None, Timetable | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A candidate and what came of it.

    Attributes
    ----------
    minimum, target_per_minute
        The candidate; a target of ``None`` is a fleet of fixed size, and of another metric than
        InvocationsPerInstance it is in the unit of the problem's.
    instance_hours
        Billed over the horizon: what candidates are compared by. [h]
    verdicts
        Whether it meets each of the SLOs the planner was asked about.
    timetable
        Minimums by the clock; ``minimum`` is the largest of them then. ``None``: one for all hours.
    """

    minimum: int
    target_per_minute: float | None
    instance_hours: float
    verdicts: dict[Slo, Verdict]
    timetable: Timetable | None = None

    @property
    def key(self) -> Key:
        """What a planner is asked about to find it again."""
        return self.minimum, self.target_per_minute, self.timetable


class Planner:
    """Replays candidates, each once, and judges them by the SLO and its variations.

    The variations ask what the other windows would cost, and the worst window alone. Replays made
    before for the same traffic and instance type, under another routing, serve again. ``at_best``
    is how many of the late requests that screening finds in weak minutes are taken as real.
    """

    def __init__(
        self, problem: Problem, replays: Replays | None = None, at_best: float = AT_BEST
    ) -> None:
        self.problem = problem
        self._at_best = at_best
        self.replays = Replays(problem) if replays is None else replays
        self.variations = tuple(
            dict.fromkeys(
                (
                    problem.slo,
                    *(problem.slo.over(window) for window in SloWindow),
                    *_sparing_the_worst(problem),
                )
            )
        )
        self._totals = RunningTotals(
            invocations=problem.minutes.invocations,
            start_s=problem.minutes.start_s,
            profile=problem.profile,
            terms=problem.terms,
            routing=problem.routing,
            limits_s=limits_s(problem.slo),
        )
        # What is found of a trajectory holds for every plan that has it.
        self._screened: dict[bytes, dict[Slo, Verdict]] = {}
        self._settled: dict[bytes, dict[Slo, Verdict]] = {}
        self._hopeless: dict[tuple[bytes, Slo], bool] = {}
        self._steady = lru_cache(maxsize=1)(self._without_backlog)
        self.hour_sums = lru_cache(maxsize=_SUMS_KEPT)(self._hour_sums)
        self.loaded = lru_cache(maxsize=_LOADS_KEPT)(self._loaded)

    def plan(
        self, minimum: int, target_per_minute: float | None, timetable: Timetable | None = None
    ) -> Plan:
        """The candidate with the verdicts that count: those of a replay where there are any."""
        found = self.screened(minimum, target_per_minute, timetable)
        settled = self._settled.get(self.counts(*found.key).trajectory)
        return found if settled is None else replace(found, verdicts=settled)

    def screened(
        self, minimum: int, target_per_minute: float | None, timetable: Timetable | None = None
    ) -> Plan:
        """The candidate as screening judges it."""
        replay = self.counts(minimum, target_per_minute, timetable)
        verdicts = self._screened.get(replay.trajectory)
        if verdicts is None:
            sums = self.hour_sums(minimum, target_per_minute, timetable)
            verdicts = {
                slo: verdict(self._totals.by(slo.window, sums), slo, self._at_best)
                for slo in self.variations
            }
            self._screened[replay.trajectory] = verdicts
        return Plan(
            minimum=minimum,
            target_per_minute=target_per_minute,
            instance_hours=replay.instance_hours,
            verdicts=verdicts,
            timetable=timetable,
        )

    def counts(
        self, minimum: int, target_per_minute: float | None, timetable: Timetable | None = None
    ) -> Replayed:
        """What the autoscaler does with the candidate; the same object where nothing differs."""
        if timetable is not None:
            return self.replays.scheduled(timetable, target_per_minute)
        return self.replays.of(minimum, target_per_minute)

    def verdict_on(self, key: Key, slo: Slo) -> Verdict:
        """What screening says of a candidate under one SLO alone."""
        return verdict(self._totals.by(slo.window, self.hour_sums(*key)), slo, self._at_best)

    def busiest_count(self, plan: Plan) -> int:
        """The largest count in service. [instances]"""
        return int(self.counts(*plan.key).in_service.max())

    def settle(self, plan: Plan, verdicts: dict[Slo, Verdict]) -> Plan:
        """Let replayed verdicts take the place of the screened ones, for good."""
        trajectory = self.counts(*plan.key).trajectory
        self._settled[trajectory] = verdicts
        return replace(plan, verdicts=verdicts)

    def hopeless(
        self,
        minimum: int,
        target_per_minute: float | None,
        slo: Slo,
        timetable: Timetable | None = None,
    ) -> bool:
        """Whether the SLO is broken before any backlog is looked at.

        Even if of the late requests of weak minutes only so many are real as is assumed at best.
        """
        key = self.counts(minimum, target_per_minute, timetable).trajectory, slo
        if key not in self._hopeless:
            steady = self._steady(minimum, target_per_minute, timetable)
            least = self._totals.by(slo.window, steady)
            self._hopeless[key] = hopeless(least, slo, self._at_best)
        return self._hopeless[key]

    def _without_backlog(
        self, minimum: int, target_per_minute: float | None, timetable: Timetable | None
    ) -> WindowSums:
        replay = self.counts(minimum, target_per_minute, timetable)
        return self._totals.steady(replay.counts, replay.minutes)

    def _hour_sums(
        self, minimum: int, target_per_minute: float | None, timetable: Timetable | None
    ) -> WindowSums:
        """Late requests of every hour, by screening."""
        replay = self.counts(minimum, target_per_minute, timetable)
        steady = self._steady(minimum, target_per_minute, timetable)
        return self._totals.sums(steady, replay.in_service)

    def searched_variant(
        self, minimum: int, target_per_minute: float | None, timetable: Timetable | None = None
    ) -> Variant:
        """The candidate with a maximum it cannot reach, unless one is pinned."""
        variant = self.replays.variant(minimum, target_per_minute)
        schedule = () if timetable is None else timetable.actions
        return replace(variant, routing=self.problem.routing, schedule=schedule)

    def load(self, plan: Plan) -> Loads:
        """The load of every minute of a candidate."""
        return self.loaded(*plan.key)

    def _loaded(
        self, minimum: int, target_per_minute: float | None, timetable: Timetable | None
    ) -> Loads:
        problem = self.problem
        return load_minutes(
            problem.minutes,
            self.counts(minimum, target_per_minute, timetable).in_service,
            problem.profile,
            problem.routing,
            problem.terms,
            problem.slo.window,
        )


def _sparing_the_worst(problem: Problem) -> tuple[Slo, ...]:
    windows = int(problem.slo.window.number(problem.minutes.start_s)[-1]) + 1
    return (replace(problem.slo, spared=1),) if windows > 1 else ()
