"""Latency figures from simulated requests."""

import math

import numpy as np

from smcost.capacity import Profile
from smcost.estimate import Latency
from smcost.replay.simulated import SimulatedLoads
from smcost.replay.verdict import minutes_over
from smcost.slo import Objective
from smcost.traffic.minutes import MinuteCounts


def simulated_latency(
    loads: SimulatedLoads,
    minutes: MinuteCounts,
    profile: Profile,
    objectives: tuple[Objective, ...],
) -> Latency:
    """Percentiles over the horizon with an interval, and of the worst window."""

    def known(fraction: float, value_s: float) -> float:
        return value_s if profile.knows(fraction) else math.nan

    worst_95 = [loads.percentile_s(0.95, window) for window in range(loads.windows)]
    worst_99 = [loads.percentile_s(0.99, window) for window in range(loads.windows)]
    first = int(np.searchsorted(loads.window, int(np.nanargmax(worst_99))))
    measured = profile.knows(0.99)
    return Latency(
        p50_s=known(0.5, loads.percentile_s(0.5)),
        p95_s=known(0.95, loads.percentile_s(0.95)),
        p99_s=known(0.99, loads.percentile_s(0.99)),
        worst_window_p95_s=known(0.95, float(np.nanmax(worst_95))),
        worst_window_p99_s=known(0.99, float(np.nanmax(worst_99))),
        worst_window_start_s=int(minutes.start_s[first]),
        minutes_over_slo=minutes_over(loads, objectives),
        failed_fraction=loads.failed_fraction(),
        method="simulated",
        p99_interval_s=loads.interval_s(0.99) if measured else None,
    )
