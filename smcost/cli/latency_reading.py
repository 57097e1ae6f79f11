"""``--latency-unit`` and ``--latency-percentile``: how to read a job's ModelLatency."""

from smcost.cli.choice import choice
from smcost.cli.sources import Sources
from smcost.errors import UsageError
from smcost.read.inference_recommender import LatencyReading
from smcost.read.recommender_unit import LatencyUnit

_PERCENTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}


def latency_reading(unit: str | None, percentile: str | None) -> LatencyReading:
    """Both flags as a value.

    Raises
    ------
    UsageError
    """
    if percentile is not None and percentile not in _PERCENTILES:
        raise UsageError(
            f"{percentile!r} is not known",
            remedy=f"Use one of {', '.join(_PERCENTILES)}",
            place="--latency-percentile",
        )
    return LatencyReading(
        unit=None if unit is None else choice(LatencyUnit, unit, "--latency-unit"),
        fraction=None if percentile is None else _PERCENTILES[percentile],
    )


def refuse_reading(sources: Sources, *, from_job: bool) -> None:
    """Refuse flags that change nothing; from environment or settings they wait for such a file.

    Raises
    ------
    UsageError
    """
    typed = sources.typed("latency_unit") or sources.typed("latency_percentile")
    if typed and not from_job:
        raise UsageError(
            "--latency-unit and --latency-percentile are for a job of Inference Recommender alone",
            remedy="Leave them out: capacity files and load tests say both",
        )
