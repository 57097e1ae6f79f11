"""Whether candidates survive a loss, each trajectory and loss judged once."""

from collections.abc import Sequence

from smcost.availability import Loss
from smcost.estimate import Exact
from smcost.estimate.loss import LossJudge, MomentOfLoss
from smcost.estimate.stretch import Service
from smcost.recommend.budget import Budget, at_best, replay_cost
from smcost.recommend.problem import Problem
from smcost.replay.counts import IntArray

#: Share of what is left of the budget that one stretch may take.
_SHARE = 0.25


class Survival:
    """Judges candidates of one problem by losses; simulates as far as the budget goes."""

    def __init__(self, problem: Problem, budget: Budget) -> None:
        self._problem, self._budget = problem, budget
        self._judges: dict[Loss, LossJudge] = {}
        self._known: dict[tuple[bytes, Loss], bool] = {}

    def first_fatal(
        self, losses: Sequence[Loss], trajectory: bytes, in_service: IntArray
    ) -> Loss | None:
        """The first of the losses that the replay does not survive; ``None``: it survives all.

        ``trajectory`` is the same for replays with the same instances in every minute, which
        ``in_service`` has, shape ``(T,)``.
        """
        for loss in losses:
            key = trajectory, loss
            if key not in self._known:
                self._known[key] = self._judge(loss).survives(in_service, self._afford)
            if not self._known[key]:
                return loss
        return None

    def fatal_moment(self, loss: Loss, in_service: IntArray) -> tuple[MomentOfLoss, bool]:
        """The worst moment at which a loss that was found fatal breaks the SLO.

        And whether only screening says so: a search without the budget to simulate goes by it.
        """
        for screened in (False, True):
            moments = self._judge(loss).moments(in_service, screened=screened)
            for moment in moments:
                if moment.latency.breaks:
                    return moment, screened
        return moments[0], True

    def _judge(self, loss: Loss) -> LossJudge:
        problem = self._problem
        if loss not in self._judges:
            exact = Exact(seed=problem.seed, burstiness=problem.burstiness, threads=problem.threads)
            service = Service(
                profile=problem.profile, terms=problem.terms, slo=problem.slo, exact=exact
            )
            self._judges[loss] = LossJudge(
                problem.minutes,
                problem.delays,
                problem.routing,
                service,
                loss,
                at_best(problem),
            )
        return self._judges[loss]

    def _afford(self, counts: IntArray, in_service: IntArray) -> bool:
        cost = replay_cost(self._problem, counts, in_service)
        if cost > _SHARE * self._budget.left:
            return False
        self._budget.pay(cost)
        return True
