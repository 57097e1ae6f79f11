"""Whether a replay meets an SLO, window by window, and by how much."""

import math
from dataclasses import dataclass

import numpy as np

from smcost.queueing.service import FloatArray
from smcost.replay.counts import IntArray
from smcost.replay.late_requests import LateRequests
from smcost.slo import Objective, Slo


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
        Whether it would hold with half of them.
    """

    met: bool
    slack: float
    breaks: str
    window: int
    weak: bool
    could_hold: bool

    @property
    def decided(self) -> bool:
        """Whether neither twice nor half the late requests of weak minutes would turn it."""
        return not self.weak if self.met else not self.could_hold


def judge(loads: LateRequests, slo: Slo) -> Verdict:
    """Hold a replay against an SLO, window by window; ``slo.window`` is that of the loads."""
    requirements = [(o.name, o.limit_s, o.allowed_late) for o in slo.objectives]
    requirements.append(("max_failed", math.inf, slo.max_failed))
    totals = loads.requests_per_window()
    spared = slo.windows_spared(totals.size)
    slack, breaks, worst, weak, could_hold = 1.0, requirements[0][0], 0, False, True
    for name, limit_s, allowed in requirements:
        late = loads.late_per_minute(limit_s)
        doubtful = loads.per_window(np.where(loads.weak, late, 0.0))
        sure = loads.per_window(late) - doubtful
        used, doubled, halved = (
            _used(sure + factor * doubtful, totals, allowed) for factor in (1.0, 2.0, 0.5)
        )
        window = _deciding_window(used, spared)
        weak = weak or bool(doubled[_deciding_window(doubled, spared)] > 1)
        could_hold = could_hold and bool(halved[_deciding_window(halved, spared)] <= 1)
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


def exceeds(
    late: FloatArray, requests: IntArray, allowed: float, window: IntArray, slo: Slo
) -> bool:
    """Whether the late share of too many windows is above what is allowed.

    ``late``, ``requests`` and ``window`` per minute, shape ``(T,)``.
    """
    windows = int(window[-1]) + 1
    sums, totals = (
        np.bincount(window, weights=part, minlength=windows).astype(np.float64)
        for part in (late, requests)
    )
    used = _used(sums, totals, allowed)
    return bool(used[_deciding_window(used, slo.windows_spared(windows))] > 1)


def _used(late: FloatArray, totals: FloatArray, allowed: float) -> FloatArray:
    """Late share over allowed share in each window, 0 without requests, shape ``(W,)``."""
    share = np.divide(late, totals, out=np.zeros_like(late), where=totals > 0)
    if allowed > 0:
        return share / allowed
    return np.where(share > 0, np.inf, 0.0)


def _deciding_window(used: FloatArray, spared: int) -> int:
    """The worst window after leaving out as many as may fail."""
    return int(np.argsort(used, kind="stable")[max(0, used.size - 1 - spared)])


def minutes_over(loads: LateRequests, objectives: tuple[Objective, ...]) -> int:
    """Minutes in which some objective does not hold by itself."""
    over = np.zeros(loads.requests.size, dtype=bool)
    for objective in objectives:
        over |= loads.late_per_minute(objective.limit_s) > objective.allowed_late * loads.requests
    return int(over.sum())
