"""What the command line parser refuses, in the same two sentences as every other error."""

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import typer

from smcost.cli.origin import given_value
from smcost.errors import UsageError

#: Base of all the parser raises. Where typer keeps it depends on its version; its child is public.
ParserError: type[Exception] = typer.BadParameter.__bases__[0]
_UNREADABLE = re.compile(
    r"is not a valid (?:float|integer|boolean)|should be a valid (?:number|integer|boolean)"
)
_KINDS = {
    "integer": "no whole number",
    "boolean": "neither true nor false",
    "float": "no number",
    "number": "no number",
}


def shows_help(error: Exception) -> bool:
    """Whether it only says that nothing was asked for, and the help has been printed."""
    return type(error).__name__ == "NoArgsIsHelpError"


def translated(error: Exception, given: Sequence[str], defaults: Mapping[str, Any]) -> UsageError:
    """Cause, remedy and flag of what the parser refused.

    Parameters
    ----------
    error
        A :data:`ParserError`. Its kinds differ in what they know, hence ``getattr``.
    given, defaults
        What was typed, and what smcost.toml says.
    """
    context = getattr(error, "ctx", None)
    command = getattr(context, "command_path", "smcost")
    flag = getattr(error, "option_name", None) or _flag(getattr(error, "param", None))
    remedy = _suggestion(error) or f"See {command} --help"
    found = None if flag is None else given_value(flag, given, defaults)
    return UsageError(_cause(error, found), remedy=remedy, place=flag)


def _cause(error: Exception, found: str | None) -> str:
    message = str(getattr(error, "message", ""))
    number = _UNREADABLE.search(message)
    if number is None:
        return _first_sentence(message)
    kind = next(said for word, said in _KINDS.items() if word in number[0])
    return f"{found or 'This'} is {kind}"


def _suggestion(error: Exception) -> str | None:
    close = list(getattr(error, "possibilities", None) or ())
    command = getattr(getattr(error, "ctx", None), "command", None)
    commands = getattr(command, "commands", None)
    message = str(getattr(error, "message", ""))
    if commands and message.startswith("No such command"):
        close = difflib.get_close_matches(message.split("'")[1], commands) or sorted(commands)
    if _UNREADABLE.search(message):
        path = getattr(getattr(error, "ctx", None), "command_path", "smcost")
        if "boolean" in message:
            return "Write true or false"
        return f"Write digits alone, without a unit; see {path} --help"
    if type(error).__name__ == "MissingParameter":
        return _example(command)
    if len(close) == 1:
        return f"Did you mean {close[0]}"
    return f"Use one of {', '.join(close)}" if close else None


def _example(command: object) -> str | None:
    """The first example of the command's help, on one line."""
    examples = str(getattr(command, "epilog", None) or "").split("\n\n")
    return f"Write it like {' '.join(examples[1].split())}" if len(examples) > 1 else None


def _flag(parameter: object) -> str | None:
    names = getattr(parameter, "opts", ())
    flags = [name for name in names if name.startswith("--")]
    return flags[0] if flags else getattr(parameter, "metavar", None)


def _first_sentence(message: str) -> str:
    """Without the parser's own suggestions, which come as further sentences."""
    return " ".join(message.split()).split(". ")[0].rstrip(".") or "A value is missing"
