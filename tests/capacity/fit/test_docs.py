"""The example of the page does what the page says."""

import doctest
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[3] / "docs" / "fit.md"


def test_the_example_of_the_page_holds(synthetic):
    assert synthetic.__name__ == "synthetic_endpoint"
    found = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert found.attempted > 5
    assert found.failed == 0


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("LEAST_UTILISATION", "40 %"),
        ("LEAST_RANGE", "1.5"),
        ("MOST_ERROR", "4 %"),
        ("MOST_ERROR_OF_ONE", "15 %"),
        ("MOST_TREND", "8 %"),
        ("MOST_WORKERS_RATIO", "1.5 times"),
        ("MOST_UTILISATION", "85 %"),
        ("FEWEST_MINUTES", "120 minutes"),
        ("FEWEST_REQUESTS", "5,000 requests"),
    ],
)
def test_the_limits_of_the_page_are_those_of_the_program(name, written):
    from smcost.capacity.fit import refusals

    assert written in PAGE.read_text(encoding="utf-8")
    value = getattr(refusals, name)
    figure = float(written.split()[0].replace(",", ""))
    assert figure == pytest.approx(100 * value if "%" in written else value)
