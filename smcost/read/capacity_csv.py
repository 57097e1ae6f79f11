"""Capacity files: what one instance can do, one row per instance type (kind *workers*)."""

from pathlib import Path

from smcost.capacity import WorkersProfile
from smcost.errors import InputError, UsageError
from smcost.queueing.service import ServiceLaw, ServiceTime
from smcost.read.csv_table import Row, parse_table
from smcost.read.text_file import read_text

_COLUMNS = ("instance_type", "workers", "service_time_ms", "service_cv")
#: The column that marks a kind, and what the kind is called.
_LATER_KINDS = {"offered_rps": "rates", "concurrency": "sweep"}


def read_capacity(path: Path) -> dict[str, WorkersProfile]:
    """Read a capacity file of kind *workers*: instance type -> profile, in file order.

    Parameters
    ----------
    path
        CSV with ``instance_type, workers, service_time_ms, service_cv`` and, if wanted,
        ``service_law`` (lognormal, gamma or deterministic; lognormal where empty).

    Raises
    ------
    InputError
        The file cannot be opened or is no such CSV, a cell makes no sense, a type stands twice,
        or the file is of kind *rates* or *sweep*, which this version does not read.
    """
    place = str(path)
    text = read_text(path)
    _refuse_other_kinds(text, place)
    profiles: dict[str, WorkersProfile] = {}
    for row in parse_table(text, place, _COLUMNS):
        profile = _profile(row)
        if profile.instance_type in profiles:
            raise InputError(
                f"{profile.instance_type} stands there twice",
                remedy="Keep one row per instance type",
                place=row.place,
            )
        profiles[profile.instance_type] = profile
    return profiles


def _refuse_other_kinds(text: str, place: str) -> None:
    if text.lstrip().startswith("{"):
        kind = "Inference Recommender JSON"
    else:
        header = {cell.strip() for cell in text.lstrip().splitlines()[0].split(",")}
        kind = next((name for column, name in _LATER_KINDS.items() if column in header), "")
    if kind:
        raise InputError(
            f"A capacity file of kind {kind} is not read by this version",
            remedy=f"Give one of kind workers, with the columns {', '.join(_COLUMNS)}",
            place=place,
        )


def _profile(row: Row) -> WorkersProfile:
    workers = row.number("workers")
    if workers != workers.to_integral_value():
        raise row.refuse("workers", found=str(workers), wanted="a whole number")
    try:
        service = ServiceTime(
            mean_s=float(row.number("service_time_ms")) / 1000,
            cv=float(row.number("service_cv")),
            law=_law(row),
        )
        return WorkersProfile(
            instance_type=row.text("instance_type"), workers=int(workers), service=service
        )
    except UsageError as error:
        raise InputError(error.cause, remedy="Correct the row", place=row.place) from error


def _law(row: Row) -> ServiceLaw:
    cell = row.cells.get("service_law", "") or ServiceLaw.LOGNORMAL.value
    try:
        return ServiceLaw(cell)
    except ValueError as error:
        known = ", ".join(ServiceLaw)
        raise row.refuse("service_law", found=repr(cell), wanted=f"one of {known}") from error
