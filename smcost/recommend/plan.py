"""One candidate: a minimum and a target, replayed, priced in instance-hours and judged."""

import math
from dataclasses import dataclass, replace

from smcost.estimate import load_minutes, replay_variant
from smcost.recommend.problem import Problem
from smcost.replay.counts import CountReplay
from smcost.replay.latency import Loads
from smcost.replay.verdict import Verdict, judge
from smcost.slo import Slo, SloWindow
from smcost.variant import Variant

#: The maximum is the smallest that never saturates on the trace, times this margin.
MAXIMUM_MARGIN = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A candidate and what came of it.

    Attributes
    ----------
    minimum, target_per_minute
        The candidate; a target of ``None`` is a fleet of fixed size.
    instance_hours
        Billed over the horizon: what candidates are compared by. [h]
    verdicts
        Whether it meets each of the SLOs the planner was asked about.
    """

    minimum: int
    target_per_minute: float | None
    instance_hours: float
    verdicts: dict[Slo, Verdict]


class Planner:
    """Replays candidates, each once, and judges them by the SLO and its variations.

    The variations ask what the other windows would cost, and the worst window alone.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.variations = tuple(
            dict.fromkeys(
                (
                    problem.slo,
                    *(problem.slo.over(window) for window in SloWindow),
                    *_sparing_the_worst(problem),
                )
            )
        )
        self._counts: dict[tuple[int, float | None], CountReplay] = {}
        self._plans: dict[tuple[int, float | None], Plan] = {}

    def plan(self, minimum: int, target_per_minute: float | None) -> Plan:
        """The candidate, from memory if it was asked for before."""
        key = minimum, target_per_minute
        if key not in self._plans:
            replay = self.counts(minimum, target_per_minute)
            load = self._loaded(replay)
            self._plans[key] = Plan(
                minimum=minimum,
                target_per_minute=target_per_minute,
                instance_hours=replay.instance_hours,
                verdicts={slo: self._judged(load, slo) for slo in self.variations},
            )
        return self._plans[key]

    def counts(self, minimum: int, target_per_minute: float | None) -> CountReplay:
        """What the autoscaler does with the candidate; the same object where nothing differs.

        A replay that never sinks below m instances is the same for every minimum up to m.
        """
        key = minimum, target_per_minute
        if key not in self._counts:
            for (lower, target), replay in self._counts.items():
                if target == target_per_minute and lower < minimum <= replay.lowest_count:
                    break
            else:
                variant = self.searched_variant(minimum, target_per_minute)
                replay = replay_variant(variant, self.problem.minutes, self.problem.delays)
            self._counts[key] = replay
        return self._counts[key]

    def settle(self, plan: Plan, verdict: Verdict) -> Plan:
        """Let a simulated verdict on the SLO take the place of the screened one, for good."""
        settled = replace(plan, verdicts={**plan.verdicts, self.problem.slo: verdict})
        self._plans[plan.minimum, plan.target_per_minute] = settled
        return settled

    def searched_variant(self, minimum: int, target_per_minute: float | None) -> Variant:
        """The candidate with a maximum it cannot reach, unless one is pinned."""
        problem = self.problem
        maximum = problem.pins.maximum
        if target_per_minute is None:
            maximum = minimum
        elif maximum is None:
            maximum = max(minimum, math.ceil(problem.peak_per_minute / target_per_minute))
        return Variant(
            instance_type=problem.tariff.instance_type,
            minimum=minimum,
            maximum=maximum,
            initial_count=minimum,
            target_per_minute=target_per_minute,
            routing=problem.routing,
            scale_in_cooldown_s=problem.scale_in_cooldown_s,
            scale_out_cooldown_s=problem.scale_out_cooldown_s,
        )

    def load(self, plan: Plan) -> Loads:
        """The load of every minute of a candidate."""
        return self._loaded(self.counts(plan.minimum, plan.target_per_minute))

    def _loaded(self, replay: CountReplay) -> Loads:
        problem = self.problem
        return load_minutes(
            problem.minutes,
            replay,
            problem.profile,
            problem.routing,
            problem.terms,
            problem.slo.window,
        )

    def _judged(self, load: Loads, slo: Slo) -> Verdict:
        return judge(replace(load, window=slo.window.number(self.problem.minutes.start_s)), slo)


def _sparing_the_worst(problem: Problem) -> tuple[Slo, ...]:
    windows = int(problem.slo.window.number(problem.minutes.start_s)[-1]) + 1
    return (replace(problem.slo, spared=1),) if windows > 1 else ()
