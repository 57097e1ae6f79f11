"""A JSON document as objects that know where they stand, for errors that name file and key."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

from smcost.errors import InputError
from smcost.read.masking import masked

#: What serialisers write for a number that is none; JSON proper has null.
_NO_NUMBER = {"", "nan", "none", "null", "n/a"}


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonPart:
    """An object within a document; its values are asked for by name."""

    values: Mapping[str, object]
    place: str

    def part(self, key: str) -> "JsonPart":
        """The object under a key, an empty one where there is none.

        Raises
        ------
        InputError
            There is something else.
        """
        found = self.values.get(key)
        if found is None:
            found = {}
        if not isinstance(found, dict):
            raise self.refuse(key, found=repr(found), wanted="an object")
        return JsonPart(values=found, place=_joined(self.place, key))

    def parts(self, key: str) -> list["JsonPart"]:
        """The objects of the list under a key; none where it is missing.

        Raises
        ------
        InputError
            There is no list, or one with something else in it.
        """
        found = self.values.get(key)
        if found is None:
            return []
        if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
            raise self.refuse(key, found=f"no list of objects ({_kind(found)})", wanted="one")
        return [
            JsonPart(values=entry, place=_joined(self.place, f"{key}[{number}]"))
            for number, entry in enumerate(found)
        ]

    def text(self, key: str) -> str | None:
        """A text, ``None`` where there is none.

        Raises
        ------
        InputError
        """
        found = self.values.get(key)
        if found is None or found == "":
            return None
        if not isinstance(found, str):
            raise self.refuse(key, found=repr(found), wanted="a text")
        return found

    def number(self, key: str) -> float | None:
        """A finite number; ``None`` where it is missing, null, NaN or infinite, in any spelling.

        Raises
        ------
        InputError
            There is something that is no number.
        """
        found = self.values.get(key)
        if found is None or (isinstance(found, str) and found.strip().lower() in _NO_NUMBER):
            return None
        if not isinstance(found, float):
            raise self.refuse(key, found=repr(found), wanted="a number")
        return found if math.isfinite(found) else None

    def needed(self, key: str) -> float:
        """A number above 0 that must be there.

        Raises
        ------
        InputError
        """
        found = self.number(key)
        if found is None or found <= 0:
            value = self.values.get(key)
            shown = "missing" if value is None else _shown(value)
            raise self.refuse(key, found=shown, wanted="a number above 0")
        return found

    def refuse(self, key: str, *, found: str, wanted: str) -> InputError:
        """Build the error for a value: what was found, what was wanted, and where."""
        return InputError(
            f"{key} is {masked(found)}, and {wanted} is wanted",
            remedy="Give the file as the tool wrote it",
            place=_joined(self.place, key),
        )


def parse_json(text: str, place: str) -> JsonPart:
    """The object that a JSON text is; NaN is read, as AWS and Python write it.

    Raises
    ------
    InputError
        No JSON, or something else than an object.
    """
    try:
        # Whole numbers of any length: a count as a float is exact up to 2**53.
        found = json.loads(text, parse_int=float)
    except (json.JSONDecodeError, RecursionError) as error:
        where = f", row {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
        raise InputError(
            f"This is no JSON ({reason})",
            remedy="Give the whole output of the command, without anything around it",
            place=f"{place}{where}",
        ) from error
    if not isinstance(found, dict):
        raise InputError(
            f"The JSON is {_kind(found)}, and an object is wanted",
            remedy="Give the whole output of the command, without --query",
            place=place,
        )
    return JsonPart(values=found, place=place)


def looks_like_json(text: str) -> bool:
    """Whether a text begins as JSON does."""
    return text.lstrip().startswith(("{", "["))


def _joined(place: str, key: str) -> str:
    """``file.json, Metrics`` and below it ``file.json, Metrics.ModelLatency``."""
    return f"{place}.{key}" if ", " in place else f"{place}, {key}"


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else repr(value)


def _kind(value: object) -> str:
    names = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number" if isinstance(value, float) else "an object")
