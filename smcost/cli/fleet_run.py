"""Many questions -> their outcomes: here, in processes beside this one, or on a Dask cluster.

Nothing is distributed by smcost itself: joblib does it, with loky's processes or with Dask.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace

from smcost.cli.fleet_input import Job
from smcost.cli.fleet_job import outcome_of
from smcost.cli.fleet_options import Backend, FleetFlags
from smcost.cli.simulation_input import processors
from smcost.errors import WorkerError
from smcost.outcome import Failure, Outcome

#: So often endpoints are asked side by side before they are asked one by one.
_TRIES = 2


def outcomes(jobs: Sequence[Job], run: FleetFlags, backend: Backend) -> Iterator[Outcome]:
    """Answer every endpoint, in the order of the file, each as soon as it and those before it are.

    Raises
    ------
    UsageError
        Dask is asked for and not installed.
    WorkerError
        The cluster failed, or runs another smcost.
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
    from joblib.externals.loky import get_reusable_executor

    early: dict[str, Outcome] = {}
    names = deque(job.name for job in jobs)
    try:
        for outcome in _as_they_come(jobs, count):
            early[outcome.name] = outcome
            while names and names[0] in early:
                yield early.pop(names.popleft())
    except BaseException:
        # Interrupted: nobody waits for what they still do.
        get_reusable_executor().shutdown(wait=False, kill_workers=True)
        raise


def _as_they_come(jobs: Sequence[Job], count: int) -> Iterator[Outcome]:
    """Outcomes in any order; what a process that dies takes with it is asked again.

    Twice side by side, since its memory may have been another's. Then each by itself until the one
    that ends its process is known, and the others side by side again.
    """
    left = {job.name: job for job in jobs}
    while left:
        for _ in range(_TRIES):
            yield from _until_broken(left, count)
        for job in [*left.values()]:
            outcome = _by_itself(job)
            del left[job.name]
            yield outcome
            if outcome.exit_code == WorkerError.exit_code:
                break


def _until_broken(left: dict[str, Job], count: int) -> Iterator[Outcome]:
    """Answer what is left side by side, and take it out, until all is done or a process dies."""
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import BrokenProcessPool

    if not left:
        return
    parallel = Parallel(n_jobs=count, backend="loky", return_as="generator_unordered")
    try:
        for outcome in parallel(delayed(outcome_of)(job) for job in [*left.values()]):
            del left[outcome.name]
            yield outcome
    except BrokenProcessPool:
        return


def _by_itself(job: Job) -> Outcome:
    """The outcome from a process that answers nothing else meanwhile."""
    from joblib.externals.loky import get_reusable_executor
    from joblib.externals.loky.process_executor import BrokenProcessPool

    try:
        found: Outcome = get_reusable_executor(max_workers=1).submit(outcome_of, job).result()
    except BrokenProcessPool:
        failure = Failure(
            exit_code=WorkerError.exit_code,
            cause="The process that answered it ended before it was done, by itself too",
            remedy="Look whether memory ran out; ask for this endpoint alone, with less --budget",
            place=job.place,
        )
        return Outcome(name=job.name, failure=failure)
    return found
