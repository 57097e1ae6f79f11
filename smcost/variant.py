"""The thing deployed: today's comes in, the proposed one goes out."""

from dataclasses import dataclass

from smcost.capacity import Routing
from smcost.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One production variant with its autoscaling.

    Attributes
    ----------
    instance_type
        The API's name, ``ml.m5.xlarge``.
    minimum, maximum
        Bounds of the scalable target. [instances]
    initial_count
        ``initial_instance_count``: what every configuration change resets the fleet to. [instances]
    target_per_minute
        Target value on InvocationsPerInstance, or ``None`` for a fleet of fixed size. [min^-1]
    scale_in_cooldown_s, scale_out_cooldown_s
        As AWS uses them. [s]

    Raises
    ------
    UsageError
    """

    instance_type: str
    minimum: int
    maximum: int
    initial_count: int
    target_per_minute: float | None
    routing: Routing = Routing.RANDOM
    scale_in_cooldown_s: float = 300.0
    scale_out_cooldown_s: float = 300.0

    def __post_init__(self) -> None:
        if self.minimum < 1:
            raise UsageError(
                f"A minimum of {self.minimum} is below 1, the floor of a real-time variant",
                remedy="Give --min 1 or more",
            )
        if self.minimum > self.maximum:
            raise UsageError(
                f"The minimum {self.minimum} is above the maximum {self.maximum}",
                remedy="Give --min and --max the other way round",
            )
        if not self.minimum <= self.initial_count <= self.maximum:
            raise UsageError(
                f"The initial count {self.initial_count} is not within {self.minimum} to "
                f"{self.maximum}",
                remedy="Choose one within the minimum and the maximum",
            )
        if self.target_per_minute is not None and not 0 < self.target_per_minute < float("inf"):
            raise UsageError(
                f"A target of {self.target_per_minute} invocations per minute is no rate",
                remedy="Give --target a number above 0",
            )

    @property
    def fixed(self) -> bool:
        """Whether the fleet never changes its size."""
        return self.target_per_minute is None or self.minimum == self.maximum
