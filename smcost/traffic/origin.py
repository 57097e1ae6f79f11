"""Where raw rows came from, so that an error can name file, row and column."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Origin:
    """The source of raw rows.

    Attributes
    ----------
    name
        File or service, as the user knows it.
    rows
        Line of each row in the file, counted from 1, ``(n,)``; ``None`` counts the rows themselves.
    time_column, value_column
        What the source calls them.
    """

    name: str = "traffic"
    rows: NDArray[np.int64] | None = None
    time_column: str = "timestamp"
    value_column: str = "invocations"

    def row(self, index: int) -> int:
        """Number a person would give the row at this index."""
        return index + 1 if self.rows is None else int(self.rows[index])

    def time_at(self, index: int) -> str:
        """Place of a time: ``"traffic.csv, row 17, column timestamp"``."""
        return f"{self.name}, row {self.row(index)}, column {self.time_column}"

    def value_at(self, index: int) -> str:
        """Place of a count: ``"traffic.csv, row 17, column invocations"``."""
        return f"{self.name}, row {self.row(index)}, column {self.value_column}"
