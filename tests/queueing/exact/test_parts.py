"""Cutting a horizon into stretches, and guessing where they begin."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.queueing.exact import parts
from smcost.queueing.exact.compiled import compiled
from smcost.queueing.exact.parts import cut, replay_parts
from smcost.queueing.exact.stations import workers_station
from smcost.queueing.exact.stretch import Stretch
from smcost.queueing.service import ServiceTime


def horizon(counts, **changes):
    counts = np.array(counts)
    values = {
        "counts": counts,
        "in_service": np.full(counts.size, 2),
        "window": np.arange(counts.size) // 3,
        "section": np.arange(counts.size) % 4,
        "first_minute": 10,
        "offsets_s": None,
        "limits_s": np.array([0.5, 1.0]),
        "station": workers_station(ServiceTime(mean_s=0.5, cv=1.0), 2),
        "least_outstanding": False,
        "seed": 1,
        "burstiness": 1.0,
        "timeout_s": np.inf,
        "most_waiting": 10**6,
    }
    return Stretch(**values | changes)


def test_a_cut_takes_its_minutes_its_number_and_its_offsets():
    whole = horizon([2, 0, 3, 1], offsets_s=np.array([1.0, 2, 3, 4, 5, 6]))
    middle = cut(whole, 1, 3)
    assert middle.counts.tolist() == [0, 3]
    assert middle.first_minute == 11
    assert middle.offsets_s.tolist() == [3, 4, 5]
    assert middle.section.tolist() == [1, 2]


def test_windows_of_a_cut_count_from_its_first_one_and_unrecorded_ones_stay_so():
    whole = horizon(np.zeros(9, dtype=int), window=np.array([-1, -1, 0, 0, 1, 1, 2, 2, 3]))
    assert cut(whole, 0, 2).window.tolist() == [-1, -1]
    assert cut(whole, 1, 5).window.tolist() == [-1, 0, 0, 1]
    assert cut(whole, 5, 9).window.tolist() == [0, 1, 1, 2]


@pytest.fixture
def guesses(monkeypatch):
    """Parts of 20 minutes after a warm-up of 5; the list of those that were guessed."""
    begun = []
    original = parts._guess
    monkeypatch.setattr(parts, "PART_MINUTES", 20)
    monkeypatch.setattr(parts, "WARM_UP_MINUTES", 5)
    monkeypatch.setattr(
        parts, "_guess", lambda whole, begin: begun.append(begin) or original(whole, begin)
    )
    return begun


def test_on_one_thread_nothing_is_guessed(guesses):
    replay_parts(horizon(np.full(100, 300)), 1)
    assert guesses == []


@pytest.mark.skipif(not compiled(), reason="in Python there is one thread")
def test_on_several_every_part_is_guessed_while_guesses_are_right(guesses):
    replay_parts(horizon(np.full(200, 200)), 2)
    assert sorted(guesses) == list(range(0, 200, 20))


def test_in_an_overload_guessing_stops(guesses):
    # Two instances of two workers serve 480 a minute.
    replay_parts(horizon(np.full(600, 700)), 2)
    assert len(guesses) < 10


@pytest.mark.skipif(not compiled(), reason="the kernels are not built or are off")
@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32), st.booleans(), st.sampled_from([1.0, 4.0]))
def test_whatever_the_traffic_threads_change_no_digit(seed, least_outstanding, burstiness):
    rng = np.random.default_rng(seed)
    minutes = int(rng.integers(1, 90))
    whole = horizon(
        rng.poisson(rng.choice([0, 100, 300, 900], minutes)),
        in_service=rng.integers(1, 4, minutes),
        least_outstanding=least_outstanding,
        burstiness=burstiness,
        most_waiting=int(rng.choice([100, 10**6])),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "PART_MINUTES", 15)
        patch.setattr(parts, "WARM_UP_MINUTES", 5)
        (one, saturated), *others = (replay_parts(whole, threads) for threads in (1, 2, 3))
    for tally, also in others:
        assert also is saturated
        assert np.array_equal(tally.late, one.late)
        assert np.array_equal(tally.histogram, one.histogram)
        assert np.array_equal(tally.sections, one.sections)
    assert one.histogram.sum() == whole.counts.sum()
