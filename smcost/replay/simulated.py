"""Latency by event simulation of the same minutes: where screening may not decide.

Arrivals, work and routing come from three streams of random numbers of their own, so that every
candidate sees the same arrivals, the same work and the same luck.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smcost.capacity import Profile, Routing, SweepProfile, WorkersProfile
from smcost.queueing.service import FloatArray
from smcost.queueing.simulation import (
    Instance,
    SweepInstance,
    WorkersInstance,
    arrivals_given_counts,
    simulate_fleet,
)
from smcost.replay.counts import IntArray
from smcost.replay.late_requests import LateRequests
from smcost.replay.latency import LatencyTerms
from smcost.units import SECONDS_PER_MINUTE

_SECTIONS = 10
#: 97.5 % quantile of Student's t with 9 degrees of freedom.
_T_9 = 2.262


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulatedLoads(LateRequests):
    """Every request of a replay with its latency; asked like screened ones.

    Attributes
    ----------
    terms
        Overhead and timeout.
    window, requests
        Window and requests of each minute, shape ``(T,)``.
    weak
        Nothing is left undecided: all false, shape ``(T,)``.
    minute, latency_s
        Minute and client latency of each request, shape ``(n,)``. [s]
    """

    terms: LatencyTerms
    window: IntArray
    requests: IntArray
    weak: NDArray[np.bool_]
    minute: IntArray
    latency_s: FloatArray

    def late_per_minute(self, limit_s: float) -> FloatArray:
        """Counted."""
        latest_s = min(limit_s, self.terms.timeout_s + self.terms.overhead_s)
        late = np.bincount(self.minute[self.latency_s > latest_s], minlength=self.requests.size)
        return late.astype(np.float64)

    def percentile_s(self, fraction: float, window: int | None = None) -> float:
        """The order statistic at or above the fraction."""
        chosen = self.latency_s
        if window is not None:
            # Requests stand in the order of their minutes, minutes in that of their windows.
            first, last = np.searchsorted(self.window[self.minute], [window, window + 1])
            chosen = chosen[first:last]
        return self._cut(chosen, fraction)

    def interval_s(self, fraction: float) -> tuple[float, float]:
        """95 % confidence interval of the percentile over all requests, by ten sections. [s]

        Section i holds the minutes i, i + 10, i + 20 ...: each is a sample of the whole horizon.
        """
        section = self.minute % _SECTIONS
        found = [self._cut(self.latency_s[section == i], fraction) for i in range(_SECTIONS)]
        values = np.array(found)
        half = _T_9 * float(np.std(values, ddof=1)) / math.sqrt(_SECTIONS)
        middle = self.percentile_s(fraction)
        return middle - half, middle + half

    def _cut(self, latency_s: FloatArray, fraction: float) -> float:
        if latency_s.size == 0:
            return math.nan
        value_s = float(np.quantile(latency_s, fraction, method="higher"))
        late = value_s > self.terms.timeout_s + self.terms.overhead_s
        return math.inf if late else value_s


def simulate_loads(
    *,
    invocations: IntArray,
    in_service: IntArray,
    window: IntArray,
    profile: Profile,
    terms: LatencyTerms,
    routing: Routing,
    seed: int,
) -> SimulatedLoads:
    """Simulate every request of the minutes.

    Parameters
    ----------
    invocations, in_service, window
        Per minute, shape ``(T,)``.
    profile
        Of kind workers or sweep: rates were measured and have nothing to simulate.
    terms, routing
        Overhead and timeout; how requests find an instance.
    seed
        Of the random numbers; the same seed gives the same digits.
    """
    arrivals_rng, work_rng, choice_rng, station_rng = (
        np.random.default_rng([seed, stream]) for stream in range(4)
    )
    arrivals_s = arrivals_given_counts(invocations, SECONDS_PER_MINUTE, arrivals_rng)
    work, new_instance = _workload(profile, arrivals_s.size, work_rng, station_rng, terms)
    choices = choice_rng.random(arrivals_s.size) if routing is Routing.RANDOM else None
    responses_s = simulate_fleet(
        arrivals_s=arrivals_s,
        work=work,
        choices=choices,
        instances=in_service,
        step_s=SECONDS_PER_MINUTE,
        new_instance=new_instance,
    )
    return SimulatedLoads(
        terms=terms,
        window=window,
        requests=invocations,
        weak=np.zeros(invocations.size, dtype=np.bool_),
        minute=np.repeat(np.arange(invocations.size), invocations),
        latency_s=responses_s + terms.overhead_s,
    )


def can_simulate(profile: Profile) -> bool:
    """Whether the profile says what a request asks of an instance."""
    return isinstance(profile, WorkersProfile | SweepProfile)


def _workload(
    profile: Profile,
    size: int,
    rng: np.random.Generator,
    station_rng: np.random.Generator,
    terms: LatencyTerms,
) -> tuple[FloatArray, Callable[[], Instance]]:
    if isinstance(profile, WorkersProfile):
        workers = profile.workers
        return profile.service.sample(rng, size), lambda: WorkersInstance(workers, terms.gives_up_s)
    assert isinstance(profile, SweepProfile)
    sweep = profile.sweep
    return rng.random(size), lambda: SweepInstance(sweep, station_rng, terms.gives_up_s)
