"""What may be replayed: a budget counted in requests, not in seconds.

So the same input has the same answer on any machine with the same engine.
"""

import numpy as np

from smcost.capacity import Routing, SweepProfile, WorkersProfile
from smcost.queueing.exact.compiled import compiled
from smcost.queueing.service import FloatArray
from smcost.recommend.problem import Problem
from smcost.replay.counts import IntArray
from smcost.replay.verdict import AT_BEST
from smcost.units import per_minute

#: Requests replayed per second and thread of a machine of 2026, under RANDOM. [s^-1]
COMPILED_RPS, PLAIN_RPS = 20_000_000, 200_000
#: A request to a sweep costs so many to workers; so many workers, and so many instances asked by
#: least-outstanding routing, double its cost; a minute of bursts costs so many requests.
_SWEEP, _WORKERS, _ASKED, _BURSTS = 4, 32, 8, 2_000
#: With so many whole replays in the budget screening is not asked about weak minutes.
_MANY = 100
#: The default budget. [s]
_USUAL_S = 60.0


def requests_in(budget_s: float) -> int:
    """What a budget of seconds is worth in replayed requests, with the engine at hand."""
    return round(budget_s * (COMPILED_RPS if compiled() else PLAIN_RPS))


def at_best(problem: Problem) -> float:
    """How little screening is believed in weak minutes: not at all where replays are cheap.

    By the whole budget, not by what is left of it: other types must not change a type's answer.
    """
    counts = problem.minutes.invocations
    fleet = np.full(counts.size, 1 + counts.max() / per_minute(problem.profile.max_rps))
    budget = min(problem.simulated_requests, requests_in(_USUAL_S))
    return 0.0 if _MANY * replay_cost(problem, counts, fleet) <= budget else AT_BEST


class Budget:
    """Requests that may still be replayed, for all instance types and routings together."""

    __slots__ = ("left", "spent")

    def __init__(self, requests: float) -> None:
        self.left, self.spent = float(requests), 0.0

    def pay(self, requests: float) -> None:
        """Take what was replayed; the budget of ``--exact`` has no end."""
        self.left -= requests
        self.spent += requests


def replay_cost(problem: Problem, counts: IntArray, in_service: IntArray | FloatArray) -> float:
    """Requests, each as much as it takes against one to a few FIFO workers under RANDOM.

    The factors are rounded up from what was measured (``benchmarks/speed.py``).
    """
    cost = counts.astype(np.float64)
    if isinstance(problem.profile, SweepProfile):
        cost *= _SWEEP
    if isinstance(problem.profile, WorkersProfile):
        cost *= 1 + problem.profile.workers / _WORKERS
    if problem.routing is not Routing.RANDOM:
        cost *= 1 + in_service / _ASKED
    bursts = _BURSTS * counts.size if problem.burstiness != 1 else 0.0
    return float(cost.sum()) + bursts
