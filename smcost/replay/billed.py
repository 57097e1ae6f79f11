"""What a replay is billed for minute by minute."""

import numpy as np

from smcost.queueing.service import FloatArray
from smcost.replay.counts import CountReplay
from smcost.units import SECONDS_PER_MINUTE


def billed_by_minute_s(replay: CountReplay) -> FloatArray:
    """Instance-seconds billed in each minute, from launch to removal, shape ``(T,)``. [s]

    Their sum is ``replay.instance_hours``.
    """
    edges_s = SECONDS_PER_MINUTE * np.arange(replay.in_service.size + 1, dtype=np.float64)
    launched_s = replay.times_s[:, 0]
    change = (replay.steps[:, 1] - replay.steps[:, 0]).astype(np.float64)
    begun = np.searchsorted(launched_s, edges_s, side="right")
    added = np.concatenate(([0.0], np.cumsum(change)))[begun]
    late_s = np.concatenate(([0.0], np.cumsum(change * launched_s)))[begun]
    first = replay.steps[0, 0] if replay.steps.size else replay.in_service[0]
    billed: FloatArray = np.diff((float(first) + added) * edges_s - late_s)
    return billed
