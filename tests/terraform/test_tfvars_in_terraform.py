"""What Terraform reads from our variable files, without any provider."""

import random
import unicodedata
from dataclasses import replace

import pytest

from smcost.capacity import Routing
from smcost.emit.tfvars import tfvars_json, tfvars_text, variables
from smcost.scaling.timetable import TimedMinimum, Timetable
from smcost.variant import Variant

PIECES = (
    *('"', "'", "`", "\\", "\\\\", '\\"', "$", "%", "{", "}", "${", "%{", "$${", "%%{", "$$${"),
    *("${var.name}", "%{ if true }", "%{endif}", "~}", "${~", '${"', "\\u0041", "\\x41", "\\${"),
    *("\n", "\r", "\r\n", "\t", " ", "\0", "\x01", "\x07", "\x1b[31m", "\x1f", "\x7f", "\x85"),
    *("<<EOT\n", "<<-EOT\n", "\nEOT\n", "#", "//", "/*", "*/", "=", "null", "true", "1e5"),
    *("\u200b", "\u200d", "\u200f", "\u202e", "\u2066", "\u2028", "\u2029", "\ufeff", "\ufffe"),
    *("é", "e\u0301", "A\u030a", "\u1e9b\u0323", "\u0301", "ﬁ", "ö", "ß", "日本", "한", "שלום"),
    *("😀", "👩\u200d🚀", "🇩🇪", "\U000e0001", "\U0010ffff", "ml.m5.xlarge", "0", "a"),
)

VARIANTS = {
    "autoscaled": Variant(
        instance_type="ml.g5.2xlarge",
        minimum=2,
        maximum=20,
        initial_count=7,
        target_per_minute=613.25,
        routing=Routing.LEAST_OUTSTANDING_REQUESTS,
        scale_in_cooldown_s=600.0,
        scale_out_cooldown_s=0.0,
    ),
    "fixed": Variant(
        instance_type="ml.m5.large", minimum=4, maximum=4, initial_count=4, target_per_minute=None
    ),
    "tiny target": Variant(
        instance_type="ml.t2.medium", minimum=1, maximum=2, initial_count=1, target_per_minute=1e-7
    ),
    "large target": Variant(
        instance_type="ml.c5.large", minimum=1, maximum=2, initial_count=1, target_per_minute=1e16
    ),
}


def hostile_strings(count, seed=20240607):
    chance = random.Random(seed)
    fixed = ["", "x" * 100_000, "${" * 50, "".join(PIECES), *PIECES]
    built = ["".join(chance.choices(PIECES, k=chance.randint(2, 12))) for _ in range(count)]
    return (fixed + built)[:count]


def as_terraform_keeps(text):
    return unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("as_json", [False, True], ids=["tfvars", "tfvars.json"])
@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_a_plan_gets_exactly_the_values_of_the_variant(plan_values, variant, as_json):
    values = variables(variant)
    text = tfvars_json(values) if as_json else tfvars_text(values, comments=["Why", "", "p99"])
    planned = plan_values(text, json=as_json)
    assert {name: planned[name] for name in values} == values


def test_a_plan_gets_the_volume_that_was_asked_for(plan_values):
    variant = next(iter(VARIANTS.values()))
    assert plan_values(tfvars_text(variables(variant, volume_gb=30)))["volume_size_in_gb"] == 30
    assert plan_values(tfvars_text(variables(variant)))["volume_size_in_gb"] is None


@pytest.mark.parametrize("as_json", [False, True], ids=["tfvars", "tfvars.json"])
def test_a_plan_gets_the_schedule_that_was_found(plan_values, as_json):
    timetable = Timetable(
        timezone="Europe/Berlin",
        windows=(TimedMinimum(days=(5, 6), start_minute=1380, length_minutes=420, minimum=4),),
        otherwise=2,
    )
    variant = replace(VARIANTS["autoscaled"], minimum=4, schedule=timetable.actions)
    values = variables(variant, volume_gb=30)
    text = tfvars_json(values) if as_json else tfvars_text(values, comments=["Why"])
    planned = plan_values(text, json=as_json)
    assert {name: planned[name] for name in values} == values
    assert [entry["min_capacity"] for entry in planned["autoscaling_schedule"]] == [4, 2]


@pytest.mark.parametrize("as_json", [False, True], ids=["tfvars", "tfvars.json"])
def test_600_hostile_strings_come_back_exact_apart_from_nfc(terraform, as_json):
    texts = hostile_strings(600)
    values = {f"v{index}": text for index, text in enumerate(texts)}
    terraform.declare("".join(f'variable "{name}" {{\n  type = string\n}}\n' for name in values))
    name, write = ("v.tfvars.json", tfvars_json) if as_json else ("v.tfvars", tfvars_text)
    (terraform.folder / name).write_text(write(values), encoding="utf-8", newline="")

    result = terraform.plan(name)

    assert [entry["summary"] for entry in result.diagnostics] == []
    assert result.exit_code == 0, result.stderr
    planned = terraform.planned()
    assert planned.keys() == values.keys()
    assert [key for key in values if planned[key] != as_terraform_keeps(values[key])] == []
    if not as_json:
        assert terraform.run("fmt", "-check", name).exit_code == 0


def test_the_hostile_strings_are_many_and_the_same_every_time():
    texts = hostile_strings(600)
    assert texts == hostile_strings(600)
    assert len(set(texts)) > 550
    assert any(as_terraform_keeps(text) != text for text in texts)


def test_hostile_comments_add_no_variable_and_need_no_formatting(plan_values):
    comments = [f"{text}instance_count = 99" for text in hostile_strings(200)]
    text = tfvars_text({"instance_count": 3}, comments=comments)
    assert plan_values(text)["instance_count"] == 3


def test_renamed_variables_reach_another_module(terraform):
    rename = {"instance_type": "sku", "scale_in_cooldown": "_in-s"}
    values = {"instance_type": "ml.m5.large", "scale_in_cooldown": 300}
    terraform.declare(
        'variable "sku" {\n  type = string\n}\nvariable "_in-s" {\n  type = number\n}\n'
    )
    text = tfvars_text(values, rename=rename)
    (terraform.folder / "v.tfvars").write_text(text, encoding="utf-8")
    assert terraform.plan("v.tfvars").diagnostics == []
    assert terraform.planned() == {"sku": "ml.m5.large", "_in-s": 300}


@pytest.mark.parametrize(
    "word",
    ["source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"],
)
def test_terraform_indeed_reserves_the_names_we_refuse(terraform, word):
    terraform.declare(f'variable "{word}" {{\n}}\n')
    result = terraform.run("validate", "-json")
    assert "reserved" in result.stdout
    assert result.exit_code != 0


def test_the_judge_sees_an_undeclared_variable(plan_with):
    [warning] = plan_with("no_such_variable = 1\n").diagnostics
    assert warning["severity"] == "warning"
    assert "no_such_variable" in warning["detail"]


def test_the_judge_sees_an_unescaped_interpolation(plan_with):
    assert plan_with('instance_type = "ml.${var.name}"\n').diagnostics != []
