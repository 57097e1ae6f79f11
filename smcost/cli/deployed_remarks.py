"""What a reader should know of a running endpoint: what it has, and what is not followed."""

from smcost.cli.deployed_input import Running, cpu_known, said_by
from smcost.cli.flags import Flags
from smcost.cli.sources import Sources
from smcost.deployed import Deployed
from smcost.errors import UsageError
from smcost.remarks import Assumption, Caveat, WarningCode
from smcost.units import plain
from smcost.variant import Variant

_IN_SERVICE = "InService"
_REGISTERED = "DescribeScalableTargets, DescribeScalingPolicies, DescribeScheduledActions"


def obstacles(sources: Sources, flags: Flags, deployed: Deployed) -> tuple[str, ...]:
    """What keeps it from being replayed, but for what flags have taken the place of."""
    if sources.given("count"):
        return ()
    found = () if sources.given("target") else deployed.policy_obstacles(cpu_known=cpu_known(flags))
    bounded = sources.given("minimum") and sources.given("maximum")
    if bounded and flags.minimum == flags.maximum:
        return ()
    return found if bounded else (*found, *deployed.schedule_obstacles())


def refuse_to_replay(deployed: Deployed, found: tuple[str, ...]) -> None:
    """Refuse traffic for an endpoint that this version cannot follow.

    Raises
    ------
    UsageError
        Naming what scales it otherwise, if anything does.
    """
    if found:
        raise UsageError(
            "This version replays target tracking on invocations, requests in flight and CPU, and "
            f"variant {deployed.name} of endpoint {deployed.endpoint} has {'; '.join(found)}",
            remedy=f"{_cpu_way(deployed, found)}Give --min, --max and --target to see it scaled "
            "so, or --count, or leave the traffic out for floor and ceiling",
            place="--endpoint",
        )


def _cpu_way(deployed: Deployed, found: tuple[str, ...]) -> str:
    """How a policy on CPU comes to be followed, where that alone is in the way."""
    if found == deployed.policy_obstacles() and not deployed.policy_obstacles(cpu_known=True):
        return "Measure what an invocation takes and give --cpu-at-full-load 85%. Or: "
    return ""


def not_replayed(deployed: Deployed, found: tuple[str, ...]) -> tuple[Caveat, ...]:
    """Say why only floor and ceiling of today's configuration are known."""
    if not found:
        return ()
    message = (
        f"Variant {deployed.name} of endpoint {deployed.endpoint} has {'; '.join(found)}. This "
        "version does not follow that, so only floor and ceiling of today's cost are known"
    )
    return (Caveat(code=WarningCode.ENDPOINT_NOT_REPLAYED, message=message),)


def pull_hint(deployed: Deployed) -> str:
    """The command that brings its traffic."""
    return (
        f"smcost traffic pull --endpoint {deployed.endpoint} --variant {deployed.name} "
        f"--region {deployed.region} -o traffic.csv"
    )


def size_assumptions(sources: Sources, variant: Variant) -> tuple[Assumption, ...]:
    """What is reckoned with, and who said so: the endpoint, or a flag in its place."""
    if variant.minimum == variant.maximum:
        size = f"{variant.minimum} all the time"
    else:
        size = f"minimum {variant.minimum}, maximum {variant.maximum}"
    named = ("count",) if sources.has("count") else ("minimum", "maximum")
    rows = [
        sources.assumption("instance type", variant.instance_type, "instance_type"),
        Assumption(name="instances", value=size, source=sources.of_all(*named)),
    ]
    if variant.target_per_minute is not None:
        target = f"{plain(variant.target_per_minute)} invocations per instance per minute"
        rows.append(sources.assumption("target", target, "target"))
    return tuple(rows)


def deployed_assumptions(running: Running, flags: Flags) -> tuple[Assumption, ...]:
    """What runs today, and what of it is not in the cost."""
    deployed = running.deployed
    fleet = f"{deployed.desired_count} x {deployed.instance_type}"
    rows = [
        (
            "running now",
            f"{fleet}; a configuration change resets it to {deployed.initial_count}",
            "DescribeEndpoint, DescribeEndpointConfig",
        ),
        ("registered scaling", _scaling(deployed), _REGISTERED),
    ]
    if deployed.target is not None and deployed.target.minimum < 1:
        value = "taken as 1: a variant on instances never has fewer"
        rows.append((f"minimum of {deployed.target.minimum}", value, "DescribeScalableTargets"))
    if deployed.traffic_share < 1 and (flags.traffic is not None or flags.rps is not None):
        value = (
            f"taken as that of {deployed.name} alone, which gets {deployed.traffic_share:.0%} of "
            "the endpoint's by its weight"
        )
        rows.append(("traffic of the variant", value, "DescribeEndpoint"))
    if running.startup_unread:
        value = f"not learned from its scale-outs: {running.startup_unread}"
        rows.append(("start-up times seen", value, "DescribeScalingActivities"))
    if deployed.captured is not None:
        value = f"{deployed.captured:.0%} of the requests; its S3 storage is not in the cost"
        rows.append(("data capture", value, "DescribeEndpointConfig"))
    return tuple(
        Assumption(name=name, value=value, source=said_by(deployed, call))
        for name, value, call in rows
    )


def schedule_stays(deployed: Deployed) -> tuple[Caveat, ...]:
    """Say that the scheduled actions would rewrite the bounds that are recommended."""
    if not deployed.schedule_at_work:
        return ()
    actions = "; ".join(map(str, deployed.schedule_at_work))
    message = (
        "The scheduled actions of today rewrite the recommended minimum and maximum unless they "
        f"are removed: {actions}"
    )
    return (Caveat(code=WarningCode.SCHEDULE_STAYS, message=message),)


def deployed_caveats(deployed: Deployed) -> tuple[Caveat, ...]:
    """An endpoint in the middle of a change, and what else of it is billed."""
    found = []
    if deployed.status != _IN_SERVICE:
        message = (
            f"Endpoint {deployed.endpoint} is {deployed.status}, not {_IN_SERVICE}: what was read "
            "may be about to change"
        )
        found.append(Caveat(code=WarningCode.ENDPOINT_CHANGING, message=message))
    if deployed.beside_it:
        others = ", ".join(map(str, deployed.beside_it))
        message = f"The endpoint has more, billed too and not in this cost: {others}"
        found.append(Caveat(code=WarningCode.OTHER_VARIANTS, message=message))
    return tuple(found)


def _scaling(deployed: Deployed) -> str:
    """In words; what is suspended is said, since nobody would look for it."""
    target = deployed.target
    if target is None:
        return "none: the fleet keeps its size"
    parts = [str(policy) for policy in deployed.policies] or ["no policy"]
    parts += map(str, deployed.schedule)
    for suspended, what in (
        (target.scale_in_suspended, "scaling in"),
        (target.scale_out_suspended, "scaling out"),
        (target.schedule_suspended, "the schedule"),
    ):
        if suspended:
            parts.append(f"{what} is suspended")
    bounds = f"bounds {plain(target.minimum)} to {plain(target.maximum)}"
    return "; ".join((bounds, *parts))
