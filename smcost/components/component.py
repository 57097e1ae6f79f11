"""One inference component, and the room that an instance has for copies.

The limits are those of ``InferenceComponentComputeResourceRequirements`` in the SageMaker API.
Everything is counted in whole numbers (thousandths of a core, devices, MB), so that what just fits
does fit.
"""

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from smcost.capacity import Profile
from smcost.errors import UsageError
from smcost.scaling.policy import Metric

#: NumberOfCpuCoresRequired and MinMemoryRequiredInMb are at least that, where they are given.
LEAST_CPU_CORES = 0.25
LEAST_MEMORY_MB = 128
#: What a copy takes from its placement until it serves: weights, container, warm-up. [s]
DEFAULT_STARTUP_S = 180.0
_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
_MOST_COPIES = 10_000
_THOUSANDTHS = 1000


class Resource(StrEnum):
    """What an instance has and a copy takes."""

    CPU = "cpu"
    ACCELERATOR = "accelerator"
    MEMORY = "memory"


class Amounts(NamedTuple):
    """So much of each resource, in the order of :class:`Resource`. [core / 1000, count, MB]"""

    cpu: int = 0
    accelerator: int = 0
    memory: int = 0

    @classmethod
    def of(cls, *, cpu_cores: float, accelerators: int, memory_mb: int) -> "Amounts":
        """From the units of the API. [cores, count, MB]"""
        return cls(round(_THOUSANDTHS * cpu_cores), accelerators, memory_mb)

    @property
    def cpu_cores(self) -> float:
        """Cores. [count]"""
        return self.cpu / _THOUSANDTHS


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One inference component and its scaling.

    Attributes
    ----------
    name
        As in ``CreateInferenceComponent``.
    needs
        What one copy takes; 0 of cpu or accelerators where none is asked for.
    minimum, maximum
        Bounds of the scalable target; a minimum of 0 lets it scale to zero. [copies]
    target
        Set point: invocations per copy and *minute*, or requests in flight per copy.
    metric
        Which of the two: ``INVOCATIONS`` stands for
        ``SageMakerInferenceComponentInvocationsPerCopy``, ``CONCURRENCY`` for
        ``SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution``.
    startup_s
        From the placement of a copy on a running instance until it serves. [s]
    profile
        What one copy can do; ``None``: not known, hence no latency.

    Raises
    ------
    UsageError
        What the API would refuse, or a target on requests in flight without a profile.
    """

    name: str
    needs: Amounts
    minimum: int
    maximum: int
    target: float
    metric: Metric = Metric.INVOCATIONS
    startup_s: float = DEFAULT_STARTUP_S
    profile: Profile | None = None

    def __post_init__(self) -> None:
        wrong = self._wrong_needs() or self._wrong_scaling()
        if wrong:
            cause, remedy = wrong
            raise UsageError(f"{self.name or 'A component'}: {cause}", remedy=remedy)

    def _wrong_needs(self) -> tuple[str, str] | None:
        if not _NAME.fullmatch(self.name):
            return "this is no name of a component", "Use letters, digits and single hyphens"
        if self.needs.cpu and self.needs.cpu_cores < LEAST_CPU_CORES:
            return (
                f"{self.needs.cpu_cores:g} cores are fewer than the API takes",
                f"Give cpu_cores of {LEAST_CPU_CORES} or more, or 0 for no reservation",
            )
        if self.needs.memory < LEAST_MEMORY_MB:
            return (
                f"{self.needs.memory} MB are less than the API takes",
                f"Give memory_mb of {LEAST_MEMORY_MB} or more",
            )
        if self.needs.cpu < 0 or self.needs.accelerator < 0:
            return "a need is negative", "Give 0 where nothing is reserved"
        return None

    def _wrong_scaling(self) -> tuple[str, str] | None:
        if not 0 <= self.minimum <= self.maximum or not 1 <= self.maximum <= _MOST_COPIES:
            return (
                f"a minimum of {self.minimum} and a maximum of {self.maximum} copies are no bounds",
                f"Give 0 <= min_copies <= max_copies, and a maximum of 1 to {_MOST_COPIES:,}",
            )
        if not 0 < self.target < math.inf:
            return f"a target of {self.target:g} cannot be tracked", "Give a number above 0"
        if not 0 <= self.startup_s < math.inf:
            return f"a start-up of {self.startup_s:g} s is none", "Give startup_s of 0 or more"
        if self.metric is Metric.CONCURRENCY and self.profile is None:
            return (
                "a target on requests in flight needs to know how long they stay",
                "Add service_time_ms and concurrency, or use target, invocations per copy",
            )
        return None
