"""Opening a text file of any size as a stream; damage is told when the reading gets there.

For files too long for :func:`smcost.read.text_file.read_text`, and with its kinds of errors.
"""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from smcost.errors import InputError

_BUFFER_BYTES = 2**20
_GZIP = b"\x1f\x8b"


class _Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _TextBytes(io.RawIOBase):
    """Bytes on their way to the parser; damage shows here, however late in the file."""

    def __init__(self, source: _Source, place: str) -> None:
        super().__init__()
        self._source = source
        self._place = place
        self._begun = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        try:
            data = self._source.read(len(buffer))
        except (EOFError, zlib.error, OSError) as error:
            raise InputError(
                f"The file cannot be read to its end ({error})",
                remedy="Fetch or compress it again",
                place=self._place,
            ) from error
        if not self._begun:
            self._begun = True
            _refuse_by_name(data, self._place)
        if b"\x00" in data:
            raise InputError(
                "There is a NUL byte, so this is no text file",
                remedy="Give a UTF-8 CSV file; a spreadsheet must be exported first",
                place=self._place,
            )
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def open_text(path: Path) -> Iterator[io.TextIOWrapper]:
    """Open a UTF-8 file, plain or gzipped: told by its first bytes, not by its name.

    Raises
    ------
    InputError
        Parquet, UTF-16, a name in .gz without gzip inside; while reading also a damaged gzip
        stream, a NUL byte, bytes that are no UTF-8.
    """
    place = str(path)
    with path.open("rb") as file:
        zipped = file.peek(2).startswith(_GZIP)
        if path.suffix.lower() == ".gz" and not zipped:
            raise InputError(
                "The name ends in .gz but the content is no gzip",
                remedy="Drop .gz from the name, or compress it again",
                place=place,
            )
        source: _Source = gzip.GzipFile(fileobj=file) if zipped else file
        content = io.BufferedReader(_TextBytes(source, place), _BUFFER_BYTES)
        try:
            yield io.TextIOWrapper(content, encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(
                f"Byte 0x{error.object[error.start]:02x} is not UTF-8",
                remedy="Save the file as UTF-8",
                place=place,
            ) from error


def _refuse_by_name(beginning: bytes, place: str) -> None:
    if beginning.startswith(b"PAR1"):
        raise InputError(
            "Parquet is not read from a pipe, nor out of a gzip",
            remedy="Name the Parquet file itself, or convert it to CSV",
            place=place,
        )
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(
            "The file is UTF-16, and UTF-8 is wanted",
            remedy="Save it as UTF-8 (in Excel: CSV UTF-8)",
            place=place,
        )
