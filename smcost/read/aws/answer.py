"""An answer of AWS's, asked for what is needed; keys that nobody asks for may be anything.

boto3 parses answers by its own model but does not check them: a key that AWS calls required may
be missing, and a loopback or a proxy may answer with anything at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from smcost.errors import AwsError
from smcost.read.aws.access import Aws
from smcost.read.aws.operations import Operation

_REMEDY = "Run the command once more; if it stays, report it with --debug"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A structure within the answer to a call; ``path`` says where, for errors."""

    operation: Operation
    values: Mapping[str, object]
    path: str = ""

    def text(self, key: str) -> str:
        """A text that must be there.

        Raises
        ------
        AwsError
        """
        found = self.values.get(key)
        if not isinstance(found, str) or not found:
            raise self.refused(key, found)
        return found

    def text_or(self, key: str, absent: str) -> str:
        """A text, or what stands in for one that is not there."""
        return absent if self.values.get(key) is None else self.text(key)

    def text_or_none(self, key: str) -> str | None:
        """A text, or ``None`` where there is none."""
        return None if self.values.get(key) is None else self.text(key)

    def count(self, key: str) -> int:
        """A whole number of 0 or more that must be there.

        Raises
        ------
        AwsError
        """
        found = self.values.get(key)
        if isinstance(found, bool) or not isinstance(found, int) or found < 0:
            raise self.refused(key, found)
        return found

    def count_or_none(self, key: str) -> int | None:
        """A whole number, or ``None`` where there is none."""
        return None if self.values.get(key) is None else self.count(key)

    def amount(self, key: str) -> float:
        """A finite number of 0 or more that must be there.

        Raises
        ------
        AwsError
        """
        found = self.values.get(key)
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise self.refused(key, found)
        if not 0 <= found < float("inf"):
            raise self.refused(key, found)
        return float(found)

    def amount_or(self, key: str, absent: float) -> float:
        """A number, or what stands in for one that is not there."""
        return absent if self.values.get(key) is None else self.amount(key)

    def flag(self, key: str) -> bool:
        """Whether it is set; absent is not set."""
        return self.values.get(key) is True

    def part(self, key: str) -> "Answer | None":
        """A structure within, or ``None`` where there is none.

        Raises
        ------
        AwsError
        """
        found = self.values.get(key)
        return None if found is None else self._structure(found, key)

    def parts(self, key: str) -> list["Answer"]:
        """A list of structures; empty where there is none.

        Raises
        ------
        AwsError
        """
        found = self.values.get(key)
        if found is None:
            return []
        if not isinstance(found, list):
            raise self.refused(key, found)
        return [self._structure(entry, f"{key}[{number}]") for number, entry in enumerate(found)]

    def _structure(self, found: object, key: str) -> "Answer":
        if not isinstance(found, Mapping):
            raise self.refused(key, found)
        return Answer(operation=self.operation, values=found, path=f"{self.path}{key}.")

    def refused(self, key: str, found: object) -> AwsError:
        """The error for a value that makes no sense."""
        shown = "is missing" if found is None else f"is {str(found)[:40]!r}"
        return Aws.refused(self.operation, f"In the answer {self.path}{key} {shown}", _REMEDY)
