"""Traffic from a Parquet file, with the columns of the CSV; needs pyarrow, an optional extra."""

from pathlib import Path
from typing import TYPE_CHECKING

from smcost.errors import InputError
from smcost.read.traffic_csv import Columns, read_cells, traced
from smcost.read.traffic_header import TIME, Layout, value_column
from smcost.remarks import Caveat
from smcost.traffic.assemble import Duplicates
from smcost.traffic.trace import Trace

if TYPE_CHECKING:
    from pyarrow import Field
    from pyarrow.parquet import ParquetFile

_MAGIC = b"PAR1"
_BATCH_ROWS = 1_000_000


def is_parquet(path: Path) -> bool:
    """Whether an ordinary file begins as Parquet does; a pipe is not looked into."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def read_parquet(
    path: Path, *, duplicates: Duplicates = "refuse", requests: bool = False
) -> tuple[Trace, list[Caveat]]:
    """Read a trace, as from a CSV with these columns; a null is a step that was not observed.

    Raises
    ------
    InputError
        pyarrow is not installed, the file is damaged, or as for a CSV.
    """
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise InputError(
            "Parquet needs the package pyarrow, which is not installed",
            remedy="Install it with pip install 'smcost[parquet]', or convert the file to CSV",
            place=str(path),
        ) from None
    try:
        with parquet.ParquetFile(path) as file:
            layout = _layout(file.schema_arrow.names, str(path), requests)
            columns = _columns(file, layout)
    except (ArrowException, OSError) as error:
        raise InputError(
            f"The Parquet file cannot be read ({' '.join(str(error).split())[:120]})",
            remedy="Write it again",
            place=str(path),
        ) from error
    return traced(columns, layout, duplicates=duplicates)


def _layout(written: list[str], place: str, requests: bool) -> Layout:
    """Where the columns are, once only these are read."""
    names = [name.strip().lower() for name in written]
    value_name = value_column(written, requests, place)
    return Layout(
        place=place,
        header_row=0,
        width=len(names),
        notes={},
        time_at=names.index(TIME),
        value_at=None if value_name is None else names.index(value_name),
        value_name=value_name,
    )


def _columns(file: "ParquetFile", layout: Layout) -> Columns:
    """Both columns, a batch of rows at a time."""
    import pandas as pd

    schema = file.schema_arrow
    chosen = [at for at in (layout.time_at, layout.value_at) if at is not None]
    for at in chosen:
        _check_type(schema.field(at), at == layout.time_at, layout.place)
    names = [schema.names[at] for at in chosen]
    parts, row = [], 1
    for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=names):
        cells = {at: batch.column(name).to_pandas() for at, name in zip(chosen, names, strict=True)}
        rows = pd.RangeIndex(row, row + batch.num_rows)
        parts.append(read_cells(pd.DataFrame(cells).set_axis(rows), layout))
        row += batch.num_rows
    if not parts:
        raise InputError("There are no rows", remedy="Give at least two", place=layout.place)
    return Columns.joined(parts)


def _check_type(field: "Field", is_time: bool, place: str) -> None:
    from pyarrow import types

    kind = field.type
    known = types.is_integer(kind) or types.is_floating(kind) or types.is_string(kind)
    if known or (is_time and types.is_timestamp(kind)):
        return
    wanted = "a timestamp, a text or an epoch time" if is_time else "a number"
    raise InputError(
        f"The column holds {kind}, and {wanted} is wanted",
        remedy="Write it with another type",
        place=f"{place}, column {field.name}",
    )
