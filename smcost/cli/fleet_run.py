"""Many questions -> their outcomes: here, in processes beside this one, or on a Dask cluster.

Nothing is distributed by smcost itself: joblib does it, with loky's processes or with Dask.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from smcost.cli.fleet_input import Job
from smcost.cli.fleet_job import outcome_of
from smcost.cli.fleet_options import Backend, FleetFlags
from smcost.cli.simulation_input import processors
from smcost.errors import WorkerError
from smcost.fleet import Outcome


def outcomes(jobs: Sequence[Job], run: FleetFlags, backend: Backend) -> Iterator[Outcome]:
    """Answer every endpoint, in the order of the file, each as soon as it and those before it are.

    Raises
    ------
    UsageError
        Dask is asked for and not installed.
    WorkerError
        The processes or the cluster failed, or run another smcost.
    """
    if backend is Backend.DASK:
        from smcost.cli.fleet_dask import on_dask

        return on_dask(_with_threads(jobs, 1), str(run.scheduler))
    side_by_side = min(run.jobs, len(jobs))
    jobs = _with_threads(jobs, max(1, processors() // side_by_side))
    if side_by_side == 1:
        return map(outcome_of, jobs)
    return _in_processes(jobs, side_by_side)


def _with_threads(jobs: Sequence[Job], threads: int) -> list[Job]:
    return [replace(job, flags=replace(job.flags, threads=threads)) for job in jobs]


def _in_processes(jobs: Sequence[Job], count: int) -> Iterator[Outcome]:
    from joblib import Parallel, delayed
    from joblib.externals.loky import get_reusable_executor
    from joblib.externals.loky.process_executor import BrokenProcessPool

    parallel = Parallel(n_jobs=count, backend="loky", return_as="generator")
    try:
        yield from parallel(delayed(outcome_of)(job) for job in jobs)
    except BrokenProcessPool as error:
        raise WorkerError(
            "A process that answered endpoints ended before it was done",
            remedy="Give fewer --jobs if memory ran out, and run it again",
            place="--jobs",
        ) from error
    except BaseException:
        # Interrupted: nobody waits for what they still do.
        get_reusable_executor().shutdown(wait=False, kill_workers=True)
        raise
