"""What the answer of ``smcost components`` rests on, each with its source."""

from collections.abc import Sequence

from smcost.cli.components_flags import ComponentsFlags
from smcost.cli.sources import Sources
from smcost.components.component import DEFAULT_STARTUP_S
from smcost.components.instance_scaling import InstanceScaling, ScaleIn
from smcost.read.components_csv import DEFAULT_CV, ListedComponent
from smcost.remarks import Assumption
from smcost.replay.counts import START_MINUTES


def component_assumptions(
    sources: Sources,
    flags: ComponentsFlags,
    listed: Sequence[ListedComponent],
    instances: InstanceScaling,
) -> tuple[Assumption, ...]:
    """What the answer rests on that nobody measured here."""
    return (
        sources.assumption("region", flags.region, "region"),
        sources.assumption("hours per month", flags.hours_per_month, "hours_per_month", "24 x 30"),
        sources.assumption("gaps and suspected outages", flags.gaps, "gaps"),
        Assumption(
            name="billing",
            value="instances per second from launch until release, not copies; no storage, no data",
            source="SageMaker pricing page; which states bill is not documented",
        ),
        *_room_assumptions(sources, flags),
        *_instance_assumptions(sources, flags, instances),
        *_copy_assumptions(sources, flags, listed),
    )


def _room_assumptions(sources: Sources, flags: ComponentsFlags) -> tuple[Assumption, ...]:
    reserved = f"{flags.reserved_cpu:g} vCPU, {flags.reserved_memory} of memory"
    given = sources.given("reserved_cpu") or sources.given("reserved_memory")
    origin = (
        sources.of_all("reserved_cpu", "reserved_memory") if given else "default; AWS is silent"
    )
    return (
        Assumption(name="reserved on an instance", value=reserved, source=origin),
        Assumption(
            name="copies per instance",
            value="min over cpu, accelerators, memory of floor(room / need)",
            source="inferred from the SageMaker API",
        ),
    )


def _instance_assumptions(
    sources: Sources, flags: ComponentsFlags, instances: InstanceScaling
) -> tuple[Assumption, ...]:
    consolidation = (
        sources.assumption(
            "consolidation",
            f"{instances.step} at a time, {flags.consolidation_cooldown} after an operation",
            "consolidation_cooldown",
            "default of AWS",
        ),
    )
    return (
        sources.assumption(
            "placement", instances.placement.value, "placement", "default; AWS names none"
        ),
        sources.assumption(
            "scale-in of instances",
            instances.scale_in.value,
            "scale_in_policy",
            "default; AWS names none",
        ),
        *(consolidation if instances.scale_in is ScaleIn.CONSOLIDATION else ()),
        sources.assumption(
            "provisioning of an instance",
            flags.provisioning_time,
            "provisioning_time",
            "default; 105 to 190 s were reported",
        ),
        sources.assumption(
            "release of an instance without copies",
            flags.release_time,
            "release_time",
            "default; 10 to 12 min were observed",
        ),
    )


def _copy_assumptions(
    sources: Sources, flags: ComponentsFlags, listed: Sequence[ListedComponent]
) -> tuple[Assumption, ...]:
    found = [
        sources.assumption(
            "publication and reaction",
            flags.reaction_time,
            "reaction_time",
            "default; 1 to 2 min were observed",
        ),
        Assumption(
            name="target tracking",
            value="that of variants, copies in the place of instances",
            source="docs/policies.md; inferred",
        ),
        sources.assumption(
            "scale-in cooldown", flags.scale_in_cooldown, "scale_in_cooldown", "default of AWS"
        ),
        Assumption(
            name="start of the replay",
            value=f"what the mean of the first {START_MINUTES} minutes wants",
            source="model",
        ),
    ]
    if not all(one.startup_given for one in listed):
        found.append(
            Assumption(
                name="start-up of a copy",
                value=f"{DEFAULT_STARTUP_S:g} s where the file says nothing",
                source="default; 137 to 360 s were reported",
            )
        )
    if any(not one.component.minimum for one in listed):
        found += _zero_assumptions(sources, flags)
    if any(one.component.profile is not None for one in listed):
        law = f"lognormal, cv {DEFAULT_CV:g} where the file says nothing"
        found.append(Assumption(name="service time", value=law, source="default"))
    return tuple(found)


def _zero_assumptions(sources: Sources, flags: ComponentsFlags) -> list[Assumption]:
    return [
        sources.assumption(
            "idle until the last copy goes",
            flags.idle_time,
            "idle_time",
            "default; 11 to 15 min were observed",
        ),
        sources.assumption(
            "wake-up",
            f"{flags.wake_failures} failed of a minute, 1 of 1",
            "wake_failures",
            "default; AWS's example takes 2",
        ),
        Assumption(
            name="requests at zero copies",
            value="fail, and are not sent again",
            source="developer guide; the traffic is what clients send",
        ),
    ]
