"""Capacity flags -> what one instance can do, and the instance type they lead to."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from smcost.capacity import WorkersProfile
from smcost.cli.choice import choice
from smcost.cli.flags import Flags
from smcost.cli.sources import Sources
from smcost.errors import UsageError
from smcost.queueing.service import ServiceLaw, ServiceTime
from smcost.remarks import Assumption
from smcost.units import parse_duration_s

DEFAULT_INSTANCE_TYPE = "ml.m5.xlarge"
_DEFAULT_CV = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityInput:
    """Capacity (``None``: not given) and the instance type it leads to."""

    instance_type: str
    profile: WorkersProfile | None
    origin: str | None
    assumptions: tuple[Assumption, ...]


def capacity_input(sources: Sources, flags: Flags) -> CapacityInput:
    """Read the capacity and settle the instance type.

    Raises
    ------
    UsageError, InputError
        Half of a capacity, two of them, several types, a type the file does not have.
    """
    types = flags.instance_type or []
    if len(types) > 1:
        raise UsageError(
            "Choosing among several instance types is not in this version",
            remedy="Run once for each and compare",
            place="--instance-type",
        )
    inline = [flags.service_time, flags.concurrency, flags.service_cv, flags.service_law]
    if flags.capacity is not None:
        if any(value is not None for value in inline):
            raise UsageError(
                "Both a capacity file and a capacity by flags are given",
                remedy="Give --capacity, or --service-time and --concurrency",
            )
        return _from_file(flags.capacity, types)
    named = types[0] if types else DEFAULT_INSTANCE_TYPE
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
        origin=_described(profile, "flags --service-time, --concurrency"),
        assumptions=(*assumptions, spread, shape),
    )


def _from_file(capacity: Path, types: Sequence[str]) -> CapacityInput:
    from smcost.read.capacity_csv import read_capacity

    profiles = read_capacity(capacity)
    if not types and len(profiles) > 1:
        raise UsageError(
            f"{capacity.name} holds {', '.join(profiles)}, and choosing among several is not in "
            "this version",
            remedy="Add --instance-type",
            place="--capacity",
        )
    named = types[0] if types else next(iter(profiles))
    if named not in profiles:
        raise UsageError(
            f"{capacity.name} has no row for {named}",
            remedy=f"Use one of {', '.join(profiles)}",
            place="--instance-type",
        )
    profile = profiles[named]
    return CapacityInput(
        instance_type=named,
        profile=profile,
        origin=_described(profile, capacity.name),
        assumptions=(),
    )


def _described(profile: WorkersProfile, origin: str) -> str:
    service = profile.service
    return (
        f"{origin}: {profile.workers} workers x {1000 * service.mean_s:g} ms "
        f"({service.law.value}, cv {service.cv:g}), busy all the time at "
        f"{profile.max_per_minute:,.0f} invocations/min"
    )
