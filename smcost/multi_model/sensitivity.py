"""How many instances it takes where one assumption is another."""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from smcost.multi_model.fleet import Problem, fleet
from smcost.multi_model.search import fewest, hopeless


class Factor(StrEnum):
    """What is assumed otherwise."""

    POPULARITY = "popularity"
    LOAD_TIME = "load_time"
    MODEL_MEMORY = "model_memory"
    LOADS_AT_ONCE = "loads_at_once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise:
    """One assumption changed, and the fewest instances then; ``None``: no number will do."""

    factor: Factor
    value: str
    instances: int | None


def sensitivity(problem: Problem, least: int) -> tuple[Otherwise, ...]:
    """The fewest instances by formula, without simulation, each with one assumption changed.

    Popularities raised to 0.8 and 1.2 are those of a Zipf law with so much smaller or larger an
    exponent.
    """
    return tuple(
        Otherwise(factor=factor, value=value, instances=_fewest(changed, least))
        for factor, value, changed in _changed(problem)
    )


def _fewest(problem: Problem, least: int) -> int | None:
    return None if hopeless(problem) else fewest(partial(fleet, problem), least)


def _changed(problem: Problem) -> list[tuple[Factor, str, Problem]]:
    hosted = problem.hosted
    found = []
    for power, said in ((0.8, "flatter: share ** 0.8"), (1.2, "steeper: share ** 1.2")):
        share = hosted.share**power
        other = replace(hosted, share=share / share.sum())
        found.append((Factor.POPULARITY, said, replace(problem, hosted=other)))
    for factor, said in ((0.5, "half"), (2.0, "twice")):
        other = replace(hosted, load_s=hosted.load_s * factor)
        found.append((Factor.LOAD_TIME, said, replace(problem, hosted=other)))
    largest = float(hosted.size_bytes.max())
    for factor, said in ((0.8, "20% less"), (1.2, "20% more")):
        memory_bytes = problem.memory_bytes * factor
        if memory_bytes >= largest:
            found.append((Factor.MODEL_MEMORY, said, replace(problem, memory_bytes=memory_bytes)))
    more = 4 * problem.loads_at_once
    found.append((Factor.LOADS_AT_ONCE, str(more), replace(problem, loads_at_once=more)))
    return found
