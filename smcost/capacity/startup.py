"""How long new instances took to come into service, learned from what the autoscaler did.

An activity of Application Auto Scaling begins when the new count is asked for and ends when
SageMaker has fulfilled it: launch, image, model, health check and the endpoint's own update, all of
which is the start-up time of a replay.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

#: What Application Auto Scaling calls an activity: "Setting desired instance count to 48."
_WANTED = re.compile(r"desired instance count to (\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingActivity:
    """One activity.

    Attributes
    ----------
    start_s, end_s
        When it began and ended; ``end_s`` is ``None`` while it runs. [s since 1970-01-01T00:00Z]
    status
        ``Successful``, ``Failed``, ``Unfulfilled``, ``Overridden``, ``Pending``, ``InProgress``.
    description, cause
        What was asked for, and by which alarm or schedule.
    not_scaled
        Codes of why nothing was done, of an activity that did nothing.
    """

    start_s: float
    end_s: float | None
    status: str
    description: str
    cause: str
    not_scaled: tuple[str, ...] = ()

    @property
    def wanted(self) -> int | None:
        """Instances asked for; ``None`` where it does not say. [count]"""
        found = _WANTED.search(self.description)
        return int(found[1]) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartupTimes:
    """Start-up times of successful scale-outs.

    Attributes
    ----------
    count
        Scale-outs behind the figures; 0: none was seen. [count]
    median_s, p90_s
        NaN without one; p90 by the nearest rank. [s]
    since_s, until_s
        Start of the first and of the last; NaN without one. [s since 1970-01-01T00:00Z]
    unsuccessful
        Scale-outs that failed or were not fulfilled: no capacity, a rollback. [count]
    not_scaled
        Code of ``NotScaledReasons`` -> how often.
    """

    count: int
    median_s: float
    p90_s: float
    since_s: float
    until_s: float
    unsuccessful: int
    not_scaled: dict[str, int]


def _scales_out(cause: str, wanted: int, before: int | None) -> bool:
    if "AlarmLow" in cause:
        return False
    return "AlarmHigh" in cause if before is None else wanted > before


def startup_times(activities: Iterable[ScalingActivity]) -> StartupTimes:
    """Learn from the activities of one variant, in any order.

    Notes
    -----
    A scale-out asks for more than the activity before it that was fulfilled; the first of all
    counts where an alarm named AlarmHigh caused it. What AlarmLow caused is a scale-in, whatever
    the count before: the answer may lack what raised it, by hand or long ago.
    """
    ordered = sorted(activities, key=lambda activity: activity.start_s)
    before: int | None = None
    took_s: list[float] = []
    began_s: list[float] = []
    unsuccessful, not_scaled = 0, dict[str, int]()
    for activity in ordered:
        for code in activity.not_scaled:
            not_scaled[code] = not_scaled.get(code, 0) + 1
        wanted = activity.wanted
        if wanted is None or activity.not_scaled:
            continue
        out = _scales_out(activity.cause, wanted, before)
        if activity.status == "Successful":
            if out and activity.end_s is not None and activity.end_s > activity.start_s:
                took_s.append(activity.end_s - activity.start_s)
                began_s.append(activity.start_s)
            before = wanted
        elif activity.status in ("Failed", "Unfulfilled"):
            unsuccessful += out
    known = bool(took_s)
    return StartupTimes(
        count=len(took_s),
        median_s=float(np.median(took_s)) if known else np.nan,
        p90_s=float(np.quantile(took_s, 0.9, method="inverted_cdf")) if known else np.nan,
        since_s=min(began_s, default=np.nan),
        until_s=max(began_s, default=np.nan),
        unsuccessful=unsuccessful,
        not_scaled=not_scaled,
    )
