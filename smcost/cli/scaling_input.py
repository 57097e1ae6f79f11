"""Scaling flags -> policies, scheduled actions, what CPU is made of, and their assumptions."""

from collections.abc import Sequence
from dataclasses import dataclass

from smcost.cli.capacity_input import CapacityInput
from smcost.cli.flags import Flags
from smcost.cli.sources import Sources
from smcost.errors import UsageError
from smcost.read.bundled import bundled_catalogue
from smcost.read.scaling_specs import cores, parse_action, parse_step
from smcost.remarks import Assumption
from smcost.scaling.policy import Metric, Policy, StepPolicy, TargetPolicy
from smcost.scaling.schedule import ScheduledAction
from smcost.units import SECONDS_PER_MINUTE, parse_duration_s, parse_share, plain

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingInput:
    """What scales a variant besides ``--target``.

    ``full_cpu`` is the CPUUtilization of an instance that is busy all the time, ``None`` where it
    is not known. [% of a core]
    """

    policies: tuple[Policy, ...]
    schedule: tuple[ScheduledAction, ...]
    full_cpu: float | None
    assumptions: tuple[Assumption, ...]

    def fitting(
        self, assumptions: tuple[Assumption, ...], target: float | None
    ) -> tuple[Assumption, ...]:
        """Those of scaling that play a part: alarms of minutes only with a target on minutes."""
        minutes = target is not None or any(
            isinstance(policy, TargetPolicy) and policy.metric.period_s == SECONDS_PER_MINUTE
            for policy in self.policies
        )
        tracked = target is not None or any(
            isinstance(policy, TargetPolicy) for policy in self.policies
        )
        left_out = set() if minutes else {"alarms"}
        left_out |= set() if tracked else {"scale-out step", "scale-in step"}
        return tuple(item for item in assumptions if item.name not in left_out)


def vcpu_of(instance_type: str) -> int | None:
    """How many it has; ``None``: not known."""
    known = bundled_catalogue().instance_types.get(instance_type)
    return None if known is None else known.vcpu


def scaling_input(
    sources: Sources, flags: Flags, able: CapacityInput, cooldowns_s: tuple[float, float]
) -> ScalingInput:
    """Turn the flags into values.

    Parameters
    ----------
    able
        Instance type and capacity: CPU is of its cores, and full at its highest rate.
    cooldowns_s
        After a scale-in and a scale-out, of every target. [s]

    Raises
    ------
    UsageError
        A spec that cannot be read, or a CPU policy without what CPU is made of.
    """
    vcpu = vcpu_of(able.instance_type)
    targets = {
        Metric.CONCURRENCY: flags.concurrency_target,
        Metric.CPU: _cpu_target(flags, vcpu),
    }
    policies: list[Policy] = [
        TargetPolicy(
            metric=metric,
            target=target,
            scale_in_cooldown_s=cooldowns_s[0],
            scale_out_cooldown_s=cooldowns_s[1],
        )
        for metric, target in targets.items()
        if target is not None
    ]
    policies += [parse_step(text, vcpu, cooldowns_s[1]) for text in flags.step or ()]
    schedule = tuple(map(parse_action, flags.scheduled_action or ()))
    full_cpu = _full_cpu(flags, able, vcpu, policies)
    return ScalingInput(
        policies=tuple(policies),
        schedule=schedule,
        full_cpu=full_cpu,
        assumptions=_assumptions(sources, flags, policies, schedule, full_cpu, vcpu),
    )


def _cpu_target(flags: Flags, vcpu: int | None) -> float | None:
    if flags.cpu_target is None:
        return None
    share = parse_share(flags.cpu_target, "--cpu-target")
    if share == 0:
        raise UsageError(
            "A CPU target of 0% is never met", remedy="Give one above", place="--cpu-target"
        )
    return 100 * share * cores(vcpu, "--cpu-target")


def _full_cpu(
    flags: Flags, able: CapacityInput, vcpu: int | None, policies: Sequence[Policy]
) -> float | None:
    per_invocation, at_full_load = flags.cpu_per_invocation, flags.cpu_at_full_load
    asked = any(policy.metric is Metric.CPU for policy in policies)
    if per_invocation is not None and at_full_load is not None:
        raise UsageError(
            "The CPU of an invocation is given twice",
            remedy="Keep --cpu-per-invocation or --cpu-at-full-load",
        )
    if not asked:
        if per_invocation is not None or at_full_load is not None:
            raise UsageError(
                "The CPU of an invocation is given, but no policy looks at CPU",
                remedy="Add --cpu-target 60%, or leave it out",
            )
        return None
    if per_invocation is None and at_full_load is None:
        raise UsageError(
            "A policy looks at CPU, and how much of it an invocation takes is not known",
            remedy="Measure it, and give --cpu-per-invocation 30ms or --cpu-at-full-load 85%",
        )
    if able.profile is None:
        raise UsageError(
            "A policy looks at CPU, and what one instance can do is not known",
            remedy="Give --service-time 45ms --concurrency 4, or --capacity FILE",
        )
    number = cores(vcpu, "--cpu-target")
    if at_full_load is not None:
        return 100 * parse_share(at_full_load, "--cpu-at-full-load") * number
    seconds = parse_duration_s(per_invocation or "", "--cpu-per-invocation")
    full = 100 * seconds * able.profile.max_rps
    if full > 100 * number * (1 + _ROUNDING):
        raise UsageError(
            f"At {able.profile.max_rps:.4g} invocations per second they would take "
            f"{full / 100:.4g} CPU seconds a second, and {able.instance_type} has {number} vCPU",
            remedy="Check the CPU per invocation against --service-time and --concurrency",
            place="--cpu-per-invocation",
        )
    return full


def _assumptions(
    sources: Sources,
    flags: Flags,
    policies: Sequence[Policy],
    schedule: Sequence[ScheduledAction],
    full_cpu: float | None,
    vcpu: int | None,
) -> tuple[Assumption, ...]:
    found = []
    if any(policy.metric is Metric.CONCURRENCY for policy in policies):
        found += list(CONCURRENCY_ASSUMPTIONS)
    if full_cpu is not None:
        given = "cpu_per_invocation" if flags.cpu_at_full_load is None else "cpu_at_full_load"
        value = f"{plain(full_cpu)} % of a core, of {vcpu} cores; in proportion to what is answered"
        found.append(sources.assumption("CPU of a busy instance", value, given))
    for policy in policies:
        if isinstance(policy, StepPolicy):
            found.append(sources.assumption("step policy", policy.steps_told, "step"))
    for action in schedule:
        found.append(sources.assumption("scheduled action", action.told, "scheduled_action"))
    if policies and schedule:
        value = "a policy's decision not yet carried out keeps to the new bounds"
        found.append(
            Assumption(name="scheduled actions", value=f"at once; {value}", source="inferred")
        )
    return tuple(found)


CONCURRENCY_ASSUMPTIONS = (
    Assumption(
        name="alarms on concurrency",
        value="out after 3 of 3 x 10 s above the target, in after 90 of 90 below 0.9 x target; "
        "heard once a minute",
        source="observed in an AWS sample; CloudWatch documentation",
    ),
    Assumption(
        name="concurrency metric",
        value="mean over the instances every 10 s, queued requests included; what a single moment "
        "shows varies more",
        source="which statistic AWS uses is not published",
    ),
    Assumption(
        name="requests within a minute",
        value="split over its six parts as the minute's arrivals are drawn",
        source="model",
    ),
)
