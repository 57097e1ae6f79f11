"""Sections as text for a terminal, drawn by rich. Returns text, never prints."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from smcost.emit.narrow import Narrowed, narrow
from smcost.emit.section import Section

if TYPE_CHECKING:
    from rich.table import Table

#: Off a terminal nothing may be wrapped; no line of ours is longer.
UNWRAPPED = 1000
_INDENT = 2


def table_text(sections: Sequence[Section], *, width: int = UNWRAPPED, colour: bool = False) -> str:
    """Draw sections.

    Parameters
    ----------
    sections
        What to draw.
    width
        Columns available; :data:`UNWRAPPED` off a terminal.
    colour
        Whether ANSI styles may be used.
    """
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=width,
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        highlight=False,
        emoji=False,
        markup=False,
    )
    for number, section in enumerate(sections):
        if number:
            console.print()
        console.print(Text(section.title, style="bold"))
        narrowed = narrow(section, width - _INDENT)
        for sentence in (*section.sentences, *narrowed.sentences):
            console.print(Padding(Text(sentence), (0, 0, 0, _INDENT), expand=False))
        if narrowed.widths:
            console.print(Padding(_table(narrowed), (0, 0, 0, _INDENT), expand=False))
        for line in narrowed.blocks:
            console.print(Text(" " * _INDENT + line), soft_wrap=True)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def _table(narrowed: Narrowed) -> "Table":
    from rich.table import Table

    padding = (0, narrowed.gap, 0, 0)
    table = Table(box=None, pad_edge=False, padding=padding, header_style="dim")
    for column, width in zip(narrowed.columns, narrowed.widths, strict=True):
        justify: Literal["left", "right"] = "right" if column.startswith(">") else "left"
        table.add_column(column.lstrip(">"), justify=justify, overflow="fold", width=width)
    for row in narrowed.rows:
        table.add_row(*row)
    return table
