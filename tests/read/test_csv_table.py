"""A CSV table knows where each of its rows stands, and refuses what is no table."""

from decimal import Decimal

import pytest

from smcost.errors import InputError
from smcost.read.csv_table import parse_table


def rows(text: str):
    return list(parse_table(text, "a.csv", ("name", "usd")))


def refusal(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        [(row.text("name"), row.number("usd")) for row in rows(text)]
    return caught.value


def test_columns_may_come_in_any_order_with_others_between():
    (row,) = rows("usd, note ,name\n0.23,hello, x \n")
    assert (row.text("name"), row.number("usd")) == ("x", Decimal("0.23"))


def test_blank_lines_are_skipped_and_still_counted():
    first, second = rows("\nname,usd\n\na,1\n,\nb,2\n")
    assert (first.place, second.place) == ("a.csv, row 4", "a.csv, row 6")


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_understood(line_end):
    assert [r.text("name") for r in rows(line_end.join(["name,usd", "a,1", "b,2"]))] == ["a", "b"]


def test_a_separator_of_unicode_lines_inside_a_cell_does_not_end_the_row():
    assert rows("name,usd\na\u2028b,1\n")[0].text("name") == "a\u2028b"


@pytest.mark.parametrize("header", ["usd", "Name,usd", "name;usd", "ml.m5.large,0.1"])
def test_a_missing_column_is_named_with_the_header_found(header):
    error = refusal(f"{header}\n")
    assert "The header lacks" in error.cause
    assert "name" in error.remedy
    assert error.place == "a.csv, header"


def test_a_column_named_twice_is_refused():
    assert "usd more than once" in refusal("name,usd,usd\na,1,2\n").cause


@pytest.mark.parametrize("row", ["a", "a,1,2", "a,0,23"])
def test_a_row_of_another_width_is_refused(row):
    error = refusal(f"name,usd\n{row}\n")
    assert "and the header has 2" in error.cause
    assert error.place == "a.csv, row 2"


def test_a_header_alone_is_refused():
    assert "no data row" in refusal("name,usd\n\n").cause


@pytest.mark.parametrize("row", ['"a,1', '"a"b,1'])
def test_unbalanced_quotes_are_refused(row):
    assert "no valid CSV" in refusal(f"name,usd\n{row}\n").cause


@pytest.mark.parametrize("cell", ["x", "$1", "1_000", "0x10", "nan", "inf", "1e9999", "٣", "1 2"])
def test_a_cell_that_is_no_plain_number_is_refused(cell):
    error = refusal(f"name,usd\na,{cell}\n")
    assert repr(cell) in error.cause
    assert error.place == "a.csv, row 2, column usd"


@pytest.mark.parametrize("cell", ["25.2512883", "-1", "+.5", "5.", "1e-5"])
def test_a_plain_number_is_kept_exactly(cell):
    assert rows(f"name,usd\na,{cell}\n")[0].number("usd") == Decimal(cell)


def test_an_empty_cell_is_refused_where_a_value_is_wanted():
    error = refusal("name,usd\n ,1\n")
    assert "an empty cell" in error.cause
    assert error.place == "a.csv, row 2, column name"


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('# one\n# two, "three\n\na,b\n1,2\n', 5),
        ("\r\n#x\r\na,b\r\n1,2\r\n", 4),
        ("  # indented\na,b\n1,2\n", 3),
        ("a,b\n1,2\n", 2),
    ],
)
def test_comments_before_the_header_are_passed_over(text, row):
    [found] = parse_table(text, "x.csv", ["a", "b"])
    assert (found.place, found.cells) == (f"x.csv, row {row}", {"a": "1", "b": "2"})


def test_after_the_header_a_hash_is_a_cell_like_any_other():
    [found] = parse_table("a,b\n#1,2\n", "x.csv", ["a", "b"])
    assert found.cells == {"a": "#1", "b": "2"}
