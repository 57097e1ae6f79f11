"""Opening a text file a user named, with one clear error for each way it can fail."""

import gzip
import zlib
from pathlib import Path

from smcost.errors import InputError

_GZIP_MAGIC = b"\x1f\x8b"
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


def check_readable(path: Path) -> None:
    """Refuse a path that is missing, is no ordinary file, may not be read, or is empty.

    A pipe (``/dev/stdin``, ``<(aws ...)``) is accepted; whether it is empty shows when it is read.

    Raises
    ------
    InputError
    """
    place = str(path)
    try:
        size_bytes = path.stat().st_size
        if path.is_dir():
            raise InputError("This is a folder", remedy="Name a file inside it", place=place)
        if path.is_file():
            with path.open("rb"):
                pass
    except (OSError, ValueError) as error:
        raise _unopened(path, error) from error
    if path.is_file() and size_bytes == 0:
        raise _empty(place)


def read_text(path: Path) -> str:
    r"""Read a whole UTF-8 file, plain or gzipped, and return its text.

    Compression is recognised by content, not by name; a byte order mark is dropped; line ends are
    kept, so that :mod:`csv` sees what was written.

    Raises
    ------
    InputError
        As :func:`check_readable`; also a damaged gzip stream, UTF-16, NUL bytes (a binary file),
        bytes that are no UTF-8, or nothing but white space.
    """
    check_readable(path)
    place = str(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unopened(path, error) from error
    if content.startswith(_GZIP_MAGIC):
        content = _gunzip(content, place)
    text = _decode(content, place)
    if not text.strip():
        raise _empty(place)
    return text


def _gunzip(content: bytes, place: str) -> bytes:
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            f"The gzip stream is damaged or cut off ({error})",
            remedy="Fetch or compress the file again",
            place=place,
        ) from error


def _decode(content: bytes, place: str) -> str:
    if content.startswith(_UTF16_BOMS):
        raise InputError(
            "The file is UTF-16, and UTF-8 is wanted",
            remedy="Save it as UTF-8 (in Excel: CSV UTF-8)",
            place=place,
        )
    content = content.removeprefix(_UTF8_BOM)
    if (nul_at := content.find(b"\x00")) >= 0:
        raise InputError(
            f"There is a NUL byte at offset {nul_at}, so this is no text file",
            remedy="Give a UTF-8 text file; a spreadsheet must be exported first",
            place=place,
        )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"Byte 0x{content[error.start]:02x} is not UTF-8",
            remedy="Save the file as UTF-8",
            place=f"{place}, row {row}",
        ) from error


def _empty(place: str) -> InputError:
    return InputError(
        "The file is empty", remedy="Check the command that should have filled it", place=place
    )


def _unopened(path: Path, error: OSError | ValueError) -> InputError:
    """Translate the operating system's refusal; a path with a NUL gives ValueError."""
    place = str(path).replace("\x00", "\\0")
    if isinstance(error, FileNotFoundError):
        looked = "" if path.is_absolute() else "; it was looked for from the current folder"
        remedy = f"Check the path{looked}"
        return InputError("There is no such file", remedy=remedy, place=place)
    if isinstance(error, PermissionError):
        return InputError(
            "The file may not be read", remedy="Grant read permission or copy it", place=place
        )
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return InputError(f"The file cannot be opened ({reason})", remedy="Check the path", place=place)
