"""What to know about an observation before it stands for the traffic."""

from datetime import UTC, datetime

import numpy as np

from smcost.remarks import Caveat, WarningCode
from smcost.traffic.observation import RETENTION, Observation
from smcost.units import SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE


def observation_caveats(observation: Observation, days: int) -> list[Caveat]:
    """What the period hides, how much of the days there is, and what has no data.

    Parameters
    ----------
    days
        How many were asked for.
    """
    return [*_coarse(observation), *_shortened(observation, days), *_missing(observation)]


def _coarse(observation: Observation) -> list[Caveat]:
    period_s = observation.span.period_s
    if period_s == SECONDS_PER_MINUTE:
        return []
    kept = ", ".join(f"{step} s for {days} days" for days, step in RETENTION)
    message = (
        f"CloudWatch keeps {kept}, so these counts are sums of {period_s} s: what happens within "
        "is averaged away, and autoscaling acts on minutes. Peaks are higher than they look"
    )
    return [Caveat(code=WarningCode.COARSE_STEP, message=message)]


def _shortened(observation: Observation, days: int) -> list[Caveat]:
    span = observation.span
    seconds = span.end_s - span.start_s
    # A period is given away at either end, which nobody need be told.
    if seconds >= days * SECONDS_PER_DAY - 4 * span.period_s:
        return []
    since = f"{datetime.fromtimestamp(span.start_s, UTC):%Y-%m-%d %H:%M} UTC"
    message = (
        f"The endpoint was made on {since}: there are {_length(seconds)}, not the {days} days "
        "asked for"
    )
    return [Caveat(code=WarningCode.SPAN_SHORTENED, message=message)]


def _length(seconds: int) -> str:
    if seconds < 2 * SECONDS_PER_HOUR:
        return f"{seconds // SECONDS_PER_MINUTE} min"
    if seconds < 2 * SECONDS_PER_DAY:
        return f"{seconds / SECONDS_PER_HOUR:.1f} h"
    return f"{seconds / SECONDS_PER_DAY:.1f} days"


def _missing(observation: Observation) -> list[Caveat]:
    absent = int(np.isnan(observation.columns["invocations"]).sum())
    if not absent:
        return []
    message = (
        f"{absent:,} of {observation.span.periods:,} periods of {observation.span.period_s} s have "
        "neither Invocations nor an InvocationsPerInstance of 0, and stay empty"
    )
    return [Caveat(code=WarningCode.TRAFFIC_GAPS, message=message)]
