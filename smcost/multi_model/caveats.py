"""What to know before many models are put on one endpoint."""

import numpy as np

from smcost.capacity import WorkersProfile
from smcost.multi_model.fleet import Problem
from smcost.multi_model.placement import Placement
from smcost.multi_model.search import Answer
from smcost.prices.instance_type import InstanceType
from smcost.remarks import Caveat, WarningCode

#: With one worker per model, the default of the SageMaker Inference Toolkit, a model queues at
#: itself from about here.
_BUSY_WORKER = 0.5
#: Less than this part of what may be late is left over: the popularities are not known so well.
_THIN = 0.25


def multi_model_caveats(
    problem: Problem, found: Answer, known: InstanceType | None
) -> tuple[Caveat, ...]:
    """No spare, placement, a thin margin, weak minutes, hot models, slow loads, odd types."""
    return (
        *_unsupported(known),
        *_slow_loads(problem),
        *_hot_model(problem, found),
        *(() if found.best is None else _of_the_best(problem, found)),
    )


def _of_the_best(problem: Problem, found: Answer) -> list[Caveat]:
    assert found.best is not None
    caveats = []
    if found.best.instances == 1:
        message = (
            "One instance has no spare: while it is replaced nothing answers, and the new one "
            "loads every model anew; AWS recommends 2 or more in several zones (--min-instances 2)"
        )
        caveats.append(Caveat(code=WarningCode.SINGLE_INSTANCE, message=message))
    if found.other_placement is None or found.other_placement > found.best.instances:
        caveats.append(_placement_decides(problem, found.other_placement))
    verdict = found.fleet.verdict
    if verdict.slack < _THIN:
        message = (
            f"{1 - verdict.slack:.0%} of what the {verdict.breaks} allows to be late is used up in "
            "the worst window; popularities somewhat flatter than given would break it"
        )
        caveats.append(Caveat(code=WarningCode.THIN_MARGIN, message=message))
    if verdict.weak:
        message = (
            "Much of what the SLO allows is used up in minutes that screening may not decide "
            "(high utilisation or thin traffic); load-test before relying on it"
        )
        caveats.append(Caveat(code=WarningCode.SCREENING_WEAK, message=message))
    return caveats


def _placement_decides(problem: Problem, elsewhere: int | None) -> Caveat:
    other = next(kind for kind in Placement if kind is not problem.placement)
    needed = "no number of instances will do" if elsewhere is None else f"it takes {elsewhere}"
    message = (
        f"If requests were placed {other.value} instead of {problem.placement.value}, {needed}: "
        "AWS documents that requests go where their model is loaded, not how many copies traffic "
        "makes; watch ModelCacheHit and LoadedModelCount"
    )
    return Caveat(code=WarningCode.PLACEMENT_DECIDES, message=message)


def _slow_loads(problem: Problem) -> list[Caveat]:
    slow = int(np.sum(problem.hosted.load_s >= problem.terms.timeout_s))
    if not slow:
        return []
    message = (
        f"{slow} of {problem.hosted.count} models take {problem.terms.timeout_s:g} s or longer to "
        "load: whoever waits for one gets ModelNotReadyException (429), while loading goes on for "
        "up to 360 s; the client must retry"
    )
    return [Caveat(code=WarningCode.LOAD_BEYOND_TIMEOUT, message=message)]


def _hot_model(problem: Problem, found: Answer) -> list[Caveat]:
    """The busiest model against the one worker that it may have on each of its instances."""
    profile = problem.profile
    if not isinstance(profile, WorkersProfile):
        return []
    copies = found.fleet.state.copies
    hottest = int(np.argmax(problem.hosted.work))
    stands = int(copies.alike[copies.instance][copies.model == hottest].sum())
    share = float(problem.hosted.share[hottest])
    peak_rps = float(problem.minutes.invocations.max(initial=0)) / 60 * share
    service_s = profile.service.mean_s
    if problem.hosted.service_s is not None:
        service_s = float(problem.hosted.service_s[hottest])
    busy = peak_rps * service_s / stands
    if busy <= _BUSY_WORKER:
        return []
    message = (
        f"{problem.hosted.names[hottest]} takes {share:.1%} of the requests and keeps {busy:.2g} "
        f"workers busy on {_each(stands)} in the busiest minute: with one worker per model, the "
        "default of the SageMaker Inference Toolkit, it queues at itself; AWS recommends an "
        "endpoint of its own for such a model"
    )
    return [Caveat(code=WarningCode.HOT_MODEL, message=message)]


def _each(stands: int) -> str:
    return "its instance" if stands == 1 else f"each of its {stands} instances"


def _unsupported(known: InstanceType | None) -> list[Caveat]:
    several = known is not None and (known.gpus or 0) > 1
    accelerator = known is not None and known.name.startswith(("ml.inf", "ml.trn"))
    if known is None or not (several or accelerator):
        return []
    message = (
        f"{known.name} is no type that the developer guide names for multi-model endpoints: those "
        "are CPU types and types with a single GPU"
    )
    return [Caveat(code=WarningCode.MULTI_MODEL_TYPE, message=message)]
