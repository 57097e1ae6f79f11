"""``--endpoint``: what runs today, and the flags it stands in for where nobody gave them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from smcost.cli.aws_input import aws_access, endpoint_name
from smcost.cli.flags import Flags
from smcost.cli.policy_input import routing_input
from smcost.cli.scaling_input import vcpu_of
from smcost.cli.sources import Sources
from smcost.deployed import Deployed
from smcost.errors import AwsError, UsageError
from smcost.read.scaling_specs import cores
from smcost.remarks import EndpointProvenance
from smcost.scaling.policy import Metric, TargetPolicy
from smcost.variant import Variant

if TYPE_CHECKING:
    from smcost.capacity.startup import StartupTimes
    from smcost.read.aws.access import Aws

_CONFIGURED = "DescribeEndpointConfig"
#: The p90 by the nearest rank of fewer is their largest.
_P90_FROM = 10
#: A routing as --routing spells it.
_SPELLED = {"RANDOM": "random", "LEAST_OUTSTANDING_REQUESTS": "least-outstanding"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What runs today, the access it was read with, and how long its instances took to start.

    ``startup_unread`` says why that could not be read; empty: it was, or nothing scales.
    """

    deployed: Deployed
    aws: "Aws"
    startup: "StartupTimes | None" = None
    startup_unread: str = ""

    @property
    def provenance(self) -> EndpointProvenance:
        """Which variant, where, and when."""
        deployed = self.deployed
        return EndpointProvenance(
            name=deployed.endpoint,
            variant=deployed.name,
            region=deployed.region,
            read_at_s=deployed.read_at_s,
        )


def running_input(sources: Sources, flags: Flags, offline_way: str) -> Running | None:
    """Read the endpoint; ``None``: none is named, or ``--current`` was typed instead.

    ``offline_way`` is what does without the network.

    Raises
    ------
    UsageError, AwsError
        Two descriptions of today, a variant without an endpoint, ``--offline``, or whatever is
        wrong with the endpoint or the calls.
    """
    if flags.endpoint is None:
        if flags.variant is not None and sources.typed("variant"):
            raise UsageError(
                "A variant is named without its endpoint",
                remedy="Add --endpoint, or leave it out",
                place="--variant",
            )
        return None
    if flags.current is not None:
        if sources.typed("endpoint") == sources.typed("current"):
            raise UsageError(
                "Both a running endpoint and an estimate of today's configuration are given",
                remedy="Give --endpoint or --current",
                place="--endpoint",
            )
        if sources.typed("current"):
            return None
    routing = routing_input(sources, flags)[0] if sources.given("routing") else None
    name = endpoint_name(flags.endpoint)
    aws = aws_access(
        region=flags.region, profile=flags.profile, offline=flags.offline, instead=offline_way
    )
    from smcost.read.aws.endpoint import read_deployed

    found = read_deployed(aws, name, flags.variant, routing=routing, now_s=time.time())
    if not (found.policies_at_work or found.schedule_at_work):
        return Running(deployed=found, aws=aws)
    startup, unread = _startup(aws, found)
    return Running(deployed=found, aws=aws, startup=startup, startup_unread=unread)


def _startup(aws: "Aws", deployed: Deployed) -> tuple["StartupTimes | None", str]:
    """What its scale-outs took; a refused look is told, since there is a default."""
    from smcost.capacity.startup import startup_times
    from smcost.read.aws.scaling_activities import live_scaling_activities

    try:
        seen = live_scaling_activities(aws, deployed.endpoint, deployed.name)
    except AwsError as error:
        return None, error.cause
    return startup_times(seen), ""


def as_deployed(
    sources: Sources, flags: Flags, running: Running, *, with_size: bool
) -> tuple[Sources, Flags]:
    """The flags, with what runs in place of what nobody gave.

    Parameters
    ----------
    with_size
        Whether counts and target are asked about too; to ``recommend`` they would be pins, and
        every type of a capacity file is a candidate.
    """
    deployed = running.deployed
    found = _policy(deployed) | _learned(running)
    if with_size or flags.capacity is None:
        found["instance_type"] = ([deployed.instance_type], _CONFIGURED)
    if with_size:
        found |= _size(flags, deployed)
    wanted = {
        name: (value, call) for name, (value, call) in found.items() if not sources.given(name)
    }
    origins = {name: said_by(deployed, call) for name, (_, call) in wanted.items()}
    changes: dict[str, Any] = {name: value for name, (value, _) in wanted.items()}
    if "startup_time" in wanted:
        changes["startup_learned_on"] = deployed.instance_type
    # Two accounts of today would be one too many; the typed one has won.
    return sources.with_filled(origins), replace(flags, current=None, **changes)


def refuse_crossed(sources: Sources, flags: Flags) -> None:
    """A given bound on the wrong side of the one that runs.

    Raises
    ------
    UsageError
    """
    if flags.minimum is None or flags.maximum is None or flags.minimum <= flags.maximum:
        return
    given = {name: sources.given(name) for name in ("minimum", "maximum")}
    if all(given.values()) or not any(given.values()):
        return
    missing, flag, value = ("minimum", "--min", flags.maximum)
    if given["minimum"]:
        missing, flag, value = ("maximum", "--max", flags.minimum)
    raise UsageError(
        f"The minimum {flags.minimum} is above the maximum {flags.maximum}, and the {missing} is "
        f"from {sources.of(missing)}",
        remedy=f"Add {flag} {value}",
        place="--max" if missing == "minimum" else "--min",
    )


def cpu_known(flags: Flags) -> bool:
    """Whether it was said what an invocation takes of the CPU."""
    return flags.cpu_per_invocation is not None or flags.cpu_at_full_load is not None


def said_by(deployed: Deployed, call: str) -> str:
    """``endpoint churn, DescribeEndpointConfig``: the source of an assumption."""
    return f"endpoint {deployed.endpoint}, {call}"


def _policy(deployed: Deployed) -> dict[str, tuple[object, str]]:
    """Routing, volume and cooldowns, each with the call that tells."""
    scale_in_s, scale_out_s = deployed.cooldowns_s
    found: dict[str, tuple[object, str]] = {
        "routing": (_SPELLED[deployed.routing.value], _CONFIGURED)
    }
    if deployed.volume_gb is not None:
        found["volume_gb"] = (deployed.volume_gb, _CONFIGURED)
    if deployed.policies_at_work:
        found["scale_in_cooldown"] = (f"{scale_in_s:g}s", "DescribeScalingPolicies")
        found["scale_out_cooldown"] = (f"{scale_out_s:g}s", "DescribeScalingPolicies")
    return found


def _learned(running: Running) -> dict[str, tuple[object, str]]:
    """Start-up time of the scale-outs that were seen, if any was.

    Activities do not name the instance type, so what they are taken for is said.
    """
    startup = running.startup
    if startup is None or not startup.count:
        return {}
    first, last = (
        f"{datetime.fromtimestamp(moment_s, UTC):%Y-%m-%d}"
        for moment_s in (startup.since_s, startup.until_s)
    )
    days = f"of {first}" if first == last else f"of {first} to {last}"
    call = (
        f"DescribeScalingActivities: {_statistic(startup.count)} {days}, taken to be of "
        f"{running.deployed.instance_type}, as it is now"
    )
    return {"startup_time": (f"{startup.p90_s:.0f}s", call)}


def _statistic(count: int) -> str:
    """What the p90 by the nearest rank is: below ten values the largest of them."""
    if count == 1:
        return "the only scale-out"
    return f"{'longest' if count < _P90_FROM else 'p90'} of {count} scale-outs"


def _size(flags: Flags, deployed: Deployed) -> Mapping[str, tuple[object, str]]:
    """Counts and target as registered; a given count settles all of them."""
    if flags.count is not None:
        return {}
    variant = deployed.variant(cpu_known=cpu_known(flags))
    # Whoever names another policy asks about it in place of the one that runs.
    other = bool(flags.concurrency_target is not None or flags.cpu_target or flags.step)
    sized = other or (flags.minimum, flags.maximum, flags.target) != (None, None, None)
    if variant.fixed and variant.minimum == variant.maximum and not sized:
        return {"count": (variant.minimum, "DescribeEndpoint")}
    bounds = "DescribeScalableTargets" if deployed.target is not None else "DescribeEndpoint"
    found: dict[str, tuple[object, str]] = {
        "minimum": (variant.minimum, bounds),
        "maximum": (variant.maximum, bounds),
    }
    if variant.target_per_minute is not None and not other:
        found["target"] = (variant.target_per_minute, "DescribeScalingPolicies")
    if not other and flags.target is None:
        found |= _further(variant)
    if variant.schedule and (flags.minimum is None or flags.maximum is None):
        told = [action.told for action in variant.schedule]
        found["scheduled_action"] = (told, "DescribeScheduledActions")
    return found


def _further(variant: Variant) -> dict[str, tuple[object, str]]:
    """Targets on requests in flight and CPU, as the flags have them."""
    found: dict[str, tuple[object, str]] = {}
    for policy in variant.further_policies:
        assert isinstance(policy, TargetPolicy)
        if policy.metric is Metric.CONCURRENCY:
            found["concurrency_target"] = (policy.target, "DescribeScalingPolicies")
        else:
            share = policy.target / cores(vcpu_of(variant.instance_type), "--endpoint")
            found["cpu_target"] = (f"{share:.15g}%", "DescribeScalingPolicies")
    return found
