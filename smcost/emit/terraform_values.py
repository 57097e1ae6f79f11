"""Values as Terraform reads them: HCL and JSON."""

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from smcost.errors import OutputError

Scalar = str | int | float | Decimal | None
Value = Scalar | Sequence[Mapping[str, Scalar]]

_TEMPLATE_START = re.compile(r"[$%](?=\{)")
_SHORT_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def hcl(value: Value, name: str) -> str:
    """A value as HCL; objects of a list one below the other, as ``terraform fmt`` has them.

    Raises
    ------
    OutputError
        A string Terraform cannot hold or a number that is not finite; ``name`` is its variable.
    """
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _lines(
            [_lines(_aligned(entry, name), "{}", indent=4) for entry in value], "[]", indent=2
        )
    if isinstance(value, str):
        return _hcl_string(_representable(value, name))
    return _literal(value, name)


def json_value(value: Value, name: str) -> str:
    """A value as JSON; errors as :func:`hcl`."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        entries = [
            _lines([f'"{key}": {json_value(of, name)}' for key, of in entry.items()], "{}", 6, ",")
            for entry in value
        ]
        return _lines(entries, "[]", 4, ",")
    if isinstance(value, str):
        return json.dumps(_representable(value, name))
    return _literal(value, name)


def _aligned(entry: Mapping[str, Scalar], name: str) -> list[str]:
    width = max(map(len, entry))
    return [f"{key:<{width}} = {hcl(value, name)}" for key, value in entry.items()]


def _lines(lines: Sequence[str], brackets: str, indent: int, comma: str = "") -> str:
    """Lines between brackets, the closing one two columns to the left."""
    if not lines:
        return brackets
    comma = comma or ("," if brackets == "[]" else "")
    inner = (f"{comma}\n" if comma else "\n").join(" " * indent + line for line in lines)
    last = "," if comma and not brackets.startswith("{") and indent == 2 else ""
    return f"{brackets[0]}\n{inner}{last}\n{' ' * (indent - 2)}{brackets[1]}"


def _literal(value: float | Decimal | None, name: str) -> str:
    """Write what HCL and JSON spell alike: null, a number, a truth value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    # repr is the shortest text that reads back as the same float; Decimal(float) has 50 digits.
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    if not exact.is_finite():
        raise OutputError(
            f"{value} is not a number Terraform can read",
            remedy="Give a finite number",
            place=f"variable {name}",
        )
    text = format(exact, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _representable(text: str, name: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise OutputError(
            f"Character {error.start + 1} of the text is half a surrogate pair, not a character",
            remedy="Give text that is valid Unicode",
            place=f"variable {name}",
        ) from error
    return text


def _hcl_string(text: str) -> str:
    """Quote a string so that HCL reads it back literally, without interpolation.

    Invisible characters (controls, direction marks, separators) are written as ``\\uXXXX``: a
    reviewer sees them and no editor drops them. That includes NUL, which Terraform accepts.
    """
    escaped = "".join(_SHORT_ESCAPES.get(char) or _visible(char) for char in text)
    return f'"{_TEMPLATE_START.sub(lambda start: start[0] * 2, escaped)}"'


def comment_line(text: str) -> str:
    """A comment that cannot end its line or hide what follows."""
    return f"# {''.join(map(_visible, text.expandtabs(2)))}".rstrip()


def _visible(char: str) -> str:
    if char.isprintable():
        return char
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"
