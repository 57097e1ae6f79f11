"""Models, and problems made of them."""

import numpy as np
import pytest

from smcost.capacity import WorkersProfile
from smcost.multi_model import Hosted, Problem, zipf_shares
from smcost.queueing.service import ServiceTime
from smcost.replay.latency import LatencyTerms
from smcost.slo import Objective, Slo
from smcost.traffic.minutes import to_minutes
from smcost.traffic.synthetic import constant


@pytest.fixture(scope="session")
def hosted():
    """``hosted(50, 0.9)``: so many models of a Zipf law, of size 1 and a load of 2 s."""

    def of(count, exponent=0.9, *, size=None, load_s=2.0, share=None):
        return Hosted(
            names=tuple(f"m{number}" for number in range(count)),
            share=zipf_shares(count, exponent) if share is None else np.array(share),
            size_bytes=np.ones(count) if size is None else np.array(size, dtype=float),
            load_s=np.full(count, load_s) if np.isscalar(load_s) else np.array(load_s),
        )

    return of


@pytest.fixture(scope="session")
def problem(hosted):
    """``problem(count=100, memory=20, rps=5, p99_s=1)``: four workers of 45 ms, cv 0.5."""

    def of(models=None, *, count=100, exponent=0.9, memory=20.0, rps=5.0, load_s=2.0, **changes):
        limits = {0.95: changes.pop("p95_s", None), 0.99: changes.pop("p99_s", None)}
        objectives = tuple(
            Objective(fraction=fraction, limit_s=limit_s)
            for fraction, limit_s in limits.items()
            if limit_s is not None
        )
        given = {
            "hosted": models or hosted(count, exponent, load_s=load_s),
            "memory_bytes": memory,
            "profile": WorkersProfile(
                instance_type="ml.m5.xlarge", workers=4, service=ServiceTime(mean_s=0.045, cv=0.5)
            ),
            "minutes": to_minutes(constant(rps)),
            "terms": LatencyTerms(),
            "slo": Slo(objectives=objectives or (Objective(fraction=0.99, limit_s=1.0),)),
        }
        return Problem(**given | changes)

    return of
