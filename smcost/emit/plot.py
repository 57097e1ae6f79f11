"""A trace drawn with characters, by plotille. Returns text, never prints."""

import itertools
import math
from datetime import UTC, datetime

import numpy as np

from smcost.traffic.trace import Trace

_COLUMNS, _LINES = 72, 10
#: Distances between labels that read well, times a power of ten.
_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)


def traffic_plot(trace: Trace) -> str:
    """Highest demand in each of 72 stretches of the trace: peaks stay visible. [rps]"""
    import plotille

    rates = np.where(trace.present, trace.invocations / trace.step_s, 0.0)
    edges = np.linspace(0, rates.size, min(_COLUMNS, rates.size) + 1).astype(int)
    peaks = [float(rates[a:b].max()) for a, b in itertools.pairwise(edges)]
    figure = plotille.Figure()
    figure.width, figure.height = _COLUMNS, _LINES
    figure.with_colors = False
    figure.origin = False
    figure.set_x_limits(min_=0, max_=len(peaks))
    figure.set_y_limits(min_=0, max_=_LINES * _tick(max(*peaks, 1e-9)))
    figure.x_label, figure.y_label = "UTC", "rps"
    figure.y_ticks_fkt = lambda low, _: f"{low:,.5g}"
    figure.x_ticks_fkt = lambda low, _: _label(trace, low / len(peaks))
    for number, peak in enumerate(peaks):
        figure.plot([number + 0.5, number + 0.5], [0, peak])
    return "\n".join(line.rstrip() for line in figure.show().splitlines()) + "\n"


def _tick(peak: float) -> float:
    """The smallest round distance of which ten reach the peak."""
    power = 10.0 ** math.floor(math.log10(peak / _LINES))
    return next(power * step for step in _ROUND if power * step * _LINES >= peak)


def _label(trace: Trace, share: float) -> str:
    moment_s = trace.start_s + share * (trace.end_s - trace.start_s)
    return datetime.fromtimestamp(moment_s, UTC).strftime("%m-%dT%H")
