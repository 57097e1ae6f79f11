"""How long an instance works on one request, as far as its capacity tells."""

import math

from smcost.capacity import LatencyOf, Profile, RatesProfile, SweepProfile, WorkersProfile


def service_time_s(profile: Profile) -> tuple[float | None, str]:
    """Mean time of work on one request alone, and where it is from. [s]

    The service time of workers; of a sweep its mean latency at the lowest concurrency, by Little's
    law; of rates the median at the lowest measured value, as a mean was not measured. ``None``: the
    capacity does not tell it, as where its latency is that of the first byte.
    """
    if profile.latency_of is LatencyOf.FIRST_BYTE:
        return None, "not known: the latency of the capacity ends with the first byte"
    if isinstance(profile, WorkersProfile):
        return profile.service.mean_s, "mean service time of the capacity"
    if isinstance(profile, SweepProfile):
        level = float(profile.concurrency[0])
        mean_s = float(profile.means_s[0])
        if math.isnan(mean_s):
            mean_s = level / float(profile.throughput_rps[0])
        return mean_s, f"mean latency of the sweep at concurrency {level:g}"
    if isinstance(profile, RatesProfile) and profile.knows(0.5):
        return profile.fastest_s(0.5), "lowest median of the load test, for want of a mean"
    return None, "not known: the load test has neither a mean nor a median"
