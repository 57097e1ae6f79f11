"""Least-outstanding tables: between the central queue and RANDOM, on the safe side."""

import numpy as np
import pytest

from smcost.queueing.least_outstanding import (
    excess,
    least_outstanding_sweep_table,
    least_outstanding_table,
)
from smcost.queueing.load_dependent import Sweep, sweep_response_table
from smcost.queueing.mgc import response_table
from smcost.queueing.response_table import ResponseTable
from smcost.queueing.service import ServiceLaw, ServiceTime

EXPONENTIAL = ServiceTime(mean_s=1.0, cv=1.0, law=ServiceLaw.GAMMA)
CONSTANT = ServiceTime(mean_s=1.0, cv=0.0)
MODERATE = ServiceTime(mean_s=0.09, cv=0.5)
FRACTIONS = np.array([0.5, 0.99])
#: Slows under load, as batching does: 1, 1.8, 2.4, 2.8 requests a second.
BATCHING = Sweep(
    throughput_rps=np.array([1.0, 1.8, 2.4, 2.8]),
    fractions=FRACTIONS,
    latencies_s=np.array([1.0, 1.1, 1.25, 1.43])[:, None] * np.array([0.9, 2.0]),
)


def percentile(table: ResponseTable, utilisation: float, fraction: float = 0.99) -> float:
    tail = table.weights(np.array([utilisation]), np.ones(1)) @ table.tail
    return float(np.interp(-(1 - fraction), -tail, table.response_s))


@pytest.mark.parametrize("service", [EXPONENTIAL, CONSTANT, MODERATE])
@pytest.mark.parametrize(("workers", "instances"), [(1, 2), (1, 40), (4, 3), (16, 8)])
def test_it_is_never_slower_than_random(service, workers, instances):
    table = least_outstanding_table(service, workers, instances)
    alone = response_table(service, workers)
    assert np.array_equal(table.response_s, alone.response_s)
    assert np.all(table.tail <= alone.tail)
    assert np.all(np.diff(table.tail, axis=1) <= 1e-12)


@pytest.mark.parametrize("service", [EXPONENTIAL, CONSTANT, MODERATE])
@pytest.mark.parametrize(("workers", "instances"), [(1, 4), (4, 4), (32, 4)])
def test_it_is_the_central_queue_within_the_excess_or_random(service, workers, instances):
    table = least_outstanding_table(service, workers, instances)
    central, alone = response_table(service, workers * instances), response_table(service, workers)
    for utilisation in (0.4, 0.7, 0.9):
        stretched_s = percentile(central, utilisation) * (
            1 + excess(service.cv, workers, instances)
        )
        expected_s = min(percentile(alone, utilisation), stretched_s)
        assert percentile(table, utilisation) == pytest.approx(expected_s, rel=0.01)


def test_with_many_workers_it_is_the_central_queue_but_for_3_percent():
    table = least_outstanding_table(EXPONENTIAL, 32, 4)
    central = response_table(EXPONENTIAL, 128)
    for utilisation in (0.5, 0.8, 0.95):
        ratio = percentile(table, utilisation) / percentile(central, utilisation)
        assert 1.0 <= ratio <= 1.035


def test_a_single_instance_has_nothing_to_route():
    table, alone = least_outstanding_table(MODERATE, 2, 1), response_table(MODERATE, 2)
    assert np.array_equal(table.tail, alone.tail)
    swept = least_outstanding_sweep_table(BATCHING, 1)
    assert np.array_equal(swept.tail, sweep_response_table(BATCHING).tail)


@pytest.mark.parametrize("cv", [0.0, 0.5, 2.0])
def test_the_excess_falls_with_the_workers_and_never_with_the_instances(cv):
    by_workers = [excess(cv, workers, 8) for workers in (1, 2, 3, 4, 6, 8, 16, 64)]
    by_instances = [excess(cv, 2, instances) for instances in (2, 16, 17, 32, 64, 100_000)]
    assert by_workers == sorted(by_workers, reverse=True)
    assert by_instances == sorted(by_instances)
    assert excess(cv, 1, 8) > 2 * excess(cv, 16, 8) > 0


def test_constant_service_errs_most_with_one_worker():
    assert excess(0.0, 1, 16) > excess(0.5, 1, 16)
    assert excess(0.24, 4, 16) == excess(0.0, 4, 16)


@pytest.mark.parametrize("instances", [2, 7, 30])
def test_stations_that_slow_under_load_gain_by_an_even_spread(instances):
    table = least_outstanding_sweep_table(BATCHING, instances)
    alone = sweep_response_table(BATCHING)
    assert np.all(table.tail <= alone.tail)
    assert percentile(table, 0.9) < 0.9 * percentile(alone, 0.9)


def test_stations_that_are_workers_gain_what_workers_gain():
    # X(k) = k, F = exponential: the sweep of four exponential workers.
    station = Sweep(
        throughput_rps=np.arange(1.0, 5),
        fractions=FRACTIONS,
        latencies_s=np.tile(-np.log1p(-FRACTIONS), (4, 1)),
    )
    swept = least_outstanding_sweep_table(station, 5)
    exact = least_outstanding_table(EXPONENTIAL, 4, 5)
    for utilisation in (0.5, 0.8, 0.9):
        expected_s = percentile(exact, utilisation)
        assert percentile(swept, utilisation) == pytest.approx(expected_s, rel=0.01)
