"""Component files: the inference components of one endpoint, a row each, with their traffic.

``component, memory_mb, max_copies`` and one of ``target`` (invocations per copy and minute) and
``concurrency_target`` (requests in flight per copy), one of ``traffic`` (a file, its path relative
to this one) and ``rps``. Optional: ``cpu_cores, accelerators, min_copies, startup_s,
traffic_scale`` and ``service_time_ms, concurrency, service_cv``, what one copy can do.
"""

import difflib
from dataclasses import dataclass
from pathlib import Path

from smcost.capacity import WorkersProfile
from smcost.components.component import DEFAULT_STARTUP_S, Amounts, Component
from smcost.errors import InputError, UsageError
from smcost.queueing.service import ServiceTime
from smcost.read.csv_table import Row, parse_table
from smcost.read.text_file import read_text
from smcost.scaling.policy import Metric

REQUIRED = ("component", "memory_mb", "max_copies")
OPTIONAL = (
    "cpu_cores", "accelerators", "min_copies", "target", "concurrency_target", "traffic", "rps",
    "traffic_scale", "service_time_ms", "concurrency", "service_cv", "startup_s",
)  # fmt: skip
DEFAULT_CV = 0.5
_LARGEST = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedComponent:
    """A component and where its traffic comes from.

    Attributes
    ----------
    component
        What the row says of it.
    traffic, rps
        A file, or a constant demand; one of them. [s^-1]
    traffic_scale
        Growth.
    startup_given
        Whether the row has a start-up time.
    place
        The row, for errors.
    """

    component: Component
    traffic: Path | None
    rps: float | None
    traffic_scale: float
    startup_given: bool
    place: str


def read_components(path: Path, instance_type: str) -> list[ListedComponent]:
    """Read a component file, in file order.

    Parameters
    ----------
    path
        The file.
    instance_type
        What its capacities are of.

    Raises
    ------
    InputError
        No such CSV, a column that is not read, a cell that makes no sense, a component that stands
        there twice.
    """
    found: list[ListedComponent] = []
    for row in parse_table(read_text(path), str(path), REQUIRED):
        _refuse_unknown(row)
        listed = _listed(row, path, instance_type)
        if any(one.component.name == listed.component.name for one in found):
            raise InputError(
                f"{listed.component.name} stands there twice",
                remedy="Give every component a row and a name of its own",
                place=row.place,
            )
        found.append(listed)
    return found


def _listed(row: Row, path: Path, instance_type: str) -> ListedComponent:
    tracked = _one_of(row, "target", "concurrency_target")
    origin = _one_of(row, "traffic", "rps")
    try:
        component = Component(
            name=row.text("component"),
            needs=Amounts.of(
                cpu_cores=_number(row, "cpu_cores", 0.0),
                accelerators=_whole(row, "accelerators", 0),
                memory_mb=_whole(row, "memory_mb", 0),
            ),
            minimum=_whole(row, "min_copies", 1),
            maximum=_whole(row, "max_copies", 0),
            target=_number(row, tracked, 0.0),
            metric=Metric.INVOCATIONS if tracked == "target" else Metric.CONCURRENCY,
            startup_s=_number(row, "startup_s", DEFAULT_STARTUP_S),
            profile=_profile(row, instance_type),
        )
    except UsageError as error:
        raise InputError(error.cause, remedy=error.remedy, place=row.place) from error
    return ListedComponent(
        component=component,
        traffic=path.parent / row.text("traffic") if origin == "traffic" else None,
        rps=_number(row, "rps", 0.0) if origin == "rps" else None,
        traffic_scale=_positive(row, "traffic_scale") if _has(row, "traffic_scale") else 1.0,
        startup_given=_has(row, "startup_s"),
        place=row.place,
    )


def _profile(row: Row, instance_type: str) -> WorkersProfile | None:
    given = [_has(row, column) for column in ("service_time_ms", "concurrency")]
    if not any(given):
        if _has(row, "service_cv"):
            raise row.refuse("service_cv", found="alone", wanted="service_time_ms beside it")
        return None
    if not all(given):
        raise InputError(
            f"{row.cells['component']} has half of a capacity",
            remedy="Fill both service_time_ms and concurrency, or neither",
            place=row.place,
        )
    service = ServiceTime(
        mean_s=_positive(row, "service_time_ms") / 1000, cv=_number(row, "service_cv", DEFAULT_CV)
    )
    return WorkersProfile(
        instance_type=instance_type, workers=_whole(row, "concurrency", 0), service=service
    )


def _has(row: Row, column: str) -> bool:
    return bool(row.cells.get(column))


def _one_of(row: Row, first: str, second: str) -> str:
    given = [column for column in (first, second) if _has(row, column)]
    if len(given) == 1:
        return given[0]
    raise InputError(
        f"{row.cells['component'] or 'The row'} has {'both' if given else 'neither'} {first} "
        f"{'and' if given else 'nor'} {second}",
        remedy="Fill one of the two columns",
        place=row.place,
    )


def _number(row: Row, column: str, default: float) -> float:
    if not _has(row, column):
        return default
    value = float(row.number(column))
    if not 0 <= value <= _LARGEST:
        wanted = f"a number of 0 or more, at most {_LARGEST:,}"
        raise row.refuse(column, found=row.cells[column], wanted=wanted)
    return value


def _positive(row: Row, column: str) -> float:
    value = _number(row, column, 0.0)
    if not value:
        raise row.refuse(column, found=row.cells[column], wanted="a number above 0")
    return value


def _whole(row: Row, column: str, default: int) -> int:
    if column in REQUIRED:
        row.text(column)
    value = _number(row, column, default)
    if value % 1:
        raise row.refuse(column, found=row.cells[column], wanted="a whole number")
    return int(value)


def _refuse_unknown(row: Row) -> None:
    """A column that is not read is hardly there to be ignored.

    Raises
    ------
    InputError
    """
    known = (*REQUIRED, *OPTIONAL)
    for column in row.cells:
        if column not in known:
            near = difflib.get_close_matches(column, known, n=1) or [", ".join(known)]
            raise row.refuse(column, found="no column that is read", wanted=near[0])
