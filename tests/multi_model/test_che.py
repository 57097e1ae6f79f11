"""Che's approximation: closed forms, laws, and exact LRU caches."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.multi_model.che import cache_state, usable_bytes
from smcost.multi_model.hosted import Hosted, zipf_shares
from smcost.multi_model.lru import simulate
from smcost.multi_model.placement import Placement, place

GRID = list(itertools.product((0.6, 0.8, 1.0, 1.2), (50, 200, 1000, 5000)))


def state(models, memory, instances=1, placement=Placement.STICKY):
    return cache_state(models, place(models, instances, placement), memory)


@pytest.mark.parametrize(("count", "memory"), [(20, 12), (50, 1), (400, 399), (7, 3)])
def test_of_equally_popular_models_as_many_hit_as_are_held(hosted, count, memory):
    """1 - exp(-l T) = memory / count for every one."""
    found = state(hosted(count, 0.0), memory)
    assert found.hit_rate == pytest.approx(memory / count, rel=1e-9)
    assert found.loaded == pytest.approx(memory)


@pytest.mark.parametrize("memory", [50.0, 50.4, 1e6])
def test_where_all_fit_every_request_hits(hosted, memory):
    found = state(hosted(50, 1.0), memory)
    assert found.hit_rate == 1
    assert np.isinf(found.characteristic).all()
    assert found.loaded == pytest.approx(50)


def test_the_characteristic_time_of_two_kinds_of_models(hosted):
    """Two popular, two rare, memory for two: x = exp(-T / 10) solves 2 (1 - x^4) + 2 (1 - x) = 2.

    Its root is 0.7244920, and x^4 of the popular and x of the rare requests miss.
    """
    share = [0.4, 0.4, 0.1, 0.1]
    root = 0.7244919590005157
    assert root**4 + root == pytest.approx(1)
    found = state(hosted(4, share=share), 2)
    assert found.hit_rate == pytest.approx(1 - 0.8 * root**4 - 0.2 * root)


def test_the_memory_is_filled_whatever_the_sizes(hosted):
    size = np.random.default_rng(1).lognormal(0, 1, 100)
    models = hosted(100, 0.8, size=size)
    copies = place(models, 1, Placement.STICKY)
    memory = 0.4 * size.sum()
    found = cache_state(models, copies, memory)
    assert found.held_bytes == pytest.approx(usable_bytes(size[copies.model], copies, memory)[0])


@pytest.mark.parametrize(
    ("size", "memory", "usable"),
    [
        ([2, 2, 2, 2], 7.9, 6),
        ([2, 2, 2, 2], 8.0, 8),
        # Multiples of 1: of 6.7 six are of use, and 20 / 16 - 1 / 2 of them free on average.
        ([1, 3, 1, 3], 6.7, 6 - (20 / 16 - 1 / 2)),
        # No common step.
        ([1.5, 2.25, 1.5, 2.25], 6.7, 6.7 - 14.625 / 15),
        ([4, 6, 4, 6], 15, 14 - (104 / 40 - 1)),
    ],
)
def test_models_are_loaded_whole(hosted, size, memory, usable):
    models = hosted(4, 1.0, size=size)
    copies = place(models, 1, Placement.STICKY)
    assert usable_bytes(models.size_bytes[copies.model], copies, memory) == pytest.approx([usable])


def test_a_model_that_nobody_asks_for_is_not_held_and_takes_no_room(hosted):
    share = [0.5, 0.5, 0.0]
    found = state(hosted(3, share=share), 2)
    assert found.hit_rate == 1
    assert found.loaded == pytest.approx(2)


@settings(max_examples=40, deadline=None)
@given(
    exponent=st.floats(0, 2),
    count=st.integers(2, 200),
    parts=st.lists(st.floats(0.02, 1), min_size=2, max_size=2),
)
def test_more_memory_never_hits_less(exponent, count, parts):
    models = Hosted(
        names=tuple(map(str, range(count))),
        share=zipf_shares(count, exponent),
        size_bytes=np.ones(count),
        load_s=np.ones(count),
    )
    less, more = (state(models, max(1.0, part * count)).hit_rate for part in sorted(parts))
    assert less <= more + 1e-9


def test_spread_over_more_instances_no_request_hits_more(hosted):
    """Each instance is asked for everything, only more rarely: T grows as the rate falls."""
    models = hosted(100, 0.8)
    one, seven = (state(models, 30, count, Placement.SPREAD) for count in (1, 7))
    assert seven.hit_rate == pytest.approx(one.hit_rate)
    assert seven.loaded == pytest.approx(7 * one.loaded)


def test_sticky_over_more_instances_their_memory_adds_up(hosted):
    models = hosted(400, 0.8)
    rates = [state(models, 40, count).hit_rate for count in (1, 2, 4, 8)]
    assert rates == sorted(rates)
    assert rates[3] == pytest.approx(state(models, 320).hit_rate, abs=0.02)
    assert state(models, 40, 12).hit_rate == 1


@pytest.mark.parametrize(("exponent", "count"), GRID)
def test_it_is_within_two_points_of_exact_lru(hosted, exponent, count):
    """The whole grid is in benchmarks/multi_model.py; here two memories of each."""
    models = hosted(count, exponent)
    copies = place(models, 1, Placement.STICKY)
    for part in (0.1, 0.5):
        memory = part * count
        exact = simulate(models, copies, memory, requests=25_000, warm_up=10_000, seed=7)
        assert cache_state(models, copies, memory).hit_rate == pytest.approx(
            exact.hit_rate, abs=0.02
        )


@pytest.mark.parametrize("placement", Placement)
def test_it_is_within_two_points_on_several_instances_of_mixed_sizes(hosted, placement):
    size = np.random.default_rng(3).choice([1.0, 2.0], 300)
    models = hosted(300, 0.9, size=size)
    copies = place(models, 4, placement)
    exact = simulate(models, copies, 60.0, requests=60_000, warm_up=20_000, seed=5)
    assert cache_state(models, copies, 60.0).hit_rate == pytest.approx(exact.hit_rate, abs=0.02)
