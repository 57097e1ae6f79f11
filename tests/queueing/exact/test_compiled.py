"""The extension module is optional, can be switched off, and refuses what does not fit."""

import math
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from smcost.queueing.exact import compiled as loader
from smcost.queueing.exact.compiled import compiled, kernels
from smcost.queueing.exact.histogram import BINS
from smcost.queueing.exact.quantile_table import exponential_table

needs_kernels = pytest.mark.skipif(not compiled(), reason="the kernels are not built or are off")
NONE = np.empty(0)


def test_switched_off_there_are_none(monkeypatch):
    monkeypatch.setenv("SMCOST_NO_KERNELS", "1")
    assert kernels() is None
    assert not compiled()


def test_where_they_were_not_built_there_are_none(monkeypatch):
    loader._built.cache_clear()
    monkeypatch.setitem(sys.modules, "smcost._kernels", None)
    assert not compiled()
    loader._built.cache_clear()


@needs_kernels
@pytest.mark.parametrize("missing", ["scheduled_replay", "serve_given"])
def test_kernels_of_an_earlier_checkout_are_not_used(monkeypatch, missing):
    whole = loader._built.__wrapped__()
    names = [name for name in dir(whole) if not name.startswith("_") and name != missing]
    older = SimpleNamespace(**{name: getattr(whole, name) for name in names})
    monkeypatch.setitem(sys.modules, "smcost._kernels", older)
    assert loader._built.__wrapped__() is None
    setattr(older, missing, getattr(whole, missing))
    assert loader._built.__wrapped__() is older


def arguments(**changes):
    """Positional arguments of ``replay_minutes`` for two minutes of two workers."""
    table = exponential_table()
    values = {
        "counts": np.array([3, 4]),
        "in_service": np.array([1, 2]),
        "window": np.array([0, 0]),
        "section": np.array([0, 1]),
        "weights": NONE,
        "offsets_s": NONE,
        "limits_s": np.array([1.0]),
        "seed": 1,
        "first_minute": 0,
        "most_waiting": 1_000,
        "kind": 0,
        "least_outstanding": 1,
        "width": 2,
        "timeout_s": math.inf,
        "latency": table.cells,
        "latency_bits": table.cell_bits,
        "exponential": table.cells,
        "exponential_bits": table.cell_bits,
        "throughput_rps": NONE,
        "state": b"",
        "late": np.zeros((2, 1), dtype=np.int64),
        "histogram": np.zeros((1, BINS), dtype=np.uint64),
        "sections": np.zeros((2, BINS), dtype=np.uint64),
    }
    return list((values | changes).values())


@needs_kernels
def test_what_makes_sense_is_replayed():
    given = arguments()
    state, reached = kernels().replay_minutes(*given)
    assert reached == 2
    # Two slots of two free times and an empty ring, after the number of slots.
    assert len(state) == 8 * (1 + 2 * 3)
    assert given[-2].sum() == 7


@needs_kernels
@pytest.mark.parametrize(
    "change",
    [
        {"counts": np.array([3, -1])},
        {"counts": np.array([3])},
        {"counts": np.array([3, 2**40])},
        {"in_service": np.array([1])},
        {"in_service": np.array([1, 0])},
        {"window": np.array([0, 1])},
        {"window": np.array([0])},
        {"section": np.array([0, 2])},
        {"section": np.array([0, -1])},
        {"weights": np.zeros(61)},
        {"offsets_s": np.zeros(6)},
        {"late": np.zeros(1, dtype=np.int64)},
        {"histogram": np.zeros(BINS - 1, dtype=np.uint64)},
        {"sections": np.zeros(0, dtype=np.uint64)},
        {"width": 0},
        {"latency": np.zeros(10)},
        {"latency_bits": -1},
        {"latency_bits": 40},
        {"kind": 1},
        {"kind": 1, "width": 1, "throughput_rps": np.ones(1), "exponential": np.zeros(3)},
        {"state": b"12345678"},
        {"state": np.array([3]).tobytes()},
        {"state": np.array([1, 0, 0]).tobytes()},
        {"state": np.array([1, 0, 0, 2**40]).tobytes()},
        {"state": np.array([1, 0, 0, 0, 0]).tobytes()},
    ],
    ids=", ".join,
)
def test_what_does_not_fit_together_is_refused(change):
    with pytest.raises(ValueError, match=r"range|length|none"):
        kernels().replay_minutes(*arguments(**change))


@needs_kernels
@pytest.mark.parametrize(
    "change",
    [
        {0: np.array([1.0])},
        {1: np.array([1.0])},
        {2: np.array([0.5])},
        {3: np.array([0, 3])},
        {3: np.array([0, 2, 1, 2]), 4: np.array([1, 1, 1])},
        {4: np.array([0])},
        {5: 0},
        {7: np.zeros(1)},
    ],
    ids=str,
)
def test_given_requests_that_do_not_fit_are_refused(change):
    two = np.array([1.0, 2.0])
    given = [two, two, two / 4, np.array([0, 2]), np.array([1]), 1, math.inf, np.empty(2)]
    for at, value in change.items():
        given[at] = value
    with pytest.raises(ValueError, match=r"range|length"):
        kernels().serve_given(*given)


@needs_kernels
def test_an_autoscaler_without_room_for_its_answers_is_refused():
    counts, room = np.array([5, 6]), np.empty((2, 4), dtype=np.int64)
    scale = (1.0, 1, 9, 300.0, 90.0, 300.0)
    with pytest.raises(ValueError, match="length"):
        kernels().count_replay(counts, *scale, 1, np.empty(1, dtype=np.int64), room)
    with pytest.raises(ValueError, match="length"):
        kernels().count_replay(counts, *scale, 0, np.empty(2, dtype=np.int64), room)
