"""A stream of text is opened by its content, and damage is told when it is reached."""

import gzip

import pytest

from smcost.errors import InputError
from smcost.read.text_stream import open_text

TEXT = "é,1\n" * 300_000  # longer than one buffer


@pytest.fixture
def write(tmp_path):
    def write_file(content: bytes, name: str = "t.csv"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write_file


def test_plain_and_gzipped_files_give_the_same_text(write):
    for content in (TEXT.encode(), gzip.compress(TEXT.encode())):
        with open_text(write(content)) as text:
            assert text.read() == TEXT


def test_several_gzips_in_one_file_are_read_as_one_text(write):
    with open_text(write(gzip.compress(b"a\n") + gzip.compress(b"b\n"))) as text:
        assert text.read() == "a\nb\n"


def test_what_comes_before_the_damage_can_be_read(write):
    with open_text(write(b"a,1\n" * 400_000 + b"\x00")) as text:
        assert text.readline() == "a,1\n"
        with pytest.raises(InputError, match="NUL"):
            text.read()


def test_an_error_of_the_reader_passes_unchanged(write):
    with pytest.raises(ZeroDivisionError), open_text(write(b"a\n")):
        raise ZeroDivisionError


def test_every_refusal_names_the_file_and_a_remedy(write):
    path = write(b"\xff\xfea\x00")
    with pytest.raises(InputError) as caught, open_text(path) as text:
        text.read()
    assert caught.value.place == str(path)
    assert caught.value.remedy
