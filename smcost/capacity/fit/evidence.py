"""Observed minutes -> those that say something: steady instances, enough requests, few errors."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from smcost.capacity.observed import ObservedMinutes
from smcost.queueing.service import FloatArray

#: Fewer requests than this in a step have no percentile worth the name.
FEWEST_REQUESTS = 10
#: A step in which more than this share of the requests failed in one of these ways is left out.
#: What is refused at once takes no service time, and what failed may not be in the latency.
FAILED_SHARE = 0.01
FAILURES = {"errors_5xx": "5xx", "errors_4xx": "4xx", "model_errors": "model errors"}
#: The count of instances changed within a step whose ratio is so far from whole.
_WHOLE = 0.02
#: Times the latency of quiet minutes: only a backlog makes a minute so slow.
_SLOW = 20.0
#: Why such a minute is left out.
BACKLOG = "backlog"
#: Steps over which traffic is looked at to tell its level from the chance of single arrivals.
_WINDOW = 11
#: Below this index of dispersion in that window the counts are taken for Poisson around their mean.
_POISSON = 2.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """The minutes a fit may use.

    Attributes
    ----------
    start_s
        Start of each, ``(m,)``. [s since 1970-01-01T00:00Z]
    requests, instances
        Invocations and whole instances in service, ``(m,)``. [count]
    rate_rps
        Demand on one instance, ``(m,)``. [s^-1]
    log_latency
        Logarithm of mean and percentiles in seconds, NaN where not observed, ``(m, 1 + P)``.
    left_out
        Reason -> minutes, of those that are not here.
    failing
        Of the busier half of all minutes those with too many failures. [fraction]
    """

    start_s: NDArray[np.int64]
    requests: FloatArray
    instances: NDArray[np.int64]
    rate_rps: FloatArray
    log_latency: FloatArray
    left_out: dict[str, int]
    failing: float

    @property
    def hours(self) -> NDArray[np.int64]:
        """The hour each minute is in, ``(m,)``."""
        return self.start_s // 3600

    def kept(self, which: NDArray[np.bool_], reason: str) -> "Evidence":
        """Without the minutes for which ``which`` is false, for a reason."""
        lost = int((~which).sum())
        more = {reason: self.left_out.get(reason, 0) + lost} if lost else {}
        return replace(
            self,
            start_s=self.start_s[which],
            requests=self.requests[which],
            instances=self.instances[which],
            rate_rps=self.rate_rps[which],
            log_latency=self.log_latency[which],
            left_out=self.left_out | more,
        )

    def without_backlog(self) -> "Evidence":
        """Without minutes as slow as only a backlog makes them: no stationary law is theirs."""
        latency = np.nanmin(self.log_latency, axis=1)
        quiet = np.quantile(latency, 0.1) if latency.size else 0.0
        return self.kept(latency <= quiet + math.log(_SLOW), BACKLOG)


def evidence(observed: ObservedMinutes) -> Evidence:
    """Sort out the minutes.

    Notes
    -----
    A minute's count is its rate plus the chance of single arrivals. To take a lucky minute for a
    busy one would make latency look flatter in load than it is, so that the rate is that of eleven
    minutes, as far as their index of dispersion D is that of Poisson arrivals; beyond, the count's
    own part is 1 - 1/D, the best linear guess.
    """
    requests, instances = observed.invocations, observed.instances
    whole = np.rint(instances)
    latency_s = np.column_stack((observed.model_latency_mean_s, observed.model_latency_s))
    failures = _failures(observed)
    failed = np.any(list(failures.values()), axis=0)
    reasons = {
        "no requests or too few": ~(requests >= FEWEST_REQUESTS),
        "no latency percentiles": np.isnan(observed.model_latency_s).all(axis=1),
        "instances not known": ~(instances >= 1 - _WHOLE),
        "count of instances changing": _changing(observed, whole),
        **failures,
    }
    usable = np.ones(len(observed), dtype=np.bool_)
    left_out = {}
    for reason, out in reasons.items():
        left_out[reason] = int((usable & out).sum())
        usable &= ~out
    rates = _level(observed) / observed.step_s
    busy = requests >= np.nanmedian(requests) if np.isfinite(requests).any() else failed
    with np.errstate(divide="ignore", invalid="ignore"):
        log_latency = np.log(np.where(latency_s > 0, latency_s, np.nan))[usable]
    return Evidence(
        start_s=observed.start_s[usable],
        requests=requests[usable],
        instances=whole[usable].astype(np.int64),
        rate_rps=(rates / np.where(whole > 0, whole, np.nan))[usable],
        log_latency=log_latency,
        left_out={reason: steps for reason, steps in left_out.items() if steps},
        failing=float(failed[busy].mean()) if busy.any() else 0.0,
    )


def failure_reason(kind: str) -> str:
    """Why a minute with many failures of a kind is left out.

    >>> failure_reason("5xx")
    'more than 1 % of 5xx'
    """
    return f"more than {100 * FAILED_SHARE:g} % of {kind}"


def _failures(observed: ObservedMinutes) -> dict[str, NDArray[np.bool_]]:
    """Reason -> steps with too many failures of that kind."""
    most = FAILED_SHARE * np.nan_to_num(observed.invocations)
    return {
        failure_reason(kind): np.nan_to_num(getattr(observed, name)) > most
        for name, kind in FAILURES.items()
    }


def _changing(observed: ObservedMinutes, whole: FloatArray) -> NDArray[np.bool_]:
    """Steps in which the count changed, and the one after each: a backlog, a cold instance."""
    off = np.abs(observed.instances - whole) > _WHOLE
    other = np.concatenate(([False], np.abs(np.diff(whole)) > 0))
    follows = np.concatenate(([False], np.diff(observed.start_s) == observed.step_s))
    after = np.concatenate(([False], off[:-1]))
    return off | (follows & (other | after))


def _level(observed: ObservedMinutes) -> FloatArray:
    """Expected invocations of each step, ``(n,)``. [count]"""
    place = (observed.start_s - observed.start_s[0]) // observed.step_s
    counts = np.full(int(place[-1]) + 1, np.nan)
    counts[place] = observed.invocations
    around = _mean_around(counts)
    with np.errstate(invalid="ignore", divide="ignore"):
        dispersion = _mean_around((counts - around) ** 2) / around * _WINDOW / (_WINDOW - 1)
        own = np.where(dispersion > _POISSON, 1 - 1 / dispersion, 0.0)
    level = around + own * (counts - around)
    return np.asarray(level[place])


def _mean_around(series: FloatArray) -> FloatArray:
    """Moving mean over the window, NaN left out, shape as given."""
    known = np.isfinite(series)
    kernel = np.ones(_WINDOW)
    total = np.convolve(np.where(known, series, 0.0), kernel, mode="same")[: series.size]
    number = np.convolve(known.astype(np.float64), kernel, mode="same")[: series.size]
    return np.asarray(total / np.maximum(number, 1.0))
