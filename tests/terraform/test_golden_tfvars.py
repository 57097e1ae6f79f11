"""The golden variable files, read by Terraform: formatted, no diagnostics, the values they say."""

import json
from pathlib import Path

import pytest

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
TEXT = sorted(path.name for path in GOLDEN.glob("*.tfvars"))
JSON = sorted(path.name for path in GOLDEN.glob("*.tfvars.json"))


def written(name):
    return (GOLDEN / name).read_text(encoding="utf-8")


def test_there_are_golden_files_in_pairs():
    assert len(TEXT) >= 3
    assert [f"{name}.json" for name in TEXT] == JSON


@pytest.mark.parametrize("name", TEXT)
def test_terraform_reads_what_the_json_beside_it_says(plan_values, name):
    expected = json.loads(written(f"{name}.json"))
    planned = plan_values(written(name))
    assert {variable: planned[variable] for variable in expected} == expected


@pytest.mark.parametrize("name", JSON)
def test_terraform_reads_the_json_form_as_it_stands(plan_values, name):
    expected = json.loads(written(name))
    planned = plan_values(written(name), json=True)
    assert {variable: planned[variable] for variable in expected} == expected
