"""The exact LRU cache: by hand, and against its stationary distribution."""

import itertools
from collections import OrderedDict

import numpy as np
import pytest

from smcost.multi_model.lru import lru_misses, simulate
from smcost.multi_model.placement import Placement, place


def serve(requests, sizes, memory):
    held = OrderedDict()
    sizes = np.array(sizes, dtype=float)
    return lru_misses(np.array(requests), sizes, memory, held), [*held]


def test_the_least_recently_used_model_leaves_first():
    assert serve([0, 1, 0, 2], [1, 1, 1], 2) == (3, [0, 2])


def test_a_hit_makes_a_model_the_last_to_leave():
    assert serve([0, 1, 0, 2, 0, 1], [1, 1, 1], 2) == (4, [0, 1])


def test_as_many_leave_as_the_new_one_needs():
    assert serve([0, 1, 2, 3], [1, 1, 1, 3], 4) == (4, [2, 3])


def test_equal_sizes_that_are_no_binary_fractions_fill_the_memory():
    assert serve([*range(10), *range(10)], [0.1] * 10, 1.0) == (10, [*range(10)])


def king(share, places):
    """Stationary hit rate of an LRU cache under independent requests.

    W. F. King, "Analysis of demand paging algorithms", IFIP Congress 1971: the cache holds
    i, j, ... in the order of use with probability p_i * p_j / (1 - p_i) * ...
    """
    rate = 0.0
    for order in itertools.permutations(range(len(share)), places):
        weight, left = 1.0, 1.0
        for model in order:
            weight *= share[model] / left
            left -= share[model]
        rate += weight * sum(share[model] for model in order)
    return rate


@pytest.mark.parametrize(("count", "places"), [(3, 1), (3, 2), (5, 2), (6, 3)])
def test_its_hit_rate_is_that_of_the_stationary_distribution(hosted, count, places):
    models = hosted(count, 1.0)
    copies = place(models, 1, Placement.STICKY)
    found = simulate(models, copies, places, requests=60_000, warm_up=1_000, seed=11)
    assert found.requests == 60_000
    exact = king(models.share.tolist(), places)
    assert found.hit_rate == pytest.approx(exact, abs=4 * found.standard_error)


def test_the_same_seed_finds_the_same(hosted):
    models = hosted(100)
    copies = place(models, 3, Placement.STICKY)
    one, two, other = (
        simulate(models, copies, 10, requests=5_000, warm_up=100, seed=seed) for seed in (1, 1, 2)
    )
    assert one == two != other


def test_of_equal_instances_one_stands_for_all(hosted):
    models = hosted(60, 0.8)
    rates = [
        simulate(
            models,
            place(models, count, Placement.SPREAD),
            20,
            requests=80_000,
            warm_up=5_000,
            seed=1,
        )
        for count in (1, 5)
    ]
    assert rates[0].requests == rates[1].requests
    assert rates[0].hit_rate == pytest.approx(rates[1].hit_rate, abs=0.01)
