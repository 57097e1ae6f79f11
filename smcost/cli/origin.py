"""Whoever did not type a flag must not be told that the flag is wrong: name the true origin."""

import difflib
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from smcost.cli.names import CACHE_VARIABLE, key_of, parameter_of, variable_of
from smcost.errors import PriceError, SmcostError, UsageError

_PREFIX = "SMCOST_"
#: No settings: one makes the project's own tests rewrite what they compare with, one does without
#: the compiled kernels, one names another address of the public price lists.
_NO_SETTINGS = ("SMCOST_REWRITE_GOLDEN", "SMCOST_NO_KERNELS", "SMCOST_PRICE_LIST_URL")
_SHORT = {"--format": "-f", "--output": "-o"}


def refuse_unknown_variables(parameters: Iterable[str]) -> None:
    """Refuse ``SMCOST_*`` variables that no command knows.

    Raises
    ------
    UsageError
        Naming the nearest.
    """
    known = sorted({CACHE_VARIABLE, *map(variable_of, parameters)})
    for name in sorted(os.environ):
        if name.startswith(_PREFIX) and name not in known and name not in _NO_SETTINGS:
            close = difflib.get_close_matches(name, known, n=1)
            remedy = f"Did you mean {close[0]}" if close else f"Known are {', '.join(known)}"
            raise UsageError(
                "There is no setting of this name", remedy=remedy, place=f"environment {name}"
            )


def name_origin(error: SmcostError, given: Sequence[str], defaults: Mapping[str, Any]) -> None:
    """Put the environment or smcost.toml into the place of an error about a flag nobody typed.

    Parameters
    ----------
    error
        Changed where its place is a flag, or where a price is missing and has none.
    given
        What was typed.
    defaults
        What smcost.toml says, as the parser takes it.
    """
    if error.place is None and isinstance(error, PriceError):
        for flag in ("--region", "--instance-type"):
            found = given_value(flag, given, defaults)
            if found is not None and found.strip("[]") in error.cause:
                error.place = _origin(flag, given, defaults)
    elif error.place is not None and error.place.startswith("--"):
        error.place = _origin(error.place, given, defaults) or error.place


def _origin(flag: str, given: Sequence[str], defaults: Mapping[str, Any]) -> str | None:
    """``environment SMCOST_MIN`` or ``smcost.toml, min``; ``None``: typed, or set nowhere."""
    parameter = parameter_of(flag)
    if _typed(flag, given):
        return None
    if os.environ.get(variable_of(parameter)):
        return f"environment {variable_of(parameter)}"
    in_file = parameter in _of_command(given, defaults)
    return f"smcost.toml, {key_of(parameter)}" if in_file else None


def given_value(flag: str, given: Sequence[str], defaults: Mapping[str, Any]) -> str | None:
    """What was given for a flag, quoted, wherever it came from; ``None`` where that is unclear."""
    for argument, following in reversed([*zip(given, [*given[1:], None], strict=True)]):
        if argument.startswith(f"{flag}="):
            return repr(argument.partition("=")[2])
        if argument == flag and following is not None:
            return repr(following)
    parameter = parameter_of(flag)
    found = os.environ.get(variable_of(parameter)) or _of_command(given, defaults).get(parameter)
    return None if found is None else repr(found)


def _typed(flag: str, given: Sequence[str]) -> bool:
    short = _SHORT.get(flag)
    return any(
        argument == flag
        or argument.startswith(f"{flag}=")
        or (short is not None and argument.startswith(short))
        for argument in given
    )


def _of_command(given: Sequence[str], defaults: Mapping[str, Any]) -> Mapping[str, Any]:
    found = defaults
    for word in given:
        inner = found.get(word)
        if not isinstance(inner, dict):
            break
        found = inner
    return found
