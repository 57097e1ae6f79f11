"""The rates CSV is read as strictly as the prices."""

from decimal import Decimal

import pytest

from smcost.errors import InputError, PriceError, SmcostError
from smcost.prices import Rate, RateItem
from smcost.read.rates_csv import read_rates

HEADER = "region,item,unit,usd,source,as_of"
ROW = "eu-west-1,storage_gb_month,GB-Mo,0.154,a bill,2023-12"


@pytest.fixture
def write(tmp_path):
    def write_file(*lines: str):
        path = tmp_path / "rates.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return write_file


def refusal(path) -> SmcostError:
    with pytest.raises(SmcostError) as caught:
        read_rates(path)
    return caught.value


def test_a_row_becomes_a_rate(write):
    assert read_rates(write(HEADER, ROW)) == [
        Rate(
            region="eu-west-1",
            item=RateItem.STORAGE_GB_MONTH,
            unit="GB-Mo",
            usd=Decimal("0.154"),
            source="a bill",
            as_of="2023-12",
        )
    ]


def test_a_row_repeated_is_read_once(write):
    assert len(read_rates(write(HEADER, ROW, ROW))) == 1


def test_data_may_be_free_but_not_cheaper(write):
    assert read_rates(write(HEADER, ROW.replace("0.154", "0")))[0].usd == 0
    error = refusal(write(HEADER, ROW.replace("0.154", "-0.154")))
    assert isinstance(error, PriceError)
    assert error.place.endswith(", row 2, column usd")


@pytest.mark.parametrize("usd", ["", "cheap", "nan", "0,154"])
def test_a_rate_that_is_no_number_is_an_input_error(write, usd):
    error = refusal(write(HEADER, ROW.replace("0.154", f'"{usd}"')))
    assert isinstance(error, InputError)
    assert error.place.endswith(", row 2, column usd")


def test_an_unknown_item_is_refused_with_the_known_ones(write):
    error = refusal(write(HEADER, ROW.replace("storage_gb_month", "storage")))
    assert isinstance(error, InputError)
    assert all(item in error.cause for item in RateItem)
    assert error.place.endswith(", row 2, column item")


def test_another_unit_is_refused_before_it_makes_a_cost_wrong(write):
    error = refusal(write(HEADER, ROW.replace("GB-Mo", "TB-Mo")))
    assert isinstance(error, InputError)
    assert "'TB-Mo'" in error.cause
    assert error.place.endswith(", row 2, column unit")


@pytest.mark.parametrize("column", HEADER.split(","))
def test_every_column_is_required(write, column):
    header = ",".join(name for name in HEADER.split(",") if name != column)
    assert f"lacks {column};" in refusal(write(header, "1,2,3,4,5")).cause
