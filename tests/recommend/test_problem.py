"""A problem that contradicts itself cannot be put."""

import math

import pytest

from smcost.errors import UsageError
from smcost.recommend.problem import Pins


def test_the_peak_is_the_busiest_minute(problem):
    assert problem([3, 9, 4]).peak_per_minute == 9


@pytest.mark.parametrize(
    ("changes", "lowest"),
    [({}, 1), ({"min_instances": 2}, 2), ({"min_instances": 2, "pins": {"minimum": 5}}, 5)],
)
def test_the_lowest_minimum_is_the_floor_or_the_pin(problem, changes, lowest):
    assert problem([1], **changes).lowest_minimum == lowest


@pytest.mark.parametrize(
    ("pins", "cause"),
    [
        ({"minimum": 0}, "below 1"),
        ({"minimum": 4, "maximum": 3}, "minimum 4 is above the maximum 3"),
        ({"maximum": 0}, "above the maximum 0"),
        ({"target_per_minute": 0.0}, "is no rate"),
        ({"target_per_minute": math.nan}, "is no rate"),
        ({"target_per_minute": math.inf}, "is no rate"),
    ],
)
def test_pins_that_cannot_be_kept_are_refused(pins, cause):
    with pytest.raises(UsageError, match=cause):
        Pins(**pins)


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"min_instances": 0}, "is below 1"),
        ({"min_instances": 4, "pins": {"maximum": 3}}, "maximum 3 is below the availability floor"),
        ({"min_instances": 4, "pins": {"minimum": 3}}, "minimum 3 is below the availability floor"),
    ],
)
def test_a_floor_that_contradicts_the_pins_is_refused(problem, changes, cause):
    with pytest.raises(UsageError, match=cause):
        problem([1], **changes)
