"""Tables in narrow terminals: no word, figure or date is ever broken."""

import pytest

from smcost.emit.narrow import narrow
from smcost.emit.section import Section
from smcost.emit.table import UNWRAPPED, table_text

WIDTHS = (60, 80, 100, 120, 200)
ALTERNATIVES = Section(
    title="Alternatives",
    columns=(
        *("plan", "instance type", "routing", ">minimum", ">maximum", ">target"),
        *(">p99", ">worst p99", ">failed", ">USD/month", "breaks"),
    ),
    rows=(
        (
            *("one instance fewer", "ml.m5.xlarge", "least-outstanding", "11", "24", "2,340.5"),
            *("149 ms", "56,113 ms", "12.31%", "12,987.20", "p99 in day 2026-09-25"),
        ),
        (
            *("AWS's own target", "ml.m5.xlarge", "least-outstanding", "2", "24", "fixed"),
            *("1.2 ms", "5,113 ms", "0.00%", "1,987.20", "nothing"),
        ),
    ),
)
PRICES = Section(
    title="Prices",
    columns=("instance type", ">USD/h", "as of", "fetched", "source"),
    rows=tuple(
        (f"ml.m5.{size}large", "0.257", "2026-09-25", "", "the price list of AWS, published")
        for size in ("", "x", "12x")
    ),
)


def words(section):
    return {word for row in section.rows for cell in row for word in cell.split()}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("section", [ALTERNATIVES, PRICES], ids=["alternatives", "prices"])
def test_no_word_of_any_cell_is_broken(section, width):
    text = table_text([section], width=width)
    printed = {word.rstrip(".,") for word in text.split()} | set(text.split())
    assert words(section) <= printed
    assert max(map(len, text.splitlines())) <= width


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("section", [ALTERNATIVES, PRICES], ids=["alternatives", "prices"])
def test_no_number_is_parted_from_its_unit(section, width):
    text = table_text([section], width=width)
    numbers = [n for n, column in enumerate(section.columns) if column.startswith(">")]
    assert all(row[n] in text for row in section.rows for n in numbers)


def test_what_all_rows_share_is_told_once_where_it_is_tight():
    found = narrow(ALTERNATIVES, 118)
    (sentence,) = found.sentences
    assert "instance type ml.m5.xlarge, routing least-outstanding" in sentence
    assert "routing" not in found.columns
    assert narrow(ALTERNATIVES, UNWRAPPED).sentences == ()


def test_a_column_that_is_empty_everywhere_is_not_spoken_of():
    assert "fetched" not in "".join(narrow(PRICES, 60).sentences)


def test_rows_are_blocks_where_no_table_fits():
    text = table_text([ALTERNATIVES], width=60)
    assert "  plan       one instance fewer\n" in text
    assert "  worst p99  56,113 ms\n" in text


def test_a_word_longer_than_the_terminal_stays_whole():
    section = Section(title="T", columns=("name", "value"), rows=(("a", "b" * 90),))
    assert "b" * 90 in table_text([section], width=60)
