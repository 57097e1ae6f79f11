"""Traps seen in real capacity data, each with its check."""

import numpy as np

from smcost.errors import UsageError
from smcost.queueing.service import FloatArray
from smcost.remarks import Caveat, WarningCode

#: A percentile needs about so many requests beyond it to be more than its sample's largest value.
_BEYOND = 5
#: An invocation may take 60 s, a streamed one 8 min; a latency above that is another unit.
LONGEST_S = 480.0
_SAME = 0.005
_RISING = 1.1


def refuse_bad_levels(
    levels: FloatArray, latencies_s: FloatArray, error_rate: FloatArray, kind: str
) -> None:
    """Refuse what no test can have measured.

    Raises
    ------
    UsageError
    """
    if levels.size == 0 or levels[0] <= 0 or np.any(np.diff(levels) <= 0):
        raise UsageError(
            f"The levels {levels.tolist()} of the {kind} are not increasing numbers above 0",
            remedy="Give each level once, from the lowest on",
        )
    if latencies_s.shape[0] != levels.size or not np.all(latencies_s > 0):
        raise UsageError(
            f"The {kind} hold a latency that is missing or not above 0",
            remedy="Give every measured percentile at every level",
        )
    if np.any(np.diff(latencies_s, axis=1) < 0):
        raise UsageError(
            f"The {kind} hold a higher percentile below a lower one",
            remedy="Check the columns: p50 <= p90 <= p95 <= p99",
        )
    if np.any(error_rate < 0) or np.any(error_rate > 1):
        raise UsageError(
            f"The {kind} hold an error rate outside 0 to 1",
            remedy="Give the failed share of the requests, 0.0004 for 0.04 %",
        )


def passing_levels(error_rate: FloatArray, max_failed: float) -> int:
    """Number of levels before the first with too many errors."""
    failing = np.flatnonzero(error_rate > max_failed)
    return int(failing[0]) if failing.size else int(error_rate.size)


def level_caveats(
    instance_type: str,
    names: list[str],
    fractions: FloatArray,
    latencies_s: FloatArray,
    error_rate: FloatArray,
    requests: FloatArray,
) -> tuple[Caveat, ...]:
    """Small samples, latency that falls under load, errors, units."""
    found = []
    if thin := _thin(fractions, requests):
        found.append(
            Caveat(
                code=WarningCode.SMALL_SAMPLE,
                message=f"{instance_type}: the {thin} of {int(requests[requests > 0].min())} "
                "requests is little more than their largest latency",
            )
        )
    falling = np.flatnonzero(np.diff(latencies_s[:, -1]) < 0)
    if falling.size:
        at = int(falling[np.argmin(np.diff(latencies_s[:, -1])[falling])])
        found.append(
            Caveat(
                code=WarningCode.LATENCY_FALLS,
                message=f"{instance_type}: p{100 * fractions[-1]:g} falls from "
                f"{1000 * latencies_s[at, -1]:,.0f} to {1000 * latencies_s[at + 1, -1]:,.0f} ms "
                f"between {names[at]} and {names[at + 1]}; a cold start or a warm-up, perhaps",
            )
        )
    if error_rate.max() > 0:
        first = int(np.flatnonzero(error_rate > 0)[0])
        found.append(
            Caveat(
                code=WarningCode.ERRORS_MEASURED,
                message=f"{instance_type}: requests failed from {names[first]} on "
                f"({error_rate[first]:.4%}, up to {error_rate.max():.4%}); errors bind before "
                "latency does",
            )
        )
    if latencies_s.max() > LONGEST_S:
        found.append(unit_caveat(instance_type, "latency", float(latencies_s.max())))
    return tuple(found)


def unit_caveat(instance_type: str, what: str, value_s: float) -> Caveat:
    """A time that no invocation takes."""
    return Caveat(
        code=WarningCode.LATENCY_UNIT,
        message=f"{instance_type}: a {what} of {1000 * value_s:,.0f} ms is longer than any "
        "invocation may take; are these microseconds?",
    )


def closed_loop_caveats(
    instance_type: str,
    concurrency: FloatArray,
    throughput_rps: FloatArray,
    means_s: FloatArray,
    requests: FloatArray,
) -> tuple[Caveat, ...]:
    """Derived throughput, a ceiling that was not reached, a peak before the last level."""
    found = []
    known = np.isfinite(means_s)
    # With fewer requests than clients no more than those were ever at work.
    at_work = np.where(requests > 0, np.minimum(concurrency, requests), concurrency)
    little = at_work[known] / (throughput_rps[known] * means_s[known])
    if known.sum() > 1 and np.all(np.abs(little - 1) < _SAME):
        found.append(
            Caveat(
                code=WarningCode.THROUGHPUT_DERIVED,
                message=f"{instance_type}: throughput is concurrency / mean latency at every "
                "level; derived instead of counted, it can be 20 % off",
            )
        )
    if concurrency.size > 1 and throughput_rps[-1] > _RISING * throughput_rps[-2]:
        found.append(
            Caveat(
                code=WarningCode.CEILING_NOT_REACHED,
                message=f"{instance_type}: throughput still rises at the last concurrency tested, "
                f"{concurrency[-1]:g}; the real capacity is higher, or the load generator's limit",
            )
        )
    peak = int(np.argmax(throughput_rps))
    if throughput_rps[-1] < throughput_rps[peak] / (1 + _SAME):
        found.append(
            Caveat(
                code=WarningCode.THROUGHPUT_FALLS,
                message=f"{instance_type}: throughput peaks at concurrency {concurrency[peak]:g} "
                f"and falls to {throughput_rps[-1]:g} rps; only the last counts as stable",
            )
        )
    return tuple(found)


def routing_caveat(instance_type: str) -> Caveat:
    """What an open-loop test of one instance leaves open."""
    return Caveat(
        code=WarningCode.ROUTING_UNKNOWN,
        message=f"{instance_type}: an open-loop test of one instance does not show what "
        "least-outstanding routing gains; the latency is that of random routing",
    )


def rates_caveat(instance_type: str) -> Caveat:
    """That an open-loop test cannot be simulated."""
    return Caveat(
        code=WarningCode.NOTHING_TO_SIMULATE,
        message=f"{instance_type}: measured rates have nothing to simulate, so that the latency is "
        "that of the load test's own arrivals, without bursts or logged times",
    )


def _thin(fractions: FloatArray, requests: FloatArray) -> str:
    """The highest percentile for which some row has too few requests, or nothing."""
    known = requests[requests > 0]
    if not known.size:
        return ""
    needed = _BEYOND / (1 - fractions[-1])
    return f"p{100 * fractions[-1]:g}" if known.min() < needed - 1e-6 else ""
