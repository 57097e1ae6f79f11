"""Flags of data capture, deployments, shadow variants and Savings Plans -> values."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from smcost.cli.choice import choice
from smcost.cli.flags import Flags
from smcost.cli.names import flag_of
from smcost.cli.sources import Sources
from smcost.cost import Tariff
from smcost.data_capture import DataCapture, Encoding
from smcost.deployment import (
    DEFAULT_WAIT_S,
    Deployment,
    DeploymentKind,
    FleetAt,
    Releases,
    default_step,
    falls_back,
)
from smcost.errors import UsageError
from smcost.prices import Rate, RateItem, Rates
from smcost.remarks import Assumption, Caveat, WarningCode
from smcost.units import SECONDS_PER_HOUR, parse_duration_s, parse_share

_CAPTURE = (
    "capture_encoding", "capture_retention", "capture_files_per_hour", "capture_kms",
    "capture_part",
)  # fmt: skip
_DEPLOYMENT = (
    "deployment", "deployment_step", "deployment_wait", "deployment_termination_wait",
    "deployment_at",
)  # fmt: skip
_MOST_SHADOWS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LeverInput:
    """The tariff with all that the flags add to it, and what is to be said of that."""

    tariff: Tariff
    rates: tuple[Rate, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    caveats: tuple[Caveat, ...] = ()


def lever_input(
    sources: Sources, flags: Flags, known: Rates, tariff: Tariff, provisioning_s: float
) -> LeverInput:
    """Add capture, releases and shadows to a tariff.

    ``provisioning_s`` is how long a new fleet takes to come into service. [s]

    Raises
    ------
    UsageError, PriceError
        A value that makes no sense, a flag without the one it belongs to, several rates that
        differ.
    """
    refuse_lonely(sources, flags)
    captured = _capture(sources, flags, known, tariff)
    released = _releases(sources, flags, tariff, provisioning_s)
    if not 0 <= flags.shadow_count <= _MOST_SHADOWS:
        raise UsageError(
            f"A shadow variant of {flags.shadow_count} instances is none",
            remedy="Give 1 or more, or leave it out",
            place="--shadow-count",
        )
    shadow: tuple[Assumption, ...] = ()
    if flags.shadow_count:
        text = f"{flags.shadow_count} x {tariff.instance_type}, all the time"
        shadow = (sources.assumption("shadow variant", text, "shadow_count"),)
    return LeverInput(
        tariff=replace(
            tariff,
            capture=captured.tariff.capture,
            releases=released.tariff.releases,
            shadow_count=flags.shadow_count,
        ),
        rates=captured.rates,
        assumptions=(*captured.assumptions, *released.assumptions, *shadow),
        caveats=(*captured.caveats, *released.caveats),
    )


def refuse_lonely(sources: Sources, flags: Flags) -> None:
    """A flag that says how, typed without the one that says that, would change nothing.

    Raises
    ------
    UsageError
    """
    for wanted, names in (("data_capture", _CAPTURE), ("deployments_per_month", _DEPLOYMENT)):
        lonely = [name for name in names if sources.typed(name)]
        if lonely and getattr(flags, wanted) is None:
            raise UsageError(
                f"{flag_of(lonely[0])} changes nothing without {flag_of(wanted)}",
                remedy=f"Add {flag_of(wanted)}, or leave it out",
                place=flag_of(lonely[0]),
            )


def _capture(sources: Sources, flags: Flags, known: Rates, tariff: Tariff) -> LeverInput:
    if flags.data_capture is None:
        return LeverInput(tariff=tariff)
    if tariff.bytes_in is None or tariff.bytes_out is None:
        raise UsageError(
            "What is captured has a size only with that of requests and responses",
            remedy="Add --payload-in 20KB and --payload-out 2KB",
            place="--data-capture",
        )
    items = {
        "usd_per_gb_month": RateItem.S3_STORAGE_GB_MONTH,
        "usd_per_put": RateItem.S3_PUT_REQUEST,
        **({"usd_per_kms_request": RateItem.KMS_REQUEST} if flags.capture_kms else {}),
    }
    region = flags.region
    found = {name: known.usd(region, i) for name, i in items.items() if known.knows(region, i)}
    retention_s = parse_duration_s(flags.capture_retention, "--capture-retention")
    capture = DataCapture(
        share=share(flags.data_capture, "--data-capture"),
        bytes_in=tariff.bytes_in,
        bytes_out=tariff.bytes_out,
        encoding=choice(Encoding, flags.capture_encoding, "--capture-encoding"),
        retention_h=Decimal(repr(retention_s)) / SECONDS_PER_HOUR,
        files_per_hour=Decimal(repr(flags.capture_files_per_hour)),
        with_kms=flags.capture_kms,
        **{name: rate.usd for name, rate in found.items()},
    )
    return LeverInput(
        tariff=replace(tariff, capture=capture),
        rates=tuple(found.values()),
        assumptions=_capture_assumptions(sources, flags, capture),
        caveats=tuple(_unknown(region, item) for name, item in items.items() if name not in found),
    )


def _capture_assumptions(
    sources: Sources, flags: Flags, capture: DataCapture
) -> tuple[Assumption, ...]:
    record = f"{capture.record_bytes:,} B: request, response and 500 B, {capture.encoding.value}"
    files = f"{capture.files_per_hour.normalize():f} per hour and instance at most"
    return (
        sources.assumption("data capture", flags.data_capture or "", "data_capture"),
        sources.assumption("captured record", record, "capture_encoding", "default; 450 to 500 B"),
        sources.assumption(
            "captured files",
            files,
            "capture_files_per_hour",
            "default; one a minute in a public listing, not documented",
        ),
        sources.assumption(
            "captured data kept",
            f"{flags.capture_retention}; without a rule of the bucket it stays for ever",
            "capture_retention",
        ),
    )


def _unknown(region: str, item: RateItem) -> Caveat:
    message = (
        f"No rate {item} is known in {region}, so its line has no price and is missing in the "
        f"totals: give it with --rates FILE (item {item}, unit {item.unit})"
    )
    return Caveat(code=WarningCode.RATE_UNKNOWN, message=message)


def _releases(sources: Sources, flags: Flags, tariff: Tariff, provisioning_s: float) -> LeverInput:
    if flags.deployments_per_month is None:
        return LeverInput(tariff=tariff)
    kind = choice(DeploymentKind, flags.deployment, "--deployment")
    step = default_step(kind)
    if flags.deployment_step is not None:
        step = Fraction(str(share(flags.deployment_step, "--deployment-step")))
    wait_s = 0.0 if kind is DeploymentKind.ALL_AT_ONCE else DEFAULT_WAIT_S
    if flags.deployment_wait is not None:
        wait_s = parse_duration_s(flags.deployment_wait, "--deployment-wait")
    deployment = Deployment(
        kind=kind,
        provisioning_s=provisioning_s,
        step=step,
        wait_s=wait_s,
        termination_wait_s=parse_duration_s(
            flags.deployment_termination_wait, "--deployment-termination-wait"
        ),
    )
    caveats: tuple[Caveat, ...] = ()
    if falls_back(tariff.instance_type) and deployment.extra_instance_hours(Decimal(1)):
        caveats = (_fallback(tariff.instance_type),)
        kind = DeploymentKind.ALL_AT_ONCE
        deployment = Deployment(kind=kind, provisioning_s=provisioning_s)
    releases = Releases(
        deployment=deployment,
        per_month=Decimal(repr(flags.deployments_per_month)),
        at=choice(FleetAt, flags.deployment_at, "--deployment-at"),
    )
    return LeverInput(
        tariff=replace(tariff, releases=releases),
        assumptions=_release_assumptions(sources, releases),
        caveats=caveats,
    )


def _release_assumptions(sources: Sources, releases: Releases) -> tuple[Assumption, ...]:
    deployment = releases.deployment
    step = "" if deployment.step is None else f" {float(deployment.step):.0%}"
    how = (
        f"{releases.per_month.normalize():f} a month, {deployment.kind}{step}, provisioning "
        f"{deployment.provisioning_s:g} s, wait {deployment.wait_s:g} s, termination wait "
        f"{deployment.termination_wait_s:g} s"
    )
    return (
        sources.assumption("deployments", how, "deployments_per_month"),
        sources.assumption(
            "instances a deployment meets", f"the {releases.at.value} count", "deployment_at"
        ),
        Assumption(
            name="billing of deployments",
            value="both fleets for the whole update, provisioning included, unless all at once "
            "without a wait; rolling: one batch more",
            source="SageMaker developer guide, deployment guardrails; partly concluded",
        ),
    )


def _fallback(instance_type: str) -> Caveat:
    message = (
        f"SageMaker updates {instance_type} all at once and without baking, whatever is asked "
        "for, and the deployments are priced so"
    )
    return Caveat(code=WarningCode.DEPLOYMENT_FALLS_BACK, message=message)


def share(text: str, flag: str) -> Decimal:
    """A percentage as a fraction, without the last bits of a float."""
    return Decimal(repr(round(parse_share(text, flag), 12)))
