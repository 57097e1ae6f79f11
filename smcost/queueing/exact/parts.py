"""Replays a horizon in parts, one after the other or on several threads: the same digits.

The partition is fixed. On several threads each part is first replayed from an empty fleet and an
hour of warm-up. A queue forgets how it began once it has been empty, so that mostly the state
after the warm-up is the true one, byte for byte; where it is not, the part is replayed again from
the true state. Nothing is approximated, and the number of threads changes no digit.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from smcost.queueing.exact.histogram import BINS
from smcost.queueing.exact.run import replay_stretch
from smcost.queueing.exact.stretch import Counted, Stretch, Tally

PART_MINUTES = 1440
WARM_UP_MINUTES = 60
#: After so many wrong guesses in a row, guessing stops.
_WRONG_GUESSES = 2


def replay_parts(horizon: Stretch, threads: int) -> tuple[Tally, bool]:
    """What is counted over the horizon, and whether the fleet was given up as saturated.

    Notes
    -----
    Where too many requests wait, every request from the next minute on counts as late.
    """
    begins = range(0, horizon.counts.size, PART_MINUTES)
    total = Tally(
        late=np.zeros((horizon.counts.size, horizon.limits_s.size), dtype=np.int64),
        histogram=np.zeros((int(horizon.window.max()) + 1, BINS), dtype=np.uint64),
        sections=np.zeros((int(horizon.section.max()) + 1, BINS), dtype=np.uint64),
    )
    replayed = _one_by_one(horizon, begins) if threads == 1 else _guessed(horizon, begins, threads)
    for begin, counted in zip(begins, replayed, strict=False):
        _add(horizon, begin, counted, total)
        if counted.reached < min(PART_MINUTES, horizon.counts.size - begin):
            _all_late(horizon, begin + counted.reached, total)
            return total, True
    return total, False


def cut(horizon: Stretch, begin: int, end: int) -> Stretch:
    """The minutes ``begin`` to ``end`` of a horizon; windows count from the first one met."""
    window = horizon.window[begin:end]
    before, until = horizon.counts[:begin].sum(), horizon.counts[:end].sum()
    offsets_s = horizon.offsets_s
    return replace(
        horizon,
        counts=horizon.counts[begin:end],
        in_service=horizon.in_service[begin:end],
        window=np.where(window >= 0, window - _first_window(window), -1),
        section=horizon.section[begin:end],
        first_minute=horizon.first_minute + begin,
        offsets_s=None if offsets_s is None else offsets_s[before:until],
    )


def _first_window(window: np.ndarray[tuple[int], np.dtype[np.int64]]) -> int:
    return int(window[window >= 0].min(initial=int(window.max(initial=0))))


def _part(horizon: Stretch, begin: int) -> Stretch:
    return cut(horizon, begin, min(begin + PART_MINUTES, horizon.counts.size))


def _one_by_one(horizon: Stretch, begins: range) -> Iterator[Counted]:
    state = b""
    for begin in begins:
        counted = replay_stretch(_part(horizon, begin), state)
        state = counted.state
        yield counted


def _guess(horizon: Stretch, begin: int) -> tuple[bytes, Counted]:
    """The state after the warm-up, and the part replayed from it."""
    state = b""
    if begin:
        warm_up = cut(horizon, max(0, begin - WARM_UP_MINUTES), begin)
        unrecorded = np.full(warm_up.counts.size, -1, dtype=np.int64)
        state = replay_stretch(replace(warm_up, window=unrecorded), b"").state
    return state, replay_stretch(_part(horizon, begin), state)


def _guessed(horizon: Stretch, begins: range, threads: int) -> Iterator[Counted]:
    state, wrong = b"", 0
    with ThreadPoolExecutor(threads) as pool:
        guesses: list[Future[tuple[bytes, Counted]]] = []
        for number, begin in enumerate(begins):
            # A few ahead, so that what is kept in memory does not grow with the horizon.
            while wrong < _WRONG_GUESSES and len(guesses) < min(len(begins), number + 2 * threads):
                guesses.append(pool.submit(_guess, horizon, begins[len(guesses)]))
            counted = None
            given_up = (
                wrong >= _WRONG_GUESSES and number < len(guesses) and guesses[number].cancel()
            )
            if number < len(guesses) and not given_up:
                guess, counted = guesses[number].result()
                right = guess == state
                wrong = 0 if right else wrong + 1
                counted = counted if right else None
            if counted is None:
                counted = replay_stretch(_part(horizon, begin), state)
            state = counted.state
            yield counted


def _add(horizon: Stretch, begin: int, counted: Counted, total: Tally) -> None:
    found = counted.tally
    total.late[begin : begin + found.late.shape[0]] = found.late
    first = _first_window(horizon.window[begin : begin + PART_MINUTES])
    total.histogram[first : first + found.histogram.shape[0]] += found.histogram
    total.sections[: found.sections.shape[0]] += found.sections


def _all_late(horizon: Stretch, begin: int, total: Tally) -> None:
    for t in range(begin, horizon.counts.size):
        if horizon.window[t] >= 0:
            total.late[t] = horizon.counts[t]
            total.histogram[horizon.window[t], -1] += np.uint64(horizon.counts[t])
            total.sections[horizon.section[t], -1] += np.uint64(horizon.counts[t])
