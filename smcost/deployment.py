"""What a release costs: instances that are billed twice while an update runs.

SageMaker developer guide, "Blue/green deployments": with traffic shifted in stages or a baking
period both fleets are billed for the duration of the update, irrespective of the traffic; all at
once without baking, one fleet is. "Rolling deployments": old instances leave after each batch, so
that about one batch is billed besides.
"""

import math
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from fractions import Fraction

from smcost.errors import UsageError
from smcost.units import SECONDS_PER_HOUR

#: MaximumExecutionTimeoutInSeconds is at most 8 h, each wait at most 1 h (SageMaker API).
_LONGEST_S, _LONGEST_WAIT_S = 28_800, 3_600


class DeploymentKind(StrEnum):
    """How traffic moves from the old instances to the new ones."""

    ALL_AT_ONCE = "all-at-once"
    CANARY = "canary"
    LINEAR = "linear"
    ROLLING = "rolling"


#: Share of the capacity that a step may be (SageMaker API: CanarySize, LinearStepSize,
#: MaximumBatchSize), and what is taken where none is given.
_STEPS = {
    DeploymentKind.CANARY: (Fraction(0), Fraction(1, 2), Fraction(1, 10)),
    DeploymentKind.LINEAR: (Fraction(1, 10), Fraction(1, 2), Fraction(1, 5)),
    DeploymentKind.ROLLING: (Fraction(1, 20), Fraction(1, 2), Fraction(1, 5)),
}
#: Seconds between steps where none are given; all at once bakes not at all.
DEFAULT_WAIT_S = 300.0


class FleetAt(StrEnum):
    """How many instances a release meets."""

    MEAN = "mean"
    BUSIEST = "busiest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One release of a variant.

    Attributes
    ----------
    kind
        How traffic moves.
    step
        Canary size, linear step or batch; ``None`` all at once. [fraction of the instances]
    wait_s
        Baking after each step, or after the one shift all at once. [s]
    termination_wait_s
        From the last shift until the old fleet is removed; rolling has none. [s]
    provisioning_s
        From launch to InService. [s]

    Raises
    ------
    UsageError
        A step or a wait that SageMaker does not take, or an update longer than it allows.
    """

    kind: DeploymentKind
    provisioning_s: float
    step: Fraction | None = None
    wait_s: float = 0.0
    termination_wait_s: float = 0.0

    def __post_init__(self) -> None:
        self._refuse_step()
        for flag, wait_s in (
            ("--deployment-wait", self.wait_s),
            ("--deployment-termination-wait", self.termination_wait_s),
        ):
            if not 0 <= wait_s <= _LONGEST_WAIT_S:
                raise UsageError(
                    f"SageMaker waits for an hour at most, not for {wait_s:g} s",
                    remedy="Give 0s to 3600s",
                    place=flag,
                )
        if self.kind is DeploymentKind.ROLLING and self.termination_wait_s:
            raise UsageError(
                "A rolling deployment removes old instances after each batch and has no wait for "
                "termination",
                remedy="Leave it out, or lengthen --deployment-wait",
                place="--deployment-termination-wait",
            )

    def _refuse_step(self) -> None:
        if self.kind not in _STEPS:
            if self.step is not None:
                raise UsageError(
                    "All at once has no steps",
                    remedy="Leave it out, or give --deployment canary, linear or rolling",
                    place="--deployment-step",
                )
            return
        least, most, _ = _STEPS[self.kind]
        if self.step is None or not max(least, Fraction(1, 100)) <= self.step <= most:
            raise UsageError(
                f"SageMaker has no {self.kind} deployment in steps of {float(self.step or 0):.4g}",
                remedy=f"Give {float(max(least, Fraction(1, 100))):.0%} to {float(most):.0%}",
                place="--deployment-step",
            )

    @property
    def waits(self) -> int:
        """Waits of an update in stages: after each step of a linear one, else one. [count]

        The guide bakes after every step; the API's text has waits between steps, one fewer.
        """
        if self.kind is DeploymentKind.LINEAR:
            assert self.step is not None
            return math.ceil(1 / self.step)
        return 1

    def batch(self, count: Decimal) -> int:
        """Instances that a rolling update adds at a time, of so many rounded up. [instances]"""
        assert self.step is not None
        return math.ceil(_whole(count) * self.step)

    def batches(self, count: Decimal) -> int:
        """Batches of a rolling update. [count]"""
        return -(-_whole(count) // self.batch(count))

    def duration_s(self, count: Decimal) -> float:
        """From the start of the update until the variant can be scaled again. [s]

        Raises
        ------
        UsageError
            Longer than the 8 h that SageMaker lets an update take.
        """
        if self.kind is DeploymentKind.ROLLING:
            found_s = self.batches(count) * (self.provisioning_s + self.wait_s)
        else:
            found_s = self.provisioning_s + self.waits * self.wait_s + self.termination_wait_s
        if found_s > _LONGEST_S:
            raise UsageError(
                f"The update would take {found_s / SECONDS_PER_HOUR:.1f} h, and SageMaker lets "
                "none take more than 8 h",
                remedy="Give a larger --deployment-step or a shorter --deployment-wait",
            )
        return found_s

    def stages(self, before: int, after: int) -> tuple[tuple[float, int], ...]:
        """How many instances take traffic, and from when on, until the update has ended.

        Parameters
        ----------
        before, after
            Instances of the old fleet, and of the new one. [instances]

        Returns
        -------
        tuple of (float, int)
            Seconds since the update began, and as many instances as a single fleet would need to be
            loaded like the more loaded of the two. [s, instances]

        Notes
        -----
        With the share x of the traffic on the new fleet: floor(min(before / (1 - x), after / x)),
        at least 1. A rolling update goes from one count to the other in as many steps as it has
        batches; how it does so where they differ is not documented.
        """
        if self.kind is DeploymentKind.ROLLING:
            steps = self.batches(Decimal(before))
            shares = [Fraction(number, steps) for number in range(1, steps + 1)]
            return (
                (0.0, before),
                *(
                    (
                        number * (self.provisioning_s + self.wait_s) + self.provisioning_s,
                        max(1, math.floor(before + (after - before) * share)),
                    )
                    for number, share in enumerate(shares)
                ),
            )
        return (
            (0.0, before),
            *(
                (self.provisioning_s + number * self.wait_s, _alike(before, after, share))
                for number, share in enumerate(self._shares())
            ),
        )

    def _shares(self) -> list[Fraction]:
        """Shares of the traffic on the new fleet, one after each shift."""
        if self.step is None:
            return [Fraction(1)]
        if self.kind is DeploymentKind.CANARY:
            return [self.step, Fraction(1)]
        return [min(Fraction(1), number * self.step) for number in range(1, self.waits + 1)]

    def extra_instance_hours(self, count: Decimal) -> Decimal:
        """Instance-hours of one release beyond those of the fleet itself. [h]

        Parameters
        ----------
        count
            Instances that the release meets, a mean perhaps. [instances]

        Notes
        -----
        With N instances, provisioning P, waits W and wait for termination T::

            all at once, W = T = 0 : 0
            all at once or canary  : N (P + W + T)
            linear, n = ceil(1/step): N (P + n W + T)
            rolling, b = ceil(N step): b ceil(N / b) (P + W), N rounded up

        That P counts is concluded from "for the duration of the update".
        """
        if self.kind is DeploymentKind.ROLLING:
            added = Decimal(self.batch(count) * self.batches(count))
            return added * _seconds(self.provisioning_s + self.wait_s) / SECONDS_PER_HOUR
        if self.kind is DeploymentKind.ALL_AT_ONCE and not (self.wait_s or self.termination_wait_s):
            return Decimal(0)
        return count * _seconds(self.duration_s(count)) / SECONDS_PER_HOUR

    def peak_instances(self, count: int) -> int:
        """Instances of the type that the quota must allow meanwhile: 2 N, or N and a batch."""
        if self.kind is DeploymentKind.ROLLING:
            return count + self.batch(Decimal(count))
        return 2 * count


@dataclass(frozen=True, slots=True, kw_only=True)
class Releases:
    """So many releases a month, and what fleet they meet.

    Raises
    ------
    UsageError
        Fewer than 0, or more than one each minute.
    """

    deployment: Deployment
    per_month: Decimal
    at: FleetAt = FleetAt.MEAN

    def __post_init__(self) -> None:
        if not self.per_month.is_finite() or not 0 < self.per_month <= 44_640:
            raise UsageError(
                f"{self.per_month} deployments a month is no number of deployments",
                remedy="Give one above 0, or leave it out",
                place="--deployments-per-month",
            )

    def extra_instance_hours(self, count: Decimal) -> Decimal:
        """Of all releases of a month, each meeting so many instances. [h]"""
        return self.per_month * self.deployment.extra_instance_hours(count)


def default_step(kind: DeploymentKind) -> Fraction | None:
    """The step that is taken where none is given; ``None`` all at once. [fraction]"""
    return _STEPS[kind][2] if kind in _STEPS else None


def falls_back(instance_type: str) -> bool:
    """Whether SageMaker updates the type all at once and without baking, whatever is asked for.

    Developer guide, deployment guardrails, "Exclusions": Inf1 (and containers of the marketplace).
    """
    return instance_type.startswith("ml.inf1.")


def _alike(before: int, after: int, share: Fraction) -> int:
    """One fleet as loaded as the more loaded of two, the share being on the new one."""
    new = after / share
    return max(1, math.floor(new if share == 1 else min(new, before / (1 - share))))


def _whole(count: Decimal) -> int:
    return int(count.to_integral_value(ROUND_CEILING))


def _seconds(value_s: float) -> Decimal:
    return Decimal(repr(value_s))
