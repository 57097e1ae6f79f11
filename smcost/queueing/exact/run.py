"""Replays a stretch: by the compiled kernels where there are any, in Python where not."""

import numpy as np

from smcost.queueing.exact.burstiness import second_weights
from smcost.queueing.exact.compiled import Kernels, kernels
from smcost.queueing.exact.fallback import replay_in_python
from smcost.queueing.exact.histogram import BINS
from smcost.queueing.exact.quantile_table import exponential_table
from smcost.queueing.exact.stations import WorkersStation
from smcost.queueing.exact.stretch import Counted, Stretch, Tally
from smcost.queueing.service import FloatArray

_NONE = np.empty(0)


def replay_stretch(stretch: Stretch, state: bytes) -> Counted:
    """Replay from a state; empty bytes are an empty fleet."""
    weights = _NONE
    if stretch.burstiness > 1 and stretch.offsets_s is None:
        weights = second_weights(
            stretch.counts, stretch.burstiness, stretch.seed, stretch.first_minute
        )
    minutes, rows = stretch.counts.size, int(stretch.window.max(initial=-1)) + 1
    tally = Tally(
        late=np.zeros((minutes, stretch.limits_s.size), dtype=np.int64),
        histogram=np.zeros((rows, BINS), dtype=np.uint64),
        sections=np.zeros((int(stretch.section.max(initial=0)) + 1, BINS), dtype=np.uint64),
    )
    kernel = kernels()
    if kernel is None:
        state, reached = replay_in_python(stretch, weights, state, tally)
    else:
        state, reached = _compiled(kernel, stretch, weights, state, tally)
    return Counted(tally=tally, state=state, reached=reached)


def _compiled(
    kernel: Kernels,
    stretch: Stretch,
    weights: FloatArray,
    state: bytes,
    tally: Tally,
) -> tuple[bytes, int]:
    station, exponential = stretch.station, exponential_table()
    if isinstance(station, WorkersStation):
        kind, width, bits = 0, station.workers, station.service.cell_bits
        latency, throughput = station.service.cells, _NONE
    else:
        kind, width, bits = 1, station.throughput_rps.size, station.latencies[0].cell_bits
        latency = np.stack([table.cells for table in station.latencies])
        throughput = np.ascontiguousarray(station.throughput_rps, dtype=np.float64)
    return kernel.replay_minutes(
        stretch.counts,
        stretch.in_service,
        stretch.window,
        stretch.section,
        weights,
        _NONE if stretch.offsets_s is None else stretch.offsets_s,
        stretch.limits_s,
        stretch.seed,
        stretch.first_minute,
        stretch.most_waiting,
        kind,
        stretch.least_outstanding,
        width,
        stretch.timeout_s,
        latency,
        bits,
        exponential.cells,
        exponential.cell_bits,
        throughput,
        state,
        tally.late,
        tally.histogram,
        tally.sections,
    )
