"""Mean, variability, law and number of workers that explain the cells best.

For each law and each number of workers c the mean S and the coefficient of variation are those of
least squares on the logarithms of the statistics, weighted by their covariance; then the numbers of
workers are compared by what is left (profile likelihood).
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from smcost.capacity.fit.candidate import MOST_WORKERS, Candidate, alike, scale
from smcost.capacity.fit.cells import Cells
from smcost.capacity.fit.least_squares import least_squares, whitening_of
from smcost.capacity.fit.predicted import (
    LARGEST_CV,
    SMALLEST_CV,
    STEP,
    Prediction,
    prediction,
)
from smcost.capacity.fit.simulated import simulated_statistics
from smcost.capacity.profile import Routing
from smcost.queueing.service import ServiceLaw

#: Numbers of workers that the formulas alone try.
_SCANNED = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
#: A number of workers this much worse (times what chance and misfit leave) ends the search.
_HOPELESS = 16.0
#: A law this much worse than the other is not looked into any further.
_WRONG_LAW = 30.0
#: Misfit beyond chance that still widens the search: the best of a bad lot is soon found.
_MOST_SCALE = 6.0
#: Rounds of simulation and fit for a candidate, and the change of log S and log cv that ends them.
_ROUNDS = 4
_STILL = (0.004, 0.015)


def candidates(cells: Cells, routing: Routing, seed: int = 0) -> list[Candidate]:
    """Explanations that were looked into, the best first.

    Parameters
    ----------
    cells
        What was measured.
    routing
        How requests found their instance.
    seed
        Of the simulations.
    """
    search = _Search(cells=cells, routing=routing, seed=seed)
    scanned = search.scanned(ServiceLaw.LOGNORMAL)
    if scanned is None:
        return []
    start = search.converged(scanned)
    found = {(start.law, start.workers): start}
    for direction in (-1, 1):
        _walk(search, found, start, direction)
    best = min(found.values(), key=lambda each: each.misfit)
    other = search.fitted(ServiceLaw.GAMMA, best.workers, (best.log_mean, best.log_cv))
    if other is not None:
        start = search.converged(other)
        found[start.law, start.workers] = start
        if start.misfit <= _limit(cells, found, _WRONG_LAW):
            for direction in (-1, 1):
                _walk(search, found, start, direction)
    _beside(search, found)
    return sorted(found.values(), key=lambda candidate: candidate.misfit)


def _walk(
    search: "_Search",
    found: dict[tuple[ServiceLaw, int], Candidate],
    start: Candidate,
    direction: int,
) -> None:
    """More workers, or fewer, until they explain nothing or nothing changes any more."""
    last, workers = start, start.workers
    while 1 <= workers + direction <= MOST_WORKERS:
        workers += direction * max(1, workers // 8)
        key = (start.law, workers)
        if key not in found:
            fitted = search.fitted(start.law, workers, (last.log_mean, last.log_cv))
            if fitted is None:
                return
            found[key] = search.converged(
                fitted, give_up=_limit(search.cells, found, 4 * _HOPELESS)
            )
        now = found[key]
        if now.misfit > _limit(search.cells, found, _HOPELESS):
            return
        if alike(now, last):
            return
        last = now


def _beside(search: "_Search", found: dict[tuple[ServiceLaw, int], Candidate]) -> None:
    """The whole numbers next to the best that long steps have passed over."""
    best = min(found.values(), key=lambda each: each.misfit)
    reach = max(1, best.workers // 8) - 1
    for workers in range(best.workers - reach, best.workers + reach + 1):
        key = (best.law, workers)
        if key not in found:
            fitted = search.fitted(best.law, workers, (best.log_mean, best.log_cv))
            if fitted is not None:
                found[key] = search.converged(fitted)


def _limit(cells: Cells, found: dict[tuple[ServiceLaw, int], Candidate], times: float) -> float:
    """The misfit beyond which a candidate is not worth more."""
    best = min(each.misfit for each in found.values())
    return best + times * min(scale(cells, best), _MOST_SCALE)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Search:
    """What stays the same while candidates are fitted."""

    cells: Cells
    routing: Routing
    seed: int

    def scanned(self, law: ServiceLaw) -> Candidate | None:
        """The best number of workers by formulas alone; ``None`` where none carries the load."""
        guess = _guess(self.cells)
        found: list[Candidate] = []
        for workers in _SCANNED:
            candidate = self.fitted(law, workers, guess)
            if candidate is None:
                continue
            guess = (candidate.log_mean, candidate.log_cv)
            found.append(candidate)
            best = min(found, key=lambda each: each.misfit)
            if workers > 1.5 * best.workers and candidate.misfit > 2 * best.misfit:
                break
            if len(found) > 1 and alike(found[-1], found[-2]):
                break
        return min(found, key=lambda each: each.misfit, default=None)

    def fitted(self, law: ServiceLaw, workers: int, guess: tuple[float, float]) -> Candidate | None:
        """By formulas; ``None`` where so few workers could not have carried the load."""
        cells = self.cells
        fastest_s = math.exp(float(np.nanmin(cells.statistics)))
        if float(cells.rate_rps.max()) > 2.0 * workers / fastest_s:
            return None
        log_cv = guess[1]
        for _ in range(4):
            tables = prediction(cells, law, workers, math.exp(log_cv), self.routing)
            found = least_squares(cells, law, tables, (guess[0], log_cv), whitening_of(cells, None))
            moved = abs(found.log_cv - log_cv)
            log_cv = found.log_cv
            if moved < 0.9 * math.log(STEP) or not SMALLEST_CV < found.cv < LARGEST_CV:
                break
        return found

    def converged(self, candidate: Candidate, give_up: float = math.inf) -> Candidate:
        """Fitted anew with what simulation at the candidate finds beside the formulas, in turn.

        Not to the end where its misfit is beyond ``give_up``.
        """
        cells = self.cells
        for _ in range(_ROUNDS):
            last = candidate
            simulated, minutes = simulated_statistics(
                cells, last.service, last.workers, self.routing, self.seed
            )
            bare = self._tables_around(last)
            correction = np.nan_to_num(simulated - bare.at(last.log_mean, last.log_cv))
            tables = replace(bare, correction=correction)
            guess = (last.log_mean, last.log_cv)
            candidate = least_squares(cells, last.law, tables, guess, whitening_of(cells, minutes))
            moved = (abs(candidate.log_mean - guess[0]), abs(candidate.log_cv - guess[1]))
            if (moved[0] < _STILL[0] and moved[1] < _STILL[1]) or candidate.misfit > give_up:
                break
        return candidate

    def _tables_around(self, candidate: Candidate) -> Prediction:
        """The candidate's own, where its variability is near their middle."""
        own = candidate.prediction
        if abs(candidate.log_cv - float(own.log_cv[1])) < math.log(STEP) / 2:
            return replace(own, correction=np.zeros(self.cells.statistics.shape))
        return prediction(self.cells, candidate.law, candidate.workers, candidate.cv, self.routing)


def _guess(cells: Cells) -> tuple[float, float]:
    """Mean and variability from the least loaded cell, as if nobody waited there."""
    first = cells.statistics[np.argmin(cells.rate_rps)]
    known = np.flatnonzero(np.isfinite(first[1:]))
    log_mean = float(first[0]) if np.isfinite(first[0]) else float(first[1 + known[0]])
    cv = 0.5
    if known.size > 1:
        from scipy import special

        low, high = known[0], known[-1]
        width = float(special.ndtri(cells.fractions[high]) - special.ndtri(cells.fractions[low]))
        sigma = float(first[1 + high] - first[1 + low]) / width
        cv = math.sqrt(math.expm1(sigma**2))
    return log_mean, math.log(min(max(cv, SMALLEST_CV), LARGEST_CV))
