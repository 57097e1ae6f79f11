"""What runs behind an endpoint today: counts, bounds, policies, schedule, and what can be replayed.

Everything that AWS says is kept, also what this version cannot follow minute by minute: then
:meth:`Deployed.policy_obstacles` and :meth:`Deployed.schedule_obstacles` say what it is.
"""

from dataclasses import dataclass

from smcost.capacity import Routing
from smcost.errors import UsageError
from smcost.registered import (
    FOLLOWED_CPU,
    FOLLOWED_METRIC,
    RegisteredPolicy,
    ScalableTarget,
    ScheduledAction,
)
from smcost.scaling.policy import DEFAULT_COOLDOWN_S, Metric
from smcost.variant import Variant

#: A plain real-time variant never has fewer (DG:endpoint-auto-scaling-zero-instances).
_FLOOR = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BesideIt:
    """Another variant of the endpoint, billed too; no type where it has none of its own."""

    name: str
    instance_type: str | None
    count: int
    shadow: bool

    def __str__(self) -> str:
        kind = "shadow variant" if self.shadow else "variant"
        return f"{kind} {self.name} ({self.count} x {self.instance_type or 'no instance type'})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """One production variant as it runs.

    Attributes
    ----------
    endpoint, name, region
        The endpoint, the variant, and where.
    status
        The endpoint's: ``InService``, ``Updating``.
    read_at_s
        When it was asked. [epoch s]
    instance_type
        The API's name.
    desired_count, initial_count
        What it has or is getting; what every configuration change resets it to. [instances]
    routing, volume_gb
        How requests find an instance; storage attached to each, where it was set. [GB]
    traffic_share
        Its weight's share of the endpoint's requests, 0 to 1.
    captured
        Share of the requests whose data is captured, 0 to 1; ``None``: none.
    target, policies, schedule
        Autoscaling as registered; ``None`` and empty: there is none.
    beside_it
        Other variants of the endpoint.

    Raises
    ------
    UsageError
        No instance runs, or none may: that is no real-time variant on instances.
    """

    endpoint: str
    name: str
    region: str
    status: str
    read_at_s: float
    instance_type: str
    desired_count: int
    initial_count: int
    routing: Routing
    volume_gb: int | None = None
    traffic_share: float = 1.0
    captured: float | None = None
    target: ScalableTarget | None = None
    policies: tuple[RegisteredPolicy, ...] = ()
    schedule: tuple[ScheduledAction, ...] = ()
    beside_it: tuple[BesideIt, ...] = ()

    def __post_init__(self) -> None:
        scaled = self.target is not None and (self.policies_at_work or self.schedule_at_work)
        most = self.target.maximum if self.target is not None and scaled else self.desired_count
        if most < _FLOOR:
            raise UsageError(
                f"Variant {self.name} of endpoint {self.endpoint} may have {most} instances at "
                "most, so there is nothing to price",
                remedy="Give --instance-type, --min, --max and --target by hand",
                place="--endpoint",
            )

    @property
    def policies_at_work(self) -> tuple[RegisteredPolicy, ...]:
        """Those that are not suspended altogether."""
        target = self.target
        if target is None or (target.scale_in_suspended and target.scale_out_suspended):
            return ()
        return self.policies

    @property
    def schedule_at_work(self) -> tuple[ScheduledAction, ...]:
        """The scheduled actions, unless they are suspended."""
        target = self.target
        return () if target is None or target.schedule_suspended else self.schedule

    @property
    def bounds(self) -> tuple[int, int]:
        """Fewest and most instances that it can come to have, schedule included. [instances]"""
        target = self.target
        if target is None or not (self.policies_at_work or self.schedule_at_work):
            return self.desired_count, self.desired_count
        lowest = [target.minimum, *(a.minimum for a in self.schedule_at_work)]
        highest = [target.maximum, *(a.maximum for a in self.schedule_at_work)]
        minimum = max(_FLOOR, min(count for count in lowest if count is not None))
        return minimum, max(minimum, *(count for count in highest if count is not None))

    @property
    def target_per_minute(self) -> float | None:
        """Target value on invocations per instance, if replay follows all policies. [min^-1]"""
        at_work = self.policies_at_work
        if not all(policy.followed for policy in at_work):
            return None
        targets = (policy.target_value for policy in at_work if policy.metric == FOLLOWED_METRIC)
        return next(targets, None)

    @property
    def cooldowns_s(self) -> tuple[float, float]:
        """Of scale-in and scale-out, of the first policy; AWS's default without one. [s]"""
        for policy in self.policies_at_work:
            return policy.scale_in_cooldown_s, policy.scale_out_cooldown_s
        return DEFAULT_COOLDOWN_S, DEFAULT_COOLDOWN_S

    def policy_obstacles(self, *, cpu_known: bool = False) -> tuple[str, ...]:
        """What its policies do that replay cannot follow; empty: nothing.

        ``cpu_known`` is whether it is known what an invocation takes of the CPU. Several policies
        are followed where each tracks a metric of its own and their cooldowns are the same.
        """
        at_work, target = self.policies_at_work, self.target
        if target is None or not at_work or (self._one_size and not self.schedule_at_work):
            return ()
        found = [
            str(policy)
            for policy in at_work
            if not policy.followed or (policy.metric == FOLLOWED_CPU and not cpu_known)
        ]
        if (
            not found
            and len({(p.scale_in_cooldown_s, p.scale_out_cooldown_s) for p in at_work}) > 1
        ):
            found = [f"{policy}, with cooldowns of its own" for policy in at_work]
        if not found and len({policy.metric for policy in at_work}) < len(at_work):
            found = [str(policy) for policy in at_work]
        for suspended, what in (
            (target.scale_in_suspended, "in"),
            (target.scale_out_suspended, "out"),
        ):
            if suspended:
                found.append(f"scaling {what} is suspended")
        return tuple(found)

    def schedule_obstacles(self) -> tuple[str, ...]:
        """The scheduled actions that replay cannot follow; empty: none."""
        return tuple(str(action) for action in self.schedule_at_work if action.planned is None)

    def variant(self, routing: Routing | None = None, *, cpu_known: bool = False) -> Variant:
        """The configuration; without policies and schedule where replay cannot follow them.

        Then its bounds take in all that the schedule sets. The initial count is kept within the
        bounds, to which autoscaling would bring it.
        """
        minimum, maximum = lowest, highest = self.bounds
        scale_in_s, scale_out_s = self.cooldowns_s
        actions = [action.planned for action in self.schedule_at_work]
        schedule = tuple(action for action in actions if action is not None)
        unscheduled = bool(self.schedule_obstacles())
        if schedule and self.target is not None and not unscheduled:
            minimum = max(_FLOOR, self.target.minimum)
            maximum = max(minimum, self.target.maximum)
        followed = not self.policy_obstacles(cpu_known=cpu_known)
        tracked = [
            policy.tracked for policy in self.policies_at_work if followed and policy.followed
        ]
        return Variant(
            instance_type=self.instance_type,
            minimum=minimum,
            maximum=maximum,
            initial_count=min(max(self.initial_count, lowest), highest),
            target_per_minute=self.target_per_minute if followed else None,
            routing=routing or self.routing,
            scale_in_cooldown_s=scale_in_s,
            scale_out_cooldown_s=scale_out_s,
            further_policies=tuple(p for p in tracked if p.metric is not Metric.INVOCATIONS),
            schedule=() if unscheduled else schedule,
        )

    @property
    def _one_size(self) -> bool:
        return self.target is not None and self.target.minimum == self.target.maximum
