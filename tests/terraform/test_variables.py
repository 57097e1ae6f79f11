"""The module's variable blocks: defaults, and every validation block refusing what it should."""

import re

import pytest

from smcost.emit.tfvars import (
    METRIC_NAME,
    SCHEDULE_NAME,
    VARIABLE_NAMES,
    VOLUME_NAME,
    Value,
    tfvars_text,
)

LONGEST_NAME = "a" * 32


def action(**changes):
    return {"name": "raise", "schedule": "cron(0 7 ? * MON-FRI *)", "min_capacity": 2} | changes


def scheduled(*actions, **changes):
    return {"autoscaling_target_value": 600, "autoscaling_schedule": list(actions)} | changes


REFUSED: list[tuple[str, dict[str, Value], str]] = [
    ("a name with an underscore", {"name": "my_model"}, "letters, digits and inner hyphens"),
    ("a name ending in a hyphen", {"name": "model-"}, "letters, digits and inner hyphens"),
    ("an empty name", {"name": ""}, "letters, digits and inner hyphens"),
    ("a name with a line break", {"name": "a\n"}, "letters, digits and inner hyphens"),
    ("a name too long for suffixes", {"name": LONGEST_NAME + "a"}, "at most 32"),
    ("a variant name with a space", {"variant_name": "all traffic"}, "variant name"),
    ("a variant name too long", {"variant_name": "a" * 64}, "variant name"),
    ("an EC2 instance type", {"instance_type": "m5.xlarge"}, 'begin with "ml."'),
    ("no initial instance", {"instance_count": 0}, "whole number of 1 or more"),
    ("half an initial instance", {"instance_count": 1.5}, "whole number of 1 or more"),
    ("initial below minimum", {"autoscaling_min_capacity": 3}, "not be below autoscaling_min"),
    ("initial above maximum", {"autoscaling_max_capacity": 1}, "not be above autoscaling_max"),
    ("an unknown routing", {"routing_strategy": "random"}, "RANDOM or LEAST_OUTSTANDING_REQUESTS"),
    ("an unknown metric", {"autoscaling_metric": "GPUUtilization"}, "autoscaling metric must be"),
    ("no metric", {"autoscaling_metric": ""}, "autoscaling metric must be"),
    ("a volume of nothing", {"volume_size_in_gb": 0}, "between 1 and 512"),
    ("a volume too large", {"volume_size_in_gb": 513}, "between 1 and 512"),
    ("a fraction of a GB", {"volume_size_in_gb": 10.5}, "whole number of GB"),
    ("a target of 0", {"autoscaling_target_value": 0}, "above 0"),
    ("a negative target", {"autoscaling_target_value": -1}, "above 0"),
    ("a minimum of 0", {"autoscaling_min_capacity": 0}, "1 or more"),
    ("a negative minimum", {"autoscaling_min_capacity": -2}, "1 or more"),
    ("half a minimum", {"autoscaling_min_capacity": 1.5}, "minimum must be a whole number"),
    (
        "minimum above maximum",
        {"autoscaling_min_capacity": 5, "autoscaling_max_capacity": 3, "instance_count": 4},
        "not be below autoscaling_min_capacity",
    ),
    ("half a maximum", {"autoscaling_max_capacity": 2.5}, "maximum must be a whole number"),
    ("a negative scale-in cooldown", {"scale_in_cooldown": -1}, "scale-in cooldown"),
    ("half a second of scale-in cooldown", {"scale_in_cooldown": 0.5}, "scale-in cooldown"),
    ("a negative scale-out cooldown", {"scale_out_cooldown": -1}, "scale-out cooldown"),
    ("half a second of scale-out cooldown", {"scale_out_cooldown": 0.5}, "scale-out cooldown"),
    ("a schedule of a fixed fleet", {"autoscaling_schedule": [action()]}, "need an autoscaling t"),
    ("two actions of a name", scheduled(action(), action()), "a name of its own"),
    ("an action without bounds", scheduled(action(min_capacity=None)), "must set min_capacity"),
    ("a scheduled minimum of 0", scheduled(action(min_capacity=0)), "must be 1 or more"),
    (
        "a scheduled minimum above the maximum",
        scheduled(action(min_capacity=9, max_capacity=8)),
        "not above the maximum",
    ),
    (
        "initial below a scheduled minimum",
        scheduled(action(min_capacity=3), autoscaling_max_capacity=9),
        "not be below a scheduled minimum",
    ),
]

ACCEPTED: list[dict[str, Value]] = [
    {"name": LONGEST_NAME},
    {"name": "A-1--b"},
    {"instance_count": 1},
    {"autoscaling_min_capacity": 2, "autoscaling_max_capacity": 2},
    {"autoscaling_min_capacity": None, "autoscaling_max_capacity": 9},
    {"autoscaling_target_value": 0.5},
    {"autoscaling_metric": "CPUUtilization", "autoscaling_target_value": 280},
    {"autoscaling_metric": "SageMakerVariantConcurrentRequestsPerModelHighResolution"},
    {"autoscaling_target_value": None},
    {"scale_in_cooldown": 0, "scale_out_cooldown": 0},
    {"volume_size_in_gb": 512},
    scheduled(),
    scheduled(action(), action(name="lower", min_capacity=1, timezone="Europe/Berlin")),
    scheduled(action(min_capacity=None, max_capacity=5)),
    {"routing_strategy": "LEAST_OUTSTANDING_REQUESTS"},
]


@pytest.mark.parametrize(
    ("values", "message"), [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_a_wrong_value_is_refused(refusals, values, message):
    found = refusals(tfvars_text(values))
    assert any(message in error for error in found), found


@pytest.mark.parametrize("values", ACCEPTED, ids=str)
def test_a_right_value_is_accepted(plan_with, values):
    result = plan_with(tfvars_text(values))
    assert result.diagnostics == []
    assert result.exit_code == 0


def test_every_validation_block_is_refusing_something_above(module):
    messages = re.findall(
        r'error_message = "((?:[^"\\]|\\.)*)"', (module / "variables.tf").read_text("utf-8")
    )
    assert len(messages) > 15
    unquoted = [message.replace('\\"', '"') for message in messages]
    untested = [text for text in unquoted if not any(row[2] in text for row in REFUSED)]
    assert untested == []


def test_the_defaults_are_the_missions_and_leave_autoscaling_off(plan_values):
    assert plan_values("") == {
        "instance_type": "ml.m5.xlarge",
        "instance_count": 2,
        "autoscaling_schedule": [],
        "env": {},
        "variant_name": "AllTraffic",
        "routing_strategy": "RANDOM",
        "volume_size_in_gb": None,
        "autoscaling_metric": "SageMakerVariantInvocationsPerInstance",
        "autoscaling_target_value": None,
        "autoscaling_min_capacity": None,
        "autoscaling_max_capacity": None,
        "scale_in_cooldown": 300,
        "scale_out_cooldown": 300,
    }


def test_the_module_declares_every_variable_we_write(module):
    text = (module / "variables.tf").read_text("utf-8")
    assert {*VARIABLE_NAMES, METRIC_NAME, SCHEDULE_NAME, VOLUME_NAME} <= set(
        re.findall(r'^variable "([^"]+)"', text, re.MULTILINE)
    )


def test_exactly_the_missions_four_variables_are_required(module, required):
    blocks = re.split(
        r"^variable ", (module / "variables.tf").read_text("utf-8"), flags=re.MULTILINE
    )
    without_default = {
        b.split('"')[1] for b in blocks[1:] if not re.search(r"^  default ", b, re.M)
    }
    assert without_default == set(required)


def test_the_module_is_formatted(terraform, module):
    result = terraform.run("fmt", "-check", "-diff", "-recursive", str(module))
    assert result.exit_code == 0, result.stdout


def test_the_module_leaves_the_provider_block_to_its_caller(module):
    for file in module.glob("*.tf"):
        assert not re.search(r"^\s*provider\s", file.read_text("utf-8"), re.MULTILINE), file.name
