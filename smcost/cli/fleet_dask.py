"""Endpoints answered on a Dask cluster that runs already, through joblib's backend for it."""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from smcost import __version__
from smcost.cli.fleet_input import Job
from smcost.cli.fleet_job import outcome_of
from smcost.cli.price_cache import cache_folder
from smcost.errors import UsageError, WorkerError
from smcost.outcome import Outcome

if TYPE_CHECKING:
    from distributed import Client

#: So long may a scheduler be silent before it counts as not there. [s]
_PATIENCE_S = 10


def identity() -> dict[str, str]:
    """What must be the same everywhere for answers to be so."""
    import numpy as np
    import scipy

    from smcost.queueing.exact.compiled import compiled

    return {
        "smcost": __version__,
        "engine": "compiled" if compiled() else "in Python",
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "price cache": _cached(),
    }


def _cached() -> str:
    """A few letters that tell one content of the price cache from another."""
    found = hashlib.sha256()
    files = sorted(cache_folder().glob("*.csv"))
    for path in files:
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()[:12] if files else "none"


def answered_alike(job: Job, wanted: dict[str, str]) -> Outcome:
    """The outcome, if this process is what the others are; a worker may have come since.

    Raises
    ------
    WorkerError
    """
    _refuse_other(wanted, identity(), "A worker that came later")
    return outcome_of(job)


def on_dask(jobs: Sequence[Job], address: str) -> Iterator[Outcome]:
    """Answer every endpoint on the workers of a cluster, in the order of the file.

    A worker that dies is replaced by the others; Dask asks its questions again.

    Raises
    ------
    UsageError
        Dask is not installed.
    WorkerError
        No scheduler, no worker, another smcost on one of them, or the cluster failed.
    """
    from concurrent.futures import CancelledError

    wanted = identity()
    with _client(address) as client:
        from distributed import KilledWorker
        from joblib import Parallel, delayed, parallel_config

        _refuse_others(client, wanted, address)
        try:
            with parallel_config(backend="dask", client=client):
                parallel = Parallel(return_as="generator")
                yield from parallel(delayed(answered_alike)(job, wanted) for job in jobs)
        except KilledWorker as error:
            raise WorkerError(
                "Workers of the Dask cluster died again and again over the same endpoint",
                remedy="Look at their logs, and give them more memory",
                place=f"--scheduler {address}",
            ) from error
        except (CancelledError, OSError, TimeoutError) as error:
            raise WorkerError(
                "The Dask cluster was lost before every endpoint was answered",
                remedy="Look at the logs of scheduler and workers, and run it again",
                place=f"--scheduler {address}",
            ) from error


@contextmanager
def _client(address: str) -> Iterator["Client"]:
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageError(
            "Dask is not installed",
            remedy="Run pip install 'smcost[dask]', or leave --backend out",
            place="--backend",
        ) from error
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":
            # Whatever they have to say is said by the errors.
            logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=_PATIENCE_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise WorkerError(
            "No Dask scheduler answers there",
            remedy="Start one with dask scheduler, and give its address as tcp://HOST:8786",
            place=f"--scheduler {address}",
        ) from error
    try:
        yield client
    finally:
        client.close()


def _refuse_others(client: "Client", wanted: dict[str, str], address: str) -> None:
    if not client.scheduler_info()["workers"]:
        raise WorkerError(
            "The Dask scheduler has no worker",
            remedy=f"Start some with dask worker {address} --nthreads 1",
            place=f"--scheduler {address}",
        )
    try:
        found = client.run(identity)
    except Exception as error:
        raise WorkerError(
            f"A worker of the cluster cannot say what it is ({type(error).__name__}: {error})",
            remedy=f"Install smcost {__version__} where the workers run",
            place=f"--scheduler {address}",
        ) from error
    for worker, other in found.items():
        _refuse_other(wanted, other, f"The worker {worker}")


def _refuse_other(wanted: dict[str, str], found: dict[str, str], whose: str) -> None:
    differing = [
        f"{name} {found[name]}, not {value}"
        for name, value in wanted.items()
        if found[name] != value
    ]
    if differing:
        raise WorkerError(
            f"{whose} has {'; '.join(differing)}, so that answers may differ",
            remedy="Install the same versions where the workers run, and share SMCOST_CACHE_DIR",
            place="--scheduler",
        )
