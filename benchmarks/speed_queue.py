"""The central queue and the fleet of 8 instances of 4 workers, against SimPy, Ciw and plain C."""

import os
import time
from collections.abc import Callable, Iterator
from statistics import median

import numpy as np
import speed_peers as peers
import speed_reference as reference
from numpy.typing import NDArray
from speed_scene import Row

from smcost.queueing.exact.compiled import SWITCH
from smcost.queueing.exact.given import serve_given
from smcost.queueing.exact.replay import exact_replay
from smcost.queueing.exact.stations import workers_station
from smcost.queueing.service import ServiceTime

INSTANCES, WORKERS, RHO = 8, 4, 0.8
SERVICE = ServiceTime(mean_s=0.04, cv=0.5)
_RATE_RPS = INSTANCES * WORKERS * RHO / SERVICE.mean_s
_SIGMA = float(np.sqrt(np.log1p(SERVICE.cv**2)))
_MU = float(np.log(SERVICE.mean_s) - _SIGMA**2 / 2)
_ONE = np.array([1])
_EIGHT = np.array([INSTANCES])
FloatArray = NDArray[np.float64]
#: Nanoseconds per request of each engine in each round.
Rounds = dict[str, list[float]]


def _ns(size: int, run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return (time.perf_counter() - started) / size * 1e9


def measured(engines: dict[str, Callable[[], float]], rounds: int) -> Rounds:
    """Every engine in turn, so many times: what slows the machine down slows all."""
    found: Rounds = {name: [] for name in engines}
    for _ in range(rounds):
        for name, run in engines.items():
            found[name].append(run())
    return found


def ratio(found: Rounds, peer: str, ours: str) -> float:
    """Median over the rounds of peer / ours."""
    return median(a / b for a, b in zip(found[peer], found[ours], strict=True))


def _rate(found: Rounds, name: str) -> str:
    ns = median(found[name])
    return f"{ns:,.1f} ns ({1e3 / ns:,.1f} M/s)" if ns < 1e3 else f"{ns:,.0f} ns"


def _row(what: str, found: Rounds, ours: str, peer: str, least: float | None = None) -> Row:
    times = ratio(found, peer, ours)
    text = f"{times:,.0f} x {peer}" if times >= 10 else f"{times:.2f} x {peer}"
    if least is None:
        return Row(what, _rate(found, ours), text)
    return Row(what, _rate(found, ours), text, f">= {least:,g}", times >= least)


def _against_c(what: str, found: Rounds, most: float | None) -> Row:
    times = ratio(found, "given", "C")
    figure, text = f"C: {_rate(found, 'C')}", f"{times:.2f} x the time of C"
    return Row(what, figure, text, f"<= {most:g}" if most else "", times <= most if most else None)


def without_kernels(run: Callable[[], float]) -> float:
    """The same in Python and numpy."""
    before = os.environ.get(SWITCH)
    os.environ[SWITCH] = "1"
    try:
        return run()
    finally:
        del os.environ[SWITCH]
        if before is not None:
            os.environ[SWITCH] = before


def _given(
    requests: tuple[FloatArray, FloatArray, FloatArray | None],
    in_service: NDArray[np.int64],
    workers: int,
    out: FloatArray,
) -> float:
    arrivals_s, services_s, choices = requests
    return _ns(
        arrivals_s.size,
        lambda: serve_given(
            arrivals_s=arrivals_s,
            services_s=services_s,
            choices=choices,
            in_service=in_service,
            step_s=60.0,
            workers=workers,
            out=out,
        ),
    )


def central_queue(size: int, peer_size: int, rounds: int) -> Iterator[Row]:
    """M/M/c at a utilisation of 0.8 on given arrays."""
    rng, out = np.random.default_rng(1), np.zeros(size)
    for workers in (1, 4, 16, 64):
        rate = workers * RHO
        arrivals_s, services_s = rng.exponential(1 / rate, size).cumsum(), rng.exponential(1, size)
        few = arrivals_s[:peer_size].tolist(), services_s[:peer_size].tolist()
        found = measured(
            {
                "given": lambda a=arrivals_s, s=services_s, c=workers: _given(
                    (a, s, None), _ONE, c, out
                ),
                "C": lambda a=arrivals_s, s=services_s, c=workers: _ns(
                    size, lambda: reference.central(a, s, c, out)
                ),
                "SimPy": lambda f=few, c=workers: (
                    peers.simpy_given(*f, None, 1, c) / peer_size * 1e9
                ),
                "Ciw": lambda r=rate, c=workers: (
                    peers.ciw_central(peer_size // 2, r, c) / (peer_size // 2) * 1e9
                ),
            },
            rounds,
        )
        what = f"central queue, c = {workers}, given arrays"
        yield _row(what, found, "given", "SimPy", 2_000 if workers == 4 else None)
        yield _row(what, found, "given", "Ciw", 5_000 if workers == 4 else None)
        yield _against_c(what, found, None)


def all_in(size: int, *, least_outstanding: bool) -> float:
    """Nanoseconds per request with random numbers, queue and counting, on one thread."""
    per_minute = round(60 * _RATE_RPS)
    minutes = max(1, round(size / per_minute))
    counts = np.full(minutes, per_minute)
    station = workers_station(SERVICE, WORKERS)
    return _ns(
        minutes * per_minute,
        lambda: exact_replay(
            counts=counts,
            in_service=np.full(minutes, INSTANCES),
            station=station,
            least_outstanding=least_outstanding,
            seed=1,
            limits_s=np.array([0.2, 60.0]),
            timeout_s=60.0,
            drop_timed_out=False,
            window=np.zeros(minutes, dtype=np.int64),
            section=np.arange(minutes) * 10 // minutes,
        ),
    )


def fleet(size: int, peer_size: int, rounds: int) -> Iterator[Row]:
    """8 instances of 4 workers at 0.8 under both routings."""
    rng, out = np.random.default_rng(2), np.zeros(size)
    arrivals_s = rng.exponential(1 / _RATE_RPS, size).cumsum()
    services_s, choices = rng.lognormal(_MU, _SIGMA, size), rng.random(size)
    for name, least, wanted, most in (("RANDOM", False, 1_000, 1.5), ("LOR", True, 300, 2.0)):
        given = (arrivals_s, services_s, None if least else choices)
        few = [None if one is None else one[:peer_size] for one in given]
        listed = [None if one is None else one.tolist() for one in few]
        drawn = (peer_size, _RATE_RPS, _MU, _SIGMA, INSTANCES, WORKERS, least)
        found = measured(
            {
                "given": lambda g=given: _given(g, _EIGHT, WORKERS, out),
                "C": lambda g=given: _ns(size, lambda: reference.fleet(*g, INSTANCES, out)),
                "all in": lambda b=least: all_in(size, least_outstanding=b),
                "in Python, given": lambda f=few: without_kernels(
                    lambda: _given(tuple(f), _EIGHT, WORKERS, np.empty(peer_size))
                ),
                "in Python, all in": lambda b=least: without_kernels(
                    lambda: all_in(peer_size, least_outstanding=b)
                ),
                "SimPy": lambda p=listed: (
                    peers.simpy_given(*p, INSTANCES, WORKERS) / peer_size * 1e9
                ),
                "SimPy all in": lambda d=drawn: peers.simpy_all_in(*d) / peer_size * 1e9,
            },
            rounds,
        )
        what = f"8 x 4 fleet, {name}"
        yield _row(f"{what}, given arrays", found, "given", "SimPy")
        yield _against_c(f"{what}, given arrays", found, most)
        yield _row(f"{what}, all in", found, "all in", "SimPy all in", wanted)
        yield _row(f"{what}, all in, against given arrays", found, "all in", "SimPy")
        yield _row(f"{what}, given arrays, no compiler", found, "in Python, given", "SimPy", 10)
        yield _row(f"{what}, all in, no compiler", found, "in Python, all in", "SimPy all in", 10)
