"""A traffic CSV is read as it was meant, or refused with file, row, column, found and wanted."""

import gzip
from datetime import UTC, datetime

import numpy as np
import pytest

from smcost.errors import InputError
from smcost.read import traffic_csv
from smcost.read.traffic_csv import read_traffic
from smcost.remarks import WarningCode

T0 = 1_704_067_200  # 2024-01-01T00:00Z
THREE_MINUTES = (
    "timestamp,invocations\n"
    "2024-01-01T00:00:00Z,5\n"
    "2024-01-01T00:01:00Z,0\n"
    "2024-01-01T00:02:00Z,7\n"
)


@pytest.fixture
def write(tmp_path):
    def write_file(content: str | bytes, name: str = "t.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


def refusal(path, **options) -> InputError:
    with pytest.raises(InputError) as caught:
        read_traffic(path, **options)
    assert str(path) in (caught.value.place or "")
    return caught.value


def codes(caveats):
    return [caveat.code for caveat in caveats]


def place_of(error, path) -> str:
    return error.place.removeprefix(f"{path}, ")


# --- what is read -----------------------------------------------------------------------------


def test_counts_per_minute_are_read(write):
    trace, caveats = read_traffic(write(THREE_MINUTES))
    assert (trace.start_s, trace.step_s, trace.invocations.tolist()) == (T0, 60, [5, 0, 7])
    assert caveats == []


def test_rates_are_multiplied_by_the_step(write):
    text = THREE_MINUTES.replace("invocations", "rps")
    assert read_traffic(write(text))[0].invocations.tolist() == [300, 0, 420]


def test_header_names_may_be_padded_quoted_and_in_capitals(write):
    text = THREE_MINUTES.replace("timestamp,invocations", ' "Timestamp" , INVOCATIONS ')
    assert read_traffic(write(text))[0].total == 12


def test_columns_may_come_in_any_order_with_others_between(write):
    text = 'invocations,note,timestamp\n5,"a, b",2024-01-01T00:00:00Z\n7,,2024-01-01T00:01:00Z\n'
    assert read_traffic(write(text))[0].invocations.tolist() == [5, 7]


def test_cells_may_be_padded(write):
    text = "timestamp, invocations\n 2024-01-01T00:00:00Z , 5 \n 2024-01-01T00:01:00 , 7 \n"
    trace, caveats = read_traffic(write(text))
    assert (trace.start_s, trace.invocations.tolist()) == (T0, [5, 7])
    assert codes(caveats) == [WarningCode.NAIVE_TIMES]


@pytest.mark.parametrize("line_end", ["\r\n", "\r"], ids=["windows", "old mac"])
def test_line_ends_of_other_systems_are_read(write, line_end):
    assert read_traffic(write(THREE_MINUTES.replace("\n", line_end)))[0].total == 12


def test_a_byte_order_mark_is_no_part_of_the_header(write):
    assert read_traffic(write(b"\xef\xbb\xbf" + THREE_MINUTES.encode()))[0].total == 12


def test_a_gzip_is_read_with_its_name(write):
    path = write(gzip.compress(THREE_MINUTES.encode()), "t.csv.gz")
    assert read_traffic(path)[0].total == 12


def test_a_gzip_is_read_without_its_name(write):
    assert read_traffic(write(gzip.compress(THREE_MINUTES.encode())))[0].total == 12


def test_unsorted_rows_duplicates_and_fractions_are_mentioned(write):
    text = (
        "timestamp,invocations\n2024-01-01T00:01:00Z,1.5\n2024-01-01T00:00:00Z,1.5\n"
        "2024-01-01T00:02:00Z,2\n2024-01-01T00:02:00Z,2\n"
    )
    trace, caveats = read_traffic(write(text))
    assert trace.total == 5
    assert codes(caveats) == [
        WarningCode.UNSORTED,
        WarningCode.DUPLICATES,
        WarningCode.COUNTS_ROUNDED,
    ]


def test_an_empty_count_is_an_absent_step_and_not_a_zero(write):
    trace, _ = read_traffic(write(THREE_MINUTES.replace(":00Z,0", ":00Z,")))
    assert trace.present.tolist() == [True, False, True]


def test_a_file_read_in_several_chunks_is_the_same(write, monkeypatch):
    lines = [f"{T0 + 60 * i},{i}" for i in range(100)]
    path = write("timestamp,invocations\n" + "\n".join(lines))
    whole, _ = read_traffic(path)
    monkeypatch.setattr(traffic_csv, "_CHUNK_ROWS", 7)
    pieces, _ = read_traffic(path)
    assert pieces.invocations.tolist() == whole.invocations.tolist() == list(range(100))


def test_rows_are_numbered_right_in_every_chunk(write, monkeypatch):
    monkeypatch.setattr(traffic_csv, "_CHUNK_ROWS", 7)
    lines = [f"{T0 + 60 * i},{i}" for i in range(100)]
    lines[48] = f"{T0 + 60 * 48},many"
    path = write("timestamp,invocations\n" + "\n".join(lines))
    assert place_of(refusal(path), path) == "row 50, column invocations"


# --- times ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "2024-01-01T00:0{}:00Z",
        "2024-01-01 00:0{}:00+00:00",
        "2024-01-01T05:3{}:00+05:30",
        "2023-12-31T19:0{}:00.000000-0500",
        "20240101T000{}00Z",
    ],
)
def test_iso_times_with_a_zone_are_read(write, written):
    lines = [f"{written.format(minute)},1" for minute in range(3)]
    trace, caveats = read_traffic(write("timestamp,invocations\n" + "\n".join(lines)))
    assert (trace.start_s, trace.step_s) == (T0, 60)
    assert caveats == []


@pytest.mark.parametrize("written", ["2024-01-01T00:0{}:00", "2024-01-01 00:0{}", "2024-01-0{}"])
def test_times_without_a_zone_are_utc_and_mentioned(write, written):
    lines = [f"{written.format(n)},1" for n in (1, 2, 3)]
    trace, caveats = read_traffic(write("timestamp,invocations\n" + "\n".join(lines)))
    assert trace.start_s % 60 == 0
    assert caveats[0].code == WarningCode.NAIVE_TIMES
    assert caveats[0].message.startswith("3 times in ")


def test_zones_may_change_within_a_file_as_they_do_in_autumn(write):
    text = (
        "timestamp,invocations\n2024-10-27T02:59:00+02:00,1\n"
        "2024-10-27T02:00:00+01:00,2\n2024-10-27T02:01:00+01:00,3\n"
    )
    trace, caveats = read_traffic(write(text))
    assert trace.invocations.tolist() == [1, 2, 3]
    assert caveats == []


@pytest.mark.parametrize("per_second", [1, 10**3, 10**6, 10**9], ids=["s", "ms", "us", "ns"])
@pytest.mark.parametrize("year", [1981, 2024, 2199])
def test_epoch_times_are_read_in_the_unit_their_magnitude_tells(write, per_second, year):
    start_s = int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
    lines = [f"{(start_s + 60 * i) * per_second},{i}" for i in range(4)]
    trace, _ = read_traffic(write("timestamp,invocations\n" + "\n".join(lines)))
    assert (trace.start_s, trace.step_s) == (start_s, 60)


def test_epoch_times_may_have_a_fraction(write):
    lines = [f"{T0 + 10 * i}.0,1" for i in range(4)]
    assert read_traffic(write("timestamp,invocations\n" + "\n".join(lines)))[0].step_s == 10


# --- requests ---------------------------------------------------------------------------------


def test_requests_are_counted_per_minute(write):
    text = (
        "timestamp,tokens\n2024-01-01T00:00:59.9Z,1\n2024-01-01T00:00:00.1Z,2\n"
        "2024-01-01T00:03:10Z,3\n"
    )
    trace, caveats = read_traffic(write(text), requests=True)
    assert (trace.start_s, trace.step_s, trace.invocations.tolist()) == (T0, 60, [2, 0, 0, 1])
    assert caveats == []


def test_a_file_of_times_alone_is_refused_without_requests(write):
    error = refusal(write("timestamp\n2024-01-01T00:00:00Z\n"))
    assert "--requests" in error.remedy


def test_a_file_of_counts_is_refused_with_requests(write):
    assert "column invocations" in refusal(write(THREE_MINUTES), requests=True).cause


def test_a_request_without_a_time_is_refused(write):
    path = write("timestamp,tokens\n2024-01-01T00:00:00Z,1\n,2\n")
    error = refusal(path, requests=True)
    assert place_of(error, path) == "row 3, column timestamp"


# --- rows that are refused --------------------------------------------------------------------


@pytest.mark.parametrize("count", ["NaN", "inf", "-3", "many", "True", "0x10", "1_000", "-inf"])
def test_a_count_that_is_none_is_refused_with_row_and_column(write, count):
    path = write(THREE_MINUTES.replace("00:01:00Z,0", f"00:01:00Z,{count}"))
    error = refusal(path)
    assert place_of(error, path) == "row 3, column invocations"
    assert error.cause.startswith("Found ")


def test_a_column_of_truth_values_is_no_column_of_counts(write):
    path = write("timestamp,invocations\n2024-01-01T00:00:00Z,True\n2024-01-01T00:01:00Z,False\n")
    assert refusal(path).cause == "Found 'True', which is no number"


@pytest.mark.parametrize(
    "time", ["now", "today", "yesterday", "01/02/2024", "12:00", "2024-13-01T00:00:00Z", "NaT"]
)
def test_a_time_that_is_none_is_refused_with_row_and_column(write, time):
    path = write(THREE_MINUTES.replace("2024-01-01T00:01:00Z", time))
    error = refusal(path)
    assert place_of(error, path) == "row 3, column timestamp"
    assert error.cause == f"Found {time!r}, which is no time"
    assert "ISO 8601" in error.remedy


def test_words_among_epoch_times_are_refused(write):
    path = write(f"timestamp,invocations\n{T0},1\n{T0 + 60},2\nsoon,3\n")
    assert place_of(refusal(path), path) == "row 4, column timestamp"


def test_a_count_without_a_time_is_refused(write):
    path = write(THREE_MINUTES + ",9\n")
    error = refusal(path)
    assert error.cause == "Found an empty cell, which is no time"
    assert place_of(error, path) == "row 5, column timestamp"


@pytest.mark.parametrize("year", ["1970", "2262", "9999"])
def test_years_that_cannot_be_meant_are_refused(write, year):
    path = write(THREE_MINUTES.replace("2024-01-01T00:01", f"{year}-05-01T00:01"))
    error = refusal(path)
    assert place_of(error, path) == "row 3, column timestamp"


def test_small_numbers_are_no_epoch_times(write):
    assert "the unit or the year looks wrong" in refusal(write("timestamp,rps\n0,1\n60,2\n")).cause


def test_blank_lines_are_skipped_and_still_counted(write):
    lines = THREE_MINUTES.splitlines()
    path = write("\n".join(["", *lines[:2], "", "", *lines[2:], "2024-01-01T00:03:00Z,x", ""]))
    assert place_of(refusal(path), path) == "row 8, column invocations"


def test_blank_lines_alone_are_no_error(write):
    assert read_traffic(write(THREE_MINUTES.replace("\n", "\n\n") + "\n\n"))[0].total == 12


def test_a_decimal_comma_is_not_read_as_another_column(write):
    path = write(THREE_MINUTES.replace(":00Z,0", ":00Z,1,5"))
    error = refusal(path)
    assert "more than the 2 fields" in error.cause
    assert place_of(error, path) == "row 3"


def test_differing_duplicates_are_refused_with_their_rows(write):
    path = write(THREE_MINUTES + "2024-01-01T00:01:00Z,4\n")
    error = refusal(path)
    assert "Rows 3 and 5 have the same time" in error.cause
    assert read_traffic(path, duplicates="sum")[0].invocations.tolist() == [5, 4, 7]


def test_one_row_is_refused(write):
    assert "at least two rows" in refusal(write("timestamp,rps\n2024-01-01T00:00:00Z,5\n")).cause


def test_mixed_steps_are_refused_with_the_row_where_they_change(write):
    stamps = [*range(T0, T0 + 1200, 60), *range(T0 + 1200, T0 + 9000, 300)]
    path = write("timestamp,invocations\n" + "".join(f"{stamp},1\n" for stamp in stamps))
    error = refusal(path)
    assert error.cause.startswith("The step changes to 300 s after 60 s")
    assert place_of(error, path) == "row 23, column timestamp"


def test_an_open_quote_is_refused(write):
    assert "no CSV" in refusal(write(THREE_MINUTES + '2024-01-01T00:03:00Z,"7\n')).cause


# --- headers that are refused -----------------------------------------------------------------


def test_a_file_without_a_header_is_refused_naming_what_stands_there(write):
    error = refusal(write("2024-01-01T00:00:00Z,5\n2024-01-01T00:01:00Z,6\n"))
    assert "found '2024-01-01T00:00:00Z', '5'" in error.cause


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("minute,invocations", "found 'minute', 'invocations'"),
        ("timestamp,load", "found 'timestamp', 'load'"),
        ("timestamp,invocations,rps", "one of invocations or rps"),
        ("timestamp,timestamp,rps", "one column timestamp"),
        ("timestamp,rps,rps", "one of invocations or rps"),
    ],
)
def test_a_wrong_header_is_refused_naming_the_columns_found(write, header, found):
    path = write(THREE_MINUTES.replace("timestamp,invocations", header))
    error = refusal(path)
    assert found in error.cause
    assert place_of(error, path) == "row 1"


def test_a_header_alone_is_refused(write):
    assert refusal(write("timestamp,invocations\n")).cause == "There are no rows"


def test_an_empty_count_in_every_row_is_refused(write):
    path = write("timestamp,rps\n2024-01-01T00:00:00Z,\n2024-01-01T00:01:00Z,\n")
    assert refusal(path).cause == "Every count is empty"


# --- files that are no CSV --------------------------------------------------------------------


@pytest.mark.parametrize("content", ["", "\n  \n"], ids=["no byte", "white space"])
def test_an_empty_file_is_refused(write, content):
    assert refusal(write(content)).cause == "The file is empty"


def test_a_folder_is_refused(tmp_path):
    assert "folder" in refusal(tmp_path).cause


def test_a_missing_file_is_refused(tmp_path):
    assert "no such file" in refusal(tmp_path / "t.csv").cause


def test_a_file_that_may_not_be_read_is_refused(write, monkeypatch):
    def forbidden(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    path = write(THREE_MINUTES)
    monkeypatch.setattr(type(path), "open", forbidden)
    assert "may not be read" in refusal(path).cause


def test_utf_16_is_refused_by_name(write):
    assert "UTF-16" in refusal(write(THREE_MINUTES.encode("utf-16"))).cause
    assert "UTF-16" in refusal(write(gzip.compress(THREE_MINUTES.encode("utf-16")))).cause


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_refused_for_its_nul_bytes(write, encoding):
    assert "NUL" in refusal(write(THREE_MINUTES.encode(encoding))).cause


def test_parquet_is_refused_by_name(write):
    assert "Parquet is not read" in refusal(write(b"PAR1\x15\x04\x15", "t.parquet")).cause


def test_lines_above_the_header_say_where_it_is_from_and_count_as_rows(write):
    above = "# source: CloudWatch\n# note: a: b\n#\n"
    assert read_traffic(write(above + THREE_MINUTES))[0].total == 12
    path = write(above + THREE_MINUTES + "2024-01-01T00:03:00Z,x\n")
    assert place_of(refusal(path), path) == "row 8, column invocations"


def test_a_comment_below_the_header_is_no_row(write):
    path = write(THREE_MINUTES + "# the end,\n")
    assert place_of(refusal(path), path) == "row 5, column timestamp"


def test_parquet_inside_gzip_is_refused_by_name_too(write):
    assert "Parquet" in refusal(write(gzip.compress(b"PAR1\x15\x04"), "t.gz")).cause


def test_binary_content_is_refused(write):
    path = write(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    assert "NUL" in refusal(path).cause


def test_a_nul_byte_far_into_the_file_is_refused(write):
    assert "NUL" in refusal(write(THREE_MINUTES + "2024-01-01T00:03:00Z,1\x002\n")).cause


def test_bytes_that_are_no_utf_8_are_refused_even_far_into_the_file(write):
    lines = "".join(f"{T0 + 60 * i},1,\n" for i in range(100_000))
    path = write(f"timestamp,invocations,note\n{lines}".encode() + b"1,2,\xe9\n")
    assert refusal(path).cause == "Byte 0xe9 is not UTF-8"


def test_a_name_in_gz_without_gzip_inside_is_refused(write):
    assert "no gzip" in refusal(write(THREE_MINUTES, "t.csv.gz")).cause


@pytest.mark.parametrize("missing_bytes", [1, 9, 200])
def test_a_gzip_that_was_cut_off_is_refused(write, missing_bytes):
    rng = np.random.default_rng(seed=5)
    lines = "".join(f"{T0 + 60 * i},{n}\n" for i, n in enumerate(rng.integers(0, 99, 500)))
    whole = gzip.compress(f"timestamp,invocations\n{lines}".encode())
    error = refusal(write(whole[:-missing_bytes], "t.csv.gz"))
    assert "cannot be read to its end" in error.cause


def test_a_gzip_with_a_wrong_check_sum_is_refused(write):
    whole = bytearray(gzip.compress(THREE_MINUTES.encode()))
    whole[-6] ^= 0xFF
    assert "cannot be read to its end" in refusal(write(bytes(whole), "t.csv.gz")).cause
