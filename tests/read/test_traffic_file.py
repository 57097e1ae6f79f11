"""What a traffic file is, is told by its content; a pipe is read once."""

import gzip
import io
import json
import os
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.errors import InputError
from smcost.read.reread import Reread
from smcost.read.traffic_csv import read_traffic
from smcost.read.traffic_file import Reading, read_traffic_file
from smcost.remarks import WarningCode

T0 = 1_704_067_200  # 2024-01-01T00:00Z
CSV = (
    "timestamp,invocations\n2024-01-01T00:00:00Z,5\n2024-01-01T00:01:00Z,\n2024-01-01T00:02:00Z,7\n"
)
SAVED = json.dumps(
    {
        "Label": "Invocations",
        "Datapoints": [
            {"Timestamp": T0, "Sum": 5.0},
            {"Timestamp": T0 + 60, "Sum": 2.0},
            {"Timestamp": T0 + 120, "Sum": 7.0},
        ],
    }
)
CLF = '192.0.2.7 - - [01/Jan/2024:00:00:01 +0000] "GET / HTTP/1.1" 200 5 x\n'
#: Content -> total.
KINDS = {"csv": (CSV, 12), "json": (SAVED, 14), "log": (CLF, 1)}


@pytest.fixture
def write(tmp_path):
    def write_file(content: str | bytes, name: str = "traffic"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


@pytest.mark.parametrize("pack", [str.encode, lambda text: gzip.compress(text.encode())])
@pytest.mark.parametrize("blank", ["", "\n \n"], ids=["at once", "after blank lines"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_content_says_what_it_is(write, kind, blank, pack):
    content, total = KINDS[kind]
    path = write(pack(blank + content), "x.gz" if pack is not str.encode else "x.csv")
    assert read_traffic_file(path).trace.total == total


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes")
def test_a_pipe_is_read_to_its_end(tmp_path, kind):
    content, total = KINDS[kind]
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def write_slowly():
        with pipe.open("wb", buffering=0) as end:
            for at in range(0, len(content), 7):
                end.write(content[at : at + 7].encode())

    writer = threading.Thread(target=write_slowly)
    writer.start()
    assert read_traffic_file(pipe).trace.total == total
    writer.join()


def test_a_csv_is_read_as_by_itself(write):
    path = write(CSV)
    found = read_traffic_file(path)
    trace, caveats = read_traffic(path)
    assert found.trace.invocations.tolist() == trace.invocations.tolist()
    assert found.trace.present.tolist() == [True, False, True]
    assert list(found.caveats) == caveats
    assert found.source == ""


def test_notes_above_the_header_become_the_source(write):
    notes = (
        "# source: CloudWatch\n# endpoint: churn\n# variant: A\n# region: eu-west-1\n# note: x\n"
    )
    assert read_traffic_file(write(notes + CSV)).source == (
        "CloudWatch, endpoint churn, variant A, eu-west-1"
    )


def test_an_empty_file_and_a_blank_one_are_refused(write):
    for content in ("", "\n\n", " "):
        with pytest.raises(InputError, match="empty"):
            read_traffic_file(write(content))


@pytest.mark.parametrize(
    ("how", "flag"), [({"period_s": 60}, "--period"), ({"metric_id": "x"}, "--metric-id")]
)
def test_a_csv_has_neither_period_nor_metrics(write, how, flag):
    with pytest.raises(InputError) as caught:
        read_traffic_file(write(CSV), Reading(**how))
    assert caught.value.remedy == f"Leave {flag} out"


# --- looking first ----------------------------------------------------------------------------


@given(text=st.text("ab\n ", max_size=40), sizes=st.lists(st.integers(0, 9), max_size=20))
def test_looking_at_the_beginning_loses_nothing(text, sizes):
    reread, found = Reread(io.StringIO(text)), ""
    lines = [line for line in io.StringIO(text) if line.strip()]
    assert reread.beginning == (lines[0] if lines else "")
    for size in sizes:
        piece = reread.readline(size) if size % 2 else reread.read(size)
        assert len(piece) <= size
        found += piece
    assert found + reread.read() == text


@given(text=st.text("ab\n ", max_size=40))
def test_lines_are_those_of_the_text(text):
    assert list(Reread(io.StringIO(text))) == list(io.StringIO(text))


def test_a_first_line_that_is_very_long_is_not_held_whole():
    text = "x" * 200_000 + "\nend"
    reread = Reread(io.StringIO(text))
    assert len(reread.beginning) < 100_000
    assert reread.readline() + reread.readline() == text


# --- Parquet ----------------------------------------------------------------------------------


@pytest.fixture
def parquet(tmp_path):
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is an optional extra")
    from pyarrow import parquet as format_

    def write_table(name="t.parquet", **columns):
        path = tmp_path / name
        format_.write_table(pyarrow.table(columns), path, row_group_size=2)
        return path

    return write_table


def test_parquet_without_pyarrow_says_what_to_install(write, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(InputError) as caught:
        read_traffic_file(write(b"PAR1\x00\x00"))
    assert "smcost[parquet]" in caught.value.remedy


MOMENTS = [T0, T0 + 60, T0 + 120]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", None])
def test_times_of_every_unit_and_zone_are_read(parquet, unit, zone):
    import pyarrow as pa

    factor = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    stamps = pa.array([at * factor for at in MOMENTS], pa.timestamp(unit, zone))
    found = read_traffic_file(parquet(timestamp=stamps, invocations=[5, None, 7]))
    assert found.trace.start_s == T0
    assert found.trace.invocations.tolist() == [5, 0, 7]
    assert found.trace.present.tolist() == [True, False, True]
    naive = [WarningCode.NAIVE_TIMES] if zone is None else []
    assert [caveat.code for caveat in found.caveats] == naive


@pytest.mark.parametrize(
    "stamps",
    [MOMENTS, [1000 * at for at in MOMENTS], [f"2024-01-01T00:0{n}:00Z" for n in range(3)]],
    ids=["epoch", "ms", "text"],
)
def test_epochs_and_texts_are_read_as_in_a_csv(parquet, stamps):
    path = parquet(note=["a", "b", "c"], rps=[0.5, 0.25, 1.0], Timestamp=stamps)
    assert read_traffic_file(path).trace.invocations.tolist() == [30, 15, 60]


def test_single_requests_are_counted(parquet):
    path = parquet(timestamp=[T0 + 1.5, T0 + 2.5, T0 + 61.0])
    found = read_traffic_file(path, Reading(requests=True))
    assert found.trace.invocations.tolist() == [2, 1]
    with pytest.raises(InputError, match="Wanted a column invocations or rps"):
        read_traffic_file(path)


@pytest.mark.parametrize(
    ("columns", "cause", "place"),
    [
        ({"timestamp": MOMENTS, "count": [1, 2, 3]}, "a column 'count'", ""),
        ({"timestamp": MOMENTS, "invocations": ["1", "x", "3"]}, "no number", "row 2"),
        ({"timestamp": [T0, None, T0 + 120], "invocations": [1, 2, 3]}, "no time", "row 2"),
        ({"timestamp": MOMENTS, "invocations": [True, False, True]}, "holds bool", "invocations"),
        ({"timestamp": [b"x"] * 3, "invocations": [1, 2, 3]}, "holds binary", "timestamp"),
        ({"timestamp": MOMENTS, "invocations": [1, -2, 3]}, "no count", "row 2"),
    ],
)
def test_a_wrong_table_is_refused_as_a_csv_is(parquet, columns, cause, place):
    with pytest.raises(InputError) as caught:
        read_traffic_file(parquet(**columns))
    assert cause in caught.value.cause
    assert place in (caught.value.place or "")


def test_a_damaged_parquet_file_is_refused(parquet):
    path = parquet(timestamp=MOMENTS, invocations=[1, 2, 3])
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(InputError, match="Parquet file cannot be read"):
        read_traffic_file(path)


def test_parquet_of_no_rows_is_refused(parquet):
    import pyarrow as pa

    empty = pa.array([], pa.int64())
    with pytest.raises(InputError, match="no rows"):
        read_traffic_file(parquet(timestamp=empty, invocations=empty))


def test_the_documentation_names_every_kind():
    page = (Path(__file__).resolve().parents[2] / "docs" / "traffic.md").read_text(encoding="utf-8")
    for kind in ("get-metric-data", "get-metric-statistics", "Parquet", "Application Load Balancer",
                 "API Gateway"):  # fmt: skip
        assert kind in page
