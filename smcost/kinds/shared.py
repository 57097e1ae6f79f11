"""Multi-model endpoints, roughly: models like this one behind one fleet.

Which models are in memory, what their cold loads do to latency and how many instances memory wants
is another question (docs/multi-model.md).
"""

import math
from dataclasses import dataclass

from smcost.errors import UsageError
from smcost.kinds.serverless import IntArray

_MOST_MODELS = 100_000
#: The share of its rate that AWS's recipe for load tests lets an instance be used to.
SAFETY = 0.5
#: The share of an instance's memory that is for models.
MEMORY_SHARE = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """Models alike behind one endpoint.

    Attributes
    ----------
    models
        How many, 2 or more. [count]
    in_memory
        How many one instance's memory holds at once, at most; ``None``: not known. [count]
    """

    models: int
    in_memory: int | None = None

    def __post_init__(self) -> None:
        if not 2 <= self.models <= _MOST_MODELS:
            raise UsageError(
                f"{self.models} models do not share an endpoint",
                remedy=f"Give 2 to {_MOST_MODELS:,}",
                place="--shared-models",
            )


def models_in_memory(memory_gib: float | None, model_bytes: int | None) -> int | None:
    """Models that an instance's memory holds at once; ``None``: not known. [count]

    Container and system take a fifth of it, as ``smcost multi-model`` assumes.

    >>> models_in_memory(16.0, 3 * 2**30)
    4
    """
    if memory_gib is None or not model_bytes:
        return None
    return int(MEMORY_SHARE * memory_gib * 2**30 // model_bytes)


def shared_count(
    invocations: IntArray,
    models: int,
    *,
    count: int,
    per_instance: float,
    in_memory: int | None = None,
) -> int:
    """The fleet, or the minimum, that carries so many models as well as this one carries one.

    As much used in the busiest minute as this one, or half, whichever is more; never fewer, nor
    fewer than hold every model in memory at once, so that none is loaded again and again.

    Parameters
    ----------
    invocations
        Requests of each minute to one model, shape ``(T,)``. [count]
    count
        Instances of its own. [instances]
    per_instance
        Requests that an instance can do in a minute. [min^-1]
    in_memory
        Models that an instance holds at once, 1 or more; ``None``: not known. [count]
    """
    held = 1 if in_memory is None else math.ceil(models / in_memory)
    peak = float(invocations.max(initial=0))
    used = max(peak / (per_instance * count), SAFETY)
    return max(count, held, math.ceil(models * peak / (per_instance * used) - 1e-9))
