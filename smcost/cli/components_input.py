"""Flags of ``smcost components`` -> the room of an instance, its price, how all is scaled."""

from collections.abc import Sequence
from dataclasses import dataclass

from smcost.cli.choice import choice
from smcost.cli.components_flags import ComponentsFlags
from smcost.cli.price_input import age_limit, known_prices
from smcost.components.component import Amounts
from smcost.components.copies import CopyScaling
from smcost.components.instance_scaling import InstanceScaling, Placement, ScaleIn
from smcost.cost import Tariff
from smcost.errors import UsageError
from smcost.prices import InstanceType
from smcost.read.components_csv import ListedComponent
from smcost.remarks import Caveat, PriceProvenance
from smcost.units import SECONDS_PER_MINUTE, parse_duration_s, parse_size_bytes

_BYTES_PER_MB = 2**20
_MB_PER_GIB = 1024
#: Types whose accelerators the catalogue does not count.
_OTHER_ACCELERATORS = ("ml.inf", "ml.trn")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidInstance:
    """The price of an instance, with its provenance and caveats."""

    tariff: Tariff
    provenance: PriceProvenance
    caveats: tuple[Caveat, ...]
    known: InstanceType | None


def paid_instance(flags: ComponentsFlags) -> PaidInstance:
    """Look the price of the one instance type up.

    Raises
    ------
    UsageError, PriceError
        None or several types are named, or there is no price.
    """
    named = flags.instance_type or []
    if len(named) != 1:
        raise UsageError(
            f"{len(named) or 'No'} instance types are named, and an endpoint has one",
            remedy="Give --instance-type once, such as ml.g5.12xlarge",
            place="--instance-type",
        )
    catalogue = known_prices(flags.region, prices=flags.prices, rates=None).catalogue
    price = catalogue.price(flags.region, named[0])
    limit = age_limit(flags.max_price_age)
    return PaidInstance(
        tariff=Tariff(instance_type=price.instance_type, usd_per_hour=price.usd_per_hour),
        provenance=PriceProvenance(
            source=price.source,
            component=price.component.value,
            as_of=price.as_of,
            region=flags.region,
            fetched_at=price.fetched_at,
        ),
        caveats=(*catalogue.caveats(price), *([] if limit is None else limit.caveats([price]))),
        known=catalogue.instance_types.get(price.instance_type),
    )


def room_input(
    flags: ComponentsFlags, paid: PaidInstance, listed: Sequence[ListedComponent]
) -> Amounts:
    """What an instance has for copies: all of it but what is reserved.

    Raises
    ------
    UsageError
        A size that is needed and not known, or a reserve that leaves nothing.
    """
    name = paid.tariff.instance_type
    known = paid.known
    vcpu = _known(
        flags.instance_vcpu, None if known is None else known.vcpu, "--instance-vcpu", name
    )
    memory_mb = _known(
        _memory_mb(flags),
        None if known is None else _mb(known.memory_gib),
        "--instance-memory",
        name,
    )
    wanted = any(one.component.needs.accelerator for one in listed)
    accelerators = _accelerators(flags, paid, wanted=wanted)
    reserved_mb = parse_size_bytes(flags.reserved_memory, "--reserved-memory") / _BYTES_PER_MB
    for flag, reserved, have, unit in (
        ("--reserved-cpu", flags.reserved_cpu, vcpu, "vCPU"),
        ("--reserved-memory", reserved_mb, memory_mb, "MB"),
    ):
        if not 0 <= reserved < have:
            raise UsageError(
                f"A reserve of {reserved:,.10g} {unit} of the {have:,.10g} {unit} that {name} has "
                "leaves nothing",
                remedy="Give one of 0 or more that leaves room for copies",
                place=flag,
            )
    return Amounts.of(
        cpu_cores=vcpu - flags.reserved_cpu,
        accelerators=accelerators,
        memory_mb=int(memory_mb - reserved_mb),
    )


def _known(given: float | None, listed: float | None, flag: str, name: str) -> float:
    found = listed if given is None else given
    if found is None or not 0 < found < 1e9:
        raise UsageError(
            f"How much {flag.removeprefix('--instance-')} {name} has is not known"
            if found is None
            else f"{found:g} is no size of an instance",
            remedy=f"Give it with {flag}",
            place=flag,
        )
    return float(found)


def _memory_mb(flags: ComponentsFlags) -> float | None:
    if flags.instance_memory is None:
        return None
    return parse_size_bytes(flags.instance_memory, "--instance-memory") / _BYTES_PER_MB


def _mb(gib: float | None) -> float | None:
    return None if gib is None else gib * _MB_PER_GIB


def _accelerators(flags: ComponentsFlags, paid: PaidInstance, *, wanted: bool) -> int:
    """As given or as known; Inferentia and Trainium are not counted as GPUs."""
    given = flags.instance_accelerators
    if given is not None:
        if not 0 <= given <= 1000:
            raise UsageError(
                f"No instance has {given} accelerators",
                remedy="Give how many devices the type has",
                place="--instance-accelerators",
            )
        return given
    name = paid.tariff.instance_type
    gpus = None if paid.known is None else paid.known.gpus
    if gpus is None or (not gpus and name.startswith(_OTHER_ACCELERATORS)):
        if not wanted:
            return 0
        raise UsageError(
            f"A component takes accelerators, and how many {name} has is not known",
            remedy="Give them with --instance-accelerators",
            place="--instance-accelerators",
        )
    return gpus


def scaling_input(
    flags: ComponentsFlags, listed: Sequence[ListedComponent]
) -> tuple[InstanceScaling, CopyScaling]:
    """How instances and copies are scaled.

    Raises
    ------
    UsageError
        Bounds, durations or words that make no sense.
    """
    every_may = all(not one.component.minimum for one in listed)
    minimum = flags.min_instances
    if flags.wake_failures < 1:
        raise UsageError(
            f"{flags.wake_failures} failures wake nothing",
            remedy="Give 1 or more",
            place="--wake-failures",
        )
    idle_s = parse_duration_s(flags.idle_time, "--idle-time")
    if idle_s < SECONDS_PER_MINUTE:
        raise UsageError(
            f"A component is not idle after {flags.idle_time}: its invocations count by the minute",
            remedy="Give a minute or more, such as 15min",
            place="--idle-time",
        )
    instances = InstanceScaling(
        minimum=(0 if every_may else 1) if minimum is None else minimum,
        maximum=flags.max_instances,
        provisioning_s=parse_duration_s(flags.provisioning_time, "--provisioning-time"),
        release_s=parse_duration_s(flags.release_time, "--release-time"),
        placement=choice(Placement, flags.placement.upper(), "--placement"),
        scale_in=choice(
            ScaleIn, flags.scale_in_policy.upper().replace("-", "_"), "--scale-in-policy"
        ),
        cooldown_s=parse_duration_s(flags.consolidation_cooldown, "--consolidation-cooldown"),
        step=flags.consolidation_step,
    )
    copies = CopyScaling(
        reaction_s=parse_duration_s(flags.reaction_time, "--reaction-time"),
        scale_in_cooldown_s=parse_duration_s(flags.scale_in_cooldown, "--scale-in-cooldown"),
        scale_out_cooldown_s=parse_duration_s(flags.scale_out_cooldown, "--scale-out-cooldown"),
        idle_s=idle_s,
        wake_failures=flags.wake_failures,
    )
    return instances, copies
