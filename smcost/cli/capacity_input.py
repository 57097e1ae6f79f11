"""Capacity flags -> what one instance can do, of each instance type in question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from smcost.capacity import Profile, RatesProfile, SweepProfile, WorkersProfile
from smcost.cli.choice import choice
from smcost.cli.flags import Flags
from smcost.cli.sources import Sources
from smcost.errors import UsageError
from smcost.queueing.service import ServiceLaw, ServiceTime
from smcost.remarks import Assumption, Caveat, WarningCode
from smcost.units import parse_duration_s

DEFAULT_INSTANCE_TYPE = "ml.m5.xlarge"
_DEFAULT_CV = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityInput:
    """One instance type with its capacity (``None``: not given).

    ``caveats`` are of how its file was read; ``recommendation_ids`` are those of Inference
    Recommender in it, with their instance types.
    """

    instance_type: str
    profile: Profile | None
    origin: str | None
    assumptions: tuple[Assumption, ...]
    caveats: tuple[Caveat, ...] = ()
    recommendation_ids: Mapping[str, str] = field(default_factory=dict)


def capacity_inputs(sources: Sources, flags: Flags) -> list[CapacityInput]:
    """Read the capacity and settle the instance types, in the order given.

    Raises
    ------
    UsageError, InputError
        Half of a capacity, two of them, a type the file does not have, several types without a
        file that tells them apart.
    """
    types = list(dict.fromkeys(flags.instance_type or ()))
    inline = [flags.service_time, flags.concurrency, flags.service_cv, flags.service_law]
    if flags.capacity is not None:
        if any(value is not None for value in inline):
            raise UsageError(
                "Both a capacity file and a capacity by flags are given",
                remedy="Give --capacity, or --service-time and --concurrency",
            )
        return _from_file(sources, flags, flags.capacity, types)
    from smcost.cli.latency_reading import refuse_reading

    refuse_reading(sources, from_job=False)
    if len(types) > 1:
        raise UsageError(
            f"{', '.join(types)} cannot share one capacity given by flags",
            remedy="Give --capacity FILE with a row for each, or one --instance-type",
            place="--instance-type",
        )
    return [_from_flags(sources, flags, types)]


def one_capacity(sources: Sources, flags: Flags) -> CapacityInput:
    """The only one there may be where nothing is chosen.

    Raises
    ------
    UsageError
        The capacity file holds several types and none is named.
    """
    inputs = capacity_inputs(sources, flags)
    if len(inputs) > 1:
        raise UsageError(
            f"There are {len(inputs)} instance types: "
            f"{', '.join(able.instance_type for able in inputs)}",
            remedy="Name one with --instance-type, or let recommend choose",
            place="--instance-type",
        )
    return inputs[0]


def _from_flags(sources: Sources, flags: Flags, types: Sequence[str]) -> CapacityInput:
    named = types[0] if types else DEFAULT_INSTANCE_TYPE
    inline = [flags.service_time, flags.concurrency, flags.service_cv, flags.service_law]
    assumptions = (
        () if types else (Assumption(name="instance type", value=named, source="default"),)
    )
    if all(value is None for value in inline):
        return CapacityInput(
            instance_type=named, profile=None, origin=None, assumptions=assumptions
        )
    if flags.service_time is None or flags.concurrency is None:
        raise UsageError(
            "Half of a capacity is given",
            remedy="Give both --service-time 45ms and --concurrency 4",
        )
    law = choice(ServiceLaw, flags.service_law or "lognormal", "--service-law")
    default_cv = 0.0 if law is ServiceLaw.DETERMINISTIC else _DEFAULT_CV
    cv = default_cv if flags.service_cv is None else flags.service_cv
    mean_s = parse_duration_s(flags.service_time, "--service-time")
    profile = WorkersProfile(
        instance_type=named,
        workers=flags.concurrency,
        service=ServiceTime(mean_s=mean_s, cv=cv, law=law),
    )
    spread = sources.assumption("service time variability", f"cv {cv:g}", "service_cv")
    shape = sources.assumption("service time law", law.value, "service_law")
    return CapacityInput(
        instance_type=named,
        profile=profile,
        origin=_described(profile, sources.of_all("service_time", "concurrency")),
        assumptions=(*assumptions, spread, shape),
        caveats=() if types else (_type_assumed(named),),
    )


def _type_assumed(instance_type: str) -> Caveat:
    message = (
        "No --instance-type was given, so the capacity is taken for that of an "
        f"{instance_type}, and its price is used"
    )
    return Caveat(code=WarningCode.TYPE_ASSUMED, message=message)


def _from_file(
    sources: Sources, flags: Flags, capacity: Path, types: Sequence[str]
) -> list[CapacityInput]:
    from smcost.cli.latency_reading import latency_reading, refuse_reading
    from smcost.cli.overhead_input import overhead_caveats
    from smcost.read.capacity_file import read_capacity_file

    read = read_capacity_file(
        capacity, latency_reading(flags.latency_unit, flags.latency_percentile)
    )
    refuse_reading(sources, from_job=read.from_job)
    profiles = read.profiles
    for named in types:
        if named not in profiles:
            raise UsageError(
                f"{capacity.name} has no row for {named}",
                remedy=f"Use one of {', '.join(profiles)}",
                place="--instance-type",
            )
    return [
        CapacityInput(
            instance_type=named,
            profile=profiles[named],
            origin=_described(profiles[named], capacity.name + sources.beside("capacity")),
            assumptions=(*read.assumptions, *_shape_assumptions(profiles[named])),
            caveats=(*read.caveats, *overhead_caveats(sources, profiles[named], capacity)),
            recommendation_ids=read.recommendation_ids,
        )
        for named in types or profiles
    ]


def _shape_assumptions(profile: Profile) -> tuple[Assumption, ...]:
    if not isinstance(profile, RatesProfile | SweepProfile):
        return ()
    errors = "as measured" if profile.errors_known else "none, for want of an error_rate"
    failures = Assumption(name="failures of the load test", value=errors, source="capacity file")
    value = "the tail's logarithm is linear between the measured percentiles, and beyond the last"
    return (Assumption(name="latency distribution", value=value, source="model"), failures)


def _described(profile: Profile, origin: str) -> str:
    per_minute = f"{60 * profile.max_rps:,.0f} invocations/min"
    if isinstance(profile, WorkersProfile):
        service = profile.service
        return (
            f"{origin}: {profile.workers} workers x {1000 * service.mean_s:.4g} ms "
            f"({service.law.value}, cv {service.cv:.3g}), busy all the time at {per_minute}"
        )
    if isinstance(profile, SweepProfile):
        return (
            f"{origin}: closed-loop sweep up to concurrency {profile.concurrency[-1]:g}, stable "
            f"below {per_minute}"
        )
    if isinstance(profile, RatesProfile) and profile.offered_rps.size == 1:
        return f"{origin}: one tested rate, {per_minute}"
    return f"{origin}: open-loop rates, tested up to {per_minute}"
