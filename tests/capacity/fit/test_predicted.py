"""What the formulas say a cell should have measured, against closed forms."""

import math

import numpy as np
import pytest

from smcost.capacity.fit.cells import Cells
from smcost.capacity.fit.predicted import prediction
from smcost.capacity.fit.simulated import simulated_statistics
from smcost.capacity.profile import Routing
from smcost.queueing.service import ServiceLaw, ServiceTime

FRACTIONS = np.array([0.5, 0.9, 0.95, 0.99])


def cells(rates_rps, *, instances=1, requests=1e9, minutes=400):
    rates_rps = np.asarray(rates_rps, dtype=np.float64)
    size = rates_rps.size
    return Cells(
        step_s=60,
        level=np.arange(size),
        instances=np.full(size, instances),
        rates_rps=tuple(np.full(minutes, rate) for rate in rates_rps),
        rate_rps=rates_rps,
        requests=np.broadcast_to(np.asarray(requests, dtype=float), (size,)).copy(),
        fractions=FRACTIONS,
        statistics=np.zeros((size, 5)),
        covariance=np.tile(np.eye(5), (size, 1, 1)),
        member=np.empty(0, dtype=np.int64),
    )


@pytest.mark.parametrize("mean_s", [0.05, 1.0, 7.0])
@pytest.mark.parametrize("rho", [0.3, 0.6, 0.8])
def test_exponential_service_on_one_worker_is_exponential(mean_s, rho):
    """M/M/1: the response is exponential with mean S / (1 - rho)."""
    tables = prediction(cells([rho / mean_s]), ServiceLaw.GAMMA, 1, 1.0, Routing.RANDOM)
    found = np.exp(tables.at(math.log(mean_s), 0.0))[0]
    mean = mean_s / (1 - rho)
    expected = [mean, *(-math.log(1 - fraction) * mean for fraction in FRACTIONS)]
    assert found == pytest.approx(expected, rel=0.02)


def test_without_load_the_percentiles_are_those_of_the_service_time():
    service = ServiceTime(mean_s=0.2, cv=0.7)
    tables = prediction(cells([1e-6]), ServiceLaw.LOGNORMAL, 3, 0.7, Routing.RANDOM)
    found = np.exp(tables.at(math.log(0.2), math.log(0.7)))[0]
    expected = [0.2, *(service.quantile_s(fraction) for fraction in FRACTIONS)]
    assert found == pytest.approx(expected, rel=0.01)


def test_time_scales():
    """Seconds called minutes: the same prediction times 60, and 1/60 of the demand."""
    one = prediction(cells([1.0, 3.0]), ServiceLaw.LOGNORMAL, 2, 0.5, Routing.RANDOM)
    other = prediction(cells([1.0 / 60, 3.0 / 60]), ServiceLaw.LOGNORMAL, 2, 0.5, Routing.RANDOM)
    log_mean, log_cv = math.log(0.4), math.log(0.5)
    moved = other.at(log_mean + math.log(60), log_cv) - math.log(60)
    assert moved == pytest.approx(one.at(log_mean, log_cv), abs=1e-9)


def test_between_variabilities_is_interpolated_well():
    near = prediction(cells([4.0]), ServiceLaw.LOGNORMAL, 2, 0.5, Routing.RANDOM)
    exact = prediction(cells([4.0]), ServiceLaw.LOGNORMAL, 2, 0.57, Routing.RANDOM)
    log_mean = math.log(0.4)
    assert near.at(log_mean, math.log(0.57)) == pytest.approx(
        exact.at(log_mean, math.log(0.57)), abs=0.004
    )


def test_few_requests_see_a_lower_high_percentile():
    """Of 100 requests the 99th is meant, whose median lies below the true p99."""
    some = prediction(cells([1.0, 1.0], requests=[100, 1e9]), ServiceLaw.LOGNORMAL, 2, 0.5,
                      Routing.RANDOM)  # fmt: skip
    few, many = some.at(math.log(0.2), math.log(0.5))
    assert few[4] < many[4] - 0.02
    assert few[1] == pytest.approx(many[1], abs=0.02)


def test_beyond_full_load_predictions_keep_rising():
    tables = prediction(cells([9.0, 9.8, 10.2]), ServiceLaw.LOGNORMAL, 2, 0.5, Routing.RANDOM)
    found = tables.at(math.log(0.2), math.log(0.5))
    assert np.all(np.diff(found, axis=0) > 0)


def test_a_fleet_under_least_outstanding_waits_less():
    alone = prediction(cells([8.0], instances=4), ServiceLaw.GAMMA, 2, 1.0, Routing.RANDOM)
    pooled = prediction(
        cells([8.0], instances=4), ServiceLaw.GAMMA, 2, 1.0, Routing.LEAST_OUTSTANDING_REQUESTS
    )
    assert np.all(pooled.at(math.log(0.2), 0.0) < alone.at(math.log(0.2), 0.0))


@pytest.mark.parametrize(("workers", "cv"), [(1, 0.5), (4, 0.5), (2, 1.0)])
def test_simulated_cells_agree_with_the_formulas_where_those_hold(workers, cv):
    """Many requests a minute, moderate load: what is beside the formula is a percent or two."""
    some = cells([0.5 * workers / 0.02], requests=1500 * workers, minutes=400)
    service = ServiceTime(mean_s=0.02, cv=cv)
    simulated, minutes = simulated_statistics(some, service, workers, Routing.RANDOM, 0)
    formula = prediction(some, ServiceLaw.LOGNORMAL, workers, cv, Routing.RANDOM).at(
        math.log(0.02), math.log(cv)
    )
    assert simulated == pytest.approx(formula, abs=0.03)
    assert minutes[0] > 100


def test_the_same_seed_simulates_the_same():
    some = cells([5.0], requests=300, minutes=50)
    service = ServiceTime(mean_s=0.1, cv=0.5)
    one, other, third = (
        simulated_statistics(some, service, 2, Routing.RANDOM, seed)[0] for seed in (1, 1, 2)
    )
    assert one.tolist() == other.tolist()
    assert one.tolist() != third.tolist()
