"""The console: data on stdout or into a file, everything else on stderr."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from smcost.errors import OutputError, SmcostError, UsageError
from smcost.remarks import Caveat


def choose_format(wanted: str, available: Iterable[str]) -> str:
    """The format, if the command has it.

    Raises
    ------
    UsageError
        It has not; those it has are named.
    """
    known = list(available)
    if wanted not in known:
        raise UsageError(
            f"This command has no format {wanted!r}",
            remedy=f"Use one of {', '.join(known)}",
            place="--format",
        )
    return wanted


def table_style() -> tuple[int, bool]:
    """Columns and whether colour may be used: neither wrapping nor colour off a terminal."""
    from smcost.emit.table import UNWRAPPED

    if not sys.stdout.isatty():
        return UNWRAPPED, False
    # Not os.get_terminal_size: some terminals say they have 0 columns.
    return shutil.get_terminal_size().columns, not os.environ.get("NO_COLOR")


def deliver(text: str, output: Path | None) -> None:
    """Print to stdout, or write the file whole or not at all.

    Raises
    ------
    OutputError
        The path cannot be written; whatever was there before is untouched.
    """
    if output is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    write_whole(output, text)


def write_whole(path: Path, text: str) -> None:
    """Write beside, then rename: a reader sees the old file or the new one, never half of one."""
    beside: str | None = None
    try:
        if path.exists() and not path.is_file():
            # A pipe or device cannot be renamed over; a folder is refused by the system.
            path.write_text(text, encoding="utf-8")
            return
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        _keep_mode(path, beside)
        Path(beside).replace(path)
    except OSError as error:
        if beside is not None:
            Path(beside).unlink(missing_ok=True)
        raise OutputError(
            f"The file cannot be written ({error.strerror or error})",
            remedy="Name a file in a folder that exists and may be written to",
            place=str(path),
        ) from error


def _keep_mode(path: Path, beside: str) -> None:
    """mkstemp makes private files: keep the old file's mode, or give what open() would have."""
    if path.exists():
        mode = path.stat().st_mode & 0o7777
    else:
        umask = os.umask(0)
        os.umask(umask)
        mode = 0o666 & ~umask
    Path(beside).chmod(mode)


def say(text: str) -> None:
    """One line on stderr."""
    sys.stderr.write(f"{text}\n")


def warn(caveats: Iterable[Caveat], *, quiet: bool) -> None:
    """Warnings go to stderr in every format; the machine formats carry them too."""
    if not quiet:
        for caveat in caveats:
            say(f"warning [{caveat.code.value}]: {caveat.message}")


def report(error: SmcostError) -> None:
    """Cause and remedy on stderr, never a traceback."""
    place = f"{error.place}: " if error.place else ""
    say(f"error: {place}{error.cause}.")
    say(f"  fix: {error.remedy}.")


@contextmanager
def progress(title: str, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Progress on stderr for whatever takes long; silent off a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.status import Status

    with Status(title, console=Console(stderr=True)) as status:
        yield lambda what: status.update(f"{title}: {what}")
