"""The M/G/c table against closed forms, and against the two traps it must not fall into."""

import numpy as np
import pytest

from smcost.queueing.erlang import waiting_probability
from smcost.queueing.mgc import MAX_UTILISATION, response_table, utilisation_nodes
from smcost.queueing.response_table import ResponseTable
from smcost.queueing.service import ServiceLaw, ServiceTime

EXPONENTIAL = ServiceTime(mean_s=1.0, cv=1.0, law=ServiceLaw.GAMMA)
CONSTANT = ServiceTime(mean_s=1.0, cv=0.0, law=ServiceLaw.DETERMINISTIC)
LAWS = [
    CONSTANT,
    EXPONENTIAL,
    ServiceTime(mean_s=1.0, cv=0.5, law=ServiceLaw.GAMMA),
    ServiceTime(mean_s=1.0, cv=0.5),
    ServiceTime(mean_s=1.0, cv=1.0),
    ServiceTime(mean_s=1.0, cv=2.0),
]
NODES = utilisation_nodes()
#: Between the rows, where interpolation errs most, and the last of them 0.9848.
MIDWAYS = (NODES[:-1] + NODES[1:]) / 2


def exponential_tail(workers: int, utilisation: float, time_s: float) -> float:
    """P(response > t) of M/M/c FIFO, mean service 1 s (Kleinrock 1975, section 3.5, convolved)."""
    waits = waiting_probability(utilisation * workers, workers)
    theta = workers * (1 - utilisation)
    if theta == pytest.approx(1):
        return (1 - waits) * np.exp(-time_s) + waits * (1 + time_s) * np.exp(-time_s)
    waited = (theta * np.exp(-time_s) - np.exp(-theta * time_s)) / (theta - 1)
    return (1 - waits) * np.exp(-time_s) + waits * waited


def exponential_percentile_s(workers: int, utilisation: float, fraction: float) -> float:
    low, high = 0.0, 1000.0
    for _ in range(60):
        middle = (low + high) / 2
        late = exponential_tail(workers, utilisation, middle) > 1 - fraction
        low, high = (middle, high) if late else (low, middle)
    return high


def late(table: ResponseTable, utilisation: float, limit_s: float) -> float:
    return float(table.late_fraction(np.array([utilisation]), limit_s)[0])


def named(service: ServiceTime) -> str:
    return f"{service.law}-{service.cv:g}"


@pytest.mark.parametrize("workers", [1, 2, 4, 16, 64])
def test_exponential_service_has_its_closed_form_at_every_row(workers):
    table = response_table(EXPONENTIAL, workers)
    for utilisation in NODES:
        for fraction in (0.5, 0.95, 0.99):
            limit_s = exponential_percentile_s(workers, utilisation, fraction)
            assert late(table, utilisation, limit_s) == pytest.approx(1 - fraction, rel=5e-4)


@pytest.mark.parametrize("workers", [1, 2, 4, 16, 64])
@pytest.mark.parametrize(("fraction", "too_late"), [(0.5, 0.002), (0.95, 0.02), (0.99, 0.045)])
def test_between_rows_the_share_of_late_requests_errs_on_the_safe_side(workers, fraction, too_late):
    table = response_table(EXPONENTIAL, workers)
    for utilisation in MIDWAYS:
        limit_s = exponential_percentile_s(workers, utilisation, fraction)
        error = late(table, utilisation, limit_s) / (1 - fraction) - 1
        assert -5e-5 < error < too_late
        # In time instead of requests: the percentile is at most 1 % long.
        assert late(table, utilisation, 1.01 * limit_s) < 1 - fraction


@pytest.mark.parametrize("service", LAWS, ids=named)
def test_one_worker_has_the_mean_of_pollaczek_and_khinchine(service):
    table = response_table(service, 1)
    mean_s = np.trapezoid(table.tail, table.response_s, axis=1)
    waiting_s = NODES * (1 + service.cv**2) / (2 * (1 - NODES))
    assert mean_s == pytest.approx(1 + waiting_s, rel=2e-4)


@pytest.mark.parametrize(
    ("service", "workers", "utilisation", "fraction", "response_s", "safe", "unsafe"),
    [
        # A. K. Erlang 1909, the M/D/1 series to 120 digits; response = wait + 1.
        (CONSTANT, 1, 0.5, 0.99, 1 + 3.3362559570022, 0.002, 1e-4),
        (CONSTANT, 1, 0.8, 0.95, 1 + 6.62032499684072, 0.003, 1e-4),
        # Crommelin 1932 in the form of G. J. Franx, Oper. Res. Lett. 29 (2001).
        (CONSTANT, 4, 0.8, 0.95, 1 + 1.52049539139509, 0.03, 1e-4),
        (CONSTANT, 16, 0.8, 0.95, 1 + 0.314228397976679, 0.01, 1e-3),
        # M/M/c, root of the closed form above.
        (EXPONENTIAL, 4, 0.8, 0.99, 6.893203748883, 0.002, 1e-4),
        (EXPONENTIAL, 64, 0.8, 0.99, 4.60990947808198, 0.001, 1e-4),
    ],
)
def test_percentiles_have_their_published_values(
    service, workers, utilisation, fraction, response_s, safe, unsafe
):
    table = response_table(service, workers)
    assert late(table, utilisation, response_s * (1 - unsafe)) > 1 - fraction
    assert late(table, utilisation, response_s * (1 + safe)) < 1 - fraction


@pytest.mark.parametrize("workers", [1, 3, 16])
@pytest.mark.parametrize("service", LAWS, ids=named)
def test_the_tail_falls_with_time_and_rises_with_utilisation(service, workers):
    table = response_table(service, workers)
    assert np.all(table.tail[:, 0] == 1)
    assert np.all(np.diff(table.tail, axis=1) <= 0)
    assert np.all(np.diff(table.tail, axis=0) >= -1e-9)
    assert table.tail.min() >= 0


@pytest.mark.parametrize("workers", [1, 3, 16])
@pytest.mark.parametrize("service", LAWS, ids=named)
def test_the_tail_is_convex_in_utilisation_so_that_interpolation_is_safe(service, workers):
    table = response_table(service, workers)
    slopes = np.diff(table.tail, axis=0) / np.diff(NODES)[:, None]
    assert np.all(np.diff(slopes, axis=0) >= -1e-6)


@pytest.mark.parametrize("workers", [1, 4, 64])
@pytest.mark.parametrize("service", LAWS, ids=named)
def test_an_empty_station_answers_after_its_service_time(service, workers):
    table = response_table(service, workers)
    for fraction in (0.5, 0.9, 0.99):
        limit_s = service.quantile_s(fraction)
        # At the jump of a constant time the tail is read half a cell, 1/64 of S/c, after it.
        limit_s += 1 / (64 * workers) if service.constant else 0.0
        expected = 0.0 if service.constant else 1 - fraction
        assert late(table, 0.0, limit_s) == pytest.approx(expected, rel=2e-3, abs=1e-9)


@pytest.mark.parametrize("fraction", [0.99, 0.999, 0.9999])
def test_the_tail_of_a_lognormal_with_cv_2_is_not_lost(fraction):
    # Equally likely service nodes lost 16 % of p99.
    service = ServiceTime(mean_s=1.0, cv=2.0)
    for workers in (1, 16):
        at_s = service.quantile_s(fraction)
        table = response_table(service, workers)
        assert late(table, 0.0, at_s) == pytest.approx(1 - fraction, rel=0.01)
        assert late(table, 0.3, at_s) > 1 - fraction


@pytest.mark.parametrize("workers", [1, 4, 64])
def test_a_constant_time_is_not_moved_by_half_a_cell(workers):
    # Masses put at the ends of cells instead of their middle shift each of the many terms of a
    # sum: the mean of c = 1 would be off by 3 % at high load, and the jump here by half a cell.
    table = response_table(CONSTANT, workers)
    cell_s = 1 / (32 * workers)
    # The table keeps points 0.2 % apart.
    before, after = 0.998 - 0.51 * cell_s, 1.002 + 0.51 * cell_s
    assert late(table, 0.0, before) == pytest.approx(1)
    assert late(table, 0.0, after) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("service", LAWS, ids=named)
def test_time_has_no_preferred_unit(service):
    slow = ServiceTime(mean_s=1000.0, cv=service.cv, law=service.law)
    one, other = response_table(service, 4), response_table(slow, 4)
    assert np.allclose(other.response_s, 1000 * one.response_s, rtol=1e-12)
    assert np.allclose(other.tail, one.tail, rtol=0, atol=1e-8)


def test_rows_run_from_empty_to_the_last_utilisation_and_lie_closer_there():
    assert (NODES[0], NODES[-1]) == (0.0, MAX_UTILISATION)
    assert np.all(np.diff(NODES) > 0)
    assert np.all(np.diff(np.diff(NODES)) < 0)
