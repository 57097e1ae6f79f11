"""The bill, line by line, against figures worked out by hand."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.cost import CostCase, CostLine, Tariff, monthly_cost
from smcost.errors import UsageError

D = Decimal


def tariff(**changes):
    return Tariff(**{"instance_type": "ml.m5.xlarge", "usd_per_hour": D("0.23")} | changes)


STORAGE = {"volume_gb": 30, "usd_per_gb_month": D("0.14")}
DATA = {
    "bytes_in": 20 * 1024,
    "bytes_out": 2 * 1024,
    "usd_per_gb_in": D("0.016"),
    "usd_per_gb_out": D("0.016"),
}


def case(found=None, *, hours="1440", invocations="0", month="720"):
    return monthly_cost(
        found or tariff(),
        instance_hours=D(hours),
        invocations=D(invocations),
        hours_per_month=D(month),
    )


@pytest.mark.parametrize(("month", "usd"), [(720, "331.20"), (730, "335.80")])
def test_two_ml_m5_xlarge_all_month(month, usd):
    found = case(hours=str(2 * month), month=str(month))
    assert found.usd == D(usd)
    assert str(found.usd) == usd


def test_the_instance_line_can_be_checked_by_hand():
    (line,) = case().lines
    assert line == CostLine(
        name="Instances ml.m5.xlarge",
        quantity=D("1440.0000"),
        unit="instance-hour",
        unit_price_usd=D("0.23"),
    )


@pytest.mark.parametrize(
    ("quantity", "price", "usd"),
    [
        ("1", "0.005", "0.01"),
        ("1", "0.015", "0.02"),
        ("1", "0.025", "0.03"),
        ("1", "0.0049999", "0.00"),
        ("3", "0.115", "0.35"),
    ],
)
def test_a_line_is_rounded_half_up_to_cents(quantity, price, usd):
    line = CostLine(name="x", quantity=D(quantity), unit="h", unit_price_usd=D(price))
    assert line.usd == D(usd)


def test_a_total_sums_the_rounded_lines_not_the_exact_ones():
    line = CostLine(name="x", quantity=D(1), unit="h", unit_price_usd=D("0.005"))
    assert CostCase(lines=(line, line, line)).usd == D("0.03")


def test_a_case_without_lines_costs_nothing_in_cents():
    assert str(CostCase(lines=()).usd) == "0.00"


def test_storage_is_gigabytes_times_instance_hours_over_the_hours_of_a_month():
    # 30 GB on 2 instances all month: 60 GB-months at 0.14.
    line = case(tariff(**STORAGE)).lines[1]
    assert (line.name, line.quantity, line.unit) == ("Endpoint storage", D("60.0000"), "GB-Mo")
    assert line.usd == D("8.40")


def test_storage_for_730_hours_a_month_is_still_60_gigabyte_months():
    found = case(tariff(**STORAGE), hours="1460", month="730")
    assert found.lines[1].quantity == 60


def test_data_is_charged_per_2_to_the_30_bytes_each_way():
    # 10,000,000 x 20 KB / 2**20 KB = 190.734863... GB; at 0.016: 3.05. A tenth of it out: 0.31.
    into, out = case(tariff(**DATA), invocations="10000000").lines[1:]
    assert (into.name, into.quantity, into.usd) == ("Data in", D("190.7349"), D("3.05"))
    assert (out.name, out.quantity, out.usd) == ("Data out", D("19.0735"), D("0.31"))
    assert into.unit == out.unit == "GB"


def test_the_whole_bill_is_331_20_and_8_40_and_3_05_and_0_31():
    assert case(tariff(**STORAGE, **DATA), invocations="10000000").usd == D("342.96")


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({}, []),
        ({"volume_gb": 30}, []),
        ({"bytes_in": 5}, []),
        ({"usd_per_gb_in": D(1)}, []),
        ({"bytes_out": 5, "usd_per_gb_out": D(1)}, ["Data out"]),
        (STORAGE | DATA, ["Endpoint storage", "Data in", "Data out"]),
    ],
)
def test_a_line_needs_its_size_and_its_price(given, names):
    assert [line.name for line in case(tariff(**given)).lines[1:]] == names


def test_an_empty_payload_is_a_line_of_nothing():
    found = case(tariff(**DATA | {"bytes_out": 0}), invocations="10000000")
    assert found.lines[2].usd == 0


@pytest.mark.parametrize("volume_gb", [0, 513, -1])
def test_a_volume_no_endpoint_can_have_is_refused(volume_gb):
    with pytest.raises(UsageError, match="outside 1 to 512"):
        tariff(volume_gb=volume_gb)


amounts = st.decimals(0, 10**7, places=6, allow_nan=False, allow_infinity=False)
prices = st.decimals("0.000001", 500, places=10, allow_nan=False, allow_infinity=False)


@given(amounts, amounts, prices, st.integers(1, 512), st.sampled_from(["720", "730"]))
def test_every_number_of_a_bill_is_a_decimal_and_adds_up(hours, invocations, price, volume, month):
    found = case(
        tariff(usd_per_hour=price, volume_gb=volume, usd_per_gb_month=D("0.14"), **DATA),
        hours=str(hours),
        invocations=str(invocations),
        month=month,
    )
    for line in found.lines:
        assert {type(line.quantity), type(line.unit_price_usd), type(line.usd)} == {Decimal}
        # The quantity shown is the quantity charged.
        assert abs(line.usd - line.quantity * line.unit_price_usd) <= D("0.005")
        assert line.usd == line.usd.quantize(D("0.01"))
        assert line.quantity == line.quantity.quantize(D("0.0001"))
    assert found.usd == sum(line.usd for line in found.lines)


@given(amounts, amounts, prices)
def test_more_hours_never_cost_less(hours, more, price):
    found = tariff(usd_per_hour=price, **STORAGE)
    assert case(found, hours=str(hours)).usd <= case(found, hours=str(hours + more)).usd


def test_the_unit_price_is_never_rounded():
    (line,) = case(tariff(usd_per_hour=D("0.2345678901234"))).lines
    assert line.unit_price_usd == D("0.2345678901234")
    assert line.usd == D("337.78")
