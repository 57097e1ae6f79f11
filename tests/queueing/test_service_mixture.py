"""Requests of several kinds on the same workers: by hand, by their laws, and against events."""

import heapq

import numpy as np
import pytest

from smcost.errors import UsageError
from smcost.queueing.mgc import response_table
from smcost.queueing.service import ServiceLaw, ServiceTime
from smcost.queueing.service_mixture import MixedService, mixed

EACH = ServiceTime(mean_s=1.0, cv=0.5)
RARE = mixed(np.array([0.98, 0.02]), np.array([0.01, 3.0]), EACH)


def test_mean_and_variance_by_hand():
    """Three quarters of 1 s, a quarter of 5 s: mean 2 s, variance 0.75 + 0.25 x 9 = 3 s^2."""
    found = mixed(np.array([3.0, 1.0]), np.array([1.0, 5.0]), ServiceTime(mean_s=1.0, cv=0.0))
    assert found.mean_s == pytest.approx(2.0)
    assert found.cv == pytest.approx(np.sqrt(3) / 2)
    assert not found.constant
    assert found.law is ServiceLaw.EMPIRICAL


def test_the_distribution_is_the_weighted_sum():
    time_s = np.array([-1.0, 0.0, 0.01, 1.0, 3.0])
    fast, slow = (ServiceTime(mean_s=mean_s, cv=0.5) for mean_s in (0.01, 3.0))
    assert RARE.cdf(time_s) == pytest.approx(0.98 * fast.cdf(time_s) + 0.02 * slow.cdf(time_s))


def test_the_slow_kind_is_met_in_service_by_its_work():
    """0.02 x 3 s of 0.0698 s: 86 % of the requests met in service are slow ones."""
    assert RARE.excess_cdf(np.array([0.1]))[0] == pytest.approx(0.14 + 0.86 * 0.0333, abs=0.01)
    assert RARE.excess_cdf(np.array([100.0]))[0] == pytest.approx(1.0)


def test_the_excess_is_the_integral_of_what_is_left():
    time_s = np.linspace(0.0, 4.0, 4001)
    beyond = 1 - RARE.cdf(time_s)
    summed_s = np.concatenate(([0.0], np.cumsum((beyond[1:] + beyond[:-1]) / 2) * 0.001))
    assert RARE.excess_cdf(time_s) == pytest.approx(summed_s / RARE.mean_s, abs=0.02)


@pytest.mark.parametrize("law", [ServiceLaw.LOGNORMAL, ServiceLaw.GAMMA])
def test_quantiles_invert_the_distribution(law):
    each = ServiceTime(mean_s=1.0, cv=0.5, law=law)
    found = mixed(np.array([0.5, 0.3, 0.2]), np.array([0.02, 0.3, 2.0]), each)
    fractions = np.array([0.01, 0.3, 0.5, 0.7, 0.95, 0.99, 0.99999])
    quantiles_s = found.quantiles_s(fractions)
    assert found.cdf(quantiles_s) == pytest.approx(fractions, abs=1e-9)
    assert np.all(np.diff(quantiles_s) > 0)
    assert found.upper_quantiles_s(1 - fractions) == pytest.approx(quantiles_s)
    assert found.quantile_s(0.95) == pytest.approx(quantiles_s[4])


def test_quantiles_of_constant_kinds_are_their_times():
    found = mixed(np.array([0.9, 0.1]), np.array([1.0, 5.0]), ServiceTime(mean_s=1.0, cv=0.0))
    assert found.quantiles_s(np.array([0.1, 0.89, 0.91])) == pytest.approx([1.0, 1.0, 5.0])


def test_samples_are_of_the_law():
    drawn_s = RARE.sample(np.random.default_rng(1), 200_000)
    assert drawn_s.mean() == pytest.approx(RARE.mean_s, rel=0.03)
    assert np.mean(drawn_s > 0.5) == pytest.approx(0.02, rel=0.05)
    assert np.quantile(drawn_s, 0.5) == pytest.approx(RARE.quantile_s(0.5), rel=0.01)


def test_kinds_that_take_the_same_time_are_one_law():
    found = mixed(np.array([0.5, 0.2, 0.3]), np.array([2.0, 2.0, 2.0]), EACH)
    assert found == ServiceTime(mean_s=2.0, cv=0.5)


def test_a_kind_without_requests_is_left_out():
    found = mixed(np.array([0.5, 0.0, 0.5]), np.array([1.0, 99.0, 3.0]), EACH)
    assert found == MixedService(weights=(0.5, 0.5), means_s=(1.0, 3.0), cv_of_each=0.5)
    assert hash(found) == hash(MixedService(weights=(0.5, 0.5), means_s=(1, 3), cv_of_each=0.5))


def test_very_many_kinds_are_taken_together_and_keep_the_mean():
    rng = np.random.default_rng(2)
    weights, means_s = rng.random(5_000), 10 ** rng.uniform(-2, 1, 5_000)
    found = mixed(weights, means_s, EACH)
    assert isinstance(found, MixedService)
    assert len(found.means_s) <= 64
    assert found.mean_s == pytest.approx(weights @ means_s / weights.sum())
    drawn_s = EACH.sample(rng, 400_000) * rng.choice(means_s, 400_000, p=weights / weights.sum())
    for fraction in (0.5, 0.95, 0.99):
        assert found.quantile_s(fraction) == pytest.approx(np.quantile(drawn_s, fraction), rel=0.02)


NONSENSE = {
    "no part of the requests": ((0.0, 1.0), (1.0, 1.0)),
    "not all requests": ((0.5, 0.4), (1.0, 2.0)),
    "no time": ((0.5, 0.5), (0.0, 2.0)),
    "a time too few": ((0.5, 0.5), (1.0,)),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_refused(name):
    weights, means_s = NONSENSE[name]
    with pytest.raises(UsageError, match="no distribution"):
        MixedService(weights=weights, means_s=means_s, cv_of_each=0.5)


def answered_s(at_s, served_s, workers):
    """Latencies of one queue in front of workers, first come first served."""
    free_s, found = [0.0] * workers, []
    for now_s, takes_s in zip(at_s.tolist(), served_s.tolist(), strict=True):
        done_s = max(now_s, free_s[0]) + takes_s
        heapq.heapreplace(free_s, done_s)
        found.append(done_s - now_s)
    return np.array(found)


@pytest.mark.parametrize(
    ("workers", "rps", "off"), [(4, 4.0, 0.03), (4, 30.0, 0.08), (2, 8.0, 0.08)]
)
def test_percentiles_agree_with_events(workers, rps, off):
    """98 % of 10 ms and 2 % of 3 s: p95 and p99 are far from those of one law of two moments."""
    rng = np.random.default_rng(3)
    at_s = np.cumsum(rng.exponential(1 / rps, 200_000))
    latency_s = answered_s(at_s, RARE.sample(rng, at_s.size), workers)
    table = response_table(RARE, workers)
    busy = np.array([rps * RARE.mean_s / workers])
    for fraction in (0.9, 0.95, 0.99):
        limit_s = float(np.quantile(latency_s, fraction))
        late = float(table.late_fraction(busy, limit_s)[0])
        assert late == pytest.approx(1 - fraction, rel=off)
