"""What README prints is what smcost does."""

import re
import shlex
from pathlib import Path

import pytest

from smcost.queueing.exact.compiled import compiled

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def command_under(heading):
    found = re.search(rf"^### {heading}\n\n```sh\n(.+?)\n```", README, flags=re.MULTILINE)
    assert found, f"README has no command under {heading}"
    return found[1]


def test_readme_has_exactly_two_commands_of_one_line_each_on_its_first_screen():
    blocks = re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
    assert len(blocks) == 2
    assert all(block.count("\n") == 1 for block in blocks)
    assert README[: README.index("## What it answers")].count("\n") < 25


@pytest.mark.parametrize("heading", ["Run", "Test"])
def test_each_command_makes_its_own_environment(heading):
    steps = command_under(heading).split(" && ")
    assert steps[0].startswith("python3 -m venv .venv")
    folder = steps[0].split()[-1]
    assert all(step.startswith(f"{folder}/bin/") for step in steps[1:])


@pytest.mark.skipif(not compiled(), reason="without compiled kernels the budget reaches less far")
def test_the_output_shown_is_the_output_of_the_command(smcost, monkeypatch):
    monkeypatch.chdir(ROOT)
    command = shlex.split(command_under("Run").split(" && ")[-1])
    assert command[0] == ".venv/bin/smcost"
    printed = smcost(shlex.join(command[1:])).stdout.splitlines()
    shown = re.search(r"```text\n(.*?)```", README, flags=re.DOTALL)[1].splitlines()
    assert len(shown) > 20
    missing = [line for line in shown if line != "  ..." and line not in printed]
    assert missing == []


def test_the_bundled_week_is_what_its_stated_command_makes(smcost):
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    command = re.search(r"^    smcost (traffic synth .*)$", text, flags=re.MULTILINE)[1]
    week = (ROOT / "data" / "examples" / "week.csv").read_text(encoding="utf-8")
    assert smcost(command).stdout == week


def test_every_subcommand_named_in_the_readme_exists(smcost):
    for name in set(re.findall(r"`smcost ([a-z-]+)", README)):
        assert smcost(f"{name} --help").exit_code == 0


def test_every_file_linked_from_the_readme_exists():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_terraform_recipe_is_the_same_wherever_it_is_told(smcost):
    told = [
        README,
        (ROOT / "terraform" / "README.md").read_text(encoding="utf-8"),
        " ".join(smcost("terraform --help").stdout.split()),
        " ".join(smcost("recommend --help").stdout.split()),
    ]
    for text in told:
        assert "terraform plan -var-file=smcost.tfvars" in text
        assert "smcost.auto.tfvars" not in text
    for text in told[:3]:
        assert "smcost terraform endpoint" in text


def test_every_setting_and_code_page_is_linked():
    assert {"docs/codes.md", "docs/settings.md", "docs/model.md"} <= set(
        re.findall(r"\]\(([^)#]+)\)", README)
    )
