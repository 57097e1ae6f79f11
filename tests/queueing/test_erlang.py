"""Erlang B and C against their defining sums and against values known for a century."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.errors import UsageError
from smcost.queueing.erlang import blocking_probability, waiting_probability

utilisations = st.floats(0.0, 0.999)
worker_counts = st.integers(1, 300)


def defining_sums(load: Fraction, workers: int) -> tuple[Fraction, Fraction]:
    """B and C from the state probabilities a^k / k!, in exact arithmetic."""
    states = [load**k / math.factorial(k) for k in range(workers + 1)]
    queueing = states[-1] * workers / (workers - load)
    return states[-1] / sum(states), queueing / (sum(states[:-1]) + queueing)


@pytest.mark.parametrize(
    ("offered_load", "workers", "blocking"),
    # A. K. Erlang, 1917; by hand: a/(1+a); (a^2/2)/(1+a+a^2/2); defining sum to 50 digits.
    [(1.0, 1, 1 / 2), (1.0, 2, 1 / 5), (2.0, 2, 2 / 5), (90.0, 100, 0.0269573804643592)],
)
def test_erlang_b_has_its_published_values(offered_load, workers, blocking):
    assert blocking_probability(offered_load, workers) == pytest.approx(blocking, rel=1e-12)


@pytest.mark.parametrize(
    ("offered_load", "workers", "waiting"),
    # Textbook values (Kleinrock 1975, section 3.5), digits from the defining sum.
    [
        (0.5, 1, 0.5),
        (2.0, 3, 4 / 9),
        (4.0, 5, 0.554112554112554),
        (12.8, 16, 0.304883912930017),
        (40.0, 50, 0.0869525495267661),
        (950.0, 1000, 0.0682534153771414),
    ],
)
def test_erlang_c_has_its_published_values(offered_load, workers, waiting):
    assert waiting_probability(offered_load, workers) == pytest.approx(waiting, rel=1e-10)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 60), st.integers(0, 999))
def test_the_recursion_equals_the_defining_sums(workers, permille):
    load = Fraction(permille * workers, 1000)
    blocking, waiting = defining_sums(load, workers)
    assert blocking_probability(float(load), workers) == pytest.approx(float(blocking), rel=1e-10)
    assert waiting_probability(float(load), workers) == pytest.approx(float(waiting), rel=1e-9)


@given(utilisations, worker_counts)
def test_waiting_is_at_least_as_likely_as_blocking_and_at_most_certain(utilisation, workers):
    load = utilisation * workers
    blocked, waits = blocking_probability(load, workers), waiting_probability(load, workers)
    assert 0 <= blocked <= waits * (1 + 1e-12)
    assert waits <= 1


@given(st.floats(0.0, 100.0), worker_counts)
def test_a_worker_more_never_makes_blocking_more_likely(offered_load, workers):
    more = blocking_probability(offered_load, workers + 1)
    assert more <= blocking_probability(offered_load, workers) * (1 + 1e-12)


@given(utilisations, utilisations, worker_counts)
def test_more_load_never_makes_waiting_less_likely(one, other, workers):
    low, high = sorted((one * workers, other * workers))
    assert waiting_probability(low, workers) <= waiting_probability(high, workers) * (1 + 1e-12)


def test_without_load_nobody_waits():
    assert blocking_probability(0.0, 3) == 0
    assert waiting_probability(0.0, 3) == 0


@pytest.mark.parametrize(("load", "workers"), [(1.0, 0), (-0.1, 1), (math.inf, 1), (math.nan, 1)])
def test_a_station_that_cannot_be_is_refused(load, workers):
    with pytest.raises(UsageError, match="has no blocking"):
        blocking_probability(load, workers)


@pytest.mark.parametrize("load", [3.0, 3.5, math.inf, math.nan])
def test_a_load_without_stationary_waiting_is_refused(load):
    with pytest.raises(UsageError, match="is not below 3 workers"):
        waiting_probability(load, 3)
