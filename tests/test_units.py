"""Durations, sizes and shares carry their unit; a bare number is refused with the remedy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.errors import UsageError
from smcost.units import (
    BYTES_PER_GB,
    DEFAULT_HOURS_PER_MONTH,
    SECONDS_PER_DAY,
    SECONDS_PER_HOUR,
    parse_duration_s,
    parse_share,
    parse_size_bytes,
    per_minute,
    per_second,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("45ms", 0.045),
        ("1.5s", 1.5),
        ("5min", 300),
        ("5m", 300),
        ("2h", 7_200),
        ("14d", 1_209_600),
        (" 90 s ", 90),
        (".5s", 0.5),
        ("1e3ms", 1.0),
        ("2H", 7_200),
        ("5MS", 0.005),
        ("0", 0),
        ("0ms", 0),
    ],
)
def test_a_duration_is_read_in_seconds(text, seconds):
    assert parse_duration_s(text, "--startup-time") == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "bytes_"),
    [("20KB", 20_480), ("1.5MB", 1_572_864), ("1gib", 2**30), ("7 B", 7), ("0.5KiB", 512)],
)
def test_a_size_is_read_in_powers_of_1024(text, bytes_):
    assert parse_size_bytes(text, "--payload-in") == bytes_


@pytest.mark.parametrize(
    ("text", "share"), [("10%", 0.1), ("0.1 %", 0.001), ("100%", 1.0), ("0%", 0.0)]
)
def test_a_share_is_read_as_a_fraction(text, share):
    assert parse_share(text, "--max-failed") == pytest.approx(share)


@pytest.mark.parametrize(
    ("parse", "text", "cause"),
    [
        (parse_duration_s, "300", "has no unit"),
        (parse_duration_s, "3 weeks", r"has no known unit \(weeks\)"),
        (parse_duration_s, "-5s", "is negative"),
        (parse_duration_s, "soon", "is not a number with a unit"),
        (parse_duration_s, "", "is not a number with a unit"),
        (parse_duration_s, "nan s", "is not a number with a unit"),
        (parse_duration_s, "1s 2s", "is not a number with a unit"),
        (parse_size_bytes, "20", "has no unit"),
        (parse_size_bytes, "20 kbit", "has no known unit"),
        (parse_size_bytes, "-1KB", "is negative"),
        (parse_share, "0.1", "has no percent sign"),
        (parse_share, "101%", "is outside"),
        (parse_share, "-1%", "is outside"),
    ],
)
def test_what_cannot_be_meant_is_refused_naming_the_flag_and_a_remedy(parse, text, cause):
    with pytest.raises(UsageError, match=cause) as refusal:
        parse(text, "--flag")
    assert refusal.value.place == "--flag"
    assert repr(text) in refusal.value.cause
    assert refusal.value.remedy


@pytest.mark.parametrize("text", ["1e400s", "-1e400ms", "1e300d"])
def test_an_endless_duration_is_refused(text):
    with pytest.raises(UsageError, match="too large"):
        parse_duration_s(text, "--timeout")


@pytest.mark.parametrize("text", ["1e400GB", "1e308GB"])
def test_an_endless_size_is_refused(text):
    with pytest.raises(UsageError, match="too large"):
        parse_size_bytes(text, "--payload-in")


def test_an_endless_share_is_refused():
    with pytest.raises(UsageError, match="too large"):
        parse_share("1e400%", "--max-failed")


@given(st.floats(0, 1e6), st.sampled_from(["ms", "s", "min", "h", "d"]))
def test_a_duration_scales_with_its_unit(value, unit):
    one_s = parse_duration_s(f"1{unit}", "--timeout")
    assert parse_duration_s(f"{value!r}{unit}", "--timeout") == pytest.approx(value * one_s)


@given(st.floats(0, 1e9))
def test_a_rate_per_minute_and_back_is_the_same(rate):
    assert per_minute(per_second(rate)) == pytest.approx(rate)


def test_ten_a_second_are_six_hundred_a_minute():
    assert per_minute(10) == 600
    assert per_second(600) == 10


def test_a_month_is_thirty_days_of_24_hours():
    assert DEFAULT_HOURS_PER_MONTH * SECONDS_PER_HOUR == 30 * SECONDS_PER_DAY
    assert parse_size_bytes("1GB", "--payload-in") == BYTES_PER_GB
