"""A capacity fitted to observed minutes, with all that speaks for and against it."""

import math
from dataclasses import dataclass

from smcost.capacity.fit.refusals import Refusal
from smcost.capacity.profile import LatencyOf, Routing
from smcost.capacity.workers import WorkersProfile
from smcost.queueing.service import ServiceTime
from smcost.remarks import Caveat


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A level of load, of all fleets together.

    Attributes
    ----------
    rate_rps
        Demand on one instance. [s^-1]
    utilisation
        Of the fitted capacity, NaN without one. [fraction]
    minutes, requests
        Seen at this level. [count]
    observed_s, fitted_s
        Mean and percentiles, of all levels in the order of ``Fit.names``; NaN where there is none.
        [s]
    """

    rate_rps: float
    utilisation: float
    minutes: int
    requests: float
    observed_s: tuple[float, ...]
    fitted_s: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """The best explanation, and those as good.

    Attributes
    ----------
    service, workers
        The best.
    mean_interval_s, cv_interval
        Chance (95 %) and the misfit seen, over all numbers of workers that are as good.
    workers_alike
        Numbers of workers that explain the minutes as well, increasing, the best among them.
    more_workers
        Whether any larger number explains them as well.
    """

    service: ServiceTime
    workers: int
    mean_interval_s: tuple[float, float]
    cv_interval: tuple[float, float]
    workers_alike: tuple[int, ...]
    more_workers: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Goodness:
    """How well the best explanation fits.

    Attributes
    ----------
    error
        Root mean square of the relative errors of all statistics, beyond what chance explains.
        [fraction]
    worst
        The largest relative error of one, beyond two standard errors, with its sign. [fraction]
    worst_where
        ``p99 at 12.3 rps``.
    trend, trend_of
        The largest drift of the error of one statistic from the quietest level to the busiest,
        beyond two standard errors, and of which. [fraction]
    misfit
        Weighted sum of squares per degree of freedom; 1 is chance and a model error of 1 %.
    freedom
        Statistics less parameters. [count]
    """

    error: float
    worst: float
    worst_where: str
    trend: float
    trend_of: str
    misfit: float
    freedom: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What observed minutes say of the capacity of one instance.

    Attributes
    ----------
    endpoint, variant, region, instance_type
        Of what.
    routing
        That was assumed.
    start_s, end_s
        The first and the last minute that was used. [s since 1970-01-01T00:00Z]
    minutes, requests
        Used. [count]
    left_out
        Reason -> minutes that were not.
    names
        Of the statistics: ``mean``, ``p50``, ...
    levels
        From the quietest to the busiest.
    overhead_s
        Mean OverheadLatency, NaN where it was not observed. [s]
    estimated, goodness
        ``None`` where nothing could be fitted.
    refusals
        Why none of it may be relied on; empty where it may.
    caveats
        What to mind even so.
    """

    endpoint: str
    variant: str
    region: str
    instance_type: str | None
    routing: Routing
    start_s: int
    end_s: int
    minutes: int
    requests: int
    left_out: dict[str, int]
    names: tuple[str, ...]
    levels: tuple[Level, ...]
    overhead_s: float
    estimated: Estimated | None
    goodness: Goodness | None
    refusals: tuple[Refusal, ...]
    caveats: tuple[Caveat, ...]

    @property
    def tested_rps(self) -> float:
        """The highest demand on one instance that was seen. [s^-1]"""
        return max((level.rate_rps for level in self.levels), default=math.nan)

    @property
    def tested_utilisation(self) -> float:
        """The same as a share of the fitted capacity. [fraction]"""
        known = [level.utilisation for level in self.levels if level.utilisation >= 0]
        return max(known, default=math.nan)

    def profile(self, instance_type: str) -> WorkersProfile | None:
        """The capacity, ``None`` where it is refused."""
        if self.refusals or self.estimated is None:
            return None
        return WorkersProfile(
            instance_type=instance_type,
            workers=self.estimated.workers,
            service=self.estimated.service,
            latency_of=LatencyOf.MODEL,
        )
