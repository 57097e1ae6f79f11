"""The examples of docs/policies.md, run."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from smcost.read.scaling_specs import parse_action, parse_step

PAGE = Path(__file__).resolve().parents[1] / "docs" / "policies.md"
TEXT = PAGE.read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(--.*?)` \| (\d+) \| (\d+) \| 2 to 9 \| ([\d.]+) \|$", TEXT, re.MULTILINE)
GOLDEN = [1_000] * 20 + [5_000] * 60 + [1_000] * 60
ABLE = "--service-time 3s --concurrency 400 --service-law deterministic --startup-time 240s"


def test_the_table_has_a_row_for_each_metric():
    assert [row[0].split()[0] for row in ROWS] == [
        "--target",
        "--concurrency-target",
        "--cpu-target",
    ]


@pytest.mark.parametrize(("flags", "launched", "serves", "hours"), ROWS)
def test_the_worked_example_is_what_is_computed(
    smcost, write_trace, flags, launched, serves, hours
):
    trace = write_trace("golden.csv", GOLDEN)
    line = f"estimate --min 2 --max 20 {flags} --traffic {trace} {ABLE} -f json"
    found = smcost(line).document
    billed = found["horizon"]["instance_hours"]
    # Points of 10 s are drawn: one more or fewer now and then.
    assert billed == pytest.approx(float(hours), abs=0.03)
    by_hand = 2 * 140 / 60 + 7 * (80 * 60 + 990 - 20 * 60 - int(launched)) / 3600
    assert billed == pytest.approx(by_hand, abs=0.03)
    assert found["configuration"]["policies"][0]["policy_type"] == "TargetTrackingScaling"
    assert int(serves) == -(-(int(launched) + 240) // 60)


def test_the_schedule_is_what_is_computed_by_hand(smcost, write):
    start = datetime(2026, 3, 2, tzinfo=UTC)
    rows = "".join(f"2026-03-02T{m // 60:02}:{m % 60:02}:00Z,10\n" for m in range(1_440))
    assert start.weekday() == 0
    write("day.csv", f"timestamp,invocations\n{rows}")
    actions = re.findall(r'--scheduled-action "([^"]*=[24])"', TEXT)
    assert len(actions) == 2
    flags = " ".join(f'--scheduled-action "{action}"' for action in actions)
    found = smcost(f"estimate --min 2 --max 2 {flags} --traffic day.csv -f json").document
    assert found["horizon"]["instance_hours"] == pytest.approx(72.0)
    assert found["configuration"]["schedule"] == actions
    assert (found["instance_hours"]["floor"], found["instance_hours"]["ceiling"]) == (1440, 2880)


def test_every_spec_of_the_page_can_be_read():
    steps = re.findall(r'--step "([^"]*)"', TEXT)
    actions = re.findall(r'--scheduled-action "([^"]*)"', TEXT)
    assert (len(steps), len(actions)) == (2, 5)
    for text in steps:
        assert parse_step(text, 4, 300.0).adjustments
    for text in actions:
        assert parse_action(text).told
