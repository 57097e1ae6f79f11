"""Minutes of like load are put together soundly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.capacity.fit.cells import LEVELS, cells_of, midmean
from smcost.capacity.fit.evidence import Evidence

FRACTIONS = np.array([0.5, 0.9, 0.95, 0.99])
values = st.lists(st.floats(-5, 5), min_size=4, max_size=40)


def minutes_of(rate_rps, log_latency, *, requests=None, instances=None):
    size = rate_rps.size
    return Evidence(
        start_s=1_704_067_200 + 60 * np.arange(size),
        requests=np.full(size, 1000.0) if requests is None else requests,
        instances=np.ones(size, dtype=np.int64) if instances is None else instances,
        rate_rps=rate_rps,
        log_latency=log_latency,
        left_out={},
        failing=0.0,
    )


def noisy(size=1600, *, sd=0.1, seed=0):
    rng = np.random.default_rng(seed)
    rate_rps = np.tile(np.linspace(1.0, 9.0, 16), size // 16)
    return minutes_of(rate_rps, rng.normal(0.0, sd, (size, 5)))


@given(values)
def test_a_midmean_lies_within_the_quartiles(sample):
    array = np.array(sample)[:, None]
    found = midmean(array)[0]
    ordered, quarter = np.sort(array[:, 0]), array.size // 4
    assert ordered[quarter] - 1e-9 <= found <= ordered[-1 - quarter] + 1e-9


@given(values, st.floats(0.1, 10), st.floats(-3, 3))
def test_a_midmean_moves_and_stretches_with_its_sample(sample, factor, shift):
    array = np.array(sample)[:, None]
    moved = midmean(factor * array + shift)
    assert moved == pytest.approx(factor * midmean(array) + shift, abs=1e-9)


@given(values, st.randoms(use_true_random=False))
def test_the_order_of_minutes_changes_no_midmean(sample, random):
    mixed = list(sample)
    random.shuffle(mixed)
    assert midmean(np.array(mixed)[:, None]) == pytest.approx(midmean(np.array(sample)[:, None]))


def test_a_quarter_of_wild_minutes_moves_a_midmean_little():
    calm = np.random.default_rng(0).normal(0, 0.1, (400, 1))
    wild = calm.copy()
    wild[:80] = 50.0
    assert abs(midmean(wild)[0] - midmean(calm)[0]) < 0.05


def test_the_stated_variance_is_that_of_repeated_midmeans():
    """Of normal minutes; the sampling variance is known to a sixth from 80 repetitions."""
    found = [cells_of(noisy(seed=seed), FRACTIONS, 60) for seed in range(80)]
    first = np.array([cells.statistics[3, 0] for cells in found])
    stated = np.mean([cells.covariance[3, 0, 0] for cells in found])
    assert stated == pytest.approx(first.var(), rel=0.5)


def test_four_times_the_minutes_have_half_the_error():
    few = cells_of(noisy(1600), FRACTIONS, 60)
    many = cells_of(noisy(6400), FRACTIONS, 60)
    ratio = np.sqrt(few.covariance[:, 0, 0] / many.covariance[:, 0, 0])
    assert np.median(ratio) == pytest.approx(2.0, rel=0.2)


def test_hours_that_resemble_each_other_count_for_less():
    rng = np.random.default_rng(1)
    size = 1600
    hourly = np.repeat(rng.normal(0, 0.1, size // 60 + 1), 60)[:size]
    rate_rps = np.full(size, 5.0)
    rate_rps[::2] = 5.1
    alone = cells_of(minutes_of(rate_rps, rng.normal(0, 0.1, (size, 5))), FRACTIONS, 60)
    alike = cells_of(minutes_of(rate_rps, np.repeat(hourly[:, None], 5, axis=1)), FRACTIONS, 60)
    assert alike.covariance[0, 0, 0] > 5 * alone.covariance[0, 0, 0]


def test_every_minute_is_in_one_cell_of_its_level():
    cells = cells_of(noisy(), FRACTIONS, 60)
    assert cells.level.tolist() == list(range(LEVELS))
    assert cells.minutes.sum() == 1600
    assert np.bincount(cells.member).tolist() == cells.minutes.tolist()


def test_fleets_of_another_size_make_cells_of_their_own():
    minutes = noisy()
    instances = np.where(np.arange(1600) % 32 < 16, 2, 3)
    cells = cells_of(
        minutes_of(minutes.rate_rps, minutes.log_latency, instances=instances), FRACTIONS, 60
    )
    assert sorted(set(cells.instances.tolist())) == [2, 3]
    assert cells.level.size == 2 * LEVELS


def test_a_level_of_few_minutes_is_left_out():
    rate_rps = np.concatenate((np.full(500, 1.0), np.full(7, 9.0)))
    cells = cells_of(minutes_of(rate_rps, np.zeros((507, 5))), FRACTIONS, 60)
    assert cells.minutes.tolist() == [500]
    assert cells.member[-7:].tolist() == [-1] * 7


def test_no_cell_is_no_cells():
    assert cells_of(minutes_of(np.array([]), np.empty((0, 5))), FRACTIONS, 60) is None
    assert cells_of(minutes_of(np.full(7, 1.0), np.zeros((7, 5))), FRACTIONS, 60) is None


@pytest.mark.parametrize(("requests", "known"), [(1000, 5), (99, 4), (15, 3), (9, 2)])
def test_a_percentile_needs_a_request_beyond_it(requests, known):
    minutes = noisy()
    cells = cells_of(
        minutes_of(minutes.rate_rps, minutes.log_latency, requests=np.full(1600, float(requests))),
        FRACTIONS,
        60,
    )
    assert np.isfinite(cells.statistics[0]).sum() == known


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**31))
def test_the_order_of_minutes_changes_no_cell(seed):
    minutes = noisy()
    order = np.random.default_rng(seed).permutation(1600)
    mixed = Evidence(
        start_s=minutes.start_s[order],
        requests=minutes.requests[order],
        instances=minutes.instances[order],
        rate_rps=minutes.rate_rps[order],
        log_latency=minutes.log_latency[order],
        left_out={},
        failing=0.0,
    )
    one, other = cells_of(minutes, FRACTIONS, 60), cells_of(mixed, FRACTIONS, 60)
    np.testing.assert_allclose(one.statistics, other.statistics)
    np.testing.assert_allclose(one.covariance, other.covariance)


def test_keeping_cells_keeps_their_minutes():
    cells = cells_of(noisy(), FRACTIONS, 60)
    which = np.zeros(LEVELS, dtype=bool)
    which[[2, 5]] = True
    kept = cells.kept(which)
    assert kept.level.tolist() == [2, 5]
    assert np.bincount(kept.member[kept.member >= 0]).tolist() == kept.minutes.tolist()
