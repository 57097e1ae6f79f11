"""A CSV file with a header as rows that know where they stand."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from smcost.errors import InputError

#: Lines before the header that say where the file is from.
_COMMENTS = re.compile(r"\A(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n|\r))+")
_NO_LINE_END = re.compile(r"[^\r\n]+")
#: Plain decimal notation: Decimal() itself would also take "1_000", "NaN" and Arabic digits.
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One data row: its cells by column name, stripped, and its place for error messages."""

    place: str
    cells: dict[str, str]

    def text(self, column: str) -> str:
        """Return a cell that must not be empty.

        Raises
        ------
        InputError
        """
        if not (cell := self.cells[column]):
            raise self.refuse(column, found="an empty cell", wanted="a value")
        return cell

    def number(self, column: str) -> Decimal:
        """Return a cell as an exact, finite number.

        Raises
        ------
        InputError
        """
        cell = self.text(column)
        if not _NUMBER.fullmatch(cell):
            raise self.refuse(column, found=repr(cell), wanted="a number such as 0.23")
        return Decimal(cell)

    def refuse(self, column: str, *, found: str, wanted: str) -> InputError:
        """Build the error for a cell: what was found, what was wanted, and where."""
        return InputError(
            f"{column} is {found}, and {wanted} is wanted",
            remedy="Correct the cell or leave the row out",
            place=f"{self.place}, column {column}",
        )


def uncommented(text: str) -> str:
    r"""The text with the ``#`` lines before its header emptied, so that rows keep their numbers.

    >>> uncommented("# from Locust\na,b\n1,2\n")
    '\na,b\n1,2\n'
    """
    return _COMMENTS.sub(lambda found: _NO_LINE_END.sub("", found[0]), text, count=1)


def parse_table(text: str, place: str, required: Sequence[str]) -> Iterator[Row]:
    """Yield the data rows of a CSV text; blank lines are skipped, extra columns kept.

    Lines before the header that begin with ``#`` are comments.

    Parameters
    ----------
    text
        The whole file, comma-separated, with a header.
    place
        How errors name it: its path.
    required
        Columns that the header must have, in any order.

    Raises
    ------
    InputError
        No header, a column missing or named twice, a row with more or fewer cells than the
        header, unbalanced quotes, or no data row.
    """
    reader = csv.reader(io.StringIO(uncommented(text), newline=""), strict=True)
    header: list[str] = []
    rows = 0
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = [cell.strip() for cell in cells]
                _check_header(header, place, required)
                continue
            rows += 1
            yield _row(header, cells, f"{place}, row {reader.line_num}")
    except csv.Error as error:
        raise InputError(
            f"This is no valid CSV ({error})",
            remedy="Check the quotes around cells that hold commas",
            place=f"{place}, row {reader.line_num}",
        ) from error
    if not rows:
        raise InputError(
            "There is a header but no data row",
            remedy="Check the command that should have filled the file",
            place=place,
        )


def _check_header(header: Sequence[str], place: str, required: Sequence[str]) -> None:
    missing = [column for column in required if column not in header]
    if missing:
        found = ", ".join(repr(column) for column in header)
        raise InputError(
            f"The header lacks {', '.join(missing)}; found are {found}",
            remedy=f"Begin the file with a line naming {', '.join(required)}, separated by commas",
            place=f"{place}, header",
        )
    twice = sorted({column for column in header if column in required and header.count(column) > 1})
    if twice:
        raise InputError(
            f"The header names {', '.join(twice)} more than once",
            remedy="Remove or rename the surplus columns",
            place=f"{place}, header",
        )


def _row(header: Sequence[str], cells: Sequence[str], place: str) -> Row:
    if len(cells) != len(header):
        raise InputError(
            f"The row has {len(cells)} cells, and the header has {len(header)}",
            remedy="Put quotes around cells that hold commas, and keep empty cells",
            place=place,
        )
    stripped = (cell.strip() for cell in cells)
    return Row(place=place, cells=dict(zip(header, stripped, strict=True)))
