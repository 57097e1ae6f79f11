"""The price cache on disk: one file per region, replaced whole."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from smcost.cli.names import CACHE_VARIABLE
from smcost.cli.output import write_whole
from smcost.emit.price_cache_csv import price_cache_csv
from smcost.errors import InputError, OutputError, PriceError
from smcost.prices.cached import CachedRegion
from smcost.read.price_cache import read_price_cache

#: What a region code is made of: nothing that leads out of the folder.
_REGION = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
#: The lock is held for milliseconds; whoever waits so long waits for a process that hangs. [s]
_PATIENCE_S = 30


def cache_folder() -> Path:
    """Where the regions lie: the system's folder for caches, or below ``SMCOST_CACHE_DIR``."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen) / "prices"
    from platformdirs import user_cache_path

    return user_cache_path("smcost") / "prices"


def cache_file(region: str) -> Path:
    """Where a region's prices lie, or would.

    Raises
    ------
    PriceError
        That is no region code.
    """
    if not _REGION.fullmatch(region):
        raise PriceError(f"{region!r} is no AWS region code", remedy="Give one such as us-east-1")
    return cache_folder() / f"{region}.csv"


def cached_region(region: str) -> CachedRegion | None:
    """What is cached of a region; ``None`` where nothing is.

    Raises
    ------
    InputError
        There is a file but it cannot be read, or it is damaged.
    """
    if not _REGION.fullmatch(region):
        return None
    path = cache_file(region)
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InputError(
            f"The price cache cannot be read ({error.strerror or error})",
            remedy=f"Grant read permission, or name another folder with {CACHE_VARIABLE}",
            place=str(path),
        ) from error
    return read_price_cache(path, region)


def store(region: str, change: Callable[[], CachedRegion]) -> Path:
    """Replace what is cached of a region; a reader sees all of the old rows or all of the new.

    Of two processes at once each writes a whole file of its own, and the later rename wins.
    ``change`` is called while no other process of smcost can write the region, so that what it
    reads of the cache is what it replaces: two lists of one instance type each, fetched at once,
    are both there afterwards.

    Parameters
    ----------
    region
        Its code.
    change
        Gives the rows to be stored.

    Raises
    ------
    OutputError
        The file cannot be written; the old one is untouched.
    InputError
        Whatever ``change`` raises.
    """
    path = cache_file(region)
    with _alone(path):
        # Whoever left one of these is dead: alive, he would have the lock.
        for left in path.parent.glob(f".{path.name}.*"):
            left.unlink(missing_ok=True)
        write_whole(path, price_cache_csv(change()), durable=True)
    return path


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the region's lock; the system releases it with the process, however that ends."""
    from filelock import FileLock, Timeout

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path.with_suffix(".lock"), timeout=_PATIENCE_S)
        lock.acquire()
    except Timeout as error:
        raise OutputError(
            f"Another process has been writing the price cache for {_PATIENCE_S} s",
            remedy="Wait for it or end it, and run the command again",
            place=str(path),
        ) from error
    except (OSError, NotImplementedError) as error:
        raise _unwritable(path, error) from error
    try:
        yield
    except (OutputError, OSError) as error:
        raise _unwritable(path, error.__cause__ or error) from error
    finally:
        lock.release()


def _unwritable(path: Path, error: BaseException) -> OutputError:
    reason = getattr(error, "strerror", None) or error
    return OutputError(
        f"The price cache cannot be written ({reason})",
        remedy=f"Make room and grant write permission, or name another folder with "
        f"{CACHE_VARIABLE}",
        place=str(path),
    )
