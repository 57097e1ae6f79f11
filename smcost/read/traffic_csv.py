"""Traffic from a CSV file, plain or gzipped: counts or rates per step, or one row per request.

Read in chunks, so that ten million rows fit in well under 1 GB. An empty count means that the step
was not observed; the words NaN and inf are no counts and are refused.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from smcost.errors import InputError
from smcost.read.text_file import check_readable
from smcost.read.text_stream import open_text
from smcost.read.traffic_header import COUNTS, RATES, TIME, Layout, read_header
from smcost.remarks import Caveat, WarningCode
from smcost.traffic.assemble import Duplicates, assemble, count_requests
from smcost.traffic.origin import Origin
from smcost.traffic.trace import Trace

if TYPE_CHECKING:
    import pandas as pd

_CHUNK_ROWS = 1_000_000
#: Units by magnitude: each bound lies between the year 1980 in one unit and 2200 in the next.
_EPOCH_UNITS = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (np.inf, 1e9))
_THOUSANDS = r"\s*\d{1,3}(?:,\d{3})+(?:\.\d*)?\s*"
_ISO_SHAPE = r"\d{4}-?\d\d.*"
_ISO_ZONE = r"[T ].*(?:[Zz]|[+-]\d\d(?::?\d\d)?)$"
_TIME_WANTED = "Give ISO 8601 such as 2024-05-01T13:00:00Z, or epoch times in s, ms, us or ns"


def read_traffic(
    path: Path, *, duplicates: Duplicates = "refuse", requests: bool = False
) -> tuple[Trace, list[Caveat]]:
    """Read a trace from a CSV file, as :func:`read_rows` from an open one.

    Raises
    ------
    InputError
        Naming file, row, column, what was found and what was wanted.
    """
    check_readable(path)
    with open_text(path) as text:
        layout = read_header(text, str(path), requests)
        return read_rows(text, layout, duplicates=duplicates)


def read_rows(
    text: io.TextIOBase, layout: Layout, *, duplicates: Duplicates = "refuse"
) -> tuple[Trace, list[Caveat]]:
    """Read a trace from what follows the header.

    Parameters
    ----------
    text
        CSV with ``timestamp`` (ISO 8601, or epoch in s, ms, us, ns by magnitude; times without a
        zone are UTC) and one of ``invocations`` (count per step) or ``rps`` (times the step).
        Other columns are ignored. Without either each row is one request.
    layout
        Where the columns are, by :func:`smcost.read.traffic_header.read_header`.
    duplicates
        As in :func:`smcost.traffic.assemble.assemble`.

    Raises
    ------
    InputError
        Naming file, row, column, what was found and what was wanted.
    """
    parts = [_read_chunk(chunk, layout) for chunk in _chunks(text, layout)]
    return traced(Columns.joined(parts), layout, duplicates=duplicates)


def traced(
    columns: "Columns", layout: Layout, *, duplicates: Duplicates = "refuse"
) -> tuple[Trace, list[Caveat]]:
    """Make a trace of what was read, counts or single requests.

    Raises
    ------
    InputError
        As :func:`smcost.traffic.assemble.assemble`.
    """
    place = layout.place
    origin = Origin(name=place, rows=columns.rows, value_column=layout.value_name or COUNTS)
    if layout.value_name is None:
        trace, caveats = count_requests(columns.stamps_s, origin=origin)
    else:
        trace, caveats = assemble(
            columns.stamps_s,
            columns.values,
            absent=columns.absent,
            per_second=layout.value_name == RATES,
            duplicates=duplicates,
            origin=origin,
        )
    if not columns.naive:
        return trace, caveats
    return trace, [naive_times(columns.naive, place), *caveats]


def naive_times(count: int, place: str) -> Caveat:
    """Say that times named no zone."""
    message = f"{count} times in {place} name no zone and were taken as UTC"
    return Caveat(code=WarningCode.NAIVE_TIMES, message=message)


@dataclass(slots=True, kw_only=True)
class Columns:
    """Everything read so far, ``(n,)`` each; ``naive`` counts times without a zone."""

    stamps_s: NDArray[np.float64]
    values: NDArray[np.float64]
    absent: NDArray[np.bool_]
    rows: NDArray[np.int64]
    naive: int

    @classmethod
    def joined(cls, parts: "list[Columns]") -> "Columns":
        """Of all chunks of a file."""
        return cls(
            stamps_s=np.concatenate([part.stamps_s for part in parts]),
            values=np.concatenate([part.values for part in parts]),
            absent=np.concatenate([part.absent for part in parts]),
            rows=np.concatenate([part.rows for part in parts]),
            naive=sum(part.naive for part in parts),
        )


class _Body(io.TextIOBase):
    """What follows the header, with a line of its own before it that sets the number of fields."""

    def __init__(self, text: io.TextIOBase, first: str) -> None:
        super().__init__()
        self._text = text
        self._first = first

    def read(self, size: int | None = -1, /) -> str:
        first, self._first = self._first, ""
        return first or self._text.read(-1 if size is None else size)


def _chunks(text: io.TextIOBase, layout: Layout) -> Iterator["pd.DataFrame"]:
    """Yield all columns, indexed by their line in the file (blank lines stay for that).

    One field more than the header has is read as well, empty in a sound file: with ``usecols``
    pandas would silently drop what is in it, and turn ``1,5`` into 1.
    """
    import pandas as pd

    body = _Body(text, "," * layout.width + "\n")
    try:
        yield from pd.read_csv(
            body,
            header=None,
            names=list(range(layout.width + 1)),
            index_col=False,
            skip_blank_lines=False,
            skipinitialspace=True,
            keep_default_na=False,
            na_values=[""],
            low_memory=False,
            chunksize=_CHUNK_ROWS,
        )
    except pd.errors.ParserError as error:
        raise InputError(
            f"The rows are no CSV ({error})", remedy="Look for an open quote", place=layout.place
        ) from error


def _read_chunk(chunk: "pd.DataFrame", layout: Layout) -> Columns:
    chunk.index += layout.header_row  # the line that _Body put first stands for the header
    surplus = chunk[layout.width].notna()
    if surplus.any():
        raise InputError(
            f"The row has more than the {layout.width} fields of the header",
            remedy="Write numbers without a decimal or thousands comma, or quote the text",
            place=f"{layout.place}, row {surplus.idxmax()}",
        )
    return read_cells(chunk.dropna(how="all"), layout)


def read_cells(chunk: "pd.DataFrame", layout: Layout) -> Columns:
    """Read the columns of a table whose index is the number of the row.

    Raises
    ------
    InputError
        A cell that is no time or no number.
    """
    stamps_s, naive = _read_times(chunk[layout.time_at], layout)
    if layout.value_at is None:
        values = np.ones(len(chunk))
    else:
        values = _read_values(chunk[layout.value_at], layout)
    rows = chunk.index.to_numpy(dtype=np.int64)
    absent = np.isnan(values)
    return Columns(stamps_s=stamps_s, values=values, absent=absent, rows=rows, naive=naive)


def _read_values(cells: "pd.Series[str]", layout: Layout) -> NDArray[np.float64]:
    """Numbers, NaN where the cell is empty."""
    import pandas as pd

    if cells.dtype in (np.bool_, np.object_):  # pandas has read True and False as 1 and 0
        cells = cells.astype(str).where(cells.notna())
    numbers = pd.to_numeric(cells, errors="coerce")
    bad = numbers.isna() & cells.notna()
    if bad.any():
        wanted = "Give a number of 0 or more, or leave it empty if the step was not observed"
        if cells[bad].astype(str).str.fullmatch(_THOUSANDS).iloc[0]:
            wanted = "Write it without the thousands comma"
        raise _refused(cells, bad, str(layout.value_name), wanted, layout)
    return numbers.to_numpy(dtype=np.float64)


def _read_times(cells: "pd.Series[str]", layout: Layout) -> tuple[NDArray[np.float64], int]:
    """Seconds since 1970, and how many times named no zone."""
    import pandas as pd

    missing = cells.isna()
    if missing.any():
        raise _refused(cells, missing, TIME, _TIME_WANTED, layout)
    if cells.dtype.kind == "M":
        return _read_moments(cells)
    if pd.to_numeric(cells.iloc[:1], errors="coerce").notna().any():
        return _read_epochs(cells, layout), 0
    return _read_iso(cells, layout) if len(cells) else (np.empty(0), 0)


def _read_moments(cells: "pd.Series[Any]") -> tuple[NDArray[np.float64], int]:
    """Of a column that holds times already, as Parquet has them."""
    naive = cells.dt.tz is None
    moments = cells.dt.tz_localize("UTC") if naive else cells.dt.tz_convert("UTC")
    stamps_us = moments.dt.as_unit("us").to_numpy(dtype="datetime64[us]").astype(np.int64)
    return stamps_us / 1e6, len(cells) if naive else 0


def _read_epochs(cells: "pd.Series[str]", layout: Layout) -> NDArray[np.float64]:
    import pandas as pd

    numbers = pd.to_numeric(cells, errors="coerce")
    bad = numbers.isna()
    if bad.any():
        raise _refused(cells, bad, TIME, _TIME_WANTED, layout)
    epochs = numbers.to_numpy(dtype=np.float64)
    per_second = next(scale for bound, scale in _EPOCH_UNITS if abs(epochs[0]) <= bound)
    return epochs / per_second


def _read_iso(cells: "pd.Series[str]", layout: Layout) -> tuple[NDArray[np.float64], int]:
    import pandas as pd

    # Nearly every time ends in Z; only the others need the slow look. pandas reads "now" and
    # "today" as times, which no file means.
    other = cells[~cells.str.endswith("Z")].str.strip()
    naive = int((~other.str.contains(_ISO_ZONE)).sum())
    shaped = cells.copy()
    shaped.loc[other.index] = other.where(other.str.fullmatch(_ISO_SHAPE))
    times = pd.to_datetime(shaped, format="ISO8601", utc=True, errors="coerce")
    bad = times.isna()
    if bad.any():
        raise _refused(cells, bad, TIME, _TIME_WANTED, layout)
    return times.dt.as_unit("us").to_numpy(dtype="datetime64[us]").astype(np.int64) / 1e6, naive


def _refused(
    cells: "pd.Series[str]", bad: "pd.Series[bool]", column: str, wanted: str, layout: Layout
) -> InputError:
    first = int(np.argmax(bad.to_numpy()))
    row, cell = cells.index[first], cells.iloc[first]
    found = repr(cell[:40]) if isinstance(cell, str) else "an empty cell"
    return InputError(
        f"Found {found}, which is {'no time' if column == TIME else 'no number'}",
        remedy=wanted,
        place=f"{layout.place}, row {row}, column {column}",
    )
