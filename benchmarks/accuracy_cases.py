"""Traces on autoscaled fleets, for which ``accuracy.py`` compares percentiles."""

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smcost.capacity import Routing, WorkersProfile
from smcost.queueing.exact.replay import MOST_PER_MINUTE
from smcost.queueing.service import ServiceLaw, ServiceTime
from smcost.read.traffic_csv import read_traffic
from smcost.replay.counts import Delays, replay_counts
from smcost.replay.exact_loads import Replay, station_of
from smcost.replay.latency import LatencyTerms, Loads, loads
from smcost.scaling import TargetTracking
from smcost.traffic.minutes import to_minutes
from smcost.traffic.trace import Trace

IntArray = NDArray[np.int64]

SEED = 20261124
NAMES = (
    "azure_llm_conv_2023",
    "gentd26_diffusion_qps",
    "mooncake_conversation",
    "nab_elb_request_count",
    "nab_twitter_amzn",
    "nasa_http_1995",
    "servegen_m-large",
    "servegen_mm-image",
    "wc98_may",
)
LAWS = (
    (ServiceLaw.LOGNORMAL, 0.5),
    (ServiceLaw.GAMMA, 1.0),
    (ServiceLaw.DETERMINISTIC, 0.0),
    (ServiceLaw.LOGNORMAL, 2.0),
)
SERVICES_S = (0.02, 0.2, 2.0, 20.0)
WORKERS = (1, 2, 4, 8, 16)
TARGETS = (0.25, 0.35, 0.45, 0.55, 0.65, 0.75)
FLEETS = (1.5, 3.0, 6.0, 12.0)
#: Utilisation that the minimum alone leaves in a busy minute; infinite: a minimum of 1, so that
#: every rise is met late.
HEADROOMS = (0.45, 0.55, 0.65, 0.8, math.inf)
#: Share of the minutes that are less busy than that one.
BUSY = (0.95, 0.999)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A trace on an autoscaled fleet."""

    name: str
    profile: WorkersProfile
    target: float
    counts: IntArray
    in_service: IntArray

    @property
    def timeout_s(self) -> float:
        """Late enough for every percentile of stable fleets."""
        return min(4000.0, max(60.0, 150 * self.profile.service.mean_s))

    @property
    def screened(self) -> Loads:
        """As screening has it."""
        return loads(
            invocations=self.counts,
            in_service=self.in_service,
            window=np.zeros_like(self.counts),
            profile=self.profile,
            terms=LatencyTerms(timeout_s=self.timeout_s),
        )

    def replay(self, seed: int) -> Replay:
        """What replays it."""
        return Replay(
            invocations=self.counts,
            window=np.zeros_like(self.counts),
            station=station_of(self.profile),
            routing=Routing.RANDOM,
            terms=LatencyTerms(timeout_s=self.timeout_s),
            limits_s=(math.inf,),
            seed=seed,
        )


def cases(folder: Path, quick: bool) -> Iterator[Case]:
    """Traces x laws x service times; workers, targets and fleets are drawn."""
    rng = np.random.default_rng(SEED)
    for name in NAMES:
        path = folder / f"{name}.csv"
        if not path.is_file():
            print(f"skipped: no {path}", file=sys.stderr)
            continue
        trace, _ = read_traffic(path)
        for number, ((law, cv), mean_s) in enumerate(product(LAWS, SERVICES_S)):
            workers, target, fleet, headroom, busy = (
                float(rng.choice(given)) for given in (WORKERS, TARGETS, FLEETS, HEADROOMS, BUSY)
            )
            if quick and number % 5:
                continue
            profile = WorkersProfile(
                instance_type="ml.m5.xlarge",
                workers=round(workers),
                service=ServiceTime(mean_s=mean_s, cv=cv, law=law),
            )
            most = 2e6 if quick else 1e7
            yield _case(name, trace, profile, target, fleet, (headroom, busy), rng, most)


def _case(
    name: str,
    trace: Trace,
    profile: WorkersProfile,
    target: float,
    fleet: float,
    room: tuple[float, float],
    rng: np.random.Generator,
    most: float,
) -> Case:
    """The trace scaled so that ``fleet`` instances are needed on average, around its peak."""
    target_per_minute = target * profile.max_per_minute
    per_minute = fleet * target_per_minute
    minutes = to_minutes(trace).invocations
    # A minute beyond that is not replayed.
    factor = min(per_minute / float(minutes.mean()), MOST_PER_MINUTE / float(minutes.max()))
    if factor < 1:
        # Thinned, not rounded: fewer requests are no more regular.
        counts = rng.binomial(minutes, factor).astype(np.int64)
    else:
        counts = to_minutes(trace.scaled(factor)).invocations
    length = max(1440, min(10_080, round(most / per_minute)))
    first = max(0, min(int(np.argmax(counts)) - length // 2, counts.size - length))
    counts = np.ascontiguousarray(counts[first : first + length])
    headroom, busy = room
    most_busy = float(np.quantile(counts, busy)) / profile.max_per_minute
    policy = TargetTracking(
        target_per_minute=target_per_minute,
        minimum=max(1, math.ceil(most_busy / headroom)),
        maximum=10_000,
    )
    in_service = replay_counts(counts, policy, Delays()).in_service
    return Case(name=name, profile=profile, target=target, counts=counts, in_service=in_service)
