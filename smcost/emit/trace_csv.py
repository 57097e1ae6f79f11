"""A trace as the CSV that ``--traffic`` reads. Returns text, never prints."""

from datetime import UTC, datetime

from smcost.traffic.trace import Trace


def trace_csv(trace: Trace) -> str:
    """``timestamp,invocations``, UTC, one row per step that is present."""
    rows = ["timestamp,invocations"]
    for step, (count, present) in enumerate(
        zip(trace.invocations.tolist(), trace.present.tolist(), strict=True)
    ):
        if present:
            start = datetime.fromtimestamp(trace.start_s + step * trace.step_s, UTC)
            rows.append(f"{start:%Y-%m-%dT%H:%M:%SZ},{count}")
    return "\n".join(rows) + "\n"
