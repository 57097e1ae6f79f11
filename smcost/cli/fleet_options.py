"""Flags of a run over many endpoints: the file, how many at a time, and where."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from smcost.cli.choice import choice
from smcost.cli.flag_option import option
from smcost.cli.names import flag_of
from smcost.cli.sources import Sources
from smcost.errors import UsageError

_PANEL = "Many endpoints"
_MOST_JOBS = 1024
#: What Dask can connect to: protocol, host (an IPv6 one in brackets) and port.
_ADDRESS = re.compile(r"[a-z]+://(\[[0-9a-fA-F:]+\]|[^\s:/\[\]]+):\d{1,5}")

File = Annotated[
    Path | None,
    typer.Option(
        "--file",
        metavar="FILE",
        rich_help_panel=_PANEL,
        help="TOML with many endpoints (docs/fleet.md): totals, and each of them.",
        show_default=False,
    ),
]
Jobs = Annotated[
    int, option("--jobs", _PANEL, "Processes that share the endpoints (default 1).", "N")
]
BackendName = Annotated[
    str,
    option("--backend", _PANEL, "processes here, or dask (default processes).", "WHERE"),
]
Scheduler = Annotated[
    str | None,
    option("--scheduler", _PANEL, "Address of a running Dask scheduler.", "tcp://HOST:PORT"),
]


class Backend(StrEnum):
    """Where endpoints are answered."""

    PROCESSES = "processes"
    DASK = "dask"


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetFlags:
    """The flags as typed; ``file`` is ``None`` for a single endpoint."""

    file: Path | None
    jobs: int
    backend: str
    scheduler: str | None

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> "FleetFlags":
        """Take the flags out of a command's parameters, as ``locals()`` holds them on entry."""
        return cls(**{field.name: parameters[field.name] for field in fields(cls)})

    def refuse_alone(self, sources: Sources) -> None:
        """A flag that says how many endpoints are answered, typed for one.

        Raises
        ------
        UsageError
        """
        for name in ("jobs", "backend", "scheduler"):
            if sources.typed(name):
                raise UsageError(
                    f"{flag_of(name)} changes nothing for a single endpoint",
                    remedy="Add --file fleet.toml, or leave it out",
                    place=flag_of(name),
                )

    def checked_backend(self, sources: Sources) -> Backend:
        """The backend, if the flags fit each other.

        Raises
        ------
        UsageError
        """
        backend = choice(Backend, self.backend, "--backend")
        if not 1 <= self.jobs <= _MOST_JOBS:
            raise UsageError(
                f"{self.jobs} processes cannot share the endpoints",
                remedy=f"Give 1 to {_MOST_JOBS}",
                place="--jobs",
            )
        if backend is Backend.DASK and self.scheduler is None:
            raise UsageError(
                "It is not given where the Dask scheduler is",
                remedy="Add --scheduler tcp://HOST:8786, or leave --backend out",
                place="--backend",
            )
        if backend is Backend.DASK and not _ADDRESS.fullmatch(str(self.scheduler)):
            raise UsageError(
                f"{self.scheduler!r} is no address of a scheduler",
                remedy="Write it like tcp://127.0.0.1:8786",
                place="--scheduler",
            )
        if backend is Backend.DASK and sources.typed("jobs"):
            raise UsageError(
                "A Dask cluster has as many processes as it has workers",
                remedy="Leave --jobs out, and start more workers",
                place="--jobs",
            )
        if backend is not Backend.DASK and sources.typed("scheduler"):
            raise UsageError(
                "A scheduler is given, but endpoints are answered on this machine",
                remedy="Add --backend dask, or leave it out",
                place="--scheduler",
            )
        return backend
