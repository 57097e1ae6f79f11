"""smcost.toml: defaults for flags, from the folder one stands in and from the user's own file.

Precedence: flag > SMCOST_* > smcost.toml here > user file > default.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from smcost.cli.names import key_of, parameter_of
from smcost.errors import InputError

_NAME = "smcost.toml"
#: Command -> its parameters, each with ``list`` (repeatable), ``bool`` (a switch) or ``str``.
Known = Mapping[str, Mapping[str, type]]


def settings_files() -> list[Path]:
    """The files that are there, the weaker first."""
    from platformdirs import user_config_path

    candidates = [user_config_path("smcost") / _NAME, Path(_NAME)]
    return [path for path in candidates if path.is_file()]


def load_settings(known: Known) -> dict[str, Any]:
    """Flag defaults per command, for the parser's ``default_map``.

    Parameters
    ----------
    known
        The parameters of each command; ``prices.show`` where a command has two words.
        Keys at the top of the file hold for every command that has such a flag; a table
        ``[estimate]`` or ``[prices.show]`` holds for that command alone.

    Raises
    ------
    InputError
        No TOML, an unknown flag or table, a value of another kind than the flag's.
    """
    merged: dict[str, dict[str, Any]] = {command: {} for command in known}
    for path in settings_files():
        content = _read(path)
        shared, tables = _split(content)
        _apply(path, shared, merged, known, list(known))
        for command, values in tables.items():
            if command not in known:
                raise unknown_key(str(path), f"[{command}]", sorted(known))
            _apply(path, values, merged, known, [command])
    return _nested(merged)


def _split(content: dict[str, Any]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Keys at the top, and tables by their full name."""
    shared = {key: value for key, value in content.items() if not isinstance(value, dict)}
    tables: dict[str, dict[str, Any]] = {}
    for name, table in content.items():
        if isinstance(table, dict):
            own, inner = _split(table)
            tables |= {name: own} if own or not inner else {}
            tables |= {f"{name}.{command}": values for command, values in inner.items()}
    return shared, tables


def _nested(merged: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """``{"prices.show": ...}`` as ``{"prices": {"show": ...}}``, the way the parser wants it."""
    nested: dict[str, Any] = {}
    for command, values in merged.items():
        *groups, last = command.split(".")
        inner = nested
        for group in groups:
            inner = inner.setdefault(group, {})
        inner[last] = values
    return nested


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            f"The settings file cannot be read ({error})",
            remedy="Correct it or move it away",
            place=str(path),
        ) from error


def _apply(
    path: Path,
    values: dict[str, Any],
    merged: dict[str, dict[str, Any]],
    known: Known,
    commands: list[str],
) -> None:
    for key, value in values.items():
        parameter = parameter_of(key)
        takers = [command for command in commands if parameter in known[command]]
        if not takers:
            flags = sorted({flag for command in commands for flag in known[command]})
            raise unknown_key(str(path), key, sorted(map(key_of, flags)))
        for command in takers:
            kind = known[command][parameter]
            merged[command][parameter] = fitting(value, kind, key, f"{path}, {key}")


def fitting(
    value: object,
    kind: type,
    key: str,
    place: str,
    *,
    remedy: str = "Write it as docs/settings.md shows",
) -> object:
    """The value as the parser takes it; one text does for a list of one.

    Raises
    ------
    InputError
        It is of another kind than ``list``, ``bool`` or (for one value) ``str``.
    """
    one = isinstance(value, str | int | float) and not isinstance(value, bool)
    if kind is list and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return value
    if kind is list and isinstance(value, str):
        return [value]
    if (kind is bool and isinstance(value, bool)) or (kind is str and one):
        return value
    wanted = {list: "text or a list of texts", bool: "true or false"}.get(kind, "text or a number")
    raise InputError(
        f"{key} is {value!r}, and {wanted} is wanted",
        remedy=remedy,
        place=place,
    )


def unknown_key(
    place: str, key: str, known: list[str], *, what: str = "flag or command"
) -> InputError:
    """The error for a key that nobody knows, naming the nearest."""
    import difflib

    close = difflib.get_close_matches(key.strip("[]"), known, n=3)
    hint = f"Use {' or '.join(close)}" if close else f"Known are {', '.join(known)}"
    return InputError(f"There is no {what} {key}", remedy=hint, place=place)
