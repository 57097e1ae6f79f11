"""What ``smcost traffic show`` says about a trace before anything is computed from it."""

from dataclasses import dataclass

from smcost.traffic.bursts import index_of_dispersion
from smcost.traffic.trace import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A trace in eight numbers.

    Attributes
    ----------
    total_invocations
        All invocations. [count]
    mean_rps
        Mean demand over the steps that are present. [s^-1]
    peak_rps
        Demand of the busiest step. [s^-1]
    peak_to_mean
        Their ratio; ``None`` for a trace without invocations.
    step_s
        Length of a step. [s]
    dispersion
        Index of dispersion of the requests per second; ``None`` unless they were logged one by one.
    start_s, end_s
        Start of the first step and end of the last. [s since 1970-01-01T00:00Z]
    """

    total_invocations: int
    mean_rps: float
    peak_rps: float
    peak_to_mean: float | None
    step_s: int
    dispersion: float | None
    start_s: int
    end_s: int


def summarise(trace: Trace) -> Summary:
    """Summarise a trace; absent steps count neither for the mean nor for the peak."""
    return Summary(
        total_invocations=trace.total,
        mean_rps=trace.mean_rps,
        peak_rps=trace.peak_rps,
        peak_to_mean=trace.peak_rps / trace.mean_rps if trace.total else None,
        step_s=trace.step_s,
        dispersion=index_of_dispersion(trace),
        start_s=trace.start_s,
        end_s=trace.end_s,
    )
