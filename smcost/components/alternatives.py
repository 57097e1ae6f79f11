"""The same traffic otherwise: placed or scaled in another way, never at zero, not shared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from smcost.components.component import Amounts
from smcost.components.copies import CopyScaling
from smcost.components.demand import Demand
from smcost.components.instance_scaling import InstanceScaling, Placement, ScaleIn
from smcost.components.packing import fits
from smcost.components.replay import EndpointReplay, replay_endpoint


class AlternativeKind(StrEnum):
    """The closed list of ``alternatives[].kind``."""

    OTHER_PLACEMENT = "other_placement"
    OTHER_SCALE_IN = "other_scale_in"
    MINIMUM_ONE = "minimum_one"
    ENDPOINT_EACH = "endpoint_each"

    @property
    def keeps_one(self) -> bool:
        """Whether it is the same endpoint without scaling to zero."""
        return self is AlternativeKind.MINIMUM_ONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """A month of it.

    Attributes
    ----------
    kind
        What is otherwise.
    instance_hours, usd
        Billed. [h, USD]
    failed
        Requests that met no copy. [count]
    """

    kind: AlternativeKind
    instance_hours: Decimal
    usd: Decimal
    failed: Decimal


def alternatives(
    room: Amounts,
    demands: Sequence[Demand],
    instances: InstanceScaling,
    copies: CopyScaling,
    *,
    asked: EndpointReplay,
    usd: Callable[[float], Decimal],
    months: Decimal,
) -> tuple[Alternative, ...]:
    """Replays of whatever differs from what was asked.

    Parameters
    ----------
    room, demands, instances, copies
        What was asked, as for :func:`replay_endpoint`.
    asked
        Its replay.
    usd
        A month's bill of instance-hours over the horizon.
    months
        How many horizons make a month.

    Notes
    -----
    An endpoint for each component is one of inference components too, of the same instance type and
    packed likewise, with the component's own minimum of copies: what sharing alone saves. It has no
    instance while it has no copies, where it may have none. A smaller instance type may suit it
    better.
    """
    at_least_one = replace(instances, minimum=max(1, instances.minimum))
    kept = [_kept(demand) for demand in demands]
    found = []

    def add(kind: AlternativeKind, *replays: EndpointReplay) -> None:
        hours = sum(one.instance_hours for one in replays)
        failed = sum(int(each.failed.sum()) for one in replays for each in one.components)
        found.append(
            Alternative(
                kind=kind,
                instance_hours=Decimal(repr(hours)) * months,
                usd=usd(hours),
                failed=failed * months,
            )
        )

    if _placement_matters(room, demands, asked):
        other = next(one for one in Placement if one is not instances.placement)
        turned = replace(instances, placement=other)
        add(AlternativeKind.OTHER_PLACEMENT, replay_endpoint(room, demands, turned, copies))
        policy = next(one for one in ScaleIn if one is not instances.scale_in)
        turned = replace(instances, scale_in=policy)
        add(AlternativeKind.OTHER_SCALE_IN, replay_endpoint(room, demands, turned, copies))
    if any(not demand.component.minimum for demand in demands):
        add(AlternativeKind.MINIMUM_ONE, replay_endpoint(room, kept, at_least_one, copies))
    if len(demands) > 1:
        each = []
        for demand in demands:
            lowest = min(1, demand.component.minimum)
            alone = replace(instances, minimum=lowest, maximum=None)
            each.append(replay_endpoint(room, [demand], alone, copies))
        add(AlternativeKind.ENDPOINT_EACH, *each)
    return tuple(found)


def _kept(demand: Demand) -> Demand:
    component = demand.component
    return replace(demand, component=replace(component, minimum=max(1, component.minimum)))


def _placement_matters(room: Amounts, demands: Sequence[Demand], asked: EndpointReplay) -> bool:
    """Whether there is a choice: instances that hold several copies, two of them, and copies that
    come or go.
    """
    needs = [demand.component.needs for demand in demands]
    together = any(fits(room, one, other) for one in needs for other in needs)
    moved = any(one.in_service.min() != one.in_service.max() for one in asked.components)
    return together and moved and int(asked.instances.max()) > 1
