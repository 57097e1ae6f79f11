"""Every way a file can fail to be text has its own sentence."""

import codecs
import gzip
import os

import pytest

from smcost.errors import InputError
from smcost.read.text_file import check_readable, read_text


def refusal(path) -> InputError:
    with pytest.raises(InputError) as caught:
        read_text(path)
    assert caught.value.exit_code == 3
    assert str(path) in (caught.value.place or "")
    return caught.value


def test_text_comes_back_as_written_with_its_line_ends(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("a,b\r\n1,ü\n".encode())
    assert read_text(path) == "a,b\r\n1,ü\n"


def test_a_byte_order_mark_is_dropped(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(codecs.BOM_UTF8 + b"a,b\n")
    assert read_text(path) == "a,b\n"


def test_gzip_is_recognised_by_content_and_not_by_name(tmp_path):
    path = tmp_path / "named_like_text.csv"
    path.write_bytes(gzip.compress(codecs.BOM_UTF8 + b"a,b\n"))
    assert read_text(path) == "a,b\n"


def test_a_missing_file_is_named(tmp_path):
    assert "no such file" in refusal(tmp_path / "absent.csv").cause


def test_a_folder_is_refused(tmp_path):
    assert "folder" in refusal(tmp_path).cause


def test_a_path_through_a_file_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("a\n")
    assert "cannot be opened" in refusal(tmp_path / "a.csv" / "b.csv").cause


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file"
)
def test_a_file_without_read_permission_is_refused(tmp_path):
    path = tmp_path / "secret.csv"
    path.write_text("a\n")
    path.chmod(0)
    assert "may not be read" in refusal(path).cause


@pytest.mark.parametrize("content", [b"", b" \n\n", codecs.BOM_UTF8, gzip.compress(b"", mtime=0)])
def test_a_file_with_nothing_in_it_is_refused(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert "empty" in refusal(path).cause


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_named_as_such(tmp_path, encoding):
    path = tmp_path / "a.csv"
    path.write_bytes("\ufeffa,b\n".encode(encoding))
    assert "UTF-16" in refusal(path).cause


def test_a_nul_byte_marks_a_binary_file(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,\x002\n")
    assert "NUL byte at offset 6" in refusal(path).cause


def test_a_byte_that_is_no_utf_8_is_placed_on_its_row(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,caf\xe9\n")
    error = refusal(path)
    assert "0xe9" in error.cause
    assert error.place == f"{path}, row 2"


@pytest.mark.parametrize("spoil", [lambda z: z[:-9], lambda z: z[:12] + b"?" * 9 + z[21:]])
def test_a_damaged_gzip_stream_is_refused(tmp_path, spoil):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(spoil(gzip.compress(b"timestamp,invocations\n" * 50)))
    assert "gzip stream is damaged" in refusal(path).cause


def test_check_readable_passes_a_good_file_and_stops_at_a_missing_one(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a\n")
    check_readable(path)
    with pytest.raises(InputError, match="no such file"):
        check_readable(tmp_path / "b.csv")


def test_a_path_with_a_nul_is_an_input_error_too(tmp_path):
    with pytest.raises(InputError, match="cannot be opened"):
        check_readable(tmp_path / "a\x00b")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_can_be_read(tmp_path):
    read_end, write_end = os.pipe()
    os.write(write_end, b"a,b\n")
    os.close(write_end)
    path = type(tmp_path)(f"/dev/fd/{read_end}")
    if not path.exists():
        os.close(read_end)
        pytest.skip("no /dev/fd on this system")
    try:
        assert read_text(path) == "a,b\n"
    finally:
        os.close(read_end)
