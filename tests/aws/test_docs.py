"""docs/aws.md holds the very policies that the commands print."""

import re
from pathlib import Path

import pytest

from smcost.read.aws.operations import NEEDED, iam_policy

DOCS = Path(__file__).resolve().parents[2] / "docs" / "aws.md"


@pytest.fixture(scope="module")
def shown():
    if not DOCS.is_file():
        pytest.skip("an installed package has no docs beside it")
    blocks = re.findall(
        r"^### smcost ([\w ]+)\n\n```json\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.M | re.S
    )
    return dict(blocks)


def test_every_command_that_asks_aws_is_there(shown):
    assert list(shown) == list(NEEDED)


@pytest.mark.parametrize("command", NEEDED)
def test_its_policy_is_the_one_that_is_printed(shown, command):
    assert shown[command] == iam_policy(command)
