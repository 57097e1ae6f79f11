"""The flags of ``smcost components`` alone."""

from pathlib import Path
from typing import Annotated

from smcost.cli.flag_option import option

_COMPONENTS = "Components"
_ROOM = "Room on an instance"
_SCALING = "Scaling of copies and instances"

Components = Annotated[
    Path | None,
    option(
        "--components",
        _COMPONENTS,
        "CSV with a row for each component and its traffic (docs/components.md).",
        "FILE",
    ),
]
InstanceVcpu = Annotated[
    float | None,
    option("--instance-vcpu", _ROOM, "vCPU of the type, where they are not known.", "N"),
]
InstanceMemory = Annotated[
    str | None,
    option("--instance-memory", _ROOM, "Memory of the type, where it is not known.", "16GB"),
]
InstanceAccelerators = Annotated[
    int | None,
    option(
        "--instance-accelerators",
        _ROOM,
        "Accelerators of the type, where they are not known (Inferentia, Trainium).",
        "N",
    ),
]
ReservedCpu = Annotated[
    float,
    option("--reserved-cpu", _ROOM, "vCPU of each instance that no copy gets (default 0).", "N"),
]
ReservedMemory = Annotated[
    str,
    option(
        "--reserved-memory",
        _ROOM,
        "Memory of each instance that no copy gets; AWS does not say how much (default 2GB).",
        "2GB",
    ),
]
Placement = Annotated[
    str, option("--placement", _SCALING, "SPREAD or BINPACK (default SPREAD).", "HOW")
]
ScaleInPolicy = Annotated[
    str,
    option(
        "--scale-in-policy",
        _SCALING,
        "Of instances: IDLE_RELEASE or CONSOLIDATION (default IDLE_RELEASE).",
        "HOW",
    ),
]
ConsolidationCooldown = Annotated[
    str,
    option(
        "--consolidation-cooldown", _SCALING, "CooldownInMinutes of it (default 20min).", "20min"
    ),
]
ConsolidationStep = Annotated[
    int, option("--consolidation-step", _SCALING, "MaximumStepSize of it (default 1).", "N")
]
MinInstances = Annotated[
    int | None,
    option(
        "--min-instances",
        _SCALING,
        "MinInstanceCount (default 1; 0 where every component may have 0 copies).",
        "N",
    ),
]
MaxInstances = Annotated[
    int | None,
    option("--max-instances", _SCALING, "MaxInstanceCount (default: what copies need).", "N"),
]
ProvisioningTime = Annotated[
    str,
    option(
        "--provisioning-time",
        _SCALING,
        "From the launch of an instance until copies can start on it (default 180s).",
        "180s",
    ),
]
ReleaseTime = Annotated[
    str,
    option(
        "--release-time",
        _SCALING,
        "An instance without copies is billed that long (default 10min).",
        "10min",
    ),
]
IdleTime = Annotated[
    str,
    option(
        "--idle-time",
        _SCALING,
        "Without invocations until the last copy goes (default 15min).",
        "15min",
    ),
]
WakeFailures = Annotated[
    int,
    option(
        "--wake-failures",
        _SCALING,
        "Failures in a minute that wake a component; AWS's example takes 2 (default 1).",
        "N",
    ),
]
