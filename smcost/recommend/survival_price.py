"""What it costs to survive nothing, one instance, one zone: the same search under each."""

from collections.abc import Iterator, Sequence

from smcost.availability import Loss
from smcost.recommend.beside import expected_usd
from smcost.recommend.candidates import Observer
from smcost.recommend.recommend import Found, again
from smcost.recommend.result import SurvivalAnswer


def survival_answers(
    best: Found, compared: Sequence[tuple[Loss, ...]], observe: Observer | None = None
) -> Iterator[SurvivalAnswer]:
    """The cheapest plan of the same type, metric and routing under each set of losses.

    Parameters
    ----------
    best
        The answer under the losses of its problem.
    compared
        The losses to survive, what is asked for first in each; empty: none.
    observe
        Told what is being tried, for progress.
    """
    confirmer = best.confirmer
    for losses in compared:
        plan = best.plan
        if losses != confirmer.losses:
            found = again(confirmer.surviving(losses), observe)
            if not isinstance(found, Found):
                yield SurvivalAnswer(survives=losses[0].what if losses else None)
                continue
            plan = found.plan
        yield SurvivalAnswer(
            survives=losses[0].what if losses else None,
            minimum=plan.minimum,
            target_per_minute=plan.target_per_minute,
            expected_usd=expected_usd(confirmer.planner, plan),
        )
