"""What capture writes and stores, by hand, and the share that makes up a part of the bill."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.cost import Tariff, capture_cases, monthly_cost
from smcost.data_capture import DataCapture, Encoding, captured_month, share_at_part_of_bill
from smcost.errors import UsageError

D = Decimal
MONTH = D(720)


def capture(**changes):
    given = {
        "share": D("0.1"),
        "bytes_in": 20_480,
        "bytes_out": 2_048,
        "usd_per_gb_month": D("0.023"),
        "usd_per_put": D("0.000005"),
    }
    return DataCapture(**(given | changes))


def month(found=None, *, hours="1440", invocations="25920000"):
    return captured_month(
        found or capture(),
        instance_hours=D(hours),
        invocations=D(invocations),
        hours_per_month=MONTH,
    )


def test_a_record_is_request_response_and_500_bytes():
    assert capture().record_bytes == 20_480 + 2_048 + 500


@pytest.mark.parametrize(
    ("bytes_in", "bytes_out", "record"),
    [(3, 3, 508), (1, 0, 504), (4, 6, 516), (0, 0, 500), (20_480, 2_048, 27_308 + 2_732 + 500)],
)
def test_base64_makes_four_bytes_of_every_three_begun(bytes_in, bytes_out, record):
    found = capture(bytes_in=bytes_in, bytes_out=bytes_out, encoding=Encoding.BASE64)
    assert found.record_bytes == record


def test_a_tenth_of_ten_requests_a_second():
    # 2,592,000 records of 23,028 B: 55.589 GB a month, three months of them kept.
    found = month()
    assert found.records == 2_592_000
    assert found.gb == pytest.approx(D("55.589"), abs=D("0.001"))
    assert found.gb_months == 3 * found.gb
    assert found.first_gb_months == found.gb / 2
    assert found.files == 2 * 720 * 60


@pytest.mark.parametrize(
    ("retention_h", "steady", "first"),
    [
        # Half a month: the store has grown after it, and stays: 1/2 - 1/8.
        (360, "0.5", "0.375"),
        (720, "1", "0.5"),
        (7200, "10", "0.5"),
        (72, "0.1", "0.095"),
    ],
    ids=["half a month", "a month", "ten months", "three days"],
)
def test_the_store_grows_until_as_much_expires_as_is_written(retention_h, steady, first):
    found = month(capture(retention_h=D(retention_h)))
    assert found.gb_months == found.gb * D(steady)
    assert found.first_gb_months == found.gb * D(first)


def test_the_first_month_is_the_area_under_the_growing_store():
    # Summed hour by hour: what was written in the last 100 h of each hour of the month.
    retention_h, gb_per_hour = 100, month().gb / 720
    stored = [gb_per_hour * (min(hour + D("0.5"), retention_h)) for hour in range(720)]
    found = month(capture(retention_h=D(retention_h)))
    assert float(found.first_gb_months) == pytest.approx(float(sum(stored) / 720), rel=1e-6)


def test_a_file_has_a_record_at_least():
    assert month(invocations="1000").files == 100
    assert month(invocations="0").files == 0


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"share": D(0)}, "captures nothing"),
        ({"share": D("1.01")}, "captures nothing"),
        ({"share": D("0.005")}, "whole percents"),
        ({"retention_h": D(0)}, "no time at all"),
        ({"files_per_hour": D(0)}, "no rate of files"),
        ({"files_per_hour": D("Infinity")}, "no rate of files"),
    ],
)
def test_what_makes_no_sense_is_refused(changes, cause):
    with pytest.raises(UsageError, match=cause):
        capture(**changes)


def tariff(found):
    return Tariff(instance_type="ml.m5.xlarge", usd_per_hour=D("0.23"), capture=found)


def bill(found, invocations="25920000"):
    return monthly_cost(
        tariff(found), instance_hours=D(1440), invocations=D(invocations), hours_per_month=MONTH
    )


def test_the_bill_has_the_steady_state():
    storage, puts = bill(capture()).lines[1:]
    assert (storage.name, storage.unit) == ("Data capture, S3 storage", "GB-Mo")
    assert (storage.usd, puts.usd) == (D("3.84"), D("0.43"))
    assert (puts.quantity, puts.unit) == (D(86_400), "request")


def test_kms_is_a_request_for_every_file():
    found = capture(with_kms=True, usd_per_kms_request=D("0.000003"))
    assert bill(found).lines[-1].name == "Data capture, KMS"
    assert bill(found).lines[-1].usd == D("0.26")


@pytest.mark.parametrize("missing", ["usd_per_gb_month", "usd_per_put"])
def test_a_line_without_a_known_rate_has_no_price_and_is_in_no_total(missing):
    whole, found = bill(capture()), bill(capture(**{missing: None}))
    (line,) = found.unpriced
    assert {line.name} == {each.name for each in whole.lines} - {each.name for each in found.lines}
    assert found.usd < whole.usd
    assert found.all_lines[-1] is line


def test_first_month_and_steady_state_differ_in_what_is_stored_alone():
    steady, first = capture_cases(
        capture(), instance_hours=D(1440), invocations=D(25_920_000), hours_per_month=MONTH
    )
    assert steady.lines[1] == first.lines[1]
    assert abs(steady.lines[0].quantity - 6 * first.lines[0].quantity) < D("0.001")


def share_at(part, found=None, *, rest="339.90", invocations="25920000", hours="1440"):
    return share_at_part_of_bill(
        found or capture(),
        D(part),
        rest_usd=D(rest),
        instance_hours=D(hours),
        invocations=D(invocations),
        hours_per_month=MONTH,
    )


def test_the_share_that_makes_up_five_percent_of_the_bill():
    assert share_at("0.05") == pytest.approx(D("0.45514"), abs=D("0.00001"))


def test_not_even_every_request_may_make_up_half_of_the_bill():
    assert share_at("0.5") is None


@pytest.mark.parametrize(
    "found",
    [
        capture(usd_per_gb_month=None),
        capture(usd_per_put=None),
        capture(with_kms=True),
    ],
)
def test_without_a_rate_the_share_is_not_known(found):
    assert share_at("0.05", found) is None


def test_where_nothing_is_asked_no_share_costs_anything():
    assert share_at("0.05", invocations="0") is None


@pytest.mark.parametrize("part", ["0", "1", "1.5"])
def test_capture_cannot_be_the_whole_bill(part):
    with pytest.raises(UsageError, match="part of"):
        share_at(part)


@given(
    st.decimals("0.001", "0.5", places=3),
    st.decimals("1", "1000", places=2),
    st.integers(1, 10**8),
    st.booleans(),
)
def test_at_that_share_capture_makes_up_that_part(part, rest, invocations, kms):
    found = capture(with_kms=kms, usd_per_kms_request=D("0.000003"))
    share = share_at(str(part), found, rest=str(rest), invocations=str(invocations))
    if share is None:
        share, below = D(1), True
    else:
        below = False
    records = share * invocations
    stored = records * found.record_bytes / 2**30 * 3 * D("0.023")
    per_file = D("0.000005") + (D("0.000003") if kms else 0)
    cost = stored + min(D(86_400), records) * per_file
    if below:
        assert cost < part * (cost + rest) * D("1.000001")
    else:
        assert float(cost / (cost + rest)) == pytest.approx(float(part))
