"""How start-up times and estimates are put into words."""

import math

import pytest

from smcost.capacity.startup import StartupTimes
from smcost.emit.fit_sections import startup_sentences

NONE = {
    "count": 0,
    "median_s": math.nan,
    "p90_s": math.nan,
    "since_s": math.nan,
    "until_s": math.nan,
    "unsuccessful": 0,
    "not_scaled": {},
}
FIVE = NONE | {
    "count": 5,
    "median_s": 340.0,
    "p90_s": 900.4,
    "since_s": 1_742_956_093.0,
    "until_s": 1_743_000_000.0,
}


def text(**values):
    return " ".join(startup_sentences(StartupTimes(**values)))


def test_several_scale_outs_are_told_by_median_and_p90():
    found = text(**FIVE)
    assert "5 successful scale-outs between Wed 2025-03-26 02:28" in found
    assert "took 340 s (median), 900 s (p90)" in found
    assert "--startup-time 900s" in found


def test_none_leaves_the_default_an_assumption():
    assert "the default stays an assumption" in text(**NONE)
    assert "nan" not in text(**NONE)


@pytest.mark.parametrize("values", [NONE, FIVE])
def test_trouble_is_told_beside_it(values):
    found = text(**values | {"unsuccessful": 2, "not_scaled": {"AlreadyAtMaxCapacity": 3}})
    assert "2 scale-outs failed or were not fulfilled." in found
    assert "Not scaled: AlreadyAtMaxCapacity 3 x." in found
