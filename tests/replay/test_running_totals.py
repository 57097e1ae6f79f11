"""A fleet judged by running totals has the verdict of its minutes, one by one."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.capacity import RatesProfile, Routing, SweepProfile, WorkersProfile
from smcost.queueing.service import ServiceTime
from smcost.replay import running_totals
from smcost.replay.latency import LatencyTerms, loads
from smcost.replay.running_totals import RunningTotals
from smcost.replay.verdict import hopeless, judge, limits_s, verdict
from smcost.slo import Objective, Slo, SloWindow

#: 22:40 on a Monday, so that hours and days end within a short trace.
T0 = 1_704_150_000
WORKERS = WorkersProfile(
    instance_type="ml.m5.xlarge", workers=2, service=ServiceTime(mean_s=0.5, cv=0.5)
)
MEASURED = {
    "instance_type": "ml.m5.xlarge",
    "fractions": np.array([0.5, 0.95, 0.99]),
    "latencies_s": np.array([[0.4, 0.8, 1.0], [0.6, 1.2, 2.0]]),
    "error_rate": np.array([0.0, 0.01]),
    "requests": np.zeros(2),
}
RATES = RatesProfile(offered_rps=np.array([2.0, 4.0]), **MEASURED)
SWEEP = SweepProfile(
    concurrency=np.array([1.0, 4.0]),
    throughput_rps=np.array([2.0, 5.0]),
    means_s=np.full(2, np.nan),
    **MEASURED,
)

stretches = st.lists(
    st.tuples(st.integers(1, 5), st.integers(1, 40), st.integers(0, 1_500)), min_size=1, max_size=6
)
slos = st.builds(
    Slo,
    objectives=st.sampled_from(
        [
            (Objective(fraction=0.99, limit_s=2.0),),
            (Objective(fraction=0.95, limit_s=1.3), Objective(fraction=0.99, limit_s=2.5)),
        ]
    ),
    window=st.sampled_from(list(SloWindow)),
    spared=st.integers(0, 1),
    max_failed=st.sampled_from([0.0, 0.001, 0.02]),
)
terms = st.builds(
    LatencyTerms,
    overhead_s=st.sampled_from([0.0, 0.1]),
    timeout_s=st.sampled_from([5.0, 60.0]),
    drops_timed_out=st.booleans(),
)


@settings(max_examples=100, deadline=None)
@given(
    stretches,
    slos,
    terms,
    st.sampled_from([WORKERS, RATES, SWEEP]),
    st.sampled_from(Routing),
    st.sampled_from([0, 64]),
)
def test_the_verdict_is_that_of_the_minutes(found, slo, terms, profile, routing, many):
    counts, minutes, levels = (
        np.array(column, dtype=np.int64) for column in zip(*found, strict=True)
    )
    invocations, in_service = np.repeat(levels, minutes), np.repeat(counts, minutes)
    start_s = T0 + 60 * np.arange(invocations.size)
    one_by_one = judge(
        loads(
            invocations=invocations,
            in_service=in_service,
            window=slo.window.number(start_s),
            profile=profile,
            terms=terms,
            routing=routing,
        ),
        slo,
    )
    totals = RunningTotals(
        invocations=invocations,
        start_s=start_s,
        profile=profile,
        terms=terms,
        routing=routing,
        limits_s=limits_s(slo),
    )
    with patch.object(running_totals, "_MANY_SIZES", many):
        steady = totals.steady(counts, minutes)
    found = verdict(totals.by(slo.window, totals.sums(steady, in_service)), slo)
    assert found.slack == pytest.approx(one_by_one.slack, rel=1e-6, abs=1e-6)
    if abs(one_by_one.slack) > 1e-6:
        assert found.met == one_by_one.met
    # Without its backlogs a fleet is no slower.
    assert found.slack <= verdict(totals.by(slo.window, steady), slo).slack + 1e-9
    if hopeless(totals.by(slo.window, steady), slo):
        assert not found.met


def test_running_totals_that_do_not_fit_are_computed_again(monkeypatch):
    monkeypatch.setattr("smcost.replay.running_totals._MEMORY", 1)
    invocations = np.array([300, 500, 700, 200])
    totals = RunningTotals(
        invocations=invocations,
        start_s=T0 + 60 * np.arange(4),
        profile=WORKERS,
        terms=LatencyTerms(),
        routing=Routing.RANDOM,
        limits_s=(2.0, float("inf")),
    )
    first, _, again = (totals.steady(np.array([n]), np.array([4])) for n in (2, 3, 2))
    assert first.doubtful.tolist() == again.doubtful.tolist()
    assert len(totals._totals) == 1
