"""What comes for a component, and what its metrics are made of."""

from dataclasses import dataclass

from smcost.components.component import Component
from smcost.replay.counts import START_MINUTES, IntArray
from smcost.replay.in_flight import TICK_S, Occupancy
from smcost.scaling.policy import Metric
from smcost.units import SECONDS_PER_MINUTE

#: Steps of 10 s in a minute.
TICKS = SECONDS_PER_MINUTE // TICK_S


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Demand:
    """A component with its traffic.

    Attributes
    ----------
    component
        What it is.
    invocations
        Per minute, the same minutes for every component of an endpoint, shape ``(T,)``. [count]
    ten_seconds, tables
        Requests in every 10 s, shape ``(6 T,)``, and what a copy holds at which load; ``None``
        where the component is scaled by invocations.
    """

    component: Component
    invocations: IntArray
    ten_seconds: IntArray | None = None
    tables: Occupancy | None = None

    def start_count(self) -> int:
        """Copies that the replay begins with: what the mean of the first 15 minutes wants."""
        component = self.component
        mean = float(self.invocations[:START_MINUTES].mean())
        count = max(component.minimum, 1 if mean else 0)
        while count < component.maximum and not self._enough(mean, count):
            count += 1
        return count

    def _enough(self, per_minute: float, count: int) -> bool:
        if not per_minute:
            return True
        component = self.component
        if component.metric is Metric.INVOCATIONS or self.tables is None:
            return per_minute <= component.target * count
        return self.tables.steady(per_minute / count / TICKS, count) <= component.target
