"""What ``--capacity`` takes: a capacity CSV, or what Inference Recommender measured, as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from smcost.capacity import Profile
from smcost.errors import InputError
from smcost.read.capacity_csv import parse_capacity
from smcost.read.inference_recommender import (
    LatencyReading,
    Recommended,
    is_recommender,
    read_recommended,
)
from smcost.read.json_part import looks_like_json, parse_json
from smcost.read.text_file import read_text
from smcost.remarks import Assumption, Caveat

_AS_THE_FILE_SAYS = LatencyReading()


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityFile:
    """Profiles by instance type, in file order, and what to know about how they were read.

    Attributes
    ----------
    profiles
        Instance type -> what one instance of it can do.
    from_job
        Whether it is Inference Recommender's, of which flags may say how to read it.
    caveats, assumptions
        What was chosen or left out while reading; nothing for a capacity CSV.
    recommendation_ids
        Inference Recommender's ids -> instance type.
    """

    profiles: dict[str, Profile]
    from_job: bool = False
    caveats: tuple[Caveat, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    recommendation_ids: Mapping[str, str] = field(default_factory=dict)


def read_capacity_file(path: Path, reading: LatencyReading = _AS_THE_FILE_SAYS) -> CapacityFile:
    """Read a capacity, told by its content.

    Raises
    ------
    InputError
        As :func:`smcost.read.capacity_csv.read_capacity` and
        :func:`smcost.read.inference_recommender.read_recommended`; a JSON of something else.
    """
    place, text = str(path), read_text(path)
    if not looks_like_json(text):
        _refuse_foreign(text, path)
        return CapacityFile(profiles=parse_capacity(text, place))
    document = parse_json(text, place)
    if not is_recommender(document):
        raise InputError(
            "This JSON is no describe-inference-recommendations-job",
            remedy="Turn a load test into a capacity with smcost capacity import FILE "
            "--instance-type TYPE -o capacity.csv",
            place=place,
        )
    return of_recommended(read_recommended(document, reading))


def _refuse_foreign(text: str, path: Path) -> None:
    from smcost.read.load_test_files import csv_tool

    tool = csv_tool(text)
    if tool is None:
        return
    tested = "" if "pull" in tool else " --instance-type TYPE"
    raise InputError(
        f"This is no capacity file: {tool} wrote it",
        remedy=f"Make one with smcost capacity import {path.name}{tested} -o capacity.csv",
        place=str(path),
    )


def of_recommended(found: Recommended) -> CapacityFile:
    """A job of Inference Recommender as a capacity."""
    return CapacityFile(
        profiles=dict(found.profiles),
        from_job=True,
        caveats=found.caveats,
        assumptions=found.assumptions,
        recommendation_ids=found.recommendation_ids,
    )
