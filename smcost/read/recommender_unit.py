"""Whether a ``ModelLatency`` of Inference Recommender is in microseconds or milliseconds.

AWS's own examples of 2021 are in microseconds, those since October 2022 in milliseconds, and the
API states no unit. Four witnesses are heard; where they disagree or are silent nothing is chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from smcost.errors import InputError

#: No invocation takes longer than 60 s. [ms]
_LONGEST_MS = 60_000
#: A test that stops at a limit ends near it: within a tenth and ten times of it.
_NEAR = 10.0
#: Requests that one instance has in flight at its highest rate, by Little's law.
_IN_FLIGHT = (0.3, 200.0)
_LAST_MICROSECONDS = datetime(2022, 1, 1, tzinfo=UTC)
_FIRST_MILLISECONDS = datetime(2022, 10, 1, tzinfo=UTC)


class LatencyUnit(StrEnum):
    """The two units that AWS has written."""

    MICROSECONDS = "us"
    MILLISECONDS = "ms"

    @property
    def seconds(self) -> float:
        """One of it. [s]"""
        return 1e-6 if self is LatencyUnit.MICROSECONDS else 1e-3

    @property
    def word(self) -> str:
        """Spelt out."""
        return "microseconds" if self is LatencyUnit.MICROSECONDS else "milliseconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A latency as it stands in the file, at which rate of one instance. [s^-1]"""

    latency: float
    rps: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Witness:
    unit: LatencyUnit
    says: str


def latency_unit(
    sightings: Sequence[Sighting],
    *,
    limits_ms: Sequence[float],
    made: datetime | None,
    place: str,
) -> tuple[LatencyUnit, str]:
    """The unit of one job's latencies, and why, as part of a sentence.

    Parameters
    ----------
    sightings
        Every latency of the job: they share a unit.
    limits_ms
        The latency limits of the job. [ms]
    made
        When the job ran; ``None``: not known.
    place
        How an error names the file.

    Raises
    ------
    InputError
        The witnesses disagree, or there are none.
    """
    longest = max(seen.latency for seen in sightings)
    heard = [
        *_by_timeout(longest),
        *_by_limit(longest, limits_ms),
        *_in_flight(sightings),
        *_by_date(made),
    ]
    told = "; ".join(witness.says for witness in heard)
    units = {witness.unit for witness in heard}
    if len(units) != 1:
        because = f": {told}" if told else ", since nothing in the file tells"
        raise InputError(
            f"ModelLatency {longest:,.0f} may be in microseconds or in milliseconds{because}",
            remedy="Give --latency-unit us or --latency-unit ms",
            place=place,
        )
    return units.pop(), told


def _by_timeout(latency: float) -> list[_Witness]:
    """One witness among the others: a p99 of calls that timed out may lie a little beyond it."""
    if latency <= _LONGEST_MS:
        return []
    says = f"{latency:,.0f} ms is longer than an invocation may take"
    return [_Witness(unit=LatencyUnit.MICROSECONDS, says=says)]


def _by_limit(latency: float, limits_ms: Sequence[float]) -> list[_Witness]:
    """A test that stops where the latency crosses the limit ends near it."""
    if not limits_ms:
        return []
    limit_ms = min(limits_ms)
    if latency / limit_ms <= _NEAR:
        unit = LatencyUnit.MILLISECONDS
    elif latency / limit_ms >= 1000 / _NEAR:
        unit = LatencyUnit.MICROSECONDS
    else:
        return []
    says = f"the limit of the job is {limit_ms:g} ms, next to {latency:,.0f} {unit.value}"
    return [_Witness(unit=unit, says=says)]


def _in_flight(sightings: Sequence[Sighting]) -> list[_Witness]:
    """Rate x latency is how many requests an instance has in flight (Little's law)."""
    as_ms = [seen.rps * seen.latency / 1000 for seen in sightings]
    least, most = _IN_FLIGHT
    if all(least <= number <= most for number in as_ms):
        unit, other, shown = LatencyUnit.MILLISECONDS, "us", min(as_ms) / 1000
    elif all(1000 * least <= number <= 1000 * most for number in as_ms):
        unit, other, shown = LatencyUnit.MICROSECONDS, "ms", max(as_ms)
    else:
        return []
    says = f"in {other} an instance would have {shown:,.2g} requests in flight at its highest rate"
    return [_Witness(unit=unit, says=says)]


def _by_date(made: datetime | None) -> list[_Witness]:
    if made is None or _LAST_MICROSECONDS <= made < _FIRST_MILLISECONDS:
        return []
    if made < _LAST_MICROSECONDS:
        says, unit = f"AWS wrote microseconds in {made.year}", LatencyUnit.MICROSECONDS
    else:
        says = f"the job is of {made:%Y-%m}, and AWS writes milliseconds since October 2022"
        unit = LatencyUnit.MILLISECONDS
    return [_Witness(unit=unit, says=says)]
