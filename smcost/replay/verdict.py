"""Whether a replay meets an SLO, window by window, and by how much."""

import math
from dataclasses import dataclass

import numpy as np

from smcost.queueing.service import FloatArray
from smcost.replay.counts import IntArray
from smcost.replay.late_requests import LateRequests
from smcost.slo import Objective, Slo

#: Of the late requests of a minute that screening may not decide at least so many are real. With
#: services of seconds it may be none: a minute at full load is over before a queue has formed.
AT_BEST = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether an SLO holds, and by how much.

    Attributes
    ----------
    met
        Every objective and the failure limit hold in enough windows.
    slack
        1 - (late or failed share / allowed share) where it is least, over the windows that
        count; negative where it does not hold. [fraction]
    breaks
        Name of the requirement with the least slack: ``p95``, ``p99`` or ``max_failed``.
    window
        The window where it has the least slack.
    weak
        Whether twice the late requests of the minutes that screening may not decide would
        break the SLO.
    could_hold
        Whether it would hold with so few of them as may be real at best.
    """

    met: bool
    slack: float
    breaks: str
    window: int
    weak: bool
    could_hold: bool

    @property
    def decided(self) -> bool:
        """Whether neither twice as many nor few of the late requests of weak minutes turn it."""
        return not self.weak if self.met else not self.could_hold


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowSums:
    """Late requests of each window, for every requirement of an SLO in its order.

    Attributes
    ----------
    sure, doubtful
        Of minutes that screening may decide, and of the others, shape ``(L, W)``. [count]
    requests
        Shape ``(W,)``. [count]
    """

    sure: FloatArray
    doubtful: FloatArray
    requests: FloatArray

    def grouped(self, first: IntArray) -> "WindowSums":
        """Windows joined to larger ones that begin with the given ones, shape ``(V,)``."""
        return WindowSums(
            sure=np.add.reduceat(self.sure, first, axis=1),
            doubtful=np.add.reduceat(self.doubtful, first, axis=1),
            requests=np.add.reduceat(self.requests, first),
        )


def limits_s(slo: Slo) -> tuple[float, ...]:
    """Client latency of each requirement: the objectives', then ``inf`` for failures. [s]"""
    return (*(objective.limit_s for objective in slo.objectives), math.inf)


def judge(loads: LateRequests, slo: Slo) -> Verdict:
    """Hold a replay against an SLO, window by window; ``slo.window`` is that of the loads."""
    return verdict(window_sums(loads, slo), slo)


def window_sums(loads: LateRequests, slo: Slo) -> WindowSums:
    """Late requests of each window of a replay, for every requirement of an SLO in its order."""
    late = [loads.late_per_minute(limit_s) for limit_s in limits_s(slo)]
    doubtful = [loads.per_window(np.where(loads.weak, part, 0.0)) for part in late]
    return WindowSums(
        sure=np.array([loads.per_window(part) for part in late]) - np.array(doubtful),
        doubtful=np.array(doubtful),
        requests=loads.requests_per_window(),
    )


def verdict(sums: WindowSums, slo: Slo, at_best: float = AT_BEST) -> Verdict:
    """The verdict on windows of the kind that the SLO has.

    ``at_best`` is the share of the late requests of doubtful minutes that may be real. [fraction]
    """
    spared = slo.windows_spared(sums.requests.size)
    slack, breaks, worst, weak, could_hold = 1.0, slo.objectives[0].name, 0, False, True
    for number, (name, allowed) in enumerate(_allowed(slo)):
        sure, doubtful = sums.sure[number], sums.doubtful[number]
        used, doubled, few = (
            _used(sure + share * doubtful, sums.requests, allowed) for share in (1.0, 2.0, at_best)
        )
        window = _deciding_window(used, spared)
        weak = weak or bool(doubled[_deciding_window(doubled, spared)] > 1)
        could_hold = could_hold and bool(few[_deciding_window(few, spared)] <= 1)
        if 1 - used[window] < slack:
            slack, breaks, worst = 1 - float(used[window]), name, window
    return Verdict(
        met=slack >= 0,
        slack=slack,
        breaks=breaks,
        window=worst,
        weak=weak,
        could_hold=could_hold,
    )


def hopeless(sums: WindowSums, slo: Slo, at_best: float = AT_BEST) -> bool:
    """Whether these late requests break the SLO even if of the doubtful ones few are real."""
    spared = slo.windows_spared(sums.requests.size)
    for number, (_, allowed) in enumerate(_allowed(slo)):
        late = sums.sure[number] + at_best * sums.doubtful[number]
        used = _used(late, sums.requests, allowed)
        if used[_deciding_window(used, spared)] > 1:
            return True
    return False


def shares_used(sums: WindowSums, slo: Slo) -> FloatArray:
    """Late share over allowed share of each requirement in each window, shape ``(L, W)``."""
    late = sums.sure + sums.doubtful
    used = [
        _used(here, sums.requests, allowed)
        for here, (_, allowed) in zip(late, _allowed(slo), strict=True)
    ]
    return np.array(used)


def _allowed(slo: Slo) -> list[tuple[str, float]]:
    """Name and allowed share of each requirement."""
    return [*((o.name, o.allowed_late) for o in slo.objectives), ("max_failed", slo.max_failed)]


def _used(late: FloatArray, requests: FloatArray, allowed: float) -> FloatArray:
    """Late share over allowed share in each window, 0 without requests, shape ``(W,)``."""
    share = np.divide(late, requests, out=np.zeros_like(late), where=requests > 0)
    if allowed > 0:
        return share / allowed
    return np.where(share > 0, np.inf, 0.0)


def _deciding_window(used: FloatArray, spared: int) -> int:
    """The worst window after leaving out as many as may fail."""
    if spared == 0:
        return int(np.argmax(used))
    return int(np.argsort(used, kind="stable")[max(0, used.size - 1 - spared)])


def minutes_over(loads: LateRequests, objectives: tuple[Objective, ...]) -> int:
    """Minutes in which some objective does not hold by itself."""
    over = np.zeros(loads.requests.size, dtype=bool)
    for objective in objectives:
        over |= loads.late_per_minute(objective.limit_s) > objective.allowed_late * loads.requests
    return int(over.sum())
