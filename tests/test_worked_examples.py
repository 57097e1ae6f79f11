"""Examples worked out by hand in docs: commands print what is shown, and the sums are right.

A page takes part as soon as it has a ```hand block; a ```sh block with one ``smcost`` line followed
by a ```text block is a command and lines that it prints. A ```toml block that begins with a comment
of its name is a file that the page's commands find.
"""

import ast
import operator
import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from smcost.commitment import Usage
from smcost.estimate.savings_plan import PlanKind, plan_answer

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES = {
    path.name: text
    for path in sorted(DOCS.glob("*.md"))
    if "```hand\n" in (text := path.read_text(encoding="utf-8"))
}
COMMANDS = [
    pytest.param(command, shown, name, id=f"{name} {number}")
    for name, text in PAGES.items()
    for number, (command, shown) in enumerate(
        re.findall(r"```sh\nsmcost ([^\n]*)\n```\n\n```text\n(.*?)```", text, flags=re.DOTALL)
    )
]
SUMS = [
    pytest.param(line, id=f"{name} {line}")
    for name, text in PAGES.items()
    for block in re.findall(r"```hand\n(.*?)```", text, flags=re.DOTALL)
    for line in block.splitlines()
]
FILES = {
    name: dict(re.findall(r"```toml\n(?=# (\S+)\n)(.*?)```", text, flags=re.DOTALL))
    for name, text in PAGES.items()
}
OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def value(node):
    """Decimal arithmetic of numbers and + - * /, nothing else."""
    if isinstance(node, ast.Constant):
        return Decimal(repr(node.value))
    assert isinstance(node, ast.BinOp), ast.dump(node)
    return OPERATORS[type(node.op)](value(node.left), value(node.right))


def test_there_are_examples_of_everything():
    text = " ".join(param.values[0] for param in COMMANDS)
    for flag in (
        "--data-capture",
        "--deployments-per-month",
        "--savings-plan-discount",
        "--compare-kinds",
        "--file",
    ):
        assert flag in text
    assert len(SUMS) > 20


@pytest.mark.parametrize(("command", "shown", "page"), COMMANDS)
def test_a_command_prints_what_is_shown(smcost, alone, write, command, shown, page):
    (alone / "data").symlink_to(DOCS.parent / "data")
    for name, content in FILES[page].items():
        write(name, content)
    printed = [" ".join(line.split()) for line in smcost(command).stdout.splitlines()]
    wanted = [" ".join(line.split()) for line in shown.splitlines()]
    assert [line for line in wanted if line not in printed] == []


@pytest.mark.parametrize("line", SUMS)
def test_a_sum_is_right_to_its_last_digit(line):
    left, right = line.split(" = ")
    exact = value(ast.parse(left, mode="eval").body)
    assert exact.quantize(Decimal(right), "ROUND_HALF_UP") == Decimal(right)


def test_the_savings_plan_of_the_page_is_the_best_commitment():
    usage = Usage(
        instance_type="ml.m5.xlarge",
        hour_s=3600 * np.arange(24),
        instances=np.array([1.0] * 16 + [3.0] * 8),
        weight=np.ones(24),
        usd_per_hour=Decimal("0.23"),
        plan_usd_per_hour=Decimal("0.23") * Decimal("0.69"),
    )
    found = plan_answer(PlanKind(), [usage], hours_per_month=Decimal(720))
    assert found.commitment_usd == Decimal("0.159")
    assert found.on_demand_usd == Decimal("276.00")
    assert [line.usd for line in found.case.lines] == [Decimal("114.48"), Decimal("110.30")]
    assert found.saving_usd == Decimal("51.22")
    assert found.break_even_utilisation == pytest.approx(0.69)
