"""What is written as a capacity CSV is read as the same capacity."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.capacity import LatencyOf, RateOf, RatesProfile, SweepProfile, WorkersProfile
from smcost.emit.capacity_csv import capacity_csv
from smcost.errors import UsageError
from smcost.queueing.service import ServiceLaw, ServiceTime
from smcost.queueing.service_measured import PercentileService, SampledService
from smcost.read.capacity_csv import parse_capacity

CLOSE = 1e-8


def rates(levels=(10.0, 20.0), errors_known=True):
    return RatesProfile(
        instance_type="ml.m5.large",
        offered_rps=np.array(levels),
        fractions=np.array([0.5, 0.99]),
        latencies_s=np.array([[0.01, 0.02 + 0.001 * level] for level in range(len(levels))]),
        error_rate=np.full(len(levels), 0.001 if errors_known else 0.0),
        requests=np.zeros(len(levels)),
        latency_of=LatencyOf.MODEL,
        errors_known=errors_known,
    )


def sweep():
    return SweepProfile(
        instance_type="ml.g5.xlarge",
        concurrency=np.array([1.0, 4.0]),
        throughput_rps=np.array([1 / 3, 1.1]),
        fractions=np.array([0.5, 0.9, 0.95, 0.99]),
        latencies_s=np.array([[1.0, 2.0, 3.0, 4.0], [2.0, 3.0, 4.0, 5.0]]),
        error_rate=np.zeros(2),
        requests=np.array([30.0, 0.0]),
        means_s=np.array([1.5, np.nan]),
    )


SERVICES = {
    "law": ServiceTime(mean_s=0.045, cv=0.5, law=ServiceLaw.GAMMA),
    "percentiles": PercentileService(fractions=(0.5, 0.99), latencies_s=(0.04, 0.09)),
    "samples": SampledService(samples_s=np.array([0.04, 0.05, 0.09])),
}


def back(profile, comments=()):
    [read] = parse_capacity(capacity_csv([profile], comments), "x.csv").values()
    return read


def test_a_rate_of_saturation_is_read_back_as_one_and_offered_is_not_written():
    saturated = replace(rates(), rate_of=RateOf.SATURATION)
    assert back(saturated).rate_of is RateOf.SATURATION
    assert "rate_of" not in capacity_csv([rates()])
    assert back(rates()).rate_of is RateOf.OFFERED


def columns(text):
    return next(csv.reader(io.StringIO(text)))


def test_a_sweep_has_what_was_measured_and_no_more():
    text = capacity_csv([sweep()], ["made by a test"])
    assert text.splitlines() == [
        "# made by a test",
        "instance_type,concurrency,throughput_rps,mean_ms,p50_ms,p90_ms,p95_ms,p99_ms,error_rate,n,"
        "latency_of",
        "ml.g5.xlarge,1,0.333333333,1500,1000,2000,3000,4000,0,30,total",
        "ml.g5.xlarge,4,1.1,,2000,3000,4000,5000,0,,total",
    ]
    read = back(sweep())
    np.testing.assert_allclose(read.throughput_rps, sweep().throughput_rps, rtol=CLOSE)
    np.testing.assert_allclose(read.latencies_s, sweep().latencies_s, rtol=CLOSE)
    np.testing.assert_allclose(read.means_s, sweep().means_s, rtol=CLOSE)
    assert read.requests.tolist() == [30, 0]


def test_unknown_failures_stay_unknown():
    assert "error_rate" not in capacity_csv([rates(errors_known=False)])
    assert not back(rates(errors_known=False)).errors_known
    assert back(rates()).errors_known


@pytest.mark.parametrize("name", SERVICES)
def test_workers_by_law_by_percentiles_and_by_samples(name):
    profile = WorkersProfile(
        instance_type="ml.m5.large",
        workers=4,
        service=SERVICES[name],
        latency_of=LatencyOf.MODEL,
    )
    read = back(profile)
    assert (read.workers, read.latency_of) == (4, LatencyOf.MODEL)
    assert read.service.law is profile.service.law
    assert read.service.mean_s == pytest.approx(profile.service.mean_s, rel=CLOSE)
    assert read.service.cv == pytest.approx(profile.service.cv, rel=1e-6)


def test_a_comment_stays_one_line_and_a_comma_is_no_cell():
    text = capacity_csv([rates()], ["from a, b\nand c"])
    assert text.splitlines()[0] == "# from a, b and c"
    assert back(rates(), ["# twice", "x,y\r\nz"]).max_rps == 20


def test_profiles_of_several_kinds_are_refused():
    with pytest.raises(UsageError, match="one kind"):
        capacity_csv([rates(), sweep()])


@given(st.data())
def test_import_then_read_gives_the_same_numbers(data):
    """Whatever levels a test had: nine digits come back."""
    number = data.draw(st.integers(1, 6))
    steps = data.draw(st.lists(st.floats(1e-3, 1e3), min_size=number, max_size=number))
    columns_drawn = data.draw(st.sets(st.sampled_from([0.5, 0.9, 0.95, 0.99]), min_size=1))
    latencies = data.draw(
        st.lists(
            st.lists(st.floats(1e-4, 60), min_size=len(columns_drawn), max_size=len(columns_drawn)),
            min_size=number,
            max_size=number,
        )
    )
    profile = RatesProfile(
        instance_type="ml.m5.large",
        offered_rps=np.cumsum(steps),
        fractions=np.array(sorted(columns_drawn)),
        latencies_s=np.sort(np.array(latencies), axis=1),
        error_rate=np.array(data.draw(st.lists(st.floats(0, 1), min_size=number, max_size=number))),
        requests=np.array(
            data.draw(st.lists(st.integers(0, 10**6), min_size=number, max_size=number)),
            dtype=float,
        ),
    )
    read = back(profile)
    for name in ("offered_rps", "fractions", "latencies_s", "error_rate", "requests"):
        np.testing.assert_allclose(
            getattr(read, name), getattr(profile, name), rtol=CLOSE, err_msg=name
        )
