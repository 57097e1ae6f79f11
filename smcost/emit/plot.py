"""A trace drawn with characters, by plotille. Returns text, never prints."""

import itertools
import math
from datetime import UTC, datetime

import numpy as np

from smcost.traffic.trace import Trace
from smcost.units import SECONDS_PER_DAY

#: With the axes some 80 columns wide; of a week, each stretch is three hours.
_COLUMNS, _LINES = 56, 10
#: Distances between labels that read well, times a power of ten.
_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)


def traffic_plot(trace: Trace) -> str:
    """Highest demand in each of 56 stretches of the trace: peaks stay visible. [rps]"""
    import plotille

    rates = np.where(trace.present, trace.invocations / trace.step_s, 0.0)
    edges = np.linspace(0, rates.size, min(_COLUMNS, rates.size) + 1).astype(int)
    peaks = [float(rates[a:b].max()) for a, b in itertools.pairwise(edges)]
    figure = plotille.Figure()
    figure.width, figure.height = _COLUMNS, _LINES
    figure.with_colors = False
    figure.origin = False
    figure.set_x_limits(min_=0, max_=len(peaks))
    figure.set_y_limits(min_=0, max_=_LINES * _tick(max(peaks) or 1.0))
    figure.x_label, figure.y_label = "UTC", "rps"
    figure.y_ticks_fkt = lambda low, _: f"{low:,.5g}"
    figure.x_ticks_fkt = lambda low, _: _label(trace, low / len(peaks))
    for number, peak in enumerate(peaks):
        figure.plot([number + 0.5, number + 0.5], [0, peak])
    # Braille patterns without a dot are blanks too.
    return "\n".join(line.rstrip(" \u2800") for line in figure.show().splitlines()) + "\n"


def _tick(peak: float) -> float:
    """The smallest round distance of which ten reach the peak."""
    power = 10.0 ** math.floor(math.log10(peak / _LINES))
    return next(power * step for step in _ROUND if power * step * _LINES >= peak)


def _label(trace: Trace, share: float) -> str:
    """At most 9 characters, ten apart: as much of the time as tells two labels apart."""
    span_s = trace.end_s - trace.start_s
    if span_s <= 7 * SECONDS_PER_DAY:
        pattern = "%a %H:%M"
    else:
        pattern = "%d %b" if span_s <= 366 * SECONDS_PER_DAY else "%b %Y"
    return datetime.fromtimestamp(trace.start_s + share * span_s, UTC).strftime(pattern)
