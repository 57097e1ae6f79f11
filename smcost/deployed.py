"""What runs behind an endpoint today: counts, bounds, policies, schedule, and what can be replayed.

Everything that AWS says is kept, also what this version cannot follow minute by minute: then
:meth:`Deployed.policy_obstacles` and :meth:`Deployed.schedule_obstacles` say what it is.
"""

from dataclasses import dataclass
from enum import StrEnum

from smcost.capacity import Routing
from smcost.errors import UsageError
from smcost.units import plain
from smcost.variant import Variant

#: The metric whose target tracking :mod:`smcost.scaling` follows.
FOLLOWED_METRIC = "InvocationsPerInstance"
#: A plain real-time variant never has fewer (DG:endpoint-auto-scaling-zero-instances).
_FLOOR = 1
#: Of Application Auto Scaling, for variants. [s]
_DEFAULT_COOLDOWN_S = 300.0


class PolicyKind(StrEnum):
    """How a policy scales."""

    TARGET_TRACKING = "target tracking"
    STEP = "step scaling"
    PREDICTIVE = "predictive scaling"
    OTHER = "a policy of an unknown kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredPolicy:
    """One scaling policy of a variant.

    Attributes
    ----------
    name, kind
        Its name, and how it scales.
    metric
        What it follows; :data:`FOLLOWED_METRIC` for that metric alone, with its sum. ``None``:
        the policy does not say (an alarm of its own does).
    target_value
        Set point in the metric's unit, of target tracking.
    scale_in_cooldown_s, scale_out_cooldown_s
        As AWS uses them. [s]
    scale_in_disabled
        Whether it only ever scales out.
    """

    name: str
    kind: PolicyKind
    metric: str | None = None
    target_value: float | None = None
    scale_in_cooldown_s: float = _DEFAULT_COOLDOWN_S
    scale_out_cooldown_s: float = _DEFAULT_COOLDOWN_S
    scale_in_disabled: bool = False

    @property
    def followed(self) -> bool:
        """Whether replay knows what it does."""
        return (
            self.kind is PolicyKind.TARGET_TRACKING
            and self.metric == FOLLOWED_METRIC
            and not self.scale_in_disabled
        )

    def __str__(self) -> str:
        on = "" if self.metric is None else f" on {self.metric}"
        at = "" if self.target_value is None else f" at {plain(self.target_value)}"
        only_out = ", which never scales in" if self.scale_in_disabled else ""
        return f"{self.name}: {self.kind}{on}{at}{only_out}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledAction:
    """New bounds at set times; ``None`` leaves one as it is. [instances]"""

    name: str
    schedule: str
    timezone: str
    minimum: int | None
    maximum: int | None

    def __str__(self) -> str:
        sets = ", ".join(
            f"{what} {count}"
            for what, count in (("minimum", self.minimum), ("maximum", self.maximum))
            if count is not None
        )
        return f"{self.name}: {self.schedule} {self.timezone} sets {sets or 'nothing'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalableTarget:
    """Bounds registered with Application Auto Scaling, and what of it is suspended. [instances]"""

    minimum: int
    maximum: int
    scale_in_suspended: bool = False
    scale_out_suspended: bool = False
    schedule_suspended: bool = False


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
        """Target value of its one policy, if replay follows that. [min^-1]"""
        at_work = self.policies_at_work
        if len(at_work) != 1 or not at_work[0].followed:
            return None
        return at_work[0].target_value

    @property
    def cooldowns_s(self) -> tuple[float, float]:
        """Of scale-in and scale-out, of the first policy; AWS's default without one. [s]"""
        for policy in self.policies_at_work:
            return policy.scale_in_cooldown_s, policy.scale_out_cooldown_s
        return _DEFAULT_COOLDOWN_S, _DEFAULT_COOLDOWN_S

    def policy_obstacles(self) -> tuple[str, ...]:
        """What its policies do that replay cannot follow; empty: nothing."""
        at_work, target = self.policies_at_work, self.target
        if target is None or not at_work or (target.minimum == target.maximum):
            return ()
        found = [str(policy) for policy in at_work if not policy.followed or len(at_work) > 1]
        for suspended, what in (
            (target.scale_in_suspended, "in"),
            (target.scale_out_suspended, "out"),
        ):
            if suspended:
                found.append(f"scaling {what} is suspended")
        return tuple(found)

    def schedule_obstacles(self) -> tuple[str, ...]:
        """The scheduled actions, which replay cannot follow; empty: there are none."""
        return tuple(map(str, self.schedule_at_work))

    def variant(self, routing: Routing | None = None) -> Variant:
        """The configuration; without a target where replay cannot follow what scales it.

        The initial count is kept within the bounds, to which autoscaling would bring it.
        """
        minimum, maximum = self.bounds
        scale_in_s, scale_out_s = self.cooldowns_s
        followed = not self.policy_obstacles()
        return Variant(
            instance_type=self.instance_type,
            minimum=minimum,
            maximum=maximum,
            initial_count=min(max(self.initial_count, minimum), maximum),
            target_per_minute=self.target_per_minute if followed else None,
            routing=routing or self.routing,
            scale_in_cooldown_s=scale_in_s,
            scale_out_cooldown_s=scale_out_s,
        )
