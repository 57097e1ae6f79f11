"""Service times by percentiles and samples agree with themselves and with the laws they are of."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.errors import UsageError
from smcost.queueing.mgc import response_table
from smcost.queueing.service import ServiceLaw, ServiceTime
from smcost.queueing.service_measured import PercentileService, SampledService

FRACTIONS = (0.5, 0.9, 0.95, 0.99)


def through(law: ServiceTime, fractions=FRACTIONS) -> PercentileService:
    return PercentileService(
        fractions=fractions, latencies_s=tuple(law.quantile_s(fraction) for fraction in fractions)
    )


measured = st.lists(st.floats(0.05, 5.0), min_size=4, max_size=4).map(
    lambda times: PercentileService(fractions=FRACTIONS, latencies_s=tuple(sorted(times)))
)
sampled = st.lists(st.floats(0.01, 20.0), min_size=2, max_size=30).map(
    lambda times: SampledService(samples_s=np.array(times))
)


@pytest.mark.parametrize("cv", [0.2, 0.5, 1.0, 2.0])
def test_a_lognormal_law_is_reproduced_from_its_percentiles(cv):
    law = ServiceTime(mean_s=0.08, cv=cv)
    found = through(law)
    times_s = np.geomspace(0.001, 3.0, 50)
    assert found.mean_s == pytest.approx(law.mean_s, rel=1e-9)
    assert found.cv == pytest.approx(cv, rel=1e-9)
    assert found.cdf(times_s) == pytest.approx(law.cdf(times_s), abs=1e-12)
    assert found.excess_cdf(times_s) == pytest.approx(law.excess_cdf(times_s), abs=1e-9)
    assert found.quantile_s(0.999) == pytest.approx(law.quantile_s(0.999), rel=1e-9)


@settings(deadline=None, max_examples=50)
@given(st.one_of(measured, sampled))
def test_distribution_and_excess_rise_from_0_to_1(service):
    times_s = np.concatenate(([-1.0, 0.0], np.geomspace(1e-3, 1e7, 400)))
    for values in (service.cdf(times_s), service.excess_cdf(times_s)):
        assert values[:2].tolist() == [0.0, 0.0]
        assert np.all(np.diff(values) >= -1e-9)
        assert values[-1] == pytest.approx(1, abs=1e-3)


@settings(deadline=None, max_examples=50)
@given(measured)
def test_the_measured_percentiles_are_met(service):
    for fraction, time_s in zip(service.fractions, service.latencies_s, strict=True):
        assert service.quantile_s(fraction) == pytest.approx(time_s, rel=1e-6)


@settings(deadline=None, max_examples=30)
@given(st.one_of(measured, sampled), st.floats(0.05, 4.0))
def test_the_excess_is_the_integral_of_the_tail_over_the_mean(service, multiple):
    end_s = multiple * service.quantile_s(0.9)
    times_s = np.concatenate(([0.0], np.geomspace(1e-6 * end_s, end_s, 40_001)))
    integral = np.trapezoid(1 - service.cdf(times_s), times_s) / service.mean_s
    assert service.excess_cdf(np.array([end_s]))[0] == pytest.approx(integral, rel=2e-3, abs=1e-4)


@settings(deadline=None, max_examples=20)
@given(st.one_of(measured, sampled), st.integers(0, 2**32))
def test_samples_follow_the_distribution(service, seed):
    drawn_s = service.sample(np.random.default_rng(seed), 4000)
    # Dvoretzky-Kiefer-Wolfowitz: further than 0.05 with probability 4e-9.
    for at_s in {service.quantile_s(fraction) for fraction in (0.1, 0.5, 0.9)}:
        share = np.mean(drawn_s <= at_s * (1 + 1e-9))
        assert share == pytest.approx(service.cdf(np.array([at_s * (1 + 1e-9)]))[0], abs=0.05)


def test_samples_of_a_law_give_its_response_times():
    law = ServiceTime(mean_s=0.1, cv=0.5, law=ServiceLaw.GAMMA)
    samples_s = law.sample(np.random.default_rng(1), 20_000)
    found = response_table(SampledService(samples_s=samples_s), 4)
    exact = response_table(law, 4)
    for limit_s in (0.1, 0.2, 0.3):
        # 20,000 samples know a share of p to 4 sqrt(p (1 - p) / 20,000), at most 0.014.
        assert found.late_fraction(np.array([0.5, 0.7]), limit_s) == pytest.approx(
            exact.late_fraction(np.array([0.5, 0.7]), limit_s), abs=0.015
        )


def test_samples_by_hand():
    service = SampledService(samples_s=np.array([0.3, 0.1, 0.1, 0.3]))
    assert service.mean_s == pytest.approx(0.2)
    assert service.cv == pytest.approx(0.5)
    assert service.quantile_s(0.5) == 0.1
    assert service.quantile_s(0.51) == 0.3
    # (0.2 x 2 of 4 left + 0.1 + 0.1) / 0.8: half of the work is behind a job met at 0.2 s.
    assert service.excess_cdf(np.array([0.2]))[0] == pytest.approx(0.75)


@pytest.mark.parametrize("times_s", [(0.1, 0.1), (0.2, 0.2, 0.2)])
def test_equal_times_are_a_constant_service_time(times_s):
    by_percentiles = PercentileService(fractions=FRACTIONS[: len(times_s)], latencies_s=times_s)
    for service in (by_percentiles, SampledService(samples_s=np.array(times_s))):
        assert service.constant
        assert service.law is ServiceLaw.EMPIRICAL
        assert service.cv == pytest.approx(0, abs=1e-7)
        assert service.cdf(np.array([0.99, 1.0]) * times_s[0]).tolist() == [0, 1]


@settings(deadline=None, max_examples=30)
@given(st.one_of(measured, sampled), st.lists(st.floats(1e-6, 0.999), min_size=1, max_size=5))
def test_many_quantiles_are_those_taken_one_by_one(service, fractions):
    found_s = service.quantiles_s(np.array(fractions))
    assert found_s.tolist() == pytest.approx([service.quantile_s(share) for share in fractions])


@pytest.mark.parametrize("beyond", [0.6, 0.3, 0.015, 1e-3])
def test_what_is_exceeded_is_the_quantile_from_the_other_end(beyond):
    samples = SampledService(samples_s=np.arange(1.0, 201.0))
    for service in (through(ServiceTime(mean_s=0.1, cv=0.7)), samples):
        (upper_s,) = service.upper_quantiles_s(np.array([beyond]))
        assert upper_s == pytest.approx(service.quantile_s(1 - beyond), rel=1e-9)


@pytest.mark.parametrize(
    ("fractions", "latencies_s"),
    [
        ((0.5,), (1.0,)),
        ((0.5, 0.9), (1.0,)),
        ((0.9, 0.5), (1.0, 2.0)),
        ((0.5, 1.0), (1.0, 2.0)),
        ((0.5, 0.9), (2.0, 1.0)),
        ((0.5, 0.9), (0.0, 1.0)),
        ((0.5, 0.9), (1.0, float("inf"))),
        ((0.9, 0.95), (0.001, 20.0)),
    ],
)
def test_percentiles_that_are_none_are_refused(fractions, latencies_s):
    with pytest.raises(UsageError, match="no distribution"):
        PercentileService(fractions=fractions, latencies_s=latencies_s)


@pytest.mark.parametrize("samples_s", [[], [1.0], [0.0, 1.0], [1.0, float("nan")]])
def test_samples_that_are_none_are_refused(samples_s):
    with pytest.raises(UsageError, match="no distribution"):
        SampledService(samples_s=np.array(samples_s))


def test_an_empirical_law_has_no_mean_and_cv_of_its_own():
    with pytest.raises(UsageError, match="not given by mean"):
        ServiceTime(mean_s=1.0, cv=0.5, law=ServiceLaw.EMPIRICAL)
