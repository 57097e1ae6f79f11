"""How bursty requests are within a minute, where their times were logged."""

import numpy as np

from smcost.traffic.trace import Trace
from smcost.units import SECONDS_PER_MINUTE


def index_of_dispersion(trace: Trace) -> float | None:
    """Index of dispersion of the requests per second, given each minute's count.

    ``None`` where the times of the requests are not known, or there are none.

    Notes
    -----
    The squared deviations of the seconds' counts from a 60th of their minute's, over what they are
    expected to be for Poisson arrivals: K (1 - 1/60) a minute of K requests. 1 for those, and D for
    seconds of Gamma-modulated intensity with index of dispersion D, if K is large beside D.

    References
    ----------
    D. R. Cox, P. A. W. Lewis, The Statistical Analysis of Series of Events, Methuen, 1966,
    section 6.4 (dispersion test).
    """
    if trace.offsets_s is None or trace.total == 0 or trace.step_s != SECONDS_PER_MINUTE:
        return None
    minute = np.repeat(np.arange(trace.steps), trace.invocations)
    second = SECONDS_PER_MINUTE * minute + trace.offsets_s.astype(np.int64)
    counts = np.bincount(second, minlength=SECONDS_PER_MINUTE * trace.steps)
    expected = np.repeat(trace.invocations / SECONDS_PER_MINUTE, SECONDS_PER_MINUTE)
    deviations = float(np.square(counts - expected).sum())
    return deviations / (trace.total * (1 - 1 / SECONDS_PER_MINUTE))
