"""The price CSV is read strictly: file, row, column, what was found, what was wanted."""

import gzip
from decimal import Decimal

import pytest

from smcost.errors import InputError, PriceError, SmcostError
from smcost.prices import Component, Price
from smcost.read.price_csv import read_prices

HEADER = "region,instance_type,component,usd_per_hour,source,as_of"
ROW = "us-east-1,ml.m5.xlarge,Hosting,0.23,a list,2026-09-25"


@pytest.fixture
def write(tmp_path):
    def write_file(text: str, encoding: str = "utf-8"):
        path = tmp_path / "prices.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write_file


def refusal(path) -> SmcostError:
    with pytest.raises(SmcostError) as caught:
        read_prices(path)
    assert caught.value.place is not None
    assert caught.value.place.startswith(str(path))
    return caught.value


def test_a_row_becomes_a_price(write):
    assert read_prices(write(f"{HEADER}\n{ROW}\n")) == [
        Price(
            region="us-east-1",
            instance_type="ml.m5.xlarge",
            component=Component.HOSTING,
            usd_per_hour=Decimal("0.23"),
            source="a list",
            as_of="2026-09-25",
        )
    ]


@pytest.mark.parametrize(("cell", "sku"), [("PUE6HBQ8KFHBUN5T", "PUE6HBQ8KFHBUN5T"), ("", None)])
def test_the_sku_is_read_where_there_is_one(write, cell, sku):
    (price,) = read_prices(write(f"{HEADER},sku\n{ROW},{cell}\n"))
    assert price.sku == sku


def test_surplus_columns_a_byte_order_mark_and_quotes_are_fine(write):
    text = f'note,{HEADER}\nx,us-east-1,ml.m5.xlarge,Hosting,0.23,"a list, printed",2026\n'
    (price,) = read_prices(write(text, "utf-8-sig"))
    assert price.source == "a list, printed"


def test_a_gzipped_file_is_read(tmp_path):
    path = tmp_path / "prices.csv.gz"
    path.write_bytes(gzip.compress(f"{HEADER}\n{ROW}\n".encode()))
    assert len(read_prices(path)) == 1


def test_a_row_repeated_is_read_once_and_a_differing_one_is_kept(write):
    other = ROW.replace("0.23", "0.24")
    prices = read_prices(write("\n".join([HEADER, ROW, ROW, other])))
    assert [price.usd_per_hour for price in prices] == [Decimal("0.23"), Decimal("0.24")]


@pytest.mark.parametrize("usd", ["0", "0.000", "-0.23"])
def test_a_price_of_zero_or_less_is_a_price_error(write, usd):
    error = refusal(write(f"{HEADER}\n{ROW}\n{ROW.replace('0.23', usd)}\n"))
    assert isinstance(error, PriceError)
    assert error.exit_code == 4
    assert error.place.endswith(", row 3, column usd_per_hour")


@pytest.mark.parametrize("usd", ["free", "$0.23", "nan", "Infinity", "1e9999", "1_0", ""])
def test_a_price_that_is_no_finite_number_is_an_input_error(write, usd):
    error = refusal(write(f"{HEADER}\n{ROW.replace('0.23', usd)}\n"))
    assert isinstance(error, InputError)
    assert error.exit_code == 3
    assert error.place.endswith(", row 2, column usd_per_hour")


@pytest.mark.parametrize("component", ["hosting", "Cluster", "Notebook", "TrainingPlan"])
def test_an_unknown_component_is_refused_with_the_known_ones(write, component):
    error = refusal(write(f"{HEADER}\n{ROW.replace('Hosting', component)}\n"))
    assert isinstance(error, InputError)
    assert repr(component) in error.cause
    assert all(known in error.cause for known in Component)
    assert error.place.endswith(", row 2, column component")


def test_an_ec2_name_is_refused_in_its_column(write):
    error = refusal(write(f"{HEADER}\n{ROW.replace('ml.m5', 'm5')}\n"))
    assert isinstance(error, PriceError)
    assert error.place.endswith(", row 2, column instance_type")


@pytest.mark.parametrize("column", ["region", "instance_type", "source", "as_of"])
def test_an_empty_cell_is_refused(write, column):
    at = HEADER.split(",").index(column)
    cells = ROW.split(",")
    cells[at] = ""
    error = refusal(write(f"{HEADER}\n{','.join(cells)}\n"))
    assert "empty cell" in error.cause
    assert error.place.endswith(f", column {column}")


@pytest.mark.parametrize("column", HEADER.split(","))
def test_every_column_is_required(write, column):
    header = ",".join(name for name in HEADER.split(",") if name != column)
    assert f"lacks {column};" in refusal(write(f"{header}\n1,2,3,4,5\n")).cause


@pytest.mark.parametrize(
    ("text", "encoding", "cause"),
    [
        ("", "utf-8", "empty"),
        (f"{HEADER}\n{ROW}\n", "utf-16", "UTF-16"),
        (f"{HEADER}\n{ROW}\x00\n", "utf-8", "NUL"),
        (f"{HEADER}\n", "utf-8", "no data row"),
        (f"{ROW}\n", "utf-8", "header lacks"),
    ],
)
def test_what_is_no_price_csv_at_all_is_an_input_error(write, text, encoding, cause):
    error = refusal(write(text, encoding))
    assert isinstance(error, InputError)
    assert cause in error.cause


def test_a_missing_file_and_a_folder_are_input_errors(tmp_path):
    for path in (tmp_path / "absent.csv", tmp_path):
        assert isinstance(refusal(path), InputError)
