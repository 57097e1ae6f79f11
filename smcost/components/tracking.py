"""Target tracking of copies: the policies of variants, and what is different at zero.

Without a copy the metric is not there: INSUFFICIENT_DATA, so that the alarms begin anew. The last
copy goes only where the component has been idle long enough and the low alarm lasts; a low alarm
alone, as of a request every ten minutes, keeps it.
"""

from typing import Protocol

from smcost.components.component import Component
from smcost.scaling import (
    LOW_MINUTES,
    AlarmState,
    TargetTracking,
    after_scale_in,
    after_scale_out,
    autoscaler,
    step,
)
from smcost.scaling.policy import TargetPolicy


class Tracking(Protocol):
    """What a component's policy remembers and wants."""

    def wanted(self, end_s: float, load: float, serving: int, desired: int, *, idle: bool) -> int:
        """Copies wanted after a point.

        Parameters
        ----------
        end_s
            The moment. [s]
        load
            Invocations of the minute, or requests in flight, of all copies. [count]
        serving, desired
            Copies that it is of, and copies already asked for.
        idle
            Whether nothing has come for long enough.
        """

    def scaled_out(self, at_s: float, before: int) -> None:
        """A scale-out is complete; so many copies there were."""

    def scaled_in(self, at_s: float) -> None:
        """A scale-in is complete."""


class InvocationsTracking:
    """On InvocationsPerCopy, by minutes: :func:`smcost.scaling.invocations.step`."""

    def __init__(self, component: Component, scale_in_cooldown_s: float) -> None:
        self._may_be_zero = not component.minimum
        self._policy = TargetTracking(
            target_per_minute=component.target,
            minimum=max(1, component.minimum),
            maximum=component.maximum,
            scale_in_cooldown_s=scale_in_cooldown_s,
        )
        self._state = AlarmState()

    def wanted(self, end_s: float, load: float, serving: int, desired: int, *, idle: bool) -> int:
        """As every :class:`Tracking`; ``load`` is the minute's invocations."""
        state = self._state
        if not serving:
            if state.minutes_above or state.minutes_below:
                self._state = state._replace(minutes_above=0, minutes_below=0)
            return desired
        self._state, wanted = step(self._policy, state, end_s, load, serving, desired)
        if not (idle and self._may_be_zero) or self._state.minutes_below < LOW_MINUTES:
            return wanted
        return 0 if end_s >= self._state.scale_in_blocked_until_s else wanted

    def scaled_out(self, at_s: float, before: int) -> None:  # noqa: ARG002  (as the other one)
        """Cancels a scale-in cooldown."""
        self._state = after_scale_out(self._state)

    def scaled_in(self, at_s: float) -> None:
        """Begins one."""
        self._state = after_scale_in(self._policy, self._state, at_s)


class ConcurrencyTracking:
    """On ConcurrentRequestsPerCopy, every 10 s: :mod:`smcost.scaling.autoscaler`."""

    def __init__(
        self, component: Component, scale_in_cooldown_s: float, scale_out_cooldown_s: float
    ) -> None:
        self._minimum = component.minimum
        self._cooldowns_s = scale_in_cooldown_s, scale_out_cooldown_s
        self._policy = TargetPolicy(
            metric=component.metric,
            target=component.target,
            scale_in_cooldown_s=scale_in_cooldown_s,
            scale_out_cooldown_s=scale_out_cooldown_s,
        )
        self._state = autoscaler.at_rest((self._policy,), component.minimum, component.maximum)

    def wanted(self, end_s: float, load: float, serving: int, desired: int, *, idle: bool) -> int:
        """As every :class:`Tracking`; ``load`` is what is in flight."""
        least = self._minimum if idle or not desired else max(1, self._minimum)
        if least != self._state.minimum:
            self._state = self._state._replace(minimum=least)
        point = autoscaler.Point(load / serving, serving) if serving else None
        metrics = {self._policy.metric: point}
        self._state, found = autoscaler.step((self._policy,), self._state, end_s, metrics, desired)
        return found.capacity

    def scaled_out(self, at_s: float, before: int) -> None:
        """Cancels a scale-in cooldown, and begins one of its own."""
        self._state = autoscaler.after_scale_out(self._state, at_s, self._cooldowns_s[1], before)

    def scaled_in(self, at_s: float) -> None:
        """Begins a scale-in cooldown."""
        self._state = autoscaler.after_scale_in(self._state, at_s, self._cooldowns_s[0])
