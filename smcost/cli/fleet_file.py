"""``--file fleet.toml``: endpoints, what they share, what runs today; checked key by key."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smcost.cli.names import key_of, parameter_of
from smcost.cli.settings import fitting, unknown_key
from smcost.errors import InputError

#: What a spreadsheet takes for a formula, in the column of names in the CSV. No endpoint begins so.
_FORMULA = ("=", "+", "-", "@")
_REMEDY = "Write it as docs/fleet.md shows"
#: They belong to one endpoint, so that neither ``[defaults]`` nor a flag can give them to all.
OWN_ONLY = ("endpoint", "current", "aws_recommendation")
#: Totals add up months of one length.
_SHARED_ONLY = ("hours_per_month",)
#: What runs today, as ``[endpoints.NAME.today]`` tells it, and its kind.
TODAY: Mapping[str, type] = {
    "instance_type": str,
    "count": int,
    "minimum": int,
    "maximum": int,
    "target": float,
    "routing": str,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointTable:
    """What the file says of one endpoint: parameters with values of their kind."""

    own: Mapping[str, Any]
    today: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetFile:
    """The file as values; names as it has them, in its order."""

    path: Path
    defaults: Mapping[str, Any]
    endpoints: Mapping[str, EndpointTable]

    @property
    def folder(self) -> Path:
        """What paths in the file are relative to, the same seen from everywhere."""
        return _folder(self.path)


def read_fleet_file(path: Path, known: Mapping[str, type]) -> FleetFile:
    """Read a fleet.

    Parameters
    ----------
    path
        The TOML file.
    known
        Every parameter that an endpoint may set, and the type of its value: ``str``, ``int``,
        ``float``, ``bool``, ``list`` (of texts) or ``Path``.

    Raises
    ------
    InputError
        No TOML, no endpoint, an unknown table or key, a value of another kind.
    """
    content = _read(path)
    for key in content:
        if key not in ("defaults", "endpoints"):
            told = f"[{key}]" if isinstance(content[key], dict) else key
            raise InputError(
                f"{told} stands beside [defaults] and [endpoints.NAME]",
                remedy="Put what holds for every endpoint into [defaults]",
                place=f"{path}, {key}",
            )
    defaults = _table(path, "defaults", content.get("defaults", {}))
    endpoints = _table(path, "endpoints", content.get("endpoints", {}))
    if not endpoints:
        raise InputError(
            "There is no endpoint",
            remedy="Add a table [endpoints.NAME] for each",
            place=str(path),
        )
    return FleetFile(
        path=path,
        defaults=_values(path, "defaults", defaults, known, refused=OWN_ONLY),
        endpoints={name: _endpoint(path, name, endpoints[name], known) for name in endpoints},
    )


def _folder(path: Path) -> Path:
    return path.parent.absolute()


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"The fleet file cannot be read ({error.strerror or error})",
            remedy="Check the path and its permissions",
            place=str(path),
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"This is no TOML ({error})", remedy=_REMEDY, place=str(path)) from error


def _table(path: Path, key: str, found: object) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise InputError(
            f"{key} is {found!r}, and a table is wanted", remedy=_REMEDY, place=f"{path}, {key}"
        )
    return found


def _endpoint(path: Path, name: str, found: object, known: Mapping[str, type]) -> EndpointTable:
    table = f"endpoints.{name}"
    if not name.strip() or not name.isprintable() or name.startswith(_FORMULA):
        raise InputError(
            f"{name!r} is no name for an endpoint",
            remedy="Use letters, digits, - and _, a letter or digit first",
            place=f"{path}, endpoints",
        )
    values = dict(_table(path, table, found))
    today = values.pop("today", None)
    if today is not None:
        today = _table(path, f"{table}.today", today)
        today = _values(path, f"{table}.today", today, TODAY)
        _refuse_odd_today(path, f"{table}.today", today)
    own = _values(path, table, values, known, refused=_SHARED_ONLY)
    return EndpointTable(own=own, today=today)


def _values(
    path: Path,
    table: str,
    values: Mapping[str, object],
    known: Mapping[str, type],
    *,
    refused: tuple[str, ...] = (),
) -> dict[str, Any]:
    found = {}
    for key, value in values.items():
        parameter, place = parameter_of(key), f"{path}, {table}.{key}"
        if isinstance(value, dict):
            raise InputError(
                f"There is no table [{table}.{key}]",
                remedy="An endpoint has one table of its own, and may have one named today in it",
                place=place,
            )
        if parameter not in known:
            raise unknown_key(place, key, sorted(map(key_of, known)), what="key")
        if parameter in refused:
            raise _misplaced(key, place, own=parameter in OWN_ONLY)
        found[parameter] = _typed(value, known[parameter], key, place, _folder(path))
    return found


def _misplaced(key: str, place: str, *, own: bool) -> InputError:
    if own:
        cause, remedy = f"{key} belongs to one endpoint", "Move it into [endpoints.NAME]"
    else:
        cause = f"{key} is the same for all endpoints, since totals add up months of one length"
        remedy = "Move it into [defaults]"
    return InputError(cause, remedy=remedy, place=place)


def _typed(value: object, kind: type, key: str, place: str, folder: Path) -> object:
    """A value as the parser would have made it of the flag's text."""
    coarse = kind if kind in (list, bool) else str
    given = fitting(value, coarse, key, place, remedy=_REMEDY)
    if kind is Path:
        return folder / Path(str(given)).expanduser()
    if kind in (str, int, float):
        try:
            # Of a text, so that 2.5 instances are refused instead of cut.
            return kind(str(given))
        except ValueError:
            wanted = "a whole number" if kind is int else "a number"
            raise InputError(
                f"{key} is {value!r}, and {wanted} is wanted", remedy=_REMEDY, place=place
            ) from None
    return given


def _refuse_odd_today(path: Path, table: str, today: Mapping[str, Any]) -> None:
    bounds = {"minimum", "maximum"} & set(today)
    fixed = "count" in today and not bounds and "target" not in today
    scaled = len(bounds) == 2 and "count" not in today
    if not fixed and not scaled:
        raise InputError(
            "Today's fleet is neither of fixed size nor between two bounds",
            remedy="Give count, or min and max with target",
            place=f"{path}, {table}",
        )
    if scaled and "target" not in today and today["minimum"] != today["maximum"]:
        raise InputError(
            "Today's fleet has room to scale, but no target to scale by",
            remedy="Add target, invocations per instance per minute, or give count",
            place=f"{path}, {table}",
        )
