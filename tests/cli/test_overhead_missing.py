"""A latency of the model alone is not judged as a client's without a word."""

import pytest

HEADER = "instance_type,workers,service_time_ms,service_cv,latency_of\n"
ROW = "ml.m5.large,4,45,0.5,"
NAMED = "# This is ModelLatency; OverheadLatency adds 150 ms on average: --overhead 150ms.\n"
COMMANDS = {
    "estimate": "estimate --count 2 --rps 1 --capacity c.csv --p99 400ms",
    "recommend": "recommend --rps 1 --capacity c.csv --p99 400ms --budget 0s",
}


def said(outcome):
    assert outcome.exit_code == 0, outcome.stderr
    warnings = outcome.document["warnings"]
    return [entry["message"] for entry in warnings if entry["code"] == "overhead_missing"]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("comment", "of", "words"),
    [
        (NAMED, "model", "--overhead 150ms"),
        ("", "model", "CloudWatch has it as OverheadLatency"),
        ("", "first_byte", "not of the whole response"),
    ],
)
def test_a_missing_overhead_is_warned_of(smcost, write, command, comment, of, words):
    write("c.csv", comment + HEADER + ROW + of + "\n")
    [message] = said(smcost(f"{COMMANDS[command]} -f json"))
    assert words in message


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(("of", "flags"), [("total", ""), ("model", "--overhead 0ms")])
def test_nothing_is_warned_of_where_it_is_settled(smcost, write, command, of, flags):
    write("c.csv", NAMED + HEADER + ROW + of + "\n")
    assert said(smcost(f"{COMMANDS[command]} {flags} -f json")) == []


def test_the_values_for_terraform_carry_the_warning(smcost, write):
    write("c.csv", NAMED + HEADER + ROW + "model\n")
    outcome = smcost(f"{COMMANDS['recommend']} -f tfvars")
    assert any(
        line.startswith("#") and "overhead_missing" in line for line in outcome.stdout.splitlines()
    )
