"""The help says how to begin."""

import pytest

COMMANDS = [
    "estimate", "recommend", "prices pull", "prices import", "prices show", "traffic show",
    "traffic pull", "traffic synth", "capacity show", "capacity import", "terraform", "schema",
    "components", "multi-model",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_examples_that_begin_with_itself(smcost, command):
    outcome = smcost(f"{command} --help")
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    _, examples = outcome.stdout.split("Examples:")
    assert f"smcost {command} " in " ".join(examples.split()) + " "


def test_the_root_lists_the_commands_and_the_order_of_settings(smcost):
    outcome = smcost("--help")
    for command in {command.split()[0] for command in COMMANDS}:
        assert command in outcome.stdout
    assert "flag > SMCOST_* > smcost.toml here > user file > default" in outcome.stdout
    for option in ("--install-completion", "--show-completion", "--version", "--debug"):
        assert option in outcome.stdout


def test_asking_for_nothing_prints_the_help_and_is_a_usage_error(smcost):
    outcome = smcost()
    assert (outcome.exit_code, outcome.stderr) == (2, "")
    assert "estimate" in outcome.stdout


@pytest.mark.parametrize("command", ["estimate", "recommend"])
def test_every_flag_of_the_contract_is_in_the_help(smcost, command):
    shown = smcost(f"{command} --help").stdout
    flags = """--traffic --rps --peak-rps --traffic-scale --gaps --duplicates --requests
    --burstiness --capacity --latency-unit --latency-percentile
    --service-time --concurrency --service-cv --service-law --overhead
    --timeout --instance-type --min --max --target --routing --startup-time --reaction-time
    --scale-in-cooldown --scale-out-cooldown --current --p95 --p99 --slo-window --slo-attainment
    --survive --zones --loss-detection --failover-time --zone-lost-for
    --max-failed --timed-out-work --exact --seed --region --prices --rates --hours-per-month
    --data-capture --capture-encoding --capture-retention --capture-files-per-hour --capture-kms
    --capture-part --deployments-per-month --deployment --deployment-step --deployment-wait
    --deployment-termination-wait --deployment-at --shadow-count --savings-plans
    --savings-plan-discount --volume-gb --payload-in --payload-out --format --output
    --tfvars-map --explain --offline --quiet --help --file --jobs --backend --scheduler"""
    own = {"estimate": "--count", "recommend": "--min-instances --aws-recommendation"}[command]
    words = set(shown.split())
    assert {flag for flag in [*flags.split(), *own.split()] if flag not in words} == set()


def test_the_examples_of_the_help_run(smcost, write_trace, alone):
    write_trace("week.csv", [60] * 120)
    able = "--service-time 45ms --concurrency 4"
    for line in (
        "estimate --instance-type ml.m5.xlarge --count 2",
        "estimate --min 2 --max 10 --target 600 --rps 40 --peak-rps 120",
        f"estimate --min 2 --max 10 --target 600 --traffic week.csv {able} -f json -o today.json",
        f"recommend --traffic week.csv {able} --p99 300ms",
        f"recommend --traffic week.csv {able} --p99 300ms --min-instances 2 --current today.json",
        "prices show --region eu-central-1 -f csv",
        "traffic synth --rps 1 --peak-rps 3 --days 14 --weekend 0.4 --seed 7 -o two-weeks.csv",
        "traffic show two-weeks.csv",
        "terraform modules/endpoint",
    ):
        outcome = smcost(line)
        assert outcome.exit_code == 0, (line, outcome.stderr)
    assert (alone / "two-weeks.csv").is_file()
