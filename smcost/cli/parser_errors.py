"""What the command line parser refuses, in the same two sentences as every other error."""

import difflib

import typer

from smcost.errors import UsageError

#: Base of all the parser raises. Where typer keeps it depends on its version; its child is public.
ParserError: type[Exception] = typer.BadParameter.__bases__[0]


def shows_help(error: Exception) -> bool:
    """Whether it only says that nothing was asked for, and the help has been printed."""
    return type(error).__name__ == "NoArgsIsHelpError"


def translated(error: Exception) -> UsageError:
    """Cause, remedy and flag of what the parser refused.

    Parameters
    ----------
    error
        A :data:`ParserError`. Its kinds differ in what they know, hence ``getattr``.
    """
    context = getattr(error, "ctx", None)
    command = getattr(context, "command_path", "smcost")
    flag = getattr(error, "option_name", None) or _flag(getattr(error, "param", None))
    remedy = _suggestion(error) or f"See {command} --help"
    return UsageError(_first_sentence(getattr(error, "message", "")), remedy=remedy, place=flag)


def _suggestion(error: Exception) -> str | None:
    close = list(getattr(error, "possibilities", None) or ())
    command = getattr(getattr(error, "ctx", None), "command", None)
    commands = getattr(command, "commands", None)
    message = str(getattr(error, "message", ""))
    if commands and message.startswith("No such command"):
        close = difflib.get_close_matches(message.split("'")[1], commands) or sorted(commands)
    return f"Use one of {', '.join(close)}" if close else None


def _flag(parameter: object) -> str | None:
    names = getattr(parameter, "opts", ())
    flags = [name for name in names if name.startswith("--")]
    return flags[0] if flags else getattr(parameter, "metavar", None)


def _first_sentence(message: str) -> str:
    """Without the parser's own suggestions, which come as further sentences."""
    return " ".join(message.split()).split(". ")[0].rstrip(".") or "A value is missing"
