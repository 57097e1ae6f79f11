"""Who waits for a model, and how long: against queueing theory, by hand, and at the edges."""

import numpy as np
import pytest

from smcost.multi_model.che import cache_state
from smcost.multi_model.loading import cold_starts
from smcost.multi_model.placement import Placement, place


@pytest.fixture
def starts(hosted):
    """Cold starts on one instance with half of its equally popular models in memory."""

    def of(rps, *, count=20, load_s=2.0, at_once=1):
        models = hosted(count, 0.0, load_s=load_s)
        state = cache_state(models, place(models, 1, Placement.STICKY), count / 2)
        here = np.ones(1, dtype=bool)
        return cold_starts(models, state, here, rps=np.array(rps), loads_at_once=at_once)

    return of


def test_at_next_to_no_traffic_the_misses_wait_for_a_load(starts):
    found = starts([0.0, 1e-9])
    assert found.missing == pytest.approx(0.5)
    assert found.share == pytest.approx([0.5, 0.5])
    assert found.delay_s == pytest.approx(np.full((2, 40), 2.0))


def test_a_load_is_joined_by_the_requests_of_its_model(starts):
    """Half of 2 requests/s miss; of each of 20 models 0.1/s come in the 2 s of a load."""
    found = starts([2.0], at_once=1000)
    assert found.share == pytest.approx([0.5 + 0.5 * 0.2])
    # Those that join wait half a load on average.
    assert found.delay_s.mean() == pytest.approx((0.5 * 2 + 0.1 * 1) / 0.6, rel=0.01)


def test_the_wait_for_the_only_slot_is_that_of_pollaczek_and_khinchine(starts):
    """M/D/1 at 0.2 loads/s of 2 s: wait = a L / (2 (1 - a)) = 0.4 x 2 / 1.2 = 0.667 s."""
    found = starts([0.4], count=20_000)
    assert found.delay_s.mean() - 2.0 == pytest.approx(0.4 * 2 / (2 * 0.6), rel=0.06)


def test_more_slots_wait_less(starts):
    means = [starts([0.9], count=2000, at_once=slots).delay_s.mean() for slots in (1, 2, 4, 64)]
    assert means == sorted(means, reverse=True)
    assert means[-1] == pytest.approx(2.0, abs=1e-3)


def test_loads_that_come_faster_than_they_are_done_pile_up(starts):
    """Half of the requests load for 2 s in one slot: 1 request/s is too many."""
    found = starts([0.9, 1.1])
    assert found.piles_up.tolist() == [0, 1]
    assert np.isinf(found.delay_s[1]).all()
    assert found.share[1] == pytest.approx(1)


def test_every_load_time_is_met_as_often_as_it_is_missing(hosted):
    """Two kinds of models, equally missing: half wait 1 s, half 9 s."""
    models = hosted(20, 0.0, load_s=[1.0, 9.0] * 10)
    state = cache_state(models, place(models, 1, Placement.STICKY), 10)
    found = cold_starts(
        models, state, np.ones(1, dtype=bool), rps=np.array([1e-9]), loads_at_once=1
    )
    assert np.unique(found.delay_s.round(6)).tolist() == [1.0, 9.0]
    assert found.delay_s.mean() == pytest.approx(5.0)


def test_where_all_fit_nobody_waits(hosted):
    models = hosted(20)
    state = cache_state(models, place(models, 1, Placement.STICKY), 20)
    found = cold_starts(
        models, state, np.ones(1, dtype=bool), rps=np.array([1.0, 99.0]), loads_at_once=1
    )
    assert found.missing == 0
    assert not found.share.any()
    assert not found.piles_up.any()


def test_models_that_load_at_once_are_no_wait(starts):
    found = starts([1.0], load_s=0.0)
    assert found.delay_s.max() == 0
    assert found.share == pytest.approx([0.5])
