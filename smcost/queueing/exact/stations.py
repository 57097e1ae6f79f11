"""What a station is: parallel workers, or a rate of departures that depends on its load."""

from dataclasses import dataclass

import numpy as np

from smcost.errors import UsageError
from smcost.queueing.exact.quantile_table import (
    QuantileTable,
    latency_tables,
    service_table,
)
from smcost.queueing.load_dependent import Sweep
from smcost.queueing.service import FloatArray, Service


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WorkersStation:
    """Parallel workers, first come first served.

    Attributes
    ----------
    workers
        Workers in parallel, >= 1. [count]
    service
        Quantiles of the service time. [s]
    """

    workers: int
    service: QuantileTable

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise UsageError(
                f"A station of {self.workers} workers serves nobody", remedy="Give at least one"
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SweepStation:
    """A load-dependent station, see :mod:`smcost.queueing.load_dependent`.

    Attributes
    ----------
    throughput_rps
        X(1) ... X(K), > 0, shape ``(K,)``. [s^-1]
    latencies
        Quantiles of F(1) ... F(K), all with as many cells. [s]
    """

    throughput_rps: FloatArray
    latencies: tuple[QuantileTable, ...]

    def __post_init__(self) -> None:
        cells = {table.cell_bits for table in self.latencies}
        if self.throughput_rps.shape != (len(self.latencies),) or len(cells) != 1:
            raise UsageError(
                "Throughputs and latencies of a sweep do not belong together",
                remedy="Give one table of as many cells for each throughput",
            )
        if not np.all(self.throughput_rps > 0):
            raise UsageError("A throughput of a sweep is not positive", remedy="Leave the row out")


Station = WorkersStation | SweepStation


def workers_station(service: Service, workers: int) -> WorkersStation:
    """Workers with a service time law."""
    return WorkersStation(workers=workers, service=service_table(service))


def sweep_station(sweep: Sweep) -> SweepStation:
    """A measured sweep."""
    return SweepStation(throughput_rps=sweep.throughput_rps, latencies=latency_tables(sweep))
