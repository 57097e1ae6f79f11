"""Batch transform's hours, models behind one endpoint, and the time of one request."""

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.capacity import LatencyOf, RatesProfile, SweepProfile, WorkersProfile
from smcost.errors import UsageError
from smcost.kinds.batch import batch_month
from smcost.kinds.service_time import service_time_s
from smcost.kinds.shared import Sharing, models_in_memory, shared_count
from smcost.queueing.service import ServiceTime


def month(invocations=25_920_000, jobs="30", startup_s=300.0, rps=4 / 0.09):
    return batch_month(
        invocations=Decimal(invocations),
        rps_per_instance=rps,
        jobs=Decimal(jobs),
        startup_s=startup_s,
        hours_per_month=Decimal(720),
    )


def test_the_hours_of_the_page():
    found = month()
    assert found.instances == 1
    assert float(found.instance_hours) == pytest.approx(164.5)
    assert float(found.hours_per_job) == pytest.approx(5.4833, abs=1e-4)


def test_as_few_instances_as_are_done_before_the_next_job():
    # 162 h of work a month, one job: 720 h are there. Ten times as much needs three.
    assert month(jobs="1").instances == 1
    found = month(invocations=259_200_000, jobs="1")
    assert found.instances == 3
    assert found.hours_per_job < 720


def test_more_jobs_are_more_start_ups_and_nothing_else():
    daily, hourly = month(jobs="30"), month(jobs="720")
    more = float(hourly.instance_hours - daily.instance_hours)
    assert more == pytest.approx(690 * 300 / 3600)


@settings(max_examples=20)
@given(st.integers(0, 10**9), st.integers(1, 700), st.integers(2, 9))
def test_work_is_linear_in_the_requests(invocations, jobs, times):
    once, more = (
        month(invocations=n, jobs=str(jobs), startup_s=0.0)
        for n in (invocations, times * invocations)
    )
    assert float(more.instance_hours) == pytest.approx(times * float(once.instance_hours))
    assert once.hours_per_job <= Decimal(720) / jobs + Decimal("1e-6")


@pytest.mark.parametrize("jobs", ["0", "-1", "NaN", "Infinity", "100001"])
def test_a_number_of_jobs_that_is_none(jobs):
    with pytest.raises(UsageError, match="no schedule"):
        month(jobs=jobs)


def test_jobs_that_do_not_fit_between_their_start_ups():
    with pytest.raises(UsageError, match="h to start"):
        month(jobs="8640")


@pytest.mark.parametrize(
    ("memory_gib", "model_bytes", "fits"),
    [(20.0, 2 * 2**30, 8), (20.0, 2**30 + 1, 15), (4.0, 5 * 2**30, 0), (None, 1, None)],
)
def test_models_in_memory(memory_gib, model_bytes, fits):
    assert models_in_memory(memory_gib, model_bytes) == fits


def test_without_the_size_of_a_model_it_is_not_known():
    assert models_in_memory(16.0, None) is None


@pytest.mark.parametrize(
    ("models", "count", "wanted"),
    [
        pytest.param(10, 2, 5, id="half used at most, as on the page"),
        pytest.param(2, 2, 2, id="room for both"),
        pytest.param(4, 1, 2, id="one alone is used by less than half"),
    ],
)
def test_the_fleet_for_several_models(models, count, wanted):
    counts = np.full(60, 600)
    assert shared_count(counts, models, count=count, per_instance=60 * 4 / 0.09) == wanted


@pytest.mark.parametrize(
    ("models", "in_memory", "wanted"),
    [(10, None, 1), (10, 10, 1), (10, 9, 2), (10, 6, 2), (10, 5, 2), (10, 4, 3), (10, 1, 10)],
)
def test_idle_models_take_the_instances_that_hold_them_all(models, in_memory, wanted):
    found = shared_count(
        np.zeros(5, dtype=int), models, count=1, per_instance=600.0, in_memory=in_memory
    )
    assert found == wanted


def test_traffic_or_memory_decides_whichever_wants_more():
    counts = np.full(3, 600)
    for in_memory, wanted in ((8, 3), (2, 5)):
        found = shared_count(counts, 10, count=1, per_instance=4000.0, in_memory=in_memory)
        assert found == wanted


def test_a_fleet_used_for_more_than_half_stays_as_used():
    # 80 % used: ten models want ten times as many.
    assert shared_count(np.array([8]), 10, count=1, per_instance=10.0) == 10


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.integers(2, 50), st.integers(1, 20))
def test_sharing_never_takes_more_than_fleets_of_their_own(peak, models, count):
    shared = shared_count(np.array([peak]), models, count=count, per_instance=600.0)
    assert count <= shared <= models * max(count, math.ceil(peak / 300.0))


@pytest.mark.parametrize("models", [1, 0, 100_001])
def test_a_number_of_models_that_shares_nothing(models):
    with pytest.raises(UsageError, match="do not share"):
        Sharing(models=models)


def sweep(means_s):
    return SweepProfile(
        instance_type="ml.g5.xlarge",
        concurrency=np.array([2.0, 8.0]),
        throughput_rps=np.array([4.0, 10.0]),
        fractions=np.array([0.99]),
        latencies_s=np.array([[0.6], [1.0]]),
        error_rate=np.zeros(2),
        requests=np.zeros(2),
        means_s=np.array(means_s),
    )


def rates(fractions, **more):
    return RatesProfile(
        instance_type="ml.c5.xlarge",
        offered_rps=np.array([10.0, 20.0]),
        fractions=np.array(fractions),
        latencies_s=np.array([[0.05, 0.09], [0.04, 0.2]])[:, -len(fractions) :],
        error_rate=np.zeros(2),
        requests=np.zeros(2),
        **more,
    )


@pytest.mark.parametrize(
    ("profile", "wanted"),
    [
        pytest.param(
            WorkersProfile(
                instance_type="ml.m5.xlarge", workers=4, service=ServiceTime(mean_s=0.09, cv=0.5)
            ),
            0.09,
            id="workers",
        ),
        pytest.param(sweep([0.45, 0.8]), 0.45, id="sweep with means"),
        pytest.param(sweep([math.nan, 0.8]), 0.5, id="sweep by Little"),
        pytest.param(rates([0.5, 0.99]), 0.04, id="rates with a median"),
        pytest.param(rates([0.99]), None, id="rates without"),
        pytest.param(rates([0.5, 0.99], latency_of=LatencyOf.FIRST_BYTE), None, id="first byte"),
    ],
)
def test_the_time_of_one_request(profile, wanted):
    found, told = service_time_s(profile)
    assert found == (None if wanted is None else pytest.approx(wanted))
    assert ("not known" in told) == (wanted is None)
