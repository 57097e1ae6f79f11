"""Today's cost out of an estimate."""

import json
from decimal import Decimal

import pytest

from smcost.errors import InputError
from smcost.read.estimate_json import read_current

GOOD = {"command": "estimate", "cost": {"expected_usd": 331.2, "hours_per_month": 720.0}}


@pytest.fixture
def current(tmp_path):
    def read(content):
        path = tmp_path / "today.json"
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
        return read_current(path)

    return read


def with_cost(**changed):
    return {**GOOD, "cost": {**GOOD["cost"], **changed}}


def test_cost_and_month_are_read_as_they_are_written(current):
    found = current(
        '{"command": "estimate", "cost": {"expected_usd": 0.1, "hours_per_month": 730}}'
    )
    assert found.expected_usd == Decimal("0.1")
    assert found.hours_per_month == 730


def test_keys_it_does_not_know_do_not_matter(current):
    assert current({**GOOD, "later": [1]}).hours_per_month == 720


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("", "empty"),
        ("{", "no JSON"),
        ("[]", "not an estimate"),
        ("null", "not an estimate"),
        ({**GOOD, "command": "recommend"}, "not an estimate"),
        ({"command": "estimate"}, "no expected cost"),
        ({"command": "estimate", "cost": 5}, "no expected cost"),
        (with_cost(expected_usd=None), "no expected cost"),
        (with_cost(expected_usd="dear"), "'dear' is no amount"),
        (with_cost(expected_usd=True), "True is no amount"),
        (with_cost(expected_usd=-1), "no amount"),
        (with_cost(expected_usd=float("nan")), "no amount"),
        (with_cost(expected_usd=float("inf")), "no amount"),
        (with_cost(hours_per_month=None), "no amount"),
        (with_cost(hours_per_month=[720]), "no amount"),
    ],
)
def test_what_is_no_estimate_is_refused_with_its_place(current, content, cause):
    with pytest.raises(InputError) as refused:
        current(content)
    assert cause in refused.value.cause
    assert "today.json" in (refused.value.place or "")
    assert refused.value.remedy


def test_a_missing_expected_cost_is_refused_with_the_way_to_get_one(current):
    with pytest.raises(InputError) as refused:
        current(with_cost(expected_usd=None))
    assert "with traffic" in refused.value.remedy
    assert refused.value.place is not None
    assert refused.value.place.endswith("cost.expected_usd")
