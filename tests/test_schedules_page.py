"""The example of docs/schedules.md, run as it stands."""

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import pytest

TEXT = (Path(__file__).resolve().parents[1] / "docs" / "schedules.md").read_text(encoding="utf-8")
(CONSOLE,) = re.findall(r"```console\n(.*?)```", TEXT, flags=re.DOTALL)
(SHOWN,) = re.findall(r"```text\n(.*?)```", TEXT, flags=re.DOTALL)
SYNTH, RECOMMEND = (
    " ".join(command.split()).removeprefix("smcost ")
    for command in CONSOLE.replace("\\\n", " ").removeprefix("$ ").split("\n$ ")
)


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """Where the trace of the page is written, once, and the answers that were searched for."""
    return tmp_path_factory.mktemp("schedules") / "square.csv", []


@pytest.fixture
def ask(smcost, example, monkeypatch):
    """Ask the page's question in a format of one's own: one search serves all of them."""
    from smcost.cli import recommend_answer as module

    path, answers = example
    search = module.recommend_answer

    def searched_once(sources, flags, stage, **_):
        if not answers:
            answers.append(search(sources, flags, stage, with_sensitivity=False))
        return replace(answers[0], flags=flags)

    def asked(*more):
        if not path.exists():
            assert smcost(SYNTH.replace("square.csv", str(path))).exit_code == 0
        monkeypatch.setattr(module, "recommend_answer", searched_once)
        outcome = smcost(RECOMMEND.replace("square.csv", str(path)) + " " + " ".join(more))
        monkeypatch.setattr(module, "recommend_answer", search)
        return outcome

    return asked


def test_the_command_prints_what_is_shown_and_tfvars_that_carry_it(ask):
    text = ask().stdout
    printed = " ".join(text.split())
    for line in SHOWN.splitlines():
        assert " ".join(line.split()) in printed
    block = text[text.index("autoscaling_schedule = [") :]
    assert re.findall(r"min_capacity = (\d+)", block) == ["6", "1"]
    assert "autoscaling_min_capacity = 6" in text
    assert block.count('timezone     = "UTC"') == 2


def test_the_csv_has_the_curve_and_then_the_answer(ask):
    *curve, scheduled = csv.DictReader(io.StringIO(ask("-f csv --quiet").stdout))
    assert {row["schedule"] for row in curve} == {""}
    assert scheduled["schedule"] == "; ".join(SHOWN.splitlines()[-2:])
    assert (scheduled["min_capacity"], scheduled["meets_slo"]) == ("6", "true")
    (without,) = [row for row in curve if row["min_capacity"] == "6"]
    saving = float(without["expected_usd"]) - float(scheduled["expected_usd"])
    assert saving == pytest.approx(500.86)


def test_the_printed_schedule_costs_the_same_again(ask, smcost, example):
    document = ask("-f json --quiet").document
    found, recommended = document["schedule"], document["recommendation"]
    assert found["saving_usd"] == pytest.approx(500.86)
    assert found["unscheduled_usd"] - document["cost"]["expected_usd"] == pytest.approx(500.86)
    assert found["hold_out"]["held"]
    assert [entry["name"] for entry in recommended["schedule"]] == [
        "raise-mon-fri-0700", "lower-mon-fri-0830",
    ]  # fmt: skip
    assert {entry["max_capacity"] for entry in recommended["schedule"]} == {None}
    actions = " ".join(f'--scheduled-action "{e["action"]}"' for e in recommended["schedule"])
    bounds = f"--min {recommended['min_capacity']} --max {recommended['max_capacity']}"
    again = smcost(
        f"estimate --traffic {example[0]} --instance-type ml.m5.xlarge --target 1200 {bounds} "
        f"{actions} -f json --quiet"
    ).document
    assert again["cost"] == document["cost"]
    assert again["configuration"]["schedule"] == [e["action"] for e in recommended["schedule"]]


REFUSED = [
    ("--schedule Europe/Berlim --rps 5", "Europe/Berlin"),
    ("--schedule utc --rps 5", "Use UTC."),
    ("--schedule UTC --min 2 --rps 5", "--min pins it"),
    ("--schedule UTC --concurrency-target 2 --rps 5", "requests in flight"),
    ("--schedule UTC --rps 5", "covers 1.0 days"),
]


@pytest.mark.parametrize(("flags", "message"), REFUSED, ids=[row[1] for row in REFUSED])
def test_what_makes_no_sense_is_refused_at_once(smcost, flags, message):
    outcome = smcost(
        f"recommend {flags} --service-time 45ms --concurrency 4 --p99 300ms --budget 0s"
    )
    assert outcome.exit_code == 2
    assert message in outcome.stderr
    assert outcome.stdout == ""
