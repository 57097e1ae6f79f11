"""What one instance can do, as measured."""

from dataclasses import dataclass

from smcost.errors import UsageError
from smcost.queueing.mgc import response_table
from smcost.queueing.response_table import ResponseTable
from smcost.queueing.service import ServiceTime
from smcost.units import per_minute


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkersProfile:
    """Capacity of kind *workers*: parallel slots, first come first served (M/G/c).

    Attributes
    ----------
    instance_type
        The type this was measured on.
    workers
        Parallel slots of one instance: model server workers, threads, batch slots. [count]
    service
        Busy time of one slot for one invocation.
    """

    instance_type: str
    workers: int
    service: ServiceTime

    def __post_init__(self) -> None:
        if not 1 <= self.workers <= 10_000:
            raise UsageError(
                f"A concurrency of {self.workers} is outside 1 to 10000",
                remedy="Give the number of invocations one instance works on at the same time",
            )

    @property
    def max_rps(self) -> float:
        """Rate at which one instance is busy all the time. [s^-1]"""
        return self.workers / self.service.mean_s

    @property
    def max_per_minute(self) -> float:
        """Invocations per minute at which one instance is busy all the time. [min^-1]"""
        return per_minute(self.max_rps)

    def response_table(self) -> ResponseTable:
        """Response time of one instance against its utilisation."""
        return response_table(self.service, self.workers)
