"""An endpoint of known service law, simulated request by request and seen as CloudWatch sees it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from smcost.capacity.observed import FRACTIONS, ObservedMinutes, not_observed
from smcost.emit.observation_csv import observation_csv
from smcost.queueing.exact.given import serve_given
from smcost.queueing.service import FloatArray, ServiceTime
from smcost.traffic.observation import METRICS, Observation, Span

#: Monday 2024-01-01T00:00Z.
T0 = 1_704_067_200
MINUTES_A_DAY = 1440


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """What nobody but the simulation knows, and the load it is put under."""

    service: ServiceTime
    workers: int
    instances: int = 1
    peak: float = 0.8
    trough: float = 0.15
    days: int = 3
    least_outstanding: bool = False
    seed: int = 0
    #: Slows services down: (service times [s], share of the day [fraction], load) -> the same.
    bend: Callable[[FloatArray, FloatArray, FloatArray], FloatArray] | None = None
    #: Instances of each minute of a day; constant where there is none.
    fleet: Callable[[FloatArray], FloatArray] | None = None
    names: dict[str, str] = field(default_factory=dict)

    @property
    def full_rps(self) -> float:
        """Rate at which one instance is busy all the time. [s^-1]"""
        return self.workers / self.service.mean_s


def day_load(endpoint: Endpoint) -> FloatArray:
    """Utilisation of each minute of a day, from trough to peak with a shoulder, shape (1440,)."""
    hour = np.arange(MINUTES_A_DAY) / 60
    shape = 0.5 - 0.5 * np.cos(2 * np.pi * (hour - 4) / 24) + 0.12 * np.sin(4 * np.pi * hour / 24)
    shape = (shape - shape.min()) / (shape.max() - shape.min())
    return endpoint.trough + (endpoint.peak - endpoint.trough) * shape


def observed(endpoint: Endpoint) -> ObservedMinutes:
    """Its minutes: percentiles and mean of the simulated requests, in whole microseconds."""
    days = [_day(endpoint, day) for day in range(endpoint.days)]
    counts, instances, latencies_us, means_us = map(np.concatenate, zip(*days, strict=True))
    steps = counts.size
    return ObservedMinutes(
        endpoint="churn",
        variant="AllTraffic",
        region="us-east-1",
        instance_type="ml.m5.xlarge",
        step_s=60,
        start_s=T0 + 60 * np.arange(steps),
        invocations=counts.astype(np.float64),
        instances=instances,
        fractions=np.array(FRACTIONS),
        model_latency_s=latencies_us / 1e6,
        model_latency_mean_s=means_us / 1e6,
        overhead_mean_s=np.full(steps, 0.004),
        errors_4xx=np.zeros(steps),
        errors_5xx=np.zeros(steps),
        model_errors=np.zeros(steps),
        concurrency_mean=not_observed(steps),
        concurrency_max=not_observed(steps),
        cpu_percent=not_observed(steps),
    )


def saved(minutes: ObservedMinutes) -> str:
    """The same as ``smcost traffic pull`` would have saved it."""
    columns = {metric.column: not_observed(len(minutes)) for metric in METRICS}
    columns["invocations"] = minutes.invocations
    columns["invocations_per_instance"] = minutes.invocations / minutes.instances
    columns["model_latency_mean_us"] = 1e6 * minutes.model_latency_mean_s
    columns["overhead_latency_mean_us"] = 1e6 * minutes.overhead_mean_s
    for fraction, latency_s in zip(FRACTIONS, minutes.model_latency_s.T, strict=True):
        columns[f"model_latency_p{100 * fraction:.0f}_us"] = 1e6 * latency_s
    start_s = int(minutes.start_s[0])
    end_s = start_s + minutes.step_s * len(minutes)
    return observation_csv(
        Observation(
            endpoint=minutes.endpoint,
            variant=minutes.variant,
            region=minutes.region,
            instance_type=minutes.instance_type,
            span=Span(start_s=start_s, end_s=end_s, period_s=minutes.step_s),
            pulled_s=end_s,
            columns=columns,
        )
    )


def _day(endpoint: Endpoint, day: int) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    rng = np.random.default_rng((endpoint.seed, day))
    load = day_load(endpoint)
    share = np.arange(MINUTES_A_DAY) / MINUTES_A_DAY
    fleet = np.full(MINUTES_A_DAY, float(endpoint.instances))
    if endpoint.fleet is not None:
        fleet = endpoint.fleet(share)
        load = load * endpoint.instances / fleet
    counts = rng.poisson(load * fleet * endpoint.full_rps * 60)
    minute = np.repeat(np.arange(MINUTES_A_DAY), counts)
    arrivals_s = np.sort(60 * (minute + rng.random(minute.size)))
    services_s = endpoint.service.sample(rng, minute.size)
    if endpoint.bend is not None:
        services_s = endpoint.bend(services_s, day + share[minute], load[minute])
    responses_s = serve_given(
        arrivals_s=arrivals_s,
        services_s=services_s,
        choices=None if endpoint.least_outstanding else rng.random(minute.size),
        in_service=fleet.astype(np.int64),
        step_s=60.0,
        workers=endpoint.workers,
    )
    return counts, fleet, *_statistics(responses_s, counts)


def _statistics(responses_s: FloatArray, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Percentiles by the nearest rank, and means, of each minute. [us]"""
    percentiles = np.full((counts.size, len(FRACTIONS)), np.nan)
    means = np.full(counts.size, np.nan)
    ends = np.cumsum(counts)
    for row, (end, count) in enumerate(zip(ends, counts, strict=True)):
        if count:
            sample_us = np.sort(1e6 * responses_s[end - count : end])
            ranks = np.ceil(np.array(FRACTIONS) * count).astype(np.int64) - 1
            percentiles[row] = np.round(sample_us[ranks])
            means[row] = sample_us.mean()
    return percentiles, means
