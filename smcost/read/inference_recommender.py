"""What SageMaker Inference Recommender measured, as the AWS CLI prints it.

``describe-inference-recommendations-job`` and ``list-inference-recommendations-job-steps``, of CLI
version 1 or 2, times as epoch or ISO 8601. ``MaxInvocations`` (``MaximumInvocations`` in older
documentation) is of all ``InitialInstanceCount`` instances, per minute: AWS's own examples keep
CostPerInference = CostPerHour / (MaxInvocations x 60) only so.

One recommendation is one point: the highest rate found, and the latency there. It becomes a
*rates* profile of a single level: tested up to that rate, at most that slow below it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from smcost.capacity import LatencyOf, Profile, RateOf, RatesProfile
from smcost.errors import InputError
from smcost.read.json_part import JsonPart
from smcost.read.recommender_entries import Measured, described, finished, left_out, measured
from smcost.read.recommender_unit import LatencyUnit, Sighting, latency_unit
from smcost.remarks import Assumption, Caveat, WarningCode
from smcost.units import SECONDS_PER_MINUTE

#: What AWS rounds CostPerInference to in its examples is 1 % off at most.
_SAME_COST = 0.05
#: AWS's own for targets ("Load testing your auto scaling configuration", developer guide).
_SAFETY_FACTOR = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyReading:
    """How the user says that ``ModelLatency`` is to be read; ``None``: as the file tells.

    ``fraction`` is the percentile that it is. [fraction]
    """

    unit: LatencyUnit | None = None
    fraction: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommended:
    """Profiles by instance type, and what was chosen and left out while reading them."""

    profiles: Mapping[str, Profile]
    caveats: tuple[Caveat, ...]
    assumptions: tuple[Assumption, ...]
    recommendation_ids: Mapping[str, str] = field(default_factory=dict)


def is_recommender(document: JsonPart) -> bool:
    """Whether the JSON is from Inference Recommender: told by its keys."""
    keys = document.values.keys()
    return bool({"InferenceRecommendations", "EndpointPerformances", "Steps"} & keys) or (
        {"JobName", "JobType", "Status"} <= keys
    )


def read_recommended(document: JsonPart, reading: LatencyReading) -> Recommended:
    """Read a job, or the steps of one.

    Parameters
    ----------
    document
        The whole answer.
    reading
        What the user says of ``ModelLatency``.

    Raises
    ------
    InputError
        The job is not completed, a value is none, no entry can be used, or the unit or the
        percentile of the latencies can be told neither by the file nor by ``reading``.
    """
    finished(document)
    entries, caveats = measured(document)
    kept, slower = _fastest_of_each_type(entries)
    unit, unit_caveats = _unit(document, kept, reading)
    fraction, percentile = _percentile(document, reading)
    return Recommended(
        profiles={entry.instance_type: _profile(entry, unit, fraction) for entry in kept},
        caveats=(
            _saturated(kept),
            *unit_caveats,
            *caveats,
            *slower,
            *_stopped(document, kept),
            *_cost_caveats(kept),
        ),
        assumptions=(percentile, _below()),
        recommendation_ids={entry.name: entry.instance_type for entry in entries},
    )


def _profile(entry: Measured, unit: LatencyUnit, fraction: float) -> RatesProfile:
    return RatesProfile(
        instance_type=entry.instance_type,
        offered_rps=np.array([entry.rps]),
        fractions=np.array([fraction]),
        latencies_s=np.array([[entry.latency * unit.seconds]]),
        error_rate=np.zeros(1),
        errors_known=False,
        requests=np.zeros(1),
        latency_of=LatencyOf.MODEL,
        rate_of=RateOf.SATURATION,
    )


def _fastest_of_each_type(entries: Sequence[Measured]) -> tuple[list[Measured], list[Caveat]]:
    """Containers may be configured in several ways on one type: that with the highest rate."""
    best: dict[str, Measured] = {}
    for entry in entries:
        known = best.get(entry.instance_type)
        if known is None or entry.rps > known.rps:
            best[entry.instance_type] = entry
    slower = [
        left_out(
            f"{entry.name} of {entry.instance_type} is left out: {best[entry.instance_type].name} "
            f"does {SECONDS_PER_MINUTE * best[entry.instance_type].rps:,.4g} per minute and "
            f"instance, this one {SECONDS_PER_MINUTE * entry.rps:,.4g}"
        )
        for entry in entries
        if best[entry.instance_type] is not entry
    ]
    return list(best.values()), slower


def _unit(
    document: JsonPart, entries: Sequence[Measured], reading: LatencyReading
) -> tuple[LatencyUnit, list[Caveat]]:
    made = next((entry.made for entry in entries if entry.made is not None), None)
    try:
        unit, why = latency_unit(
            [Sighting(latency=entry.latency, rps=entry.rps) for entry in entries],
            limits_ms=[limit_ms for _, limit_ms in described(document)],
            made=made,
            place=document.place,
        )
    except InputError:
        if reading.unit is None:
            raise
        return reading.unit, []
    if reading.unit is unit:
        return unit, []
    if reading.unit is not None:
        message = f"ModelLatency is taken as {reading.unit.word}, as --latency-unit says, but {why}"
    else:
        message = f"ModelLatency is taken as {unit.word}: {why}; --latency-unit overrides this"
    return reading.unit or unit, [Caveat(code=WarningCode.LATENCY_UNIT, message=message)]


def _percentile(document: JsonPart, reading: LatencyReading) -> tuple[float, Assumption]:
    name = "percentile of ModelLatency"
    if reading.fraction is not None:
        shown = f"p{100 * reading.fraction:g}"
        return reading.fraction, Assumption(
            name=name, value=shown, source="flag --latency-percentile"
        )
    known = {fraction for fraction, _ in described(document)}
    if len(known) == 1:
        fraction = known.pop()
        shown = f"p{100 * fraction:g}, that of the job's limit; AWS does not say"
        return fraction, Assumption(name=name, value=shown, source="capacity file")
    found = "has limits on two of them" if known else "has no latency limit that would tell"
    raise InputError(
        f"AWS does not say which percentile ModelLatency is, and the job {found}",
        remedy="Give --latency-percentile p95, or p50, p90 or p99",
        place=document.place,
    )


def _below() -> Assumption:
    value = "at most that of the highest rate: only one rate was tested"
    return Assumption(name="latency at lower rates", value=value, source="model")


def _saturated(entries: Sequence[Measured]) -> Caveat:
    """The rate is a ceiling, found by clients who wait: nothing of it is headroom."""
    halves = ", ".join(f"{entry.instance_type}: {_half_target(entry)}" for entry in entries)
    message = (
        "MaxInvocations is the most that clients who wait for their answers got through; requests "
        "that come by themselves queue well below it. recommend tries no target above half of it, "
        f"as AWS advises ({halves}), unless --target is given; load-test at several rates to know "
        "more"
    )
    return Caveat(code=WarningCode.SATURATION_RATE, message=message)


def _half_target(entry: Measured) -> str:
    """Half of the rate, rounded down. [min^-1]"""
    half = _SAFETY_FACTOR * SECONDS_PER_MINUTE * entry.rps
    return f"{int(half):,}" if half >= 10 else f"{half:.2g}"


def _stopped(document: JsonPart, entries: Sequence[Measured]) -> list[Caveat]:
    """A job that stops at a number of invocations has not looked for more."""
    most = document.part("StoppingConditions").number("MaxInvocations")
    stopped = [entry.name for entry in entries if most is not None and entry.per_minute >= most]
    if not stopped:
        return []
    message = (
        f"{', '.join(stopped)}: the job was to stop at {most:,.0f} invocations per minute, and got "
        "that far; the real capacity may be higher"
    )
    return [Caveat(code=WarningCode.CEILING_NOT_REACHED, message=message)]


def _cost_caveats(entries: Sequence[Measured]) -> list[Caveat]:
    """CostPerInference = CostPerHour / (MaxInvocations x 60), else the rate is another one."""
    found = []
    for entry in entries:
        if not entry.usd_per_hour or not entry.usd_per_inference:
            continue
        ratio = entry.usd_per_inference * entry.per_minute * 60 / entry.usd_per_hour
        if abs(ratio - 1) <= _SAME_COST:
            continue
        message = (
            f"{entry.name}: CostPerInference is {ratio:.3g} x CostPerHour / (MaxInvocations x 60)"
            f"{_meaning(ratio, entry.instances)}; check the rate before relying on it"
        )
        found.append(Caveat(code=WarningCode.INFERENCE_COST_ODD, message=message))
    return found


def _meaning(ratio: float, instances: int) -> str:
    if abs(ratio * instances - 1) <= _SAME_COST:
        return f", as if MaxInvocations were of one instance and not of all {instances}"
    if abs(ratio * 60 - 1) <= _SAME_COST:
        return ", as if MaxInvocations were per second"
    return ""
