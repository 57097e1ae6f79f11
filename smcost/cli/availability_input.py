"""Flags of availability -> the losses to survive."""

from dataclasses import dataclass, replace

from smcost.availability import Loss, Lost
from smcost.cli.choice import choice
from smcost.cli.flags import Flags
from smcost.cli.names import flag_of
from smcost.cli.sources import Sources
from smcost.errors import UsageError
from smcost.remarks import Assumption
from smcost.units import parse_duration_s

_OF_ZONES = ("zones", "zone_lost_for")
_HOW = ("loss_detection", "failover_time")


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityInput:
    """What is to be survived.

    Attributes
    ----------
    losses
        What was asked for first; whoever survives a zone must survive an instance too. Empty:
        nothing was asked for.
    compared
        The losses to say the price of surviving for: none, an instance, a zone.
    assumptions
        What that rests on.
    """

    losses: tuple[Loss, ...] = ()
    compared: tuple[tuple[Loss, ...], ...] = ()
    assumptions: tuple[Assumption, ...] = ()

    @property
    def asked(self) -> Loss | None:
        """The loss that was asked for."""
        return self.losses[0] if self.losses else None


def availability_input(sources: Sources, flags: Flags, *, compares: bool) -> AvailabilityInput:
    """The losses of ``--survive``.

    Parameters
    ----------
    sources, flags
        As given.
    compares
        Whether the command compares an instance with a zone, so that flags of zones count for
        both.

    Raises
    ------
    UsageError
        A value that makes no sense, or a flag that would change nothing.
    """
    _refuse_lonely(sources, flags, compares=compares)
    if flags.survive is None:
        return AvailabilityInput()
    what = choice(Lost, flags.survive, "--survive")
    lasts_s = 0.0
    if flags.zone_lost_for is not None:
        lasts_s = parse_duration_s(flags.zone_lost_for, "--zone-lost-for")
    instance = Loss(
        what=Lost.INSTANCE,
        detection_s=parse_duration_s(flags.loss_detection, "--loss-detection"),
        failover_s=parse_duration_s(flags.failover_time, "--failover-time"),
    )
    zone = replace(instance, what=Lost.ZONE, zones=flags.zones, lasts_s=lasts_s)
    both = (zone, instance)
    return AvailabilityInput(
        losses=both if what is Lost.ZONE else (instance,),
        compared=((), (instance,), both) if compares else (),
        assumptions=_assumptions(sources, flags, zones=compares or what is Lost.ZONE),
    )


def _refuse_lonely(sources: Sources, flags: Flags, *, compares: bool) -> None:
    names: tuple[str, ...] = (*_HOW, *_OF_ZONES)
    wanted = "--survive instance or --survive zone"
    if flags.survive == Lost.INSTANCE.value and not compares:
        wanted, names = "--survive zone", _OF_ZONES
    elif flags.survive is not None:
        return
    lonely = [name for name in names if sources.typed(name)]
    if lonely:
        raise UsageError(
            f"{flag_of(lonely[0])} changes nothing without {wanted}",
            remedy=f"Add {wanted}, or leave it out",
            place=flag_of(lonely[0]),
        )


def _assumptions(sources: Sources, flags: Flags, *, zones: bool) -> tuple[Assumption, ...]:
    undocumented = "default; not documented"
    found = [
        Assumption(name="must survive", value=f"one {flags.survive}", source=sources.of("survive")),
        sources.assumption(
            "replacement", f"launched {flags.loss_detection} after a loss, then its start-up time",
            "loss_detection", undocumented,
        ),
        sources.assumption(
            "requests to what is lost", f"fail for {flags.failover_time}, and those in flight",
            "failover_time", undocumented,
        ),
    ]  # fmt: skip
    if zones:
        spread = f"{flags.zones}, evenly; the fullest is lost"
        lost = "the other zones have capacity for replacements at once"
        if flags.zone_lost_for is not None:
            lost = f"no replacement for {flags.zone_lost_for}"
        source = "default; SageMaker developer guide: spread over the subnets of the VPC"
        found += [
            sources.assumption("zones", spread, "zones", source),
            sources.assumption("lost zone", lost, "zone_lost_for", undocumented),
        ]
    return tuple(found)
