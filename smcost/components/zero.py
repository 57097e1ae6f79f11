"""What scaling to zero saves, and what it costs in requests.

An instance is billed until ``idle + reaction + release`` after the last invocation, and again from
its launch, which is ``a minute + reaction`` after the first request that failed. So an idle gap of
g seconds saves ``max(0, g - (idle + release - 60))``, whatever the reaction time. Below that gap
nothing is saved, though requests fail from ``idle`` on: the decision has been taken by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from smcost.components.copies import CopyScaling
from smcost.components.demand import Demand
from smcost.components.instance_scaling import InstanceScaling
from smcost.components.replay import CopyReplay, EndpointReplay
from smcost.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeBill:
    """What one wake-up of an endpoint with one component is made of.

    Attributes
    ----------
    waking_s
        Billed from launch until the copy serves. [s]
    tail_s
        Billed after the last invocation. [s]
    failing_s
        From the first failed request, at the beginning of its minute, until a copy serves. [s]
    break_even_s
        An idle gap of that length costs as much as with a minimum of 1. [s]
    fails_from_s
        After an idle gap of that length requests fail. [s]
    usd, usd_with_tail
        Of the waking, and of waking and tail. [USD]
    """

    waking_s: float
    tail_s: float
    failing_s: float
    break_even_s: float
    fails_from_s: float
    usd: Decimal
    usd_with_tail: Decimal


def wake_bill(
    startup_s: float, instances: InstanceScaling, copies: CopyScaling, usd_per_hour: Decimal
) -> WakeBill:
    """Of a copy with that start-up on an instance that must be launched first."""
    waking_s = instances.provisioning_s + startup_s
    tail_s = copies.idle_s + copies.reaction_s + instances.release_s
    alarm_s = SECONDS_PER_MINUTE + copies.reaction_s
    return WakeBill(
        waking_s=waking_s,
        tail_s=tail_s,
        failing_s=alarm_s + waking_s,
        break_even_s=max(0.0, tail_s - alarm_s),
        fails_from_s=copies.idle_s,
        usd=_usd(waking_s, usd_per_hour),
        usd_with_tail=_usd(waking_s + tail_s, usd_per_hour),
    )


def _usd(seconds: float, usd_per_hour: Decimal) -> Decimal:
    return usd_per_hour * Decimal(repr(seconds)) / SECONDS_PER_HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeroAnswer:
    """A month of scaling to zero, against a minimum of 1.

    Attributes
    ----------
    bill
        One wake-up, of the component that starts slowest among those that may be at zero.
    wakes, endpoint_wakes
        Scale-outs from zero copies, of all components; launches from no instance. [count/month]
    onto_running
        Those that found an instance running with room, so that no launch was waited for.
        [count/month]
    failed
        Requests that met no copy. [count/month]
    empty_share
        Part of the time without any instance. [fraction]
    saving_usd
        Against a minimum of 1 copy of each and 1 instance. [USD/month]
    usd_per_failed
        Saving for each failed request; ``None`` where none fails. [USD]
    keeps_instance
        Whether the minimum of instances, or of another component, keeps one all the time.
    never_wakes
        Names of components that are asleep for good, see :func:`never_wakes`: what is saved then is
        the price of not answering.
    """

    bill: WakeBill
    wakes: Decimal
    endpoint_wakes: Decimal
    onto_running: Decimal
    failed: Decimal
    empty_share: float
    saving_usd: Decimal
    usd_per_failed: Decimal | None
    keeps_instance: bool
    never_wakes: tuple[str, ...] = ()


def never_wakes(replay: CopyReplay, wake_failures: int) -> bool:
    """Whether requests come after the last copy went, and never enough in a minute to wake one.

    Parameters
    ----------
    replay
        Of a component, to the end of its traffic.
    wake_failures
        Failures within a minute that wake it. [count]
    """
    served = np.flatnonzero(replay.in_service)
    after = replay.failed[int(served[-1]) + 1 if served.size else 0 :]
    return 0 < int(after.max(initial=0)) < wake_failures


def zero_answer(
    demands: Sequence[Demand],
    replay: EndpointReplay,
    *,
    instances: InstanceScaling,
    copies: CopyScaling,
    usd_per_hour: Decimal,
    months: Decimal,
    saving_usd: Decimal,
) -> ZeroAnswer:
    """What the replay says of it; ``months`` is how many horizons make a month."""
    starts = [one.component.startup_s for one in demands if not one.component.minimum]
    wakes = [
        (demand.component.startup_s, wake)
        for demand, one in zip(demands, replay.components, strict=True)
        for wake in one.wakes
    ]
    onto_running = sum(wake.serving_s - wake.placed_s <= startup_s for startup_s, wake in wakes)
    failed = Decimal(sum(int(one.failed.sum()) for one in replay.components)) * months
    minutes = replay.instances.size
    asleep = tuple(
        demand.component.name
        for demand, one in zip(demands, replay.components, strict=True)
        if never_wakes(one, copies.wake_failures)
    )
    return ZeroAnswer(
        bill=wake_bill(max(starts), instances, copies, usd_per_hour),
        wakes=len(wakes) * months,
        endpoint_wakes=replay.wakes * months,
        onto_running=onto_running * months,
        failed=failed,
        empty_share=replay.empty_s / (minutes * SECONDS_PER_MINUTE),
        saving_usd=saving_usd,
        usd_per_failed=saving_usd / failed if failed and not asleep else None,
        keeps_instance=instances.minimum > 0 or any(one.component.minimum for one in demands),
        never_wakes=asleep,
    )
