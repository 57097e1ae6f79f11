"""The console: data on stdout or into a file, everything else on stderr."""

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from smcost.errors import OutputError, SmcostError, UsageError
from smcost.remarks import Caveat

#: Says what is being done, and in its course how far it is: :func:`progress`, or :func:`unseen`.
Stage = Callable[[str], AbstractContextManager[Callable[[str], None]]]
#: Endings that tell a format; the longer of two that fit comes first.
_ENDINGS = {
    ".tfvars.json": "tfvars.json",
    ".tfvars": "tfvars",
    ".json": "json",
    ".csv": "csv",
    ".md": "markdown",
}
#: The ending of a compressed file; the one before it names the format.
_COMPRESSED = ".gz"


def choose_format(
    wanted: str,
    available: Iterable[str],
    *,
    output: Path | None = None,
    chosen: bool = True,
    quiet: bool = False,
) -> str:
    """The format, if the command has it.

    Parameters
    ----------
    wanted, available
        The format by flag or default, and those that the command has.
    output
        Where to; its ending names the format if nobody else does.
    chosen
        Whether somebody chose the format: by flag, environment or settings.
    quiet
        Whether to say nothing of an ending that tells no format.

    Raises
    ------
    UsageError
        The command does not have it; or a table would go where Terraform or a program reads.
    """
    known = list(available)
    meant = None if output is None else _format_of(output)
    if chosen and wanted in ("table", "markdown") and meant not in (None, "markdown"):
        reader = "Terraform" if meant in ("tfvars", "tfvars.json") else "a program"
        raise UsageError(
            f"The format {wanted} is nothing that {reader} can read in {output}",
            remedy=f"Use -f {meant}, or leave -f out, or name another file",
            place="--format",
        )
    found = wanted if chosen or meant is None else meant
    if found not in known:
        raise UsageError(
            f"This command has no format {found!r}"
            + ("" if found == wanted else f", which {output} asks for"),
            remedy=f"Use one of {', '.join(known)}",
            place="--format",
        )
    silent = quiet or chosen or meant is not None
    if output is not None and not silent and _tells_a_format(output):
        say(f"{output}: its ending names no format that is known, so it is written as {found}")
    return found


def _tells_a_format(output: Path) -> bool:
    """Whether a name has an ending of which another content could be expected."""
    ending = Path(output.name.lower().removesuffix(_COMPRESSED)).suffix
    return ending not in ("", ".txt") and not (output.exists() and not output.is_file())


def _format_of(output: Path) -> str | None:
    name = output.name.lower().removesuffix(_COMPRESSED)
    return next((form for ending, form in _ENDINGS.items() if name.endswith(ending)), None)


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
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(
                f"The result cannot be written ({error.strerror or error})",
                remedy="Make room, or name a file with --output",
                place="stdout",
            ) from error
        return
    write_whole(output, text)


def refuse_unwritable(output: Path | None) -> None:
    """Before work that takes long: :func:`deliver` could not write what comes of it.

    Raises
    ------
    OutputError
        A folder, or in one that does not exist or may not be written to.
    """
    if output is None:
        return
    path = output.resolve() if output.is_symlink() else output
    if path.is_dir():
        raise _unwritable(output, os.strerror(errno.EISDIR))
    if path.exists() and not path.is_file():
        return
    if not path.parent.is_dir():
        raise _unwritable(output, os.strerror(errno.ENOENT))
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise _unwritable(output, os.strerror(errno.EACCES))


def _unwritable(path: Path, why: object) -> OutputError:
    return OutputError(
        f"The file cannot be written ({why})",
        remedy="Name a file in a folder that exists and may be written to",
        place=str(path),
    )


def write_whole(path: Path, text: str, *, durable: bool = False) -> None:
    """Write beside, then rename: a reader sees the old file or the new one, never half of one.

    ``durable`` waits until the content is on the disk before the rename, so that not even a power
    failure leaves a renamed file without it. A file whose name ends in ``.gz`` is compressed, and
    equal texts give equal bytes.

    Raises
    ------
    OutputError
        The path cannot be written; whatever was there before is untouched.
    """
    beside: str | None = None
    content = _content(path, text)
    try:
        if path.is_symlink():
            path = path.resolve()
        if path.exists() and not path.is_file():
            # A pipe or device cannot be renamed over; a folder is refused by the system.
            path.write_bytes(content)
            return
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        _keep_mode(path, beside)
        Path(beside).replace(path)
        beside = None
    except OSError as error:
        raise _unwritable(path, error.strerror or error) from error
    finally:
        # Whatever failed, an interrupt included, leaves nothing behind.
        if beside is not None:
            Path(beside).unlink(missing_ok=True)


def _content(path: Path, text: str) -> bytes:
    content = text.encode("utf-8")
    if not path.name.lower().endswith(_COMPRESSED):
        return content
    import gzip

    # Without the moment of writing: the same result is the same file.
    return gzip.compress(content, mtime=0)


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
def transfer(title: str, *, quiet: bool) -> Iterator[Callable[[int, int | None], None]]:
    """A bar on stderr for what comes over the network, in bytes; silent off a terminal.

    What is yielded takes the bytes had so far and the bytes there are, where that is known.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda _had, _all: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    console = Console(stderr=True)
    with Progress(*columns, TransferSpeedColumn(), console=console, transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda had, every: bar.update(task, completed=had, total=every)


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


@contextmanager
def unseen(_title: str) -> Iterator[Callable[[str], None]]:
    """No progress, where nobody looks: beside other endpoints, or on another machine."""
    yield lambda _: None
