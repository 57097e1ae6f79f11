"""A fleet file, the flags beside it and the settings -> one question for each endpoint.

Precedence: flag > the endpoint's table > ``[defaults]`` > ``SMCOST_*`` > smcost.toml > default.
"""

import inspect
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, get_args, get_origin

from smcost.cli.flags import Flags
from smcost.cli.fleet_file import OWN_ONLY, EndpointTable, FleetFile, read_fleet_file
from smcost.cli.names import flag_of, key_of
from smcost.cli.sources import Origin, Rank, Sources
from smcost.errors import UsageError

#: How the run is printed, which no endpoint can have for itself.
_OF_THE_RUN = {"format", "output", "quiet", "tfvars_map"}
#: Ways to say the same: the nearest replaces what is said farther away in another way.
_WAYS = (
    (("traffic",), ("rps", "peak_rps")),
    (("capacity",), ("service_time", "concurrency", "service_cv", "service_law")),
    (
        ("count",),
        ("minimum", "maximum", "target", "concurrency_target", "cpu_target", "cpu_at_full_load",
         "cpu_per_invocation", "step", "scheduled_action"),
    ),
    (("target",), ("concurrency_target",)),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The question of one endpoint, with all that a process elsewhere needs to answer it.

    Attributes
    ----------
    name, place
        As the file calls it, and where it stands: ``fleet.toml, endpoints.churn``.
    recommends
        Whether a configuration is asked for, or priced.
    today
        What runs, as the file tells it: parameter and value.
    with_document
        Whether the JSON document of the answer is wanted.
    folders
        Left out of paths in messages, so that these are the same wherever they are written.
    """

    name: str
    place: str
    recommends: bool
    sources: Sources
    flags: Flags
    today: Mapping[str, Any] | None
    with_document: bool
    folders: tuple[str, ...]


def fleet_jobs(
    path: Path, sources: Sources, flags: Flags, *, recommends: bool, with_document: bool
) -> list[Job]:
    """Read the file and give every endpoint its flags.

    Parameters
    ----------
    path
        The fleet file.
    sources, flags
        What was typed or set for all of them.
    recommends, with_document
        As in :class:`Job`.

    Raises
    ------
    UsageError, InputError
        A flag that belongs to one endpoint, or whatever is wrong with the file.
    """
    _refuse_flags_of_one(path, sources)
    known = _known()
    file = read_fleet_file(path, {name: kind for name, (kind, _) in known.items()})
    defaults = _known_to(recommends=recommends)
    shared = _Given(values=_absolute(flags), sources=sources, defaults=defaults)
    shared = shared.without(OWN_ONLY)
    jobs = []
    for name, table in file.endpoints.items():
        given = _given(file, name, table, shared)
        jobs.append(
            Job(
                name=name,
                place=f"{path}, endpoints.{name}",
                recommends=recommends,
                sources=given.sources,
                flags=replace(flags, **given.values),
                today=table.today,
                with_document=with_document,
                folders=(f"{file.folder}{os.sep}", f"{Path.cwd()}{os.sep}"),
            )
        )
    return jobs


def _refuse_flags_of_one(path: Path, sources: Sources) -> None:
    remedies = {
        name: f"Write {key_of(name)} into its table in {path}" for name in (*OWN_ONLY, "variant")
    }
    remedies["tfvars_map"] = "Leave it out, and ask for the endpoint alone"
    for name, remedy in remedies.items():
        if sources.typed(name):
            raise UsageError(
                f"{flag_of(name)} belongs to one endpoint", remedy=remedy, place=flag_of(name)
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """Values of the command's parameters, where they are from, and its defaults."""

    values: Mapping[str, Any]
    sources: Sources
    defaults: Mapping[str, Any]

    def overlaid(self, values: Mapping[str, Any], rank: Rank, table: str) -> "_Given":
        """With values of a nearer rank in the place of the farther ones."""
        nearer = {
            name: value
            for name, value in values.items()
            if name in self.defaults and self.sources.rank(name) < rank
        }
        origins = {name: Origin(rank=rank, told=f"{table}.{key_of(name)}") for name in nearer}
        return replace(
            self,
            values={**self.values, **nearer},
            sources=self.sources.with_origins(origins),
        )

    def without(self, names: tuple[str, ...]) -> "_Given":
        """With the defaults in the place of what was given for some of them."""
        dropped = {name: self.defaults[name] for name in names if name in self.defaults}
        return replace(
            self, values={**self.values, **dropped}, sources=self.sources.without(dropped)
        )

    def in_one_way(self) -> "_Given":
        """Without what was said farther away in another way than the nearest."""
        given = self
        for ways in _WAYS:
            ranks = [given.sources.rank(*way) for way in ways]
            for way, rank in zip(ways, ranks, strict=True):
                if Rank.DEFAULT < rank < max(ranks):
                    given = given.without(way)
        return given


def _given(file: FleetFile, name: str, table: EndpointTable, shared: _Given) -> _Given:
    given = shared.overlaid(file.defaults, Rank.SHARED, f"{file.path}, defaults")
    given = given.overlaid(table.own, Rank.OWN, f"{file.path}, endpoints.{name}")
    return given.in_one_way()


def _known() -> dict[str, tuple[type, Any]]:
    """Kind and default of the parameters of either command, so that one file serves both."""
    from smcost.cli.estimate import estimate_command
    from smcost.cli.recommend import recommend_command

    return _of(estimate_command) | _of(recommend_command)


def _known_to(*, recommends: bool) -> dict[str, Any]:
    """Defaults of the parameters that the command at hand has."""
    from smcost.cli.estimate import estimate_command
    from smcost.cli.recommend import recommend_command

    found = _of(recommend_command if recommends else estimate_command)
    return {name: default for name, (_, default) in found.items()}


def _of(command: Callable[..., None]) -> dict[str, tuple[type, Any]]:
    names = {field.name for field in fields(Flags)} - _OF_THE_RUN
    return {
        name: (_kind(get_args(parameter.annotation)[0]), parameter.default)
        for name, parameter in inspect.signature(command).parameters.items()
        if name in names
    }


def _kind(hint: object) -> type:
    """``int`` of ``int | None``, ``list`` of ``list[str] | None``."""
    for kind in get_args(hint) or (hint,):
        if get_origin(kind) is list or kind is list:
            return list
        if isinstance(kind, type) and kind is not type(None):
            return kind
    raise AssertionError(hint)


def _absolute(flags: Flags) -> dict[str, Any]:
    """The values, with paths that mean the same to a process in another folder."""
    found = {field.name: getattr(flags, field.name) for field in fields(Flags)}
    return {
        name: value.absolute() if isinstance(value, Path) else value
        for name, value in found.items()
        if name not in _OF_THE_RUN
    }
