"""The endpoint as a serverless one: every memory size, on demand and provisioned."""

from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from smcost.cost import CostCase, data_lines, priced_case
from smcost.estimate.kind_fleet import Fleet
from smcost.estimate.kinds import P99, KindAnswer, KindsAsked, ServerlessFigures
from smcost.kinds.cold_starts import cold_starts
from smcost.kinds.limits import EndpointKind, Obstacle, ObstacleCode, serverless_obstacles
from smcost.kinds.serverless import (
    Work,
    cheapest_provisioned,
    offered_load,
    work,
)
from smcost.kinds.starting import most_with_starts, rush, throttled_starting
from smcost.queueing.service import FloatArray
from smcost.slo import Objective, SloWindow

_UNIT = "GB-second"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cold:
    """What cold starts do with so many provisioned: shares of the requests, and the concurrency."""

    share: float
    of_window: FloatArray
    throttled_share: float
    most_in_flight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Traffic:
    """The requests as a serverless endpoint sees them, whatever its memory."""

    fleet: Fleet
    asked: KindsAsked
    service_s: float
    load: FloatArray
    done: Work

    def cold(self, provisioned: int) -> _Cold:
        """Cold and throttled requests, of all and in each window of the SLO."""
        minutes, most = self.fleet.minutes, self.asked.max_concurrency
        cold = cold_starts(
            minutes.invocations, self.load, self.asked.times, most=most, provisioned=provisioned
        )
        found = rush(minutes.invocations, self.load, cold, self.asked.times.start_s)
        throttled = throttled_starting(self.load, found, most)
        # Who is throttled waits for no container.
        cold = np.maximum(cold - throttled, 0.0)
        total = max(minutes.total, 1)
        kind = SloWindow.DAY if self.fleet.slo is None else self.fleet.slo.window
        window = kind.number(minutes.start_s)
        requests = np.bincount(window, weights=minutes.invocations)
        return _Cold(
            share=float(cold.sum()) / total,
            of_window=np.bincount(window, weights=cold)[requests > 0] / requests[requests > 0],
            throttled_share=min(1.0, self.done.throttled_share + float(throttled.sum()) / total),
            most_in_flight=int(most_with_starts(minutes.invocations, self.load, found).max()),
        )

    @property
    def busy_s(self) -> Decimal:
        """Work of a month. [s]"""
        return self.fleet.invocations * Decimal(repr(self.service_s))

    def beyond_s(self, provisioned: int) -> Decimal:
        """Of it what finds so many containers busy. [s]"""
        whole = float(self.done.beyond_s[0])
        share = float(self.done.beyond_s[provisioned]) / whole if whole else 0.0
        return self.busy_s * Decimal(repr(share))


def serverless_answers(
    fleet: Fleet, asked: KindsAsked
) -> tuple[tuple[KindAnswer, ...], tuple[str, ...]]:
    """A row for each memory size, and one more where provisioned concurrency is of use; notes.

    One row alone where serverless endpoints cannot take the job at all.
    """
    obstacles = serverless_obstacles(asked.job, asked.service_factor)
    bare = KindAnswer(
        kind=EndpointKind.SERVERLESS,
        name="serverless",
        case=None,
        p99=P99.NOT_PROMISED,
        obstacles=obstacles,
    )
    if obstacles:
        return (replace(bare, p99=P99.NONE),), ()
    if asked.job.service_s is None:
        note = (
            "Serverless is not priced: this capacity tells no time of work for one request; give "
            "--service-time and --concurrency in its place."
        )
        return (bare,), (note,)
    service_s = asked.job.service_s * asked.service_factor
    load = offered_load(fleet.minutes.invocations, service_s)
    traffic = _Traffic(
        fleet=fleet,
        asked=asked,
        service_s=service_s,
        load=load,
        done=work(load, asked.max_concurrency),
    )
    wanted, notes = _provisioned(traffic)
    counts = (0, wanted) if wanted and asked.rates.knows_provisioned else (0,)
    rows = []
    for provisioned in counts:
        cold = traffic.cold(provisioned)
        rows += [_row(traffic, size_gb, provisioned, cold) for size_gb in asked.sizes_gb]
    if asked.job.model_bytes is None and len(asked.sizes_gb) > 1:
        notes = (
            "Which memory size is large enough is not known: give --model-size.",
            *notes,
        )
    return tuple(rows), notes


def _provisioned(traffic: _Traffic) -> tuple[int, tuple[str, ...]]:
    """The provisioned concurrency to show: what is cheapest, and enough for the SLO; a note."""
    asked, rates = traffic.asked, traffic.asked.rates
    enough = _enough_provisioned(traffic)
    if not rates.knows_provisioned:
        told = f": {enough} would keep the SLO" if enough else ""
        return 0, (f"Provisioned concurrency is not priced, its rates are not known here{told}.",)
    best = cheapest_provisioned(traffic.done, rates)
    if best or enough:
        return max(best, enough or 0), ()
    assert rates.execution is not None
    assert rates.reserved is not None
    assert rates.reserved_execution is not None
    saved = rates.execution - rates.reserved_execution
    busiest = float(traffic.done.busy_share[0]) if asked.max_concurrency else 0.0
    above = f"{rates.reserved / saved:.1%}" if saved > 0 else "100%"
    return 0, (
        f"No provisioned concurrency pays: a container must be busy for more than {above} of the "
        f"time, and the first one is for {busiest:.1%}.",
    )


def _enough_provisioned(traffic: _Traffic) -> int | None:
    """The least that keeps cold starts from breaking the SLO; ``None``: nothing breaks, or all do.

    Cold starts fall with every one more, so halving the range finds it.
    """
    if not _cold_obstacles(traffic, 0):
        return None
    low, high = 0, traffic.asked.max_concurrency
    if _cold_obstacles(traffic, high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _cold_obstacles(traffic, middle) else (low, middle)
    return high


def _cold_obstacles(traffic: _Traffic, provisioned: int) -> list[Obstacle]:
    if traffic.fleet.slo is None:
        return []
    return _cold(traffic, traffic.cold(provisioned).of_window)


def _row(traffic: _Traffic, size_gb: int, provisioned: int, cold: _Cold) -> KindAnswer:
    fleet, asked = traffic.fleet, traffic.asked
    worst = float(cold.of_window.max(initial=0.0))
    figures = ServerlessFigures(
        memory_gb=size_gb,
        provisioned=provisioned,
        most_in_flight=cold.most_in_flight,
        throttled_share=cold.throttled_share,
        cold_share=cold.share,
        worst_window_cold_share=worst,
    )
    case = _case(traffic, size_gb, provisioned)
    even: tuple[Decimal | None, Decimal | None] = (None, None)
    if case is not None and not provisioned:
        assert asked.rates.execution is not None
        even = fleet.break_even(Decimal(repr(traffic.service_s)) * size_gb * asked.rates.execution)
    return KindAnswer(
        kind=EndpointKind.SERVERLESS,
        name=f"serverless, {size_gb} GB" + (f", {provisioned} provisioned" * (provisioned > 0)),
        case=case,
        p99=P99.NOT_PROMISED,
        p99_s=_at_least_s(traffic, worst),
        obstacles=(*_throttled(traffic, cold), *_warm(traffic), *_cold(traffic, cold.of_window)),
        figures=figures,
        break_even=even[0],
        break_even_single=even[1],
    )


def _case(traffic: _Traffic, size_gb: int, provisioned: int) -> CostCase | None:
    """The bill of a month; ``None`` where the rate is not known."""
    rates, fleet = traffic.asked.rates, traffic.fleet
    if rates.execution is None:
        return None
    beyond_s = traffic.beyond_s(provisioned)
    amounts = [(f"Execution, {size_gb} GB", size_gb * beyond_s, _UNIT, rates.execution)]
    if provisioned:
        assert rates.reserved is not None
        assert rates.reserved_execution is not None
        held = size_gb * provisioned * fleet.hours_per_month * 3600
        taken = size_gb * (traffic.busy_s - beyond_s)
        amounts = [
            (f"Provisioned, {provisioned} x {size_gb} GB", held, _UNIT, rates.reserved),
            ("Execution on provisioned", taken, _UNIT, rates.reserved_execution),
            *amounts,
        ]
    lines = priced_case(*amounts).lines
    return CostCase(lines=(*lines, *data_lines(fleet.tariff, fleet.invocations)))


def _at_least_s(traffic: _Traffic, worst_share: float) -> float | None:
    """A bound of the worst window's p99 from below. [s]"""
    fleet, asked = traffic.fleet, traffic.asked
    warm_s = fleet.fastest_s.get(0.99)
    warm_s = None if warm_s is None else asked.service_factor * warm_s
    if worst_share > 0.01:
        warm_s = max(asked.times.start_s, warm_s or 0.0)
    return None if warm_s is None else fleet.terms.overhead_s + warm_s


def _throttled(traffic: _Traffic, cold: _Cold) -> list[Obstacle]:
    share, most = cold.throttled_share, traffic.asked.max_concurrency
    if share <= traffic.fleet.may_fail:
        return []
    message = (
        f"the busiest minute has {cold.most_in_flight:,} requests in flight and {most} are "
        f"allowed: {share:.2%} of all are throttled"
    )
    return [Obstacle(code=ObstacleCode.CONCURRENCY, message=message)]


def _warm(traffic: _Traffic) -> list[Obstacle]:
    """Limits that not even a warm container keeps."""
    fleet = traffic.fleet
    return [
        Obstacle(
            code=ObstacleCode.LATENCY,
            message=f"{each.name} is {1000 * found_s:,.0f} ms at least, warm",
        )
        for each in _objectives(fleet)
        if (found_s := _warm_s(traffic, each.fraction)) is not None and found_s > each.limit_s
    ]


def _warm_s(traffic: _Traffic, fraction: float) -> float | None:
    fastest_s = traffic.fleet.fastest_s.get(fraction)
    if fastest_s is None:
        return None
    return traffic.fleet.terms.overhead_s + traffic.asked.service_factor * fastest_s


def _cold(traffic: _Traffic, of_window: FloatArray) -> list[Obstacle]:
    """Limits that are broken where too many requests of a window are cold."""
    fleet, slo = traffic.fleet, traffic.fleet.slo
    if slo is None:
        return []
    found = []
    cold_s = fleet.terms.overhead_s + traffic.asked.times.start_s
    for each in _objectives(fleet):
        broken = int((of_window > each.allowed_late).sum())
        if cold_s > each.limit_s and broken > slo.windows_spared(of_window.size):
            message = (
                f"{each.name} is {1000 * cold_s:,.0f} ms at least in {broken:,} of "
                f"{of_window.size:,} windows ({slo.window.value}): up to "
                f"{float(of_window.max()):.2%} of the requests are cold"
            )
            found.append(Obstacle(code=ObstacleCode.COLD_STARTS, message=message))
    return found


def _objectives(fleet: Fleet) -> tuple[Objective, ...]:
    return () if fleet.slo is None else fleet.slo.objectives
