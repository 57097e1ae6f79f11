"""Whether a fit may be relied on: how good it is, how far it was tested, what else fits as well."""

import numpy as np

from smcost.capacity.fit.candidate import Candidate
from smcost.capacity.fit.cells import Cells
from smcost.capacity.fit.evidence import FAILURES, Evidence, failure_reason
from smcost.capacity.fit.least_squares import MODEL_ERROR
from smcost.capacity.fit.refusals import (
    LEAST_UTILISATION,
    MOST_ERROR,
    MOST_ERROR_OF_ONE,
    MOST_TREND,
    MOST_UTILISATION,
    MOST_WORKERS_RATIO,
    Refusal,
    RefusalCode,
)
from smcost.capacity.fit.result import Estimated, Goodness, Level
from smcost.capacity.observed import ObservedMinutes
from smcost.queueing.service import FloatArray
from smcost.remarks import Caveat, WarningCode

#: Beyond this utilisation nothing is left to be promised untested.
_WELL_TESTED = 0.75
_COARSE_S = 300
_REMEDY_LOAD = "Load-test one instance, or let fewer instances carry the busiest hour"


def goodness_of(cells: Cells, best: Candidate, names: tuple[str, ...]) -> Goodness:
    """Errors of the best explanation, in all cells and statistics."""
    known = np.isfinite(cells.statistics)
    left = np.where(known, cells.statistics - best.predicted, 0.0)
    variance = np.diagonal(cells.covariance, axis1=1, axis2=2)
    beyond = (left**2 - variance)[known].mean()
    sure = np.sign(left) * np.maximum(np.abs(left) - 2 * np.sqrt(variance), 0.0)
    at = np.unravel_index(np.argmax(np.where(known, np.abs(sure), -1.0)), sure.shape)
    trend, name = _trend(cells, left, variance, names)
    freedom = max(int(known.sum()) - 3, 1)
    return Goodness(
        error=float(np.sqrt(max(beyond, 0.0))),
        worst=float(np.expm1(sure[at])),
        worst_where=f"{names[at[1]]} at {cells.rate_rps[at[0]]:.3g} rps",
        trend=trend,
        trend_of=name,
        misfit=best.misfit / freedom,
        freedom=freedom,
    )


def _trend(
    cells: Cells, left: FloatArray, variance: FloatArray, names: tuple[str, ...]
) -> tuple[float, str]:
    """How far the error of mean or median drifts from the quietest cell to the busiest.

    Beyond two standard errors. Queueing leaves the median alone until late, so that this is where
    service that depends on load shows.
    """
    found = []
    share = (cells.rate_rps - cells.rate_rps.min()) / np.ptp(cells.rate_rps)
    for column, name in enumerate(names[:2]):
        known = np.isfinite(cells.statistics[:, column])
        if known.sum() < 3:
            continue
        weight = 1 / (variance[known, column] + MODEL_ERROR**2)
        away = share[known] - np.average(share[known], weights=weight)
        norm = (weight * away**2).sum()
        slope = (weight * away * left[known, column]).sum() / norm
        found.append((np.sign(slope) * max(abs(slope) - 2 / np.sqrt(norm), 0.0), name))
    slope, name = max(found, key=lambda each: abs(each[0]), default=(0.0, names[0]))
    return float(np.expm1(slope)), name


def judged(
    levels: tuple[Level, ...], goodness: Goodness | None, estimated: Estimated | None
) -> tuple[Refusal, ...]:
    """What forbids to rely on it; empty: nothing."""
    if goodness is None or estimated is None:
        return (_no_such_service("No service time and number of workers could carry that load"),)
    if abs(goodness.trend) > MOST_TREND:
        slower = "slows" if goodness.trend > 0 else "speeds up"
        return (
            _no_such_service(
                f"From the quietest to the busiest minutes {goodness.trend_of} drifts by "
                f"{goodness.trend:+.0%} from what any service time explains that stays the same "
                f"under load: this one {slower}"
            ),
        )
    if goodness.error > MOST_ERROR or abs(goodness.worst) > MOST_ERROR_OF_ONE:
        return (
            _no_such_service(
                "No service time of one law on a fixed number of workers explains the latencies: "
                f"the best is off by {goodness.error:.0%} on average and by {goodness.worst:+.0%} "
                f"in {goodness.worst_where}"
            ),
        )
    quietest, busiest = levels[0].utilisation, levels[-1].utilisation
    if quietest > MOST_UTILISATION:
        return (
            Refusal(
                code=RefusalCode.ALWAYS_SATURATED,
                cause=f"Even the quietest minutes were {quietest:.0%} busy, so that service and "
                "waiting cannot be told apart",
                remedy="Pull days with quiet hours, or add instances and pull again",
            ),
        )
    if busiest < LEAST_UTILISATION:
        return (_never_loaded(busiest, estimated),)
    return _untold(busiest, estimated)


def _no_such_service(cause: str) -> Refusal:
    return Refusal(
        code=RefusalCode.NO_SUCH_SERVICE,
        cause=cause,
        remedy="Load-test one instance and give its rows as a capacity file: service that slows "
        "under load, batching, and requests of two kinds are measured there, not assumed",
    )


def _never_loaded(busiest: float, estimated: Estimated) -> Refusal:
    return Refusal(
        code=RefusalCode.NEVER_LOADED,
        cause=f"The busiest minutes used {busiest:.0%} of the capacity that fits best (workers: "
        f"{workers_text(estimated)} fit as well), and below {LEAST_UTILISATION:.0%} hardly anybody "
        "waits: what happens beyond is not in these minutes",
        remedy=_REMEDY_LOAD,
    )


def _untold(busiest: float, estimated: Estimated) -> tuple[Refusal, ...]:
    alike = estimated.workers_alike
    if not estimated.more_workers and alike[-1] <= MOST_WORKERS_RATIO * alike[0]:
        return ()
    return (
        Refusal(
            code=RefusalCode.CONCURRENCY_UNTOLD,
            cause=f"{workers_text(estimated)} workers explain the latencies equally well, though "
            f"the busiest minutes may have used {busiest:.0%} of the capacity",
            remedy=_REMEDY_LOAD,
        ),
    )


def workers_text(estimated: Estimated) -> str:
    """``4``, ``4 to 6``, ``4 or more``."""
    low, high = estimated.workers_alike[0], estimated.workers_alike[-1]
    if estimated.more_workers:
        return f"{low} or more"
    return f"{low}" if low == high else f"{low} to {high}"


def caveats_of(
    observed: ObservedMinutes,
    levels: tuple[Level, ...],
    estimated: Estimated | None,
    minutes: Evidence,
) -> tuple[Caveat, ...]:
    """What to mind about the minutes, and about the estimate if there is one to rely on."""
    found = []
    if observed.step_s >= _COARSE_S:
        found.append(
            Caveat(
                code=WarningCode.COARSE_STEP,
                message=f"Steps of {observed.step_s} s average the peaks away; pull the last 15 "
                "days, for which there are minutes",
            )
        )
    kinds = [kind for kind in FAILURES.values() if failure_reason(kind) in minutes.left_out]
    if kinds:
        failed = sum(minutes.left_out[failure_reason(kind)] for kind in kinds)
        found.append(
            Caveat(
                code=WarningCode.ERRORS_MEASURED,
                message=f"{failed:,} minutes with more than 1 % of {' or '.join(kinds)} are "
                "left out; errors bind before latency does",
            )
        )
    if estimated is None:
        return tuple(found)
    if levels[-1].utilisation < _WELL_TESTED:
        found.append(
            Caveat(
                code=WarningCode.FIT_EXTRAPOLATED,
                message=f"One instance was never busier than {levels[-1].utilisation:.0%}, "
                f"{levels[-1].rate_rps:.4g} rps; what is beyond is the model's word",
            )
        )
    if len(estimated.workers_alike) > 1:
        found.append(
            Caveat(
                code=WarningCode.FIT_AMBIGUOUS,
                message=f"{workers_text(estimated)} workers explain the minutes equally well; "
                f"{estimated.workers} explain them best",
            )
        )
    return tuple(found)
