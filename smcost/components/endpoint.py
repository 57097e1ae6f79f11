"""What is asked about an endpoint with inference components."""

from dataclasses import dataclass, field
from decimal import Decimal

from smcost.capacity import Routing
from smcost.components.component import Amounts
from smcost.components.copies import CopyScaling
from smcost.components.demand import Demand
from smcost.components.instance_scaling import InstanceScaling
from smcost.cost import Tariff
from smcost.replay.counts import IntArray
from smcost.replay.latency import LatencyTerms
from smcost.slo import SloWindow
from smcost.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Endpoint:
    """What is asked about.

    Attributes
    ----------
    room, tariff, hours_per_month
        Of an instance, for copies; its price; the month. [h]
    demands, start_s
        Components with their traffic, and the minutes that all of it is of, shape ``(T,)``.
        [epoch s]
    instances, copies
        How both are scaled.
    routing, terms, window
        How requests find a copy, and how latency is told.
    """

    room: Amounts
    tariff: Tariff
    hours_per_month: Decimal
    demands: tuple[Demand, ...]
    start_s: IntArray
    instances: InstanceScaling
    copies: CopyScaling
    routing: Routing = Routing.RANDOM
    terms: LatencyTerms = field(default_factory=LatencyTerms)
    window: SloWindow = SloWindow.DAY

    @property
    def months(self) -> Decimal:
        """How many such horizons make a month."""
        return self.hours_per_month * SECONDS_PER_HOUR / (self.start_s.size * SECONDS_PER_MINUTE)
