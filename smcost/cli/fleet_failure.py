"""An error of one endpoint -> a failure in a fleet's report, placed where it can be mended."""

from collections.abc import Iterator
from contextlib import contextmanager

from smcost.cli.fleet_input import Job
from smcost.cli.names import key_of, parameter_of
from smcost.errors import PriceError, SmcostError, UsageError
from smcost.outcome import Failure


@contextmanager
def in_its_table(job: Job) -> Iterator[None]:
    """Mistakes in what runs today stand in the table that tells it, and are mended by its keys."""
    try:
        yield
    except UsageError as error:
        place, name = error.place, parameter_of(error.place or "")
        assert job.today is not None
        if place is None or name in job.today:
            place = f"{job.place}.today" + ("" if place is None else f".{key_of(name)}")
        raise UsageError(error.cause, remedy=error.remedy.replace("--", ""), place=place) from error


def failure_of(job: Job, error: SmcostError) -> Failure:
    """Why an endpoint has no answer, placed in the fleet file where it can be."""
    place = error.place
    if place is None and isinstance(error, PriceError):
        place = _unpriced(job, error)
    if place is not None and place.startswith("--"):
        place = job.sources.of(parameter_of(place), job.place)
    return Failure(
        exit_code=error.exit_code,
        cause=_short(job, error.cause),
        remedy=_short(job, error.remedy),
        place=_short(job, place or job.place),
    )


def _unpriced(job: Job, error: PriceError) -> str | None:
    """Where the type or region that has no price is given."""
    running = (job.today or {}).get("instance_type")
    if running is not None and repr(running) in error.cause:
        return f"{job.place}.today.instance-type"
    flags = ("--region", "--instance-type")
    return next((flag for flag in flags if _names(job, flag, error)), None)


def _names(job: Job, flag: str, error: PriceError) -> bool:
    """Whether the cause names what was given for a flag."""
    given = getattr(job.flags, parameter_of(flag)) or ()
    values = [given] if isinstance(given, str) else given
    return job.sources.given(parameter_of(flag)) and any(value in error.cause for value in values)


def _short(job: Job, text: str) -> str:
    """With paths as the fleet file has them, not as this machine does."""
    for folder in job.folders:
        text = text.replace(folder, "")
    return text
