"""How a configuration answers: percentiles over the horizon and of its worst window."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import numpy as np

from smcost.capacity import Profile, Routing
from smcost.remarks import Caveat, WarningCode
from smcost.replay.counts import IntArray
from smcost.replay.late_requests import LateRequests
from smcost.replay.latency import LatencyTerms, Loads, loads
from smcost.replay.verdict import minutes_over
from smcost.slo import Objective, SloWindow
from smcost.traffic.minutes import MinuteCounts

#: How latency was found: from tables, from tables and the deciding window, from every request.
Method = Literal["screened", "hybrid", "simulated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Client latency over the horizon. Times are ``inf`` beyond the timeout and
    ``nan`` without requests or where the percentile was not measured. [s]

    ``minutes_over_slo`` is ``None`` where no objective was given; ``method`` is how the figures
    were found, ``p99_interval_s`` the 95 % confidence interval of the horizon's p99 if simulated.
    """

    p50_s: float
    p95_s: float
    p99_s: float
    worst_window_p95_s: float
    worst_window_p99_s: float
    worst_window_start_s: int | None
    minutes_over_slo: int | None
    failed_fraction: float
    method: Method = "screened"
    p99_interval_s: tuple[float, float] | None = None


def load_minutes(
    minutes: MinuteCounts,
    in_service: IntArray,
    profile: Profile,
    routing: Routing,
    terms: LatencyTerms,
    window: SloWindow,
) -> Loads:
    """The load of every minute of a replay, grouped into the SLO's windows."""
    return loads(
        invocations=minutes.invocations,
        in_service=in_service,
        window=window.number(minutes.start_s),
        profile=profile,
        routing=routing,
        terms=terms,
    )


def measured_s(profile: Profile, fraction: float, value_s: float) -> float:
    """A percentile, or ``nan`` where it was not measured. [s]"""
    return value_s if profile.knows(fraction) else math.nan


def latency(
    load: LateRequests,
    minutes: MinuteCounts,
    profile: Profile,
    objectives: tuple[Objective, ...] = (),
) -> Latency:
    """Percentiles over the horizon and of the worst window; only those that were measured."""
    worst_95, worst_99 = load.worst_window(0.95), load.worst_window(0.99)
    first = int(np.searchsorted(load.window, worst_99[0]))

    def known(fraction: float, value_s: float) -> float:
        return measured_s(profile, fraction, value_s)

    return Latency(
        p50_s=known(0.5, load.percentile_s(0.5)),
        p95_s=known(0.95, load.percentile_s(0.95)),
        p99_s=known(0.99, load.percentile_s(0.99)),
        worst_window_p95_s=known(0.95, worst_95[1]),
        worst_window_p99_s=known(0.99, worst_99[1]),
        worst_window_start_s=int(minutes.start_s[first]) if minutes.total else None,
        minutes_over_slo=minutes_over(load, objectives) if objectives else None,
        failed_fraction=load.failed_fraction(),
    )


def timeout_caveats(answer: Latency) -> list[Caveat]:
    """Say that requests time out, where so many do that a window's p99 lies beyond the timeout."""
    if not math.isinf(answer.worst_window_p99_s) or answer.worst_window_start_s is None:
        return []
    start = datetime.fromtimestamp(answer.worst_window_start_s, UTC)
    message = (
        f"In the worst window, from {start:%Y-%m-%d %H:%M} UTC, more than 1 % of the requests time "
        f"out ({answer.failed_fraction:.2%} of all): the fleet cannot carry that traffic"
    )
    return [Caveat(code=WarningCode.BEYOND_TIMEOUT, message=message)]
