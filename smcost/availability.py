"""What is lost with an instance or a zone, what is left, and how many it takes to do without it.

"If an outage occurs or an instance fails, SageMaker automatically attempts to distribute your
instances across Availability Zones. [...] we strongly recommend that you deploy multiple instances
for each production endpoint" (SageMaker developer guide, deployment best practices).
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from smcost.errors import UsageError

#: A region has six zones at most; more is a slip of the keyboard.
_MOST_ZONES = 6


class Lost(StrEnum):
    """What is lost."""

    INSTANCE = "instance"
    ZONE = "zone"

    @property
    def told(self) -> str:
        """``one instance``."""
        return f"one {self.value}"

    @property
    def breaks(self) -> str:
        """What a plan that does not survive it breaks: ``instance_lost``."""
        return f"{self.value}_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A loss, and how long it lasts.

    Attributes
    ----------
    what
        One instance, or a zone with all that are in it.
    zones
        Over which the instances are spread evenly, 2 to 6. The zone with most of them is lost.
    detection_s
        Until a replacement is launched, which then takes its start-up time. [s]
    failover_s
        How long requests are still sent to what is lost, and fail. [s]
    lasts_s
        How long there is no replacement at least: the other zones have no capacity either. [s]
    """

    what: Lost
    zones: int = 3
    detection_s: float = 60.0
    failover_s: float = 0.0
    lasts_s: float = 0.0

    def __post_init__(self) -> None:
        if not 2 <= self.zones <= _MOST_ZONES:
            raise UsageError(
                f"{self.zones} is no number of zones of which one can be lost",
                remedy=f"Give 2 to {_MOST_ZONES}, as many as the subnets of the endpoint are in",
                place="--zones",
            )

    def lost(self, count: int) -> int:
        """How many of so many instances are lost: 1, or ceil(count / zones).

        >>> Loss(what=Lost.ZONE).lost(4), Loss(what=Lost.INSTANCE).lost(4)
        (2, 1)
        """
        return min(count, 1) if self.what is Lost.INSTANCE else -(-count // self.zones)

    def lost_of(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """The same of many counts, shape ``(T,)``."""
        if self.what is Lost.INSTANCE:
            return np.minimum(counts, 1)
        return -(-counts // self.zones)

    def needed(self, enough: int) -> int:
        """The smallest count of which so many are left.

        >>> [Loss(what=Lost.ZONE).needed(enough) for enough in (1, 2, 3, 4, 8)]
        [2, 3, 5, 6, 12]
        """
        if self.what is Lost.INSTANCE:
            return enough + 1
        count = enough * self.zones // (self.zones - 1)
        while count - self.lost(count) < enough:
            count += 1
        while count - 1 - self.lost(count - 1) >= enough:
            count -= 1
        return count

    def needed_at(self, per_minute: float, most_per_minute: float) -> int:
        """The smallest count whose rest carries so much: (N - lost) x MAX_RPS x 60 >= peak.

        Parameters
        ----------
        per_minute
            Invocations of the busiest minute. [min^-1]
        most_per_minute
            That one instance answers within the SLO: MAX_RPS x 60. [min^-1]
        """
        return self.needed(max(1, int(np.ceil(per_minute / most_per_minute))))

    def replaced_after_s(self, startup_s: float) -> float:
        """From the loss to the replacement in service. [s]"""
        return max(self.detection_s + startup_s, self.lasts_s)
