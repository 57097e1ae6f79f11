"""Files of other tools and flags about them -> what one instance can do, and where it is from."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from smcost.capacity import Kind, Profile
from smcost.cli.choice import choice
from smcost.cli.names import flag_of
from smcost.errors import InputError, UsageError
from smcost.read.inference_recommender import LatencyReading, Recommended, read_recommended
from smcost.read.json_part import JsonPart
from smcost.read.load_test import LoadTest, Subject, load_test_profile
from smcost.read.load_test_files import ForeignFile, read_foreign
from smcost.remarks import Assumption, Caveat

_MOST_INSTANCES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenFlags:
    """What was given about a load test; ``None``: nothing."""

    instance_type: str | None
    instances: int | None
    concurrency: int | None
    kind: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """Profiles, what to know about them, and where they are from as lines of comment.

    ``from_job``: from Inference Recommender, not from load tests.
    """

    profiles: tuple[Profile, ...]
    caveats: tuple[Caveat, ...]
    assumptions: tuple[Assumption, ...]
    comments: tuple[str, ...]
    from_job: bool


def imported(files: Sequence[Path], reading: LatencyReading, flags: GivenFlags) -> Imported:
    """Read files of other tools: load tests of one instance type, or Inference Recommender jobs.

    Raises
    ------
    UsageError
        A flag is missing, makes no sense, or is for files of the other sort.
    InputError
        As the readers; files of both sorts; a type in two jobs.
    """
    found = [read_foreign(path) for path in files]
    jobs = [file.recommender for file in found if file.recommender is not None]
    if not jobs:
        return _load_tests(found, flags)
    if len(jobs) < len(found):
        raise InputError(
            "Load tests stand beside answers of Inference Recommender",
            remedy="Import them one by one",
            place=next(str(file.path) for file in found if file.recommender is None),
        )
    _refuse_about_load_tests(flags)
    return _jobs(jobs, [file.path.name for file in found], reading)


def _jobs(jobs: Sequence[JsonPart], names: Sequence[str], reading: LatencyReading) -> Imported:
    read = [read_recommended(job, reading) for job in jobs]
    profiles: dict[str, Profile] = {}
    for job, answer in zip(jobs, read, strict=True):
        for instance_type, profile in answer.profiles.items():
            if instance_type in profiles:
                raise InputError(
                    f"{instance_type} stands in another of the files too",
                    remedy="Import them one by one, and keep the job that you rely on",
                    place=job.place,
                )
            profiles[instance_type] = profile
    return Imported(
        profiles=tuple(profiles.values()),
        caveats=tuple(caveat for answer in read for caveat in answer.caveats),
        assumptions=tuple(dict.fromkeys(told for answer in read for told in answer.assumptions)),
        comments=tuple(
            line
            for name, answer in zip(names, read, strict=True)
            for line in _job_comments(name, answer)
        ),
        from_job=True,
    )


def _job_comments(name: str, answer: Recommended) -> list[str]:
    return [
        f"from {name}: SageMaker Inference Recommender, MaxInvocations per minute of all instances",
        *(f"{told.name}: {told.value}" for told in answer.assumptions),
        *(f"{caveat.code.value}: {caveat.message}" for caveat in answer.caveats),
    ]


def _load_tests(found: Sequence[ForeignFile], flags: GivenFlags) -> Imported:
    tested = _tested(flags)
    levels = [level for file in found for level in file.levels]
    if tested.concurrency is not None and len(levels) > 1:
        raise UsageError(
            f"One concurrency is given for {len(levels)} levels",
            remedy="Import the files one by one, or give files that tell it",
            place="--concurrency",
        )
    profile = load_test_profile(levels, tested)
    return Imported(
        profiles=(profile,),
        caveats=tuple(caveat for level in levels for caveat in level.caveats),
        assumptions=(),
        comments=(
            *(f"from {file.path.name}: {_tool(file.levels)}" for file in found),
            *_division(profile.kind, tested.instances),
            *dict.fromkeys(note for level in levels for note in level.notes),
        ),
        from_job=False,
    )


def _tool(levels: Sequence[LoadTest]) -> str:
    return f"{levels[0].tool}, latency of whole requests at the client"


def _division(kind: Kind, instances: int) -> tuple[str, ...]:
    if instances == 1:
        return ("one instance behind the tested endpoint",)
    what = "concurrency and throughput" if kind is Kind.SWEEP else "rates"
    return (f"{instances} instances behind the tested endpoint: {what} are divided by it",)


def _tested(flags: GivenFlags) -> Subject:
    if flags.instance_type is None:
        raise UsageError(
            "A load test does not say which instance type was tested",
            remedy="Add --instance-type ml.m5.xlarge, the type behind the tested endpoint",
            place="--instance-type",
        )
    for flag, number in (("--instances", flags.instances), ("--concurrency", flags.concurrency)):
        if number is not None and not 1 <= number <= _MOST_INSTANCES:
            raise UsageError(
                f"{number} is outside 1 to {_MOST_INSTANCES}",
                remedy="Give a whole number of 1 or more",
                place=flag,
            )
    kind = None if flags.kind is None else choice(Kind, flags.kind, "--kind")
    if kind is Kind.WORKERS:
        raise UsageError(
            "A load test at given levels has no workers",
            remedy="Use sweep or rates",
            place="--kind",
        )
    return Subject(
        instance_type=flags.instance_type,
        instances=flags.instances or 1,
        concurrency=flags.concurrency,
        kind=kind,
    )


def _refuse_about_load_tests(flags: GivenFlags) -> None:
    given = [flag_of(name) for name, value in asdict(flags).items() if value is not None]
    if given:
        raise UsageError(
            f"{', '.join(given)} {'is' if len(given) == 1 else 'are'} for load tests alone",
            remedy="Leave it out: Inference Recommender says what it tested",
            place=given[0],
        )
