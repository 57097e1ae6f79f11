"""How much traffic one instance takes within latency limits, and its latency against load."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from smcost.capacity import traps
from smcost.capacity.profile import Kind, Profile
from smcost.capacity.rates import RatesProfile
from smcost.capacity.sweep import SweepProfile
from smcost.errors import UsageError
from smcost.queueing.service import FloatArray
from smcost.remarks import Caveat
from smcost.slo import Objective

#: Utilisations at which the curve of a workers profile is drawn; beyond, p99 dwarfs the rest.
_DRAWN = np.linspace(0.0, 0.95, 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The highest known percentile against what the profile was measured at.

    Attributes
    ----------
    kind
        Whose levels they are: utilisations, offered rates or concurrencies.
    levels
        Shape ``(M,)``. [fraction, s^-1 or count]
    fraction
        The percentile. [fraction]
    latencies_s
        Shape ``(M,)``. [s]
    """

    kind: Kind
    levels: FloatArray
    fraction: float
    latencies_s: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileReport:
    """A profile, what it takes within the limits, and what to mind about it.

    Attributes
    ----------
    profile
        As it was measured.
    max_rps_at_slo
        Rate of one instance; ``None`` without limits, or for the reason. [s^-1]
    reason
        Why no rate keeps the limits, a sentence without its full stop.
    caveats
        The traps of load tests that it shows.
    """

    profile: Profile
    max_rps_at_slo: float | None
    reason: str | None
    caveats: tuple[Caveat, ...]


def reported(profile: Profile, objectives: Sequence[Objective], max_failed: float) -> ProfileReport:
    """Judge one profile by itself; no objective asks for no rate."""
    found, reason = _within(profile, objectives, max_failed) if objectives else (None, None)
    caveats = profile.caveats()
    if profile.kind is Kind.RATES:
        caveats = (*caveats, traps.routing_caveat(profile.instance_type))
    return ProfileReport(profile=profile, max_rps_at_slo=found, reason=reason, caveats=caveats)


def _within(
    profile: Profile, objectives: Sequence[Objective], max_failed: float
) -> tuple[float | None, str | None]:
    for objective in objectives:
        if not profile.knows(objective.fraction):
            return None, f"The {objective.name} was not measured at every level: it is not invented"
    try:
        passing = profile.passing(max_failed)
    except UsageError as error:
        return None, error.cause
    found = max_rps_within(passing, objectives)
    return found, "The latency is above a limit at every load" if found is None else None


def max_rps_within(profile: Profile, objectives: Sequence[Objective]) -> float | None:
    """The highest rate at which one instance keeps every limit; ``None`` where none does. [s^-1]

    Parameters
    ----------
    profile
        What one instance can do, without levels whose errors fail.
    objectives
        Percentiles with limits, at least one, each known to the profile.

    Notes
    -----
    Latency may fall as load rises, so the highest rate counts, not the first that fails. Between
    two rows of the table the late share is linear, as everywhere else.
    """
    table = profile.response_table()
    late = np.array([table.tail_at(objective.limit_s) for objective in objectives])
    # Rounding must not fail a percentile that was measured exactly at its limit.
    allowed = np.array([objective.allowed_late + 1e-9 for objective in objectives])
    kept = np.flatnonzero(np.all(late <= allowed[:, None], axis=0))
    if not kept.size:
        return None
    last = int(kept[-1])
    if last + 1 == table.utilisation.size:
        return float(table.utilisation[last]) * profile.max_rps
    rising = late[:, last + 1] > allowed
    before, after = late[rising, last], late[rising, last + 1]
    share = float(np.min((allowed[rising] - before) / (after - before)))
    step = float(table.utilisation[last + 1] - table.utilisation[last])
    return (float(table.utilisation[last]) + share * step) * profile.max_rps


def latency_curve(profile: Profile) -> Curve:
    """What was measured; of workers, the p99 of the M/G/c that they are."""
    if isinstance(profile, RatesProfile):
        levels = profile.offered_rps
    elif isinstance(profile, SweepProfile):
        levels = profile.concurrency
    else:
        return Curve(kind=profile.kind, levels=_DRAWN, fraction=0.99, latencies_s=_p99_s(profile))
    return Curve(
        kind=profile.kind,
        levels=levels,
        fraction=float(profile.fractions[-1]),
        latencies_s=profile.latencies_s[:, -1],
    )


def _p99_s(profile: Profile) -> FloatArray:
    table = profile.response_table()
    tails = [
        table.weights(np.array([utilisation]), np.ones(1)) @ table.tail for utilisation in _DRAWN
    ]
    return np.array([float(np.interp(-0.01, -tail, table.response_s)) for tail in tails])
