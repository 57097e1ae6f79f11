"""A trace as a plot and as a file."""

import numpy as np
import pytest

from smcost.emit.plot import traffic_plot
from smcost.emit.trace_csv import trace_csv
from smcost.read.traffic_csv import read_traffic
from smcost.traffic.trace import Trace

MONDAY_S = 1_704_067_200


def trace(counts, step_s=60):
    values = np.array([0 if count is None else count for count in counts], dtype=np.int64)
    present = np.array([count is not None for count in counts])
    return Trace(start_s=MONDAY_S, step_s=step_s, invocations=values, present=present)


def test_a_file_leaves_out_the_steps_that_are_absent():
    assert trace_csv(trace([5, None, 7])) == (
        "timestamp,invocations\n2024-01-01T00:00:00Z,5\n2024-01-01T00:02:00Z,7\n"
    )


def test_a_written_trace_is_read_back(tmp_path):
    before = trace([5, 0, None, None, 9, 1])
    path = tmp_path / "trace.csv"
    path.write_text(trace_csv(before), encoding="utf-8")
    after, caveats = read_traffic(path)
    assert caveats == []
    assert after.invocations.tolist() == before.invocations.tolist()
    assert after.present.tolist() == before.present.tolist()


def test_a_single_busy_minute_of_a_year_is_still_seen():
    counts = [0] * 525_600
    counts[300_000] = 6_000
    text = traffic_plot(trace(counts))
    assert "100 |" in text
    drawn = [line for line in text.splitlines() if set(line[13:]) - set(" \u2800")]
    assert len(drawn) > 8


@pytest.mark.parametrize("counts", [[1, 1], [0, 0, 0], [10**12, 1], [None, 3]])
def test_every_trace_can_be_drawn(counts):
    lines = traffic_plot(trace(counts)).splitlines()
    assert len(lines) > 10
    assert all(line == line.rstrip(" \u2800") for line in lines)
    assert max(map(len, lines)) <= 80


def test_a_trace_without_invocations_has_a_scale_that_can_be_read():
    assert "         1 |" in traffic_plot(trace([0, 0, 0]))


@pytest.mark.parametrize(
    ("steps", "step_s", "label"),
    [(120, 60, "Mon 00:00"), (60, 86_400, "01 Jan"), (900, 86_400, "Jan 2024")],
)
def test_times_are_labelled_as_far_as_they_tell_apart(steps, step_s, label):
    axis = traffic_plot(trace([5] * steps, step_s)).splitlines()[-1]
    assert axis.split("|")[1].strip().startswith(label)
