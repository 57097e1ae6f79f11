"""Quantile tables: exact at the nodes, and faithful to the law in mean, spread and tail."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.errors import UsageError
from smcost.queueing.exact.quantile_table import (
    QuantileTable,
    exponential_table,
    latency_tables,
    service_table,
    tabulated,
)
from smcost.queueing.load_dependent import Sweep
from smcost.queueing.measured import quantile_from_percentiles
from smcost.queueing.service import ServiceLaw, ServiceTime

LAWS = [
    ServiceTime(mean_s=0.04, cv=cv, law=law)
    for law in (ServiceLaw.LOGNORMAL, ServiceLaw.GAMMA)
    for cv in (0.1, 0.5, 1.0, 2.0, 4.0)
]


def moments(table):
    """Mean and cv of the table's law: exactly, since it is linear within each cell."""
    cells = 2**table.cell_bits
    widths = np.repeat(2.0 ** np.arange(-41, -1) / cells, cells)
    first = second = 0.0
    for half in np.split(table.cells, 2):
        low, step = half[:-1].T
        first += np.sum(widths * (low + step / 2))
        second += np.sum(widths * (low**2 + low * step + step**2 / 3))
    return first, math.sqrt(second - first**2) / first


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_mean_spread_and_tail_of_a_law_are_kept(law):
    table = service_table(law)
    mean_s, cv = moments(table)
    assert mean_s == pytest.approx(law.mean_s, rel=1e-4)
    assert cv == pytest.approx(law.cv, rel=1e-4)
    for fraction in (0.5, 0.95, 0.99, 0.999):
        expected = law.quantile_s(fraction)
        assert table.at(np.array([fraction]))[0] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_both_sides_of_a_law_are_its_quantiles(law):
    below = np.array([1e-9, 0.01, 0.3, 0.5])
    quantiles = [law.quantile_s(fraction) for fraction in below]
    assert law.quantiles_s(below) == pytest.approx(quantiles)
    beyond = np.array([0.3, 0.01, 1e-6])
    quantiles = [law.quantile_s(1 - fraction) for fraction in beyond]
    assert law.upper_quantiles_s(beyond) == pytest.approx(quantiles, rel=1e-8)


def test_far_out_the_tail_keeps_its_digits():
    # P(S > t) = exp(-t) = 1e-30 has no 1 - 1e-30 in a double.
    exponential = ServiceTime(mean_s=1.0, cv=1.0, law=ServiceLaw.GAMMA)
    assert exponential.upper_quantiles_s(np.array([1e-30])) == pytest.approx(30 * math.log(10))


def test_a_constant_is_the_same_double_everywhere():
    constant = service_table(ServiceTime(mean_s=0.1, cv=0.0))
    assert set(constant.at(np.linspace(0, 1, 1001)[:-1]).tolist()) == {0.1}


def test_at_a_node_the_value_is_exact_and_the_ends_are_clamped():
    table = tabulated(lambda below: below, lambda beyond: 1 - beyond)
    nodes = np.array([2.0**-41, 2.0**-10, 0.25 + 1 / 512, 0.5, 0.75, 1 - 2.0**-30])
    assert table.at(nodes).tolist() == nodes.tolist()
    assert table.at(np.array([0.0, 2.0**-45])).tolist() == [2.0**-41] * 2
    assert table.at(np.array([1 - 2.0**-53])).tolist() == [1 - 2.0**-41]


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=1))
def test_a_uniform_law_is_itself(ranks):
    table = tabulated(lambda below: below, lambda beyond: 1 - beyond)
    assert table.at(np.array(ranks)) == pytest.approx(np.array(ranks), abs=1e-12)


@given(st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True))
def test_a_higher_rank_has_no_smaller_value(one, other):
    low, high = exponential_table().at(np.sort(np.array([one, other])))
    assert 0 <= low <= high


def test_the_exponential_table_has_mean_and_spread_1():
    assert moments(exponential_table()) == pytest.approx((1.0, 1.0), rel=1e-4)


def test_measured_percentiles_are_met_at_each_concurrency():
    fractions = np.array([0.5, 0.95, 0.99])
    sweep = Sweep(
        throughput_rps=np.array([1.0, 2.0]),
        fractions=fractions,
        latencies_s=np.array([[0.5, 0.8, 1.0], [0.6, 1.2, 2.0]]),
    )
    for table, row in zip(latency_tables(sweep), sweep.latencies_s, strict=True):
        for fraction in (0.1, 0.5, 0.9, 0.95, 0.99, 0.9999):
            expected = quantile_from_percentiles(fractions, row, fraction)
            found = table.at(np.array([fraction]))[0]
            assert found == pytest.approx(expected, rel=1e-3)


def test_cells_that_are_no_table_are_refused():
    with pytest.raises(UsageError, match="no table"):
        QuantileTable(cell_bits=3, cells=np.zeros((7, 2)))
