"""A month of traffic and forty instance types, all made up."""

import os
import platform
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from smcost.capacity import WorkersProfile
from smcost.cost import Tariff
from smcost.queueing.service import ServiceTime
from smcost.recommend.problem import Pins, Problem
from smcost.replay.counts import Delays
from smcost.replay.latency import LatencyTerms
from smcost.slo import Objective, Slo
from smcost.traffic.minutes import MinuteCounts

DAYS, TOTAL = 28, 484_000_000
_DAY = 1440
_MONDAY_S = 1_704_067_200
#: 14 bursts of an hour at most, each this many times what there would be.
_BURSTS, _BURST_MINUTES, _BURST_AT_MOST = 14, 60, 2.2
_WORKERS = (1, 2, 3, 4, 6, 8, 12, 16)
_MEANS_S = (0.02, 0.04, 0.06, 0.1, 0.15)
_CVS = (0.2, 0.5, 1.0)


class Row(NamedTuple):
    """A line of the table: what was measured, and whether it is what was wanted."""

    what: str
    figure: str
    ratio: str = ""
    goal: str = ""
    met: bool | None = None


def machine() -> str:
    """Cores, architecture, system and Python."""
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, "
        f"Python {platform.python_version()}"
    )


def traffic(days: int = DAYS, total: int = TOTAL) -> NDArray[np.int64]:
    """Requests of every minute: days, weekends and bursts, ``total`` of them."""
    rng = np.random.default_rng(1)
    minute = np.arange(days * _DAY)
    rate = 1 + 0.7 * np.cos(2 * np.pi * (minute % _DAY - 14 * 60) / _DAY)
    rate *= np.where(minute // _DAY % 7 >= 5, 0.6, 1.0)
    for begin in rng.integers(0, minute.size, max(1, _BURSTS * days // DAYS)):
        length = int(rng.integers(_BURST_MINUTES // 4, _BURST_MINUTES))
        rate[begin : begin + length] *= rng.uniform(1.3, _BURST_AT_MOST)
    counts = rng.poisson(rate / rate.sum() * total * 0.999)
    short = total - int(counts.sum())
    counts += rng.multinomial(max(short, 0), rate / rate.sum())
    return counts.astype(np.int64)


def problems(counts: NDArray[np.int64], types: Sequence[int], *, p99_s: float) -> list[Problem]:
    """The same question for each of the types, of which there are forty."""
    minutes = MinuteCounts(start_s=_MONDAY_S + 60 * np.arange(counts.size), invocations=counts)
    return [_problem(minutes, number, p99_s) for number in types]


def _problem(minutes: MinuteCounts, number: int, p99_s: float) -> Problem:
    workers, mean_s = _WORKERS[number % 8], _MEANS_S[number // 8]
    name = f"ml.made{number}.xlarge"
    # About as dear as it is fast, larger ones a little cheaper, and some luck.
    luck = np.exp(0.6 * np.sin(2.4 * number))
    usd = Decimal(f"{0.02 * (workers / mean_s) ** 0.9 * luck:.4f}")
    return Problem(
        minutes=minutes,
        profile=WorkersProfile(
            instance_type=name,
            workers=workers,
            service=ServiceTime(mean_s=mean_s, cv=_CVS[number % 3]),
        ),
        slo=Slo(objectives=(Objective(fraction=0.99, limit_s=p99_s),)),
        terms=LatencyTerms(),
        delays=Delays(),
        tariff=Tariff(instance_type=name, usd_per_hour=usd),
        hours_per_month=Decimal(720),
        pins=Pins(),
    )
