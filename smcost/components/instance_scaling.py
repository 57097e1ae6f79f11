"""Managed instance scaling, and where copies go: what AWS calls them, and what is assumed."""

from dataclasses import dataclass
from enum import StrEnum

from smcost.errors import UsageError


class Placement(StrEnum):
    """``SchedulingConfig.PlacementStrategy`` in the API's own words."""

    SPREAD = "SPREAD"
    BINPACK = "BINPACK"


class ScaleIn(StrEnum):
    """``ManagedInstanceScaling.ScaleInPolicy.Strategy`` in the API's own words."""

    IDLE_RELEASE = "IDLE_RELEASE"
    CONSOLIDATION = "CONSOLIDATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceScaling:
    """How the instances of the endpoint follow the copies.

    Attributes
    ----------
    minimum, maximum
        ``MinInstanceCount`` and ``MaxInstanceCount``; ``None``: as many as copies need. [instances]
    provisioning_s
        From launch until copies can be placed. [s]
    release_s
        An instance without copies is released after so long. [s]
    scale_in, placement
        As AWS calls them.
    cooldown_s, step
        Of consolidation alone: ``CooldownInMinutes`` after the last operation of the endpoint, and
        ``MaximumStepSize``. [s, instances]

    Raises
    ------
    UsageError
        Bounds that the API refuses.
    """

    minimum: int = 1
    maximum: int | None = None
    provisioning_s: float = 180.0
    release_s: float = 600.0
    scale_in: ScaleIn = ScaleIn.IDLE_RELEASE
    placement: Placement = Placement.SPREAD
    cooldown_s: float = 1200.0
    step: int = 1

    def __post_init__(self) -> None:
        if self.minimum < 0:
            raise UsageError(
                f"A minimum of {self.minimum} instances is negative",
                remedy="Give 0 or more",
                place="--min-instances",
            )
        if self.maximum is not None and self.maximum < max(1, self.minimum):
            raise UsageError(
                f"A maximum of {self.maximum} instances is below the minimum or below 1",
                remedy=f"Give {max(1, self.minimum)} or more",
                place="--max-instances",
            )
        if not 1 <= self.step <= 100:
            raise UsageError(
                f"Consolidation by {self.step} instances at a time is outside 1 to 100",
                remedy="Give MaximumStepSize within",
                place="--consolidation-step",
            )
        if not 300 <= self.cooldown_s <= 86_400:
            raise UsageError(
                f"A cooldown of {self.cooldown_s / 60:g} minutes is outside 5 to 1440",
                remedy="Give CooldownInMinutes within, such as 20min",
                place="--consolidation-cooldown",
            )
