"""Small problems to recommend for; every field can be changed."""

from decimal import Decimal

import numpy as np
import pytest

from smcost.capacity import WorkersProfile
from smcost.cost import Tariff
from smcost.queueing.service import ServiceTime
from smcost.recommend.problem import Pins, Problem
from smcost.replay.counts import Delays
from smcost.replay.latency import LatencyTerms
from smcost.slo import Objective, Slo
from smcost.traffic.minutes import MinuteCounts

T0 = 1_704_067_200  # Monday 2024-01-01T00:00Z
#: 2 workers of 0.5 s: 240 invocations a minute keep one instance busy all the time.
PROFILE = WorkersProfile(
    instance_type="ml.m5.xlarge", workers=2, service=ServiceTime(mean_s=0.5, cv=0.5)
)


def build_problem(counts, *, p99_s=2.0, start_s=T0, pins=None, slo=None, **changes):
    counts = np.array(counts, dtype=np.int64)
    values = {
        "minutes": MinuteCounts(
            start_s=start_s + 60 * np.arange(counts.size), invocations=counts
        ),
        "profile": PROFILE,
        "slo": slo or Slo(objectives=(Objective(fraction=0.99, limit_s=p99_s),)),
        "terms": LatencyTerms(),
        "delays": Delays(),
        "tariff": Tariff(instance_type="ml.m5.xlarge", usd_per_hour=Decimal("0.23")),
        "hours_per_month": Decimal(720),
        "pins": Pins(**pins or {}),
    }  # fmt: skip
    return Problem(**values | changes)


@pytest.fixture(scope="session")
def problem():
    """``problem(counts, p99_s=2.0, pins={...}, **fields)``."""
    return build_problem
