"""Service time laws agree with themselves: distribution, excess, quantiles and samples."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.errors import UsageError
from smcost.queueing.service import ServiceLaw, ServiceTime

VARIABLE_LAWS = (ServiceLaw.LOGNORMAL, ServiceLaw.GAMMA)
#: A millisecond to a minute; constant (0) to wilder than any load test (3).
services = st.builds(
    ServiceTime,
    mean_s=st.floats(1e-3, 60.0),
    cv=st.one_of(st.just(0.0), st.floats(0.05, 3.0)),
    law=st.sampled_from(VARIABLE_LAWS),
)
fractions = st.floats(0.001, 0.9999)


@settings(deadline=None)
@given(services.filter(lambda service: not service.constant), fractions)
def test_the_quantile_inverts_the_distribution(service, fraction):
    at_s = np.array([service.quantile_s(fraction)])
    assert service.cdf(at_s)[0] == pytest.approx(fraction, rel=1e-6)


@settings(deadline=None)
@given(services)
def test_distribution_and_excess_rise_from_0_to_1(service):
    times_s = service.mean_s * np.concatenate(([-1.0, 0.0], np.geomspace(1e-3, 1e4, 200)))
    for values in (service.cdf(times_s), service.excess_cdf(times_s)):
        assert values[:2].tolist() == [0.0, 0.0]
        assert np.all(np.diff(values) >= -1e-9)
        assert values.max() <= 1
        assert values[-1] == pytest.approx(1, abs=1e-3)


@settings(deadline=None, max_examples=50)
@given(services, st.floats(0.01, 5.0))
def test_the_excess_is_the_integral_of_the_tail_over_the_mean(service, multiple):
    end_s = multiple * service.mean_s
    # Log spacing resolves the steep start of high cv; below it the tail is taken as 1.
    times_s = np.concatenate(([0.0], np.geomspace(1e-7 * end_s, end_s, 20_001)))
    integral = np.trapezoid(1 - service.cdf(times_s), times_s) / service.mean_s
    assert service.excess_cdf(np.array([end_s]))[0] == pytest.approx(integral, rel=2e-3)


@settings(deadline=None, max_examples=40)
@given(services, st.integers(0, 2**32))
def test_samples_follow_the_distribution(service, seed):
    if service.constant:
        assert set(service.sample(np.random.default_rng(seed), 7)) == {service.mean_s}
        return
    samples_s = service.sample(np.random.default_rng(seed), 4000)
    # Dvoretzky-Kiefer-Wolfowitz: further than 0.05 with probability 2 exp(-2 n 0.05^2) = 4e-9.
    for fraction in (0.1, 0.5, 0.9):
        below = np.mean(samples_s <= service.quantile_s(fraction))
        assert below == pytest.approx(fraction, abs=0.05)


@pytest.mark.parametrize("law", VARIABLE_LAWS)
@pytest.mark.parametrize("cv", [0.2, 0.5, 1.0, 2.0])
def test_mean_and_cv_of_samples_are_within_four_standard_errors(law, cv):
    service = ServiceTime(mean_s=0.25, cv=cv, law=law)
    rng = np.random.default_rng(7)
    runs = np.array([service.sample(rng, 20_000) for _ in range(25)])
    for estimates, truth in (
        (runs.mean(axis=1), 0.25),
        # The variance is estimated about the true mean: unbiased, unlike its square root.
        (((runs - 0.25) ** 2).mean(axis=1), (0.25 * cv) ** 2),
    ):
        standard_error = estimates.std(ddof=1) / math.sqrt(estimates.size)
        assert abs(estimates.mean() - truth) < 4 * standard_error


def test_gamma_with_cv_1_is_the_exponential():
    service = ServiceTime(mean_s=2.0, cv=1.0, law=ServiceLaw.GAMMA)
    times_s = np.linspace(0, 20, 50)
    assert service.cdf(times_s) == pytest.approx(1 - np.exp(-times_s / 2))
    # Memoryless: who is met in service still needs a whole service time.
    assert service.excess_cdf(times_s) == pytest.approx(1 - np.exp(-times_s / 2))
    assert service.quantile_s(0.99) == pytest.approx(2 * math.log(100))


def test_the_lognormal_has_its_textbook_quantiles():
    # Median = mean / sqrt(1 + cv^2); p99 = median exp(2.32635 sqrt(ln(1 + cv^2))).
    service = ServiceTime(mean_s=1.0, cv=1.0)
    assert service.quantile_s(0.5) == pytest.approx(1 / math.sqrt(2))
    assert service.quantile_s(0.99) == pytest.approx(
        math.exp(2.3263478740408408 * math.sqrt(math.log(2))) / math.sqrt(2)
    )


@pytest.mark.parametrize(
    ("law", "cv"),
    [
        *((law, 0.0) for law in ServiceLaw if law != "empirical"),
        *((law, 1e-200) for law in VARIABLE_LAWS),
    ],
)
def test_without_variation_every_law_is_constant(law, cv):
    service = ServiceTime(mean_s=0.2, cv=cv, law=law)
    assert service.constant
    assert service.quantile_s(0.01) == service.quantile_s(0.99) == 0.2
    assert service.cdf(np.array([0.1999, 0.2])).tolist() == [0.0, 1.0]
    # Met in service, the rest of a constant time is uniform.
    assert service.excess_cdf(np.array([0.05, 0.1, 0.3])).tolist() == [0.25, 0.5, 1.0]


@pytest.mark.parametrize("mean_s", [0.0, -1.0, math.inf, math.nan])
def test_a_mean_that_is_no_time_is_refused(mean_s):
    with pytest.raises(UsageError, match="is not a positive time"):
        ServiceTime(mean_s=mean_s, cv=1.0)


@pytest.mark.parametrize("cv", [-0.1, 20.1, math.inf, math.nan])
def test_a_coefficient_of_variation_that_is_none_is_refused(cv):
    with pytest.raises(UsageError, match="outside 0 to 20"):
        ServiceTime(mean_s=1.0, cv=cv)


def test_a_deterministic_time_that_varies_is_refused():
    with pytest.raises(UsageError, match="cannot have a coefficient of variation"):
        ServiceTime(mean_s=1.0, cv=0.5, law=ServiceLaw.DETERMINISTIC)
