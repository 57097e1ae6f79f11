"""Compiled and in Python: the same digits, and the same state, whatever the scene."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.queueing.exact.compiled import compiled, kernels
from smcost.queueing.exact.given import serve_given
from smcost.queueing.exact.parts import cut
from smcost.queueing.exact.quantile_table import tabulated
from smcost.queueing.exact.replay import exact_replay
from smcost.queueing.exact.run import replay_stretch
from smcost.queueing.exact.stations import WorkersStation, sweep_station, workers_station
from smcost.queueing.exact.stretch import Stretch
from smcost.queueing.load_dependent import Sweep
from smcost.queueing.service import ServiceLaw, ServiceTime

pytestmark = pytest.mark.skipif(not compiled(), reason="the kernels are not built or are off")

#: Throughput peaks at concurrency 3 and falls to 3.2 a second.
SWEEP = Sweep(
    throughput_rps=np.array([1.5, 2.8, 3.6, 3.2]),
    fractions=np.array([0.5, 0.99]),
    latencies_s=np.array([0.6, 0.7, 0.8, 1.2])[:, None] * np.array([1.0, 3.0]),
)


@st.composite
def stations(draw):
    """A station, and the requests a second it can serve."""
    if draw(st.booleans()):
        return sweep_station(SWEEP), 3.2
    workers = draw(st.integers(1, 30))
    cv = draw(st.sampled_from([0.0, 0.5, 1.0, 3.0]))
    law = draw(st.sampled_from([ServiceLaw.LOGNORMAL, ServiceLaw.GAMMA]))
    # Few, slow workers and many make the same small minutes.
    service = ServiceTime(mean_s=workers / 3.0, cv=cv, law=law)
    return workers_station(service, workers), 3.0


@st.composite
def scenes(draw, fewest=1):
    """Arguments of ``exact_replay``: small minutes, overload, scale-out and scale-in."""
    size = draw(st.integers(fewest, 8))
    station, rate_rps = draw(stations())
    in_service = np.array(draw(st.lists(st.integers(1, 4), min_size=size, max_size=size)))
    load = draw(st.lists(st.floats(0, 1.4), min_size=size, max_size=size))
    counts = (np.array(load) * rate_rps * 60 * in_service).astype(np.int64)
    offsets_s = None
    if draw(st.booleans()):
        rng = np.random.default_rng(draw(st.integers(0, 9)))
        offsets_s = np.concatenate([np.sort(rng.integers(0, 61, count)) for count in counts])
        offsets_s = offsets_s.astype(np.float64)
    return {
        "counts": counts,
        "in_service": in_service,
        "station": station,
        "least_outstanding": draw(st.booleans()),
        "seed": draw(st.integers(0, 2**64 - 1)),
        "limits_s": np.array(draw(st.lists(st.floats(0, 90), max_size=3))),
        "timeout_s": draw(st.sampled_from([1.0, 5.0, 60.0])),
        "drop_timed_out": draw(st.booleans()),
        "window": np.arange(size) // 3,
        "section": np.arange(size) % 4,
        "first_minute": draw(st.integers(0, 10_000)),
        "record_from": draw(st.integers(0, size)),
        "burstiness": draw(st.sampled_from([1.0, 1.0, 4.0, 50.0])),
        "offsets_s": offsets_s,
    }


def stretch_of(scene):
    scene = {**scene, "timeout_s": scene["timeout_s"] if scene["drop_timed_out"] else np.inf}
    return Stretch(
        **{name: scene[name] for name in scene if name not in ("drop_timed_out", "record_from")},
        most_waiting=10**9,
    )


def assert_same(found, expected):
    for name in ("late", "histogram", "sections"):
        assert np.array_equal(getattr(found, name), getattr(expected, name)), name


@settings(deadline=None, max_examples=120)
@given(scene=scenes())
def test_what_is_counted_is_the_same(in_python, scene):
    found = exact_replay(**scene)
    with in_python():
        assert_same(found, exact_replay(**scene))


@settings(deadline=None, max_examples=60)
@given(scene=scenes())
def test_the_state_is_the_same_byte_for_byte(in_python, scene):
    stretch = stretch_of(scene)
    found = replay_stretch(stretch, b"")
    with in_python():
        expected = replay_stretch(stretch, b"")
    assert found.state == expected.state
    assert found.reached == expected.reached


@settings(deadline=None, max_examples=60)
@given(scene=scenes(fewest=2), data=st.data())
def test_a_replay_can_be_cut_anywhere_and_continued_by_either(in_python, scene, data):
    stretch = stretch_of(scene)
    at = data.draw(st.integers(1, stretch.counts.size - 1))
    whole = replay_stretch(stretch, b"")
    first = replay_stretch(cut(stretch, 0, at), b"")
    rest = cut(stretch, at, stretch.counts.size)
    second = replay_stretch(rest, first.state)
    with in_python():
        by_python = replay_stretch(rest, first.state)
    late = np.concatenate((first.tally.late, second.tally.late))
    assert np.array_equal(late, whole.tally.late)
    assert second.state == by_python.state == whole.state
    assert np.array_equal(by_python.tally.late, second.tally.late)


@settings(deadline=None, max_examples=60)
@given(scene=scenes(), most=st.integers(0, 200))
def test_a_fleet_is_given_up_at_the_same_minute(in_python, scene, most):
    found = exact_replay(**scene, most_waiting=most)
    with in_python():
        expected = exact_replay(**scene, most_waiting=most)
    assert_same(found, expected)
    assert found.saturated is expected.saturated


@settings(deadline=None, max_examples=100)
@given(
    st.integers(0, 2**32), st.integers(1, 40), st.booleans(), st.sampled_from([3.0, 20.0, np.inf])
)
def test_given_requests_have_the_same_responses(in_python, seed, workers, at_random, timeout_s):
    rng = np.random.default_rng(seed)
    # Whole and half seconds make ties; others do not.
    round_to = rng.choice([1, 2, 1000])
    arguments = {
        "arrivals_s": np.sort(rng.integers(0, 300 * round_to, 500)) / round_to,
        "services_s": rng.integers(0, 2 * workers * round_to, 500) / round_to,
        "choices": rng.random(500) if at_random else None,
        "in_service": rng.integers(1, 6, 5),
        "step_s": 60.0,
        "workers": workers,
        "timeout_s": timeout_s,
    }
    found = serve_given(**arguments)
    with in_python():
        assert np.array_equal(found, serve_given(**arguments))


@pytest.fixture(params=[0, 1, 2])
def width(request):
    """Vectors as wide as that; skipped where the processor has none."""
    if not compiled():
        pytest.skip("the kernels are not built or are off")
    if kernels().use_vectors(request.param) < request.param:
        kernels().use_vectors(2)
        pytest.skip("the processor has no such vectors")
    yield request.param
    kernels().use_vectors(2)


@pytest.mark.parametrize("cell_bits", [5, 7])
@pytest.mark.parametrize("least_outstanding", [False, True])
def test_the_width_of_vectors_changes_no_digit(in_python, width, cell_bits, least_outstanding):
    law = tabulated(lambda p: -np.log1p(-p), lambda q: -np.log(q), cell_bits)
    scene = {
        "counts": np.array([0, 1, 7, 3_000, 2_999]),
        "in_service": np.array([1, 1, 2, 3, 3]),
        "station": WorkersStation(workers=60, service=law),
        "least_outstanding": least_outstanding,
        "seed": 11,
        "limits_s": np.array([1.0, 2.0]),
        "timeout_s": 60.0,
        "drop_timed_out": False,
        "window": np.zeros(5, dtype=np.int64),
        "section": np.arange(5),
    }
    found = exact_replay(**scene)
    with in_python():
        assert_same(found, exact_replay(**scene))


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 24, 64, 128, 129])
@pytest.mark.parametrize("rho", [0.3, 0.8, 1.2])
@pytest.mark.parametrize("timeout_s", [3.0, np.inf])
def test_one_instance_is_served_from_guesses_without_changing_a_digit(
    in_python, width, workers, rho, timeout_s
):
    rng = np.random.default_rng(workers)
    arguments = {
        "arrivals_s": np.cumsum(rng.exponential(1 / (workers * rho), 9_001)),
        "services_s": rng.exponential(1.0, 9_001),
        "choices": None,
        "in_service": np.array([1]),
        "step_s": 60.0,
        "workers": workers,
        "timeout_s": timeout_s,
    }
    found = serve_given(**arguments)
    with in_python():
        assert np.array_equal(found, serve_given(**arguments))
