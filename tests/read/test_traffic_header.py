"""Headers that mean a trace but do not say so are refused with the way to say it."""

import pytest

from smcost.errors import InputError
from smcost.read.traffic_csv import read_traffic

ROWS = "\n2024-01-01T00:00:00Z,5\n2024-01-01T00:01:00Z,6\n"


@pytest.fixture
def refusal(tmp_path):
    def read(text, **how):
        path = tmp_path / "traffic.csv"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError) as refused:
            read_traffic(path, **how)
        assert str(path) in (refused.value.place or "")
        return refused.value

    return read


@pytest.mark.parametrize(
    ("header", "rename"),
    [
        ("timestamp,qps", "Rename qps to rps"),
        ("timestamp,TPS", "Rename tps to rps"),
        ("timestamp,count", "Rename count to invocations"),
        ("timestamp,requests", "Rename requests to invocations"),
        ("time,rps", "Rename time to timestamp"),
        ("datetime,count", "Rename datetime to timestamp"),
    ],
)
def test_another_name_of_a_column_is_told_with_the_one_wanted(refusal, header, rename):
    error = refusal(header + ROWS)
    assert error.remedy.startswith(rename)
    assert (error.place or "").endswith("row 1")


def test_a_column_beside_the_right_ones_does_not_matter(tmp_path):
    path = tmp_path / "traffic.csv"
    rows = "\n2024-01-01T00:00:00Z,5,1\n2024-01-01T00:01:00Z,6,1\n"
    path.write_text("timestamp,invocations,count" + rows, encoding="utf-8")
    assert read_traffic(path)[0].total == 11


def test_semicolons_are_recognised(refusal):
    error = refusal("timestamp;invocations" + ROWS.replace(",", ";"))
    assert "separated by semicolons" in error.cause
    assert "commas" in error.remedy


@pytest.mark.parametrize("cell", ["1,234", "12,345,678", " 1,234.5"])
def test_a_thousands_comma_is_recognised(refusal, cell):
    error = refusal(f'timestamp,rps{ROWS}2024-01-01T00:02:00Z,"{cell}"\n')
    assert "thousands comma" in error.remedy
    assert (error.place or "").endswith("row 4, column rps")


def test_another_comma_is_not_taken_for_one_of_thousands(refusal):
    error = refusal(f'timestamp,rps{ROWS}2024-01-01T00:02:00Z,"1,5"\n')
    assert "thousands" not in error.remedy
