"""From observed minutes to a capacity, or to the reason why they do not tell it."""

import math

import numpy as np
from numpy.typing import NDArray

from smcost.capacity.fit import refusals
from smcost.capacity.fit.candidate import PLAUSIBLE, Candidate, scale, told_apart
from smcost.capacity.fit.cells import Cells, cells_of
from smcost.capacity.fit.evidence import Evidence, evidence
from smcost.capacity.fit.judged import caveats_of, goodness_of, judged
from smcost.capacity.fit.least_squares import MODEL_ERROR
from smcost.capacity.fit.levels import levels_of
from smcost.capacity.fit.refusals import Refusal
from smcost.capacity.fit.result import Estimated, Fit, Goodness
from smcost.capacity.fit.search import candidates
from smcost.capacity.observed import ObservedMinutes
from smcost.capacity.profile import Routing

#: Minutes above this utilisation hold backlogs that no stationary law describes.
_OVERLOADED = 0.92
#: Fits, each without what the one before calls overloaded.
_ATTEMPTS = 3
_TWO_SIDED_95 = 1.96


def fit_capacity(
    observed: ObservedMinutes, routing: Routing = Routing.RANDOM, *, seed: int = 0
) -> Fit:
    """Service time, variability and number of workers of one instance.

    Parameters
    ----------
    observed
        Minutes of one variant.
    routing
        How requests found their instance.
    seed
        Of the simulations behind it.

    Notes
    -----
    docs/fit.md has the formulas, what is assumed, and what is refused.
    """
    minutes = evidence(observed)
    refusal = refusals.of_minutes(observed, minutes)
    if refusal is not None:
        return _fit(observed, routing, minutes, None, [], (refusal,))
    minutes = minutes.without_backlog()
    fitted: list[Candidate] = []
    for attempt in range(_ATTEMPTS):
        cells = cells_of(minutes, observed.fractions, observed.step_s)
        refusal = refusals.of_levels(minutes, cells)
        if cells is None or refusal is not None:
            break
        fitted = candidates(cells, routing, seed)
        calm = _calm(minutes, fitted)
        if calm.all() or attempt == _ATTEMPTS - 1:
            break
        minutes = minutes.kept(calm, "overload")
    return _fit(observed, routing, minutes, cells, fitted, () if refusal is None else (refusal,))


def _calm(minutes: Evidence, fitted: list[Candidate]) -> NDArray[np.bool_]:
    """Minutes that the best explanation does not call overloaded, ``(m,)``."""
    if not fitted:
        return np.ones(minutes.rate_rps.shape, dtype=np.bool_)
    best = fitted[0]
    return np.asarray(minutes.rate_rps * best.mean_s / best.workers <= _OVERLOADED)


def _fit(
    observed: ObservedMinutes,
    routing: Routing,
    minutes: Evidence,
    cells: Cells | None,
    fitted: list[Candidate],
    refused: tuple[Refusal, ...],
) -> Fit:
    """Everything known by now, put together."""
    best = fitted[0] if fitted and not refused else None
    names = ("mean", *(f"p{100 * fraction:g}" for fraction in observed.fractions))
    levels = () if cells is None else levels_of(cells, minutes, best)
    goodness = None if cells is None or best is None else goodness_of(cells, best, names)
    estimated = None
    if cells is not None and goodness is not None:
        estimated = _estimated(cells, fitted, goodness)
    if not refused:
        refused = judged(levels, goodness, estimated)
    overhead_s = observed.overhead_mean_s[np.isfinite(observed.overhead_mean_s)]
    return Fit(
        endpoint=observed.endpoint,
        variant=observed.variant,
        region=observed.region,
        instance_type=observed.instance_type,
        routing=routing,
        start_s=int(observed.start_s[0]),
        end_s=int(observed.start_s[-1]) + observed.step_s,
        minutes=minutes.requests.size,
        requests=int(minutes.requests.sum()),
        left_out=minutes.left_out,
        names=names,
        levels=levels,
        overhead_s=float(overhead_s.mean()) if overhead_s.size else math.nan,
        estimated=estimated,
        goodness=goodness,
        refusals=refused,
        caveats=caveats_of(observed, levels, None if refused else estimated, minutes),
    )


def _estimated(cells: Cells, fitted: list[Candidate], goodness: Goodness) -> Estimated:
    """The best, with the range of those that explain as much.

    A service of another law, or one that depends on load a little, moves the estimate by as much as
    it shows in the errors, however many minutes there are: that is beside chance.
    """
    misfit = math.hypot(_TWO_SIDED_95 * MODEL_ERROR, goodness.error, goodness.trend)
    best = fitted[0]
    factor = scale(cells, best.misfit)
    alike = [each for each in fitted if each.misfit - best.misfit <= PLAUSIBLE * factor]
    of_law = [each for each in alike if each.law is best.law]
    return Estimated(
        service=best.service,
        workers=best.workers,
        mean_interval_s=_interval(alike, 0, factor, misfit),
        cv_interval=_interval(of_law, 1, factor, misfit),
        workers_alike=tuple(sorted({each.workers for each in alike})),
        more_workers=not told_apart(alike),
    )


def _interval(
    alike: list[Candidate], parameter: int, factor: float, misfit: float
) -> tuple[float, float]:
    """Chance of 95 % and misfit: from the lowest to the highest end over all explanations."""
    middle = [(each.log_mean, each.log_cv)[parameter] for each in alike]
    reach = [
        math.hypot(
            _TWO_SIDED_95 * math.sqrt(factor * each.covariance[parameter, parameter]), misfit
        )
        for each in alike
    ]
    ends = [(at - wide, at + wide) for at, wide in zip(middle, reach, strict=True)]
    return math.exp(min(low for low, _ in ends)), math.exp(max(high for _, high in ends))
