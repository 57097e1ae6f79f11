"""Load tests of other tools: each level as its file has it, and all of them as one capacity.

A load test does not know what it tested: instance type and number of instances are the user's to
say. Concurrency and throughput are of the whole endpoint and are divided by the instances.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from smcost.capacity import Kind, Profile, RatesProfile, SweepProfile
from smcost.errors import InputError, UsageError
from smcost.queueing.service import FloatArray
from smcost.remarks import Caveat

#: A closed loop without pauses has all its clients waiting for an answer, but for its start and
#: its end; fewer in flight than this share of them, and they paused or the rate was given.
_BUSY = 0.9
#: Of whole numbers that are divided.
_WHOLE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadTest:
    """One level of a load test, of the whole endpoint.

    Attributes
    ----------
    tool, place
        Who measured it, and the file it stands in.
    sent_rps
        Requests per second, failed ones included. [s^-1]
    latencies_s
        Percentile -> latency of whole requests, at least one. [fraction -> s]
    concurrency
        Clients at work at a time; ``None`` where the file does not say. [count]
    in_flight
        Whether the tool's concurrency is that of requests in flight, by its documentation; else
        clients may pause between requests.
    open_loop
        Whether the file says that requests came at a rate of their own.
    mean_s, failed_fraction, requests
        ``None`` where the file does not say. [s, fraction, count]
    notes
        What to know about the figures, a clause each.
    caveats
        What to mind.
    """

    tool: str
    place: str
    sent_rps: float
    latencies_s: Mapping[float, float]
    concurrency: float | None
    in_flight: bool
    open_loop: bool
    mean_s: float | None
    failed_fraction: float | None
    requests: int | None
    notes: tuple[str, ...] = ()
    caveats: tuple[Caveat, ...] = ()

    @property
    def answered_rps(self) -> float:
        """Answers without error per second. [s^-1]"""
        return self.sent_rps * (1 - (self.failed_fraction or 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What the user says of a load test.

    Attributes
    ----------
    instance_type, instances
        What stood behind the endpoint.
    concurrency
        Where the file does not say it; ``None``: it does. [count]
    kind
        Sweep or rates; ``None``: as the file tells.
    """

    instance_type: str
    instances: int = 1
    concurrency: int | None = None
    kind: Kind | None = None


def load_test_profile(levels: Sequence[LoadTest], tested: Subject) -> Profile:
    """All levels as the capacity of one instance.

    Raises
    ------
    InputError
        The levels are of two kinds or one kind cannot be told, a level stands there twice, no
        percentile is measured at each, or the figures are none that a test can have measured.
    """
    kinds = {_kind(level, tested): level for level in levels}
    if len(kinds) > 1:
        places = " and ".join(f"{kind.value} ({level.place})" for kind, level in kinds.items())
        raise InputError(
            f"The files are of two kinds, {places}",
            remedy="Import them one by one, or give --kind",
        )
    kind = next(iter(kinds))
    ordered = sorted(levels, key=lambda level: _level(level, kind, tested))
    for before, after in itertools.pairwise(ordered):
        if _level(before, kind, tested) == _level(after, kind, tested):
            raise InputError(
                f"{before.place} has the same level, {_level(after, kind, tested):g}",
                remedy="Keep the file with more requests",
                place=after.place,
            )
    try:
        return _sweep(ordered, tested) if kind is Kind.SWEEP else _rates(ordered, tested)
    except UsageError as error:
        raise InputError(error.cause, remedy=error.remedy, place=ordered[0].place) from error


def _kind(level: LoadTest, tested: Subject) -> Kind:
    """By the user, by the file, or by how many of the clients were waiting for an answer."""
    concurrency = _concurrency(level, tested)
    if tested.kind is Kind.RATES or (level.open_loop and tested.kind is None):
        _refuse_closed_loop(level, concurrency)
        return Kind.RATES
    if concurrency is None:
        raise InputError(
            "The file does not say how many clients were at work",
            remedy="Give --concurrency N, or --kind rates where requests came at a rate of their "
            "own",
            place=level.place,
        )
    waiting = _in_flight(level)
    if waiting is not None and waiting > concurrency / _BUSY:
        raise InputError(
            f"{waiting:.3g} requests were waiting for an answer on average, more than the "
            f"{concurrency:g} clients there were",
            remedy="Check the number of clients, that of the whole test, and the unit of the "
            "latency",
            place=level.place,
        )
    if tested.kind is None and not level.in_flight and (waiting or 0.0) < _BUSY * concurrency:
        raise InputError(
            f"Of {concurrency:g} clients only {waiting or 0.0:.3g} were waiting for an answer on "
            "average: they paused, their number changed, or the rate was given",
            remedy="Give --kind rates where requests came at a rate of their own; else test "
            "without pauses and with a constant number",
            place=level.place,
        )
    return Kind.SWEEP


def _refuse_closed_loop(level: LoadTest, concurrency: float | None) -> None:
    """Clients who wait for the endpoint have its rate, and not one of their own."""
    waiting = _in_flight(level)
    if level.open_loop or concurrency is None or waiting is None:
        return
    if waiting >= _BUSY * concurrency:
        raise InputError(
            f"Nearly all of the {concurrency:g} clients were waiting for an answer all the time "
            f"({waiting:.3g} on average), so that the rate was the endpoint's and not their own",
            remedy="Leave --kind out: this is a sweep",
            place=level.place,
        )


def _in_flight(level: LoadTest) -> float | None:
    """Mean number of requests in flight, by Little's law; ``None`` without a mean latency."""
    return None if level.mean_s is None else level.sent_rps * level.mean_s


def _concurrency(level: LoadTest, tested: Subject) -> float | None:
    return level.concurrency if tested.concurrency is None else float(tested.concurrency)


def _level(level: LoadTest, kind: Kind, tested: Subject) -> float:
    """Concurrency or rate of one instance."""
    if kind is Kind.RATES:
        return level.sent_rps / tested.instances
    concurrency = _concurrency(level, tested)
    assert concurrency is not None
    each = concurrency / tested.instances
    if abs(each - round(each)) > _WHOLE:
        raise InputError(
            f"{concurrency:g} clients cannot be shared evenly by {tested.instances} instances",
            remedy="Test with a multiple of their number, or one instance alone",
            place=level.place,
        )
    return float(round(each))


def _sweep(levels: Sequence[LoadTest], tested: Subject) -> SweepProfile:
    fractions, latencies_s = _percentiles(levels)
    return SweepProfile(
        instance_type=tested.instance_type,
        concurrency=np.array([_level(level, Kind.SWEEP, tested) for level in levels]),
        throughput_rps=np.array([level.answered_rps for level in levels]) / tested.instances,
        fractions=fractions,
        latencies_s=latencies_s,
        error_rate=_errors(levels),
        errors_known=_errors_known(levels),
        requests=_requests(levels),
        means_s=np.array([math.nan if one.mean_s is None else one.mean_s for one in levels]),
    )


def _rates(levels: Sequence[LoadTest], tested: Subject) -> RatesProfile:
    fractions, latencies_s = _percentiles(levels)
    return RatesProfile(
        instance_type=tested.instance_type,
        offered_rps=np.array([_level(level, Kind.RATES, tested) for level in levels]),
        fractions=fractions,
        latencies_s=latencies_s,
        error_rate=_errors(levels),
        errors_known=_errors_known(levels),
        requests=_requests(levels),
    )


def _percentiles(levels: Sequence[LoadTest]) -> tuple[FloatArray, FloatArray]:
    """Those that every level has."""
    common = sorted(set.intersection(*(set(level.latencies_s) for level in levels)))
    if not common:
        raise InputError(
            "No percentile is in every file",
            remedy="Have the tool write the same percentiles at every level",
            place=levels[0].place,
        )
    for level in levels:
        if not level.latencies_s[common[0]] > 0:
            raise InputError(
                f"The p{100 * common[0]:g} is {level.latencies_s[common[0]]:g} s: nothing answers "
                "in no time",
                remedy="Check that the test sent requests to the endpoint; times below the "
                "resolution of the tool cannot be used",
                place=level.place,
            )
    rows = [[level.latencies_s[fraction] for fraction in common] for level in levels]
    return np.array(common), np.array(rows)


def _errors(levels: Sequence[LoadTest]) -> FloatArray:
    return np.array([level.failed_fraction or 0.0 for level in levels])


def _errors_known(levels: Sequence[LoadTest]) -> bool:
    return all(level.failed_fraction is not None for level in levels)


def _requests(levels: Sequence[LoadTest]) -> FloatArray:
    return np.array([float(level.requests or 0) for level in levels])
