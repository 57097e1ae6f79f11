"""Values of closed lists, given as text."""

from enum import StrEnum
from typing import TypeVar

from smcost.errors import UsageError

Choice = TypeVar("Choice", bound=StrEnum)


def choice(kind: type[Choice], text: str, flag: str) -> Choice:
    """A value of a closed list.

    Raises
    ------
    UsageError
        Naming the list.
    """
    try:
        return kind(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is not known", remedy=f"Use one of {', '.join(kind)}", place=flag
        ) from None
